//! The reader of requests.

use crate::handshake::admission::Admission;
use crate::handshake::head::Finder;

/// Reads the request of one connection, however it is split.
///
/// ```
/// use patchcord::handshake::admission::Admission;
/// use patchcord::handshake::server::{Refusal, RequestReader};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let bytes = b"GET /chat HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\n\
///     Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
///     Sec-WebSocket-Protocol: chat, superchat\r\nSec-WebSocket-Version: 13\r\n\r\n\x81\x85";
/// let mut reader = RequestReader::new(Admission::any());
/// let mut input = &bytes[..];
/// let mut out = Vec::new();
/// match reader.read(&mut input) {
///     Ok(None) => {} // read more, and give the same bytes again with those behind them
///     Ok(Some(request)) => {
///         let subprotocol = request.offers().select(&["superchat"])?;
///         request.response().with_subprotocol(subprotocol)?.write(&mut out)?;
///     }
///     Err(error) => Refusal::from(error).write(&mut out)?,
/// }
/// assert_eq!(input, [0x81, 0x85]); // the first frame's bytes stay
/// assert!(out.ends_with(b"Sec-WebSocket-Protocol: superchat\r\n\r\n"));
/// # Ok(())
/// # }
/// ```
///
/// A request that an HTTP library has read is accepted as a list of fields by
/// [`read_fields`](Self::read_fields)
#[cfg_attr(
    feature = "http",
    doc = ", and as the `http` crate's types by [`read_http`](Self::read_http) and
[`read_http_connect`](Self::read_http_connect)"
)]
/// ; the rules are the same.
#[doc(alias("upgrade", "Sec-WebSocket-Key"))]
#[derive(Clone, Debug)]
pub struct RequestReader<'policy> {
    pub(in crate::handshake) admission: Admission<'policy>,
    pub(in crate::handshake) finder: Finder,
}

impl<'policy> RequestReader<'policy> {
    /// Makes a reader that accepts the requests that `admission` admits.
    #[must_use]
    pub fn new(admission: Admission<'policy>) -> Self {
        Self { admission, finder: Finder::default() }
    }
}
