//! RFC 6455 section 7: the closing handshake, its failures, and what is silent after it.

use crate::common::{
    BOTH, Endpoint, Seen, Side, assert_every_split_agrees, close, ping, run, text,
};
use patchcord::{Close, CloseCode, ClosedBy, Expired, SendError, State, Timeouts};
use std::time::Duration;

pub(super) const NORMAL: &[u8] = b"\x03\xe8";

pub(super) fn code(code: u16) -> Option<CloseCode> {
    CloseCode::new(code)
}

pub(super) fn closing(side: Side) -> Endpoint {
    let mut endpoint = Endpoint::open(side);
    endpoint.close_with(1000, "").unwrap();
    endpoint
}

#[test]
fn a_close_is_answered_with_its_status_code() {
    for side in BOTH {
        for number in [1000_u16, 1001, 1011, 3000, 4999] {
            let bytes = side.frame(0x88, &[&number.to_be_bytes()[..], b"reason"].concat());
            let make = || Endpoint::open(side);
            let outcome = assert_every_split_agrees(make, &bytes);
            assert_eq!(outcome.events, [close(number, "reason")]);
            let expected = State::Closed { by: ClosedBy::Peer, code: code(number) };
            assert_eq!(outcome.state, Some(expected));
            let answer = number.to_be_bytes().to_vec();
            assert_eq!(side.wrote(&outcome.pending), [(0x88, answer)]);
        }
    }
}

#[test]
fn an_empty_close_is_answered_with_an_empty_one() {
    for side in BOTH {
        let outcome = assert_every_split_agrees(|| Endpoint::open(side), &side.frame(0x88, b""));
        assert_eq!(outcome.events, [Seen::Close(None)]);
        assert_eq!(outcome.state, Some(State::Closed { by: ClosedBy::Peer, code: None }));
        assert_eq!(side.wrote(&outcome.pending), [(0x88, vec![])]);
    }
}

#[test]
fn our_close_goes_out_as_it_was_given_and_waits_for_the_peers() {
    for side in BOTH {
        let mut endpoint = Endpoint::open(side);
        endpoint.close_with(4001, "größe").unwrap();
        assert_eq!(endpoint.state(), State::Closing { code: code(4001) });
        assert_eq!(endpoint.say(), [(0x88, [b"\x0f\xa1", "größe".as_bytes()].concat())]);
        assert!(!endpoint.is_finished());
        endpoint.hear(0x88, NORMAL).unwrap();
        assert_eq!(endpoint.state(), State::Closed { by: ClosedBy::Local, code: code(1000) });
        assert_eq!(endpoint.close_sent(), Some(code(4001)));
        assert_eq!(endpoint.close_received(), Some(code(1000)));
        assert!(endpoint.is_finished(), "a Close of ours is not sent twice");
        assert!(endpoint.pending().is_empty());
    }
}

#[test]
fn our_close_may_be_empty() {
    for side in BOTH {
        let mut endpoint = Endpoint::open(side);
        endpoint.close(None).unwrap();
        assert_eq!(endpoint.state(), State::Closing { code: None });
        assert_eq!(endpoint.say(), [(0x88, vec![])]);
        endpoint.hear(0x88, b"\x03\xe9").unwrap();
        assert_eq!(endpoint.state(), State::Closed { by: ClosedBy::Local, code: code(1001) });
        assert_eq!(
            (endpoint.close_sent(), endpoint.close_received()),
            (Some(None), Some(code(1001)))
        );
    }
}

#[test]
fn two_closes_that_cross_each_other_end_the_connection_with_one_from_each() {
    for side in BOTH {
        let (mut one, mut other) = (closing(side), closing(side.peer()));
        let (from_one, from_other) = (one.pending().to_vec(), other.pending().to_vec());
        assert_eq!(run(&mut one, &[&from_other]).events, [close(1000, "")]);
        assert_eq!(run(&mut other, &[&from_one]).events, [close(1000, "")]);
        for endpoint in [&mut one, &mut other] {
            assert_eq!(endpoint.say().len(), 1);
            assert!(endpoint.is_finished());
        }
    }
}

#[test]
fn a_close_is_answered_while_a_fragmented_message_is_open() {
    for side in BOTH {
        let bytes = side.frames(&[(0x02, b"half"), (0x88, NORMAL), (0x80, b"rest")]);
        let outcome = assert_every_split_agrees(|| Endpoint::open(side), &bytes);
        assert_eq!(outcome.events, [close(1000, "")]);
        assert_eq!(side.wrote(&outcome.pending), [(0x88, NORMAL.to_vec())]);
    }
}

#[test]
fn messages_are_received_until_the_peers_close_comes() {
    for side in BOTH {
        let bytes = side.frames(&[(0x81, b"late"), (0x89, b""), (0x88, NORMAL), (0x81, b"x")]);
        let outcome = assert_every_split_agrees(|| closing(side), &bytes);
        assert_eq!(outcome.events, [text("late"), ping(b""), close(1000, "")]);
        let expected = State::Closed { by: ClosedBy::Local, code: code(1000) };
        assert_eq!(outcome.state, Some(expected));
    }
}

// RFC 6455 section 5.5.2: a ping is answered unless a Close was received.
#[test]
fn a_ping_after_our_close_is_answered_until_the_peers_close_comes() {
    for side in BOTH {
        let mut endpoint = closing(side);
        endpoint.hear(0x89, b"before it is written").unwrap();
        let expected = [(0x88, NORMAL.to_vec()), (0x8a, b"before it is written".to_vec())];
        assert_eq!(endpoint.say(), expected, "in the order in which they were said");
        endpoint.hear(0x89, b"after it was written").unwrap();
        assert_eq!(endpoint.say(), [(0x8a, b"after it was written".to_vec())]);
        endpoint.hear(0x88, NORMAL).unwrap();
        endpoint.hear(0x89, b"after both").unwrap();
        assert!(endpoint.pending().is_empty());
    }
}

#[test]
fn a_pong_that_was_owed_goes_out_before_our_close() {
    for side in BOTH {
        let mut endpoint = Endpoint::open(side);
        endpoint.hear(0x89, b"there?").unwrap();
        endpoint.close_with(1000, "").unwrap();
        let expected = [(0x8a, b"there?".to_vec()), (0x88, NORMAL.to_vec())];
        assert_eq!(endpoint.say(), expected);
    }
}

#[test]
fn whatever_comes_after_the_peers_close_is_dropped() {
    for side in BOTH {
        let garbage = [0x83, 0xff, 0x00, 0xff, 0xff];
        for after in [side.frames(&[(0x88, b""), (0x89, b""), (0x81, b"x")]), garbage.to_vec()] {
            let bytes = [side.frame(0x88, NORMAL), after].concat();
            let outcome = assert_every_split_agrees(|| Endpoint::open(side), &bytes);
            assert_eq!((outcome.events, outcome.error), (vec![close(1000, "")], None));
            assert_eq!(outcome.rest, 0);
            assert_eq!(side.wrote(&outcome.pending).len(), 1);
        }
    }
}

#[test]
fn a_reason_that_is_too_long_leaves_the_connection_open() {
    for side in BOTH {
        let mut endpoint = Endpoint::open(side);
        let refusal = endpoint.close_with(1000, &"r".repeat(124));
        assert_eq!(refusal, Err(SendError::ControlTooLong { length: 124 }));
        assert_eq!((endpoint.state(), endpoint.pending()), (State::Open, &[][..]));
        let reason = "r".repeat(Close::MAX_REASON);
        endpoint.close_with(1000, &reason).unwrap();
        assert_eq!(endpoint.say(), [(0x88, [NORMAL, reason.as_bytes()].concat())]);
    }
}

#[test]
fn a_short_write_at_every_point_sends_the_same_frames() {
    for side in BOTH {
        let make = || {
            let mut endpoint = Endpoint::open(side);
            endpoint.hear(0x89, &[0x70; 125]).unwrap();
            endpoint.close_with(1000, "bye").unwrap();
            endpoint
        };
        let whole = make().pending().to_vec();
        assert_eq!(side.wrote(&whole).len(), 2);
        for first in 0..=whole.len() {
            let mut endpoint = make();
            endpoint.sent(first);
            assert_eq!(endpoint.pending(), &whole[first..]);
            endpoint.sent(usize::MAX);
            assert!(endpoint.pending().is_empty());
        }
    }
}

#[test]
fn a_close_follows_a_pong_that_is_partly_sent_and_the_pong_after_it() {
    for side in BOTH {
        let mut endpoint = Endpoint::open(side);
        endpoint.hear(0x89, &[0x31; 125]).unwrap();
        let first = endpoint.pending().to_vec();
        for sent in 1..first.len() {
            let mut endpoint = Endpoint::open(side);
            endpoint.hear(0x89, &[0x31; 125]).unwrap();
            endpoint.sent(sent);
            endpoint.hear(0x89, &[0x32; 125]).unwrap();
            endpoint.close_with(1000, "bye").unwrap();
            let wire = [&first[..sent], endpoint.pending()].concat();
            let frames = side.wrote(&wire);
            assert_eq!(frames.iter().map(|f| f.0).collect::<Vec<_>>(), [0x8a, 0x8a, 0x88]);
            assert_eq!(frames[2].1, [NORMAL, b"bye"].concat());
        }
    }
}

/// CVE-2024-23672 (Tomcat): the peer never finished the closing handshake.
#[test]
fn a_closing_handshake_that_is_not_finished_has_a_deadline() {
    for side in BOTH {
        let mut endpoint = Endpoint::open(side);
        endpoint.close_with(1000, "").unwrap();
        endpoint.say();
        assert_eq!(endpoint.on_time(Duration::ZERO), None);
        endpoint.hear(0x82, b"still talking").unwrap();
        assert_eq!(endpoint.next_deadline(), Some(Timeouts::CLOSE));
        assert_eq!(endpoint.on_time(Timeouts::CLOSE), Some(Expired::Close));
        assert!(endpoint.is_finished());
    }
}
