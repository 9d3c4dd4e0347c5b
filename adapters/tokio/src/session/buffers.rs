//! Large buffers for all the connections of a thread: a connection that waits has nothing in its own,
//! and they cost it nothing.

use crate::endpoint::Endpoint;
use patchcord::{ReceiveBuffer, SendBuffer};
use std::cell::{Cell, RefCell};
use std::mem::{replace, swap};

/// 512 KiB: how much one read brings at most. What is read at once decides the speed of everything
/// above 1 KiB, and one buffer for each thread costs nothing for each connection.
const READ: usize = 512 * 1024;

/// How many empty output buffers a thread keeps: those of connections that write in the same turn.
const OUTPUTS: usize = 4;

thread_local! {
    static INPUT: Cell<Option<ReceiveBuffer>> = const { Cell::new(None) };
    static OUTPUTS_KEPT: RefCell<Vec<SendBuffer>> = const { RefCell::new(Vec::new()) };
}

/// Lends the thread's input buffer for a read and what comes of it, which must not wait. What is left
/// then, such as half a frame, goes with the connection, in memory of its own size.
pub(super) fn lend_input<O, T>(
    owner: &mut O,
    endpoint: impl Fn(&mut O) -> &mut Endpoint,
    read: impl FnOnce(&mut O) -> T,
) -> T {
    let mut shared = INPUT.take().unwrap_or_else(|| ReceiveBuffer::new(READ));
    let own = endpoint(owner).input();
    let lent = own.is_empty() || shared.unpark(own);
    if lent {
        swap(own, &mut shared);
    }
    let done = read(owner);
    if lent {
        let own = endpoint(owner).input();
        let left = own.park();
        shared = replace(own, left);
    }
    INPUT.set(Some(shared));
    done
}

/// Gives an endpoint that has nothing to write a buffer with room.
pub(super) fn take_output(endpoint: &mut Endpoint) {
    let kept = OUTPUTS_KEPT.with_borrow_mut(Vec::pop);
    *endpoint.output_mut() = kept.unwrap_or_default();
}

/// Takes the buffer back when everything is written and the connection knows.
pub(super) fn give_back_output(endpoint: &mut Endpoint) {
    let written = replace(endpoint.output_mut(), SendBuffer::keeping(0));
    OUTPUTS_KEPT.with_borrow_mut(|kept| {
        if kept.len() < OUTPUTS {
            kept.push(written);
        }
    });
}
