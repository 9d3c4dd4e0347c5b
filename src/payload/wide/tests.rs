use crate::mask::MaskingKey;
use crate::mask::cpu::tests::{level, path};
use crate::payload::text::{is_utf8, unmask_text};
use alloc::vec;
use alloc::vec::Vec;

const GUARD: u8 = 0xee;

/// Both sides of every border that RFC 3629 draws, and one byte from between.
const BORDERS: [u8; 22] = [
    0x00, 0x41, 0x7f, 0x80, 0x85, 0x8f, 0x90, 0x95, 0x9f, 0xa0, 0xb3, 0xbf, 0xc0, 0xc2, 0xdf, 0xe0,
    0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff,
];

/// Writes `sequence` into ASCII and into text of two bytes a character, at places around the
/// borders of blocks and at the end, and compares the verdicts with the standard library's.
fn compare(sequence: &[u8]) {
    for place in [0, 61, 62, 63, 64, 126] {
        for length in [place + sequence.len(), 131] {
            for filler in [b"aa", "д".as_bytes()] {
                let mut text = vec![b'a'; length];
                let first = place % 2;
                for two in text[first..].as_chunks_mut::<2>().0 {
                    two.copy_from_slice(filler);
                }
                let end = text.len().min(place + sequence.len());
                text[place.min(end)..end].copy_from_slice(&sequence[..end - place.min(end)]);
                let expected = core::str::from_utf8(&text).is_ok();
                assert_eq!(is_utf8(&text), expected, "{text:02x?}");
                if length == 131 {
                    assert_eq!(unmask(&text, 6), expected, "{text:02x?}");
                }
            }
        }
    }
}

/// Masks a text, and has it unmasked and judged where it lies, at that place in a line of the
/// cache.
fn unmask(text: &[u8], alignment: usize) -> bool {
    let key = MaskingKey::from([0xa5, 0x5a, 0x3c, 0x01]);
    let mut buffer = vec![GUARD; text.len() + 3 * 64];
    let start = buffer.as_ptr().align_offset(64) + alignment;
    let place = start..start + text.len();
    buffer[place.clone()].copy_from_slice(text);
    key.apply(&mut buffer[place.clone()]);
    let is_text = unmask_text(Some(key), &mut buffer[place.clone()]);
    assert_eq!(&buffer[place.clone()], text);
    assert!(buffer[..start].iter().chain(&buffer[place.end..]).all(|&byte| byte == GUARD));
    is_text
}

#[test]
fn every_length_is_unmasked_and_judged_at_any_alignment_and_no_byte_beside_is_touched() {
    for length in 0..420 {
        let mut text: Vec<u8> = "дa€b🎧".bytes().cycle().take(length).collect();
        let whole = core::str::from_utf8(&text).map_or_else(|e| e.valid_up_to(), str::len);
        text[whole..].fill(b'.');
        for alignment in [0, 1, 6, 8, 14, 32, 63] {
            assert!(unmask(&text, alignment), "{length} {alignment}");
            assert!(unmask(&vec![b'a'; length], alignment), "{length} {alignment}, ASCII");
        }
        for bad in [0, 1, 57, 58, 63, 64, length / 2, length.saturating_sub(1)] {
            if bad < length {
                let mut text = text.clone();
                text[bad] = 0xff;
                assert!(!unmask(&text, bad % 64) && !is_utf8(&text), "{length} {bad}");
            }
        }
    }
}

#[test]
fn text_is_judged_by_these_vectors_at_every_length_if_this_build_may_use_them() {
    let is_wide = level() == "avx512vbmi";
    for length in [1, 64, 65, 5000] {
        let mut text = vec![b'a'; length];
        let ways = [
            path(|| assert!(is_utf8(&text))),
            path(|| assert!(unmask_text(Some(MaskingKey::NONE), &mut text))),
        ];
        assert_eq!(ways.map(|way| way == "avx512vbmi"), [is_wide; 2], "{length}: {ways:?}");
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
