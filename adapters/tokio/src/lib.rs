//! WebSocket (RFC 6455) on tokio: the [`patchcord`] codec as a [`Stream`](futures_core::Stream) and a
//! [`Sink`](futures_sink::Sink), over any stream of bytes, in both roles.

mod client;
#[cfg(feature = "connect")]
mod connect;
mod endpoint;
mod error;
mod halves;
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
