//! The two roles: a client masks the frames that it sends, a server does not.

use crate::entropy::Entropy;
use crate::mask::MaskingKey;
use core::fmt;

/// The role of one end of a connection. Sealed: [`Client`] and [`Server`].
pub trait Role: sealed::Sealed {
    /// Whether this end masks its frames; exactly one end does (RFC 6455 section 5.1).
    const MASKS: bool;

    /// Returns the key for the next frame to send, if this end masks.
    fn masking_key(&mut self) -> Option<MaskingKey>;
}

mod sealed {
    #[allow(unnameable_types)]
    pub trait Sealed {}
    impl<E> Sealed for super::Client<E> {}
    impl Sealed for super::Server {}
}

/// The role of the end that opened the connection, with the source of its masking keys.
///
/// It is not `Clone`: two copies of a source could mask two frames with the same key.
pub struct Client<E> {
    pub(super) entropy: E,
}

// The state of a source would let a reader predict every later key.
impl<E> fmt::Debug for Client<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

impl<E: Entropy> Role for Client<E> {
    const MASKS: bool = true;

    #[inline]
    fn masking_key(&mut self) -> Option<MaskingKey> {
        Some(MaskingKey::generate(&mut self.entropy))
    }
}

/// The role of the end that accepted the connection.
#[derive(Debug)]
pub struct Server;

impl Role for Server {
    const MASKS: bool = false;

    #[inline]
    fn masking_key(&mut self) -> Option<MaskingKey> {
        None
    }
}
