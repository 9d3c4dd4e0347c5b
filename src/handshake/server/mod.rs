//! The server's side: reads a request and writes the response (RFC 6455 section 4.2).
//!
//! [`RequestReader`] reads a [`Request`] from any carrier. Its [`Response`] opens the connection; a
//! [`Refusal`] does not. Every error converts into the refusal to send:
//!
//! ```
//! use patchcord::handshake::admission::Admission;
//! use patchcord::handshake::server::{Refusal, RequestError, RequestReader};
//!
//! let mut reader = RequestReader::new(Admission::any());
//! let error = reader.read(&mut &b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n"[..]).unwrap_err();
//! assert_eq!(error, RequestError::NoUpgrade);
//! assert_eq!(Refusal::from(error).status(), 426); // and `Sec-WebSocket-Version: 13` with it
//! ```
//!
//! The [crate's server](crate#a-server) shows the loop around it, with a socket and deadlines.

mod carrier;
pub(super) mod check;
mod error;
mod reader;
mod refusal;
mod request;
mod response;

pub use carrier::{Carrier, Connect, Upgrade};
pub use error::RequestError;
pub use reader::RequestReader;
pub use refusal::{NotARefusal, Refusal};
pub use request::Request;
pub use response::{ForeignSubprotocol, Response};
