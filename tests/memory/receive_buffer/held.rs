//! A message that does not come whole: it grows in the buffer, comes out of it, and belongs to one
//! connection until it ends.

use super::{LEAST, decoder, fill, take};
use crate::common::{BOTH, Endpoint, Receive, Seen, Side, binary, letters, octets, ping, text};
use allocation_counter::measure;
use bytes::BytesMut;
use patchcord::payload::Payload;
use patchcord::{CloseCode, Decoder, Event, ProtocolError, ReceiveBuffer};

/// A text in fragments, a ping among them, and what follows.
const FRAMES: [(u8, &[u8]); 5] = [
    (0x01, b"caf\xc3"),
    (0x00, b"\xa9 au lait"),
    (0x89, b"?"),
    (0x80, b", \xf0\x9f\x8e\xa7"),
    (0x82, b"next"),
];

fn seen() -> Vec<Seen> {
    vec![ping(b"?"), text("café au lait, 🎧"), binary(b"next")]
}

/// Half of a message, taken from a buffer that it is held in.
fn half(side: Side) -> (Decoder, ReceiveBuffer) {
    let (mut decoder, mut buffer) = (decoder(side), ReceiveBuffer::new(0));
    fill(&mut buffer, &side.frame(0x01, b"half"));
    assert_eq!(take(&mut decoder, &mut buffer, 1), []);
    assert!(buffer.as_ref().is_empty() && !buffer.is_empty(), "nothing is unread, and it is held");
    (decoder, buffer)
}

const ELSEWHERE: ProtocolError = ProtocolError::MessageElsewhere;

/// The octets of the next event, which have to lie in the buffer.
fn next_borrowed(decoder: &mut Decoder, buffer: &mut ReceiveBuffer) -> Option<Vec<u8>> {
    let lies = buffer.space().as_ptr_range().end;
    match decoder.decode(&mut buffer.unconsumed()).unwrap()? {
        Event::Text(text) => match text.into_payload() {
            Payload::Borrowed(octets) => {
                assert!(octets.as_ptr_range().end <= lies);
                Some(octets.to_vec())
            }
            Payload::Joined(_) => panic!("a text on the heap"),
        },
        Event::Binary(Payload::Borrowed(octets)) => Some(octets.to_vec()),
        event => panic!("{event:?} on the heap"),
    }
}

#[test]
fn a_message_that_comes_in_parts_is_delivered_as_a_part_of_the_buffer() {
    let payload = letters(70_000).into_bytes();
    for side in BOTH {
        for first in [0x1, 0x2] {
            let whole = side.frame(0x80 | first, &payload);
            let [one, two] = [&payload[..30_000], &payload[30_000..]];
            let fragments = side.frames(&[(first, one), (0x00, two), (0x80, b"")]);
            for stream in [whole, fragments] {
                for step in [1460, 16_384, 65_536] {
                    let (mut decoder, mut buffer) = (decoder(side), ReceiveBuffer::default());
                    let mut heard = Vec::new();
                    for read in stream.chunks(step) {
                        fill(&mut buffer, read);
                        heard.extend(next_borrowed(&mut decoder, &mut buffer));
                    }
                    assert!(heard == [&payload[..]], "{side:?}, {step} at a time");
                    assert!(buffer.is_empty());
                }
            }
        }
    }
}

/// The buffer is another one at each read: parked, moved back, or taken.
#[test]
fn a_message_goes_with_what_is_parked_moved_back_or_taken() {
    for side in BOTH {
        let stream = side.frames(&FRAMES);
        for cut in 0..=stream.len() {
            let mut shared = ReceiveBuffer::new(1000);
            let mut decoder = decoder(side);
            fill(&mut shared, &stream[..cut]);
            let mut events = take(&mut decoder, &mut shared, usize::MAX);
            let was_empty = shared.is_empty();
            let mut parked = shared.park();
            assert_eq!((shared.is_empty(), parked.is_empty()), (true, was_empty));
            let mut taken = std::mem::take(&mut parked);
            let late = (cut + 3).min(stream.len());
            fill(&mut taken, &stream[cut..late]);
            events.extend(take(&mut decoder, &mut taken, usize::MAX));
            assert!(shared.unpark(&mut taken) && taken.is_empty());
            assert!(!taken.space().is_empty(), "it can be read into");
            fill(&mut shared, &stream[late..]);
            events.extend(take(&mut decoder, &mut shared, usize::MAX));
            assert_eq!(events, seen(), "{side:?}, cut at {cut} and {late}");
            assert!(shared.is_empty());
        }
    }
}

#[test]
fn what_is_long_for_a_buffer_or_for_one_turn_or_meets_something_is_not_moved_back() {
    for (size, most) in [(1000, 500), (512 * 1024, 16 * 1024)] {
        let mut shared = ReceiveBuffer::new(size);
        for (length, moves) in [(most, true), (most + 1, false)] {
            let mut parked = ReceiveBuffer::new(0);
            fill(&mut parked, &octets(length));
            assert_eq!(shared.unpark(&mut parked), moves);
            let (from, to) = if moves { (&parked, &shared) } else { (&shared, &parked) };
            assert!(from.is_empty());
            assert_eq!(to.as_ref(), octets(length));
            let _ = shared.park();
        }
    }
    let mut shared = ReceiveBuffer::default();
    let (mut decoder, mut held) = half(Side::Server);
    fill(&mut shared, b"something");
    assert!(!shared.unpark(&mut held), "it is not overwritten");
    assert_eq!(shared.as_ref(), b"something");
    fill(&mut held, &Side::Server.frame(0x80, b"!"));
    assert_eq!(take(&mut decoder, &mut held, 1), [text("half!")]);
}

/// Or a peer that sends a message byte by byte would have all of it moved for each.
#[test]
fn a_turn_that_brings_one_byte_takes_16_kib_at_most_however_much_is_held() {
    const TURNS: usize = 100;
    for side in BOTH {
        for came in [1000, 16_000, 20_000, 200_000] {
            let frame = side.frame(0x82, &octets(300_000));
            let (mut decoder, mut shared) = (decoder(side), ReceiveBuffer::new(512 * 1024));
            fill(&mut shared, &frame[..came]);
            assert_eq!(take(&mut decoder, &mut shared, 1), []);
            let mut rest = shared.park();
            let info = measure(|| {
                for byte in frame[came..].chunks(1).take(TURNS) {
                    let moved = shared.unpark(&mut rest);
                    let buffer = if moved { &mut shared } else { &mut rest };
                    fill(buffer, byte);
                    assert_eq!(take(&mut decoder, buffer, 1), []);
                    if moved {
                        rest = shared.park();
                    }
                }
            });
            let most = 2 * came + TURNS * (16 * 1024 + 200); // grown once, or parked each time
            assert!(info.bytes_total <= most as u64, "{} for {came}", info.bytes_total);
        }
    }
}

#[test]
fn what_was_parked_has_no_heap_once_it_is_moved_back() {
    let (mut shared, mut parked) = (ReceiveBuffer::new(1000), ReceiveBuffer::new(0));
    let _ = shared.space();
    let info = measure(|| {
        fill(&mut parked, b"rest");
        assert!(shared.unpark(&mut parked));
    });
    assert_eq!((info.bytes_current, info.bytes_max), (0, LEAST as u64));
    assert_eq!(shared.as_ref(), b"rest");
}

/// Every way to ask another input for the rest of the message fails, and none delivers a part.
#[test]
fn a_message_is_not_continued_from_another_input() {
    for side in BOTH {
        let mut rest = side.frame(0x80, b"rest");
        for more in [&[][..], &rest] {
            let (mut first, _) = half(side);
            let mut copy = more.to_vec();
            let sliced = first.decode(&mut &mut copy[..]);
            assert_eq!(sliced.err(), Some(ELSEWHERE), "a slice");
            let (mut second, _) = half(side);
            assert_eq!(second.decode(&mut BytesMut::from(more)).err(), Some(ELSEWHERE), "owned");
            let (mut third, _) = half(side);
            let mut other = ReceiveBuffer::default();
            fill(&mut other, more);
            assert_eq!(third.decode(&mut other.unconsumed()).err(), Some(ELSEWHERE), "a buffer");
        }
        // Another buffer, in which another message is held.
        let (mut decoder, _) = half(side);
        let (mut other, mut buffer) = half(side);
        fill(&mut buffer, &side.frame(0x00, b"more"));
        assert_eq!(take(&mut other, &mut buffer, 1), []);
        fill(&mut buffer, &rest);
        assert_eq!(decoder.decode(&mut buffer.unconsumed()).err(), Some(ELSEWHERE));
        assert_eq!(take(&mut other, &mut buffer, 1), [text("halfmorerest")], "which is left alone");
        rest.clear();
    }
    assert_eq!(ELSEWHERE.close_code(), CloseCode::INTERNAL_ERROR);
}

/// The same in the middle of a long frame, of which any bytes would do.
#[test]
fn a_frame_is_not_continued_from_another_input() {
    let payload = octets(100_000);
    for side in BOTH {
        let frame = side.frame(0x82, &payload);
        let [mut one, mut other] = [30_000, 40_000].map(|came| {
            let (mut decoder, mut buffer) = (decoder(side), ReceiveBuffer::default());
            fill(&mut buffer, &frame[..came]);
            assert_eq!(take(&mut decoder, &mut buffer, 1), []);
            (decoder, buffer, came)
        });
        fill(&mut other.1, &frame[40_000..50_000]);
        assert_eq!(one.0.decode(&mut other.1.unconsumed()).err(), Some(ELSEWHERE));
        fill(&mut other.1, &frame[50_000..]);
        assert_eq!(take(&mut other.0, &mut other.1, 1), [binary(&payload)], "left alone");
    }
}

/// The way of a program that shares a buffer, and forgets to park what a connection left.
#[test]
fn a_connection_takes_nothing_from_a_buffer_that_holds_the_message_of_another() {
    for side in BOTH {
        for frame in [side.frame(0x82, b"whole"), side.frame(0x02, b"part"), vec![]] {
            let (mut decoder, mut buffer) = half(side);
            fill(&mut buffer, &frame);
            let mut other = Endpoint::open(side);
            assert_eq!(other.receive(&mut buffer.unconsumed()).err(), Some(ELSEWHERE));
            assert_eq!(buffer.as_ref(), frame);
            buffer.head(|input| *input = &[]);
            fill(&mut buffer, &side.frame(0x80, b"!"));
            assert_eq!(take(&mut decoder, &mut buffer, 1), [text("half!")], "which goes on");
        }
    }
}

#[test]
fn what_is_read_as_a_head_while_a_message_is_held_is_no_part_of_it() {
    for side in BOTH {
        let (mut decoder, mut buffer) = half(side);
        fill(&mut buffer, &[b"GET".as_slice(), &side.frame(0x80, b"!")].concat());
        assert_eq!(
            buffer.head(|input| input.split_off(..3).map(<[u8]>::to_vec)),
            Some(b"GET".to_vec())
        );
        assert_eq!(take(&mut decoder, &mut buffer, 1), [text("half!")]);
        assert!(buffer.is_empty());
    }
}

#[test]
fn a_message_that_does_not_end_is_let_go_with_the_connection() {
    for side in BOTH {
        let close = side.frame(0x88, b"\x03\xe8bye");
        for last in [close, side.frame(0x81, b""), side.frame(0x80, b"\xff"), vec![0x0f]] {
            let (mut decoder, mut buffer) = half(side);
            fill(&mut buffer, &[&last[..], b"behind"].concat());
            let mut input = buffer.unconsumed();
            let ended = decoder.decode(&mut input).map(|event| event.map(Seen::from));
            assert!(!matches!(ended, Ok(None)), "{last:02x?}");
            let again = decoder.decode(&mut input);
            assert!(matches!(again, Ok(None) | Err(_)));
            let rest = input.len();
            assert_eq!(buffer.as_ref().len(), rest);
            buffer.head(|input| *input = &[]);
            assert!(buffer.is_empty(), "{last:02x?}: held for nobody");
        }
    }
}

/// What is there and unread is what the caller sees, and no byte of what is held.
#[test]
fn an_input_reads_as_what_is_unread() {
    for side in BOTH {
        let (mut decoder, mut buffer) = half(side);
        let ping = side.frame(0x89, b"?");
        fill(&mut buffer, &[&ping[..], b"\x80"].concat());
        let mut input = buffer.unconsumed();
        assert_eq!(input.len(), ping.len() + 1);
        assert!(matches!(decoder.decode(&mut input), Ok(Some(Event::Ping(Payload::Joined(_))))));
        assert_eq!(&*input, b"\x80");
        assert_eq!(format!("{input:?}"), "Unconsumed(1 bytes)");
        assert!(matches!(decoder.decode(&mut input), Ok(None)));
        assert_eq!(buffer.as_ref(), b"\x80");
    }
}
