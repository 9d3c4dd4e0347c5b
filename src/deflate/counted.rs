//! What tests count: work that a peer gets for nothing. Nothing is counted outside of them.

use core::cell::Cell;

std::thread_local! {
    static ZEROS: Cell<usize> = const { Cell::new(0) };
    static RESTARTS: Cell<usize> = const { Cell::new(0) };
}

/// So many zeros are written as room.
pub(super) fn zeros(count: usize) {
    if cfg!(test) {
        ZEROS.set(ZEROS.get() + count);
    }
}

/// An engine begins another stream.
pub(super) fn restart() {
    if cfg!(test) {
        RESTARTS.set(RESTARTS.get() + 1);
    }
}

/// The zeros and the restarts since it was last asked.
#[cfg(test)]
pub(super) fn take() -> (usize, usize) {
    (ZEROS.take(), RESTARTS.take())
}
