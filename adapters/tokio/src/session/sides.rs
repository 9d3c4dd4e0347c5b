//! Two tasks that poll one connection: whatever happens wakes whoever waits for it.
//!
//! A stream keeps one waker for each direction, that of its latest poll. So when the two sides are
//! polled by different tasks, what is left with the stream is a waker of both.

use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Wake, Waker};

/// The side that polls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Receive,
    Send,
}

#[derive(Default)]
pub(super) struct Sides {
    /// The latest waker of each side, and whether it waits.
    places: [Place; 2],
    both: Option<Arc<Both>>,
}

#[derive(Default)]
struct Place {
    waker: Option<Waker>,
    waits: bool,
}

#[derive(Default)]
struct Both(Mutex<[Option<Waker>; 2]>);

impl Sides {
    /// Notes who polls; `Some` is the waker to poll with instead of its own.
    pub(super) fn enter(&mut self, side: Side, waker: &Waker) -> Option<Waker> {
        let place = &mut self.places[side as usize];
        place.waits = true;
        match &mut place.waker {
            Some(known) if known.will_wake(waker) => {}
            known => *known = Some(waker.clone()),
        }
        let other = &self.places[1 - side as usize];
        if !other.waits || other.waker.as_ref().is_none_or(|other| other.will_wake(waker)) {
            return None;
        }
        let both = self.both.get_or_insert_default();
        let wakers = [self.places[0].waker.clone(), self.places[1].waker.clone()];
        *both.0.lock().unwrap_or_else(PoisonError::into_inner) = wakers;
        Some(Waker::from(Arc::clone(both)))
    }

    /// Notes that a side has what it waited for.
    pub(super) fn leave(&mut self, side: Side) {
        self.places[side as usize].waits = false;
    }

    /// Forgets a side that is gone, and its task.
    pub(super) fn forget(&mut self, side: Side) {
        self.places[side as usize] = Place::default();
        if let Some(both) = &self.both {
            both.0.lock().unwrap_or_else(PoisonError::into_inner)[side as usize] = None;
        }
    }

    pub(super) fn waits(&self, side: Side) -> bool {
        self.places[side as usize].waits
    }

    /// Wakes a side that waits.
    pub(super) fn wake(&mut self, side: Side) {
        let place = &self.places[side as usize];
        if let Some(waker) = place.waker.as_ref().filter(|_| place.waits) {
            waker.wake_by_ref();
        }
    }
}

impl Wake for Both {
    fn wake(self: Arc<Self>) {
        let wakers = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        wakers.into_iter().flatten().for_each(Waker::wake);
    }
}
