//! The graceful end of a server: 1001 to all, a deadline, and then it is gone.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;
use tokio::time::timeout;

/// Tells all connections that the program leaves, and waits for their ends.
///
/// Give it to the [`Options`](crate::Options) by which they are opened. Clones are the same one.
///
/// ```
/// use patchcord_tokio::{Leaving, Options};
/// use std::time::Duration;
///
/// # async fn serve() {
/// let leaving = Leaving::new();
/// let options = Options::new().leaving(&leaving);
/// // .. `options.accept(..)` for each client, until a signal comes. Then:
/// leaving.leave(Duration::from_secs(5)).await;
/// # }
/// ```
#[derive(Clone)]
#[doc(alias = "graceful")]
#[doc(alias = "shutdown")]
#[doc(alias = "SIGTERM")]
pub struct Leaving(Arc<Shared>);

struct Shared {
    phase: AtomicU8,
    /// Told when the phase changes.
    changes: Arc<Notify>,
    /// How many connections there are.
    members: AtomicUsize,
    /// Told when the last of them ends.
    empty: Notify,
}

/// What a connection is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Stay = 0,
    /// Say 1001.
    Leave = 1,
    /// It was waited for long enough.
    Over = 2,
}

impl Leaving {
    /// One that nobody has used yet.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(Shared {
            phase: AtomicU8::new(Phase::Stay as u8),
            changes: Arc::new(Notify::new()),
            members: AtomicUsize::new(0),
            empty: Notify::new(),
        }))
    }

    /// Says 1001 on all connections, and on those that open later, waits until they have ended, and
    /// for `deadline` at most: then those that are left fail. Returns how many those are.
    ///
    /// A connection is told while anybody waits for it; one that nobody polls stays as it is.
    pub async fn leave(&self, deadline: Duration) -> usize {
        self.enter(Phase::Leave);
        let _ = timeout(deadline, self.empty()).await;
        self.enter(Phase::Over);
        self.members()
    }

    /// Returns whether [`leave`](Self::leave) was called.
    #[must_use]
    pub fn is_leaving(&self) -> bool {
        self.0.phase() != Phase::Stay
    }

    /// Waits until [`leave`](Self::leave) is called: to accept no more.
    pub async fn left(&self) {
        let changes = self.0.changes.notified();
        if !self.is_leaving() {
            changes.await;
        }
    }

    /// How many connections there are.
    #[must_use]
    pub fn members(&self) -> usize {
        self.0.members.load(Ordering::SeqCst)
    }

    fn enter(&self, phase: Phase) {
        self.0.phase.fetch_max(phase as u8, Ordering::SeqCst);
        self.0.changes.notify_waiters();
    }

    async fn empty(&self) {
        loop {
            let empty = self.0.empty.notified();
            if self.members() == 0 {
                return;
            }
            empty.await;
        }
    }

    pub(crate) fn join(&self) -> Member {
        self.0.members.fetch_add(1, Ordering::SeqCst);
        let changes = Arc::clone(&self.0.changes).notified_owned();
        Member {
            shared: Arc::clone(&self.0),
            changes: Box::pin(changes),
            waker: None,
            seen: Phase::Stay,
        }
    }
}

impl Default for Leaving {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Leaving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leaving")
            .field("phase", &self.0.phase())
            .field("members", &self.members())
            .finish()
    }
}

impl Shared {
    fn phase(&self) -> Phase {
        match self.phase.load(Ordering::SeqCst) {
            0 => Phase::Stay,
            1 => Phase::Leave,
            _ => Phase::Over,
        }
    }
}

/// A connection's place among those that are told.
pub(crate) struct Member {
    shared: Arc<Shared>,
    changes: Pin<Box<OwnedNotified>>,
    /// The task that a change wakes: to ask again costs a lock that all connections share.
    waker: Option<Waker>,
    seen: Phase,
}

impl Member {
    /// What the connection is told, if that is new; else, whoever polls is woken by it.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Option<Phase> {
        let is_known = |waker: &Waker| waker.will_wake(context.waker());
        if !self.waker.as_ref().is_some_and(is_known) {
            self.wait(context);
        }
        if self.shared.phase() == self.seen {
            return None;
        }
        self.wait(context); // for the change behind this one
        self.seen = self.shared.phase();
        Some(self.seen)
    }

    /// Is woken by the next change.
    fn wait(&mut self, context: &mut Context<'_>) {
        while let Poll::Ready(()) = self.changes.as_mut().poll(context) {
            self.changes.set(Arc::clone(&self.shared.changes).notified_owned());
        }
        self.waker = Some(context.waker().clone());
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        if self.shared.members.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.shared.empty.notify_waiters();
        }
    }
}
