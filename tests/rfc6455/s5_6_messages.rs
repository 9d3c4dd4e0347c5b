//! RFC 6455 section 5.6: messages of both kinds.

use super::s5_4_fragments::{decode_fragments, whole};
use super::s8_1_utf8::NOT_TEXT;
use crate::common::{BOTH, binary, decode, octets, ping, text};
use patchcord::MessageKind;

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
