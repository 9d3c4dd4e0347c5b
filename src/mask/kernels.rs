//! The loops: one that is the definition, and one that compilers turn into vector code.

use core::mem::MaybeUninit;

/// Bytes that one step of a vectorised loop handles: a multiple of every vector width in use.
const BLOCK: usize = 64;

/// RFC 6455 section 5.3, to the letter: the oracle that every other loop is tested against.
#[cfg(test)]
pub(super) fn naive(key: [u8; 4], payload: &mut [u8]) {
    for (i, octet) in payload.iter_mut().enumerate() {
        *octet ^= key[i % 4];
    }
}

/// Masks in place; inlined into a function per instruction set and vectorised for it there.
#[inline(always)]
pub(super) fn apply(key: [u8; 4], payload: &mut [u8]) {
    let (blocks, rest) = payload.as_chunks_mut::<BLOCK>();
    let pattern = repeated::<BLOCK>(key);
    for block in blocks {
        xor(block, &pattern);
    }
    let (words, rest) = rest.as_chunks_mut::<8>();
    let pattern = repeated::<8>(key);
    for word in words {
        xor(word, &pattern);
    }
    for (octet, key) in rest.iter_mut().zip(pattern) {
        *octet ^= key;
    }
}

/// Masks while copying, in the same steps as [`apply`]; `from` and `to` are of one length.
#[inline(always)]
pub(super) fn apply_copy(key: [u8; 4], from: &[u8], to: &mut [MaybeUninit<u8>]) {
    let (blocks, rest) = from.as_chunks::<BLOCK>();
    let (to_blocks, to_rest) = to.as_chunks_mut::<BLOCK>();
    let pattern = repeated::<BLOCK>(key);
    for (block, to) in blocks.iter().zip(to_blocks) {
        xor_copy(block, &pattern, to);
    }
    let (words, rest) = rest.as_chunks::<8>();
    let (to_words, to_rest) = to_rest.as_chunks_mut::<8>();
    let pattern = repeated::<8>(key);
    for (word, to) in words.iter().zip(to_words) {
        xor_copy(word, &pattern, to);
    }
    for ((octet, to), key) in rest.iter().zip(to_rest).zip(pattern) {
        to.write(octet ^ key);
    }
}

#[inline(always)]
fn xor<const N: usize>(octets: &mut [u8; N], pattern: &[u8; N]) {
    for (octet, key) in octets.iter_mut().zip(pattern) {
        *octet ^= key;
    }
}

#[inline(always)]
fn xor_copy<const N: usize>(octets: &[u8; N], pattern: &[u8; N], to: &mut [MaybeUninit<u8>; N]) {
    for ((octet, key), to) in octets.iter().zip(pattern).zip(to) {
        to.write(octet ^ key);
    }
}

#[inline(always)]
fn repeated<const N: usize>(key: [u8; 4]) -> [u8; N] {
    core::array::from_fn(|i| key[i % 4])
}
