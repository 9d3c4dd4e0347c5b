//! Masking (RFC 6455 section 5.3): byte *i* of a payload is XORed with byte *i mod 4* of a key.
//!
//! ```text
//! payload   o0   o1   o2   o3   o4   o5   o6  ...
//! key       k0   k1   k2   k3   k0   k1   k2  ...
//!           \__ phase 0        \__ phase 0 again: a piece that starts at byte 5
//!                                   is masked with the key rotated by 5 mod 4 = 1
//! ```
//! Applying a key twice restores the payload, so masking and unmasking are the same operation.

#[cfg(all(target_arch = "x86_64", feature = "std"))]
pub(crate) mod cpu;
mod dispatch;
mod kernels;

use crate::entropy::Entropy;
use bytes::BufMut;
use core::fmt;
use core::mem::MaybeUninit;
use core::ops::BitXor;
#[cfg(all(target_arch = "x86_64", feature = "std"))]
pub(crate) use dispatch::avx512;
pub(crate) use dispatch::{append_behind, put_behind};

/// The 32-bit key that masks one frame of a client (RFC 6455 section 5.3).
///
/// ```
/// use patchcord::MaskingKey;
///
/// let key = MaskingKey::from([0x37, 0xfa, 0x21, 0x3d]); // section 5.7
/// let mut payload = *b"Hello";
/// key.apply(&mut payload);
/// assert_eq!(payload, [0x7f, 0x9f, 0x4d, 0x51, 0x58]);
///
/// let (head, rest) = payload.split_at_mut(3); // in two pieces: the second starts at byte 3
/// key.apply(head);
/// key.rotated(3).apply(rest);
/// assert_eq!(&payload, b"Hello");
/// assert_eq!(<[u8; 4]>::from(key), key.to_bytes());
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct MaskingKey([u8; 4]);

impl MaskingKey {
    /// The key that changes nothing; a frame without a key can be treated as masked with this one.
    pub const NONE: Self = Self([0; 4]);

    /// Draws a fresh key. Every frame needs a key of its own (section 5.3).
    #[inline]
    pub fn generate(entropy: &mut impl Entropy) -> Self {
        Self(entropy.word())
    }

    /// The key's bytes, as they stand in a frame's header.
    #[must_use]
    #[inline]
    pub const fn to_bytes(self) -> [u8; 4] {
        self.0
    }

    /// Returns the key for the part of a payload that begins at byte `offset`.
    #[must_use]
    #[inline]
    pub const fn rotated(self, offset: usize) -> Self {
        let bits = 8 * (offset % 4) as u32;
        // In little-endian order, a rotation to the right brings the key's next byte to the front.
        Self(u32::from_le_bytes(self.0).rotate_right(bits).to_le_bytes())
    }

    /// Masks or unmasks `payload` in place. Its first byte is combined with the key's first byte.
    #[doc(alias("unmask", "apply_mask"))]
    #[inline]
    pub fn apply(self, payload: &mut [u8]) {
        dispatch::apply(self.0, payload);
    }

    /// Masks `from` into `to` in one pass. It processes as many bytes as the shorter of the two
    /// has, and returns the part of `to` that was written.
    #[inline]
    pub fn apply_copy<'to>(self, from: &[u8], to: &'to mut [MaybeUninit<u8>]) -> &'to mut [u8] {
        dispatch::apply_copy(self.0, from, to)
    }

    /// Masks `from` and appends it to `out` in the same pass. Returns the number of bytes appended,
    /// which is less than all of them only if `out` is full.
    #[inline]
    pub fn put(self, from: &[u8], out: &mut impl BufMut) -> usize {
        dispatch::put(self, from, out)
    }
}

/// Unmasks `payload` in place, and returns whether the result is ASCII.
#[inline]
pub(crate) fn unmask_ascii(key: MaskingKey, payload: &mut [u8]) -> bool {
    dispatch::apply_ascii(key.0, payload)
}

/// Unmasks up to 64 bytes in place.
#[cfg(all(target_arch = "x86_64", feature = "std"))]
#[inline(always)]
pub(crate) fn unmask_short(key: MaskingKey, payload: &mut [u8]) {
    kernels::small(key.0, payload);
}

/// Moves `length` bytes from offset `from` of `bytes` to offset `to`, which is not greater, and
/// unmasks them if there is a key. Both ranges lie inside `bytes`.
#[inline]
pub(crate) fn shift(
    key: Option<MaskingKey>,
    bytes: &mut [u8],
    from: usize,
    to: usize,
    length: usize,
) {
    // One slice from the destination to the end of the source, so that both arms move inside it.
    let Some(bytes) = bytes.get_mut(to..from + length) else { return };
    match key {
        Some(key) => dispatch::shift(key.0, bytes, from - to),
        None => bytes.copy_within(from - to.., 0),
    }
}

/// Appends `from` to `out`, masked if there is a key; `out` has room for it.
#[inline]
pub(crate) fn put(key: Option<MaskingKey>, from: &[u8], out: &mut impl BufMut) {
    match key {
        Some(key) => {
            key.put(from, out);
        }
        None => out.put_slice(from),
    }
}

/// Combines two keys into one that does the work of both: a payload that was masked with one of
/// them is then masked with the other.
///
/// ```
/// use patchcord::MaskingKey;
///
/// let (old, new) = (MaskingKey::from([1, 2, 3, 4]), MaskingKey::from([9, 8, 7, 6]));
/// let mut payload = *b"payload";
/// old.apply(&mut payload); // as it came
/// (old ^ new).apply(&mut payload); // as it goes on
/// new.apply(&mut payload);
/// assert_eq!(&payload, b"payload");
/// ```
impl BitXor for MaskingKey {
    type Output = Self;

    fn bitxor(self, other: Self) -> Self {
        // XOR is associative: the keys can be combined before they meet the payload.
        Self((u32::from_ne_bytes(self.0) ^ u32::from_ne_bytes(other.0)).to_ne_bytes())
    }
}

impl From<[u8; 4]> for MaskingKey {
    #[inline]
    fn from(bytes: [u8; 4]) -> Self {
        Self(bytes)
    }
}

impl From<MaskingKey> for [u8; 4] {
    #[inline]
    fn from(key: MaskingKey) -> Self {
        key.0
    }
}

impl fmt::Debug for MaskingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MaskingKey({:08x})", u32::from_be_bytes(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::kernels::naive;
    use super::*;
    use alloc::vec::Vec;

    const KEY: [u8; 4] = [0x11, 0x22, 0x44, 0x88];

    #[test]
    fn a_rotated_key_masks_the_rest_of_a_payload() {
        for offset in 0..9 {
            let mut whole: Vec<u8> = (0..40).collect();
            let mut parts = whole.clone();
            MaskingKey(KEY).apply(&mut whole);
            let (head, rest) = parts.split_at_mut(offset);
            MaskingKey(KEY).apply(head);
            MaskingKey(KEY).rotated(offset).apply(rest);
            assert_eq!(whole, parts, "offset {offset}");
        }
    }

    #[test]
    fn put_fills_a_buffer_of_several_pieces_and_says_how_much_it_took() {
        let payload: Vec<u8> = (0..=255).cycle().take(1000).collect();
        let mut expected = payload.clone();
        naive(KEY, &mut expected);
        let (mut first, mut second) = ([0; 301], [0; 600]);
        let mut out = bytes::BufMut::chain_mut(&mut first[..], &mut second[..]);
        assert_eq!(MaskingKey(KEY).put(&payload, &mut out), 901);
        assert_eq!(first, expected[..301]);
        assert_eq!(second, expected[301..901]);
    }
}
