//! Coming from `tungstenite` (0.30): the same programs on both sides.
//!
//! The difference in one sentence: tungstenite owns your stream and returns messages that own their
//! bytes; here you own the stream and the buffers, and an event is a view into them. You write the
//! loop or use ours, and so decide what blocks, what is copied and when to write. All code on this
//! page runs, on both sides over the same bytes.
//!
//! # Receive and answer
//!
//! tungstenite reads, and writes pongs and the Close along the way:
//!
//! ```
//! use std::io::{Read, Write};
//! use tungstenite::protocol::Role;
//! use tungstenite::{Error, Message, WebSocket};
//!
//! fn echo<S: Read + Write>(socket: S) -> tungstenite::Result<()> {
//!     let mut websocket = WebSocket::from_raw_socket(socket, Role::Server, None);
//!     loop {
//!         match websocket.read() {
//!             Ok(message @ (Message::Text(_) | Message::Binary(_))) => websocket.send(message)?,
//!             Ok(_) => {} // pings and the Close are answered by the next call
//!             Err(Error::ConnectionClosed) => return Ok(()),
//!             Err(error) => return Err(error),
//!         }
//!     }
//! }
//! # struct Loop<'a>(&'a [u8], Vec<u8>);
//! # impl Read for Loop<'_> {
//! #     fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> { self.0.read(to) }
//! # }
//! # impl Write for Loop<'_> {
//! #     fn write(&mut self, from: &[u8]) -> std::io::Result<usize> { self.1.write(from) }
//! #     fn flush(&mut self) -> std::io::Result<()> { Ok(()) }
//! # }
//! # let bytes = b"\x81\x82\0\0\0\0hi\x89\x80\0\0\0\0\x88\x82\0\0\0\0\x03\xe8";
//! # let mut socket = Loop(bytes, Vec::new());
//! # echo(&mut socket).unwrap();
//! # assert_eq!(socket.1, b"\x81\x02hi\x8a\x00\x88\x02\x03\xe8");
//! ```
//!
//! Here the loop passes each message to a function, and writes once for all messages that arrived
//! together:
//!
//! ```
//! use bytes::Buf;
//! use patchcord::{Config, Connection, Event, Message, Next, ReceiveBuffer, SendBuffer};
//! use std::io::{Read, Write};
//! use std::time::Instant;
//!
//! fn echo<S: Read + Write>(mut socket: S) -> Result<(), Box<dyn std::error::Error>> {
//!     let mut connection = Connection::server(Config::default());
//!     let (mut buffer, mut out) = (ReceiveBuffer::default(), SendBuffer::new());
//!     let start = Instant::now();
//!     loop {
//!         let mut input = buffer.unconsumed();
//!         while let Ok(Some(event)) = connection.receive(&mut input, &mut out) {
//!             match event {
//!                 Event::Text(text) => connection.send(Message::Text(&text), &mut out)?,
//!                 Event::Binary(payload) => connection.send(Message::Binary(&payload), &mut out)?,
//!                 _ => {} // pings and the Close are answered
//!             }
//!         }
//!         match connection.handle_timeout(start.elapsed(), &mut out) {
//!             Next::Write { .. } => {
//!                 let written = socket.write(out.chunk())?;
//!                 out.advance(written);
//!             }
//!             Next::Wait { .. } | Next::Look => match socket.read(buffer.space())? {
//!                 0 => connection.end_of_stream(&buffer)?,
//!                 read => buffer.filled(read),
//!             },
//!             Next::Expired(expired) => return Err(expired.into()),
//!             Next::Finished => return Ok(()),
//!         }
//!     }
//! }
//! # struct Loop<'a>(&'a [u8], Vec<u8>);
//! # impl Read for Loop<'_> {
//! #     fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> { self.0.read(to) }
//! # }
//! # impl Write for Loop<'_> {
//! #     fn write(&mut self, from: &[u8]) -> std::io::Result<usize> { self.1.write(from) }
//! #     fn flush(&mut self) -> std::io::Result<()> { Ok(()) }
//! # }
//! # let bytes = b"\x81\x82\0\0\0\0hi\x89\x80\0\0\0\0\x88\x82\0\0\0\0\x03\xe8";
//! # let mut socket = Loop(bytes, Vec::new());
//! # echo(&mut socket).unwrap();
//! # assert_eq!(socket.1, b"\x81\x02hi\x8a\x00\x88\x02\x03\xe8");
//! ```
//!
//! For a `TcpStream`, [`blocking::WebSocket`](crate::blocking::WebSocket) is that loop, with the
//! handshake, the deadlines and the end of TCP: the sections below use it.
//!
//! # Accept, with a subprotocol and an origin
//!
//! In tungstenite a callback sees the request, and adds what it likes to the response. Parsing
//! subprotocols, and checking that the selected one was offered, is up to the callback:
//!
//! ```
//! use std::io::{Read, Write};
//! use tungstenite::handshake::server::{ErrorResponse, Request, Response};
//! use tungstenite::http::{HeaderValue, StatusCode};
//!
//! fn open<S: Read + Write>(socket: S) -> Result<(), Box<dyn std::error::Error>> {
//!     let callback = |request: &Request, mut response: Response| {
//!         let field = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
//!         if field("Origin").is_some_and(|origin| origin != "https://example.com") {
//!             let mut refusal = ErrorResponse::new(None);
//!             *refusal.status_mut() = StatusCode::FORBIDDEN;
//!             return Err(refusal);
//!         }
//!         let offered = field("Sec-WebSocket-Protocol").unwrap_or_default();
//!         if offered.split(',').any(|name| name.trim() == "v1.chat") {
//!             let name = HeaderValue::from_static("v1.chat");
//!             response.headers_mut().insert("Sec-WebSocket-Protocol", name);
//!         }
//!         Ok(response)
//!     };
//!     let accepted = tungstenite::accept_hdr(socket, callback);
//!     let _websocket = accepted.map_err(|error| error.to_string())?;
//!     Ok(())
//! }
//! # struct Loop<'a>(&'a [u8], Vec<u8>);
//! # impl Read for Loop<'_> {
//! #     fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> { self.0.read(to) }
//! # }
//! # impl Write for Loop<'_> {
//! #     fn write(&mut self, from: &[u8]) -> std::io::Result<usize> { self.1.write(from) }
//! #     fn flush(&mut self) -> std::io::Result<()> { Ok(()) }
//! # }
//! # let bytes = b"GET /chat HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\n\
//! #     Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
//! #     Origin: https://example.com\r\nSec-WebSocket-Version: 13\r\n\
//! #     Sec-WebSocket-Protocol: v2.chat, v1.chat\r\n\r\n";
//! # let mut socket = Loop(bytes, Vec::new());
//! # open(&mut socket).unwrap();
//! # let answer = String::from_utf8(socket.1).unwrap().to_lowercase();
//! # assert!(answer.starts_with("http/1.1 101 ") && answer.contains(": v1.chat\r\n"), "{answer}");
//! # let foreign = String::from_utf8_lossy(bytes).replace("//example", "//attacker");
//! # let mut socket = Loop(foreign.as_bytes(), Vec::new());
//! # let _ = open(&mut socket);
//! # assert!(socket.1.starts_with(b"HTTP/1.1 403 "));
//! ```
//!
//! Here the request is a value: inspect it, then accept or refuse. The origin policy has to be
//! chosen, and only an offered subprotocol can be selected:
//!
//! ```
//! # #[cfg(feature = "std")]
//! # fn main() {
//! use patchcord::blocking::{Socket, WebSocket};
//! use patchcord::handshake::admission::Admission;
//! use patchcord::handshake::server::RequestReader;
//! use patchcord::{Config, Server};
//! use std::io;
//!
//! fn open<S: Socket>(socket: S) -> io::Result<WebSocket<S, Server>> {
//!     let pages = Admission::origins(&["https://example.com"]).map_err(io::Error::other)?;
//!     let reader = RequestReader::new(pages.or_absent());
//!     WebSocket::accept(socket, Config::default(), reader, |request| {
//!         let selected = request.offers().select(&["v1.chat"])?;
//!         Ok(request.response().with_subprotocol(selected)?)
//!     })
//! }
//! # use std::io::{Read, Write};
//! # use std::net::{TcpListener, TcpStream};
//! # fn answer(head: &str) -> String {
//! #     let listener = TcpListener::bind("127.0.0.1:0").unwrap();
//! #     let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
//! #     client.write_all(head.as_bytes()).unwrap();
//! #     client.shutdown(std::net::Shutdown::Write).unwrap();
//! #     if let Ok(mut opened) = open(listener.accept().unwrap().0) {
//! #         let _ = opened.run(|_, _, _| Ok(())); // the client says nothing
//! #     }
//! #     let mut answer = String::new();
//! #     client.read_to_string(&mut answer).unwrap();
//! #     answer.to_lowercase()
//! # }
//! # let head = "GET /chat HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\n\
//! #     Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
//! #     Origin: https://example.com\r\nSec-WebSocket-Version: 13\r\n\
//! #     Sec-WebSocket-Protocol: v2.chat, v1.chat\r\n\r\n";
//! # let opened = answer(head);
//! # assert!(opened.contains(": v1.chat\r\n"), "{opened}");
//! # assert!(answer(&head.replace("//example", "//attacker")).starts_with("http/1.1 403 "));
//! # }
//! # #[cfg(not(feature = "std"))]
//! # fn main() {}
//! ```
//!
//! # Connect
//!
//! Both connect over an existing stream, since TLS is not the subject here. With tungstenite:
//!
//! ```
//! use std::net::TcpStream;
//! use tungstenite::{ClientRequestBuilder, Message};
//!
//! fn first_word(address: &str) -> Result<String, Box<dyn std::error::Error>> {
//!     let socket = TcpStream::connect(address)?;
//!     let request = ClientRequestBuilder::new(format!("ws://{address}/chat").parse()?)
//!         .with_sub_protocol("v1.chat");
//!     let (mut websocket, _response) = tungstenite::client(request, socket)?;
//!     match websocket.read()? {
//!         Message::Text(text) => Ok(text.to_string()),
//!         _ => Err("no text".into()),
//!     }
//! }
//! # let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
//! # let address = listener.local_addr().unwrap().to_string();
//! # let server = std::thread::spawn(move || {
//! #     let socket = listener.accept().unwrap().0;
//! #     let choose = |_: &_, mut response: tungstenite::handshake::server::Response| {
//! #         let name = tungstenite::http::HeaderValue::from_static("v1.chat");
//! #         response.headers_mut().insert("Sec-WebSocket-Protocol", name);
//! #         Ok(response)
//! #     };
//! #     tungstenite::accept_hdr(socket, choose).unwrap().send("hello".into()).unwrap();
//! # });
//! # assert_eq!(first_word(&address).unwrap(), "hello");
//! # server.join().unwrap();
//! ```
//!
//! With patchcord:
//!
//! ```
//! # #[cfg(all(feature = "getrandom", feature = "std"))] {
//! use patchcord::blocking::WebSocket;
//! use patchcord::handshake::{Url, client::Request, subprotocol::Offer};
//! use patchcord::{Config, Event};
//! use std::net::TcpStream;
//!
//! fn first_word(address: &str) -> Result<String, Box<dyn std::error::Error>> {
//!     let socket = TcpStream::connect(address)?;
//!     let url = format!("ws://{address}/chat");
//!     let offer = Offer::required().with_name("v1.chat")?;
//!     let request = Request::new(Url::parse(&url)?).with_offer(offer);
//!     let mut websocket = WebSocket::connect(socket, Config::default(), &request, |_| {})?;
//!     let mut word = None;
//!     while word.is_none() {
//!         websocket.turn(None, |event, _, _| {
//!             if let Event::Text(text) = event {
//!                 word.get_or_insert(text.to_string());
//!             }
//!             Ok(())
//!         })?;
//!     }
//!     word.ok_or_else(|| "no text".into())
//! }
//! # let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
//! # let address = listener.local_addr().unwrap().to_string();
//! # let server = std::thread::spawn(move || {
//! #     let socket = listener.accept().unwrap().0;
//! #     let choose = |_: &_, mut response: tungstenite::handshake::server::Response| {
//! #         let name = tungstenite::http::HeaderValue::from_static("v1.chat");
//! #         response.headers_mut().insert("Sec-WebSocket-Protocol", name);
//! #         Ok(response)
//! #     };
//! #     tungstenite::accept_hdr(socket, choose).unwrap().send("hello".into()).unwrap();
//! # });
//! # assert_eq!(first_word(&address).unwrap(), "hello");
//! # server.join().unwrap();
//! # }
//! ```
//!
//! # Equivalents
//!
//! | tungstenite | patchcord |
//! |---|---|
//! | `Message::Text(Utf8Bytes)`, received | [`Event::Text`](crate::Event::Text), a `str` in your buffer; owned with `BytesMut` as input |
//! | `Message::Text`, sent | [`Message::Text`](crate::Message::Text) of a `&str`: you keep the text |
//! | `send`; `write` and `flush` | [`send`] into a [`SendBuffer`](crate::SendBuffer), which you write from |
//! | `Message::Frame` | [`send_fragment`], [`frame`](crate::frame) |
//! | `close(Some(CloseFrame { .. }))` | [`close`] |
//! | `Err(ConnectionClosed)` | [`Next::Finished`](crate::Next::Finished); [`state`] has the reason |
//! | `Err(Protocol(_))`, `Err(Utf8(_))`, `Err(Capacity(_))` | [`ProtocolError`]; a Close that reports it is in the send buffer |
//! | `Err(Io(WouldBlock))` | up to you: nothing here blocks |
//! | `can_read`, `can_write` | [`state`] |
//! | `read_buffer_size`, 128 KiB for each connection | [`ReceiveBuffer::new`](crate::ReceiveBuffer::new), 16 KiB, or one large one per thread: see [`buffers`] |
//! | `max_message_size`, 64 MiB | [`Limits::message`](crate::Limits::message), 16 MiB |
//! | `max_frame_size`, 16 MiB | [`Limits::frame`](crate::Limits::frame), 16 MiB |
//! | `max_write_buffer_size` | [`Driver::BACKLOG`](crate::Driver::BACKLOG): above it, nothing is read |
//! | `accept_unmasked_frames` | not available |
//! | no timeouts | [`timers`] |
//! | no compression | the feature `deflate` |
//!
//! # Differences in behaviour
//!
//! - A broken rule is an error as soon as the byte that decides it has arrived: text that is not
//!   UTF-8, an opcode, a length. tungstenite judges a frame once it is complete.
//! - Lengths that are not in their shortest form are refused with 1002 (RFC 6455 section 5.2).
//! - Each ping gets a pong, unless more than 4 KiB of pongs wait: then the latest ping does
//!   (section 5.5.3).
//! - A client here fails if the server responds with extensions that were not offered (section
//!   4.1); tungstenite ignores them.
//! - A ping that arrives after this end sent its Close still gets a pong, until the peer's Close
//!   arrives.
//!
//! [`buffers`]: super::buffers
//! [`close`]: crate::Connection::close
//! [`ProtocolError`]: crate::ProtocolError
//! [`send`]: crate::Connection::send
//! [`send_fragment`]: crate::Connection::send_fragment
//! [`state`]: crate::Connection::state
//! [`timers`]: super::timers
