//! An encoded header, ready for the wire.

use super::MAX_HEADER;
use super::header::MASK;
use crate::mask::MaskingKey;
use core::fmt;
use core::ops::Deref;

/// An encoded header: up to [`MAX_HEADER`] bytes, on the stack.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct HeaderBytes {
    bytes: [u8; 16],
    /// Word-sized on purpose: a single byte would be stored alone and loaded together with the
    /// padding after it, and such a load waits until the store has reached the cache.
    length: usize,
}

/// The length field behind the second byte.
#[derive(Clone, Copy)]
pub(super) enum Extended {
    None,
    Sixteen(u16),
    SixtyFour(u64),
}

impl HeaderBytes {
    /// Assembles a header; `short` is the second byte without the MASK bit.
    #[inline(always)]
    pub(super) fn new(first: u8, short: u8, extended: Extended, key: Option<MaskingKey>) -> Self {
        // Assembled in a register and stored at once, so that the next load does not have to wait
        // for several stores.
        let mask = if key.is_some() { MASK } else { 0 };
        let start = u128::from(u16::from_le_bytes([first, short | mask]));
        let octets = key.map_or(0, |key| u128::from(u32::from_le_bytes(key.to_bytes())));
        // The word is little-endian, so its low bytes come first; the length is big-endian on the
        // wire.
        let (bits, length) = match extended {
            Extended::None => (start | octets << 16, 2),
            Extended::Sixteen(length) => {
                (start | u128::from(length.swap_bytes()) << 16 | octets << 32, 4)
            }
            Extended::SixtyFour(length) => {
                (start | u128::from(length.swap_bytes()) << 16 | octets << 80, 10)
            }
        };
        Self { bytes: bits.to_le_bytes(), length: if key.is_some() { length + 4 } else { length } }
    }

    /// The header, padded to 16 bytes so that copying it is one store; the first
    /// [`len`](<[u8]>::len) bytes count.
    #[inline(always)]
    pub(crate) const fn padded(&self) -> &[u8; 16] {
        &self.bytes
    }
}

impl Deref for HeaderBytes {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        &self.bytes[..self.length.min(MAX_HEADER)]
    }
}

impl fmt::Debug for HeaderBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HeaderBytes({:02x?})", &**self)
    }
}
