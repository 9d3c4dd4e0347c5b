//! What waits for more is looked at once, and that is not seen from outside.

use super::{decoder, fill, take};
use crate::common::{BOTH, Receive, Seen, Side, binary, octets};
use patchcord::{Input, ReceiveBuffer};

/// A buffer that waits for the rest of a frame of 300 bytes, of which it has `there`.
fn waiting(side: Side, there: usize) -> (ReceiveBuffer, Vec<u8>) {
    let frame = side.frames(&[(0x82, &octets(300))]);
    let (mut buffer, mut decoder) = (ReceiveBuffer::default(), decoder(side));
    fill(&mut buffer, &frame[..there]);
    assert_eq!(take(&mut decoder, &mut buffer, 1), []);
    (buffer, frame)
}

/// With `Input`'s own methods, a caller can take bytes without a decoder.
#[test]
fn bytes_that_wait_are_shown_changed_and_skipped_like_others() {
    for side in BOTH {
        for there in [1, 5, 100] {
            let (mut buffer, frame) = waiting(side, there);
            assert_eq!(buffer.as_ref(), &frame[..there]);
            let mut input = buffer.unconsumed();
            assert_eq!((&*input, input.bytes()), (&frame[..there], &frame[..there]));
            assert_eq!(input.bytes_mut(), &frame[..there]);
            assert!(input.take(0, there + 1).is_none());
            assert_eq!(input.take(1, 0).unwrap().as_ref(), b"");
            assert_eq!(&*input, &frame[1..there]);
            input.skip(there);
            assert!(buffer.is_empty());
        }
    }
}

/// What is taken by hand does not leave the next frame waiting for as much.
#[test]
fn a_short_frame_in_place_of_a_long_one_is_not_kept_waiting() {
    for side in BOTH {
        let short = side.frames(&[(0x82, b"ab")]);
        let by_hand: [fn(&mut ReceiveBuffer); 3] = [
            |buffer| buffer.unconsumed().skip(usize::MAX),
            |buffer| buffer.head(|input| *input = &[]),
            |buffer| drop(buffer.park()),
        ];
        for take_all in by_hand {
            let (mut buffer, _) = waiting(side, 100);
            take_all(&mut buffer);
            fill(&mut buffer, &short);
            assert_eq!(take(&mut decoder(side), &mut buffer, 1), [binary(b"ab")]);
        }
    }
}

/// Nor what came in the same read as the rest of the frame that waited.
#[test]
fn a_frame_behind_one_that_waited_waits_for_itself() {
    for side in BOTH {
        let (mut buffer, frame) = waiting(side, 100);
        let mut decoder = decoder(side);
        let short = side.frames(&[(0x82, b"ab")]);
        for end in 0..short.len() {
            let there = buffer.as_ref().len();
            fill(&mut buffer, &frame[there..]);
            fill(&mut buffer, &short[..end]);
            assert_eq!(take(&mut decoder, &mut buffer, 9), [binary(&octets(300))]);
            fill(&mut buffer, &short[end..]);
            assert_eq!(take(&mut decoder, &mut buffer, 9), [binary(b"ab")]);
        }
    }
}

/// A decoder that failed says so, whatever the buffer waits for; one that saw the Close takes all.
#[test]
fn what_waits_is_no_refuge_from_an_end() {
    for side in BOTH {
        let (mut buffer, _) = waiting(side, 100);
        let mut failed = decoder(side);
        let wrong = side.frames(&[(0x83, b"")]);
        let error = failed.receive(&mut &mut wrong.clone()[..]).unwrap_err();
        assert_eq!(failed.receive(&mut buffer.unconsumed()).unwrap_err(), error);
        let (mut buffer, _) = waiting(side, 100);
        let mut closed = decoder(side);
        let mut close = side.frames(&[(0x88, b"")]);
        let seen = closed.receive(&mut &mut close[..]).unwrap();
        assert_eq!(seen.map(Seen::from), Some(Seen::Close(None)));
        assert!(closed.receive(&mut buffer.unconsumed()).unwrap().is_none());
        assert!(buffer.is_empty(), "what follows a Close means nothing");
    }
}
