//! UTF-8 validation, 64 bytes at a time, for x86-64 CPUs with AVX-512 BW and VBMI.
//!
//! The method is that of Keiser and Lemire, "Validating UTF-8 in less than one instruction per
//! byte" (2021). Three half-bytes of two neighbouring bytes are looked up in a table each. A bit
//! set in all three results is a reason why the two bytes cannot be neighbours. The bytes two and
//! three places before decide which bytes have to be the third or fourth byte of a character.

use crate::mask::{self, MaskingKey, avx512, cpu};
use core::arch::x86_64::*;

// The reasons why two bytes cannot be neighbours, one bit each.
const TOO_SHORT: u8 = 1; // a first byte without a continuation behind it
const TOO_LONG: u8 = 1 << 1; // ASCII, and a continuation behind it
const OVERLONG_3: u8 = 1 << 2; // E0 80..9F
const TOO_LARGE: u8 = 1 << 3; // F4 90..BF, and F5..FF with 90..BF
const SURROGATE: u8 = 1 << 4; // ED A0..BF
const OVERLONG_2: u8 = 1 << 5; // C0..C1
const TOO_LARGE_1000: u8 = 1 << 6; // F5..FF with 80..8F
const OVERLONG_4: u8 = 1 << 6; // F0 80..8F
const TWO_CONTINUATIONS: u8 = 1 << 7; // valid where a third or fourth byte is due

/// Returns the reasons that the upper half of the first neighbour allows.
const fn first_high(half: u8) -> u8 {
    match half {
        0x0..0x8 => TOO_LONG,
        0x8..0xc => TWO_CONTINUATIONS,
        0xc => TOO_SHORT | OVERLONG_2,
        0xd => TOO_SHORT,
        0xe => TOO_SHORT | OVERLONG_3 | SURROGATE,
        _ => TOO_SHORT | TOO_LARGE | TOO_LARGE_1000 | OVERLONG_4,
    }
}

/// Returns the reasons that the lower half of the first neighbour allows.
const fn first_low(half: u8) -> u8 {
    let any = TOO_SHORT | TOO_LONG | TWO_CONTINUATIONS;
    match half {
        0x0 => any | OVERLONG_2 | OVERLONG_3 | OVERLONG_4,
        0x1 => any | OVERLONG_2,
        0x2 | 0x3 => any,
        0x4 => any | TOO_LARGE,
        0xd => any | TOO_LARGE | TOO_LARGE_1000 | SURROGATE,
        _ => any | TOO_LARGE | TOO_LARGE_1000,
    }
}

/// Returns the reasons that the upper half of the second neighbour allows.
const fn second_high(half: u8) -> u8 {
    let continuation = TOO_LONG | OVERLONG_2 | TWO_CONTINUATIONS;
    match half {
        0x8 => continuation | OVERLONG_3 | TOO_LARGE_1000 | OVERLONG_4,
        0x9 => continuation | OVERLONG_3 | TOO_LARGE,
        0xa | 0xb => continuation | SURROGATE | TOO_LARGE,
        _ => TOO_SHORT,
    }
}

/// Builds the table of a function's results for each half-byte.
macro_rules! table {
    ($says:ident) => {
        &const {
            [
                [$says(0x0), $says(0x1), $says(0x2), $says(0x3)],
                [$says(0x4), $says(0x5), $says(0x6), $says(0x7)],
                [$says(0x8), $says(0x9), $says(0xa), $says(0xb)],
                [$says(0xc), $says(0xd), $says(0xe), $says(0xf)],
            ]
        }
    };
}

/// The largest bytes of a block that does not end inside a character.
const COMPLETE: [u8; BLOCK] = {
    let mut largest = [0xff; BLOCK];
    let [.., third, second, first] = &mut largest;
    [*third, *second, *first] = [0xef, 0xdf, 0xbf];
    largest
};

/// The number of bytes in a vector.
const BLOCK: usize = 64;

/// Returns whether `text` is UTF-8.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
pub(super) fn is_utf8(text: &[u8]) -> bool {
    cpu::taken("avx512vbmi");
    let Some(last) = text.last_chunk().filter(|_| text.len() > BLOCK) else {
        return is_short_utf8(avx512::masked_short(MaskingKey::NONE.to_bytes(), text));
    };
    if text.len() <= SCANNED && is_ascii(text, last) {
        return true;
    }
    let (fours, rest) = text.as_chunks::<{ 4 * BLOCK }>();
    let mut bad = _mm512_setzero_si512();
    let mut before = _mm512_setzero_si512();
    for four in fours {
        let ([a, b, c, d], _) = four.as_chunks() else { break };
        let four = [vector(a), vector(b), vector(c), vector(d)];
        bad = _mm512_or_si512(bad, faults(before, four));
        [.., before] = four;
    }
    let (blocks, rest) = rest.as_chunks();
    for block in blocks {
        let block = vector(block);
        bad = _mm512_or_si512(bad, fault(before, block));
        before = block;
    }
    is_zero(_mm512_or_si512(bad, fault_at_end(before, vector(last), rest.len())))
}

/// The longest text in bytes that is first scanned for ASCII as a whole. The scan costs other text
/// some 2 ns. In longer text, each group of four blocks is tested for ASCII.
const SCANNED: usize = 1024;

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn is_ascii(text: &[u8], last: &[u8; BLOCK]) -> bool {
    let mut seen = vector(last);
    for block in text.as_chunks().0 {
        seen = _mm512_or_si512(seen, vector(block));
    }
    _mm512_movepi8_mask(seen) == 0
}

/// Unmasks `text`, and returns whether it is UTF-8.
///
/// The check uses the vectors that were stored, and does not load them again: a load right behind
/// the stores of its halves waits until both are in the cache, 12 ns on Zen 4.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
pub(super) fn unmask(key: MaskingKey, text: &mut [u8]) -> bool {
    cpu::taken("avx512vbmi");
    if text.len() <= BLOCK {
        let bytes = avx512::masked_short(key.to_bytes(), text);
        mask::unmask_short(key, text);
        return is_short_utf8(bytes);
    }
    match text.len() {
        ..=UNALIGNED => unmask_blocks(key, text, BLOCK),
        _ => unmask_blocks(key, text, text.as_ptr().align_offset(BLOCK).min(BLOCK)),
    }
}

/// The longest text in bytes for which aligned blocks do not pay for the additional block.
const UNALIGNED: usize = 256;

/// Returns whether the text in a vector is UTF-8; zeros follow a shorter text.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn is_short_utf8(text: __m512i) -> bool {
    if _mm512_movepi8_mask(text) == 0 {
        return true;
    }
    let ends = _mm512_subs_epu8(text, vector(&COMPLETE));
    is_zero(_mm512_or_si512(fault(_mm512_setzero_si512(), text), ends))
}

/// Unmasks [`BLOCK`] bytes or more: the first block, complete blocks from `offset` on, which is at
/// most [`BLOCK`], and the last block. They overlap, so the first and the last are loaded before
/// all others are stored, and stored after them.
///
/// ```text
/// [ first 64 bytes ]                  checked up to the offset, moved to the end of a zero block
///        [ block ][ block ][ block ]  checked as they are stored
///                       [ last 64 ]   checked behind the last block, moved to the front of one
/// ```
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn unmask_blocks(key: MaskingKey, text: &mut [u8], offset: usize) -> bool {
    let tail_key = key.rotated(text.len()).to_bytes(); // it begins 64 bytes, a multiple of 4, before the end
    let (Some(head), Some(tail)) = (text.first_chunk(), text.last_chunk()) else { return false };
    let (head, tail) = (avx512::masked(head, key.to_bytes()), avx512::masked(tail, tail_key));
    let mut before = _mm512_setzero_si512();
    let mut bad = before;
    if _mm512_movepi8_mask(head) != 0 {
        before = at_end(head, offset);
        bad = fault(bad, before);
    }
    let key = key.rotated(offset).to_bytes();
    let (fours, rest) = text.get_mut(offset..).unwrap_or_default().as_chunks_mut::<{ 4 * BLOCK }>();
    for four in fours {
        let (four, _) = four.as_chunks_mut();
        let [a, b, c, d] = four else { break };
        let (a, b) = (apply_block(key, a), apply_block(key, b));
        let (c, d) = (apply_block(key, c), apply_block(key, d));
        let four = [a, b, c, d];
        bad = _mm512_or_si512(bad, faults(before, four));
        [.., before] = four;
    }
    let (blocks, rest) = rest.as_chunks_mut();
    let count = rest.len();
    for block in blocks {
        let block = apply_block(key, block);
        bad = _mm512_or_si512(bad, fault(before, block));
        before = block;
    }
    if let Some(to) = text.first_chunk_mut() {
        avx512::store(to, head);
    }
    if let Some(to) = text.last_chunk_mut() {
        avx512::store(to, tail);
    }
    is_zero(_mm512_or_si512(bad, fault_at_end(before, tail, count)))
}

/// Unmasks a block in place, and returns it.
#[inline]
#[target_feature(enable = "avx512f")]
fn apply_block(key: [u8; 4], block: &mut [u8; BLOCK]) -> __m512i {
    let bytes = avx512::masked(block, key);
    avx512::store(block, bytes);
    bytes
}

/// Returns zero if four blocks are valid behind the block `before`. ASCII, as most text is, takes
/// one branch for all four.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn faults(before: __m512i, [a, b, c, d]: [__m512i; 4]) -> __m512i {
    let any = _mm512_or_si512(_mm512_or_si512(a, b), _mm512_or_si512(c, d));
    if _mm512_movepi8_mask(any) == 0 {
        return _mm512_subs_epu8(before, vector(&COMPLETE));
    }
    let first = _mm512_or_si512(fault(before, a), fault(a, b));
    _mm512_or_si512(first, _mm512_or_si512(fault(b, c), fault(c, d)))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn is_zero(bad: __m512i) -> bool {
    _mm512_test_epi32_mask(bad, bad) == 0
}

/// Returns zero if the last `count` bytes of `last`, fewer than [`BLOCK`], are valid behind
/// `before` and end the text.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn fault_at_end(before: __m512i, last: __m512i, count: usize) -> __m512i {
    if count == 0 || _mm512_movepi8_mask(last) == 0 {
        return _mm512_subs_epu8(before, vector(&COMPLETE));
    }
    // Move them to the front of a block of zeros: a character that continues there is unfinished.
    let from = _mm512_add_epi8(places(), _mm512_set1_epi8((BLOCK - count) as i8));
    fault(before, _mm512_maskz_permutexvar_epi8((1 << count) - 1, from, last))
}

/// Returns the first `count` bytes of `first`, at most [`BLOCK`], at the end of a block of zeros.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn at_end(first: __m512i, count: usize) -> __m512i {
    let from = _mm512_add_epi8(places(), _mm512_set1_epi8(count as i8));
    let kept = u64::MAX.checked_shl((BLOCK - count) as u32).unwrap_or(0);
    _mm512_maskz_permutexvar_epi8(kept, from, first)
}

/// Returns zero if `block` is valid behind the block `before`.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn fault(before: __m512i, block: __m512i) -> __m512i {
    if _mm512_movepi8_mask(block) == 0 {
        return _mm512_subs_epu8(before, vector(&COMPLETE));
    }
    let lanes_before = _mm512_alignr_epi32::<12>(block, before);
    let back_1 = _mm512_alignr_epi8::<15>(block, lanes_before);
    let back_2 = _mm512_alignr_epi8::<14>(block, lanes_before);
    let back_3 = _mm512_alignr_epi8::<13>(block, lanes_before);
    let pair = _mm512_and_si512(
        _mm512_and_si512(
            look_up(table!(first_high), upper_half(back_1)),
            look_up(table!(first_low), _mm512_and_si512(back_1, _mm512_set1_epi8(0x0f))),
        ),
        look_up(table!(second_high), upper_half(block)),
    );
    // The top bit remains where a character of three or four bytes began two bytes back, or one of
    // four began three bytes back.
    let third = _mm512_subs_epu8(back_2, _mm512_set1_epi8(0x60));
    let fourth = _mm512_subs_epu8(back_3, _mm512_set1_epi8(0x70));
    let top = _mm512_set1_epi8(i8::MIN);
    let must_continue = _mm512_and_si512(_mm512_or_si512(third, fourth), top);
    _mm512_xor_si512(must_continue, pair)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn upper_half(block: __m512i) -> __m512i {
    _mm512_and_si512(_mm512_srli_epi16::<4>(block), _mm512_set1_epi8(0x0f))
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn look_up(table: &[[u8; 4]; 4], indexes: __m512i) -> __m512i {
    let [a, b, c, d] = table.map(i32::from_le_bytes);
    let table = _mm512_broadcast_i32x4(_mm_setr_epi32(a, b, c, d));
    _mm512_shuffle_epi8(table, indexes)
}

/// Returns the numbers from 0 to 63.
#[inline]
#[target_feature(enable = "avx512f")]
fn places() -> __m512i {
    vector(&core::array::from_fn(|place| place as u8))
}

/// Loads a block. The compiler merges the pieces into one load.
#[inline]
#[target_feature(enable = "avx512f")]
fn vector(bytes: &[u8; BLOCK]) -> __m512i {
    let [a, b, c, d, e, f, g, h] = *bytes.as_chunks::<8>().0 else { return _mm512_setzero_si512() };
    let [a, b, c, d, e, f, g, h] = [a, b, c, d, e, f, g, h].map(i64::from_le_bytes);
    _mm512_set_epi64(h, g, f, e, d, c, b, a)
}

#[cfg(test)]
mod tests;
