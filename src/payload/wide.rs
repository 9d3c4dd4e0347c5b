//! UTF-8 by 64 bytes at a time, for x86-64 CPUs with AVX-512 BW and VBMI.
//!
//! The method is that of Keiser and Lemire, "Validating UTF-8 in less than one instruction per
//! byte" (2021). Three half-bytes of two neighbours look up a table each; a bit that all three
//! have names a reason why the two cannot stand side by side. Which of them must be the third or
//! fourth byte of a character, the bytes two and three places before say.

use core::arch::x86_64::*;

/// Why two neighbours cannot stand side by side, a bit each.
const TOO_SHORT: u8 = 1; // a first byte, and no continuation behind it
const TOO_LONG: u8 = 1 << 1; // ASCII, and a continuation behind it
const OVERLONG_3: u8 = 1 << 2; // E0 80..9F
const TOO_LARGE: u8 = 1 << 3; // F4 90..BF, and F5..FF with 90..BF
const SURROGATE: u8 = 1 << 4; // ED A0..BF
const OVERLONG_2: u8 = 1 << 5; // C0..C1
const TOO_LARGE_1000: u8 = 1 << 6; // F5..FF with 80..8F
const OVERLONG_4: u8 = 1 << 6; // F0 80..8F
const TWO_CONTINUATIONS: u8 = 1 << 7; // no fault where a third or fourth byte must come

/// What the upper half of the first neighbour says.
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

/// What its lower half says.
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

/// What the upper half of the second neighbour says.
const fn second_high(half: u8) -> u8 {
    let continuation = TOO_LONG | OVERLONG_2 | TWO_CONTINUATIONS;
    match half {
        0x8 => continuation | OVERLONG_3 | TOO_LARGE_1000 | OVERLONG_4,
        0x9 => continuation | OVERLONG_3 | TOO_LARGE,
        0xa | 0xb => continuation | SURROGATE | TOO_LARGE,
        _ => TOO_SHORT,
    }
}

/// A table of what a function says of each half.
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

/// The largest bytes with which a block can end inside no character.
const COMPLETE: [u8; BLOCK] = {
    let mut largest = [0xff; BLOCK];
    let [.., third, second, first] = &mut largest;
    [*third, *second, *first] = [0xef, 0xdf, 0xbf];
    largest
};

/// How many bytes are looked at at once; for no more than that, simdutf8 is faster.
pub(super) const BLOCK: usize = 64;

/// Whether a text of [`BLOCK`] bytes or more is UTF-8.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
pub(super) fn is_utf8(text: &[u8]) -> bool {
    let Some(last) = text.last_chunk() else { return false };
    let (blocks, rest) = text.as_chunks();
    let mut bad = _mm512_setzero_si512();
    let mut before = _mm512_setzero_si512();
    for block in blocks {
        let block = vector(block);
        bad = _mm512_or_si512(bad, fault(before, block));
        before = block;
    }
    bad = _mm512_or_si512(
        bad,
        match rest.len() {
            0 => _mm512_subs_epu8(before, vector(&COMPLETE)),
            // Moved to the front of a block, with zeros behind: no character goes on there.
            count => {
                let from = _mm512_add_epi8(places(), _mm512_set1_epi8((BLOCK - count) as i8));
                let rest = _mm512_maskz_permutexvar_epi8((1 << count) - 1, from, vector(last));
                fault(before, rest)
            }
        },
    );
    _mm512_test_epi8_mask(bad, bad) == 0
}

/// Not zero if `block`, behind `before`, breaks a rule, or if `before` ends too soon.
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
    // The top bit is left where three bytes back a character of four began, or two bytes back
    // one of three or four.
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

/// The numbers from 0 to 63.
#[inline]
#[target_feature(enable = "avx512f")]
fn places() -> __m512i {
    vector(&core::array::from_fn(|place| place as u8))
}

/// A load: the compiler sees through the pieces.
#[inline]
#[target_feature(enable = "avx512f")]
fn vector(bytes: &[u8; BLOCK]) -> __m512i {
    let [a, b, c, d, e, f, g, h] = *bytes.as_chunks::<8>().0 else { return _mm512_setzero_si512() };
    let [a, b, c, d, e, f, g, h] = [a, b, c, d, e, f, g, h].map(i64::from_le_bytes);
    _mm512_set_epi64(h, g, f, e, d, c, b, a)
}

#[cfg(test)]
mod tests {
    use crate::payload::text::is_utf8;
    use alloc::vec;

    /// Both sides of every border that RFC 3629 draws, and one byte from between.
    const BORDERS: [u8; 22] = [
        0x00, 0x41, 0x7f, 0x80, 0x85, 0x8f, 0x90, 0x95, 0x9f, 0xa0, 0xb3, 0xbf, 0xc0, 0xc2, 0xdf,
        0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff,
    ];

    /// Writes `sequence` into ASCII and into text of two bytes a character, at places around the
    /// borders of blocks and at the end, and compares the verdicts with the standard library's.
    fn compare(sequence: &[u8]) {
        for place in [0, 61, 62, 63, 64, 126] {
            for length in [place + sequence.len(), 131] {
                for filler in [b"aa", "д".as_bytes()] {
                    let mut text = vec![b'a'; length.max(66)];
                    let first = place % 2;
                    for two in text[first..].as_chunks_mut::<2>().0 {
                        two.copy_from_slice(filler);
                    }
                    let end = text.len().min(place + sequence.len());
                    text[place.min(end)..end].copy_from_slice(&sequence[..end - place.min(end)]);
                    assert_eq!(is_utf8(&text), core::str::from_utf8(&text).is_ok(), "{text:02x?}");
                }
            }
        }
    }

    #[test]
    fn sequences_of_one_and_two_bytes_are_judged_as_the_standard_library_does() {
        for first in 0..=255 {
            compare(&[first]);
            for second in BORDERS {
                compare(&[first, second]);
            }
        }
    }

    #[test]
    fn sequences_of_three_and_four_bytes_are_judged_as_the_standard_library_does() {
        for first in 0xe0..=0xff {
            for second in BORDERS {
                for third in [0x41, 0x7f, 0x80, 0xbf, 0xc0, 0xe1] {
                    compare(&[first, second, third]);
                    for fourth in [0x41, 0x80, 0xbf, 0xc3] {
                        compare(&[first, second, third, fourth]);
                    }
                }
            }
        }
    }
}
