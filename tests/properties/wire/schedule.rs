//! What happens to two ends over time.

use super::end::{End, Speech};
use super::link::Link;
use patchcord::{Config, Connection, Entropy, Limits, Server, Timeouts};
use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    /// It takes what comes at the rate of its link, and answers pings at once.
    Live,
    /// From then on it takes nothing: its process hangs, and its socket fills.
    StopsReading(Duration),
}

#[derive(Debug)]
pub(crate) struct Schedule {
    pub(crate) timeouts: Timeouts,
    pub(crate) out: Link,
    pub(crate) back: Link,
    pub(crate) speech: Speech,
    pub(crate) peer: Peer,
    /// When the process under test is paused, and for how long.
    pub(crate) pauses: Vec<(Duration, Duration)>,
    pub(crate) until: Duration,
}

struct Zero;

impl Entropy for Zero {
    fn fill(&mut self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

/// Runs a schedule, and returns the end under test.
pub(crate) fn run(schedule: Schedule) -> End<Server> {
    let Schedule { timeouts, mut out, mut back, speech, peer, pauses, until } = schedule;
    if let Peer::StopsReading(at) = peer {
        out.die(at);
    }
    let limits = Limits { message: u64::MAX, frame: u64::MAX, ..Limits::default() };
    let config = Config { timeouts, limits, ..Config::default() };
    let mut local = End::new(Connection::server(config), speech);
    let idle =
        Timeouts { opening: None, ping_interval: None, pong: None, close: None, write: None };
    let config = Config { timeouts: idle, ..config };
    let mut far = End::new(Connection::client(Zero, config), Speech::silent());
    let (mut wake, mut far_wake) = (Some(Duration::ZERO), Some(Duration::ZERO));
    while let Some(now) = [wake, far_wake].into_iter().flatten().min().filter(|now| *now <= until) {
        if wake == Some(now) && local.ended.is_none() {
            let due = local.act(now, &mut back, &mut out);
            wake = [due, back.arrival()].into_iter().flatten().min();
            wake = wake.map(|at| after_pause(&pauses, at.max(now + Duration::from_nanos(1))));
        }
        if far_wake == Some(now) && far.ended.is_none() {
            far.act(now, &mut out, &mut back);
        }
        let next = |at: Option<Duration>| at.map(|at| at.max(now + Duration::from_nanos(1)));
        far_wake = next(out.arrival()).filter(|_| far.ended.is_none());
        let heard = next(back.arrival()).map(|at| after_pause(&pauses, at));
        wake = [wake.filter(|at| *at > now), heard].into_iter().flatten().min();
        wake = wake.filter(|_| local.ended.is_none());
    }
    local.heard_by_peer = far.heard;
    local
}

/// The first time from `at` on at which the process runs.
fn after_pause(pauses: &[(Duration, Duration)], at: Duration) -> Duration {
    let paused = pauses.iter().find(|(start, length)| (*start..*start + *length).contains(&at));
    paused.map_or(at, |(start, length)| *start + *length)
}

/// Numbers that are the same at each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) % bound
    }

    fn ms(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from + self.below(to - from))
    }
}

impl Schedule {
    /// A schedule in which the peer is what it says. What a live peer has in its socket reaches it,
    /// and its answer comes back, within the time that a pong and a Close have: sockets that hold
    /// more than that hide a live peer from whoever waits for its pong.
    pub(crate) fn generate(seed: u64) -> Self {
        let mut numbers = Numbers(seed);
        let rate = 1000 << numbers.below(16);
        let latency = numbers.ms(0, 400);
        let pong = latency * 4 + numbers.ms(1000, 30_000);
        let close = latency * 4 + numbers.ms(1000, 30_000);
        let drains = pong.min(close) - latency * 3;
        let most = (rate as u128 * drains.as_millis() / 1000) as u64;
        let capacity = 1500 + numbers.below(most.max(2));
        let capacity = capacity.min(most.max(1500)).min(100_000) as usize;
        let bytes = numbers.below((rate * 40).min(200_000) + 2) as usize;
        let at_once = numbers.below(2) == 0;
        let ping = (numbers.below(4) > 0).then(|| numbers.ms(200, 40_000));
        let write = (numbers.below(4) > 0).then(|| numbers.ms(3000, 60_000));
        let pauses = (0..numbers.below(4)).map(|n| {
            let start = Duration::from_secs(n * 60) + numbers.ms(0, 20_000);
            (start, numbers.ms(1, 40_000))
        });
        Self {
            pauses: pauses.collect(),
            timeouts: Timeouts {
                opening: None,
                ping_interval: ping,
                pong: Some(pong),
                close: Some(close),
                write,
            },
            out: Link::new(capacity, rate, latency),
            back: Link::new(1 << 20, 1 << 20, latency),
            speech: Speech { bytes, at_once, then_close: numbers.below(2) == 0 },
            peer: Peer::Live,
            until: Duration::from_secs(400),
        }
    }

    /// A schedule in which the peer hangs from some time on; something has to be able to notice.
    pub(crate) fn generate_dead(seed: u64) -> Self {
        let mut numbers = Numbers(!seed);
        let mut schedule = Self::generate(seed);
        let dies = numbers.ms(0, 60_000);
        schedule.peer = Peer::StopsReading(dies);
        schedule.until = Duration::MAX;
        let timeouts = &mut schedule.timeouts;
        timeouts.ping_interval.get_or_insert(Duration::from_secs(1 + numbers.below(30)));
        timeouts.write.get_or_insert(Duration::from_secs(1 + numbers.below(60)));
        schedule.speech.then_close = false; // it could be closed before the peer dies
        schedule
    }

    /// When a peer that hangs is expired at the latest: a ping is due, and its pong late, by no more
    /// than the time of a write if the socket had been full; or it is full again, and a write is
    /// late. Pauses come on top.
    pub(crate) fn bound(&self) -> Duration {
        let Peer::StopsReading(dies) = self.peer else { return Duration::MAX };
        let Timeouts { ping_interval, pong, write, .. } = self.timeouts;
        let spans = [ping_interval, pong, write, write].into_iter().flatten().sum::<Duration>();
        let paused: Duration = self.pauses.iter().map(|(_, length)| *length).sum();
        dies + spans + paused + Duration::from_secs(1)
    }

    pub(crate) fn told(&self) -> String {
        format!("{self:?}")
    }
}
