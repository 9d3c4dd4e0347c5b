//! Counters for tests, of work that a peer can cause at no cost to itself. Outside of tests,
//! nothing is counted.

use core::cell::Cell;

std::thread_local! {
    static ZEROS: Cell<usize> = const { Cell::new(0) };
    static RESTARTS: Cell<usize> = const { Cell::new(0) };
}

/// Notes that `count` zeros are written to make room.
pub(super) fn zeros(count: usize) {
    if cfg!(test) {
        ZEROS.set(ZEROS.get() + count);
    }
}

/// Notes that an engine starts a new stream.
pub(super) fn restart() {
    if cfg!(test) {
        RESTARTS.set(RESTARTS.get() + 1);
    }
}

/// Returns the zeros and the restarts counted since the last call.
#[cfg(test)]
pub(super) fn take() -> (usize, usize) {
    (ZEROS.take(), RESTARTS.take())
}
