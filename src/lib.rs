//! A WebSocket (RFC 6455) codec that does no I/O: the opening handshake, subprotocols with
//! credentials in them, frames and messages, for both roles, over any transport.
//!
//! It turns the bytes of a peer into events and messages into bytes, and leaves the socket, the
//! clock, the buffers and the random numbers to its caller. A payload byte is touched once on
//! its way in, unmasked where it lies in the caller's buffer, and once on its way out.
//!
//! # Layers
//!
//! ```text
//! mask  <-  payload  <-  frame  <-  codec  <-  connection        handshake (knows no frames)
//! ```
//!
//! | layer | is | used alone when |
//! |---|---|---|
//! | [`mask`] | masking keys, in place or while copying | you have frames of your own |
//! | [`payload`] | octets, and text that is proven to be UTF-8 | you validate text in pieces |
//! | [`frame`] | headers and Close bodies as values and as bytes | you write a proxy, a sniffer, a fuzzer |
//! | [`codec`] | [`Decoder`] and [`Encoder`]: one direction each | each direction has its own thread |
//! | [`connection`] | [`Connection`]: a whole endpoint | almost always |
//! | [`handshake`] | requests and answers over HTTP/1.1, 2 and 3 | you open connections |
#![cfg_attr(
    feature = "deflate",
    doc = "| [`deflate`] | messages compressed and inflated (RFC 7692) | you have messages of your own |"
)]
//!
//! The [`guide`] has a page for each question that comes after this one: which layer, which
//! buffers, whose clock, how a browser shows its key, and how to come here from another crate.
//!
//! # A server
//!
//! Over a `TcpStream`, with a thread per connection; over TLS, the stream alone would change:
//!
//! ```
//! use patchcord::handshake::Deadline;
//! use patchcord::handshake::origin::OriginPolicy;
//! use patchcord::handshake::server::{Agreement, RequestReader};
//! use patchcord::{Config, Connection, Event, Message, ReceiveBuffer, SendError, Server};
//! use std::io::{self, Read, Write};
//! use std::net::{TcpListener, TcpStream};
//! use std::time::Instant;
//!
//! /// Answers the opening handshake, and says whether the connection is open.
//! fn open(socket: &mut TcpStream, buffer: &mut ReceiveBuffer) -> io::Result<bool> {
//!     let pages = OriginPolicy::list(&["https://example.com"]).map_err(io::Error::other)?;
//!     let mut reader = RequestReader::new(pages.or_absent()); // and no browsers
//!     let start = Instant::now();
//!     let deadline = Deadline::after(start.elapsed(), Deadline::SPAN);
//!     while let Some(left) = deadline.left(start.elapsed()) {
//!         socket.set_read_timeout(Some(left))?;
//!         let read = socket.read(buffer.space())?;
//!         if read == 0 {
//!             break;
//!         }
//!         buffer.filled(read);
//!         let (mut input, mut out) = (&*buffer.input(), Vec::new());
//!         let (written, opened) = match reader.read(&mut input) {
//!             Ok(None) => continue, // the head is not all there
//!             Ok(Some(request)) => (request.accept(Agreement::default(), &mut out), true),
//!             Err(error) => (error.refusal().write(&mut out), false),
//!         };
//!         let rest = input.len();
//!         buffer.keep(rest); // the first frames, if any came behind the head
//!         written.map_err(io::Error::other)?;
//!         socket.write_all(&out)?;
//!         return Ok(opened);
//!     }
//!     Ok(false)
//! }
//!
//! /// Sends back what came.
//! fn respond(
//!     connection: &mut Connection<Server>,
//!     buffer: &mut ReceiveBuffer,
//!     out: &mut Vec<u8>,
//! ) -> Result<(), SendError> {
//!     let mut input = buffer.unconsumed(); // an unfinished frame stays in `buffer`
//!     // An error is final: the Close that tells the peer is pending by then.
//!     while let Ok(Some(event)) = connection.receive(&mut input) {
//!         match event {
//!             Event::Text(text) => connection.send(Message::Text(&text), out)?,
//!             Event::Binary(octets) => connection.send(Message::Binary(&octets), out)?,
//!             _ => {} // pongs and the Close are answered by the connection
//!         }
//!     }
//!     connection.flush(out)
//! }
//!
//! /// Does so until the closing handshake is done.
//! fn serve(mut socket: TcpStream) -> io::Result<()> {
//!     socket.set_nodelay(true)?;
//!     let mut connection = Connection::server(Config::default());
//!     let mut buffer = connection.buffer();
//!     if !open(&mut socket, &mut buffer)? {
//!         return Ok(());
//!     }
//!     socket.set_read_timeout(None)?; // or what `next_deadline` says
//!     let mut out = Vec::new();
//!     loop {
//!         respond(&mut connection, &mut buffer, &mut out).map_err(io::Error::other)?;
//!         socket.write_all(&out)?;
//!         out.clear();
//!         if connection.is_finished() {
//!             return Ok(()); // the server is the one that closes TCP
//!         }
//!         match socket.read(buffer.space())? {
//!             0 => return connection.end_of_stream(buffer.input()).map_err(io::Error::other),
//!             read => buffer.filled(read),
//!         }
//!     }
//! }
//!
//! fn main() -> io::Result<()> {
//!     let listener = TcpListener::bind("127.0.0.1:0")?; // a port of your own
//! #   let address = listener.local_addr()?;
//! #   let client = std::thread::spawn(move || -> io::Result<Vec<u8>> {
//! #       let mut socket = TcpStream::connect(address)?;
//! #       socket.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\
//! #           Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
//! #           Sec-WebSocket-Version: 13\r\n\r\n\
//! #           \x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58\x88\x80\0\0\0\0")?;
//! #       let mut heard = Vec::new();
//! #       socket.read_to_end(&mut heard)?;
//! #       Ok(heard)
//! #   });
//!     for socket in listener.incoming() {
//!         let socket = socket?;
//!         std::thread::spawn(move || serve(socket));
//! #       break;
//!     }
//! #   let heard = client.join().expect("no panic")?;
//! #   assert!(heard.starts_with(b"HTTP/1.1 101 "));
//! #   assert!(heard.ends_with(b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n\x81\x05Hello\x88\x00"));
//!     Ok(())
//! }
//! ```
//!
//! The example `echo_server` also ends TCP so that a last write arrives where the client had still
//! been sending, and has limits and keys as options.
//!
//! # A client
//!
//! ```
//! # #[cfg(all(feature = "getrandom", feature = "std"))] {
//! use patchcord::handshake::Url;
//! use patchcord::handshake::client::{Answer, Request};
//! use patchcord::{Close, CloseCode, Config, Connection, Event, Message, State, ThreadEntropy};
//! use std::error::Error;
//! use std::io::{Read, Write};
//! use std::net::TcpStream;
//! use std::time::Duration;
//!
//! /// Asks one question, and returns the answer.
//! fn ask(url: &str, question: &str) -> Result<String, Box<dyn Error>> {
//!     let url = Url::parse(url)?;
//!     let mut socket = TcpStream::connect(format!("{}:{}", url.host(), url.port()))?;
//!     socket.set_read_timeout(Some(Duration::from_secs(10)))?;
//!     let mut connection = Connection::client(ThreadEntropy, Config::default());
//!     let mut buffer = connection.buffer();
//!
//!     let mut out = Vec::new();
//!     let mut reader = Request::new(url).write(&mut ThreadEntropy, &mut out)?;
//!     socket.write_all(&out)?;
//!     out.clear();
//!     let (mut open, mut answer) = (false, None);
//!     while !connection.is_finished() {
//!         match socket.read(buffer.space())? {
//!             0 => connection.end_of_stream(buffer.input())?,
//!             read => buffer.filled(read),
//!         }
//!         if !open {
//!             let mut head = &*buffer.input();
//!             open = match reader.read(&mut head)? {
//!                 None => continue,
//!                 Some(Answer::Open(_)) => true,
//!                 Some(Answer::Refused(response)) => {
//!                     return Err(format!("refused with {}", response.status()).into());
//!                 }
//!             };
//!             let rest = head.len();
//!             buffer.keep(rest); // frames may have come behind the head
//!             connection.send(Message::Text(question), &mut out)?;
//!         }
//!         let mut input = buffer.unconsumed();
//!         while let Ok(Some(event)) = connection.receive(&mut input) {
//!             if let (Event::Text(text), None) = (event, &answer) {
//!                 answer = Some(text.to_string());
//!                 connection.close(Some(Close::new(CloseCode::NORMAL, "")))?;
//!             }
//!         }
//!         connection.flush(&mut out)?; // behind the question: the Close, and pongs
//!         socket.write_all(&out)?;
//!         out.clear();
//!     }
//!     match connection.state() {
//!         State::Failed(error) => Err(error.into()), // what the server did wrong
//!         _ => answer.ok_or_else(|| "the server closed without an answer".into()),
//!     }
//! }
//! # use patchcord::handshake::{origin::OriginPolicy, server::{Agreement, RequestReader}};
//! # let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
//! # let url = format!("ws://{}/", listener.local_addr().unwrap());
//! # let server = std::thread::spawn(move || -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
//! #     let (mut socket, _) = listener.accept()?;
//! #     let (mut head, mut out, mut rest) = (Vec::new(), Vec::new(), Vec::new());
//! #     while !head.ends_with(b"\r\n\r\n") {
//! #         let mut piece = [0; 1000];
//! #         let read = socket.read(&mut piece)?;
//! #         head.extend_from_slice(&piece[..read]);
//! #     }
//! #     let mut reader = RequestReader::new(OriginPolicy::any());
//! #     let request = reader.read(&mut &head[..])?.ok_or("cut")?;
//! #     request.accept(Agreement::default(), &mut out)?;
//! #     out.extend_from_slice(b"\x81\x02me\x88\x00");
//! #     socket.write_all(&out)?;
//! #     socket.read_to_end(&mut rest)?;
//! #     Ok(rest)
//! # });
//! # assert_eq!(ask(&url, "who is there?").unwrap(), "me");
//! # let mut asked = &mut server.join().unwrap().unwrap()[..];
//! # let mut connection = Connection::server(Config::default());
//! # let Ok(Some(Event::Text(question))) = connection.receive(&mut asked) else { panic!() };
//! # assert_eq!(&*question, "who is there?");
//! # let Ok(Some(Event::Close(_))) = connection.receive(&mut asked) else { panic!() };
//! # }
//! ```
//!
//! # Each direction alone
//!
//! A [`Decoder`] and an [`Encoder`] share nothing, so each can have its own thread. They keep all
//! rules of their direction, and leave what one owes the other to you: pongs and the Close.
//!
//! ```
//! # #[cfg(all(feature = "getrandom", feature = "std"))]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use bytes::BytesMut;
//! use patchcord::{Decoder, Delivery, Encoder, Event, Limits, Message, SendError, ThreadEntropy};
//! use std::{sync::mpsc, thread};
//!
//! let (wire, arrived) = mpsc::channel();
//! let sender = thread::spawn(move || -> Result<(), SendError> {
//!     let mut encoder = Encoder::client(ThreadEntropy);
//!     let mut out = Vec::new();
//!     encoder.encode(Message::Text("the name of the stream"), &mut out)?;
//!     encoder.encode(Message::Binary(&[0; 640]), &mut out)?; // 20 ms at 16 kHz
//!     encoder.encode_close(None, &mut out)?;
//!     for piece in out.chunks(100) {
//!         let _ = wire.send(piece.to_vec()); // cut wherever it happens
//!     }
//!     Ok(())
//! });
//!
//! let mut decoder = Decoder::server(Limits::default(), Delivery::Messages);
//! let (mut input, mut heard) = (BytesMut::new(), Vec::new());
//! for piece in arrived {
//!     input.extend_from_slice(&piece);
//!     while let Some(event) = decoder.decode(&mut input)? {
//!         match event {
//!             Event::Text(name) => heard.push(name.to_string()),
//!             Event::Binary(pcm) => heard.push(format!("{} bytes", pcm.len())),
//!             Event::Close(_) => heard.push("the end".to_string()),
//!             Event::Fragment(_) | Event::Ping(_) | Event::Pong(_) => {}
//!         }
//!     }
//! }
//! assert_eq!(heard, ["the name of the stream", "640 bytes", "the end"]);
//! # sender.join().expect("no panic")?;
//! # Ok(())
//! # }
//! # #[cfg(not(all(feature = "getrandom", feature = "std")))]
//! # fn main() {}
//! ```
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `std` | yes | CPU detection at run time, `IoSlice`, a generator per thread |
//! | `getrandom` | yes | [`Csprng`] and [`ThreadEntropy`]: keys without a system call per frame |
//! | `credentials` | yes | `Credential`: secrets compared in constant time, and wiped |
//! | `http` | no | handshakes from and to the `http` crate's types |
//! | `deflate` | no | permessage-deflate: its negotiation, and its transform |
//! | `arbitrary` | no | values, streams of frames and heads out of a fuzzer's bytes |
//!
//! Without `std` the crate needs `alloc`.
//!
//! # Non-goals
//!
//! Sockets, TLS, timers, tasks and reconnection are the caller's; so is HTTP beyond the head of
//! an upgrade. The drafts before RFC 6455 are not spoken.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![doc(test(attr(deny(warnings), allow(dead_code))))]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

#[cfg(feature = "arbitrary")]
pub mod arbitrary;
pub mod codec;
pub mod connection;
#[cfg(feature = "deflate")]
pub mod deflate;
pub mod entropy;
pub mod frame;
#[cfg(any(doc, doctest))]
pub mod guide;
pub mod handshake;
pub mod mask;
pub mod payload;

pub use codec::{
    Client, Decoder, Delivery, Encoder, Event, Fragment, Input, Kind, Limits, Message, Prepared,
    ProtocolError, ReceiveBuffer, Role, SendError, Server, Unconsumed, Vectored,
};
pub use connection::{Config, Connection, End, Expired, Lost, State, Timeouts};
#[cfg(feature = "getrandom")]
pub use entropy::Csprng;
pub use entropy::Entropy;
#[cfg(all(feature = "getrandom", feature = "std"))]
pub use entropy::ThreadEntropy;
pub use frame::{Close, CloseCode};
pub use mask::MaskingKey;
pub use payload::{InvalidUtf8, Payload, Text, Utf8};

/// The README's code, compiled.
#[cfg(all(doctest, feature = "std", feature = "getrandom", feature = "credentials"))]
#[doc = include_str!("../README.md")]
struct Readme;
