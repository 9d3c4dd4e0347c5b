//! Which end of the connection this is: a client masks what it sends, a server does not.

use crate::entropy::Entropy;
use crate::mask::MaskingKey;
use core::fmt;

/// An end of a connection. Sealed: [`Client`] and [`Server`].
pub trait Role: sealed::Sealed {
    /// Whether the frames that this end sends are masked, and those that it receives are not
    /// (RFC 6455 section 5.1).
    const MASKS: bool;

    /// The key for the next frame to send.
    fn masking_key(&mut self) -> Option<MaskingKey>;
}

mod sealed {
    #[allow(unnameable_types)]
    pub trait Sealed {}
    impl<E> Sealed for super::Client<E> {}
    impl Sealed for super::Server {}
}

/// The end that opened the connection, with the source of its masking keys.
///
/// It is not `Clone`: two copies of a source would mask two frames with one key.
pub struct Client<E> {
    pub(super) entropy: E,
}

// A source's state would let its reader predict every key to come.
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

/// The end that accepted the connection.
#[derive(Debug)]
pub struct Server;

impl Role for Server {
    const MASKS: bool = false;

    #[inline]
    fn masking_key(&mut self) -> Option<MaskingKey> {
        None
    }
}
