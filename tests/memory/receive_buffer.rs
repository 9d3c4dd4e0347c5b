//! What a receive buffer keeps: whatever its cursor left, wherever the cursor was dropped.

mod held;
mod room;
mod waiting;

use crate::common::{BOTH, Receive, Seen, Side, binary, octets, ping, text};
use patchcord::{Decoder, Delivery, Limits, ReceiveBuffer};

/// The least room for a read: a control frame of the greatest size.
const LEAST: usize = 14 + 125;

/// Short and long frames, fragments with a ping between them, a text, and fragments together.
fn stream(side: Side) -> (Vec<u8>, Vec<Seen>) {
    let octets = octets(300);
    let frames: [(u8, &[u8]); 8] = [
        (0x82, b"ab"),
        (0x82, &octets),
        (0x02, b"c"),
        (0x89, b"?"),
        (0x80, b"d"),
        (0x81, b"hello"),
        (0x02, b"e"),
        (0x80, b"f"),
    ];
    let seen =
        [binary(b"ab"), binary(&octets), ping(b"?"), binary(b"cd"), text("hello"), binary(b"ef")];
    (side.frames(&frames), seen.to_vec())
}

fn decoder(side: Side) -> Decoder {
    side.decoder(Limits::default(), Delivery::Messages)
}

/// As reads do, until everything is there; returns how often that was.
fn fill(buffer: &mut ReceiveBuffer, mut bytes: &[u8]) -> usize {
    let mut reads = 0;
    while !bytes.is_empty() {
        let space = buffer.space();
        let (read, later) = bytes.split_at(bytes.len().min(space.len()));
        space[..read.len()].copy_from_slice(read);
        buffer.filled(read.len());
        bytes = later;
        reads += 1;
    }
    reads
}

/// Decodes what is there, at most so many events with one cursor.
fn take(decoder: &mut Decoder, buffer: &mut ReceiveBuffer, most: usize) -> Vec<Seen> {
    let mut input = buffer.unconsumed();
    let mut seen = Vec::new();
    while seen.len() < most
        && let Some(event) = decoder.receive(&mut input).unwrap()
    {
        seen.push(event.into());
    }
    seen
}

/// Decodes a copy of what is there, and lets `head` take as much as that took.
fn take_by_hand(decoder: &mut Decoder, buffer: &mut ReceiveBuffer, most: usize) -> Vec<Seen> {
    let mut copy = buffer.as_ref().to_vec();
    let mut input = &mut copy[..];
    let mut seen = Vec::new();
    while seen.len() < most
        && let Some(event) = decoder.receive(&mut input).unwrap()
    {
        seen.push(event.into());
    }
    let rest = input.len();
    buffer.head(|input| *input = &input[input.len() - rest..]);
    assert_eq!(buffer.as_ref().len(), rest);
    seen
}

#[test]
fn what_a_cursor_leaves_comes_again_wherever_a_read_ends() {
    for side in BOTH {
        let (stream, expected) = stream(side);
        for size in [0, 150, 16_398] {
            for first in 0..=stream.len() {
                for second in [first, first + 1, first + 7, stream.len()] {
                    let second = second.min(stream.len());
                    let (mut decoder, mut buffer) = (decoder(side), ReceiveBuffer::new(size));
                    let mut seen = Vec::new();
                    for read in [&stream[..first], &stream[first..second], &stream[second..]] {
                        fill(&mut buffer, read);
                        seen.extend(take(&mut decoder, &mut buffer, usize::MAX));
                    }
                    assert_eq!(seen, expected, "cut at {first} and {second}, {size}");
                    assert!(buffer.is_empty() && buffer.as_ref().is_empty());
                }
            }
        }
    }
}

#[test]
fn a_cursor_that_is_dropped_between_two_events_keeps_the_later_one() {
    for side in BOTH {
        let (stream, expected) = stream(side);
        for step in [1, 5, 100, stream.len()] {
            let (mut decoder, mut buffer) = (decoder(side), ReceiveBuffer::default());
            let mut seen = Vec::new();
            for read in stream.chunks(step) {
                fill(&mut buffer, read);
                seen.extend(take(&mut decoder, &mut buffer, 1));
            }
            loop {
                let one = take(&mut decoder, &mut buffer, 1);
                assert!(one.len() <= 1);
                match one.is_empty() {
                    true => break,
                    false => seen.extend(one),
                }
            }
            assert_eq!(seen, expected, "{step} bytes at a time");
        }
    }
}

#[test]
fn a_cursor_and_a_slice_may_take_turns_between_messages() {
    for side in BOTH {
        let mut expected = Vec::new();
        let (mut decoder, mut buffer) = (decoder(side), ReceiveBuffer::default());
        let mut seen = Vec::new();
        for turn in 0..20 {
            let (stream, events) = stream(side);
            expected.extend(events);
            fill(&mut buffer, &stream);
            for most in [2, usize::MAX] {
                seen.extend(match (turn + most % 2) % 2 {
                    0 => take(&mut decoder, &mut buffer, most),
                    _ => take_by_hand(&mut decoder, &mut buffer, most),
                });
            }
        }
        assert_eq!(seen, expected);
    }
}

#[test]
fn an_error_in_the_middle_leaves_what_came_before_consumed() {
    let mut buffer = ReceiveBuffer::new(100);
    let frames = [&Side::Server.frame(0x82, b"ab")[..], b"\x83rest"].concat();
    fill(&mut buffer, &frames);
    let mut decoder = decoder(Side::Server);
    {
        let mut input = buffer.unconsumed();
        assert_eq!(input.len(), frames.len());
        assert_eq!(Seen::from(decoder.decode(&mut input).unwrap().unwrap()), binary(b"ab"));
        decoder.decode(&mut input).unwrap_err();
        assert_eq!(&*input, b"\x83rest");
    }
    assert_eq!(buffer.as_ref(), b"\x83rest");
}

#[test]
fn an_event_outlives_the_cursor_that_it_came_from() {
    let mut buffer = ReceiveBuffer::new(100);
    fill(&mut buffer, &Side::Server.frame(0x82, b"abc"));
    let event = decoder(Side::Server).decode(&mut buffer.unconsumed()).unwrap().unwrap();
    assert_eq!(Seen::from(event), binary(b"abc"));
    assert!(buffer.is_empty());
}

#[test]
fn a_cursor_has_consumed_what_it_took_and_no_more() {
    let mut buffer = ReceiveBuffer::default();
    fill(&mut buffer, &[&Side::Server.frame(0x82, b"ab")[..], b"\x82\x81"].concat());
    let mut input = buffer.unconsumed();
    decoder(Side::Server).decode(&mut input).unwrap().unwrap();
    assert_eq!(buffer.as_ref(), b"\x82\x81");
}

#[test]
fn an_untouched_cursor_leaves_everything_and_an_empty_one_nothing() {
    for (asked, size) in [(0, LEAST), (8, LEAST), (LEAST, LEAST), (200, 200)] {
        let mut buffer = ReceiveBuffer::new(asked);
        assert!(buffer.unconsumed().is_empty());
        assert_eq!(buffer.space().len(), size);
        fill(&mut buffer, b"abc");
        let _ = buffer.unconsumed();
        assert_eq!(*buffer.unconsumed(), *b"abc");
        assert_eq!(buffer.space().len(), size - 3);
        assert_eq!(buffer.as_ref(), b"abc");
    }
}

#[test]
fn all_that_is_free_is_space_again_once_something_was_consumed() {
    let frame = Side::Server.frame(0x82, &octets(100));
    let mut bytes = [&frame[..], &frame[..50]].concat();
    let mut buffer = ReceiveBuffer::new(bytes.len());
    let mut decoder = decoder(Side::Server);
    assert_eq!(fill(&mut buffer, &bytes), 1, "exactly full");
    assert_eq!(take(&mut decoder, &mut buffer, usize::MAX), [binary(&octets(100))]);
    assert_eq!(buffer.as_ref(), &frame[..50]);
    for _ in 0..2 {
        assert_eq!(buffer.space().len(), bytes.len() - 50, "as often as it is asked for");
    }
    assert_eq!(buffer.as_ref(), &frame[..50], "what moved is what was there");
    fill(&mut buffer, &frame[50..]);
    assert_eq!(take(&mut decoder, &mut buffer, usize::MAX), [binary(&octets(100))]);
    assert_eq!(buffer.space().len(), bytes.len());
    // More than fits is as much as fits.
    bytes.truncate(3);
    fill(&mut buffer, &bytes);
    buffer.filled(usize::MAX);
    assert_eq!(buffer.unconsumed().len(), frame.len() + 50);
}

#[test]
fn a_head_is_taken_from_the_front_of_what_a_cursor_left() {
    let mut buffer = ReceiveBuffer::new(100);
    let frames = [&Side::Server.frame(0x82, b"ab")[..], b"\x82\x81"].concat();
    fill(&mut buffer, &frames);
    assert_eq!(take(&mut decoder(Side::Server), &mut buffer, 1).len(), 1);
    assert_eq!(buffer.head(|input| input.to_vec()), b"\x82\x81");
    assert_eq!(buffer.as_ref(), b"\x82\x81", "what was left alone stays");
    buffer.head(|input| *input = &input[1..]);
    assert_eq!(buffer.as_ref(), b"\x81");
    assert_eq!(buffer.space().len(), LEAST - 1);
    // A reader that gives more back than it got has taken nothing.
    buffer.head(|input| *input = &[7; 100]);
    assert_eq!(buffer.as_ref(), b"\x81");
    buffer.head(|input| *input = &[]);
    assert!(buffer.is_empty());
    assert_eq!(buffer.space().len(), LEAST);
}
