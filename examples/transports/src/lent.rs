//! One pair of buffers for all the connections of a thread: most connections have nothing in theirs
//! between two turns, and then cost no buffer.

use patchcord::{Driver, ReceiveBuffer, Role, SendBuffer};
use std::cell::Cell;
use std::mem::{replace, swap, take};

/// How many bytes are read at once.
pub const READ: usize = 512 * 1024;

/// The buffers, while no connection has its turn.
struct Buffers {
    input: ReceiveBuffer,
    output: SendBuffer,
}

impl Default for Buffers {
    fn default() -> Self {
        Self { input: ReceiveBuffer::new(READ), output: SendBuffer::keeping(READ) }
    }
}

thread_local! {
    static BUFFERS: Cell<Buffers> = Cell::default();
}

/// Lends the buffers of this thread for a turn, which must not wait. Whatever is left in them when the
/// turn ends, such as half a frame, goes with the connection.
pub fn lend<R: Role, O, T>(
    owner: &mut O,
    driver: impl Fn(&mut O) -> &mut Driver<R>,
    turn: impl FnOnce(&mut O) -> T,
) -> T {
    let mut buffers = BUFFERS.take();
    let lent = buffers.give(driver(owner));
    let turned = turn(owner);
    buffers.take_back(driver(owner), lent);
    BUFFERS.set(buffers);
    turned
}

/// Which of the two a connection borrowed.
struct Lent {
    input: bool,
    output: bool,
}

impl Buffers {
    fn give<R: Role>(&mut self, driver: &mut Driver<R>) -> Lent {
        let lent =
            Lent { input: self.input.unpark(&mut driver.input), output: driver.output.is_empty() };
        if lent.output {
            swap(&mut driver.output, &mut self.output);
        }
        if lent.input {
            swap(&mut driver.input, &mut self.input);
        }
        lent
    }

    fn take_back<R: Role>(&mut self, driver: &mut Driver<R>, lent: Lent) {
        if lent.input {
            let left = driver.input.park();
            self.input = replace(&mut driver.input, left);
        } else if driver.input.is_empty() {
            driver.input = ReceiveBuffer::default();
        } else {
            driver.input.space(); // gives back what a long message took
        }
        match (lent.output, driver.output.is_empty()) {
            (true, true) if driver.result().is_ok() => self.output = take(&mut driver.output),
            // Waiting output goes with the connection; so does a failed one's, which never learned what left.
            (true, _) => self.output = SendBuffer::keeping(READ),
            (false, true) => drop(take(&mut driver.output)),
            (false, false) => {}
        }
    }
}
