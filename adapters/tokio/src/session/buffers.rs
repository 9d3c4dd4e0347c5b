//! Large buffers for all the connections of a thread: a connection that waits has nothing in its own,
//! and they cost it nothing.

use crate::endpoint::Endpoint;
use patchcord::{ReceiveBuffer, SendBuffer};
use std::cell::Cell;
use std::mem::{replace, swap};

/// 512 KiB: how much one read brings at most. What is read at once decides the speed of everything
/// above 1 KiB, and one buffer for each thread costs nothing for each connection.
const READ: usize = 512 * 1024;

thread_local! {
    static INPUT: Cell<Option<Box<ReceiveBuffer>>> = const { Cell::new(None) };
    /// With room, unless a connection has it.
    static OUTPUT: Cell<Option<Box<SendBuffer>>> = const { Cell::new(None) };
}

/// The thread's input buffer, for a read and what comes of it, which must not wait.
pub(super) struct Lent {
    shared: Box<ReceiveBuffer>,
    /// The connection has bytes that cannot be moved, and reads behind them.
    is_own: bool,
}

impl Lent {
    /// Takes the thread's buffer, with what the connection has of an unfinished frame.
    pub(super) fn new(own: &mut ReceiveBuffer) -> Self {
        let mut shared = INPUT.take().unwrap_or_else(|| Box::new(ReceiveBuffer::new(READ)));
        let is_own = !(own.is_empty() || shared.unpark(own));
        Self { shared, is_own }
    }

    /// Where to read to.
    pub(super) fn space<'a>(&'a mut self, own: &'a mut ReceiveBuffer) -> &'a mut [u8] {
        if self.is_own { own.space() } else { self.shared.space() }
    }

    /// Lets the connection take what was read from its own place.
    pub(super) fn swap(&mut self, own: &mut ReceiveBuffer) {
        if !self.is_own {
            swap(own, &mut self.shared);
        }
    }

    /// Gives the buffer back after a [`swap`](Self::swap). What is left goes with the connection, in
    /// memory of its own size.
    pub(super) fn give_back(mut self, own: &mut ReceiveBuffer) {
        if !self.is_own {
            let left = own.park();
            *self.shared = replace(own, left);
        }
        INPUT.set(Some(self.shared));
    }

    /// Gives the buffer back when nothing was read. An empty buffer of the connection's own goes.
    pub(super) fn give_up(mut self, own: &mut ReceiveBuffer) {
        if !self.is_own {
            *own = self.shared.park();
        }
        INPUT.set(Some(self.shared));
    }
}

/// Takes the thread's output buffer, which has room unless another connection has it.
pub(super) fn take_output(endpoint: &mut Endpoint) {
    let mut kept = OUTPUT.take().unwrap_or_default();
    swap(endpoint.output_mut(), &mut kept);
    OUTPUT.set(Some(kept));
}

/// Gives an empty output buffer to the thread.
pub(super) fn give_back_output(endpoint: &mut Endpoint) {
    let mut kept = OUTPUT.take().unwrap_or_default();
    *kept = replace(endpoint.output_mut(), SendBuffer::keeping(0));
    OUTPUT.set(Some(kept));
}
