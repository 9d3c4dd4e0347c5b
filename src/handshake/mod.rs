//! The opening handshake (RFC 6455 section 4), in both roles, over three carriers: HTTP/1.1
//! heads, the `http` crate's types, and the extended CONNECT of HTTP/2 and HTTP/3.
//!
//! [`server`] reads a request and writes the answer, [`client`] the other way round. Neither
//! knows frames: bytes that come behind a head stay in the caller's cursor, and may be frames
//! already. So the buffer of the handshake goes on as that of the connection, and what is in it
//! is received before more is read:
//!
//! ```
//! use patchcord::handshake::origin::OriginPolicy;
//! use patchcord::handshake::server::{RequestHead, RequestReader};
//! use patchcord::handshake::subprotocol::{OffersError, Subprotocol};
//! use patchcord::{Config, Connection, ReceiveBuffer, Server};
//! use std::io::{Read, Write};
//!
//! /// Answers a request; `None` if it was refused, and the socket is to be closed.
//! fn accept<S: Read + Write>(
//!     socket: &mut S,
//! ) -> std::io::Result<Option<(Connection<Server>, ReceiveBuffer)>> {
//!     let connection = Connection::server(Config::default());
//!     let mut buffer = connection.buffer(); // has room for a head too, unless `whole` is small
//!     let pages = OriginPolicy::list(&["https://example.com"]).map_err(std::io::Error::other)?;
//!     let mut reader = RequestReader::new(pages.or_absent());
//!     let mut out = Vec::new();
//!     let accepted = loop {
//!         let read = socket.read(buffer.space())?;
//!         if read == 0 {
//!             return Ok(None);
//!         }
//!         buffer.filled(read);
//!         let mut input = &*buffer.input();
//!         let written = match reader.read(&mut input) {
//!             Ok(None) => continue, // nothing was consumed
//!             Ok(Some(request)) => match select(&request) {
//!                 Ok(subprotocol) => request.accept(subprotocol, &mut out).map(|()| true),
//!                 Err(error) => error.refusal().write(&mut out).map(|()| false),
//!             },
//!             Err(error) => error.refusal().write(&mut out).map(|()| false),
//!         };
//!         let rest = input.len();
//!         buffer.keep(rest); // the first frames, if any came with the head
//!         break written.map_err(std::io::Error::other)?;
//!     };
//!     socket.write_all(&out)?;
//!     Ok(accepted.then_some((connection, buffer))) // now receive from `buffer.unconsumed()`
//! }
//!
//! /// Selects a subprotocol, or refuses: a browser that offered some fails if none is selected.
//! fn select<'head>(request: &RequestHead<'head>) -> Result<Option<Subprotocol<'head>>, OffersError> {
//!     let offers = request.subprotocols(&[])?;
//!     offers.require(offers.server_preference(&["v2.audio", "v1.audio"]))
//! }
//! # let _ = accept::<std::net::TcpStream>;
//! ```
//!
//! A receive buffer for connections with a small [`Limits::whole`](crate::Limits::whole) needs
//! [`MAX_HEAD`] + 1 bytes for this: `ReceiveBuffer::new(limits.buffer_size().max(MAX_HEAD + 1))`.

mod accept;
pub mod client;
pub mod credential;
mod deadline;
pub mod extended_connect;
pub mod extension;
mod field;
mod head;
#[cfg(feature = "http")]
mod http_types;
pub mod origin;
mod seen;
pub mod server;
mod steps;
pub mod subprotocol;
mod url;

pub use deadline::Deadline;
pub use head::{Headers, MAX_FIELDS, MAX_HEAD, MAX_HEADERS, MAX_LINE};
/// Not there but for a fuzzer.
#[cfg(all(fuzzing, feature = "std"))]
#[doc(hidden)]
pub use steps::counted;
pub use url::{Url, UrlError};

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
