//! RFC 6455 section 5.6: messages of both kinds.

use crate::common::{
    BOTH, Seen, Side, assert_every_split_agrees, binary, decode, octets, ping, text,
};
use patchcord::{Delivery, Limits, MessageKind};

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

fn decode_fragments(side: Side, bytes: &[u8]) -> Vec<Seen> {
    let make = || side.decoder(Limits::default(), Delivery::Fragments);
    assert_every_split_agrees(make, bytes).events
}

fn whole(kind: MessageKind, payload: &[u8]) -> Seen {
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
fn a_binary_message_is_not_looked_at_as_text() {
    for side in BOTH {
        for (bad, _) in NOT_TEXT {
            assert_eq!(decode(side, &side.frame(0x82, bad)).events, [binary(bad)]);
            let bytes = side.frames(&[(0x02, bad), (0x00, bad), (0x80, b"")]);
            assert_eq!(decode(side, &bytes).events, [binary(&bad.repeat(2))]);
            assert_eq!(
                decode_fragments(side, &bytes),
                [whole(MessageKind::Binary, &bad.repeat(2))]
            );
        }
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
