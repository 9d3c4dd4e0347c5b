//! RSV1 by opcode and position (RFC 7692 sections 6 and 7.2.3), and what stands around it.

use super::*;
use crate::common::{
    BOTH, Outcome, Seen, assert_every_split_agrees, assert_fails_at, binary, close, ping, pong,
    run, text,
};
use patchcord::ProtocolError;
use patchcord::frame::{HeaderError, Rsv};

/// What was sent before, and what it leaves open.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Before {
    Nothing,
    Message,
    Plain,
    Compressed,
}

impl Before {
    const ALL: [Self; 4] = [Self::Nothing, Self::Message, Self::Plain, Self::Compressed];

    fn frames(self, side: Side) -> Vec<u8> {
        match self {
            Self::Nothing => Vec::new(),
            Self::Message => side.frame(0x81, b"plain"),
            Self::Plain => side.frame(0x02, b"a"),
            Self::Compressed => side.frame(0x42, &HELLO[..3]),
        }
    }

    fn is_open(self) -> bool {
        self == Self::Plain || self == Self::Compressed
    }
}

fn receiver(side: Side, is_agreed: bool, delivery: Delivery) -> Decoder {
    match is_agreed {
        true => decoder(side, Limits::default(), delivery, &Engines::Owned),
        false => side.decoder(Limits::default(), delivery),
    }
}

/// What is wrong with a first byte, by the rules as they stand.
fn wrong(first: u8, before: Before, is_agreed: bool) -> Option<ProtocolError> {
    let (is_final, rsv, opcode) = (first & 0x80 != 0, first & 0x70, first & 0x0f);
    match opcode {
        3..=7 | 11.. => return Some(HeaderError::ReservedOpcode.into()),
        8.. if !is_final => return Some(HeaderError::FragmentedControl.into()),
        _ => {}
    }
    match (rsv, opcode) {
        (0, _) => {}
        (0x40, 1 | 2) if is_agreed => {}
        _ => return Some(ProtocolError::ReservedBits(Rsv::from_first_byte(first))),
    }
    match opcode {
        0 if !before.is_open() => Some(ProtocolError::NothingToContinue),
        1 | 2 if before.is_open() => Some(ProtocolError::MessageInsideMessage),
        _ => None,
    }
}

#[test]
fn every_first_byte_at_every_position_is_judged_as_the_rules_say() {
    for side in BOTH {
        for is_agreed in [true, false] {
            for before in Before::ALL {
                if before == Before::Compressed && !is_agreed {
                    continue;
                }
                for (first, delivery) in (0..=255).flat_map(|b| DELIVERIES.map(|d| (b, d))) {
                    let bytes = [before.frames(side), vec![first]].concat();
                    let make = || receiver(side, is_agreed, delivery);
                    let outcome = assert_every_split_agrees(make, &bytes);
                    let expected = wrong(first, before, is_agreed);
                    let case = format!("{side:?}, {is_agreed}, {before:?}, {first:02x}");
                    assert_eq!(outcome.error, expected, "{case}");
                }
            }
        }
    }
}

#[test]
fn rsv1_on_a_continuation_fails_even_where_its_message_is_compressed() {
    let error = ProtocolError::ReservedBits(Rsv::RSV1);
    for side in BOTH {
        for first in [0x40, 0xc0] {
            for delivery in DELIVERIES {
                let bytes = [side.frame(0x41, &HELLO[..3]), vec![first]].concat();
                let outcome = assert_every_split_agrees(|| receiver(side, true, delivery), &bytes);
                assert_eq!(outcome.error, Some(error));
            }
        }
    }
}

/// Where it was not agreed on, the first byte decides, whatever follows.
#[test]
fn rsv1_that_was_not_agreed_on_fails_at_its_byte() {
    for side in BOTH {
        for first in [0x41, 0x42, 0xc1, 0xc2, 0xc8, 0xc9, 0xca] {
            let error = ProtocolError::ReservedBits(Rsv::from_first_byte(first));
            assert_fails_at(side, Limits::default(), &[first], error);
        }
    }
}

/// What each decoder of this side makes of a stream, whatever the split and the engines.
fn decoded(side: Side, bytes: &[u8]) -> Outcome {
    let outcomes = engines().map(|engines| {
        let make = || decoder(side, Limits::default(), Delivery::Messages, &engines);
        assert_every_split_agrees(make, bytes)
    });
    assert!(outcomes.iter().all(|outcome| *outcome == outcomes[0]));
    let [outcome, ..] = outcomes;
    assert_eq!((outcome.error, outcome.rest), (None, 0));
    outcome
}

#[test]
fn the_examples_of_section_7_2_3_are_received() {
    let stored = b"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00";
    for side in BOTH {
        let bytes = side.frames(&[
            (0xc1, HELLO), // 7.2.3.1
            (0x41, &HELLO[..3]),
            (0x80, &HELLO[3..]),
            (0xc1, AGAIN),                                                   // 7.2.3.2
            (0xc1, stored),                                                  // 7.2.3.3
            (0xc1, b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00"),                     // 7.2.3.4
            (0xc1, b"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"), // 7.2.3.5
            (0xc1, b"\x00"),                                                 // 7.2.3.6
        ]);
        let mut expected = vec![text("Hello"); 6];
        expected.push(text(""));
        assert_eq!(decoded(side, &bytes).events, expected);
    }
    // As they stand there, from a server.
    let wire = b"\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00\x41\x03\xf2\x48\xcd\x80\x04\xc9\xc9\x07\x00";
    assert_eq!(decoded(Side::Client, wire).events, [text("Hello"), text("Hello")]);
}

#[test]
fn an_empty_compressed_message_has_one_octet() {
    for side in BOTH {
        for (frames, seen) in [
            (&[(0xc1, &b"\x00"[..])][..], text("")),
            (&[(0xc2, b"\x00")], binary(b"")),
            (&[(0x42, b""), (0x00, b""), (0x80, b"\x00")], binary(b"")),
            (&[(0x41, b"\x00"), (0x80, b"")], text("")),
            (&[(0x41, b"\x00\x00\x00\xff\xff"), (0x80, b"\x00")], text("")),
        ] {
            let bytes = [side.frames(frames), side.frame(0xc1, HELLO)].concat();
            assert_eq!(decoded(side, &bytes).events, [seen, text("Hello")]);
        }
    }
}

#[test]
fn a_compressed_message_without_data_is_unfinished() {
    let error = Some(ProtocolError::Inflate(patchcord::deflate::InflateError::Unfinished));
    for side in BOTH {
        for frames in [
            &[(0xc1, &b""[..])][..],
            &[(0xc2, b"")],
            &[(0x41, b""), (0x80, b"")],
            &[(0x42, b""), (0x00, b""), (0x80, b"")],
            &[(0xc1, HELLO), (0xc1, b"")],
            &[(0xc1, &HELLO[..6])],
            &[(0x41, &HELLO[..6]), (0x80, b"")],
        ] {
            let bytes = side.frames(frames);
            for delivery in DELIVERIES {
                for engines in engines() {
                    let make = || decoder(side, Limits::default(), delivery, &engines);
                    let outcome = assert_every_split_agrees(make, &bytes);
                    assert_eq!(outcome.error, error, "{frames:x?}");
                    let before = run(&mut make(), &[&bytes[..bytes.len() - 1]]);
                    assert_eq!(before.error, None, "the last byte decides");
                }
            }
        }
    }
}

#[test]
fn control_frames_between_compressed_fragments_change_nothing() {
    for side in BOTH {
        let mut frames: Vec<(u8, &[u8])> = Vec::new();
        for (i, octet) in HELLO.iter().enumerate() {
            let first = [0x41, 0x00, 0x80][usize::from(i > 0) + i / (HELLO.len() - 1)];
            frames.push((first, std::slice::from_ref(octet)));
            frames.extend([(0x89, HELLO), (0x8a, AGAIN), (0x89, b"")]);
        }
        frames.extend([(0xc1, AGAIN), (0x88, b"\x03\xe8bye")]);
        let events = decoded(side, &side.frames(&frames)).events;
        let control = || [ping(HELLO), pong(AGAIN), ping(b"")];
        let mut expected: Vec<Seen> = (1..HELLO.len()).flat_map(|_| control()).collect();
        expected.push(text("Hello"));
        expected.extend(control());
        expected.extend([text("Hello"), close(1000, "bye")]);
        assert_eq!(events, expected);
    }
}

#[test]
fn a_close_inside_a_compressed_message_is_taken() {
    for side in BOTH {
        let bytes = side.frames(&[(0x41, &HELLO[..3]), (0x88, b"\x03\xe9")]);
        for engines in engines() {
            let make = || endpoint(side, agreed(15, true), &engines);
            let outcome = assert_every_split_agrees(make, &bytes);
            assert_eq!((outcome.events, outcome.error), (vec![close(1001, "")], None));
        }
    }
}

#[test]
fn messages_without_rsv1_come_between_and_are_not_in_the_window() {
    let plain = b"not in the window";
    for side in BOTH {
        let bytes = side.frames(&[
            (0x81, plain),
            (0xc1, HELLO),
            (0x82, HELLO), // looks like data, and is a message
            (0x01, plain),
            (0x80, plain),
            (0xc1, AGAIN),
            (0x81, b""),
            (0x42, &AGAIN[..2]),
            (0x80, &AGAIN[2..]),
            (0x81, plain),
        ]);
        let plain = text("not in the window");
        let joined = text("not in the windownot in the window");
        let hello = || text("Hello");
        let expected: [Seen; 8] = [
            plain.clone(),
            hello(),
            binary(HELLO),
            joined,
            hello(),
            text(""),
            binary(b"Hello"),
            plain,
        ];
        assert_eq!(decoded(side, &bytes).events, expected);
    }
}

/// A continuation belongs to the message that is open, compressed or not.
#[test]
fn a_continuation_is_compressed_if_its_first_frame_was() {
    for side in BOTH {
        let bytes = side.frames(&[
            (0x02, &HELLO[..3]),
            (0x80, &HELLO[3..]),
            (0x42, &HELLO[..3]),
            (0x80, &HELLO[3..]),
        ]);
        assert_eq!(decoded(side, &bytes).events, [binary(HELLO), binary(b"Hello")]);
    }
}
