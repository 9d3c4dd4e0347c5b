//! The headers of nearly all frames, read in one load.

use super::header::{MASK, SIXTEEN_BIT};
use crate::mask::MaskingKey;

/// A header of up to eight bytes, whose length has at most 16 bits. Its first byte has not been
/// checked.
#[derive(Clone, Copy)]
pub(crate) struct Short {
    pub(crate) first: u8,
    /// The size of the header, in bytes.
    pub(crate) size: usize,
    /// The length of the payload, in bytes.
    pub(crate) length: u16,
    pub(crate) key: Option<MaskingKey>,
}

impl Short {
    /// Parses such a header from the front of `bytes`. Returns `None` for a longer header, for a
    /// length that is not in its shortest form, if the MASK bit is not as `masked` says, and if
    /// there are fewer than the eight bytes that the load needs.
    #[inline(always)]
    pub(crate) fn parse(bytes: &[u8], masked: bool) -> Option<Self> {
        // One load instead of four reads that depend on each other.
        let word = u64::from_le_bytes(*bytes.first_chunk()?);
        let second = (word >> 8) as u8;
        if (second & MASK != 0) != masked {
            return None;
        }
        let (length, size, behind) = match second & !MASK {
            short @ ..SIXTEEN_BIT => (u16::from(short), 2, word >> 16),
            SIXTEEN_BIT => (((word >> 16) as u16).swap_bytes(), 4, word >> 32),
            _ => return None,
        };
        // RFC 6455 section 5.2: the minimal number of bytes must encode the length.
        if size == 4 && length < u16::from(SIXTEEN_BIT) {
            return None;
        }
        Some(Self {
            first: word as u8,
            size: if masked { size + 4 } else { size },
            length,
            key: masked.then(|| MaskingKey::from((behind as u32).to_le_bytes())),
        })
    }
}
