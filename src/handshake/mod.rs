//! The opening handshake (RFC 6455 section 4), in both roles, over HTTP/1.1 heads.
//!
//! [`server`] reads a request and writes the answer, [`client`] the other way round. Neither
//! knows frames: bytes that come behind a head stay in the caller's cursor.

mod accept;
pub mod client;
pub mod credential;
pub mod extended_connect;
pub mod extension;
mod field;
mod head;
#[cfg(feature = "http")]
mod http_types;
pub mod origin;
pub mod server;
pub mod subprotocol;
mod url;

pub use head::{Headers, MAX_HEAD, MAX_HEADERS, MAX_LINE};
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
