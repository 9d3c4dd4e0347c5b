//! Deadlines under a simulated clock: the closing handshake's, and what holds for all of them.

use super::clock::{CLOSE, INTERVAL, PONG, START, TICK, endpoint, pinged, with};
use crate::common::{BOTH, Endpoint, Side};
use patchcord::{Expired, State, Timeouts};
use std::time::Duration;

const NORMAL: &[u8] = b"\x03\xe8";

/// The endpoints whose closing handshake waits for something, with what they wait for.
fn closing(side: Side) -> Vec<(&'static str, Endpoint)> {
    let mut by_us = endpoint(side);
    by_us.close(None).unwrap();
    let mut sent = endpoint(side);
    sent.close(None).unwrap();
    sent.say();
    let mut by_peer = endpoint(side);
    by_peer.hear(0x88, NORMAL).unwrap();
    let mut failed = endpoint(side);
    failed.hear(0x83, b"").unwrap_err();
    vec![
        ("our Close to be written", by_us),
        ("the peer's Close", sent),
        ("the answer to be written", by_peer),
        ("the Close that tells the error to be written", failed),
    ]
}

#[test]
fn the_closing_handshake_expires_when_it_is_due_and_not_before() {
    for side in BOTH {
        for (what, mut endpoint) in closing(side) {
            assert_eq!(endpoint.on_time(START), None, "{what}");
            assert_eq!(endpoint.next_deadline(), Some(START + CLOSE), "{what}");
            assert_eq!(endpoint.on_time(START + CLOSE - TICK), None, "{what}");
            assert_eq!(endpoint.on_time(START + CLOSE), Some(Expired::Close), "{what}");
        }
    }
}

#[test]
fn how_a_connection_ended_stays_known_when_the_closing_handshake_expires() {
    for side in BOTH {
        for (what, mut endpoint) in closing(side) {
            let expected = match endpoint.state() {
                State::Failed(error) => State::Failed(error),
                _ => State::Expired(Expired::Close),
            };
            let said = (endpoint.close_sent(), endpoint.close_received());
            endpoint.on_time(START);
            endpoint.on_time(START + CLOSE);
            assert_eq!(endpoint.state(), expected, "{what}");
            assert_eq!((endpoint.close_sent(), endpoint.close_received()), said, "{what}");
            assert!(!endpoint.is_receiving(), "{what}");
        }
    }
}

#[test]
fn nothing_received_puts_off_the_closing_deadline() {
    for side in BOTH {
        let mut endpoint = endpoint(side);
        endpoint.close(None).unwrap();
        endpoint.on_time(START);
        for second in 1..5 {
            endpoint.hear(0x82, b"more").unwrap();
            endpoint.hear(0x89, b"").unwrap();
            assert_eq!(endpoint.on_time(START + Duration::from_secs(second)), None);
        }
        assert_eq!(endpoint.next_deadline(), Some(START + CLOSE));
        assert_eq!(endpoint.on_time(START + CLOSE), Some(Expired::Close));
    }
}

#[test]
fn no_ping_is_sent_once_the_closing_handshake_has_begun() {
    for side in BOTH {
        for (what, mut endpoint) in closing(side) {
            endpoint.on_time(START);
            endpoint.on_time(START + CLOSE - TICK);
            endpoint.on_time(START + INTERVAL * 2);
            assert!(endpoint.say().iter().all(|frame| frame.0 != 0x89), "{what}");
        }
        let mut endpoint = pinged(side);
        endpoint.close(None).unwrap();
        let late = START + INTERVAL + PONG;
        assert_eq!(endpoint.on_time(late), None, "no answer is waited for either");
        assert_eq!(endpoint.next_deadline(), Some(late + CLOSE));
    }
}

#[test]
fn the_closing_deadline_ends_with_the_closing_handshake() {
    for side in BOTH {
        let mut endpoint = endpoint(side);
        endpoint.close(None).unwrap();
        endpoint.on_time(START);
        endpoint.hear(0x88, NORMAL).unwrap();
        endpoint.say();
        assert!(endpoint.is_finished());
        assert_eq!(endpoint.next_deadline(), None);
        assert_eq!(endpoint.on_time(START + CLOSE * 2), None);
    }
}

#[test]
fn without_timeouts_there_is_nothing_to_wait_for() {
    let timeouts =
        Timeouts { opening: None, ping_interval: None, pong: None, close: None, write: None };
    for side in BOTH {
        for close in [false, true] {
            let mut endpoint = with(side, timeouts);
            if close {
                endpoint.close(None).unwrap();
            }
            for now in [START, START + INTERVAL * 1000, Duration::MAX] {
                assert_eq!(endpoint.next_deadline(), None);
                assert_eq!(endpoint.on_time(now), None);
                assert_eq!(endpoint.pending().is_empty(), !close);
            }
        }
    }
}

#[test]
fn a_timeout_is_rounded_up_to_a_millisecond_and_never_down() {
    let millisecond = Duration::from_millis(1);
    for side in BOTH {
        for (asked, given) in [(TICK, millisecond), (millisecond, millisecond)] {
            let close = Some(asked);
            let mut endpoint = with(side, Timeouts { close, ..Timeouts::default() });
            endpoint.close(None).unwrap();
            endpoint.on_time(START);
            assert_eq!(endpoint.next_deadline(), Some(START + given));
        }
    }
}

#[test]
fn a_timeout_of_more_than_49_days_waits_for_ever() {
    for side in BOTH {
        for (days, waits) in [(49, false), (50, true)] {
            let close = Some(Duration::from_secs(days * 24 * 60 * 60));
            let mut endpoint = with(side, Timeouts { close, write: None, ..Timeouts::default() });
            endpoint.close(None).unwrap();
            endpoint.on_time(START);
            assert_eq!(endpoint.next_deadline().is_none(), waits, "{days} days");
        }
    }
}

#[test]
fn the_default_pings_nobody_and_waits_ten_seconds_for_a_close() {
    for side in BOTH {
        let mut endpoint = Endpoint::open(side);
        assert_eq!(endpoint.on_time(START), None);
        assert_eq!(endpoint.next_deadline(), None);
        endpoint.close(None).unwrap();
        assert_eq!(endpoint.on_time(START), None);
        assert_eq!(endpoint.next_deadline(), Some(START + Duration::from_secs(10)));
    }
}

#[test]
fn time_at_the_end_of_its_range_does_no_harm() {
    for side in BOTH {
        let mut endpoint = endpoint(side);
        assert_eq!(endpoint.on_time(Duration::MAX), None);
        assert_eq!(endpoint.on_time(Duration::MAX), None);
        endpoint.close(None).unwrap();
        endpoint.on_time(Duration::MAX);
    }
}

/// Follows the deadlines until one expires, as a driver that sleeps between them would.
fn assert_not_busy(what: &str, mut endpoint: Endpoint) {
    let mut now = START;
    endpoint.on_time(now);
    for _ in 0..100 {
        let Some(next) = endpoint.next_deadline() else { return };
        assert!(next > now, "{what}: {next:?} has passed at {now:?}");
        now = next;
        if endpoint.on_time(now).is_some() {
            return;
        }
    }
    panic!("{what}: no end of deadlines");
}

#[test]
fn following_the_deadlines_never_keeps_a_driver_busy() {
    for side in BOTH {
        assert_not_busy("open", endpoint(side));
        for (what, endpoint) in closing(side) {
            assert_not_busy(what, endpoint);
        }
    }
}

#[test]
fn a_deadline_that_expired_stays_expired() {
    for side in BOTH {
        for (what, mut endpoint) in closing(side) {
            endpoint.on_time(START);
            assert_eq!(endpoint.on_time(START + CLOSE), Some(Expired::Close), "{what}");
            assert_eq!(endpoint.next_deadline(), None, "{what}");
            assert_eq!(endpoint.on_time(START + CLOSE * 9), Some(Expired::Close), "{what}");
        }
        let mut endpoint = pinged(side);
        assert_eq!(endpoint.on_time(START + INTERVAL + PONG), Some(Expired::Pong));
        assert_eq!(endpoint.next_deadline(), None);
        assert_eq!(endpoint.on_time(START + INTERVAL * 9), Some(Expired::Pong));
    }
}
