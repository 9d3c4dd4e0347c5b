//! The time of a connection, and one timer that is seldom touched.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};

pub(super) struct Clock {
    start: Instant,
    /// Set anew when a deadline comes sooner, and else only once it has run out: nearly every
    /// message puts the deadlines off. There is none before the first deadline.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Clock {
    pub(super) fn new() -> Self {
        Self { start: Instant::now(), timer: None }
    }

    pub(super) fn now(&self) -> Duration {
        self.start.elapsed()
    }

    /// Waits until then; for ever without a time.
    pub(super) fn poll(&mut self, until: Option<Duration>, context: &mut Context<'_>) -> Poll<()> {
        // A time that no clock will show does not come.
        let until = until.and_then(|until| self.start.checked_add(until));
        let Some(until) = until else { return Poll::Pending };
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(until)));
        loop {
            if timer.is_elapsed() || until < timer.deadline() {
                timer.as_mut().reset(until);
            }
            ready!(timer.as_mut().poll(context));
            if until <= Instant::now() {
                return Poll::Ready(());
            }
        }
    }

    /// Sets the timer anew, for [`poll_set`](Self::poll_set).
    pub(super) fn set(&mut self, span: Duration) {
        let until = Instant::now() + span;
        match &mut self.timer {
            Some(timer) => timer.as_mut().reset(until),
            None => self.timer = Some(Box::pin(sleep_until(until))),
        }
    }

    /// Waits until the time that was set.
    pub(super) fn poll_set(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.timer.as_mut().map_or(Poll::Ready(()), |timer| timer.as_mut().poll(context))
    }
}
