//! RFC 6455 section 5.4: messages, and their fragments.

use crate::common::{
    BOTH, Endpoint, Seen, Side, assert_every_split_agrees, binary, decode, ping, pong, refused,
    text,
};
use patchcord::{Config, Delivery, Limits, MessageKind, ProtocolError};

pub(super) fn decode_fragments(side: Side, bytes: &[u8]) -> Vec<Seen> {
    let make = || side.decoder(Limits::default(), Delivery::Fragments);
    assert_every_split_agrees(make, bytes).events
}

pub(super) fn whole(kind: MessageKind, payload: &[u8]) -> Seen {
    Seen::Fragment { kind, first: true, last: true, payload: payload.to_vec() }
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
        assert_eq!(decode_fragments(side, &bytes), [whole(MessageKind::Text, message)]);
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
            kind: MessageKind::Text,
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
fn a_connection_delivers_in_the_units_that_its_config_names() {
    for side in BOTH {
        let bytes = side.frames(&[(0x01, b"a"), (0x00, b"b"), (0x80, b"c"), (0x82, b"d")]);
        let make = |delivery| Endpoint::new(side, Config { delivery, ..Config::default() });
        let joined = assert_every_split_agrees(|| make(Delivery::Messages), &bytes);
        assert_eq!(joined.events, [text("abc"), binary(b"d")]);
        let parts = assert_every_split_agrees(|| make(Delivery::Fragments), &bytes);
        assert_eq!(
            parts.events,
            [whole(MessageKind::Text, b"abc"), whole(MessageKind::Binary, b"d")]
        );
    }
}

/// aiohttp 3.14.5: what was open was inferred from the bytes that were buffered.
#[test]
fn a_message_inside_a_message_that_began_empty_is_refused() {
    for side in BOTH {
        for first in [0x01, 0x02] {
            let bytes = [side.frame(first, b""), vec![0x81]].concat();
            refused(side, &bytes, ProtocolError::MessageInsideMessage);
        }
    }
}

/// fastwebsockets: after a cancelled read, payload was taken for headers.
#[test]
fn a_read_that_is_given_up_loses_no_place_in_the_stream() {
    let payload = [0x88, 0x00, 0x83, 0xff].repeat(6); // every four bytes look like bad headers
    for side in BOTH {
        for whole in [0, 10, 100] {
            let limits = Limits { whole_frame: whole, ..Limits::default() };
            let make = || side.decoder(limits, Delivery::Messages);
            let stream = side.frames(&[(0x02, &payload), (0x80, &payload), (0x81, b"next")]);
            let outcome = assert_every_split_agrees(make, &stream);
            assert_eq!(outcome.events, [binary(&payload.repeat(2)), text("next")]);
        }
    }
}
