//! No heap on the way of a whole frame, in either direction.

use crate::common::{BOTH, Endpoint, Receive, Side, letters, octets};
use allocation_counter::{AllocationInfo, measure};
use bytes::{Buf, BytesMut};
use patchcord::{
    Delivery, Encoder, Event, Fragment, Input, Limits, Message, MessageKind, ReceiveBuffer,
    SendBuffer,
};

const WHOLE: usize = Limits::WHOLE_FRAME as usize;

/// Both sides of each form of the length, and up to the longest frame that is waited for.
const SIZES: [usize; 13] = [0, 1, 2, 3, 63, 64, 125, 126, 127, 1000, 3840, WHOLE - 1, WHOLE];

/// Small frames of each opcode that a connection gets in numbers.
fn frames(side: Side, size: usize) -> [Vec<u8>; 2] {
    [side.frame(0x82, &octets(size)), side.frame(0x81, letters(size).as_bytes())]
}

fn take<I: Input>(subject: &mut impl Receive, input: &mut I, size: usize) {
    match subject.receive(input) {
        Ok(Some(Event::Binary(octets))) => assert_eq!(octets.as_ref().len(), size),
        Ok(Some(Event::Text(text))) => assert_eq!(text.len(), size),
        _ => panic!("no message of {size} bytes"),
    }
}

#[test]
fn a_whole_frame_is_received_without_an_allocation() {
    for side in BOTH {
        for size in SIZES {
            for mut frame in frames(side, size) {
                let mut decoder = side.decoder(Limits::default(), Delivery::Messages);
                let mut copy = frame.clone();
                let decoded = measure(|| take(&mut decoder, &mut &mut copy[..], size));
                assert_eq!(decoded.count_total, 0, "{side:?}, {size} bytes, decoder");
                let mut endpoint = Endpoint::open(side);
                let received = measure(|| take(&mut endpoint, &mut &mut frame[..], size));
                assert_eq!(received.count_total, 0, "{side:?}, {size} bytes, connection");
            }
        }
    }
}

#[test]
fn frames_that_follow_one_another_are_received_without_an_allocation() {
    for side in BOTH {
        let mut stream: Vec<u8> =
            SIZES.into_iter().flat_map(|n| frames(side, n).concat()).collect();
        let mut endpoint = Endpoint::open(side);
        let info = measure(|| {
            let mut input = &mut stream[..];
            for size in SIZES {
                take(&mut endpoint, &mut input, size);
                take(&mut endpoint, &mut input, size);
            }
            assert!(input.is_empty());
        });
        assert_eq!(info.count_total, 0, "{side:?}");
    }
}

/// A message of that size whole, and in four fragments.
fn messages(side: Side, first: u8, size: usize) -> [Vec<u8>; 2] {
    let payload = letters(size).into_bytes();
    let parts: Vec<&[u8]> = payload.chunks(size.div_ceil(4)).collect();
    let frames: Vec<(u8, &[u8])> = (0..4)
        .map(|i| (if i == 0 { first } else { 0 } | if i == 3 { 0x80 } else { 0 }, parts[i]))
        .collect();
    [side.frame(0x80 | first, &payload), side.frames(&frames)]
}

/// Gives a stream to a buffer, at most `step` bytes at a time, and takes the messages; returns how
/// many those were.
fn pour(
    endpoint: &mut Endpoint,
    buffer: &mut ReceiveBuffer,
    mut stream: &[u8],
    (step, size): (usize, usize),
) -> usize {
    let mut heard = 0;
    while !stream.is_empty() {
        let space = buffer.space();
        let (read, later) = stream.split_at(step.min(space.len()).min(stream.len()));
        space[..read.len()].copy_from_slice(read);
        buffer.filled(read.len());
        stream = later;
        let mut input = buffer.unconsumed();
        while let Some(event) = endpoint.receive(&mut input).unwrap() {
            let length = match event {
                Event::Binary(octets) => octets.as_ref().len(),
                Event::Text(text) => text.len(),
                event => panic!("{event:?}"),
            };
            assert_eq!(length, size);
            heard += 1;
        }
    }
    heard
}

#[test]
fn messages_of_any_size_are_received_through_a_buffer_without_an_allocation() {
    for side in BOTH {
        for (size, step) in
            [(1000, 700), (20_000, 1460), (70_000, 1460), (70_000, usize::MAX), (300_000, 65_536)]
        {
            for first in [0x1, 0x2] {
                for message in messages(side, first, size) {
                    let mut endpoint = Endpoint::open(side);
                    let mut buffer = ReceiveBuffer::default();
                    // One after another, as one who waits for an answer sends them; and a stream.
                    for stream in [message.clone(), message.repeat(4)] {
                        let mut turn = || pour(&mut endpoint, &mut buffer, &stream, (step, size));
                        let count = stream.len() / message.len();
                        assert_eq!((turn(), turn()), (count, count));
                        let info = measure(|| assert_eq!(turn(), count));
                        assert_eq!(info.count_total, 0, "{side:?}, {count} of {size} by {step}");
                    }
                }
            }
        }
    }
}

/// One, and not none: what is known of a message that is open lies on the heap, so that a
/// connection without one is small.
#[test]
fn the_parts_of_a_message_are_handed_on_with_one_small_allocation_for_all() {
    let limits = Limits { whole_frame: 100, ..Limits::default() };
    for side in BOTH {
        let long = [(0x01, &letters(150).into_bytes()[..]), (0x80, b"end")];
        for (frames, cut) in [(&long[..], 60), (&[(0x82, &b"one frame"[..])], 0)] {
            let mut decoder = side.decoder(limits, Delivery::Fragments);
            let mut bytes = side.frames(frames);
            let info = measure(|| {
                let (mut head, mut tail) = bytes.split_at_mut(cut);
                while decoder.decode(&mut head).unwrap().is_some() {}
                while decoder.decode(&mut tail).unwrap().is_some() {}
                assert!(head.is_empty() && tail.is_empty());
            });
            assert_eq!(info.count_total, 1, "{side:?}");
            assert!(info.bytes_total <= 128, "{} bytes", info.bytes_total);
        }
    }
}

fn received_from_bytes_mut(side: Side, size: usize, count: usize) -> AllocationInfo {
    let frame = side.frame(0x82, &octets(size));
    let mut input = BytesMut::from(&frame.repeat(count)[..]);
    let mut endpoint = Endpoint::open(side);
    let info = measure(|| {
        for _ in 0..count {
            take(&mut endpoint, &mut input, size);
        }
    });
    assert!(input.is_empty());
    info
}

/// One, and not none: `BytesMut` becomes reference counted when it is first split, and the
/// count lies on the heap.
#[test]
fn all_frames_in_one_bytes_mut_are_received_with_one_small_allocation() {
    for side in BOTH {
        for size in SIZES {
            for count in [1, 2, 50] {
                let info = received_from_bytes_mut(side, size, count);
                assert_eq!(info.count_total, 1, "{side:?}, {count} of {size} bytes");
                assert!(info.bytes_total <= 64, "{} bytes", info.bytes_total);
            }
        }
    }
}

/// An endpoint whose buffer has that room, since as much was written from it before.
fn with_room(side: Side, room: usize) -> Endpoint {
    let mut endpoint = Endpoint::open(side);
    endpoint.out = SendBuffer::keeping(2 * room + 1024);
    endpoint.queue(Message::Binary(&octets(room))).unwrap();
    endpoint.sent(usize::MAX);
    endpoint
}

/// The same from the least that every buffer keeps.
#[test]
fn a_turn_within_what_an_empty_buffer_keeps_allocates_nothing_again() {
    for side in BOTH {
        let mut endpoint = Endpoint::open(side);
        let mut pings = side.frame(0x89, b"ping").repeat(101);
        let mut input = &mut pings[..];
        let mut turn = || {
            endpoint.queue(Message::Binary(&[0; 6000])).unwrap();
            endpoint.queue_ping(b"ping").unwrap();
            endpoint.receive(&mut input).unwrap().unwrap();
            endpoint.sent(usize::MAX);
        };
        turn();
        let info = measure(|| (0..100).for_each(|_| turn()));
        assert_eq!(info.count_total, 0, "{side:?}");
    }
}

#[test]
fn a_long_message_makes_an_empty_send_buffer_grow_once() {
    let payload = octets(1 << 20);
    for side in BOTH {
        let mut endpoint = with_room(side, 0);
        let sent = measure(|| endpoint.queue(Message::Binary(&payload)).unwrap());
        assert_eq!(sent.count_total, 1, "{side:?}");
    }
}

#[test]
fn a_message_is_sent_into_reserved_space_without_an_allocation() {
    for side in BOTH {
        for size in SIZES {
            let (octets, letters) = (octets(size), letters(size));
            let mut endpoint = with_room(side, 2 * (size + 14));
            let info = measure(|| {
                endpoint.queue(Message::Binary(&octets)).unwrap();
                endpoint.queue(Message::Text(&letters)).unwrap();
            });
            assert_eq!(info.count_total, 0, "{side:?}, {size} bytes");
            assert!(endpoint.pending().len() >= 2 * (size + 2));
        }
    }
}

#[test]
fn a_fragment_and_a_ping_are_sent_into_reserved_space_without_an_allocation() {
    for side in BOTH {
        let mut endpoint = with_room(side, 1000);
        let payload = &b"caf\xc3"[..];
        let info = measure(|| {
            let part = Fragment { kind: MessageKind::Text, first: true, last: false, payload };
            endpoint.queue_fragment(part).unwrap();
            endpoint.queue_ping(&[0; 125]).unwrap();
            let part = Fragment { first: false, last: true, payload: &b"\xa9"[..], ..part };
            endpoint.queue_fragment(part).unwrap();
        });
        assert_eq!(info.count_total, 0, "{side:?}");
        assert!(endpoint.pending().len() > 125);
    }
}

#[test]
fn a_message_is_sent_in_place_without_an_allocation() {
    for side in BOTH {
        for size in SIZES {
            for (kind, mut payload) in [
                (MessageKind::Binary, octets(size)),
                (MessageKind::Text, letters(size).into_bytes()),
            ] {
                let mut endpoint = Endpoint::open(side);
                let mut out = SendBuffer::new();
                let info = measure(|| {
                    let mut frame = endpoint.send_in_place(kind, &mut payload, &mut out).unwrap();
                    assert!(frame.remaining() >= size + 2);
                    frame.advance(frame.remaining());
                });
                assert_eq!(info.count_total, 0, "{side:?}, {size} bytes");
            }
        }
    }
}

#[test]
fn a_message_is_sent_borrowed_without_an_allocation() {
    let mut encoder = Encoder::server();
    for size in SIZES {
        let octets = octets(size);
        let info = measure(|| {
            let frame = encoder.encode_borrowed(Message::Binary(&octets)).unwrap();
            assert!(frame.remaining() >= size + 2);
        });
        assert_eq!(info.count_total, 0, "{size} bytes");
    }
}

#[test]
fn a_new_connection_allocates_nothing() {
    for side in BOTH {
        let info = measure(|| assert!(Endpoint::open(side).pending().is_empty()));
        assert_eq!(info.count_total, 0);
    }
}

#[test]
fn a_joined_message_allocates_in_proportion_to_what_arrived() {
    for side in BOTH {
        let mut stream = side.frame(0x02, b"");
        stream.extend(side.frame(0x00, b"octet").repeat(1000));
        let mut decoder = side.decoder(Limits::default(), Delivery::Messages);
        let info = measure(|| {
            assert!(matches!(decoder.decode(&mut &mut stream[..]), Ok(None)));
        });
        assert!(info.bytes_max <= 3 * 5000, "{} bytes for 5000", info.bytes_max);
        assert!(info.count_total <= 20, "{} allocations", info.count_total);
    }
}
