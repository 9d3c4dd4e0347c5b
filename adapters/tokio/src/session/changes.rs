//! What one side changes for the other that waits, and did not see it.
//!
//! Whoever waits was polled when nothing could be done, and leaves wakers with the stream and the
//! clock, which know of each other's changes nothing. What a side does in its own turn, the other is
//! told here:
//!
//! | who waits | is woken when the other side |
//! |---|---|
//! | whoever sends | wrote or flushed, made room in the inbox, took a Close, saw the end |
//! | whoever receives | kept a message, left a Close, saw the end; wrote what had to wait, or broke the stream |

use super::turn::Done;
use super::{Session, Side};
use crate::Error;
use crate::endpoint::{Listener, Nobody};
use bytes::Buf;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite};

/// What a side may wait for, as it stands.
#[derive(Clone, Copy)]
struct Seen {
    output: usize,
    unflushed: bool,
    kept: usize,
    is_close_next: bool,
    has_said_close: bool,
    is_heard_out: bool,
    is_broken: bool,
    ended: bool,
}

impl Seen {
    /// Only progress counts: with no less to be written, who had to wait for room has to wait still.
    fn wrote_since(self, before: Self) -> bool {
        self.output < before.output || (before.unflushed && !self.unflushed)
    }

    fn ended_since(self, before: Self) -> bool {
        self.ended && !before.ended
    }
}

impl<S> Session<S> {
    /// Wakes whoever receives, to write what was fed, or to wait for the end.
    pub(crate) fn wake_receiver(&mut self) {
        self.sides.wake(Side::Receive);
    }

    /// Drops what comes from now on: nobody receives.
    pub(crate) fn deafen(&mut self) {
        self.deaf = true;
        self.inbox = None;
        self.sides.forget(Side::Receive);
        self.sides.wake(Side::Send);
    }

    /// Nobody sends.
    pub(crate) fn silence(&mut self) {
        self.sides.forget(Side::Send);
    }

    /// What the other side waits for, if it does.
    fn seen_for(&self, other: Side) -> Option<Seen> {
        self.sides.waits(other).then(|| self.seen())
    }

    fn seen(&self) -> Seen {
        Seen {
            output: self.endpoint.output().remaining(),
            unflushed: self.unflushed,
            kept: self.inbox.as_ref().map_or(0, |inbox| inbox.len()),
            is_close_next: self.endpoint.is_close_next(),
            has_said_close: self.endpoint.has_said_close(),
            is_heard_out: self.endpoint.is_heard_out(),
            is_broken: self.broken.is_some(),
            ended: self.ended,
        }
    }

    /// Wakes whoever sends and waits, if whoever receives has done something since.
    fn tell_sender(&mut self, before: Seen) {
        let now = self.seen();
        let begins_deadline =
            (now.has_said_close, now.is_heard_out) != (before.has_said_close, before.is_heard_out);
        let concerns = now.wrote_since(before) || begins_deadline || now.ended_since(before);
        if concerns {
            self.sides.wake(Side::Send);
        }
    }

    /// Wakes whoever receives and waits, if whoever sends has done something since.
    fn tell_receiver(&mut self, before: Seen) {
        let now = self.seen();
        let concerns = now.kept > before.kept
            || now.is_close_next != before.is_close_next
            || now.is_broken != before.is_broken
            || (self.owes && now.wrote_since(before))
            || now.ended_since(before);
        if concerns {
            self.sides.wake(Side::Receive);
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// Has a turn of the side that receives.
    pub(super) fn poll_input(
        &mut self,
        context: &mut Context<'_>,
        is_reached: impl Fn(&Self) -> bool,
        listener: &mut impl Listener,
    ) -> Poll<Done> {
        let before = self.seen_for(Side::Send);
        let done = self.poll_side(Side::Receive, context, is_reached, true, listener);
        // Once that has left, reading and deadlines may go on: but for that, it concerns who sends.
        self.owes = done.is_pending() && !self.is_written();
        if let Some(before) = before {
            self.tell_sender(before);
        }
        done
    }

    /// Has turns of the side that sends, until `is_reached`; what comes is kept.
    pub(super) fn poll_output(
        &mut self,
        context: &mut Context<'_>,
        is_reached: impl Fn(&Self) -> bool,
    ) -> Poll<Result<(), Error>> {
        loop {
            let before = self.seen_for(Side::Receive);
            let done = self.poll_sender(context, &is_reached);
            self.owes |= done.is_pending() && !self.is_written();
            if let Some(before) = before {
                self.tell_receiver(before);
            }
            match ready!(done) {
                Done::Reached => return Poll::Ready(self.unbroken()),
                Done::Heard => {}
                Done::Ended => return Poll::Ready(Err(self.told())),
            }
        }
    }

    fn poll_sender(
        &mut self,
        context: &mut Context<'_>,
        is_reached: impl Fn(&Self) -> bool,
    ) -> Poll<Done> {
        if self.deaf {
            return self.poll_side(Side::Send, context, is_reached, true, &mut Nobody);
        }
        let mut inbox = self.inbox.take().unwrap_or_default();
        let hears = inbox.has_room() && !self.endpoint.is_close_next();
        let done = self.poll_side(Side::Send, context, is_reached, hears, &mut *inbox);
        self.inbox = Some(inbox).filter(|inbox| !inbox.is_empty());
        done
    }
}
