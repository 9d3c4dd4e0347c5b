//! What a peer may send, and how little of it makes this end wait, grow or hang.

use crate::common::{
    BOTH, Outcome, Seen, Side, assert_every_split_agrees, assert_fails_at, binary, letters, octets,
    run, text,
};
use patchcord::frame::LengthForm;
use patchcord::{Decoder, Delivery, Event, Limits, MessageKind, Payload, ProtocolError};

pub(super) const OPEN: Limits = Limits {
    whole_frame: Limits::WHOLE_FRAME,
    frame: u64::MAX,
    message: u64::MAX,
    fragments: u32::MAX,
};

fn decode(side: Side, limits: Limits, bytes: &[u8]) -> Outcome {
    let outcome = assert_every_split_agrees(|| side.decoder(limits, Delivery::Messages), bytes);
    let parts = assert_every_split_agrees(|| side.decoder(limits, Delivery::Fragments), bytes);
    assert_eq!(parts.error, outcome.error, "whatever the delivery");
    outcome
}

fn form(length: u64) -> LengthForm {
    match length {
        0..126 => LengthForm::Seven,
        126..0x1_0000 => LengthForm::Sixteen,
        _ => LengthForm::SixtyFour,
    }
}

#[test]
fn a_frame_longer_than_the_limit_is_refused_at_its_length() {
    for n in [0, 1, 125, 126, 1000, 65536] {
        let limits = Limits { frame: n, ..Limits::default() };
        for side in BOTH {
            for length in [n.saturating_sub(1), n] {
                let frame = side.frame(0x82, &octets(length as usize));
                assert_eq!(decode(side, limits, &frame).events, [binary(&octets(length as usize))]);
            }
            for first in [0x01, 0x02, 0x81, 0x82] {
                let header = side.length(first, n + 1, form(n + 1));
                assert_fails_at(side, limits, &header, ProtocolError::FrameTooLong);
            }
        }
    }
}

#[test]
fn a_message_of_one_frame_longer_than_the_limit_is_refused_at_its_length() {
    for n in [0, 1, 125, 126, 1000, 65536] {
        let limits = Limits { message: n, ..Limits::default() };
        for side in BOTH {
            for length in [n.saturating_sub(1), n] {
                let frame = side.frame(0x81, letters(length as usize).as_bytes());
                assert_eq!(decode(side, limits, &frame).events, [text(&letters(length as usize))]);
            }
            let header = side.length(0x81, n + 1, form(n + 1));
            assert_fails_at(side, limits, &header, ProtocolError::MessageTooLong);
        }
    }
}

#[test]
fn a_message_of_many_frames_longer_than_the_limit_is_refused_at_the_length_that_exceeds_it() {
    let limits = Limits { message: 10, ..Limits::default() };
    for side in BOTH {
        for (kind, last) in [(0x01, 0x80), (0x02, 0x80), (0x02, 0x00)] {
            let before = side.frames(&[(kind, b"12345"), (0x89, &[0; 100]), (0x00, b"678")]);
            for length in 0..=2 {
                let whole = [before.clone(), side.frame(last, &b"90"[..length])].concat();
                assert_eq!(decode(side, limits, &whole).error, None);
            }
            for length in [3, 125, 126, 65536] {
                let header = side.length(last, length, form(length));
                let bytes = [before.clone(), header].concat();
                assert_fails_at(side, limits, &bytes, ProtocolError::MessageTooLong);
            }
        }
    }
}

#[test]
fn a_length_near_2_to_the_63_is_refused_by_the_message_that_it_continues() {
    let limits = Limits { message: i64::MAX as u64 + 2, ..OPEN };
    for side in BOTH {
        let rest = side.length(0x00, i64::MAX as u64, LengthForm::SixtyFour);
        let bytes = [side.frame(0x02, b"abc"), rest.clone()].concat();
        assert_fails_at(side, limits, &bytes, ProtocolError::MessageTooLong);
        let bytes = [side.frame(0x02, b"ab"), rest].concat();
        assert_eq!(decode(side, limits, &bytes).error, None);
    }
}

#[test]
fn the_limit_of_a_message_begins_anew_with_each_message() {
    let limits = Limits { message: 4, fragments: 2, ..Limits::default() };
    for side in BOTH {
        let message = [(0x02, &b"12"[..]), (0x80, b"34"), (0x82, b"5678")];
        let bytes = side.frames(&message.repeat(5));
        let expected: [Seen; 10] =
            std::array::from_fn(|i| binary(if i % 2 == 0 { b"1234" } else { b"5678" }));
        assert_eq!(decode(side, limits, &bytes).events, expected);
    }
}

#[test]
fn a_message_of_more_fragments_than_the_limit_is_refused_at_the_first_byte_of_one_more() {
    for n in 1..5_u32 {
        let limits = Limits { fragments: n, ..Limits::default() };
        for side in BOTH {
            let mut open = side.frame(0x02, b"a");
            for _ in 1..n {
                assert_eq!(decode(side, limits, &open).error, None);
                open.extend(side.frame(0x00, b"a"));
            }
            for first in [0x00, 0x80] {
                let bytes = [&open[..], &[first]].concat();
                assert_fails_at(side, limits, &bytes, ProtocolError::TooManyFragments);
            }
            let mut last = open.clone();
            last[open.len() - side.frame(0x00, b"a").len()] |= 0x80;
            assert_eq!(decode(side, limits, &last).events, [binary(&b"a".repeat(n as usize))]);
        }
    }
}

#[test]
fn control_frames_count_neither_as_fragments_nor_as_bytes_of_a_message() {
    let limits = Limits { frame: 1, message: 2, fragments: 2, ..Limits::default() };
    for side in BOTH {
        let control = side.frames(&[(0x89, &[0; 125]), (0x8a, &[0; 125])]).repeat(3);
        let parts = [side.frame(0x02, b"a"), control, side.frame(0x80, b"b")];
        let outcome = decode(side, limits, &parts.concat());
        assert_eq!(outcome.events.last(), Some(&binary(b"ab")));
    }
}

#[test]
fn a_frame_up_to_whole_is_waited_for_and_a_longer_one_taken_as_it_comes() {
    for whole in [0, 1, 125, 126, 1000] {
        let limits = Limits { whole_frame: whole, ..Limits::default() };
        for side in BOTH {
            for length in [whole.saturating_sub(1), whole, whole + 1].map(|n| n as usize) {
                let frame = side.frame(0x82, &octets(length));
                for end in (0..frame.len()).rev().take(length) {
                    let outcome =
                        run(&mut side.decoder(limits, Delivery::Messages), &[&frame[..end]]);
                    let waits = length <= whole as usize || end == frame.len() - length;
                    assert_eq!(outcome.rest, if waits { end } else { 0 }, "{length}, {end}");
                }
                assert_eq!(decode(side, limits, &frame).events, [binary(&octets(length))]);
            }
        }
    }
}

#[test]
fn pieces_of_long_frames_are_joined_across_frames() {
    let limits = Limits { whole_frame: 10, ..Limits::default() };
    let payload = letters(300);
    let (head, tail) = payload.as_bytes().split_at(133);
    for side in BOTH {
        for (kind, expected) in [(0x01, text(&payload)), (0x02, binary(payload.as_bytes()))] {
            let bytes = side.frames(&[(kind, head), (0x00, b""), (0x80, tail)]);
            assert_eq!(decode(side, limits, &bytes).events, [expected]);
        }
    }
}

#[test]
fn a_message_that_is_there_whole_lies_in_the_callers_buffer() {
    let mut bytes = Side::Server.frames(&[(0x82, &octets(50_000)), (0x02, b"a"), (0x80, b"b")]);
    let mut decoder = Decoder::server(Limits::default(), Delivery::Messages);
    let place = bytes.as_ptr_range();
    let mut input = &mut bytes[..];
    let Ok(Some(Event::Binary(Payload::Borrowed(octets)))) = decoder.decode(&mut input) else {
        panic!("not borrowed");
    };
    assert!(place.contains(&octets.as_ptr()));
    let Ok(Some(Event::Binary(Payload::Joined(joined)))) = decoder.decode(&mut input) else {
        panic!("not joined");
    };
    assert_eq!(joined, b"ab");
}

#[test]
fn the_fragments_of_a_message_are_its_parts_in_order() {
    for side in BOTH {
        for whole in [0, 7, 1000] {
            let limits = Limits { whole_frame: whole, ..Limits::default() };
            let payload = letters(200);
            let (head, tail) = payload.as_bytes().split_at(66);
            let bytes = side.frames(&[(0x01, head), (0x00, b""), (0x80, tail)]);
            let make = || side.decoder(limits, Delivery::Fragments);
            let Outcome { events, rest, .. } = assert_every_split_agrees(make, &bytes);
            let payload = payload.into_bytes();
            let expected =
                Seen::Fragment { kind: MessageKind::Text, first: true, last: true, payload };
            assert_eq!((events, rest), (vec![expected], 0));
        }
    }
}

/// A frame that is there as a whole may be taken at once, by another way than one that comes in pieces.
#[test]
fn each_limit_is_kept_when_all_of_the_frame_is_there() {
    use ProtocolError::{FrameTooLong, MessageTooLong, TooManyFragments};
    let rows = [
        ((10, 100, 9), 10, None),
        ((10, 100, 9), 11, Some(FrameTooLong)),
        ((100, 10, 9), 10, None),
        ((100, 10, 9), 11, Some(MessageTooLong)),
        ((10, 10, 1), 10, None),
        ((70_000, 65_534, 9), 65_534, None),
        ((70_000, 65_534, 9), 65_535, Some(MessageTooLong)),
        ((65_535, 70_000, 9), 65_535, None),
        ((65_535, 70_000, 9), 65_536, Some(FrameTooLong)),
        ((100, 100, 0), 1, Some(TooManyFragments)),
        ((100, 100, 0), 0, Some(TooManyFragments)),
    ];
    for ((frame, message, fragments), length, error) in rows {
        let limits = Limits { frame, message, fragments, ..Limits::default() };
        for (side, first) in BOTH.into_iter().flat_map(|side| [(side, 0x81), (side, 0x82)]) {
            let bytes = side.frame(first, letters(length).as_bytes());
            for delivery in [Delivery::Messages, Delivery::Fragments] {
                let outcome = run(&mut side.decoder(limits, delivery), &[&bytes]);
                assert_eq!(outcome.error, error, "{limits:?}: {length}, {first:#x}, {delivery:?}");
            }
        }
    }
}
