//! The server's side: reads a request, and accepts or refuses it (RFC 6455 section 4.2).
//!
//! [`RequestReader`] is where to begin, and the [crate's server](crate#a-server) has the loop around
//! it, with a socket and a deadline. What breaks a rule knows its answer:
//!
//! ```
//! use patchcord::handshake::admission::Admission;
//! use patchcord::handshake::server::{RequestError, RequestReader};
//!
//! let mut reader = RequestReader::new(Admission::any());
//! let error = reader.read(&mut &b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n"[..]).unwrap_err();
//! assert_eq!(error, RequestError::NoUpgrade);
//! assert_eq!(error.refusal().status(), 426); // and `Sec-WebSocket-Version: 13` with it
//! ```

mod agreement;
pub(super) mod check;
mod error;
mod head;
mod refusal;
mod request;

pub use agreement::Agreement;
pub use error::RequestError;
pub use head::{AuthorizationKind, RequestHead};
pub use refusal::Refusal;
pub use request::{Request, RequestReader};
