//! Which end of the connection this is: a client masks what it sends, a server does not.

use crate::entropy::Entropy;
use crate::mask::MaskingKey;

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
#[derive(Clone, Copy, Debug, Default)]
pub struct Client<E> {
    entropy: E,
}

impl<E: Entropy> Client<E> {
    /// A client whose masking keys come from `entropy`.
    pub const fn new(entropy: E) -> Self {
        Self { entropy }
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
#[derive(Clone, Copy, Debug, Default)]
pub struct Server;

impl Role for Server {
    const MASKS: bool = false;

    #[inline]
    fn masking_key(&mut self) -> Option<MaskingKey> {
        None
    }
}
