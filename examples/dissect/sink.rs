//! Where the results go.

use crate::line::Frame;
use std::fmt;
use std::io::{self, Write};

/// Takes the results; a writer takes them as lines of text.
pub(crate) trait Sink {
    /// Takes a frame that is complete, or cut by the end of the stream.
    fn frame(&mut self, frame: &Frame) -> io::Result<()>;

    /// Takes lines about anything else, each with its end.
    fn lines(&mut self, lines: fmt::Arguments<'_>) -> io::Result<()>;
}

impl<W: Write> Sink for W {
    fn frame(&mut self, frame: &Frame) -> io::Result<()> {
        writeln!(self, "{frame}")
    }

    fn lines(&mut self, lines: fmt::Arguments<'_>) -> io::Result<()> {
        self.write_fmt(lines)
    }
}
