//! What is done while anybody waits: events, writing, reading, the time, and the end.

use super::buffers::{Lent, give_back_output};
use super::{Session, Side};
use crate::endpoint::{Listener, Received};
use crate::leaving::Phase;
use crate::{CloseFrame, Error, Utf8Bytes, close_code};
use patchcord::{Expired, Step};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::coop::poll_proceed;

/// 1 ms, the least that tokio's timers wait: how long something is looked for before a verdict.
const SOON: Duration = Duration::from_millis(1);

/// Why somebody who waits goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Done {
    /// What was waited for is so.
    Reached,
    /// Somebody has to look at what was received.
    Heard,
    /// The connection is over, and the stream at its end.
    Ended,
}

/// What to do after a step.
enum Then {
    Again,
    Wait { until: Option<Duration> },
    Done(Done),
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// Does everything that is to be done, until `is_reached`, until `listener` has enough, or the end.
    /// Only with `hears` are events handed on.
    pub(super) fn poll_side(
        &mut self,
        side: Side,
        context: &mut Context<'_>,
        is_reached: impl Fn(&Self) -> bool,
        hears: bool,
        listener: &mut impl Listener,
    ) -> Poll<Done> {
        if self.ended {
            return Poll::Ready(Done::Ended);
        }
        let done = match self.sides.enter(side, context.waker()) {
            None => self.poll(side, context, is_reached, hears, listener),
            Some(waker) => {
                self.poll(side, &mut Context::from_waker(&waker), is_reached, hears, listener)
            }
        };
        let done = done.map(|done| done.unwrap_or_else(|error| self.fail(error)));
        if done.is_ready() {
            self.sides.leave(side);
        }
        done
    }

    #[cold]
    fn fail(&mut self, error: Error) -> Done {
        self.ended = true;
        self.member = None;
        // What ended the connection before the stream failed says more.
        self.failure = Some(self.endpoint.result().err().unwrap_or(error));
        Done::Ended
    }

    fn poll(
        &mut self,
        side: Side,
        context: &mut Context<'_>,
        is_reached: impl Fn(&Self) -> bool,
        hears: bool,
        listener: &mut impl Listener,
    ) -> Poll<Result<Done, Error>> {
        let mut lent = None;
        let done = self.poll_with(&mut lent, side, context, is_reached, hears, listener);
        if let Some(lent) = lent {
            lent.give_back(self.endpoint.input());
        }
        done
    }

    fn poll_with(
        &mut self,
        lent: &mut Option<Lent>,
        side: Side,
        context: &mut Context<'_>,
        is_reached: impl Fn(&Self) -> bool,
        hears: bool,
        listener: &mut impl Listener,
    ) -> Poll<Result<Done, Error>> {
        loop {
            // Whoever sends looks at what came only if it has to wait.
            if side == Side::Receive && self.hears(listener, context) {
                return Poll::Ready(Ok(Done::Heard));
            }
            self.poll_leaving(context)?;
            let wrote = self.poll_write(context);
            if is_reached(self) {
                return Poll::Ready(Ok(Done::Reached));
            }
            let until = match ready!(self.poll_step(wrote, context, listener, lent))? {
                Then::Again => continue,
                Then::Wait { until } => until,
                Then::Done(done) => return Poll::Ready(Ok(done)),
            };
            self.poll_end_of_output(context);
            if is_reached(self) {
                return Poll::Ready(Ok(Done::Reached));
            }
            if side == Side::Send && hears {
                let received = self.endpoint.receive(listener);
                if self.has_enough(received, context) {
                    return Poll::Ready(Ok(Done::Heard));
                }
                if received.events > 0 {
                    continue; // a Close begins a deadline
                }
            }
            if hears && let Poll::Ready(received) = self.poll_read(context, listener, lent)? {
                match self.has_enough(received, context) {
                    true => return Poll::Ready(Ok(Done::Heard)),
                    false => continue,
                }
            }
            if self.broken.is_some() {
                drop(ready!(poll_proceed(context))); // else the stream was not asked what is left in it
            }
            if let Some(error) = self.broken.take() {
                return Poll::Ready(Err(error.into())); // and nothing more is there to be heard
            }
            ready!(self.clock.poll(until, context));
        }
    }

    /// Says 1001 when the program leaves, and fails when it is gone.
    fn poll_leaving(&mut self, context: &mut Context<'_>) -> Result<(), Error> {
        let Some(member) = &mut self.member else { return Ok(()) };
        match member.poll(context) {
            None | Some(Phase::Stay) => Ok(()),
            Some(Phase::Leave) if self.endpoint.is_open() => {
                let close = CloseFrame { code: close_code::AWAY, reason: Utf8Bytes::default() };
                let _ = self.answers()?.close(Some(&close)); // unless one was sent
                Ok(())
            }
            Some(Phase::Leave) if self.endpoint.has_said_close() => Ok(()), // at its end already
            Some(Phase::Leave) => Err(Error::Closed), // nobody is there any more to open it
            Some(Phase::Over) => Err(Error::Expired(Expired::Close)),
        }
    }

    /// Asks the connection what is to be done, and does it, but for waiting.
    fn poll_step(
        &mut self,
        wrote: Poll<()>,
        context: &mut Context<'_>,
        listener: &mut impl Listener,
        lent: &mut Option<Lent>,
    ) -> Poll<Result<Then, Error>> {
        if self.looking {
            return self.poll_look(context, listener, lent);
        }
        Poll::Ready(Ok(match self.endpoint.next(self.clock.now()) {
            // A ping that is due.
            Step::Write { .. } if wrote.is_ready() && self.poll_write(context).is_ready() => {
                Then::Again
            }
            Step::Write { until } => Then::Wait { until },
            Step::Wait { until } => {
                self.rest_output();
                Then::Wait { until }
            }
            Step::Look => {
                self.looking = true;
                self.clock.set(SOON);
                ready!(self.poll_look(context, listener, lent))?
            }
            Step::Shutdown => {
                self.shutting = true;
                self.poll_end_of_output(context);
                Then::Again
            }
            Step::Expired(_) | Step::Finished => {
                let _ = self.poll_write(context); // a Close, if the stream takes it at once
                ready!(self.poll_last(context));
                self.endpoint.result()?;
                self.ended = true;
                self.member = None;
                Then::Done(Done::Ended)
            }
        }))
    }

    /// Writes and reads once more before it is believed that a deadline passed. What came while the
    /// thread was busy is not known before the runtime has asked the system, which it does while
    /// this waits; and then it tells of the stream before it tells of the time.
    #[cold]
    fn poll_look(
        &mut self,
        context: &mut Context<'_>,
        listener: &mut impl Listener,
        lent: &mut Option<Lent>,
    ) -> Poll<Result<Then, Error>> {
        let _ = self.poll_write(context);
        let then = match self.poll_read(context, listener, lent)? {
            Poll::Ready(received) if self.has_enough(received, context) => Then::Done(Done::Heard),
            Poll::Ready(_) => Then::Again,
            Poll::Pending => {
                ready!(self.clock.poll_set(context));
                Then::Again
            }
        };
        self.looking = false;
        Poll::Ready(Ok(then))
    }

    /// Hands on the events that are there, and returns whether that is enough.
    fn hears(&mut self, listener: &mut impl Listener, context: &mut Context<'_>) -> bool {
        let received = self.endpoint.receive(listener);
        self.has_enough(received, context)
    }

    /// Whether somebody has to look at what was received before the poll goes on.
    fn has_enough(&mut self, received: Received, context: &mut Context<'_>) -> bool {
        if received.enough && self.endpoint.has_said_close() {
            self.poll_answer(context);
        }
        received.enough
    }

    /// Writes the answer to a Close, which leaves even if nobody asks for more.
    pub(super) fn poll_answer(&mut self, context: &mut Context<'_>) {
        let _ = self.poll_write(context);
        self.poll_end_of_output(context);
    }

    /// Gives the thread's output buffer back, once the connection has seen that it is written.
    fn rest_output(&mut self) {
        if self.has_output {
            self.has_output = false;
            give_back_output(&mut self.endpoint);
        }
    }
}
