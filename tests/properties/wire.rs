//! Time at the wire: two connections over simulated sockets of any size, rate and latency, in
//! processes that are paused at any time. A live peer is never expired, and a dead one always is.

mod end;
mod link;
mod schedule;

use bytes::Buf;
use end::{Ended, Speech};
use link::Link;
use patchcord::{Close, CloseCode, Expired, Next, SendBuffer, State, Timeouts};
use patchcord::{Config, Connection, Message};
use schedule::{Peer, Schedule, run};
use std::time::Duration;

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn timeouts(ping_interval: Option<Duration>) -> Timeouts {
    Timeouts { ping_interval, ..Timeouts::default() }
}

/// What all of these share, unless a test says otherwise.
fn quiet() -> Schedule {
    Schedule {
        timeouts: timeouts(Some(s(20))),
        out: Link::new(64 << 10, 1 << 20, Duration::from_millis(40)),
        back: Link::new(64 << 10, 1 << 20, Duration::from_millis(40)),
        speech: Speech::silent(),
        peer: Peer::Live,
        pauses: Vec::new(),
        until: s(3600),
    }
}

#[test]
fn an_idle_peer_that_answers_pings_stays_for_an_hour() {
    let end = run(quiet());
    assert_eq!((end.ended, end.connection.state()), (None, State::Open));
    assert!(end.pings >= 170, "{} pings", end.pings);
}

/// 11.5 MB of speech to a client that plays it in real time, 96 KB a second: each ping stands behind
/// audio, and the sockets hold half a minute of it.
#[test]
fn a_peer_that_reads_in_real_time_is_not_dropped_while_it_takes_bytes() {
    let end = run(Schedule {
        out: Link::new(3_000_000, 96_000, Duration::from_millis(40)),
        speech: Speech { bytes: 11_500_000, at_once: true, then_close: true },
        until: s(600),
        ..quiet()
    });
    assert_eq!(end.ended, Some(Ended::Finished));
    assert_eq!(end.heard_by_peer, 11_500_000);
}

#[test]
fn a_pong_that_waits_in_the_socket_while_the_process_is_paused_counts() {
    let end = run(Schedule { pauses: vec![(s(20), s(300)), (s(400), s(90))], ..quiet() });
    assert_eq!((end.ended, end.connection.state()), (None, State::Open));
}

/// 14 MB, and a Close behind them, to a peer that reads 500 KB a second.
#[test]
fn the_closing_deadline_runs_from_the_last_byte_of_the_close() {
    let end = run(Schedule {
        timeouts: timeouts(None),
        out: Link::new(256 << 10, 500_000, Duration::from_millis(40)),
        speech: Speech { bytes: 14_000_000, at_once: true, then_close: true },
        until: s(120),
        ..quiet()
    });
    assert_eq!(end.ended, Some(Ended::Finished));
    assert_eq!(end.heard_by_peer, 14_000_000);
    assert_eq!(end.connection.close_received(), Some(Some(CloseCode::GOING_AWAY)));
}

#[test]
fn a_peer_that_stops_reading_is_let_go_while_something_is_owed() {
    for bytes in [70_000, 10_000_000] {
        let end = run(Schedule {
            timeouts: timeouts(None),
            speech: Speech { bytes, at_once: true, then_close: false },
            peer: Peer::StopsReading(s(0)),
            ..quiet()
        });
        assert_eq!(end.ended, Some(Ended::Expired(Expired::Write)), "{bytes} bytes");
        assert!(end.at <= s(61), "{:?}", end.at);
    }
}

#[test]
fn the_answers_that_are_owed_at_a_half_close_are_written() {
    let mut connection = Connection::server(Config::default());
    let mut out = SendBuffer::new();
    connection.send(Message::Binary(&[7; 1000]), &mut out).unwrap();
    assert!(connection.end_of_stream(b"").is_err());
    assert!(matches!(connection.handle_timeout(s(1), &mut out), Next::Write { .. }));
    bytes::Buf::advance(&mut out, 1003);
    assert!(matches!(connection.handle_timeout(s(1), &mut out), Next::Write { .. }));
    bytes::Buf::advance(&mut out, 1);
    assert_eq!(connection.handle_timeout(s(1), &mut out), Next::Finished);
}

#[test]
fn the_code_of_a_crossing_close_is_the_one_that_was_received() {
    let mut connection = Connection::server(Config::default());
    let mut out = SendBuffer::new();
    connection.close(Some(Close::new(CloseCode::NORMAL, "")), &mut out).unwrap();
    let mut bytes = *b"\x88\x82\0\0\0\0\x0f\xa1"; // 4001
    connection.receive(&mut &mut bytes[..], &mut out).unwrap();
    let State::Closed { code, .. } = connection.state() else { panic!("not closed") };
    assert_eq!(code.map(CloseCode::get), Some(4001));
    assert_eq!(connection.close_sent(), Some(Some(CloseCode::NORMAL)));
}

#[test]
fn both_codes_stay_known_after_a_loss_and_an_expiry() {
    let code = CloseCode::new(4009);
    let close = || Close::new(code.unwrap(), "");
    let (mut lost, mut late) =
        (Connection::server(Config::default()), Connection::server(Config::default()));
    let mut out = SendBuffer::new();
    lost.close(Some(close()), &mut out).unwrap();
    assert!(lost.end_of_stream(b"").is_err());
    late.close(Some(close()), &mut out).unwrap();
    let _ = late.handle_timeout(s(0), &mut out);
    let _ = late.handle_timeout(s(100), &mut out);
    assert_eq!(late.handle_timeout(s(100), &mut out), Next::Expired(Expired::Close));
    for connection in [lost, late] {
        assert_eq!(connection.close_sent(), Some(code), "{:?}", connection.state());
        assert_eq!(connection.close_received(), None);
        assert!(connection.result().is_err());
    }
}

/// How many schedules are generated of each kind.
const SCHEDULES: u64 = 10_000;

#[test]
fn a_live_peer_is_never_expired() {
    for seed in 0..SCHEDULES {
        let schedule = Schedule::generate(seed);
        let told = schedule.told();
        let says = schedule.speech.bytes;
        let end = run(schedule);
        let expired = matches!(end.ended, Some(Ended::Expired(_)));
        assert!(!expired, "seed {seed}: {:?} at {:?}: {told}", end.ended, end.at);
        assert_eq!(end.heard_by_peer, says, "seed {seed}: {told}");
    }
}

#[test]
fn a_dead_peer_is_always_expired_within_the_bound() {
    for seed in 0..SCHEDULES {
        let schedule = Schedule::generate_dead(seed);
        let (told, bound) = (schedule.told(), schedule.bound());
        let end = run(schedule);
        let Some(Ended::Expired(_)) = end.ended else {
            panic!("seed {seed}: {:?}, {:?}: {told}", end.ended, end.connection.state());
        };
        assert!(end.at <= bound, "seed {seed}: {:?} instead of {bound:?}: {told}", end.at);
    }
}

/// The chunk of a borrowed frame that is next is its header: a transport that is given one chunk
/// after the other, such as a TLS stream, has room for the payload, too, and says nothing of the
/// peer.
#[test]
fn a_borrowed_frame_that_leaves_chunk_by_chunk_is_not_a_sign_of_life() {
    let config = Config { timeouts: timeouts(Some(s(20))), ..Config::default() };
    let (mut connection, mut out) = (Connection::server(config), SendBuffer::new());
    let write = |connection: &mut Connection<_>, out: &mut SendBuffer| {
        let mut frame = connection.send_borrowed(Message::Binary(b"pcm"), out).unwrap();
        while frame.has_remaining() {
            let written = frame.chunk().len();
            frame.advance(written);
        }
    };
    let expired = (0..100).find_map(|second| {
        write(&mut connection, &mut out);
        match connection.handle_timeout(s(second), &mut out) {
            Next::Expired(expired) => Some((expired, second)),
            _ => None,
        }
    });
    // A ping after 20 s of silence, its pong 20 s later; a second look takes a turn.
    assert_eq!(expired, Some((Expired::Pong, 42)));
}
