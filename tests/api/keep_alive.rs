//! Keep-alive under a simulated clock: when a ping is due, and when its answer.

use super::clock::{INTERVAL, PONG, START, TICK, endpoint, pinged, with};
use crate::common::{BOTH, Endpoint, Receive, run};
use patchcord::{Expired, ReceiveBuffer, State, Timeouts};
use std::time::Duration;

#[test]
fn a_ping_is_due_when_the_peer_was_silent_for_the_interval_and_not_before() {
    for side in BOTH {
        let mut endpoint = endpoint(side);
        assert_eq!(endpoint.on_time(START), None);
        assert_eq!(endpoint.next_deadline(), Some(START + INTERVAL));
        assert_eq!(endpoint.on_time(START + INTERVAL - TICK), None);
        assert!(endpoint.pending().is_empty());
        assert_eq!(endpoint.next_deadline(), Some(START + INTERVAL));
        assert_eq!(endpoint.on_time(START + INTERVAL), None);
        assert_eq!(endpoint.say(), [(0x89, vec![])]);
    }
}

#[test]
fn anything_received_postpones_the_ping() {
    let frames: [(u8, &[u8]); 6] =
        [(0x82, b"x"), (0x81, b""), (0x01, b"part"), (0x02, b""), (0x89, b""), (0x8a, b"")];
    for side in BOTH {
        for (first, payload) in frames {
            let mut endpoint = endpoint(side);
            endpoint.on_time(START);
            endpoint.hear(first, payload).unwrap();
            let heard = START + INTERVAL - TICK;
            assert_eq!(endpoint.on_time(heard), None);
            endpoint.say();
            assert_eq!(endpoint.next_deadline(), Some(heard + INTERVAL));
            endpoint.on_time(heard + INTERVAL - TICK);
            assert!(endpoint.pending().is_empty());
            endpoint.on_time(heard + INTERVAL);
            assert_eq!(endpoint.say(), [(0x89, vec![])]);
        }
    }
}

#[test]
fn a_part_of_a_long_frame_postpones_the_ping() {
    for side in BOTH {
        let mut endpoint = endpoint(side);
        endpoint.on_time(START);
        let frame = side.frame(0x82, &[0; 20_000]);
        run(&mut endpoint, &[&frame[..100]]);
        endpoint.on_time(START + PONG);
        assert_eq!(endpoint.next_deadline(), Some(START + PONG + INTERVAL));
    }
}

#[test]
fn a_part_of_a_frame_that_is_waited_for_postpones_the_ping_and_the_same_bytes_again_do_not() {
    for side in BOTH {
        let mut endpoint = endpoint(side);
        let mut frame = side.frame(0x82, &[0; 1000]);
        let mut give = |endpoint: &mut Endpoint, end: usize, now| {
            assert_eq!(endpoint.receive(&mut &mut frame[..end]), Ok(None));
            endpoint.on_time(now);
            endpoint.next_deadline()
        };
        endpoint.on_time(START);
        for second in 1..5 {
            let now = START + Duration::from_secs(second);
            assert_eq!(give(&mut endpoint, second as usize * 100, now), Some(now + INTERVAL));
        }
        let heard = START + Duration::from_secs(4);
        assert_eq!(give(&mut endpoint, 400, heard + TICK), Some(heard + INTERVAL));
    }
}

/// The same in a receive buffer, where the first part of a message is held, and consumed.
#[test]
fn a_byte_behind_a_message_that_is_held_postpones_the_ping_and_the_same_again_does_not() {
    for side in BOTH {
        let mut endpoint = endpoint(side);
        let mut buffer = ReceiveBuffer::default();
        let stream = [side.frame(0x01, b"part"), vec![0x80, side.mask() | 4]].concat();
        endpoint.on_time(START);
        let mut heard = START;
        for (second, byte) in (1..).zip(stream) {
            buffer.space()[0] = byte;
            buffer.filled(1);
            heard = START + Duration::from_secs(second);
            for later in [Duration::ZERO, TICK, 2 * TICK] {
                assert_eq!(endpoint.receive(&mut buffer.unconsumed()), Ok(None));
                endpoint.on_time(heard + later);
                assert_eq!(endpoint.next_deadline(), Some(heard + INTERVAL), "byte {second}");
            }
        }
        assert!(!buffer.is_empty());
        assert_eq!(endpoint.receive(&mut buffer.unconsumed()), Ok(None));
        endpoint.on_time(heard + INTERVAL);
        assert_eq!(endpoint.say(), [(0x89, vec![])]);
    }
}

#[test]
fn what_was_read_before_the_clock_was_told_counts_even_at_the_deadline() {
    for side in BOTH {
        let mut endpoint = pinged(side);
        endpoint.hear(0x8a, b"").unwrap();
        assert_eq!(endpoint.on_time(START + INTERVAL + PONG), None);
        assert_eq!(endpoint.state(), State::Open);
    }
}

#[test]
fn a_ping_that_was_not_written_waits_once() {
    for side in BOTH {
        let timeouts = Timeouts {
            ping_interval: Some(INTERVAL),
            pong: None,
            close: None,
            write: None,
            ..Timeouts::default()
        };
        let mut endpoint = with(side, timeouts);
        for round in 0..5 {
            assert_eq!(endpoint.on_time(START + INTERVAL * round), None);
        }
        assert_eq!(endpoint.say(), [(0x89, vec![])]);
        assert_eq!(endpoint.on_time(START + INTERVAL * 4 + TICK), None);
        assert!(endpoint.pending().is_empty());
    }
}

#[test]
fn a_ping_is_sent_again_at_each_interval() {
    for side in BOTH {
        let timeouts = Timeouts {
            ping_interval: Some(INTERVAL),
            pong: None,
            close: None,
            ..Timeouts::default()
        };
        let mut endpoint = with(side, timeouts);
        endpoint.on_time(START);
        for round in 1..5 {
            let due = START + INTERVAL * round;
            assert_eq!(endpoint.next_deadline(), Some(due));
            assert_eq!(endpoint.on_time(due), None);
            assert_eq!(endpoint.say(), [(0x89, vec![])]);
        }
    }
}

#[test]
fn a_peer_that_does_not_answer_a_ping_is_lost_when_the_answer_is_due_and_not_before() {
    for side in BOTH {
        let mut endpoint = pinged(side);
        let due = START + INTERVAL + PONG;
        assert_eq!(endpoint.next_deadline(), Some(due));
        assert_eq!(endpoint.on_time(due - TICK), None);
        assert_eq!((endpoint.state(), endpoint.pending()), (State::Open, &[][..]));
        assert_eq!(endpoint.on_time(due), Some(Expired::Pong));
        assert_eq!(endpoint.state(), State::Expired(Expired::Pong));
        let frames = endpoint.say();
        assert_eq!((frames.len(), frames[0].0), (1, 0x88));
        assert_eq!(frames[0].1[..2], 1011_u16.to_be_bytes());
        assert!(endpoint.is_finished());
    }
}

#[test]
fn further_pings_do_not_put_off_the_answer_to_the_first() {
    for side in BOTH {
        let timeouts = Timeouts {
            ping_interval: Some(PONG),
            pong: Some(INTERVAL),
            close: None,
            ..Timeouts::default()
        };
        let mut endpoint = with(side, timeouts);
        endpoint.on_time(START);
        let due = START + PONG + INTERVAL;
        while endpoint.next_deadline() < Some(due) {
            assert_eq!(endpoint.on_time(endpoint.next_deadline().unwrap()), None);
            assert_eq!(endpoint.say(), [(0x89, vec![])]);
        }
        assert_eq!(endpoint.next_deadline(), Some(due));
        assert_eq!(endpoint.on_time(due), Some(Expired::Pong));
    }
}

#[test]
fn anything_received_after_a_ping_keeps_the_connection() {
    for side in BOTH {
        for first in [0x82, 0x89, 0x8a] {
            let mut endpoint = pinged(side);
            endpoint.hear(first, b"here").unwrap();
            let heard = START + INTERVAL + PONG - TICK;
            assert_eq!(endpoint.on_time(heard), None);
            assert_eq!(endpoint.next_deadline(), Some(heard + INTERVAL));
            assert_eq!(endpoint.on_time(heard + PONG), None);
            assert_eq!(endpoint.state(), State::Open);
        }
    }
}

#[test]
fn the_clock_may_be_told_of_a_deadline_late() {
    for side in BOTH {
        let mut endpoint = endpoint(side);
        endpoint.on_time(START);
        let late = START + INTERVAL * 10;
        assert_eq!(endpoint.on_time(late), None);
        assert_eq!(endpoint.say(), [(0x89, vec![])]);
        assert_eq!(endpoint.next_deadline(), Some(late + PONG), "from the time of the ping");
    }
}

/// A driver with thousands of connections tells the time when a deadline comes, and may hear a pong
/// before the connection was told that its ping left.
#[test]
fn a_pong_that_is_heard_before_time_passes_answers_the_ping_that_left_meanwhile() {
    for side in BOTH {
        let mut endpoint = endpoint(side);
        assert_eq!(endpoint.on_time(START), None);
        let mut now = START + INTERVAL;
        for _ in 0..10 {
            assert_eq!(endpoint.on_time(now), None);
            endpoint.sent(usize::MAX);
            endpoint.hear(0x8a, b"").unwrap();
            now += INTERVAL;
            assert_eq!(endpoint.on_time(now), None);
            assert_eq!(endpoint.next_deadline(), Some(now + INTERVAL), "no pong is missing");
            now += INTERVAL;
        }
        // It hangs, and the next ping tells.
        assert_eq!(endpoint.on_time(now), None);
        assert_eq!(endpoint.say(), [(0x89, vec![])]);
        assert_eq!(endpoint.on_time(now), None);
        assert_eq!(endpoint.on_time(now + PONG), Some(Expired::Pong));
    }
}

/// A loop that writes what is due before it waits would do nothing else.
#[test]
fn a_ping_interval_of_nothing_is_a_millisecond() {
    for side in BOTH {
        let ping_interval = Some(Duration::ZERO);
        let mut endpoint = with(side, Timeouts { ping_interval, ..Timeouts::default() });
        let millisecond = Duration::from_millis(1);
        for round in 0..5 {
            let now = START + millisecond * round;
            assert_eq!(endpoint.on_time(now), None);
            assert_eq!(endpoint.say().len(), usize::from(round > 0));
            assert_eq!(endpoint.next_deadline(), Some(now + millisecond), "round {round}");
        }
    }
}
