//! In which form a request came, and its response goes.

use super::RequestError;
use crate::handshake::accept::{self, ACCEPT, KEY};
use core::fmt;

/// The form of a request: an [`Upgrade`] of HTTP/1.1, or an extended [`Connect`]. Sealed.
///
/// What decides about requests of both forms is generic: `fn admit<C: Carrier>(request: &Request<'_,
/// C>)`.
pub trait Carrier: sealed::Answers {}

pub(in crate::handshake) mod sealed {
    use super::{ACCEPT, RequestError, fmt};

    /// What the two forms do not have in common.
    #[allow(unnameable_types)]
    pub trait Answers: Copy + fmt::Debug {
        /// The status of the response that opens the WebSocket.
        const STATUS: u16;

        /// What is wrong with a request of another version.
        const OTHER_VERSION: RequestError;

        /// The proof that the request was read, if there is one to give.
        fn proof(&self) -> Option<[u8; ACCEPT]>;
    }
}

/// A request that upgrades a connection of HTTP/1.1, by its key.
#[derive(Clone, Copy)]
pub struct Upgrade {
    pub(in crate::handshake) key: [u8; KEY],
    /// Whether the client waits for an interim response.
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

/// Without the key.
impl fmt::Debug for Upgrade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Upgrade(..)")
    }
}

/// A request that opens a stream of HTTP/2 or HTTP/3: an extended CONNECT (RFC 8441, RFC 9220).
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
