//! The loops: one that is the definition, and those that compilers turn into vector code.
//!
//! None of them ends in a loop over single bytes. A length between two block sizes is covered by
//! blocks that overlap, and both are loaded before the first is stored:
//!
//! ```text
//! 24 bytes:  [ first 16 bytes ]            each block meets the key rotated by its offset,
//!                     [ last 16 bytes ]    so the bytes in both get the same value twice
//! ```
//!
//! Some also return whether the result is ASCII. Where the result is not used, the compiler removes
//! that work.

use core::mem::MaybeUninit;

/// The definition of RFC 6455 section 5.3, taken literally. Every other loop is tested against it.
#[cfg(test)]
pub(super) fn naive(key: [u8; 4], payload: &mut [u8]) {
    for (i, byte) in payload.iter_mut().enumerate() {
        *byte ^= key[i % 4];
    }
}

/// The longest payload in bytes that [`small`] masks.
pub(super) const SMALL: usize = 64;

/// Masks up to [`SMALL`] bytes, without a loop.
#[inline(always)]
pub(super) fn small(key: [u8; 4], payload: &mut [u8]) -> bool {
    match payload.len() {
        33.. => ends::<32>(key, payload),
        17..=32 => ends::<16>(key, payload),
        9..=16 => ends::<8>(key, payload),
        4..=8 => ends::<4>(key, payload),
        _ => {
            for (byte, key) in payload.iter_mut().zip(key) {
                *byte ^= key;
            }
            payload.is_ascii()
        }
    }
}

/// Masks the first `N` bytes and the last `N` bytes, which together cover the payload.
#[inline(always)]
fn ends<const N: usize>(key: [u8; 4], payload: &mut [u8]) -> bool {
    // The last block starts `len - N` bytes into the payload.
    let tail_key = rotated(key, payload.len() - N);
    let (Some(head), Some(tail)) = (payload.first_chunk::<N>(), payload.last_chunk::<N>()) else {
        return false;
    };
    // Both are computed before either is stored: where they overlap, the second must not see masked
    // bytes.
    let (head, tail) = (xor(head, key), xor(tail, tail_key));
    if let Some(to) = payload.first_chunk_mut() {
        *to = head;
    }
    if let Some(to) = payload.last_chunk_mut() {
        *to = tail;
    }
    is_ascii(&or(&head, &tail))
}

/// The longest payload in bytes that [`clamped`] masks.
pub(super) const CLAMPED: usize = 256;

/// Masks 65 to [`CLAMPED`] bytes as four blocks of 64, whose offsets are clamped to the end.
///
/// Every length takes the work of the longest one. In return there is no loop count for the
/// processor to mispredict: varying lengths, such as those of Opus, cost as little as equal ones.
#[inline(always)]
pub(super) fn clamped(key: [u8; 4], payload: &mut [u8]) {
    let Some(last) = payload.len().checked_sub(64) else { return };
    let (second, third) = (last.min(64), last.min(128));
    let block = |offset: usize| payload.get(offset..)?.first_chunk::<64>();
    // All four are loaded before the first store, since the blocks of a short payload overlap.
    let (Some(a), Some(b), Some(c), Some(d)) = (block(0), block(second), block(third), block(last))
    else {
        return;
    };
    let blocks = [
        (0, xor(a, key)),
        (second, xor(b, rotated(key, second))),
        (third, xor(c, rotated(key, third))),
        (last, xor(d, rotated(key, last))),
    ];
    for (offset, block) in blocks {
        if let Some(to) = payload.get_mut(offset..).and_then(|rest| rest.first_chunk_mut()) {
            *to = block;
        }
    }
}

/// Masks `N` bytes or more: whole blocks, and then the last `N` bytes, which are loaded before the
/// loop stores over them.
#[inline(always)]
pub(super) fn blocks<const N: usize>(key: [u8; 4], payload: &mut [u8]) -> bool {
    // The last block starts at `len - N`. `N` is a multiple of 4, so `len % N` rotates the key
    // alike.
    let tail_key = rotated(key, payload.len() % N);
    let Some(tail) = payload.last_chunk::<N>() else { return false };
    let tail = xor(tail, tail_key);
    // The OR of all results: a byte that is not ASCII leaves its top bit set.
    let mut seen = tail;
    for block in payload.as_chunks_mut::<N>().0 {
        *block = xor(block, key);
        seen = or(&seen, block);
    }
    if let Some(to) = payload.last_chunk_mut() {
        *to = tail;
    }
    is_ascii(&seen)
}

/// Masks more than [`SMALL`] bytes; inlined into one function per instruction set.
#[inline(always)]
pub(super) fn large(key: [u8; 4], payload: &mut [u8]) {
    match payload.len() {
        ..=CLAMPED => clamped(key, payload),
        _ => {
            blocks::<64>(key, payload);
        }
    }
}

/// Masks from front to back; inlined into one function per instruction set.
#[inline(always)]
pub(super) fn in_order(key: [u8; 4], payload: &mut [u8]) -> bool {
    match payload.len() {
        ..64 => small(key, payload),
        _ => blocks::<64>(key, payload),
    }
}

/// Masks up to [`SMALL`] bytes while copying them; `from` and `to` have the same length.
#[inline(always)]
pub(super) fn small_copy(key: [u8; 4], from: &[u8], to: &mut [MaybeUninit<u8>]) {
    match from.len() {
        33.. => ends_copy::<32>(key, from, to),
        17..=32 => ends_copy::<16>(key, from, to),
        9..=16 => ends_copy::<8>(key, from, to),
        4..=8 => ends_copy::<4>(key, from, to),
        _ => {
            for ((byte, key), to) in from.iter().zip(key).zip(to) {
                to.write(byte ^ key);
            }
        }
    }
}

#[inline(always)]
fn ends_copy<const N: usize>(key: [u8; 4], from: &[u8], to: &mut [MaybeUninit<u8>]) {
    let tail_key = rotated(key, from.len() - N);
    if let (Some(head), Some(to)) = (from.first_chunk::<N>(), to.first_chunk_mut::<N>()) {
        write(to, &xor(head, key));
    }
    if let (Some(tail), Some(to)) = (from.last_chunk::<N>(), to.last_chunk_mut::<N>()) {
        write(to, &xor(tail, tail_key));
    }
}

/// Masks `N` bytes or more while copying them; `from` and `to` have the same length.
#[inline(always)]
pub(super) fn blocks_copy<const N: usize>(key: [u8; 4], from: &[u8], to: &mut [MaybeUninit<u8>]) {
    for (block, to) in from.as_chunks::<N>().0.iter().zip(to.as_chunks_mut::<N>().0) {
        write(to, &xor(block, key));
    }
    if let (Some(tail), Some(to)) = (from.last_chunk::<N>(), to.last_chunk_mut::<N>()) {
        write(to, &xor(tail, rotated(key, from.len() % N)));
    }
}

/// Writes a block in one store or a few. (As `map(MaybeUninit::new)`, 32 bytes were a call that
/// went through memory, and every other length paid for it by saving registers.)
#[inline(always)]
fn write<const N: usize>(to: &mut [MaybeUninit<u8>; N], bytes: &[u8; N]) {
    for (to, byte) in to.iter_mut().zip(bytes) {
        to.write(*byte);
    }
}

/// Masks everything after the first `gap` bytes, and moves it to the front.
///
/// Blocks move down, so each is loaded before a store can overlap it. The first and the last block
/// overlap others: they are loaded before all, and stored after them. In long payloads, the blocks
/// between are stored at cache lines.
#[inline(always)]
pub(super) fn shift<const N: usize>(key: [u8; 4], bytes: &mut [u8], gap: usize) {
    let length = bytes.len().saturating_sub(gap);
    if length < N {
        // Too short for a block: move first, and mask in place.
        bytes.copy_within(bytes.len() - length.., 0);
        small(key, &mut bytes[..length]);
        return;
    }
    let aligned = if length > CLAMPED { bytes.as_ptr().align_offset(N).min(N) } else { 0 };
    let head = bytes.get(gap..).and_then(|from| from.first_chunk::<N>());
    let head = head.map(|head| xor(head, key));
    let tail = bytes.last_chunk::<N>().map(|tail| xor(tail, rotated(key, length)));
    let between_key = rotated(key, aligned);
    let mut rest = bytes.get_mut(aligned..).unwrap_or_default();
    while let Some(from) = rest.get(gap..).and_then(|from| from.first_chunk::<N>()) {
        let block = xor(from, between_key);
        let Some((to, behind)) = rest.split_first_chunk_mut() else { break };
        *to = block;
        rest = behind;
    }
    if let (Some(head), Some(to)) = (head, bytes.first_chunk_mut()) {
        *to = head;
    }
    if let (Some(tail), Some(to)) = (tail, bytes[..length].last_chunk_mut()) {
        *to = tail;
    }
}

#[inline(always)]
fn xor<const N: usize>(bytes: &[u8; N], key: [u8; 4]) -> [u8; N] {
    let mut bytes = *bytes;
    // Native byte order on both sides keeps the XOR bytewise on every target.
    let key = u32::from_ne_bytes(key);
    for word in bytes.as_chunks_mut::<4>().0 {
        *word = (u32::from_ne_bytes(*word) ^ key).to_ne_bytes();
    }
    bytes
}

#[inline(always)]
fn or<const N: usize>(one: &[u8; N], other: &[u8; N]) -> [u8; N] {
    core::array::from_fn(|i| one[i] | other[i])
}

#[inline(always)]
fn is_ascii<const N: usize>(bytes: &[u8; N]) -> bool {
    let words = bytes.as_chunks::<4>().0.iter();
    words.fold(0, |seen, word| seen | u32::from_ne_bytes(*word)) & 0x8080_8080 == 0
}

/// Returns the key for the part that begins at `offset`, like
/// [`MaskingKey::rotated`](super::MaskingKey::rotated).
#[inline(always)]
pub(super) fn rotated(key: [u8; 4], offset: usize) -> [u8; 4] {
    super::MaskingKey(key).rotated(offset).0
}
