//! The same program with axum's `ws`, with tokio-tungstenite, and with this package.
//!
//! # From axum's `ws`
//!
//! Change the imports, and nothing else. With axum's own:
//!
//! ```
//! use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
//! use axum::{Router, response::Response, routing::any};
//!
//! async fn handler(ws: WebSocketUpgrade) -> Response {
//!     ws.protocols(["chat"]).max_message_size(64 * 1024).on_upgrade(session)
//! }
//!
//! async fn session(mut socket: WebSocket) {
//!     while let Some(Ok(message)) = socket.recv().await {
//!         if let Message::Text(text) = message {
//!             if text == "bye" {
//!                 let close = CloseFrame { code: close_code::NORMAL, reason: "bye".into() };
//!                 let _ = socket.send(Message::Close(Some(close))).await;
//!             } else if socket.send(Message::Text(text)).await.is_err() {
//!                 return;
//!             }
//!         }
//!     }
//! }
//! # let _: Router = Router::new().route("/", any(handler));
//! ```
//!
//! With this package:
//!
//! ```
//! use axum::{Router, response::Response, routing::any};
//! use patchcord_tokio::axum::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
//!
//! async fn handler(ws: WebSocketUpgrade) -> Response {
//!     ws.protocols(["chat"]).max_message_size(64 * 1024).on_upgrade(session)
//! }
//!
//! async fn session(mut socket: WebSocket) {
//!     while let Some(Ok(message)) = socket.recv().await {
//!         if let Message::Text(text) = message {
//!             if text == "bye" {
//!                 let close = CloseFrame { code: close_code::NORMAL, reason: "bye".into() };
//!                 let _ = socket.send(Message::Close(Some(close))).await;
//!             } else if socket.send(Message::Text(text)).await.is_err() {
//!                 return;
//!             }
//!         }
//!     }
//! }
//! # let _: Router = Router::new().route("/", any(handler));
//! ```
//!
//! | axum 0.8 | here |
//! |---|---|
//! | `ws.read_buffer_size(..)`, `write_buffer_size(..)` | not there: buffers are shared, and a connection that waits has none |
//! | `ws.max_write_buffer_size(..)`, an error beyond it | [`Options::backlog`](crate::Options::backlog), and [`Behind`](crate::Behind) beyond it |
//! | `ws.accept_unmasked_frames(true)` | not there: RFC 6455 section 5.1 |
//! | messages of 64 MiB | of 16 MiB, unless you say otherwise |
//! | `Message::Pong` sends one | nothing is sent: every ping was answered |
//! | 400 without `Upgrade` | 426, which says what to upgrade to |
//! | pages of every origin | the same, until [`admission`](crate::axum::WebSocketUpgrade::admission) |
//! | no deadlines, no pings | [`Options`](crate::Options) by [`options`](crate::axum::WebSocketUpgrade::options) |
//! | a Close that crosses yours | is answered, and the end is waited for by `recv` |
//!
//! # From tokio-tungstenite: a client
//!
//! ```no_run
//! use futures_util::{SinkExt, StreamExt};
//! use tokio_tungstenite::connect_async;
//! use tokio_tungstenite::tungstenite::{Error, Message};
//!
//! async fn ask() -> Result<(), Error> {
//!     let (mut socket, _response) = connect_async("ws://127.0.0.1:9001/").await?;
//!     socket.send(Message::Text("Hello".into())).await?;
//!     while let Some(message) = socket.next().await {
//!         if let Message::Text(text) = message? {
//!             println!("{text}");
//!             socket.close(None).await?;
//!         }
//!     }
//!     Ok(())
//! }
//! # let _ = ask;
//! ```
//!
//! ```no_run
//! use patchcord_tokio::{Message, OpenError, connect};
//!
//! async fn ask() -> Result<(), OpenError> {
//!     let mut socket = connect("ws://127.0.0.1:9001/").await?;
//!     socket.send(Message::Text("Hello".into())).await?;
//!     while let Some(message) = socket.recv().await {
//!         if let Message::Text(text) = message? {
//!             println!("{text}");
//!             socket.send(Message::Close(None)).await?;
//!         }
//!     }
//!     Ok(())
//! }
//! # let _ = ask;
//! ```
//!
//! # From tokio-tungstenite: a server
//!
//! ```no_run
//! use futures_util::{SinkExt, StreamExt};
//! use tokio::net::TcpStream;
//! use tokio_tungstenite::accept_async;
//! use tokio_tungstenite::tungstenite::Error;
//!
//! async fn serve(tcp: TcpStream) -> Result<(), Error> {
//!     let mut socket = accept_async(tcp).await?;
//!     while let Some(message) = socket.next().await {
//!         let message = message?;
//!         if message.is_text() || message.is_binary() {
//!             socket.send(message).await?;
//!         }
//!     }
//!     Ok(())
//! }
//! # let _ = serve;
//! ```
//!
//! ```no_run
//! use patchcord_tokio::handshake::admission::Admission;
//! use patchcord_tokio::{OpenError, accept};
//! use tokio::net::TcpStream;
//!
//! async fn serve(tcp: TcpStream) -> Result<(), OpenError> {
//!     let mut socket = accept(tcp, Admission::any(), |request| Ok(request.response())).await?;
//!     while let Some(message) = socket.recv().await {
//!         let message = message?;
//!         if message.is_data() {
//!             socket.feed(message).await?;
//!         }
//!     }
//!     Ok(())
//! }
//! # let _ = serve;
//! ```
//!
//! | tokio-tungstenite | here |
//! |---|---|
//! | `connect_async(request)` | [`Connect::request`](crate::Connect::request), with headers, subprotocols and credentials by name |
//! | `client_async(request, stream)` | [`Options::connect`](crate::Options::connect) |
//! | `connect_async_tls_with_config(.., connector)` | [`Connect::tls`](crate::Connect) with the feature `rustls` |
//! | `accept_hdr_async(stream, callback)` | [`accept`](crate::accept())'s closure, which answers what was asked |
//! | `WebSocketStream::from_raw_socket(stream, role, ..)` | [`Options::server`](crate::Options::server), [`Options::client`](crate::Options::client) |
//! | `WebSocketConfig` | [`Options`](crate::Options) |
//! | `socket.split()` of `futures` | the same, or [`WebSocket::split`](crate::WebSocket::split), which needs no `futures` |
//! | `socket.next()`, `socket.send(..)` | the same, or [`recv`](crate::WebSocket::recv) and [`send`](crate::WebSocket::send) |
//! | `socket.feed(..)`, `socket.flush()` | the same; what was fed leaves also when `recv` has to wait |
//! | `socket.close(..)` writes the Close | [`close`](crate::WebSocket::close) waits for the peer, too; `send(Message::Close(..))` writes it |
//! | `Error::ConnectionClosed`, `AlreadyClosed` | the end of the stream, and [`Error::Closed`](crate::Error::Closed) |
//! | a broadcast clones a `Message` and encodes each | [`feed_prepared`](crate::WebSocket::feed_prepared): encoded once |
