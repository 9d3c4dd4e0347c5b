//! The loops for AVX2. Most are the loops for every CPU, compiled again.
#![allow(unsafe_code)]

use super::kernels::{CLAMPED, rotated};
use super::{MaybeUninit, cpu, kernels};
use core::arch::x86_64::{
    __m256i, _mm256_loadu_si256, _mm256_set1_epi32, _mm256_storeu_si256, _mm256_xor_si256,
};

#[target_feature(enable = "avx2")]
pub(in crate::mask) fn apply(key: [u8; 4], payload: &mut [u8]) {
    cpu::taken("avx2");
    match payload.len() {
        ..=CLAMPED => clamped(key, payload),
        _ => drop(kernels::blocks::<64>(key, payload)),
    }
}

/// As [`kernels::clamped`], which LLVM compiles to code half as fast with one codegen unit.
#[inline]
#[target_feature(enable = "avx2")]
fn clamped(key: [u8; 4], payload: &mut [u8]) {
    let Some(last) = payload.len().checked_sub(64) else { return };
    let offsets = [0, last.min(64), last.min(128), last];
    let block = |offset: usize| payload.get(offset..)?.first_chunk();
    let [Some(a), Some(b), Some(c), Some(d)] = offsets.map(block) else { return };
    let masked = [
        masked(a, key),
        masked(b, rotated(key, offsets[1])),
        masked(c, rotated(key, offsets[2])),
        masked(d, rotated(key, last)),
    ];
    for (offset, [low, high]) in offsets.into_iter().zip(masked) {
        let to = payload.get_mut(offset..).and_then(|rest| rest.first_chunk_mut::<64>());
        if let Some((to_low, to_high)) = to.and_then(|to| to.split_first_chunk_mut()) {
            store(to_low, low);
            if let Some(to_high) = to_high.first_chunk_mut() {
                store(to_high, high);
            }
        }
    }
}

/// Masks a block, and returns both halves.
#[inline]
#[target_feature(enable = "avx2")]
fn masked(from: &[u8; 64], key: [u8; 4]) -> [__m256i; 2] {
    let key = _mm256_set1_epi32(i32::from_ne_bytes(key));
    let (low, high) = (from.first_chunk(), from.last_chunk());
    [low, high].map(|half| half.map_or(key, |half| _mm256_xor_si256(load(half), key)))
}

#[inline]
#[target_feature(enable = "avx2")]
fn load(from: &[u8; 32]) -> __m256i {
    // SAFETY: 32 bytes may be read behind the reference, at any alignment.
    unsafe { _mm256_loadu_si256(from.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn store<T>(to: &mut [T; 32], bytes: __m256i) {
    // SAFETY: 32 bytes may be written behind the reference, at any alignment.
    unsafe { _mm256_storeu_si256(to.as_mut_ptr().cast(), bytes) }
}

#[target_feature(enable = "avx2")]
pub(in crate::mask) fn apply_ascii(key: [u8; 4], payload: &mut [u8]) -> bool {
    cpu::taken("avx2");
    kernels::in_order(key, payload)
}

#[target_feature(enable = "avx2")]
pub(in crate::mask) fn shift(key: [u8; 4], bytes: &mut [u8], gap: usize) {
    cpu::taken("avx2");
    kernels::shift::<64>(key, bytes, gap);
}

/// Masks 64 bytes or more while copying them; `from` and `to` have the same length. If there are
/// more than [`CLAMPED`], all blocks but the first and the last are stored at cache lines.
#[target_feature(enable = "avx2")]
pub(in crate::mask) fn apply_copy(key: [u8; 4], from: &[u8], to: &mut [MaybeUninit<u8>]) {
    cpu::taken("avx2");
    let Some(to) = to.get_mut(..from.len()) else { return }; // tells the compiler that they do
    if from.len() <= CLAMPED {
        return copy_blocks(key, from, to);
    }
    if let (Some(head), Some(to)) = (from.first_chunk(), to.first_chunk_mut()) {
        copy_block(key, head, to);
    }
    let aligned = to.as_ptr().align_offset(64).min(64);
    copy_blocks(rotated(key, aligned), &from[aligned..], &mut to[aligned..]);
}

#[inline]
#[target_feature(enable = "avx2")]
fn copy_blocks(key: [u8; 4], from: &[u8], to: &mut [MaybeUninit<u8>]) {
    for (block, to) in from.as_chunks().0.iter().zip(to.as_chunks_mut().0) {
        copy_block(key, block, to);
    }
    if let (Some(tail), Some(to)) = (from.last_chunk(), to.last_chunk_mut()) {
        copy_block(rotated(key, from.len() % 64), tail, to);
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn copy_block(key: [u8; 4], from: &[u8; 64], to: &mut [MaybeUninit<u8>; 64]) {
    let halves = to.as_chunks_mut::<32>().0.iter_mut();
    for (half, bytes) in halves.zip(masked(from, key)) {
        store(half, bytes);
    }
}
