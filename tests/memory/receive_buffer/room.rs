//! How much room there is: twice what came or less, little when nothing did, and none that is
//! parked.

use super::{LEAST, decoder, fill, stream, take};
use crate::common::{BOTH, Endpoint, Receive, Seen, Side, binary, letters, octets, pong};
use allocation_counter::measure;
use patchcord::handshake::admission::Admission;
use patchcord::handshake::server::RequestReader;
use patchcord::{Config, Connection, Limits, ReceiveBuffer, SendBuffer};

const REQUEST: &[u8] =
    b"GET /a HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

/// All the room that a buffer has; no more than it must have for what is there.
fn room(buffer: &mut ReceiveBuffer, size: usize) -> usize {
    let there = buffer.as_ref().len();
    let room = there + buffer.space().len();
    assert!(room > there, "never without space");
    assert!(room <= size.max(2 * there), "{room} bytes of room for {there}");
    room
}

#[test]
fn a_buffer_has_no_heap_before_the_first_read() {
    let info = measure(|| {
        let mut buffer = ReceiveBuffer::new(1 << 20);
        assert!(buffer.is_empty() && buffer.unconsumed().is_empty());
        assert!(buffer.as_ref().is_empty() && buffer.park().is_empty());
        buffer.filled(100);
        assert!(buffer.is_empty(), "nothing was there to read into");
        assert_eq!(buffer.head(|input| input.len()), 0);
    });
    assert_eq!(info.count_total, 0);
}

/// A frame of that many bytes, of which nothing can be consumed before its end.
fn receive_whole(size: usize, length: usize, step: usize) -> (usize, u64) {
    let limits =
        Limits { whole_frame: u32::MAX, frame: u64::MAX, message: u64::MAX, ..Limits::default() };
    let frame = Side::Server.frame(0x82, &octets(length));
    let mut decoder = Side::Server.decoder(limits, patchcord::Delivery::Messages);
    let mut most = 0;
    let info = measure(|| {
        let mut buffer = ReceiveBuffer::new(size);
        let mut later = &frame[..];
        while !later.is_empty() {
            most = most.max(room(&mut buffer, size.max(LEAST)));
            let count = step.min(buffer.space().len()).min(later.len());
            fill(&mut buffer, &later[..count]);
            later = &later[count..];
            let seen = take(&mut decoder, &mut buffer, usize::MAX);
            assert_eq!(seen.len(), usize::from(later.is_empty()), "at the last byte");
        }
        assert!(buffer.is_empty());
        assert!(buffer.space().len() <= 2 * size.max(LEAST), "small again");
    });
    (most, info.count_total)
}

#[test]
fn a_buffer_grows_to_twice_what_is_there_or_less_and_shrinks_when_it_is_empty() {
    for size in [0, 1000, 100_000] {
        for length in [0, 100, 139, 140, 1000, 5000, 300_000] {
            for step in [100, 1460, usize::MAX] {
                let (most, allocations) = receive_whole(size, length, step);
                assert!(most <= size.max(LEAST).max(2 * (length + 14)), "{most} for {length}");
                assert!(allocations <= 20, "{allocations} allocations: it does not double");
            }
        }
    }
}

#[test]
fn a_buffer_that_grew_frees_that_at_the_first_read_when_it_is_empty() {
    let mut buffer = ReceiveBuffer::new(0);
    let info = measure(|| {
        fill(&mut buffer, &vec![0; 1_000_000]);
        buffer.head(|input| *input = &[]);
        let _ = buffer.space();
    });
    assert!(info.bytes_max >= 1_000_000);
    assert_eq!(info.bytes_current, LEAST as i64);
}

/// What is read behind it would be moved when the next message grows.
#[test]
fn inside_a_long_frame_no_more_is_lent_than_that_lacks_with_the_header_behind_it() {
    for side in BOTH {
        let frame = side.frame(0x82, &octets(600_000));
        let (mut decoder, mut buffer) = (decoder(side), ReceiveBuffer::default());
        for _ in 0..3 {
            let mut later = &frame[..];
            while !later.is_empty() {
                let most = buffer.space().len();
                assert!(most <= 256 * 1024, "{most} at once");
                let long = later.len() < frame.len();
                assert!(!long || most <= later.len() + LEAST, "{most} of {}", later.len());
                let (read, rest) = later.split_at(most.min(later.len()));
                fill(&mut buffer, read);
                take(&mut decoder, &mut buffer, usize::MAX);
                later = rest;
            }
            assert!(buffer.is_empty());
        }
    }
}

/// A payload may fit a read, and not its header: else every other read would bring the few bytes that
/// one lacks, and what came before would be moved for them.
#[test]
fn messages_about_as_long_as_the_buffer_are_not_read_in_small_pieces() {
    for side in BOTH {
        for size in [1000, 16_398, 65_536] {
            for length in size - 15..=size + 1 {
                let stream = side.frame(0x81, letters(length).as_bytes()).repeat(10);
                let (mut decoder, mut buffer) = (decoder(side), ReceiveBuffer::new(size));
                let (mut later, mut heard, mut small) = (&stream[..], 0, 0);
                while !later.is_empty() {
                    let count = later.len().min(buffer.space().len());
                    small += usize::from(count < LEAST);
                    fill(&mut buffer, &later[..count]);
                    later = &later[count..];
                    heard += take(&mut decoder, &mut buffer, usize::MAX).len();
                }
                assert_eq!(heard, 10);
                assert!(small <= 1, "{small} small reads, {side:?}, {length} into {size}"); // the last
            }
        }
    }
}

#[test]
fn headers_and_control_frames_between_fragments_take_no_room() {
    for side in BOTH {
        let (mut decoder, mut buffer) = (decoder(side), ReceiveBuffer::new(1000));
        let first = side.frame(0x02, b"a");
        fill(&mut buffer, &first);
        assert_eq!(take(&mut decoder, &mut buffer, 1), []);
        for held in 1..300 {
            assert_eq!(buffer.space().len(), 1000 - first.len() + 1 - held, "{held} are held");
            fill(&mut buffer, &side.frames(&[(0x8a, b"a pong"), (0x00, b"b")]));
            assert_eq!(take(&mut decoder, &mut buffer, usize::MAX), [pong(b"a pong")]);
        }
    }
}

#[test]
fn what_is_parked_takes_as_much_as_it_is_and_leaves_the_shared_buffer_as_it_was() {
    let mut shared = ReceiveBuffer::new(512 * 1024);
    let room = shared.space().len();
    for length in [0, 1, 3, LEAST, 1000, 512 * 1024] {
        fill(&mut shared, b"consumed");
        shared.head(|input| *input = &[]);
        let bytes = octets(length);
        fill(&mut shared, &bytes);
        let mut parked = None;
        let info = measure(|| parked = Some(shared.park()));
        assert_eq!((info.bytes_current, info.bytes_max), (length as i64, length as u64));
        assert_eq!(parked.unwrap().as_ref(), bytes);
        assert!(shared.is_empty());
        let info = measure(|| assert_eq!(shared.space().len(), room));
        assert_eq!(info.count_total, 0, "it has its memory still");
    }
}

/// The way of a thread with one buffer for all of its connections.
#[test]
fn a_connection_with_half_a_frame_holds_little_more_than_what_came() {
    let mut shared = ReceiveBuffer::new(512 * 1024);
    let _ = shared.space();
    for side in BOTH {
        for length in [0, 125, 1000, Limits::WHOLE_FRAME as usize] {
            for (first, limit) in [(0x82, length), (0x81, length), (0x89, 125), (0x02, length)] {
                let frame = side.frame(first, &vec![b'a'; length.min(limit)]);
                for came in [1, frame.len() / 2, frame.len() - 1] {
                    let mut held = None;
                    let info = measure(|| {
                        let mut endpoint = Endpoint::open(side);
                        fill(&mut shared, &frame[..came]);
                        assert_eq!(endpoint.receive(&mut shared.unconsumed()), Ok(None));
                        held = Some((endpoint, shared.park()));
                    });
                    let most = came as i64 + 200; // and what is known of an open message
                    assert!(
                        info.bytes_current <= most,
                        "{} for {came} of {first:x}",
                        info.bytes_current
                    );
                    let (mut endpoint, mut parked) = held.unwrap();
                    fill(&mut parked, &frame[came..]);
                    let event = endpoint.receive(&mut parked.unconsumed()).unwrap();
                    assert_eq!(event.is_some(), first != 0x02, "a fragment is not a message");
                    assert_eq!(parked.is_empty(), first != 0x02, "and is held until one comes");
                }
            }
        }
    }
}

#[test]
fn a_parked_buffer_goes_on_where_the_shared_one_was() {
    for side in BOTH {
        let (stream, expected) = stream(side);
        let mut shared = ReceiveBuffer::new(100_000);
        for first in 0..=stream.len() {
            for second in [first, first + 1, first + 100, stream.len()] {
                let second = second.min(stream.len());
                let mut decoder = decoder(side);
                fill(&mut shared, &stream[..first]);
                let mut seen = take(&mut decoder, &mut shared, usize::MAX);
                let mut parked = shared.park();
                let mut most = 0;
                for read in [&stream[first..second], &stream[second..]] {
                    fill(&mut parked, read);
                    most = most.max(parked.as_ref().len());
                    let room = parked.as_ref().len() + parked.space().len();
                    assert!(room <= LEAST.max(2 * most), "{room} bytes of room for {most}");
                    seen.extend(take(&mut decoder, &mut parked, usize::MAX));
                }
                assert_eq!(seen, expected, "cut at {first} and {second}");
                assert!(parked.is_empty() && shared.is_empty());
            }
        }
    }
}

#[test]
fn any_split_of_the_reads_gives_the_same_events_as_one_read() {
    for side in BOTH {
        let (stream, expected) = stream(side);
        for size in [0, 16_398] {
            for step in 1..=stream.len() {
                let (mut endpoint, mut buffer) = (Endpoint::open(side), ReceiveBuffer::new(size));
                let mut seen: Vec<Seen> = Vec::new();
                for read in stream.chunks(step) {
                    fill(&mut buffer, read);
                    let mut input = buffer.unconsumed();
                    while let Some(event) = endpoint.receive(&mut input).unwrap() {
                        seen.push(event.into());
                    }
                }
                assert_eq!(seen, expected, "{step} bytes at a time");
                assert_eq!(endpoint.say(), [(0x8a, b"?".to_vec())]);
                assert!(buffer.is_empty());
            }
        }
    }
}

#[test]
fn frames_behind_a_head_are_there_wherever_a_read_ends() {
    let (frames, expected) = stream(Side::Server);
    let bytes = [REQUEST, &frames].concat();
    for size in [0, 500, 16_398] {
        for cut in 0..=bytes.len() {
            let mut buffer = ReceiveBuffer::new(size);
            let mut reader = RequestReader::new(Admission::any());
            let (mut decoder, mut seen, mut open) = (decoder(Side::Server), Vec::new(), false);
            for read in [&bytes[..cut], &bytes[cut..]] {
                fill(&mut buffer, read);
                if !open {
                    let request = buffer.head(|input| reader.read(input)).unwrap();
                    open = request.is_some_and(|request| {
                        assert_eq!(request.path(), "/a");
                        true
                    });
                }
                if open {
                    seen.extend(take(&mut decoder, &mut buffer, usize::MAX));
                }
            }
            assert_eq!(seen, expected, "cut at {cut}, {size}");
            assert!(buffer.is_empty());
        }
    }
}

/// The end of the stream sees in the buffer what was cut.
#[test]
fn the_end_of_the_stream_is_told_with_the_buffer() {
    let frame = Side::Server.frame(0x82, b"abc");
    for end in 1..frame.len() {
        let mut connection = Connection::server(Config::default());
        let (mut buffer, mut out) = (ReceiveBuffer::default(), SendBuffer::new());
        fill(&mut buffer, &[&frame[..], &frame[..end]].concat());
        let mut input = buffer.unconsumed();
        let mut seen: Vec<Seen> = Vec::new();
        while let Some(event) = connection.receive(&mut input, &mut out).unwrap() {
            seen.push(event.into());
        }
        assert_eq!(seen, [binary(b"abc")]);
        assert_eq!(connection.end_of_stream(&buffer), Err(patchcord::ConnectionLost::InsideFrame));
    }
}

/// Each read ends inside the next frame.
#[test]
fn a_buffer_that_is_never_empty_gives_back_what_a_long_frame_took() {
    let limits = Limits { whole_frame: 8 << 20, ..Limits::default() };
    let mut decoder = Side::Server.decoder(limits, patchcord::Delivery::Messages);
    let mut buffer = ReceiveBuffer::default();
    let long = [Side::Server.frame(0x82, &octets(8 << 20)), vec![0x82]].concat();
    let short = [&[0x80 | 100][..], &[0; 104], &[0x82]].concat();
    let info = measure(|| {
        for mut read in [&long[..]].into_iter().chain([&short[..]; 10]) {
            while !read.is_empty() {
                let count = read.len().min(buffer.space().len());
                fill(&mut buffer, &read[..count]);
                read = &read[count..];
                take(&mut decoder, &mut buffer, usize::MAX);
            }
        }
    });
    assert_eq!(buffer.as_ref(), [0x82]);
    assert!(info.bytes_current <= 64 << 10, "{} bytes for one", info.bytes_current);
}

/// Reads what the space is for, until the one message is there; returns how much was asked for.
fn receive_rest(side: Side, buffer: &mut ReceiveBuffer, frame: &[u8], first: usize) -> [u64; 2] {
    let mut decoder = decoder(side);
    fill(buffer, &frame[..first]);
    assert_eq!(take(&mut decoder, buffer, usize::MAX), []);
    let mut parked = None;
    let park = measure(|| parked = Some(buffer.park()));
    let mut parked = parked.unwrap();
    let mut later = &frame[first..];
    let rest = measure(|| {
        while !later.is_empty() {
            let space = parked.space();
            let (read, rest) = later.split_at(space.len().min(later.len()));
            space[..read.len()].copy_from_slice(read);
            parked.filled(read.len());
            later = rest;
            let mut input = parked.unconsumed();
            let event = decoder.decode(&mut input).unwrap();
            assert_eq!(event.is_some(), later.is_empty());
        }
    });
    [park.count_total, rest.count_total]
}

#[test]
fn a_long_message_is_moved_once_if_a_third_of_it_has_come() {
    for side in BOTH {
        let frame = side.frame(0x82, &octets(1 << 20));
        for (first, allocations) in [(400_000, [1, 0]), (600_000, [1, 0]), (16_000, [1, 6])] {
            let mut shared = ReceiveBuffer::new(1 << 20);
            let counted = receive_rest(side, &mut shared, &frame, first);
            assert_eq!(counted, allocations, "{first} bytes came first");
        }
        let mut decoder = decoder(side);
        let mut buffer = ReceiveBuffer::new(512 * 1024);
        let grows = measure(|| {
            let mut later = &frame[..];
            while !later.is_empty() {
                let count = buffer.space().len().min(later.len());
                fill(&mut buffer, &later[..count]);
                later = &later[count..];
                let mut input = buffer.unconsumed();
                while decoder.decode(&mut input).unwrap().is_some() {}
            }
        });
        assert_eq!(grows.count_total, 3, "for itself, for what is known of the message, to grow");
    }
}
