//! Text is checked once it is inflated, as eagerly as text that is not compressed, and its bad
//! byte is counted in the message and not in the data (RFC 7692 section 6.2, RFC 6455 section 8.1).

use super::*;
use crate::common::{BOTH, Outcome, Seen, assert_every_split_agrees, run, text};
use patchcord::ProtocolError;
use patchcord::deflate::InflateError;

/// What no split of the bytes, no delivery and no source of engines changes.
fn verdict(side: Side, limits: Limits, bounds: InflateLimits, bytes: &[u8]) -> Outcome {
    let mut outcomes = Vec::new();
    for delivery in DELIVERIES {
        for engines in &engines()[..2] {
            let make = || bounded(side, limits, delivery, bounds, engines);
            outcomes.push(assert_every_split_agrees(make, bytes));
        }
    }
    assert!(outcomes.iter().all(|outcome| outcome.error == outcomes[0].error));
    outcomes.swap_remove(0)
}

fn error(side: Side, bytes: &[u8]) -> Option<ProtocolError> {
    verdict(side, Limits::default(), NO_BOUNDS, bytes).error
}

/// Text, and the index of the byte that cannot stand there.
const INVALID: [(&[u8], u64); 9] = [
    (b"\x80", 0),
    (b"ab\xff and more that is never looked at", 2),
    (b"caf\xc3\x28", 4),
    (b"\xe2\x82\xac\xe2\x82\x28", 5),
    (b"\xed\xa0\x80", 1),             // a surrogate
    (b"\xf0\x9f\x98\x80\xc0\xaf", 4), // overlong
    (b"abcabcabcabcabcabcabc\xf8", 21),
    (b"the end is cut\xc3", 15), // where the next byte should have come
    (b"\xf0\x9f\x98", 3),
];

#[test]
fn text_that_is_not_utf_8_once_inflated_fails_at_its_byte_wherever_it_is_cut_into_fragments() {
    for (octets, at) in INVALID {
        let invalid = Some(ProtocolError::InvalidUtf8 { at });
        for data in [deflated(octets), stored(octets)] {
            for side in BOTH {
                assert_eq!(error(side, &side.frame(0xc1, &data)), invalid, "{octets:x?}");
            }
            for cut in 0..=data.len() {
                let (one, two) = data.split_at(cut);
                for side in BOTH {
                    let bytes = side.frames(&[(0x41, one), (0x80, two)]);
                    assert_eq!(error(side, &bytes), invalid, "{octets:x?}, cut at {cut}");
                }
            }
        }
    }
}

#[test]
fn the_index_counts_what_was_inflated_in_all_fragments_before() {
    let long = [b"a".repeat(70_000), b"\xff".to_vec()].concat();
    let data = deflated(&long);
    assert!(data.len() < 300, "far less than the index: {}", data.len());
    for side in BOTH {
        for size in [1, 50, 300] {
            let mut bytes = Vec::new();
            for (i, part) in data.chunks(size).enumerate() {
                bytes.extend(side.frame(if i == 0 { 0x41 } else { 0x00 }, part));
            }
            bytes.extend(side.frame(0x80, b""));
            let invalid = Some(ProtocolError::InvalidUtf8 { at: 70_000 });
            for delivery in DELIVERIES {
                let make = || decoder(side, Limits::default(), delivery, &Engines::Owned);
                assert_eq!(run(&mut make(), &[&bytes]).error, invalid);
                let single: Vec<&[u8]> = bytes.chunks(1).collect();
                assert_eq!(run(&mut make(), &single).error, invalid);
            }
        }
    }
}

/// The message before it does not count, nor does what came uncompressed.
#[test]
fn the_index_begins_anew_with_each_message() {
    for side in BOTH {
        let bad = stored(b"abc\xff");
        let bytes = side.frames(&[
            (0xc1, HELLO),
            (0x81, b"plain"),
            (0x41, HELLO),
            (0x80, b""),
            (0x41, &bad[..6]),
            (0x80, &bad[6..]),
        ]);
        assert_eq!(error(side, &bytes), Some(ProtocolError::InvalidUtf8 { at: 3 }));
    }
}

#[test]
fn a_bad_byte_fails_as_soon_as_it_can_be_inflated() {
    let data = stored(b"abc\xff and what comes after it");
    for side in BOTH {
        for first in [0xc1, 0x41] {
            let bytes = side.frame(first, &data);
            let bad = bytes.len() - data.len() + 5 + b"abc".len();
            for delivery in DELIVERIES {
                let make = || decoder(side, Limits::default(), delivery, &Engines::Owned);
                assert_eq!(run(&mut make(), &[&bytes[..bad]]).error, None);
                let at = run(&mut make(), &[&bytes[..=bad]]).error;
                assert_eq!(at, Some(ProtocolError::InvalidUtf8 { at: 3 }));
            }
        }
    }
}

/// The message that is refused breaks two rules, and the first of them counts.
#[test]
fn a_bad_byte_comes_before_what_is_wrong_behind_it() {
    let bad_block = |octets: &[u8]| [&stored(octets)[..5 + octets.len()], b"\x07\x00"].concat();
    let limits = Limits { message: 20, ..Limits::default() };
    let within = InflateLimits { length: 20, ..NO_BOUNDS };
    let ratio = InflateLimits { length: 1 << 30, floor: 20, ratio: 0, ..NO_BOUNDS };
    let zeros = |at: usize| {
        let mut octets = [b'a'; 300];
        octets[at] = 0xff;
        deflated(&octets)
    };
    for side in BOTH {
        for (bounds, data, at) in [
            (NO_BOUNDS, bad_block(b"ab\xff"), 2),
            (NO_BOUNDS, bad_block(b"ab\xff and more"), 2),
            (NO_BOUNDS, bad_block(b"ab\xc3\x28"), 3),
            (NO_BOUNDS, stored(b"ab\xff")[..8].to_vec(), 2), // unfinished
            (within, zeros(3), 3),
            (within, zeros(19), 19),
            (ratio, zeros(3), 3),
            (ratio, zeros(19), 19),
        ] {
            let outcome = verdict(side, limits, bounds, &side.frame(0xc1, &data));
            assert_eq!(outcome.error, Some(ProtocolError::InvalidUtf8 { at }), "{data:x?}");
        }
        for (bounds, data, error) in [
            (NO_BOUNDS, bad_block(b"ab"), ProtocolError::Inflate(InflateError::Data)),
            (NO_BOUNDS, bad_block(b"ab\xc3"), ProtocolError::Inflate(InflateError::Data)),
            (within, zeros(21), ProtocolError::MessageTooLong),
            (ratio, zeros(21), ProtocolError::Inflate(InflateError::Ratio)),
        ] {
            let outcome = verdict(side, limits, bounds, &side.frame(0xc1, &data));
            assert_eq!(outcome.error, Some(error), "{data:x?}");
        }
    }
}

#[test]
fn text_may_be_cut_inside_a_character_and_inside_a_code_of_deflate() {
    let message = "caf\u{e9} \u{20ac}\u{20ac} \u{1f600}\u{1f600}";
    for data in [deflated(message.as_bytes()), stored(message.as_bytes())] {
        for cut in 0..=data.len() {
            let (one, two) = data.split_at(cut);
            for side in BOTH {
                let bytes = side.frames(&[(0x41, one), (0x80, two), (0xc1, HELLO)]);
                let outcome = verdict(side, Limits::default(), NO_BOUNDS, &bytes);
                assert_eq!(outcome.error, None);
                assert_eq!(outcome.events, [text(message), text("Hello")]);
            }
        }
    }
}

/// Only text is text, and only after it was inflated.
#[test]
fn what_is_compressed_is_not_judged_as_text_and_binary_messages_are_not_judged_at_all() {
    for side in BOTH {
        let bytes = side.frames(&[(0xc1, HELLO), (0xc2, &stored(b"\xff\xfe"))]);
        let outcome = verdict(side, Limits::default(), NO_BOUNDS, &bytes);
        assert_eq!(outcome.events, [text("Hello"), Seen::Binary(vec![0xff, 0xfe])]);
    }
}
