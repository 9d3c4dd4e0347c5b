//! Which loop masks, and why; and the one place that vouches for memory that masking filled.
//!
//! - Below [`WIDE_FROM`] bytes the call through a detected path costs more than its wider
//!   vectors save: the loop compiled for the target's baseline runs inline.
//! - From there up, x86-64 CPUs that have AVX2 run the same loop compiled for it. The standard
//!   library caches what it detected, so asking again costs one load.
//! - AVX-512 has no path: LLVM compiles this loop to slower code for it than for AVX2.
//! - aarch64 and wasm32 need no detection: their vectors are part of the target's baseline.
#![allow(unsafe_code)]

use super::{MaskingKey, kernels};
use bytes::BufMut;
use core::mem::MaybeUninit;

/// The length in bytes from which a CPU-specific path is asked for.
#[cfg(all(target_arch = "x86_64", feature = "std"))]
const WIDE_FROM: usize = 64;

#[inline]
pub(super) fn apply(key: [u8; 4], payload: &mut [u8]) {
    #[cfg(all(target_arch = "x86_64", feature = "std"))]
    if payload.len() >= WIDE_FROM && std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the line above found AVX2 on this CPU.
        return unsafe { avx2::apply(key, payload) };
    }
    kernels::apply(key, payload);
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

pub(super) fn put(key: MaskingKey, from: &[u8], out: &mut impl BufMut) -> usize {
    let mut done = 0;
    while done < from.len() && out.has_remaining_mut() {
        let chunk = out.chunk_mut();
        // SAFETY: only initialised bytes are written through the slice, below.
        let chunk = unsafe { chunk.as_uninit_slice_mut() };
        let written = apply_copy(key.rotated(done).0, &from[done..], chunk).len();
        // SAFETY: `apply_copy` initialised that many bytes at the start of the chunk.
        unsafe { out.advance_mut(written) };
        done += written;
    }
    done
}

#[inline]
fn copy(key: [u8; 4], from: &[u8], to: &mut [MaybeUninit<u8>]) {
    #[cfg(all(target_arch = "x86_64", feature = "std"))]
    if from.len() >= WIDE_FROM && std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the line above found AVX2 on this CPU.
        return unsafe { avx2::apply_copy(key, from, to) };
    }
    kernels::apply_copy(key, from, to);
}

#[cfg(all(target_arch = "x86_64", feature = "std"))]
mod avx2 {
    use super::{MaybeUninit, kernels};

    #[target_feature(enable = "avx2")]
    pub(super) fn apply(key: [u8; 4], payload: &mut [u8]) {
        kernels::apply(key, payload);
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn apply_copy(key: [u8; 4], from: &[u8], to: &mut [MaybeUninit<u8>]) {
        kernels::apply_copy(key, from, to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use alloc::vec::Vec;

    const KEY: [u8; 4] = [0xa5, 0x5a, 0x3c, 0x01];
    const GUARD: u8 = 0xee;
    /// More than two blocks of the widest loop, at every alignment of a vector, at every phase.
    const LENGTHS: core::ops::Range<usize> = 0..257;
    const ALIGNMENTS: core::ops::Range<usize> = 0..64;

    type Apply = fn([u8; 4], &mut [u8]);
    type Copy = fn([u8; 4], &[u8], &mut [MaybeUninit<u8>]);

    /// Every path that this CPU can run, and the choice made among them.
    fn paths() -> Vec<(&'static str, Apply, Copy)> {
        let mut paths: Vec<(&'static str, Apply, Copy)> =
            vec![("chosen", apply, copy), ("portable", kernels::apply, kernels::apply_copy)];
        #[cfg(all(target_arch = "x86_64", feature = "std"))]
        if std::arch::is_x86_feature_detected!("avx2") {
            paths.push((
                "avx2",
                // SAFETY: AVX2 was found on the line above.
                |key, payload| unsafe { avx2::apply(key, payload) },
                // SAFETY: as for the other.
                |key, from, to| unsafe { avx2::apply_copy(key, from, to) },
            ));
        }
        paths
    }

    fn expected(key: [u8; 4], length: usize) -> (Vec<u8>, Vec<u8>) {
        let payload: Vec<u8> = (0..length).map(|i| (i * 7) as u8).collect();
        let mut masked = payload.clone();
        kernels::naive(key, &mut masked);
        (payload, masked)
    }

    #[test]
    fn every_path_masks_as_section_5_3_says_and_touches_no_byte_beside() {
        for (name, apply, copy) in paths() {
            for length in LENGTHS {
                let key = MaskingKey(KEY).rotated(length).0;
                let (payload, masked) = expected(key, length);
                for alignment in ALIGNMENTS {
                    let place = alignment..alignment + length;
                    let mut buffer = vec![GUARD; alignment + length + 64];
                    buffer[place.clone()].copy_from_slice(&payload);
                    apply(key, &mut buffer[place.clone()]);
                    assert_eq!(buffer[place.clone()], masked, "{name} {length} {alignment}");
                    assert!(buffer[..alignment].iter().all(|&byte| byte == GUARD));
                    assert!(buffer[place.end..].iter().all(|&byte| byte == GUARD));

                    let mut to = vec![MaybeUninit::new(GUARD); alignment + length + 64];
                    copy(key, &payload, &mut to[place.clone()]);
                    // SAFETY: every element was initialised, with the guard if not by `copy`.
                    let to: Vec<u8> = to.iter().map(|byte| unsafe { byte.assume_init() }).collect();
                    assert_eq!(to[place.clone()], masked, "{name} copy {length} {alignment}");
                    assert!(to[..alignment].iter().all(|&byte| byte == GUARD));
                    assert!(to[place.end..].iter().all(|&byte| byte == GUARD));
                }
            }
        }
    }

    #[test]
    fn masking_while_copying_stops_at_the_shorter_side() {
        let (payload, masked) = expected(KEY, 100);
        for (from, to) in [(100, 37), (37, 100), (0, 5), (5, 0)] {
            let mut out = vec![MaybeUninit::uninit(); to];
            let written = apply_copy(KEY, &payload[..from], &mut out);
            assert_eq!(written, &masked[..from.min(to)]);
        }
    }
}
