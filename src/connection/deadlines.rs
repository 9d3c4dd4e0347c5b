//! Deadlines as data: the caller has the clock, this has the arithmetic.

use core::time::Duration;

/// How long to wait for what; `None` waits for ever.
///
/// ```
/// use patchcord::Timeouts;
/// use std::time::Duration;
///
/// let timeouts = Timeouts { ping_interval: Some(Duration::from_secs(20)), ..Timeouts::default() };
/// # let _ = timeouts;
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

/// A deadline that passed; the connection is lost, and its transport is to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Expired {
    /// Nothing came from the peer after a ping.
    Pong,
    /// The closing handshake was not finished.
    Close,
}

/// What the passing of time asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Ping,
    Expired(Expired),
}

/// Nanoseconds since the caller's fixed point; the last one stands for a time that never comes.
const NEVER: u64 = u64::MAX;

#[derive(Debug)]
pub(super) struct Deadlines {
    ping_interval: u64,
    pong: u64,
    close: u64,
    ping_at: u64,
    pong_by: u64,
    close_by: u64,
    /// Something came from the peer since time last passed.
    heard: bool,
    /// The closing handshake has begun since time last passed, or earlier.
    closing: bool,
}

impl Deadlines {
    pub(super) fn new(timeouts: Timeouts) -> Self {
        Self {
            ping_interval: span(timeouts.ping_interval),
            pong: span(timeouts.pong),
            close: span(timeouts.close),
            ping_at: NEVER,
            pong_by: NEVER,
            close_by: NEVER,
            heard: true,
            closing: false,
        }
    }

    pub(super) fn heard(&mut self) {
        self.heard = true;
    }

    /// From here on, only the end of the closing handshake is waited for.
    pub(super) fn on_time(&mut self, now: Duration, closing: bool) -> Option<Due> {
        let now = nanoseconds(now);
        if closing { self.closing(now) } else { self.open(now) }
    }

    pub(super) fn next(&self, closing: bool) -> Option<Duration> {
        let next = match (closing, self.closing) {
            (true, true) => self.close_by,
            (true, false) if self.close != NEVER => 0,
            (true, false) => NEVER,
            (false, _) if self.heard && self.ping_interval != NEVER => 0,
            (false, _) => self.ping_at.min(self.pong_by),
        };
        (next != NEVER).then(|| Duration::from_nanos(next))
    }

    fn open(&mut self, now: u64) -> Option<Due> {
        if core::mem::take(&mut self.heard) {
            self.ping_at = now.saturating_add(self.ping_interval);
            self.pong_by = NEVER;
        }
        if passed(now, self.pong_by) {
            return Some(Due::Expired(Expired::Pong));
        }
        passed(now, self.ping_at).then(|| {
            self.ping_at = now.saturating_add(self.ping_interval);
            self.pong_by = self.pong_by.min(now.saturating_add(self.pong));
            Due::Ping
        })
    }

    fn closing(&mut self, now: u64) -> Option<Due> {
        if !core::mem::replace(&mut self.closing, true) {
            self.close_by = now.saturating_add(self.close);
        }
        passed(now, self.close_by).then_some(Due::Expired(Expired::Close))
    }
}

const fn passed(now: u64, deadline: u64) -> bool {
    deadline != NEVER && now >= deadline
}

fn span(duration: Option<Duration>) -> u64 {
    duration.map_or(NEVER, nanoseconds)
}

/// 584 years at the most.
fn nanoseconds(duration: Duration) -> u64 {
    duration.as_nanos().try_into().unwrap_or(NEVER)
}
