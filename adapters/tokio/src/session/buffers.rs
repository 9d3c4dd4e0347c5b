//! Large buffers for all the connections of a thread: a connection that waits has nothing in its own,
//! and they cost it nothing.

use crate::endpoint::Endpoint;
use patchcord::{Driver, ReceiveBuffer, Role, SendBuffer};
use std::cell::Cell;
use std::mem::{replace, swap};

/// 512 KiB: how much one read brings at most. What is read at once decides the speed of everything
/// above 1 KiB, and one buffer for each thread costs nothing for each connection.
const READ: usize = 512 * 1024;

/// 2 MiB: how much of its output buffer a thread keeps, so that long messages need no memory of their own.
const KEPT: usize = 2 * 1024 * 1024;

thread_local! {
    static INPUT: Cell<Option<Box<ReceiveBuffer>>> = const { Cell::new(None) };
    /// With room, unless a connection has it.
    static OUTPUT: Cell<Option<Box<SendBuffer>>> = const { Cell::new(None) };
}

/// The thread's input buffer, for a turn, which must not wait: a long message comes by several reads,
/// and is moved to a connection's own only if the turn ends within it.
pub(super) struct Lent {
    shared: Box<ReceiveBuffer>,
    /// The connection has bytes that cannot be moved, and reads behind them.
    is_own: bool,
}

impl Lent {
    /// Puts the thread's buffer in the place of the connection's, with what that has of an unfinished
    /// frame.
    pub(super) fn new(own: &mut ReceiveBuffer) -> Self {
        let mut shared = INPUT.take().unwrap_or_else(|| Box::new(ReceiveBuffer::new(READ)));
        let is_own = !(own.is_empty() || shared.unpark(own));
        if !is_own {
            swap(own, &mut shared);
        }
        Self { shared, is_own }
    }

    /// Gives the buffer back. What is left goes with the connection, in memory of its own size; an empty
    /// buffer of its own goes.
    pub(super) fn give_back(mut self, own: &mut ReceiveBuffer) {
        if !self.is_own {
            let left = own.park();
            *self.shared = replace(own, left);
        }
        INPUT.set(Some(self.shared));
    }
}

/// An output buffer that keeps what a thread does.
const fn output() -> SendBuffer {
    SendBuffer::keeping(KEPT)
}

/// The same driver with an output buffer that will be given to the thread.
pub(crate) fn with_output<R: Role>(mut driver: Driver<R>) -> Driver<R> {
    driver.output = output();
    driver
}

/// Takes the thread's output buffer, which has room unless another connection has it.
pub(super) fn take_output(endpoint: &mut Endpoint) {
    let mut kept = OUTPUT.take().unwrap_or_else(|| Box::new(output()));
    swap(endpoint.output_mut(), &mut kept);
    OUTPUT.set(Some(kept));
}

/// Gives an empty output buffer to the thread.
pub(super) fn give_back_output(endpoint: &mut Endpoint) {
    let mut kept = OUTPUT.take().unwrap_or_default(); // and what is in it has no heap, or as much
    *kept = replace(endpoint.output_mut(), SendBuffer::keeping(0));
    OUTPUT.set(Some(kept));
}
