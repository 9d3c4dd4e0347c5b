//! The opening handshake (RFC 6455 section 4), in both roles, over three carriers: HTTP/1.1
//! heads, the `http` crate's types, and the extended CONNECT of HTTP/2 and HTTP/3.
//!
//! [`server`] reads a request and writes the answer, [`client`] the other way round. Neither
//! knows frames: bytes that come behind a head stay in the receive buffer, and may be frames
//! already. So the buffer of the handshake goes on as that of the connection:
//!
//! ```
//! use patchcord::handshake::admission::Admission;
//! use patchcord::handshake::server::{RequestHead, RequestReader};
//! use patchcord::handshake::subprotocol::{OffersError, Subprotocol};
//! use patchcord::{ReceiveBuffer, SendBuffer};
//! use std::error::Error;
//!
//! /// Call after each read; with true, the connection is open, and its first frames may be in
//! /// `buffer`. After an error, write what `out` holds, and end the transport.
//! fn accept(
//!     reader: &mut RequestReader<'_>,
//!     buffer: &mut ReceiveBuffer,
//!     out: &mut SendBuffer,
//! ) -> Result<bool, Box<dyn Error>> {
//!     let refusal = match buffer.head(|input| reader.read(input)) {
//!         Ok(None) => return Ok(false), // nothing was consumed
//!         Ok(Some(request)) => match select(&request) {
//!             Ok(subprotocol) => {
//!                 out.head(|out| request.accept(subprotocol, out))?;
//!                 return Ok(true);
//!             }
//!             Err(error) => error.refusal(),
//!         },
//!         Err(error) => error.refusal(),
//!     };
//!     out.head(|out| refusal.write(out))?;
//!     Err(refusal.into())
//! }
//!
//! /// Selects a subprotocol, or refuses: a browser that offered some fails if none is selected.
//! fn select<'head>(request: &RequestHead<'head>) -> Result<Option<Subprotocol<'head>>, OffersError> {
//!     let offers = request.subprotocols(&[])?;
//!     offers.require(offers.server_preference(&["v2.audio", "v1.audio"]))
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
//! [`Driver::accept`](crate::Driver::accept) is that function.

mod accept;
pub mod admission;
mod authority;
pub mod client;
pub mod credential;
mod deadline;
pub mod extended_connect;
pub mod extension;
mod field;
pub mod gateway;
mod head;
#[cfg(feature = "http")]
mod http_types;
mod limits;

mod seen;
pub mod server;
mod steps;
pub mod subprotocol;
mod url;

pub use deadline::Deadline;
pub use head::Headers;
pub use limits::HeadLimits;
/// Not there but for a fuzzer.
#[cfg(all(fuzzing, feature = "std"))]
#[doc(hidden)]
pub use steps::counted;
pub use url::{MAX_URL, Url, UrlBuf, UrlError};

use core::fmt;

/// The output buffer has too little room for a head; nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BufferTooSmall {
    /// The bytes of free space that the head needs.
    pub needed: usize,
}

impl fmt::Display for BufferTooSmall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the output buffer is too small: the head needs {} bytes", self.needed)
    }
}

impl core::error::Error for BufferTooSmall {}
