//! RFC 6455 sections 5.4, 5.6 and 8.1: messages, their fragments, and text as UTF-8.

use crate::common::{
    BOTH, Endpoint, Seen, Side, assert_every_split_agrees, assert_fails_at, binary, decode, octets,
    ping, pong, text,
};
use patchcord::{Config, Delivery, Kind, Limits, ProtocolError};

/// Text that is not UTF-8, and the first byte after which no text could be: Unicode's table of
/// well-formed sequences, and what lies just outside it.
const NOT_TEXT: [(&[u8], usize); 17] = [
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

fn refused(side: Side, bytes: &[u8], error: ProtocolError) {
    assert_fails_at(side, Limits::default(), bytes, error);
}

fn decode_fragments(side: Side, bytes: &[u8]) -> Vec<Seen> {
    let make = || side.decoder(Limits::default(), Delivery::Fragments);
    assert_every_split_agrees(make, bytes).events
}

fn whole(kind: Kind, payload: &[u8]) -> Seen {
    Seen::Fragment { kind, first: true, last: true, payload: payload.to_vec() }
}

#[test]
fn text_and_binary_messages_come_as_they_were_sent() {
    for side in BOTH {
        let bytes = side.frames(&[(0x81, "café 🎧".as_bytes()), (0x82, b"\xff\0"), (0x81, b"")]);
        let outcome = decode(side, &bytes);
        assert_eq!(outcome.events, [text("café 🎧"), binary(b"\xff\0"), text("")]);
        assert_eq!((outcome.error, outcome.rest), (None, 0));
    }
}

#[test]
fn the_fragments_of_a_message_are_joined_in_order() {
    for side in BOTH {
        let bytes = side.frames(&[(0x01, b"a"), (0x00, b"bc"), (0x00, b"d"), (0x80, b"ef")]);
        assert_eq!(decode(side, &bytes).events, [text("abcdef")]);
        let bytes = side.frames(&[(0x02, b"\xff"), (0x80, b"\xc0")]);
        assert_eq!(decode(side, &bytes).events, [binary(b"\xff\xc0")]);
    }
}

#[test]
fn a_fragment_may_be_empty_wherever_it_stands() {
    for side in BOTH {
        for parts in [["", "ab", "c"], ["ab", "", "c"], ["ab", "c", ""], ["", "", ""]] {
            let [a, b, c] = parts.map(str::as_bytes);
            let bytes = side.frames(&[(0x01, a), (0x00, b), (0x80, c), (0x82, b"next")]);
            assert_eq!(decode(side, &bytes).events, [text(&parts.concat()), binary(b"next")]);
        }
    }
}

#[test]
fn a_message_may_be_split_at_every_octet() {
    let message = "añ€🎧".as_bytes();
    for side in BOTH {
        let mut bytes: Vec<u8> = side.frame(0x01, b"");
        bytes.extend(message.chunks(1).flat_map(|octet| side.frame(0x00, octet)));
        bytes.extend(side.frame(0x80, b""));
        assert_eq!(decode(side, &bytes).events, [text("añ€🎧")]);
        assert_eq!(decode_fragments(side, &bytes), [whole(Kind::Text, message)]);
    }
}

#[test]
fn control_frames_between_fragments_come_at_once_and_change_nothing() {
    for side in BOTH {
        let bytes = side.frames(&[
            (0x01, b"\xe2"),
            (0x89, b"one"),
            (0x00, b"\x82"),
            (0x8a, b""),
            (0x89, b""),
            (0x80, b"\xac"),
        ]);
        let outcome = decode(side, &bytes);
        assert_eq!(outcome.events, [ping(b"one"), pong(b""), ping(b""), text("€")]);
        let part = |first, last, octet| Seen::Fragment {
            kind: Kind::Text,
            first,
            last,
            payload: vec![octet],
        };
        let events = decode_fragments(side, &bytes);
        let [a, b, c] =
            [part(true, false, 0xe2), part(false, false, 0x82), part(false, true, 0xac)];
        assert_eq!(events, [a, ping(b"one"), b, pong(b""), ping(b""), c]);
    }
}

#[test]
fn a_continuation_of_nothing_is_refused_at_its_first_byte() {
    for side in BOTH {
        for first in [0x00, 0x80] {
            refused(side, &[first], ProtocolError::NothingToContinue);
            for before in [side.frame(0x81, b"x"), side.frame(0x89, b"")] {
                let bytes = [before, vec![first]].concat();
                refused(side, &bytes, ProtocolError::NothingToContinue);
            }
        }
    }
}

#[test]
fn a_continuation_after_the_last_fragment_is_refused() {
    for side in BOTH {
        for last in [&b""[..], b"b"] {
            let bytes = [side.frames(&[(0x02, b"a"), (0x80, last)]), vec![0x80]].concat();
            refused(side, &bytes, ProtocolError::NothingToContinue);
        }
    }
}

#[test]
fn a_message_inside_a_message_is_refused_at_its_first_byte() {
    for side in BOTH {
        for first in [0x01, 0x02, 0x81, 0x82] {
            for open in [(0x01, &b""[..]), (0x02, b""), (0x01, b"a"), (0x02, b"a")] {
                let bytes = [side.frame(open.0, open.1), vec![first]].concat();
                refused(side, &bytes, ProtocolError::MessageInsideMessage);
            }
            let bytes = [side.frames(&[(0x01, b""), (0x00, b""), (0x89, b"")]), vec![first]];
            refused(side, &bytes.concat(), ProtocolError::MessageInsideMessage);
        }
    }
}

#[test]
fn a_binary_message_is_not_looked_at_as_text() {
    for side in BOTH {
        for (bad, _) in NOT_TEXT {
            assert_eq!(decode(side, &side.frame(0x82, bad)).events, [binary(bad)]);
            let bytes = side.frames(&[(0x02, bad), (0x00, bad), (0x80, b"")]);
            assert_eq!(decode(side, &bytes).events, [binary(&bad.repeat(2))]);
            assert_eq!(decode_fragments(side, &bytes), [whole(Kind::Binary, &bad.repeat(2))]);
        }
    }
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

#[test]
fn long_messages_of_both_kinds_come_whole_after_any_split() {
    let octets = octets(20_000);
    let letters = "äöü€".repeat(2_000);
    for side in BOTH {
        let bytes = side.frames(&[(0x82, &octets), (0x81, letters.as_bytes()), (0x89, b"")]);
        assert_eq!(decode(side, &bytes).events, [binary(&octets), text(&letters), ping(b"")]);
    }
}

#[test]
fn a_connection_delivers_in_the_units_that_its_config_names() {
    for side in BOTH {
        let bytes = side.frames(&[(0x01, b"a"), (0x00, b"b"), (0x80, b"c"), (0x82, b"d")]);
        let make = |delivery| Endpoint::new(side, Config { delivery, ..Config::default() });
        let joined = assert_every_split_agrees(|| make(Delivery::Messages), &bytes);
        assert_eq!(joined.events, [text("abc"), binary(b"d")]);
        let parts = assert_every_split_agrees(|| make(Delivery::Fragments), &bytes);
        assert_eq!(parts.events, [whole(Kind::Text, b"abc"), whole(Kind::Binary, b"d")]);
    }
}
