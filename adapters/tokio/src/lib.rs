//! WebSocket (RFC 6455) on tokio: the [`patchcord`] codec as a [`Stream`](futures_core::Stream) and a
//! [`Sink`](futures_sink::Sink), over any stream of bytes, in both roles.
//!
//! | you have | begin with |
//! |---|---|
//! | a URL | [`connect`], or [`Connect`] with a key, header fields, a proxy, TLS of your own |
//! | a stream from a listener | [`accept`], or [`Options::accept`] |
//! | a stream to a server | [`Options::connect`] |
//! | a stream whose handshake others held | [`Options::server`], [`Options::client`] |
//!
//! Each of them is a [`WebSocket`], whatever its role: it receives and sends [`Message`]s, and can be
//! [split](WebSocket::split).
//!
//! ```
//! use patchcord_tokio::handshake::admission::Admission;
//! use patchcord_tokio::{OpenError, accept};
//! use tokio::net::TcpStream;
//!
//! async fn serve(tcp: TcpStream) -> Result<(), OpenError> {
//!     let mut socket = accept(tcp, Admission::any(), |request| Ok(request.response())).await?;
//!     while let Some(message) = socket.recv().await {
//!         let message = message?;
//!         if message.is_data() {
//!             socket.feed(message).await?; // leaves with the others of its turn
//!         }
//!     }
//!     Ok(())
//! }
//! ```
//!
//! # What it does besides
//!
//! While anybody waits for a connection, it answers pings and the Close, keeps the deadlines of
//! [`Timeouts`], says 1001 when the program [leaves](Leaving), and ends the stream so that nothing on
//! its way is lost. It reads into a buffer of the thread and writes from one, so a connection that
//! waits has neither: most have nothing to say most of the time.

#![forbid(unsafe_code)]

#[cfg(feature = "axum")]
pub mod axum;
mod client;
#[cfg(feature = "connect")]
mod connect;
#[cfg(feature = "deflate")]
mod deflate;
mod endpoint;
mod error;
pub mod guide;
mod halves;
#[cfg(feature = "hyper")]
pub mod hyper;
mod leaving;
mod message;
mod open_error;
mod options;
mod server;
mod session;
mod utf8_bytes;
mod websocket;

#[cfg(feature = "connect")]
pub use connect::{Connect, Proxy, Transport, connect};
#[cfg(feature = "deflate")]
pub use deflate::Deflate;
pub use endpoint::Answers;
pub use error::Error;
pub use halves::{Receiver, Sender};
pub use leaving::Leaving;
pub use message::{CloseCode, CloseFrame, Message, close_code};
pub use open_error::{OpenError, Refused};
pub use options::{Behind, Options};
pub use patchcord::handshake;
pub use patchcord::{Event, Limits, Prepared, State, Timeouts};
pub use server::accept;
pub use utf8_bytes::Utf8Bytes;
pub use websocket::WebSocket;

/// The README's code, compiled.
#[cfg(all(doctest, feature = "connect"))]
#[doc = include_str!("../README.md")]
struct Readme;
