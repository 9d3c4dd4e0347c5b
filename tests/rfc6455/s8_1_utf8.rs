//! RFC 6455 section 8.1: text is UTF-8, judged byte by byte.

use crate::common::{BOTH, Side, assert_every_split_agrees, decode, refused, text};
use patchcord::{Decoder, Delivery, Limits, ProtocolError};

/// Text that is not UTF-8, and the first byte after which no text could be: Unicode's table of
/// well-formed sequences, and what lies just outside it.
pub(super) const NOT_TEXT: [(&[u8], usize); 17] = [
    (b"\x80", 0),
    (b"a\xbf", 1),
    (b"\xc0\xaf", 0),
    (b"\xc1\xbf", 0),
    (b"\xc3(", 1),
    (b"\xe0\x9f\xbf", 1),
    (b"\xe2\x82(", 2),
    (b"\xed\xa0\x80", 1),
    (b"\xed\xbf\xbf", 1),
    (b"\xf0\x8f\xbf\xbf", 1),
    (b"\xf0\x9f\x8e(", 3),
    (b"\xf4\x90\x80\x80", 1),
    (b"\xf5\x80\x80\x80", 0),
    (b"\xfe", 0),
    (b"\xff", 0),
    (b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xf4\x90\x80\x80edited", 12),
    (b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited", 12),
];

fn decoder(side: Side) -> Decoder {
    side.decoder(Limits::default(), Delivery::Messages)
}

#[test]
fn text_fails_at_its_first_bad_byte_before_the_frame_has_arrived_whole() {
    for side in BOTH {
        for (bad, at) in NOT_TEXT {
            for prefix in [0, 1, 3, 61, 64] {
                let payload = [&b"x".repeat(prefix), bad, b"tail"].concat();
                let bytes = side.frame(0x81, &payload);
                let header = bytes.len() - payload.len();
                let error = ProtocolError::InvalidUtf8 { at: (prefix + at) as u64 };
                refused(side, &bytes[..=header + prefix + at], error);
                assert_eq!(decode(side, &bytes).error, Some(error), "the whole frame");
            }
        }
    }
}

#[test]
fn text_in_a_continuation_fails_at_its_first_bad_byte_before_that_has_arrived_whole() {
    for side in BOTH {
        for (bad, at) in NOT_TEXT {
            let start = side.frames(&[(0x01, b"caf\xc3"), (0x00, b""), (0x89, b"?")]);
            for (first, head, offset) in [(0x80, "\u{a9}", 5), (0x00, "\u{a9}...", 8)] {
                let payload = [&head.as_bytes()[1..], bad, b"tail"].concat();
                let bytes = [start.clone(), side.frame(first, &payload)].concat();
                let end = bytes.len() - bad.len() - 4 + at + 1;
                let error = ProtocolError::InvalidUtf8 { at: offset + at as u64 };
                refused(side, &bytes[..end], error);
            }
        }
    }
}

#[test]
fn text_fails_at_the_same_byte_of_the_message_wherever_its_fragments_are_cut() {
    for side in BOTH {
        for (bad, at) in NOT_TEXT {
            let payload = [b"caf\xc3\xa9", bad, b"."].concat();
            let error = ProtocolError::InvalidUtf8 { at: (5 + at) as u64 };
            for cut in 0..=payload.len() {
                let (head, tail) = payload.split_at(cut);
                let bytes = side.frames(&[(0x01, head), (0x89, b""), (0x00, b""), (0x80, tail)]);
                assert_eq!(decode(side, &bytes).error, Some(error), "{bad:x?}, cut at {cut}");
                let make = || side.decoder(Limits::default(), Delivery::Fragments);
                assert_eq!(assert_every_split_agrees(make, &bytes).error, Some(error));
            }
        }
    }
}

#[test]
fn text_that_ends_inside_a_character_is_refused_where_it_ends() {
    for side in BOTH {
        for cut in [&b"ab\xc3"[..], b"ab\xe2\x82", b"ab\xf0\x9f\x8e"] {
            let error = ProtocolError::InvalidUtf8 { at: cut.len() as u64 };
            refused(side, &side.frame(0x81, cut), error);
            let bytes = side.frames(&[(0x01, &cut[..2]), (0x80, &cut[2..])]);
            refused(side, &bytes, error);
            let bytes = side.frames(&[(0x01, cut), (0x80, b"")]);
            refused(side, &bytes, error);
        }
    }
}

#[test]
fn the_beginning_of_a_character_is_no_error_while_more_may_come() {
    for side in BOTH {
        for cut in [&b"ab\xc3"[..], b"ab\xe2\x82", b"ab\xf0\x9f\x8e"] {
            assert_eq!(decode(side, &side.frame(0x01, cut)).error, None);
            let partly = side.frame(0x81, &[cut, b"...."].concat());
            assert_eq!(decode(side, &partly[..partly.len() - 4]).error, None);
        }
    }
}

#[test]
fn the_borders_of_unicode_are_text() {
    let borders =
        "\0\u{7f}\u{80}\u{7ff}\u{800}\u{d7ff}\u{e000}\u{fdd0}\u{feff}\u{ffff}\u{10000}\u{10ffff}";
    for side in BOTH {
        let payload = borders.as_bytes();
        assert_eq!(decode(side, &side.frame(0x81, payload)).events, [text(borders)]);
        for cut in 0..=payload.len() {
            let bytes = side.frames(&[(0x01, &payload[..cut]), (0x80, &payload[cut..])]);
            assert_eq!(decode(side, &bytes).events, [text(borders)]);
        }
    }
}

#[test]
fn a_text_begins_anew_after_one_that_was_fragmented() {
    for side in BOTH {
        let bytes = side.frames(&[(0x01, b"\xc3"), (0x80, b"\xa9"), (0x81, b"\xa9")]);
        let outcome = decode(side, &bytes);
        assert_eq!(outcome.events, [text("é")]);
        assert_eq!(outcome.error, Some(ProtocolError::InvalidUtf8 { at: 0 }));
    }
}

/// nexus-web 0.8: a text that came in two reads was not validated, and was no `str`.
#[test]
fn a_text_is_validated_wherever_its_reads_are_cut() {
    for side in BOTH {
        let good = side.frame(0x81, "añ€🎧".as_bytes());
        let outcome = assert_every_split_agrees(|| decoder(side), &good);
        assert_eq!(outcome.events, [text("añ€🎧")]);
        let bad = side.frame(0x81, b"ab\xf0\x9f\x8e(");
        let outcome = assert_every_split_agrees(|| decoder(side), &bad);
        assert_eq!(outcome.error, Some(ProtocolError::InvalidUtf8 { at: 5 }));
    }
}
