//! SIGTERM and SIGINT: all peers are told 1001, and then the program ends.

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{io, process, thread};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

/// Whether this process is leaving.
pub static LEAVING: AtomicBool = AtomicBool::new(false);

/// Wakes the tasks that wait for that.
static LEAVES: Notify = Notify::const_new();

/// Sets [`LEAVING`] at the first signal, and then calls `wake`; the second one ends the process.
///
/// # Errors
/// When the system accepts no handler.
pub fn watch(wake: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGINT])?;
    thread::spawn(move || {
        let mut signals = signals.forever();
        signals.next();
        leave();
        wake();
        signals.next();
        process::exit(1);
    });
    Ok(())
}

/// Does what the first signal does.
pub fn leave() {
    LEAVING.store(true, Ordering::SeqCst);
    LEAVES.notify_waiters();
}

#[must_use]
pub fn is_leaving() -> bool {
    LEAVING.load(Ordering::SeqCst)
}

/// Wakes tasks that do not see signals. Make it first, and look at [`is_leaving`] afterwards.
pub fn leaves() -> Notified<'static> {
    LEAVES.notified()
}

/// Waits until this process leaves.
pub async fn left() {
    let leaves = leaves();
    if !is_leaving() {
        leaves.await;
    }
}
