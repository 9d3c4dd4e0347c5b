//! The form of a request and of its response.

use super::RequestError;
use crate::handshake::accept::{self, ACCEPT, KEY};
use core::fmt;

/// The form of a request: an [`Upgrade`] of HTTP/1.1, or an extended [`Connect`]. Sealed.
///
/// Code that handles both forms is generic: `fn admit<C: Carrier>(request: &Request<'_, C>)`.
pub trait Carrier: sealed::Answers {}

pub(in crate::handshake) mod sealed {
    use super::{ACCEPT, RequestError, fmt};

    /// The differences between the two forms.
    #[allow(unnameable_types)]
    pub trait Answers: Copy + fmt::Debug {
        /// The status of the response that opens the WebSocket.
        const STATUS: u16;

        /// The error for a request of another version.
        const OTHER_VERSION: RequestError;

        /// Returns the proof that the request was read, if this form has one.
        fn proof(&self) -> Option<[u8; ACCEPT]>;
    }
}

/// An upgrade of an HTTP/1.1 connection, with its key.
#[derive(Clone, Copy)]
pub struct Upgrade {
    pub(in crate::handshake) key: [u8; KEY],
    /// True if the client waits for an interim response.
    pub(in crate::handshake) expects: bool,
}

impl Carrier for Upgrade {}

impl sealed::Answers for Upgrade {
    const STATUS: u16 = 101;
    const OTHER_VERSION: RequestError = RequestError::Version;

    fn proof(&self) -> Option<[u8; ACCEPT]> {
        Some(accept::accept(&self.key))
    }
}

/// Hides the key.
impl fmt::Debug for Upgrade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Upgrade(..)")
    }
}

/// An extended CONNECT, which opens a stream of HTTP/2 or HTTP/3 (RFC 8441, RFC 9220).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Connect;

impl Carrier for Connect {}

impl sealed::Answers for Connect {
    const STATUS: u16 = 200;
    const OTHER_VERSION: RequestError = RequestError::ConnectVersion;

    fn proof(&self) -> Option<[u8; ACCEPT]> {
        None
    }
}
