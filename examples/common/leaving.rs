//! Whether the process was asked to leave, by SIGTERM or SIGINT.

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use std::io;
use std::sync::atomic::AtomicBool;

/// Set by the first of these signals, once they are watched.
pub(crate) static LEAVING: AtomicBool = AtomicBool::new(false);

/// Lets the signals set [`LEAVING`] instead of ending the process.
pub(crate) fn watch() -> io::Result<()> {
    for signal in [SIGTERM, SIGINT] {
        flag::register(signal, &LEAVING)?;
    }
    Ok(())
}
