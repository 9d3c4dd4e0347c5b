//! No heap on the way of a whole frame, in either direction.

mod common;

use allocation_counter::{AllocationInfo, measure};
use bytes::{Buf, BytesMut};
use common::{BOTH, Endpoint, Receive, Side, letters, octets};
use patchcord::{Delivery, Encoder, Event, Fragment, Input, Kind, Limits, Message, SendBuffer};

const WHOLE: usize = Limits::WHOLE as usize;

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

/// One, and not none: what is known of a message that is open lies on the heap, so that a
/// connection without one is small.
#[test]
fn the_parts_of_a_message_are_handed_on_with_one_small_allocation_for_all() {
    let limits = Limits { whole: 100, ..Limits::default() };
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
            let part = Fragment { kind: Kind::Text, first: true, last: false, payload };
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
            for (kind, mut payload) in
                [(Kind::Binary, octets(size)), (Kind::Text, letters(size).into_bytes())]
            {
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
