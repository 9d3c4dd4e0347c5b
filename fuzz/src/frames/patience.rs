//! What the documentation of `Timeouts` and of `Next` promises, computed from the times at which
//! things happened: no end is given up too early, and none too late.

use super::sending::{Left, Sending, Why};
use patchcord::{Expired, Next, Timeouts};
use std::time::Duration;

/// Times by the caller's clock.
pub(super) struct Patience {
    timeouts: Timeouts,
    now: Duration,
    /// The time of the peer's last bytes, or of the last ping that was due.
    quiet_since: Duration,
    /// When a ping had left, or the peer made room behind it, with nothing received since.
    pinged: Option<Duration>,
    /// When the last byte left of what still waits, or when it began to wait.
    waits_since: Option<Duration>,
    /// The start of the wait for the end of the closing handshake.
    closing_since: Option<Duration>,
    /// When the transport took only a part of what waited; the rest still waits.
    full_since: Option<Duration>,
    /// The longest time for which it was full.
    was_full: Duration,
    /// Something arrived since the last call: perhaps the answer to a ping that left meanwhile.
    heard: bool,
    /// How many of the last answers were `Look`, at most one of them at an earlier time.
    looks: usize,
}

/// What is known beside the times.
#[derive(Clone, Copy)]
pub(super) struct Now {
    pub(super) is_open: bool,
    pub(super) is_receiving: bool,
    /// What waited before the call.
    pub(super) is_waiting: bool,
}

impl Patience {
    pub(super) fn new(mut timeouts: Timeouts) -> Self {
        let least = Duration::from_millis(1);
        timeouts.ping_interval = timeouts.ping_interval.map(|interval| interval.max(least));
        Self {
            timeouts,
            now: Duration::ZERO,
            quiet_since: Duration::ZERO,
            pinged: None,
            waits_since: None,
            closing_since: None,
            full_since: None,
            was_full: Duration::ZERO,
            heard: false,
            looks: 0,
        }
    }

    pub(super) const fn now(&self) -> Duration {
        self.now
    }

    pub(super) fn pass(&mut self, now: Duration) {
        if now > self.now {
            self.looks = self.looks.min(1); // other deadlines may have passed since
        }
        self.now = now;
    }

    pub(super) const fn heard(&mut self) {
        (self.quiet_since, self.pinged, self.heard) = (self.now, None, true);
    }

    pub(super) fn left(&mut self, left: &Left, sending: &Sending, is_full: bool, closing: bool) {
        if left.count > 0 {
            self.waits_since = None;
            // The pong of a first ping is waited for, even if another ping follows.
            let made_room = self.full_since.is_some() && self.pinged.is_some();
            if left.ping && self.pinged.is_none() && !self.heard || made_room {
                self.pinged = Some(self.now);
            }
            if closing {
                self.closing_since = Some(self.now);
            }
        }
        if sending.is_empty() {
            let was_full = self.full_since.take().map_or(Duration::ZERO, |since| self.now - since);
            self.was_full = self.was_full.max(was_full);
        } else if is_full {
            self.full_since.get_or_insert(self.now);
        }
    }

    /// The connection was told the time in this situation.
    pub(super) fn told(&mut self, now: Now) {
        self.heard = false;
        if now.is_waiting {
            self.waits_since.get_or_insert(self.now);
        } else {
            self.waits_since = None;
        }
        if !now.is_open {
            self.closing_since.get_or_insert(self.now);
        }
    }

    /// Returns when each deadline passes at the earliest: never, if nothing is waited for.
    fn earliest(&self, now: Now) -> [(Expired, Option<Duration>); 3] {
        let after = |since: Option<Duration>, span: Option<Duration>| Some(since? + span?);
        let pinged = if now.is_open { self.pinged } else { None };
        let closing = if now.is_open { None } else { self.closing_since };
        [
            (Expired::Pong, after(pinged, self.timeouts.pong)),
            (Expired::Close, after(closing, self.timeouts.close)),
            (Expired::Write, after(self.waits_since, self.timeouts.write)),
        ]
    }

    /// Returns when one of them passes at the latest: a transport that was full may have kept bytes from
    /// the peer for as long again.
    fn latest(&self, now: Now) -> Option<Duration> {
        let full = self.was_full.min(self.timeouts.write.unwrap_or(Duration::MAX));
        let latest = self.earliest(now).into_iter().filter_map(|(expired, at)| match expired {
            Expired::Write => at,
            _ => at.map(|at| at + full),
        });
        latest.min()
    }

    /// Returns whether a ping is due now, if nothing has expired.
    pub(super) fn pings(&mut self, now: Now, sending: &Sending) -> bool {
        let due = self.timeouts.ping_interval.map(|interval| self.quiet_since + interval);
        if !now.is_open || due.is_none_or(|due| self.now < due) {
            return false;
        }
        self.quiet_since = self.now;
        let pings = !sending.is_waiting(Why::Ping);
        if pings {
            self.waits_since.get_or_insert(self.now);
        }
        pings
    }

    /// Checks that the answer is what the times ask for.
    pub(super) fn answered(&mut self, next: Next, now: Now, sending: &Sending) {
        let late = self.latest(now).is_some_and(|latest| self.now >= latest);
        let over = !now.is_receiving && !now.is_waiting;
        let looked = self.looks;
        self.looks = if next == Next::Look { looked + 1 } else { 0 };
        match next {
            Next::Write { until } | Next::Wait { until } => {
                assert_eq!(matches!(next, Next::Wait { .. }), sending.is_empty(), "{next:?}");
                assert!(!over && !late, "{next:?} at {:?}", self.now);
                assert!(until.is_none_or(|until| until > self.now), "{next:?} has passed");
                let latest = self.latest(now).into_iter().chain(self.next_ping(now)).min();
                let wakes = latest.is_none_or(|latest| until.is_some_and(|until| until <= latest));
                assert!(
                    wakes,
                    "{next:?} sleeps through {latest:?} at {:?}: {:?} {:?}",
                    self.now,
                    self.earliest(now),
                    self.next_ping(now)
                );
            }
            Next::Look => {
                // Each deadline that has passed gets a look of its own.
                assert!(!over && looked < self.earliest(now).len(), "a look behind a look");
                assert!(self.may_expire(now), "{:?}: {:?}", self.now, self.earliest(now));
            }
            Next::Expired(expired) => {
                assert!(looked > 0 && !over, "{expired:?} without a look");
                let at = self.earliest(now).into_iter().find(|(which, _)| *which == expired);
                let at = at.and_then(|(_, at)| at).expect("nothing was waited for");
                assert!(self.now >= at, "{expired:?} at {:?}, before {at:?}", self.now);
            }
            Next::Finished => assert!(over, "bytes wait, or the peer has more to say"),
        }
    }

    fn may_expire(&self, now: Now) -> bool {
        self.earliest(now).into_iter().any(|(_, at)| at.is_some_and(|at| self.now >= at))
    }

    fn next_ping(&self, now: Now) -> Option<Duration> {
        let interval = self.timeouts.ping_interval.filter(|_| now.is_open)?;
        Some(self.quiet_since + interval)
    }
}
