//! Coming from `fastwebsockets` (0.10): the same programs on both sides.
//!
//! The difference in one sentence: fastwebsockets wraps a tokio stream and reads frames from it;
//! here there is no stream, and what you receive are messages. The runtime stays yours, tokio or
//! another. All code on this page runs, on both sides over the same bytes.
//!
//! # Receive and answer
//!
//! A `FragmentCollector` joins messages, answers pings, and sends the Close back:
//!
//! ```
//! use fastwebsockets::{FragmentCollector, OpCode, Role, WebSocket, WebSocketError};
//! use tokio::io::{AsyncRead, AsyncWrite};
//!
//! async fn echo<S: AsyncRead + AsyncWrite + Unpin>(socket: S) -> Result<(), WebSocketError> {
//!     let mut websocket = FragmentCollector::new(WebSocket::after_handshake(socket, Role::Server));
//!     loop {
//!         let frame = websocket.read_frame().await?;
//!         match frame.opcode {
//!             OpCode::Text | OpCode::Binary => websocket.write_frame(frame).await?,
//!             OpCode::Close => return Ok(()),
//!             _ => {}
//!         }
//!     }
//! }
//! # /// Nothing here ever has to wait.
//! # fn now<T>(future: impl Future<Output = T>) -> T {
//! #     let mut context = std::task::Context::from_waker(std::task::Waker::noop());
//! #     match std::pin::pin!(future).poll(&mut context) {
//! #         std::task::Poll::Ready(value) => value,
//! #         std::task::Poll::Pending => panic!("it waits"),
//! #     }
//! # }
//! # let bytes = b"\x01\x81\0\0\0\0h\x80\x81\0\0\0\0i\x89\x80\0\0\0\0\x88\x82\0\0\0\0\x03\xe8";
//! # let mut out = Vec::new();
//! # now(echo(tokio::io::join(&bytes[..], &mut out))).unwrap();
//! # assert_eq!(out, b"\x81\x02hi\x8a\x00\x88\x02\x03\xe8");
//! ```
//!
//! Here it is a loop around two calls to the stream:
//!
//! ```
//! use patchcord::{Config, Connection, Event, Message, Next, ReceiveBuffer, SendBuffer};
//! use std::io;
//! use std::time::Instant;
//! use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
//!
//! async fn echo<S: AsyncRead + AsyncWrite + Unpin>(mut socket: S) -> io::Result<()> {
//!     let mut connection = Connection::server(Config::default());
//!     let (mut buffer, mut out) = (ReceiveBuffer::default(), SendBuffer::new());
//!     let start = Instant::now();
//!     loop {
//!         let mut input = buffer.unconsumed();
//!         while let Ok(Some(event)) = connection.receive(&mut input, &mut out) {
//!             match event {
//!                 Event::Text(text) => connection.send(Message::Text(&text), &mut out),
//!                 Event::Binary(payload) => connection.send(Message::Binary(&payload), &mut out),
//!                 _ => Ok(()),
//!             }
//!             .map_err(io::Error::other)?;
//!         }
//!         match connection.handle_timeout(start.elapsed(), &mut out) {
//!             // Once for all that was read; with a timeout around both waits in a real program.
//!             Next::Write { .. } => drop(socket.write_buf(&mut out).await?),
//!             Next::Wait { .. } | Next::Look => match socket.read(buffer.space()).await? {
//!                 0 => connection.end_of_stream(&buffer).map_err(io::Error::other)?,
//!                 read => buffer.filled(read),
//!             },
//!             Next::Expired(_) | Next::Finished => {
//!                 return connection.result().map_err(io::Error::other);
//!             }
//!         }
//!     }
//! }
//! # /// Nothing here ever has to wait.
//! # fn now<T>(future: impl Future<Output = T>) -> T {
//! #     let mut context = std::task::Context::from_waker(std::task::Waker::noop());
//! #     match std::pin::pin!(future).poll(&mut context) {
//! #         std::task::Poll::Ready(value) => value,
//! #         std::task::Poll::Pending => panic!("it waits"),
//! #     }
//! # }
//! # let bytes = b"\x01\x81\0\0\0\0h\x80\x81\0\0\0\0i\x89\x80\0\0\0\0\x88\x82\0\0\0\0\x03\xe8";
//! # let mut out = Vec::new();
//! # now(echo(tokio::io::join(&bytes[..], &mut out))).unwrap();
//! # assert_eq!(out, b"\x81\x02hi\x8a\x00\x88\x02\x03\xe8");
//! ```
//!
//! An event lives until the next read. To send it to another task, receive from a
//! [`BytesMut`](bytes::BytesMut), filled by `read_buf`: [`buffers`] has the loop.
//!
//! # Send without a copy
//!
//! fastwebsockets writes a payload next to its header if it is longer than `writev_threshold`,
//! 1,024 bytes by default, and copies it otherwise. There, a setting decides:
//!
//! ```
//! use fastwebsockets::{Frame, Payload, Role, WebSocket, WebSocketError};
//! use tokio::io::{AsyncRead, AsyncWrite};
//!
//! async fn send<S: AsyncRead + AsyncWrite + Unpin>(
//!     socket: S,
//!     pcm: &[u8],
//! ) -> Result<(), WebSocketError> {
//!     let mut websocket = WebSocket::after_handshake(socket, Role::Server);
//!     websocket.set_writev_threshold(0);
//!     websocket.write_frame(Frame::binary(Payload::Borrowed(pcm))).await
//! }
//! # /// Nothing here ever has to wait.
//! # fn now<T>(future: impl Future<Output = T>) -> T {
//! #     let mut context = std::task::Context::from_waker(std::task::Waker::noop());
//! #     match std::pin::pin!(future).poll(&mut context) {
//! #         std::task::Poll::Ready(value) => value,
//! #         std::task::Poll::Pending => panic!("it waits"),
//! #     }
//! # }
//! # let mut out = Vec::new();
//! # now(send(tokio::io::join(&b""[..], &mut out), b"pcm")).unwrap();
//! # assert_eq!(out, b"\x82\x03pcm");
//! ```
//!
//! Here, the method decides. Its result is a [`Buf`](bytes::Buf), which tokio writes vectored:
//!
//! ```
//! use patchcord::{Config, Connection, Message, SendBuffer};
//! use std::io;
//! use tokio::io::{AsyncWrite, AsyncWriteExt};
//!
//! async fn send<S: AsyncWrite + Unpin>(mut socket: S, pcm: &[u8]) -> io::Result<()> {
//!     let mut connection = Connection::server(Config::default());
//!     let mut out = SendBuffer::new(); // receives what the socket does not accept
//!     let frame = connection.send_borrowed(Message::Binary(pcm), &mut out);
//!     socket.write_all_buf(&mut frame.map_err(io::Error::other)?).await
//! }
//! # /// Nothing here ever has to wait.
//! # fn now<T>(future: impl Future<Output = T>) -> T {
//! #     let mut context = std::task::Context::from_waker(std::task::Waker::noop());
//! #     match std::pin::pin!(future).poll(&mut context) {
//! #         std::task::Poll::Ready(value) => value,
//! #         std::task::Poll::Pending => panic!("it waits"),
//! #     }
//! # }
//! # let mut out = Vec::new();
//! # now(send(&mut out, b"pcm")).unwrap();
//! # assert_eq!(out, b"\x82\x03pcm");
//! ```
//!
//! # The handshake
//!
//! `upgrade::upgrade` takes hyper's request, checks the key and the version, and leaves
//! `Connection`, `Upgrade`, `Origin`, subprotocols and extensions to you. With the feature `http`,
//! `server::RequestReader::read_http` takes the same request and checks all of them. The response
//! is a value, and the upgraded stream comes from hyper as before:
//!
//! ```
//! # #[cfg(feature = "http")] {
//! use patchcord::handshake::admission::Admission;
//! use patchcord::handshake::server::{Refusal, RequestReader};
//!
//! fn answer<B>(request: &http::Request<B>) -> Result<http::Response<String>, Refusal> {
//!     let pages = ["https://example.com"];
//!     let policy = Admission::origins(&pages).map_err(|_| Refusal::INTERNAL_SERVER_ERROR)?;
//!     let request = RequestReader::new(policy.or_absent()).read_http(request)?;
//!     let selected = request.offers().select(&["chat"])?;
//!     Ok(request.response().with_subprotocol(selected)?.to_http())
//! }
//! // In hyper's service, before the response is returned, which is this or `refusal.to_http()`:
//! //     let upgraded = hyper::upgrade::on(&mut request);
//! //     tokio::spawn(async move { echo(TokioIo::new(upgraded.await?)).await });
//! # let mut request = http::Request::get("/chat").header("host", "example.com")
//! #     .header("connection", "keep-alive, Upgrade").header("upgrade", "websocket")
//! #     .header("sec-websocket-version", "13").header("sec-websocket-protocol", "chat")
//! #     .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==").body(()).unwrap();
//! # assert_eq!(answer(&request).unwrap().status(), 101);
//! # request.headers_mut().insert("origin", http::HeaderValue::from_static("https://x.example"));
//! # assert_eq!(answer(&request).unwrap_err().status(), 403);
//! # }
//! ```
//!
//! Without hyper, [`RequestReader`](crate::handshake::server::RequestReader) reads the bytes: see
//! the [server on the front page](crate#a-server). The counterpart of `handshake::client` is
//! [`client::Request`](crate::handshake::client::Request).
//!
//! # Two halves
//!
//! `split` returns two halves, and the reader sends pongs through a function of yours. The
//! counterparts here are a [`Decoder`] and an [`Encoder`]; the example in [`layers`] has a reader
//! that passes its duties to the writer.
//!
//! # Equivalents
//!
//! | fastwebsockets | patchcord |
//! |---|---|
//! | `WebSocket::after_handshake(stream, Role::Server)` | [`Connection::server`](crate::Connection::server) |
//! | `FragmentCollector` | [`Delivery::Messages`](crate::Delivery::Messages), the default |
//! | `WebSocket::read_frame`, frame by frame | [`Delivery::Fragments`](crate::Delivery::Fragments) |
//! | `Frame`, `OpCode`, `Payload` | [`Event`](crate::Event) in, [`Message`](crate::Message) out |
//! | `Frame::close(code, reason)` | [`close`](crate::Connection::close); code and reason are checked |
//! | `set_auto_pong`, `set_auto_close` | always; by hand with a [`Decoder`] |
//! | `set_max_message_size`, 64 MiB, of a frame | [`Limits::message`](crate::Limits::message), 16 MiB, over all fragments |
//! | `set_writev`, `set_writev_threshold` | methods: [`buffers`] |
//! | `set_auto_apply_mask` | [`MaskingKey`](crate::MaskingKey) and [`Header`](crate::frame::Header) |
//! | `is_closed` | [`Next::Finished`](crate::Next::Finished), [`state`](crate::Connection::state) |
//! | `unmask` | [`MaskingKey::apply`](crate::MaskingKey::apply) |
//! | no timeouts | [`timers`](super::timers) |
//! | no compression | the feature `deflate` |
//!
//! # Differences in behaviour
//!
//! Peers that break a rule will notice. fastwebsockets 0.10 accepts the following, and here they
//! end the connection with 1002:
//!
//! - a client's frame that is not masked, and a server's that is (RFC 6455 section 5.1);
//! - a length that is not in its shortest form (section 5.2);
//! - a pong of more than 125 bytes (section 5.5).
//!
//! After an error, a Close that reports it is in the send buffer; fastwebsockets sends one only for
//! a forbidden close code. A text that arrives in pieces fails at its first bad byte, and not when
//! the frame is complete. Sending is checked, too: you cannot send a text that is not UTF-8, or a
//! fragment out of order.
//!
//! [`Decoder`]: crate::Decoder
//! [`Encoder`]: crate::Encoder
//! [`buffers`]: super::buffers
//! [`layers`]: super::layers
