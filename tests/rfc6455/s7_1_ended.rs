//! RFC 6455 section 7.1: every end of a connection, what is known of it, and what is silent after it.

use super::s7_1_closing::{NORMAL, closing, code};
use crate::common::{BOTH, Endpoint, Receive, Side, run};
use patchcord::{
    Config, ConnectionLost, Expired, Failure, Fragment, Message, MessageKind, Next, Prepared,
    SendBuffer, SendError, State, Timeouts,
};
use std::time::Duration;

/// A connection whose peer is late in that.
fn expired(side: Side, closes: bool, what: Expired) -> Endpoint {
    const SECOND: Duration = Duration::from_secs(1);
    let timeouts = Timeouts { ping_interval: Some(SECOND), ..Timeouts::default() };
    let mut endpoint = Endpoint::new(side, Config { timeouts, ..Config::default() });
    if closes {
        endpoint.close_with(1000, "").unwrap();
    }
    assert_eq!(endpoint.on_time(Duration::ZERO), None);
    assert_eq!(endpoint.on_time(SECOND), None);
    if what != Expired::Write {
        endpoint.say();
    }
    assert_eq!(endpoint.on_time(SECOND * 100), Some(what));
    endpoint
}

/// Every way of a connection that is over, with its name.
fn ended(side: Side) -> Vec<(&'static str, Endpoint)> {
    let mut by_peer = Endpoint::open(side);
    by_peer.hear(0x88, NORMAL).unwrap();
    let mut by_us = closing(side);
    by_us.hear(0x88, NORMAL).unwrap();
    let mut failed = Endpoint::open(side);
    failed.hear(0x83, b"").unwrap_err();
    let mut failed_closing = closing(side);
    failed_closing.hear(0x83, b"").unwrap_err();
    let mut lost = Endpoint::open(side);
    lost.end_of_stream(b"").unwrap_err();
    let mut lost_closing = closing(side);
    lost_closing.end_of_stream(b"").unwrap_err();
    vec![
        ("closed by the peer", by_peer),
        ("closed by us", by_us),
        ("failed", failed),
        ("failed while closing", failed_closing),
        ("lost", lost),
        ("lost while closing", lost_closing),
        ("late in answering a ping", expired(side, false, Expired::Pong)),
        ("late in reading", expired(side, false, Expired::Write)),
        ("late in closing", expired(side, true, Expired::Close)),
    ]
}

fn assert_nothing_is_sent(name: &str, endpoint: &mut Endpoint) {
    let part = Fragment { kind: MessageKind::Text, first: true, last: true, payload: &b"x"[..] };
    let (pending, state) = (endpoint.pending().to_vec(), endpoint.state());
    let (mut out, mut payload, mut waits) = (Vec::new(), *b"x", SendBuffer::new());
    assert_eq!(endpoint.send(Message::Text("x"), &mut out), Err(SendError::Closed), "{name}");
    let in_place = endpoint.send_in_place(MessageKind::Binary, &mut payload, &mut waits).err();
    assert_eq!(in_place, Some(SendError::Closed), "{name}");
    assert_eq!(endpoint.send_fragment(part, &mut out), Err(SendError::Closed), "{name}");
    assert_eq!(endpoint.ping(b"x", &mut out), Err(SendError::Closed), "{name}");
    assert_eq!(endpoint.close(None), Err(SendError::Closed), "{name}");
    assert_eq!(endpoint.close_with(1001, "again"), Err(SendError::Closed), "{name}");
    assert_eq!((out, payload), (vec![], *b"x"), "{name}");
    assert_eq!((endpoint.pending(), endpoint.state()), (&pending[..], state), "{name}");
    if let Some(server) = endpoint.server() {
        let borrowed = server.send_borrowed(Message::Text("x"), &mut waits).err();
        assert_eq!(borrowed, Some(SendError::Closed), "{name}");
        let prepared = server.send_prepared(&Prepared::new(Message::Text("x")), &mut waits);
        assert_eq!(prepared, Err(SendError::Closed), "{name}");
    }
    assert!(waits.is_empty(), "{name}");
}

#[test]
fn nothing_is_sent_once_the_connection_is_not_open() {
    for side in BOTH {
        assert_nothing_is_sent("closing", &mut closing(side));
        for (name, mut endpoint) in ended(side) {
            assert_nothing_is_sent(name, &mut endpoint);
        }
    }
}

#[test]
fn the_end_of_the_stream_is_a_loss_only_before_the_end_of_the_connection() {
    for side in BOTH {
        for (name, mut endpoint) in ended(side) {
            let (state, result) = (endpoint.state(), endpoint.result());
            let expected = if let State::Lost(lost) = state { Err(lost) } else { Ok(()) };
            for _ in 0..2 {
                assert_eq!(endpoint.end_of_stream(b"rest"), expected, "{name}");
                assert_eq!((endpoint.state(), endpoint.result()), (state, result), "{name}");
            }
        }
        for mut endpoint in [Endpoint::open(side), closing(side)] {
            let owed = endpoint.pending().to_vec();
            assert_eq!(endpoint.end_of_stream(b""), Err(ConnectionLost::BetweenMessages));
            assert_eq!(endpoint.state(), State::Lost(ConnectionLost::BetweenMessages));
            assert_eq!(endpoint.pending(), owed, "the peer may have ended its side alone");
            assert_eq!(endpoint.is_finished(), owed.is_empty());
            endpoint.say();
            assert!(endpoint.is_finished());
        }
    }
}

#[test]
fn the_result_is_a_failure_unless_both_closes_came() {
    for side in BOTH {
        for endpoint in [Endpoint::open(side), closing(side)] {
            assert_eq!(endpoint.result(), Ok(()), "as far as it has come");
        }
        for (name, endpoint) in ended(side) {
            let expected = match endpoint.state() {
                State::Closed { .. } => Ok(()),
                State::Failed(error) => Err(Failure::Protocol(error)),
                State::Lost(lost) => Err(Failure::Lost(lost)),
                State::Expired(expired) => Err(Failure::Expired(expired)),
                state => panic!("{name}: {state:?} is no end"),
            };
            assert_eq!(endpoint.result(), expected, "{name}");
        }
    }
}

#[test]
fn both_codes_stay_known_in_every_end() {
    for side in BOTH {
        for (name, mut endpoint) in ended(side) {
            let normal = code(1000);
            let sent = match name {
                "lost" | "late in reading" => None,
                "late in answering a ping" => Some(code(1011)),
                "failed" => Some(code(1002)),
                _ => Some(normal),
            };
            let received = name.starts_with("closed").then_some(normal);
            for _ in 0..2 {
                assert_eq!(endpoint.close_sent(), sent, "{name}");
                assert_eq!(endpoint.close_received(), received, "{name}");
                endpoint.say();
                let _ = endpoint.end_of_stream(b"");
                let _ = endpoint.hear(0x88, b"\x0b\xb8");
                endpoint.close_with(3001, "").unwrap_err();
            }
        }
    }
}

#[test]
fn the_end_of_the_stream_inside_a_frame_tells_so_at_every_byte_of_it() {
    for side in BOTH {
        let frame = side.frame(0x82, &[0; 50]);
        for end in 0..frame.len() {
            let expected = if end == 0 {
                ConnectionLost::BetweenMessages
            } else {
                ConnectionLost::InsideFrame
            };
            let mut endpoint = Endpoint::open(side);
            assert_eq!(endpoint.end_of_stream(&frame[..end]), Err(expected), "{end}");
            assert_eq!(endpoint.state(), State::Lost(expected));
            assert_eq!(endpoint.end_of_stream(b""), Err(expected), "{end}, again");
        }
    }
}

#[test]
fn the_end_of_the_stream_inside_a_text_that_was_taken_in_part_is_inside_a_frame() {
    for side in BOTH {
        let mut endpoint = Endpoint::open(side);
        let frame = side.frame(0x81, b"hello");
        assert_eq!(run(&mut endpoint, &[&frame[..frame.len() - 1]]).rest, 0);
        assert_eq!(endpoint.end_of_stream(b""), Err(ConnectionLost::InsideFrame));
    }
}

#[test]
fn the_end_of_the_stream_between_fragments_is_inside_a_message() {
    for side in BOTH {
        for (first, payload) in [(0x01, &b""[..]), (0x02, b""), (0x01, b"a"), (0x02, b"a")] {
            let mut endpoint = Endpoint::open(side);
            endpoint.hear(first, payload).unwrap();
            endpoint.hear(0x89, b"between").unwrap();
            assert_eq!(endpoint.end_of_stream(b""), Err(ConnectionLost::InsideMessage));
            let mut endpoint = Endpoint::open(side);
            endpoint.hear(first, payload).unwrap();
            endpoint.hear(0x80, b"b").unwrap();
            assert_eq!(endpoint.end_of_stream(b""), Err(ConnectionLost::BetweenMessages));
            let mut endpoint = Endpoint::open(side);
            endpoint.hear(first, payload).unwrap();
            assert_eq!(endpoint.end_of_stream(b"\x80"), Err(ConnectionLost::InsideFrame));
        }
    }
}

#[test]
fn nothing_is_received_once_the_connection_is_lost() {
    for side in BOTH {
        let mut endpoint = Endpoint::open(side);
        endpoint.end_of_stream(b"").unwrap_err();
        let outcome = run(&mut endpoint, &[&side.frames(&[(0x81, b"x"), (0x88, NORMAL)])]);
        assert_eq!((outcome.events, outcome.error, outcome.rest), (vec![], None, 0));
        assert!(outcome.pending.is_empty());
    }
}

#[test]
fn a_connection_is_finished_when_its_last_frame_was_written() {
    for side in BOTH {
        assert!(!Endpoint::open(side).is_finished());
        for (name, mut endpoint) in ended(side) {
            while !endpoint.pending().is_empty() {
                assert!(!endpoint.is_finished(), "{name}");
                endpoint.sent(1);
            }
            assert!(endpoint.is_finished(), "{name}");
        }
    }
}

/// CVE-2017-2670 (Undertow): a busy loop when the stream ended without a Close.
#[test]
fn the_end_of_the_stream_ends_the_connection_in_every_state() {
    for side in BOTH {
        let (half, message) = (side.header(0x82, 9), side.frame(0x01, b"open"));
        for (heard, closing) in [(&b""[..], false), (&half, false), (&message, false), (b"", true)]
        {
            let mut endpoint = Endpoint::open(side);
            if closing {
                endpoint.close_with(1000, "").unwrap();
            }
            let rest = run(&mut endpoint, &[heard]).rest;
            assert!(endpoint.end_of_stream(&heard[heard.len() - rest..]).is_err());
            assert_eq!(endpoint.is_finished(), !closing, "what was said is owed still");
            endpoint.say();
            let finished = endpoint.handle_timeout(Duration::ZERO);
            assert_eq!(finished, Next::Finished, "nothing is left to wait for");
            assert!(matches!(endpoint.state(), State::Lost(_)));
            assert!(matches!(endpoint.receive(&mut &mut [0x82][..]), Ok(None)));
        }
    }
}
