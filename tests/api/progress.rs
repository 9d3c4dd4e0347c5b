//! How much input is needed to go on, and that an area of the right size always holds it.

use crate::common::{BOTH, Receive, Seen, Side, binary, letters, octets, ping, pong, run, text};
use patchcord::{Delivery, Limits, ReceiveBuffer};

/// One event at a time through an area that has the size which the limits say, read by read.
fn through_an_area(side: Side, limits: Limits, mut stream: &[u8], step: usize) -> Vec<Seen> {
    let mut decoder = side.decoder(limits, Delivery::Messages);
    let mut area = vec![0; limits.buffer_size()];
    let (mut held, mut seen) = (0, Vec::new());
    while !stream.is_empty() {
        let space = &mut area[held..];
        assert!(!space.is_empty(), "the area is full: {limits:?}");
        let (read, later) = stream.split_at(step.min(space.len()).min(stream.len()));
        space[..read.len()].copy_from_slice(read);
        let end = held + read.len();
        let mut input = &mut area[..end];
        while let Some(event) = decoder.receive(&mut input).unwrap() {
            seen.push(event.into());
        }
        let needed = decoder.needed(input);
        assert!(needed <= limits.buffer_size(), "{needed} bytes do not fit the area: {limits:?}");
        held = input.len();
        area.copy_within(end - held..end, 0);
        stream = later;
    }
    seen
}

#[test]
fn an_area_of_the_size_that_the_limits_say_always_makes_progress() {
    let (octets, letters) = (octets(70_000), letters(3000));
    for side in BOTH {
        for whole in [0, 1, 14, 125, 126, 1000, 65536] {
            let limits = Limits { whole_frame: whole, ..Limits::default() };
            let (data, short) = (&octets[..], &octets[..whole as usize]);
            let frames = [(0x82, data), (0x82, short), (0x81, letters.as_bytes()), (0x8a, b"")];
            let expected = [binary(data), binary(short), text(&letters), pong(b"")];
            for step in [1, 13, usize::MAX] {
                let seen = through_an_area(side, limits, &side.frames(&frames), step);
                assert_eq!(seen, expected, "whole: {whole}, {step} bytes at a time");
            }
        }
    }
}

#[test]
fn a_buffer_has_the_size_that_is_asked_for_and_by_default_that_of_the_default_limits() {
    let sizes = [0, 1000, Limits::WHOLE_FRAME].map(|whole| {
        let limits = Limits { whole_frame: whole, ..Limits::default() };
        let mut buffer = ReceiveBuffer::new(limits.buffer_size());
        assert_eq!(buffer.space().len(), limits.buffer_size());
        limits.buffer_size()
    });
    assert_eq!(sizes, [139, 1014, 16 * 1024 + 14]);
    // A frame of the greatest size, and the longest control frame behind it.
    assert_eq!(ReceiveBuffer::default().space().len(), 16 * 1024 + 14 + 139);
}

#[test]
fn a_control_frame_of_125_bytes_fits_an_area_of_the_size_that_the_limits_say() {
    for side in BOTH {
        for whole in [0, 1, 14, 100, 111, 112, 113, 116, 117, 125, 1000] {
            let limits = Limits { whole_frame: whole, ..Limits::default() };
            for step in [1, usize::MAX] {
                let seen = through_an_area(side, limits, &side.frame(0x89, &[b'a'; 125]), step);
                assert_eq!(seen, [ping(&[b'a'; 125])], "whole: {whole}");
            }
        }
    }
}

/// Gives ever longer prefixes of one unit: nothing is consumed before `needed` is reached, and
/// something is as soon as it is reached after the header.
fn assert_needed_is_true(side: Side, limits: Limits, unit: &[u8], header: usize) {
    let decoder = side.decoder(limits, Delivery::Messages);
    for end in 0..unit.len() {
        let needed = decoder.needed(&unit[..end]);
        let consumed = |end: usize| {
            let mut bytes = unit[..end].to_vec();
            let mut input = &mut bytes[..];
            side.decoder(limits, Delivery::Messages).decode(&mut input).unwrap();
            end - input.len()
        };
        if consumed(end) == 0 {
            assert!(needed > end, "{end} bytes are not enough, and {needed} are said to be");
            assert_eq!(consumed(needed - 1), 0, "{needed} is more than needed at {end}");
        }
        if end >= header {
            assert_ne!(consumed(needed), 0, "{needed} is less than needed at {end}");
        }
    }
}

#[test]
fn needed_is_what_is_needed() {
    for side in BOTH {
        for whole in [0, 10, 300] {
            let limits = Limits { whole_frame: whole, ..Limits::default() };
            for first in [0x81, 0x82, 0x01, 0x02, 0x89] {
                for length in [0, 1, 9, 10, 11, 125, 126, 300, 301] {
                    if first == 0x89 && length > 125 {
                        continue;
                    }
                    let unit = side.frame(first, letters(length).as_bytes());
                    assert_needed_is_true(side, limits, &unit, unit.len() - length);
                }
            }
        }
    }
}

#[test]
fn one_more_byte_is_needed_inside_a_frame_that_was_taken_in_part() {
    for side in BOTH {
        let mut decoder = side.decoder(Limits::default(), Delivery::Messages);
        let frame = side.frame(0x81, b"hello");
        run(&mut decoder, &[&frame[..frame.len() - 2]]);
        assert_eq!(decoder.needed(b""), 1);
    }
}

#[test]
fn needed_for_a_frame_that_is_there_is_not_more_than_it_has() {
    for side in BOTH {
        for (first, length) in [(0x81, 0), (0x82, 0), (0x89, 0), (0x81, 5), (0x82, 5), (0x89, 5)] {
            let frame = side.frame(first, &letters(length).into_bytes());
            let decoder = side.decoder(Limits::default(), Delivery::Messages);
            assert!(decoder.needed(&frame) <= frame.len(), "{first:02x} of {length} bytes");
        }
    }
}
