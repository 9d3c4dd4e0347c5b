//! Deadlines are where the bytes are: what a driver is told when output waits, leaves or does not.

use super::clock::{self, CLOSE, INTERVAL, PONG, START, TICK, endpoint, with};
use crate::common::{BOTH, Endpoint, Receive, Side};
use bytes::Buf;
use patchcord::{Expired, Message, Next, Prepared, State, Timeouts};
use std::time::Duration;

const WRITE: Duration = Timeouts::WRITE;
const SECOND: Duration = Duration::from_secs(1);

fn write(until: Duration) -> Next {
    Next::Write { until: Some(until) }
}

fn wait(until: Duration) -> Next {
    Next::Wait { until: Some(until) }
}

/// Tells the time until it is believed, and returns what expired.
fn assert_expires(endpoint: &mut Endpoint, at: Duration, what: Expired) {
    assert_eq!(endpoint.handle_timeout(at), Next::Look, "not before a second look");
    assert_ne!(endpoint.state(), State::Expired(what));
    assert_eq!(endpoint.handle_timeout(at), Next::Expired(what));
    assert_eq!(endpoint.handle_timeout(at + SECOND), Next::Expired(what));
}

#[test]
fn what_is_said_is_to_be_written_and_then_waited_for() {
    for side in BOTH {
        let mut endpoint = Endpoint::open(side);
        assert_eq!(endpoint.handle_timeout(START), Next::Wait { until: None });
        endpoint.queue(Message::Text("said")).unwrap();
        assert_eq!(endpoint.handle_timeout(START), write(START + WRITE));
        endpoint.sent(3);
        assert_eq!(endpoint.handle_timeout(START + SECOND), write(START + SECOND + WRITE));
        endpoint.sent(usize::MAX);
        assert_eq!(endpoint.handle_timeout(START + SECOND), Next::Wait { until: None });
    }
}

#[test]
fn a_peer_that_stops_reading_expires_from_the_last_byte_that_left() {
    for side in BOTH {
        let mut endpoint = Endpoint::open(side);
        endpoint.queue(Message::Binary(&[0; 1000])).unwrap();
        let mut now = START;
        for _ in 0..20 {
            assert_eq!(endpoint.handle_timeout(now), write(now + WRITE));
            endpoint.hear(0x89, b"I speak").unwrap(); // but do not listen
            assert_eq!(endpoint.handle_timeout(now + WRITE - TICK), write(now + WRITE));
            endpoint.sent(1);
            now += WRITE - TICK;
        }
        assert_eq!(endpoint.handle_timeout(now), write(now + WRITE));
        assert_eq!(endpoint.handle_timeout(now + WRITE - TICK), write(now + WRITE));
        assert_expires(&mut endpoint, now + WRITE, Expired::Write);
        assert_eq!(endpoint.state(), State::Expired(Expired::Write));
        assert!(!endpoint.pending().is_empty(), "what waited is still there");
    }
}

#[test]
fn a_byte_that_leaves_between_the_looks_or_comes_is_believed() {
    for side in BOTH {
        let late = START + WRITE * 9;
        let mut endpoint = Endpoint::open(side);
        endpoint.queue(Message::Binary(&[0; 1000])).unwrap();
        assert_eq!(endpoint.handle_timeout(START), write(START + WRITE));
        assert_eq!(endpoint.handle_timeout(late), Next::Look);
        endpoint.sent(1);
        assert_eq!(endpoint.handle_timeout(late), write(late + WRITE));

        let mut endpoint = clock::pinged(side);
        let late = START + INTERVAL + PONG * 9;
        assert_eq!(endpoint.handle_timeout(late), Next::Look);
        endpoint.hear(0x8a, b"").unwrap();
        assert_eq!(endpoint.handle_timeout(late), wait(late + INTERVAL));
        assert_eq!(endpoint.state(), State::Open);

        let mut endpoint = clock::endpoint(side);
        endpoint.close(None).unwrap();
        let _ = endpoint.handle_timeout(START);
        endpoint.say();
        let _ = endpoint.handle_timeout(START);
        let late = START + CLOSE * 9;
        assert_eq!(endpoint.handle_timeout(late), Next::Look);
        endpoint.hear(0x88, b"").unwrap();
        assert_eq!(endpoint.handle_timeout(late), Next::Finished);
    }
}

/// A look that brought nothing is one look, and the next deadline has one of its own.
#[test]
fn each_deadline_has_a_look_of_its_own() {
    for side in BOTH {
        let mut endpoint = clock::pinged(side);
        let due = START + INTERVAL + PONG;
        for round in 0..3 {
            let now = due + (INTERVAL + PONG) * round;
            assert_eq!(endpoint.handle_timeout(now), Next::Look, "round {round}");
            endpoint.hear(0x8a, b"").unwrap();
            assert_eq!(endpoint.handle_timeout(now), wait(now + INTERVAL));
            assert_eq!(
                endpoint.handle_timeout(now + INTERVAL).until(),
                Some(now + INTERVAL + INTERVAL)
            );
            assert_eq!(endpoint.say(), [(0x89, vec![])]);
            let _ = endpoint.handle_timeout(now + INTERVAL);
        }
        assert_expires(&mut endpoint, due + (INTERVAL + PONG) * 3, Expired::Pong);
    }
}

/// The process is paused again behind the look for a write, and the pong comes in that time.
#[test]
fn a_look_for_one_deadline_is_not_one_for_another() {
    for side in BOTH {
        let timeouts = Timeouts {
            ping_interval: Some(INTERVAL),
            pong: Some(WRITE * 2),
            ..Timeouts::default()
        };
        let mut endpoint = with(side, timeouts);
        let _ = endpoint.handle_timeout(START);
        let now = START + INTERVAL;
        assert!(matches!(endpoint.handle_timeout(now), Next::Write { .. }));
        endpoint.sent(usize::MAX); // the ping
        assert_eq!(endpoint.handle_timeout(now), wait(now + INTERVAL));
        endpoint.queue(Message::Binary(&[0; 1000])).unwrap();
        assert_eq!(endpoint.handle_timeout(now), write(now + INTERVAL));
        assert!(matches!(endpoint.handle_timeout(now + INTERVAL), Next::Write { .. }));
        assert_eq!(endpoint.handle_timeout(now + WRITE), Next::Look);
        let now = now + WRITE * 9;
        endpoint.sent(1);
        assert_eq!(endpoint.handle_timeout(now), Next::Look, "what came meanwhile still counts");
        endpoint.hear(0x8a, b"").unwrap();
        assert!(matches!(endpoint.handle_timeout(now), Next::Write { .. }));
        assert_eq!(endpoint.state(), State::Open);
    }
}

/// The frames before a ping take the wire their time: its answer is not late before it left.
#[test]
fn the_answer_to_a_ping_is_waited_for_from_its_last_byte_whatever_lies_before_it() {
    for shared in [false, true] {
        let timeouts = Timeouts {
            ping_interval: Some(INTERVAL),
            pong: Some(PONG),
            write: None,
            ..Timeouts::default()
        };
        let mut endpoint = with(Side::Server, timeouts);
        assert_eq!(endpoint.handle_timeout(START), wait(START + INTERVAL));
        let message = Message::Binary(&[0; 1000]);
        let before = if shared {
            let (mut out, prepared) = (std::mem::take(&mut endpoint.out), Prepared::new(message));
            endpoint.server().unwrap().send_prepared(&prepared, &mut out).unwrap();
            endpoint.out = out;
            1004
        } else {
            endpoint.queue(message).unwrap();
            1004
        };
        let due = START + INTERVAL;
        assert!(matches!(endpoint.handle_timeout(due), Next::Write { .. }), "a ping is due");
        assert_eq!(endpoint.out.remaining(), before + 2);
        let mut now = due + PONG + SECOND;
        assert!(matches!(endpoint.handle_timeout(now), Next::Write { .. }), "it did not leave");
        assert_eq!(endpoint.out.remaining(), before + 2, "and one that waits is enough");
        let whole = endpoint.out.chunk().len();
        endpoint.out.advance(if shared { before } else { whole - 1 });
        now += PONG + SECOND;
        assert!(matches!(endpoint.handle_timeout(now), Next::Write { .. }));
        endpoint.out.advance(usize::MAX);
        now += PONG + SECOND;
        assert_eq!(endpoint.handle_timeout(now), wait(due + INTERVAL), "the next ping");
        // Where a write ended inside a slice, the transport was full, and holds bytes of its own.
        let late = now + PONG + if shared { Duration::ZERO } else { PONG + SECOND };
        assert_eq!(endpoint.handle_timeout(late - TICK).until(), Some(late));
        assert_expires(&mut endpoint, late, Expired::Pong);
    }
}

/// Into a transport that was never full, what leaves proves nothing.
#[test]
fn what_leaves_into_a_transport_that_is_not_full_does_not_put_off_the_answer_to_a_ping() {
    for side in BOTH {
        let mut endpoint = clock::pinged(side);
        let sent = START + INTERVAL;
        for second in 1..7 {
            endpoint.queue(Message::Text("hello?")).unwrap();
            let _ = endpoint.handle_timeout(sent + SECOND * second);
            endpoint.say();
            assert_eq!(endpoint.handle_timeout(sent + SECOND * second), wait(sent + PONG));
        }
        assert_expires(&mut endpoint, sent + PONG, Expired::Pong);
    }
}

#[test]
fn what_a_full_transport_takes_puts_off_the_answer_to_a_ping() {
    for side in BOTH {
        let mut endpoint = clock::pinged(side);
        endpoint.queue(Message::Binary(&[0; 1000])).unwrap();
        let mut now = START + INTERVAL;
        for _ in 0..50 {
            now += PONG - TICK;
            endpoint.sent(10); // of a longer chunk: it is full, and then takes more
            let next = endpoint.handle_timeout(now);
            assert!(matches!(next, Next::Write { .. }), "{next:?}");
        }
        assert_eq!(endpoint.state(), State::Open);
    }
}

#[test]
fn the_closing_handshake_has_its_time_from_the_last_byte_of_the_close() {
    for side in BOTH {
        let mut endpoint = endpoint(side);
        let _ = endpoint.handle_timeout(START);
        endpoint.queue(Message::Binary(&[0; 100])).unwrap();
        endpoint.close(None).unwrap();
        let mut now = START;
        assert_eq!(endpoint.handle_timeout(now), write(now + CLOSE));
        while endpoint.out.remaining() > 1 {
            now += CLOSE - TICK;
            endpoint.sent(1);
            assert_eq!(endpoint.handle_timeout(now), write(now + CLOSE), "bytes leave");
        }
        now += CLOSE - TICK;
        endpoint.sent(1);
        let Next::Wait { until: Some(until) } = endpoint.handle_timeout(now) else { panic!() };
        assert!(until >= now + CLOSE, "{until:?} at {now:?}");
        // From here on, nothing puts it off.
        endpoint.hear(0x82, b"more").unwrap();
        endpoint.hear(0x89, b"").unwrap();
        let _ = endpoint.handle_timeout(until - TICK);
        endpoint.say();
        assert_eq!(endpoint.handle_timeout(until - TICK), wait(until));
        assert_expires(&mut endpoint, until, Expired::Close);
        assert_eq!((endpoint.close_sent(), endpoint.close_received()), (Some(None), None));
    }
}

/// RFC 6455 section 7.1.1: over is what is over on the wire.
#[test]
fn finished_is_what_was_written() {
    for side in BOTH {
        let mut closed = endpoint(side);
        closed.hear(0x88, b"\x03\xe8").unwrap();
        let mut failed = endpoint(side);
        failed.hear(0x83, b"").unwrap_err();
        let mut lost = endpoint(side);
        lost.queue(Message::Text("owed")).unwrap();
        lost.end_of_stream(b"").unwrap_err();
        for mut endpoint in [closed, failed, lost] {
            while endpoint.out.has_remaining() {
                assert_eq!(endpoint.handle_timeout(START), write(START + CLOSE));
                endpoint.sent(1);
            }
            for now in [START, START + CLOSE * 9] {
                assert_eq!(endpoint.handle_timeout(now), Next::Finished);
            }
            assert!(matches!(endpoint.receive(&mut &mut [0x82][..]), Ok(None) | Err(_)));
        }
    }
}

/// What waits is kept, and the state, if the peer reads no more.
#[test]
fn what_is_owed_at_the_end_of_the_stream_expires_if_nothing_leaves() {
    for side in BOTH {
        let mut endpoint = endpoint(side);
        endpoint.queue(Message::Text("owed")).unwrap();
        endpoint.end_of_stream(b"").unwrap_err();
        assert_eq!(endpoint.handle_timeout(START), write(START + CLOSE));
        let owed = endpoint.pending().to_vec();
        assert_expires(&mut endpoint, START + CLOSE, Expired::Close);
        assert_eq!(endpoint.pending(), owed);
    }
}
