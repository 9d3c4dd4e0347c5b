//! A client and a server over two lossless pipes, driven by arbitrary schedules: writes and reads
//! of any length at any time, messages, fragments, pings, Closes, and a clock.

mod driver;
mod operations;

use super::hold::hold;
use crate::common::{Seen, joined};
use driver::{Driver, Pair, assert_views_agree};
use operations::{Operation, To, schedules};
use patchcord::{Config, Delivery, Expired, Limits, State, Timeouts};
use proptest::prelude::*;
use std::time::Duration;

fn configs(timeouts: Timeouts) -> impl Strategy<Value = [Config; 2]> {
    let delivery = prop_oneof![Just(Delivery::Messages), Just(Delivery::Fragments)];
    let whole = prop_oneof![0..10_u32, 10..300_u32, Just(Limits::WHOLE_FRAME)];
    let config = (delivery, whole).prop_map(move |(delivery, whole)| {
        let limits = Limits { whole_frame: whole, ..Limits::default() };
        Config { limits, delivery, timeouts }
    });
    [config.clone(), config]
}

/// Pings are sent, and nothing is waited for in vain.
fn patient() -> Timeouts {
    let ping_interval = Some(Duration::from_millis(20));
    Timeouts { ping_interval, pong: None, close: None, write: None, ..Timeouts::default() }
}

fn run(configs: [Config; 2], schedule: &[Operation], cancels: bool) -> Pair {
    let mut pair = Pair::new(configs, cancels);
    schedule.iter().for_each(|operation| pair.perform(operation));
    pair
}

/// The messages among what was heard, with their fragments joined.
fn messages(heard: &[Seen]) -> Vec<Seen> {
    let is_message = |seen: &Seen| matches!(seen, Seen::Text(_) | Seen::Binary(_));
    joined(heard).0.into_iter().filter(is_message).collect()
}

fn is_close(seen: &Seen) -> bool {
    matches!(seen, Seen::Close(_))
}

fn pings(heard: &[Seen]) -> Vec<&Vec<u8>> {
    heard.iter().filter_map(|seen| if let Seen::Ping(p) = seen { Some(p) } else { None }).collect()
}

fn pongs(heard: &[Seen]) -> Vec<&Vec<u8>> {
    heard.iter().filter_map(|seen| if let Seen::Pong(p) = seen { Some(p) } else { None }).collect()
}

fn is_in_order<T: PartialEq>(few: &[T], many: &[T]) -> bool {
    let mut many = many.iter();
    few.iter().all(|one| many.any(|other| other == one))
}

/// What was written is whole frames, with no data after a Close, and one Close at most.
fn assert_wire(end: &Driver) {
    let frames = end.side.wrote(&end.wire);
    let after = frames.iter().skip_while(|(first, _)| *first != 0x88).skip(1);
    assert!(after.into_iter().all(|(first, _)| *first == 0x8a), "only pongs follow a Close");
}

fn assert_heard(pair: &Pair) {
    for (from, to) in [(0, 1), (1, 0)] {
        let (from, to) = (&pair.ends[from], &pair.ends[to]);
        assert_eq!(messages(&to.heard), from.said, "what was said is heard, in its order");
        assert!(is_in_order(&pongs(&from.heard), &pings(&to.heard)), "each pong answers a ping");
        assert_wire(from);
    }
}

/// The latest ping that came is answered, as long as neither end closes.
fn assert_answered(pair: &Pair) {
    for (from, to) in [(0, 1), (1, 0)] {
        let (pongs, pings) = (pongs(&pair.ends[from].heard), pings(&pair.ends[to].heard));
        assert_eq!(pongs.last(), pings.last(), "the latest ping is answered");
        if pings.iter().map(|ping| ping.len() + 6).sum::<usize>() <= 4096 {
            assert_eq!(pongs, pings, "all are, as long as they are few");
        }
    }
}

fn states(pair: &Pair) -> [State; 2] {
    [pair.ends[0].endpoint.state(), pair.ends[1].endpoint.state()]
}

/// Lets everything arrive, closes if nobody did, and checks what came of it.
fn conclude(pair: &mut Pair) {
    pair.finish_fragments();
    pair.drain();
    if states(pair) == [State::Open; 2] {
        assert_answered(pair);
        pair.perform(&Operation::At { end: 0, what: To::Close(Some(1000)) });
        pair.drain();
    }
    assert_views_agree(pair);
    pair.assert_over();
    assert_heard(pair);
}

#[test]
fn what_one_end_says_the_other_hears_and_both_close() {
    let inputs = (configs(patient()), schedules(10, 0..40));
    hold(400, inputs, |(configs, schedule)| conclude(&mut run(configs, &schedule, false)));
}

#[test]
fn two_ends_that_close_at_any_time_see_the_same_end() {
    let inputs = (configs(patient()), schedules(150, 0..40));
    hold(400, inputs, |(configs, schedule)| conclude(&mut run(configs, &schedule, false)));
}

#[test]
fn a_caller_that_drops_its_cursor_at_any_event_sees_the_same() {
    let inputs = (configs(patient()), schedules(30, 0..40));
    hold(300, inputs, |(configs, schedule)| {
        let mut pairs = [false, true].map(|cancels| run(configs, &schedule, cancels));
        pairs.iter_mut().for_each(conclude);
        let [kept, dropped] = pairs;
        for (kept, dropped) in kept.ends.iter().zip(&dropped.ends) {
            assert_eq!(kept.heard, dropped.heard);
            assert_eq!(kept.wire, dropped.wire);
            assert_eq!(kept.endpoint.state(), dropped.endpoint.state());
        }
    });
}

/// How long a closing handshake may take, and how long an answer to a ping, in milliseconds.
fn impatient() -> impl Strategy<Value = Timeouts> {
    (1..60_u64, 1..100_u64, 1..200_u64, 1..300_u64).prop_map(|(ping, pong, close, write)| {
        let span = |milliseconds| Some(Duration::from_millis(milliseconds));
        Timeouts {
            ping_interval: span(ping),
            pong: span(pong),
            close: span(close),
            write: span(write),
            ..Timeouts::default()
        }
    })
}

fn assert_in_time(end: &Driver, timeouts: Timeouts) {
    let Some((expired, at)) = end.expired else {
        return assert!(matches!(end.endpoint.state(), State::Closed { .. }));
    };
    assert_eq!(end.endpoint.state(), State::Expired(expired));
    // Both Closes may have been said, and the answer not written in time: that stays known.
    let heard = end.heard.last().is_some_and(is_close);
    assert_eq!(end.endpoint.close_received().is_some(), heard);
    if expired == Expired::Write {
        assert!(at >= end.wrote_at + timeouts.write.unwrap(), "too early, at {at:?}");
    }
    if let (Expired::Close, Some(from)) = (expired, end.closing_from) {
        assert!(at >= from + timeouts.close.unwrap(), "too early, at {at:?}");
    }
}

#[test]
fn with_deadlines_no_end_waits_for_ever() {
    let inputs = impatient().prop_flat_map(|timeouts| {
        (Just(timeouts), configs(timeouts), schedules(40, 0..120), any::<bool>())
    });
    hold(400, inputs, |(timeouts, configs, schedule, close)| {
        let mut pair = run(configs, &schedule, false);
        if close {
            pair.perform(&Operation::At { end: 1, what: To::Close(None) });
        }
        // The pipes stand still, and time goes on as each end asks for it.
        pair.perform(&Operation::Time(Duration::ZERO));
        for _ in 0..1000 {
            let next = pair.ends.iter().filter_map(|end| end.endpoint.next_deadline()).min();
            let Some(next) = next else { break };
            pair.perform(&Operation::Time(next.saturating_sub(pair.now)));
        }
        for end in &pair.ends {
            let over = end.expired.is_some() || end.endpoint.is_finished();
            assert!(over, "{:?} for ever", end.endpoint.state());
            assert_in_time(end, timeouts);
        }
        for (from, to) in [(0, 1), (1, 0)] {
            let heard = messages(&pair.ends[to].heard);
            assert!(pair.ends[from].said.starts_with(&heard), "nothing is heard that was not said");
        }
    });
}
