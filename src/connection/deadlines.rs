//! Deadlines as data: the caller has the clock, this has the arithmetic.

use super::Connection;
use super::timeouts::{Expired, Timeouts};
use crate::codec::Progress;
use core::time::Duration;

/// What happened to the output since time last passed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Output {
    pub(super) progress: Progress,
    /// How long the transport had been full, in nanoseconds, if it no longer is. It holds bytes of
    /// its own, and they take the peer as long again at most if it held no more than waited here.
    pub(super) was_full: u64,
    /// Bytes wait.
    pub(super) waits: bool,
    /// A ping is among those that wait.
    pub(super) ping_waits: bool,
    /// A Close is among them; or, if none was said, anything is.
    pub(super) close_waits: bool,
}

/// What the passing of time asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Nothing,
    Ping,
    /// A deadline passed: the transport is to be tried once more before that is believed.
    Look,
    Expired(Expired),
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
    write: u32,
    /// Something came from the peer since time last passed.
    heard: bool,
    /// A ping waited to be written when time last passed.
    pinging: bool,
    closing: Closing,
    /// For which deadline the transport was tried once more since that passed.
    looked: Option<Expired>,
    /// How many bytes of the input were left when it was last seen: as many as fit.
    seen_unread: u32,
    /// When to send a ping; once closing, when to give up.
    next: u64,
    pong_by: u64,
    write_by: u64,
}

/// How far the closing handshake had come when time last passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Closing {
    No,
    /// The Close waits to be written, and bytes that leave put off the end.
    Waiting,
    /// It was written, and nothing puts off the end.
    Written,
}

impl Deadlines {
    pub(super) fn new(timeouts: Timeouts) -> Self {
        Self {
            // At 0, each turn would write a ping, and none would wait for the peer.
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

    /// Notes how many bytes of the input are there: more than were left are a sign of life.
    #[inline(always)]
    pub(super) fn before(&mut self, input: usize) {
        if as_fits(input) > self.seen_unread {
            self.heard = true;
        }
    }

    /// Notes how many bytes of the input are left.
    #[inline(always)]
    pub(super) fn after(&mut self, input: usize) {
        self.seen_unread = as_fits(input);
    }

    /// Time passes in an open connection.
    pub(super) fn open(&mut self, now: u64, output: Output) -> Due {
        let ping_left = self.pinging && !output.ping_waits;
        if core::mem::take(&mut self.heard) {
            // The pong to a ping that left meanwhile may be what came: the next ping will tell.
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

    /// A ping is due, unless one still waits.
    fn ping(&mut self, now: u64) -> Due {
        if !self.pinging {
            return Due::Ping;
        }
        self.next = after(now, self.ping_interval);
        Due::Nothing
    }

    /// Whether a ping left, and nothing came since.
    const fn is_pinged(&self) -> bool {
        self.pong_by != NEVER
    }

    /// A deadline, later by the time that the transport had been full, up to what a write may take.
    fn later(&self, deadline: u64, output: Output) -> u64 {
        deadline.saturating_add(output.was_full.min(after(0, self.write)))
    }

    /// Notes that the ping that was due waits to be written.
    pub(super) fn pinged(&mut self, now: u64) {
        self.pinging = true;
        self.next = after(now, self.ping_interval);
        self.write_by = self.write_by.min(after(now, self.write));
    }

    /// Time passes in a connection that is closing, or that is closed and has something to write.
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

    /// Whether a deadline passed. It is believed at the second time, since a process that was
    /// paused sees the time before it sees what came meanwhile; a look for another deadline may
    /// have been before the pause.
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

    /// When time is next to be told.
    pub(super) fn next(&self) -> Option<Duration> {
        let next = self.next.min(self.pong_by).min(self.write_by);
        (next != NEVER).then(|| Duration::from_nanos(next))
    }
}

impl<R> Connection<R> {
    /// How long the end of the transport may take: as long as a closing handshake.
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

/// Rounded up, so that no deadline comes early.
fn milliseconds(span: Option<Duration>) -> u32 {
    let Some(span) = span else { return FOR_EVER };
    let rest = u64::from(span.subsec_nanos().div_ceil(1_000_000));
    span.as_secs().saturating_mul(1000).saturating_add(rest).try_into().unwrap_or(FOR_EVER)
}

/// Up to 584 years.
pub(super) fn nanoseconds(time: Duration) -> u64 {
    time.as_nanos().try_into().unwrap_or(NEVER)
}
