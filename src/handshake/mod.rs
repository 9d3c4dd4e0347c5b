//! The opening handshake (RFC 6455 section 4), in both roles, over three carriers: HTTP/1.1
//! heads, the `http` crate's types, and the extended CONNECT of HTTP/2 and HTTP/3.
//!
//! [`server`] reads a request and writes the response; [`client`] does the reverse. Neither knows
//! frames: bytes after a head stay in the receive buffer, and may be the first frames. So the
//! buffer of the handshake is also the buffer of the connection:
//!
//! ```
//! use patchcord::handshake::admission::Admission;
//! use patchcord::handshake::server::{Refusal, Request, RequestReader, Response};
//! use patchcord::{ReceiveBuffer, SendBuffer};
//!
//! /// Call this after each read. When it returns true, the connection is open, and its first frames may be in
//! /// `buffer`. After an error, write the contents of `out`, and end the transport.
//! fn accept(
//!     reader: &mut RequestReader<'_>,
//!     buffer: &mut ReceiveBuffer,
//!     out: &mut SendBuffer,
//! ) -> Result<bool, Refusal> {
//!     let answered = match buffer.head(|input| reader.read(input)) {
//!         Ok(None) => return Ok(false), // nothing was consumed
//!         Ok(Some(request)) => answer(&request),
//!         Err(error) => Err(error.into()),
//!     };
//!     out.head(|out| match &answered {
//!         Ok(response) => response.write(out),
//!         Err(refusal) => refusal.write(out),
//!     })?;
//!     answered.map(|_| true)
//! }
//!
//! /// Selects a subprotocol, or refuses: a browser that offered any fails if none is selected.
//! fn answer<'head>(request: &Request<'head>) -> Result<Response<'head>, Refusal> {
//!     let subprotocol = request.offers().select(&["v2.audio", "v1.audio"])?;
//!     Ok(request.response().with_subprotocol(subprotocol)?)
//! }
//! # let head = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
//! #     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n\x82";
//! # let mut reader = RequestReader::new(Admission::any());
//! # let (mut buffer, mut out) = (ReceiveBuffer::default(), SendBuffer::new());
//! # for byte in head {
//! #     buffer.space()[0] = *byte;
//! #     buffer.filled(1);
//! #     let open = accept(&mut reader, &mut buffer, &mut out).unwrap();
//! #     assert_eq!(open, out.remaining() > 0);
//! #     if open { break; }
//! # }
//! # use bytes::Buf;
//! # assert!(out.chunk().starts_with(b"HTTP/1.1 101 "));
//! ```
//!
//! [`Driver::accept`](crate::Driver::accept) does the same.

mod accept;
pub mod admission;
mod authority;
mod carriers;
pub mod client;
pub mod credential;
pub mod extension;
mod field;
#[doc(alias = "reverse proxy")]
pub mod gateway;
mod grammar;
mod head;
mod known_fields;
mod limits;
mod secret;
pub mod server;
mod steps;
pub mod subprotocol;
mod url;

#[cfg(feature = "http")]
pub use carriers::{HttpRequest, HttpResponse};
pub use field::{Field, FieldError, FieldFault, Fields};
pub use head::{BufferTooSmall, Headers};
pub use limits::HeadLimits;
/// Present only under a fuzzer.
#[cfg(all(fuzzing, feature = "std"))]
#[doc(hidden)]
pub use steps::counted;
pub use url::{MAX_URL, Url, UrlBuf, UrlError};
