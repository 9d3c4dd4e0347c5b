//! Deadlines as data: the caller owns the clock, this module the arithmetic.

use super::Connection;
use super::timeouts::{Expired, Timeouts};
use crate::codec::Progress;
use core::time::Duration;

/// The state of the output, and its changes since the caller last gave the time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Output {
    pub(super) progress: Progress,
    /// The time for which the transport had been full, in nanoseconds, if it no longer is. The
    /// transport still holds bytes of its own. If those are no more than waited here, the peer
    /// needs at most as long again for them.
    pub(super) was_full: u64,
    /// Whether bytes wait.
    pub(super) waits: bool,
    /// Whether a ping is among them.
    pub(super) ping_waits: bool,
    /// Whether a Close is among them; without a Close, whether bytes wait.
    pub(super) close_waits: bool,
}

/// The result of comparing the deadlines with the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Nothing,
    Ping,
    /// A deadline passed: it expires only if another try of the transport changes nothing.
    Look,
    Expired(Expired),
}

/// Milliseconds that never pass.
const FOR_EVER: u32 = u32::MAX;

/// The greatest number of nanoseconds since the caller's fixed point stands for a time that never
/// comes.
const NEVER: u64 = u64::MAX;

/// The deadlines of a connection: spans in milliseconds, points in time in nanoseconds. Spans take
/// four bytes each that way, and every connection has four of them.
#[derive(Debug)]
pub(super) struct Deadlines {
    ping_interval: u32,
    pong: u32,
    close: u32,
    write: u32,
    /// Whether bytes arrived from the peer since the caller last gave the time.
    heard: bool,
    /// Whether a ping waited to be written when the caller last gave the time.
    pinging: bool,
    closing: Closing,
    /// The passed deadline for which [`Due::Look`] was returned.
    looked: Option<Expired>,
    /// The number of unread bytes after the last look at the input, at most `u32::MAX`.
    seen_unread: u32,
    /// The time to send a ping; once closing, the time to give up.
    next: u64,
    pong_by: u64,
    write_by: u64,
}

/// The progress of the closing handshake when the caller last gave the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Closing {
    No,
    /// The Close waits to be written: bytes that leave extend the deadline.
    Waiting,
    /// The Close was written: nothing extends the deadline.
    Written,
}

impl Deadlines {
    pub(super) fn new(timeouts: Timeouts) -> Self {
        Self {
            // With 0, every turn would write a ping, and none would wait for the peer.
            ping_interval: milliseconds(timeouts.ping_interval).max(1),
            pong: milliseconds(timeouts.pong),
            close: milliseconds(timeouts.close),
            write: milliseconds(timeouts.write),
            heard: true,
            pinging: false,
            closing: Closing::No,
            looked: None,
            seen_unread: 0,
            next: NEVER,
            pong_by: NEVER,
            write_by: NEVER,
        }
    }

    /// Notes the number of unread bytes before an event is taken. More than the last call left are
    /// a sign of life.
    #[inline(always)]
    pub(super) fn before(&mut self, input: usize) {
        if as_fits(input) > self.seen_unread {
            self.heard = true;
        }
    }

    /// Notes the number of unread bytes after an event was taken.
    #[inline(always)]
    pub(super) fn after(&mut self, input: usize) {
        self.seen_unread = as_fits(input);
    }

    /// Applies the deadlines of an open connection.
    pub(super) fn open(&mut self, now: u64, output: Output) -> Due {
        let ping_left = self.pinging && !output.ping_waits;
        if core::mem::take(&mut self.heard) {
            // A ping may have left since then, and the bytes may be its pong. If they are not, the
            // next ping shows it.
            self.next = after(now, self.ping_interval);
            self.pong_by = NEVER;
        } else if ping_left && self.pong_by == NEVER
            || output.progress == Progress::Taken && self.is_pinged()
        {
            self.pong_by = self.later(after(now, self.pong), output);
        }
        self.pinging &= !ping_left;
        self.writing(now, output);
        match self.verdict(now, self.pong_by, Expired::Pong) {
            Due::Nothing if passed(now, self.next) => self.ping(now),
            due => due,
        }
    }

    /// Asks for a ping, unless one still waits to be written.
    fn ping(&mut self, now: u64) -> Due {
        if !self.pinging {
            return Due::Ping;
        }
        self.next = after(now, self.ping_interval);
        Due::Nothing
    }

    /// Returns whether a ping left, and no byte arrived since.
    const fn is_pinged(&self) -> bool {
        self.pong_by != NEVER
    }

    /// Extends a deadline by the time for which the transport had been full, at most the time that
    /// a write may take.
    fn later(&self, deadline: u64, output: Output) -> u64 {
        deadline.saturating_add(output.was_full.min(after(0, self.write)))
    }

    /// Notes that the ping that was due now waits to be written.
    pub(super) fn pinged(&mut self, now: u64) {
        self.pinging = true;
        self.next = after(now, self.ping_interval);
        self.write_by = self.write_by.min(after(now, self.write));
    }

    /// Applies the deadlines of a connection that is closing, or that is closed and has bytes to
    /// write.
    pub(super) fn closing(&mut self, now: u64, output: Output) -> Due {
        match self.closing {
            Closing::Waiting if output.progress == Progress::None => {}
            Closing::No | Closing::Waiting => {
                self.next = self.later(after(now, self.close), output);
            }
            Closing::Written => {}
        }
        if self.closing != Closing::Written {
            self.closing = if output.close_waits { Closing::Waiting } else { Closing::Written };
        }
        self.pong_by = NEVER;
        self.writing(now, output);
        self.verdict(now, self.next, Expired::Close)
    }

    /// Sets the deadline of a write, which runs from the last byte that left.
    fn writing(&mut self, now: u64, output: Output) {
        if !output.waits {
            self.write_by = NEVER;
        } else if output.progress != Progress::None || self.write_by == NEVER {
            self.write_by = after(now, self.write);
        }
    }

    /// Returns whether a deadline passed. It expires only when it is seen passed twice: a process
    /// that was paused sees the new time before it sees the bytes that arrived during the pause.
    /// Only a look for the same deadline counts: one for another may have been before the pause.
    fn verdict(&mut self, now: u64, deadline: u64, expired: Expired) -> Due {
        let expired = match () {
            () if passed(now, deadline) => expired,
            () if passed(now, self.write_by) => Expired::Write,
            () => {
                self.looked = None;
                return Due::Nothing;
            }
        };
        if self.looked.replace(expired) == Some(expired) {
            return Due::Expired(expired);
        }
        Due::Look
    }

    /// Returns the time at which the deadlines have to be applied again.
    pub(super) fn next(&self) -> Option<Duration> {
        let next = self.next.min(self.pong_by).min(self.write_by);
        (next != NEVER).then(|| Duration::from_nanos(next))
    }
}

impl<R> Connection<R> {
    /// Returns the time that closing the transport may take: as long as a closing handshake.
    pub(crate) fn end_within(&self) -> Option<Duration> {
        let span = self.deadlines.close;
        (span != FOR_EVER).then(|| Duration::from_millis(span.into()))
    }
}

#[inline(always)]
fn as_fits(length: usize) -> u32 {
    length.try_into().unwrap_or(u32::MAX)
}

const fn passed(now: u64, deadline: u64) -> bool {
    deadline != NEVER && now >= deadline
}

fn after(now: u64, span: u32) -> u64 {
    if span == FOR_EVER { NEVER } else { now.saturating_add(u64::from(span) * 1_000_000) }
}

/// Converts a span, rounded up so that no deadline passes early.
fn milliseconds(span: Option<Duration>) -> u32 {
    let Some(span) = span else { return FOR_EVER };
    let rest = u64::from(span.subsec_nanos().div_ceil(1_000_000));
    span.as_secs().saturating_mul(1000).saturating_add(rest).try_into().unwrap_or(FOR_EVER)
}

/// Converts a time of up to 584 years; a later one never comes.
pub(super) fn nanoseconds(time: Duration) -> u64 {
    time.as_nanos().try_into().unwrap_or(NEVER)
}
