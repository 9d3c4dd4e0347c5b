//! The choice of the masking loop, and its reasons. `append` masks into uninitialised memory.
//!
//! - Up to [`SMALL`] bytes the code for the target's baseline runs inline: a detected path could
//!   not earn back its call.
//! - Above, x86-64 CPUs with AVX2 run the same loops compiled for it. The result of the detection is
//!   kept in a byte, so each check costs one load and one branch: see [`Vectors`].
//! - Above [`CLAMPED`](kernels::CLAMPED) bytes, CPUs with AVX-512 run intrinsics in place, since LLVM
//!   uses only half of the vector width: 18.6 instead of 25.7 ns at 3,840 bytes, 334 instead of
//!   561 ns at 64 KiB (Zen 5; on Zen 4 41 and 50, 574 and 761).
//! - While copying, Zen 4 uses vectors of 32 bytes, since it stores 64 as two halves: aligned, they
//!   take 11.4 instead of 12.6 ns at 960 bytes, 18.5 instead of 22.8 at 1,920, 72 instead of 102 at
//!   8 KiB.
//! - aarch64 and wasm32 need no detection: their vectors are part of the target's baseline.
#![allow(unsafe_code)]

mod append;
#[cfg(all(target_arch = "x86_64", feature = "std"))]
mod avx2;

#[cfg(all(target_arch = "x86_64", feature = "std"))]
use super::cpu::{self, Vectors};
use super::kernels::{self, SMALL};
pub(super) use append::put;
pub(crate) use append::{append_behind, put_behind};
use core::mem::MaybeUninit;

#[inline]
pub(super) fn apply(key: [u8; 4], payload: &mut [u8]) {
    match payload.len() {
        ..=SMALL => drop(kernels::small(key, payload)),
        _ => apply_large(key, payload),
    }
}

/// Masks more than [`SMALL`] bytes. Every call is in tail position, so that no register is saved;
/// likewise in [`copy_large`].
#[inline]
fn apply_large(key: [u8; 4], payload: &mut [u8]) {
    #[cfg(all(target_arch = "x86_64", feature = "std"))]
    {
        let vectors = Vectors::known();
        if payload.len() > kernels::CLAMPED && vectors.avx512() {
            // SAFETY: the line above found AVX-512F on this CPU.
            return unsafe { avx512::apply(key, payload) };
        }
        if vectors.avx2() {
            // SAFETY: the line above found AVX2 on this CPU.
            return unsafe { avx2::apply(key, payload) };
        }
        if !vectors.are_known() {
            return apply_looked(key, payload);
        }
    }
    kernels::large(key, payload);
}

#[cfg(all(target_arch = "x86_64", feature = "std"))]
#[cold]
#[inline(never)]
fn apply_looked(key: [u8; 4], payload: &mut [u8]) {
    Vectors::look();
    apply_large(key, payload);
}

/// Masks `payload`, and returns whether the result is ASCII.
///
/// If it is not, a validator reads the result again at once, with vectors of the same width at the
/// same offsets. So small payloads do not use the narrower baseline vectors or overlapping blocks
/// here: a load that spans stores that have not completed took 12 ns for 64 bytes.
#[inline]
pub(super) fn apply_ascii(key: [u8; 4], payload: &mut [u8]) -> bool {
    #[cfg(all(target_arch = "x86_64", feature = "std"))]
    {
        let vectors = Vectors::looked();
        if payload.len() > SMALL && vectors.avx512() {
            // SAFETY: the line above found AVX-512F on this CPU.
            return unsafe { avx512::apply_ascii(key, payload) };
        }
        if vectors.avx2() {
            // SAFETY: the line above found AVX2 on this CPU.
            return unsafe { avx2::apply_ascii(key, payload) };
        }
    }
    kernels::in_order(key, payload)
}

/// Masks everything after the first `gap` bytes, and moves it to the front.
pub(super) fn shift(key: [u8; 4], bytes: &mut [u8], gap: usize) {
    #[cfg(all(target_arch = "x86_64", feature = "std"))]
    {
        let vectors = Vectors::known();
        if vectors.avx2() {
            // SAFETY: the line above found AVX2 on this CPU.
            return unsafe { avx2::shift(key, bytes, gap) };
        }
        if !vectors.are_known() {
            return shift_looked(key, bytes, gap);
        }
    }
    kernels::shift::<64>(key, bytes, gap);
}

#[cfg(all(target_arch = "x86_64", feature = "std"))]
#[cold]
#[inline(never)]
fn shift_looked(key: [u8; 4], bytes: &mut [u8], gap: usize) {
    Vectors::look();
    shift(key, bytes, gap);
}

#[inline]
pub(super) fn apply_copy<'to>(
    key: [u8; 4],
    from: &[u8],
    to: &'to mut [MaybeUninit<u8>],
) -> &'to mut [u8] {
    let length = from.len().min(to.len());
    let (from, to) = (&from[..length], &mut to[..length]);
    copy(key, from, to);
    // SAFETY: `copy` wrote every byte of `to`, which is as long as `from`, and the slice made
    // here takes the place of the exclusive borrow of the same bytes.
    unsafe { core::slice::from_raw_parts_mut(to.as_mut_ptr().cast(), length) }
}

/// Masks while copying. It is not inlined, so that the encoders that call it stay short.
#[inline(never)]
fn copy(key: [u8; 4], from: &[u8], to: &mut [MaybeUninit<u8>]) {
    match from.len() {
        ..=SMALL => kernels::small_copy(key, from, to),
        _ => copy_large(key, from, to),
    }
}

#[inline]
fn copy_large(key: [u8; 4], from: &[u8], to: &mut [MaybeUninit<u8>]) {
    #[cfg(all(target_arch = "x86_64", feature = "std"))]
    {
        let vectors = Vectors::known();
        if from.len() > kernels::CLAMPED && vectors.whole_avx512() {
            // SAFETY: the line above found AVX-512F on this CPU.
            return unsafe { avx512::apply_copy(key, from, to) };
        }
        if vectors.avx2() {
            // SAFETY: the line above found AVX2 on this CPU.
            return unsafe { avx2::apply_copy(key, from, to) };
        }
        if !vectors.are_known() {
            return copy_looked(key, from, to);
        }
    }
    kernels::blocks_copy::<64>(key, from, to);
}

#[cfg(all(target_arch = "x86_64", feature = "std"))]
#[cold]
#[inline(never)]
fn copy_looked(key: [u8; 4], from: &[u8], to: &mut [MaybeUninit<u8>]) {
    Vectors::look();
    copy_large(key, from, to);
}

#[cfg(all(target_arch = "x86_64", feature = "std"))]
pub(crate) mod avx512 {
    use super::kernels::rotated;
    use super::{MaybeUninit, cpu};
    use core::arch::x86_64::{
        __m512i, _mm512_loadu_si512, _mm512_maskz_loadu_epi8, _mm512_maskz_mov_epi8,
        _mm512_or_si512, _mm512_set1_epi8, _mm512_set1_epi32, _mm512_storeu_si512,
        _mm512_test_epi32_mask, _mm512_xor_si512,
    };

    /// Loads up to 64 bytes and masks them; the vector has zeros in place of missing bytes.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    pub(crate) fn masked_short(key: [u8; 4], from: &[u8]) -> __m512i {
        // One bit for each byte. The shift is 64, which is out of range, if there are none.
        let places = u64::MAX.checked_shr(64 - from.len().min(64) as u32).unwrap_or(0);
        // SAFETY: `places` has a bit for each byte behind the reference, at most; no other is read.
        let bytes = unsafe { _mm512_maskz_loadu_epi8(places, from.as_ptr().cast()) };
        let key = _mm512_set1_epi32(i32::from_ne_bytes(key));
        _mm512_maskz_mov_epi8(places, _mm512_xor_si512(bytes, key))
    }

    /// Masks 64 bytes or more. The blocks between the first and the last are aligned, which makes
    /// their stores a third faster.
    #[target_feature(enable = "avx512f")]
    pub(super) fn apply(key: [u8; 4], payload: &mut [u8]) {
        cpu::taken("avx512");
        // The minimum, because `align_offset` may answer `usize::MAX`.
        blocks(key, payload, payload.as_ptr().align_offset(64).min(64));
    }

    /// Masks 64 bytes or more, and returns whether the result is ASCII. Up to [`STORED`] bytes, the
    /// blocks are at the offsets at which a validator reads them.
    #[target_feature(enable = "avx512f")]
    pub(super) fn apply_ascii(key: [u8; 4], payload: &mut [u8]) -> bool {
        cpu::taken("avx512");
        match payload.len() {
            ..=STORED => blocks(key, payload, 64),
            _ => blocks(key, payload, payload.as_ptr().align_offset(64).min(64)),
        }
    }

    /// The bytes that a CPU can have stored but not yet written to its cache: about 64 blocks.
    const STORED: usize = 4096;

    /// Masks 64 bytes or more: the first 64, complete blocks from `offset` (at most 64), and the
    /// last 64. The first and the last block overlap the others, so they are loaded first and
    /// stored last. Returns whether the result is ASCII, at no measurable cost.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn blocks(key: [u8; 4], payload: &mut [u8], offset: usize) -> bool {
        let (Some(head), Some(tail)) = (payload.first_chunk(), payload.last_chunk()) else {
            return false;
        };
        let head = masked(head, key);
        let tail = masked(tail, rotated(key, payload.len() % 64));
        let mut seen = _mm512_or_si512(head, tail);
        let between_key = rotated(key, offset);
        let between = payload.get_mut(offset..).unwrap_or_default();
        for block in between.as_chunks_mut().0 {
            let bytes = masked(block, between_key);
            seen = _mm512_or_si512(seen, bytes);
            store(block, bytes);
        }
        if let Some(to) = payload.first_chunk_mut() {
            store(to, head);
        }
        if let Some(to) = payload.last_chunk_mut() {
            store(to, tail);
        }
        _mm512_test_epi32_mask(seen, _mm512_set1_epi8(i8::MIN)) == 0
    }

    /// Masks 64 bytes or more while copying them; `from` and `to` have the same length.
    #[target_feature(enable = "avx512f")]
    pub(super) fn apply_copy(key: [u8; 4], from: &[u8], to: &mut [MaybeUninit<u8>]) {
        cpu::taken("avx512");
        if let (Some(head), Some(to)) = (from.first_chunk(), to.first_chunk_mut()) {
            store(to, masked(head, key));
        }
        let aligned = to.as_ptr().align_offset(64).min(64);
        let between_key = rotated(key, aligned);
        let between = from.get(aligned..).unwrap_or_default();
        let to_between = to.get_mut(aligned..).unwrap_or_default();
        for (block, to) in between.as_chunks().0.iter().zip(to_between.as_chunks_mut().0) {
            store(to, masked(block, between_key));
        }
        if let (Some(tail), Some(to)) = (from.last_chunk(), to.last_chunk_mut()) {
            store(to, masked(tail, rotated(key, from.len() % 64)));
        }
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(crate) fn masked(from: &[u8; 64], key: [u8; 4]) -> __m512i {
        // SAFETY: 64 bytes may be read behind the reference, at any alignment.
        let bytes = unsafe { _mm512_loadu_si512(from.as_ptr().cast()) };
        _mm512_xor_si512(bytes, _mm512_set1_epi32(i32::from_ne_bytes(key)))
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(crate) fn store<T>(to: &mut [T; 64], bytes: __m512i) {
        // SAFETY: 64 bytes may be written behind the reference, at any alignment.
        unsafe { _mm512_storeu_si512(to.as_mut_ptr().cast(), bytes) }
    }
}

#[cfg(test)]
mod tests;
