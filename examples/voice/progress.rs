//! The progress, for a person at a terminal.

use std::io::{IsTerminal, Write, stderr};

/// A line on a terminal that is overwritten; nothing where there is no terminal.
#[derive(Default)]
pub(crate) struct Progress {
    shown: String,
}

impl Progress {
    pub(crate) fn show(&mut self, text: String) {
        if text != self.shown && stderr().is_terminal() {
            let _ = write!(stderr(), "\r{text:<width$}", width = self.shown.chars().count());
            self.shown = text;
        }
    }

    pub(crate) fn clear(&mut self) {
        self.show(String::new());
        if stderr().is_terminal() {
            let _ = write!(stderr(), "\r");
        }
    }
}

/// A bar of 20 characters.
pub(crate) fn bar(done: usize, of: usize) -> String {
    let filled = 20 * done / of.max(1);
    format!("[{:<20}]", "#".repeat(filled))
}
