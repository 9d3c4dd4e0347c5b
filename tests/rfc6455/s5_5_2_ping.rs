//! RFC 6455 sections 5.5.2 and 5.5.3: pings, and the pongs that answer them.

use super::s10_4_costs::SMALL;
use crate::common::{
    BOTH, Endpoint, Outcome, Receive, Side, assert_every_split_agrees, octets, ping, pong, run,
    text,
};
use allocation_counter::measure;
use patchcord::{Config, Event, SendError};

/// How many bytes of pongs wait before the latest takes the place of others.
const MAX_PONGS: usize = 4096;

fn receive(side: Side, bytes: &[u8]) -> Outcome {
    assert_every_split_agrees(|| Endpoint::new(side, Config::default()), bytes)
}

#[test]
fn a_ping_is_answered_with_a_pong_of_the_same_payload() {
    for side in BOTH {
        for length in [0, 1, 8, 125] {
            let payload = vec![0x7e; length];
            let outcome = receive(side, &side.frame(0x89, &payload));
            assert_eq!(outcome.events, [ping(&payload)]);
            assert_eq!(side.wrote(&outcome.pending), [(0x8a, payload)]);
        }
    }
}

#[test]
fn a_pong_that_answers_nothing_leaves_in_its_turn_until_a_close_is_sent() {
    for side in BOTH {
        let mut endpoint = Endpoint::open(side);
        let refused = endpoint.queue_pong(&[1; 126]);
        assert_eq!(refused, Err(SendError::ControlTooLong { length: 126 }));
        endpoint.hear(0x89, b"?").unwrap();
        endpoint.queue_pong(b"still here").unwrap();
        endpoint.queue_ping(b"").unwrap();
        let expected = [(0x8a, b"?".to_vec()), (0x8a, b"still here".to_vec()), (0x89, vec![])];
        assert_eq!(endpoint.say(), expected);
        endpoint.close_with(1000, "").unwrap();
        assert_eq!(endpoint.queue_pong(b"still here"), Err(SendError::Closed));
        assert_eq!(endpoint.say(), [(0x88, 1000_u16.to_be_bytes().to_vec())]);
    }
}

#[test]
fn several_pings_are_answered_in_their_order() {
    for side in BOTH {
        for payloads in [[&b"first"[..], b"second", b"third"], [b"short", b"a longer one", b""]] {
            let bytes: Vec<u8> = payloads.iter().flat_map(|p| side.frame(0x89, p)).collect();
            let outcome = receive(side, &bytes);
            assert_eq!(outcome.events, payloads.map(ping));
            let expected = payloads.map(|payload| (0x8a, payload.to_vec()));
            assert_eq!(side.wrote(&outcome.pending), expected);
        }
    }
}

#[test]
fn a_ping_is_answered_again_once_the_answer_to_the_last_was_sent() {
    for side in BOTH {
        let mut endpoint = Endpoint::open(side);
        for payload in [b"one", b"two"] {
            endpoint.hear(0x89, payload).unwrap();
            assert_eq!(endpoint.say(), [(0x8a, payload.to_vec())]);
        }
        assert!(endpoint.pending().is_empty());
    }
}

#[test]
fn a_pong_that_is_partly_sent_is_finished_before_the_next_one() {
    for side in BOTH {
        let whole = receive(side, &side.frame(0x89, &[0x31; 125])).pending;
        for sent in 1..whole.len() {
            let mut endpoint = Endpoint::open(side);
            endpoint.hear(0x89, &[0x31; 125]).unwrap();
            endpoint.sent(sent);
            for later in [0x32, 0x33] {
                endpoint.hear(0x89, &[later; 125]).unwrap();
            }
            let wire = [&whole[..sent], endpoint.pending()].concat();
            let expected = [0x31, 0x32, 0x33].map(|payload| (0x8a, vec![payload; 125]));
            assert_eq!(side.wrote(&wire), expected, "{sent} bytes were sent");
        }
    }
}

#[test]
fn what_waits_to_be_sent_is_bounded_whatever_the_peer_sends() {
    for side in BOTH {
        let mut endpoint = Endpoint::open(side);
        for round in 0..1000_usize {
            endpoint.hear(0x89, &[round as u8; 125]).unwrap();
            if round % 3 == 0 {
                endpoint.sent(1);
            }
            assert!(endpoint.pending().len() <= MAX_PONGS + 131);
        }
    }
}

/// Section 5.5.3: what is answered beyond the first 4 KiB is the latest.
#[test]
fn beyond_4_kib_of_pongs_that_wait_only_the_latest_ping_is_answered() {
    for side in BOTH {
        let pong = side.peer().frame(0x8a, &[0; 4]).len();
        let first = MAX_PONGS.div_ceil(pong) as u32;
        for count in [1, first - 1, first, first + 1, first + 2, 10_000] {
            let mut endpoint = Endpoint::open(side);
            for ping in 0..count {
                endpoint.hear(0x89, &ping.to_be_bytes()).unwrap();
            }
            let answered: Vec<_> =
                (0..count.min(first)).map(|ping| (0x8a, ping.to_be_bytes().to_vec())).collect();
            assert_eq!(endpoint.say(), answered, "{count} pings");
            let latest = (count > first).then(|| (0x8a, (count - 1).to_be_bytes().to_vec()));
            assert_eq!(endpoint.say(), Vec::from_iter(latest), "{count} pings");
            assert!(endpoint.pending().is_empty());
        }
    }
}

#[test]
fn the_latest_of_too_many_pongs_goes_out_before_a_close_and_in_time_before_what_is_said_later() {
    for side in BOTH {
        for closes in [true, false] {
            let (mut endpoint, pings) = (Endpoint::open(side), 1000_u32);
            for ping in 0..pings {
                endpoint.hear(0x89, &ping.to_be_bytes()).unwrap();
            }
            if closes {
                endpoint.close_with(1000, "").unwrap();
            } else {
                let whole = endpoint.pending().len();
                endpoint.sent(whole);
                endpoint.queue_ping(b"later").unwrap();
            }
            let frames = endpoint.say();
            let [.., latest, last] = &frames[..] else { panic!("{frames:?}") };
            assert_eq!(*latest, (0x8a, (pings - 1).to_be_bytes().to_vec()));
            assert_eq!(last.0, if closes { 0x88 } else { 0x89 });
        }
    }
}

#[test]
fn a_ping_inside_a_message_is_answered_before_the_message_ends() {
    for side in BOTH {
        let mut endpoint = Endpoint::open(side);
        endpoint.hear(0x01, b"begin").unwrap();
        endpoint.hear(0x89, b"there?").unwrap();
        assert_eq!(endpoint.say(), [(0x8a, b"there?".to_vec())]);
        let outcome = crate::common::run(&mut endpoint, &[&side.frame(0x80, b" end")]);
        assert_eq!(outcome.events, [text("begin end")]);
    }
}

#[test]
fn a_pong_that_nobody_asked_for_is_delivered_and_not_answered() {
    for side in BOTH {
        let outcome = receive(side, &side.frames(&[(0x8a, b""), (0x8a, b"unasked")]));
        assert_eq!(outcome.events, [pong(b""), pong(b"unasked")]);
        assert!(outcome.pending.is_empty());
    }
}

/// GHSA-9fm3-97px-rjf6 (undici), RUSTSEC-2020-0043 (ws-rs): replies to a peer that never reads.
#[test]
fn replies_to_a_peer_that_does_not_read_are_bounded() {
    for side in BOTH {
        let mut endpoint = Endpoint::open(side);
        run(&mut endpoint, &[&side.frame(0x89, &octets(125))]);
        endpoint.sent(1); // one is begun, and stuck
        let ping = side.frame(0x89, &octets(125));
        let mut copy = ping.clone();
        let info = measure(|| {
            for _ in 0..10_000 {
                copy.copy_from_slice(&ping);
                assert!(matches!(endpoint.receive(&mut &mut copy[..]), Ok(Some(Event::Ping(_)))));
            }
        });
        // Pongs up to 4 KiB, the one that reaches that, and a buffer that doubles meanwhile.
        assert!(endpoint.pending().len() <= 4096 + 131, "{} bytes", endpoint.pending().len());
        assert!(info.bytes_max <= 3 * 4096 + SMALL, "{} bytes held", info.bytes_max);
    }
}
