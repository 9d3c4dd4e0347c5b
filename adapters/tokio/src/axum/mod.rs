//! WebSockets of axum's handlers, with the names of axum's own: `use patchcord_tokio::axum::..` stands
//! where `use axum::extract::ws::..` was.
//!
//! ```
//! use axum::{Router, response::Response, routing::any};
//! use patchcord_tokio::axum::{WebSocket, WebSocketUpgrade};
//!
//! async fn handler(ws: WebSocketUpgrade) -> Response {
//!     ws.on_upgrade(echo)
//! }
//!
//! async fn echo(mut socket: WebSocket) {
//!     while let Some(Ok(message)) = socket.recv().await {
//!         if message.is_data() && socket.send(message).await.is_err() {
//!             return;
//!         }
//!     }
//! }
//!
//! let app: Router = Router::new().route("/ws", any(handler)); // HTTP/2 asks with CONNECT
//! # let _ = app;
//! ```
//!
//! # What there is beside that
//!
//! Whose pages may connect, a key that a page carries as a subprotocol, compression, pings and
//! deadlines, and the end of the server:
//!
//! ```
//! use axum::{extract::State, response::Response};
//! use patchcord_tokio::axum::WebSocketUpgrade;
//! use patchcord_tokio::axum::rejection::WebSocketUpgradeRejection;
//! use patchcord_tokio::handshake::admission::Admission;
//! use patchcord_tokio::handshake::credential::vendor::DEEPGRAM;
//! use patchcord_tokio::handshake::server::Refusal;
//! use patchcord_tokio::{Leaving, Options};
//! use std::time::Duration;
//!
//! async fn handler(
//!     ws: WebSocketUpgrade,
//!     State(leaving): State<Leaving>,
//! ) -> Result<Response, WebSocketUpgradeRejection> {
//!     let mut ws = ws.admission(Admission::origins(&["https://example.com"])?)?;
//!     let key = ws.take_credential(&DEEPGRAM.scheme)?.ok_or(Refusal::UNAUTHORIZED)?;
//!     if !key.matches("the key of this user") {
//!         return Err(Refusal::UNAUTHORIZED.into());
//!     }
//!     let options = Options::new().ping_interval(Duration::from_secs(20)).leaving(&leaving);
//!     Ok(ws.options(options).protocols(["token"]).on_upgrade(|mut socket| async move {
//!         let _ = socket.send("welcome".into()).await;
//!     }))
//! }
//! # let _: axum::Router<Leaving> = axum::Router::new().route("/", axum::routing::any(handler));
//! ```
//!
//! # Where it differs
//!
//! - `read_buffer_size` and `write_buffer_size` are not there: the connections of a thread share their
//!   buffers, and one that waits has none. Nor is `accept_unmasked_frames` (RFC 6455 section 5.1). For
//!   `max_write_buffer_size`, see [`Options::backlog`](crate::Options::backlog).
//! - A message may have 16 MiB; see [`WebSocketUpgrade::max_message_size`].
//! - A request that breaks a rule of RFC 6455 is refused where axum lets it pass, such as one whose key is
//!   not one, and the answers have the status codes of [`Refusal`](crate::handshake::server::Refusal).
//! - What goes wrong with a connection is this package's [`Error`](crate::Error), which `?` makes one of
//!   axum's.
//! - A subprotocol that was not offered cannot be selected: the answer is 500 then.

pub mod rejection;
mod socket;
mod upgrade;

pub use crate::{CloseCode, CloseFrame, Message, Utf8Bytes, close_code};
pub use socket::WebSocket;
pub use upgrade::{DefaultOnFailedUpgrade, OnFailedUpgrade, WebSocketUpgrade};

/// For handlers and callbacks that have axum's error.
impl From<crate::Error> for axum_core::Error {
    fn from(error: crate::Error) -> Self {
        Self::new(error)
    }
}
