//! Deadlines as data: the caller has the clock, this has the arithmetic.

use core::fmt;
use core::time::Duration;

/// How long to wait for what, to the millisecond; `None`, and more than 49 days, wait for ever.
///
/// What each is for, and on which clocks, is in the [guide](crate::guide::timers).
///
/// ```
/// use patchcord::{Config, Connection, Timeouts};
/// use std::time::Duration;
///
/// let ping_interval = Some(Duration::from_secs(20));
/// let timeouts = Timeouts { ping_interval, ..Timeouts::default() };
/// let mut connection = Connection::server(Config { timeouts, ..Config::default() });
///
/// connection.on_time(Duration::ZERO); // the caller's clock starts
/// assert_eq!(connection.next_deadline(), ping_interval);
/// connection.on_time(Duration::from_secs(20));
/// assert_eq!(connection.pending(), [0x89, 0x00]); // a ping is due
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// The silence of the peer after which it is sent a ping. Default: `None`, since not every
    /// application wants the traffic.
    pub ping_interval: Option<Duration>,
    /// How long after such a ping something must have come from the peer. Default: 20 s.
    pub pong: Option<Duration>,
    /// How long the closing handshake may take. Default: 10 s.
    pub close: Option<Duration>,
}

impl Timeouts {
    /// 20 s: below the 30 to 60 s after which proxies drop an idle connection.
    pub const PONG: Duration = Duration::from_secs(20);
    /// 10 s: a peer that answers at all answers sooner, even with data of ours in flight.
    pub const CLOSE: Duration = Duration::from_secs(10);
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { ping_interval: None, pong: Some(Self::PONG), close: Some(Self::CLOSE) }
    }
}

/// A deadline that passed: the transport is to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Expired {
    /// Nothing came from the peer after a ping.
    Pong,
    /// The closing handshake was not finished.
    Close,
}

impl fmt::Display for Expired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pong => "the peer did not answer a ping in time",
            Self::Close => "the closing handshake was not finished in time",
        })
    }
}

impl core::error::Error for Expired {}

/// What the passing of time asks for while the connection is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Ping,
    Expired,
}

/// Milliseconds that never pass.
const FOR_EVER: u32 = u32::MAX;

/// Nanoseconds since the caller's fixed point; the last one stands for a time that never comes.
const NEVER: u64 = u64::MAX;

/// In milliseconds what was asked for, in nanoseconds what is due.
#[derive(Debug)]
pub(super) struct Deadlines {
    ping_interval: u32,
    pong: u32,
    close: u32,
    /// Something came from the peer since time last passed.
    heard: bool,
    /// The closing handshake had begun when time last passed.
    closing: bool,
    /// When to send a ping; once `closing`, when to give up.
    next: u64,
    pong_by: u64,
}

impl Deadlines {
    pub(super) fn new(timeouts: Timeouts) -> Self {
        Self {
            ping_interval: milliseconds(timeouts.ping_interval),
            pong: milliseconds(timeouts.pong),
            close: milliseconds(timeouts.close),
            heard: true,
            closing: false,
            next: NEVER,
            pong_by: NEVER,
        }
    }

    #[inline]
    pub(super) const fn heard(&mut self) {
        self.heard = true;
    }

    /// Time passes in an open connection.
    pub(super) fn keep_alive(&mut self, now: Duration) -> Option<Due> {
        let now = nanoseconds(now);
        if core::mem::take(&mut self.heard) {
            self.next = after(now, self.ping_interval);
            self.pong_by = NEVER;
        }
        if passed(now, self.pong_by) {
            return Some(Due::Expired);
        }
        passed(now, self.next).then_some(Due::Ping)
    }

    /// Notes that the ping that was due is being sent.
    pub(super) fn pinged(&mut self, now: Duration) {
        let now = nanoseconds(now);
        self.next = after(now, self.ping_interval);
        self.pong_by = self.pong_by.min(after(now, self.pong));
    }

    /// Time passes in a connection that is closing; says whether that has taken too long.
    pub(super) fn closing(&mut self, now: Duration) -> bool {
        let now = nanoseconds(now);
        if !core::mem::replace(&mut self.closing, true) {
            self.next = after(now, self.close);
        }
        passed(now, self.next)
    }

    /// When [`keep_alive`](Self::keep_alive) is next to be called: at once if the time at which
    /// something came is not known yet.
    pub(super) fn next_keep_alive(&self) -> Option<Duration> {
        let unknown = self.heard && self.ping_interval != FOR_EVER;
        time(if unknown { 0 } else { self.next.min(self.pong_by) })
    }

    /// When [`closing`](Self::closing) is next to be called: at once if it never was.
    pub(super) fn next_closing(&self) -> Option<Duration> {
        match self.closing {
            true => time(self.next),
            false if self.close == FOR_EVER => None,
            false => time(0),
        }
    }
}

const fn passed(now: u64, deadline: u64) -> bool {
    deadline != NEVER && now >= deadline
}

fn after(now: u64, span: u32) -> u64 {
    if span == FOR_EVER { NEVER } else { now.saturating_add(u64::from(span) * 1_000_000) }
}

fn time(nanoseconds: u64) -> Option<Duration> {
    (nanoseconds != NEVER).then(|| Duration::from_nanos(nanoseconds))
}

/// Rounded up, so that no deadline comes early.
fn milliseconds(span: Option<Duration>) -> u32 {
    let Some(span) = span else { return FOR_EVER };
    span.as_nanos().div_ceil(1_000_000).try_into().unwrap_or(FOR_EVER)
}

/// Up to 584 years.
fn nanoseconds(time: Duration) -> u64 {
    time.as_nanos().try_into().unwrap_or(NEVER)
}
