//! Inflation of messages, within limits.

mod engine;

use super::limits::{InflateError, InflateLimits, UNIT};
use super::opening::{Opening, Stop};
use super::output::Output;
use super::pool::{Borrower, Engines};
use super::window::Window;
use super::{Context, WindowBits};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use engine::{End, SMALL_STEP, STEP, Step, call, end};
use zlib_rs::{Inflate, InflateFlush};

/// Inflates the messages of one direction (RFC 7692 section 7.2.2).
///
/// Pass the data of a message as it arrives, cut anywhere, and then call [`finish`](Self::finish).
/// Messages that are not compressed do not pass through the inflater. The memory that an open
/// message costs is described in [the module](super).
///
/// ```
/// use patchcord::deflate::{Context, Engines, InflateLimits, Inflater};
///
/// let mut inflater = Inflater::new(Context::default(), InflateLimits::default(), &Engines::Owned);
/// let mut message = Vec::new();
/// inflater.inflate(b"\xf2\x48\xcd", &mut message)?; // section 7.2.3.1, in two fragments
/// inflater.inflate(b"\xc9\xc9\x07\x00", &mut message)?;
/// inflater.finish()?;
/// assert_eq!(message, b"Hello");
/// # Ok::<(), patchcord::deflate::InflateError>(())
/// ```
#[doc(alias("permessage-deflate", "decompress"))]
pub struct Inflater {
    context: Context,
    limits: InflateLimits,
    borrower: Borrower<Inflate>,
    window: Window,
    /// The start of a message, read without an engine.
    opening: Option<Box<Opening>>,
    /// True if an engine that was not lent out in between still has exactly the window's contents.
    as_left: bool,
    /// The bytes of the open message's data read so far, and the bytes they inflated to.
    read: u64,
    written: u64,
    /// True if the last byte read ended a block that was marked as the final one.
    final_block: bool,
    failed: Option<InflateError>,
}

impl Inflater {
    /// Makes an inflater for the negotiated parameters.
    #[must_use]
    pub fn new(context: Context, limits: InflateLimits, engines: &Engines) -> Self {
        Self {
            context,
            limits,
            borrower: Borrower::new(engines, ()),
            window: Window::default(),
            opening: None,
            as_left: false,
            read: 0,
            written: 0,
            final_block: false,
            failed: None,
        }
    }

    /// Inflates the next part of a message's data, and appends the result to `out`.
    ///
    /// Everything that can be known from a part is delivered at once, and every way to split the
    /// data gives the same message. `out` grows by what is inflated, and exceeds the
    /// [`InflateLimits`] by at most one byte; `Vec` itself may reserve twice as much.
    ///
    /// # Errors
    /// When the data breaks a rule or a limit. Everything inflated before that point is appended,
    /// so that text can be validated that far, but must not be used: there is no message. The error
    /// is final: every later call returns it again.
    pub fn inflate(&mut self, part: &[u8], out: &mut Vec<u8>) -> Result<(), InflateError> {
        self.alive()?;
        self.units(part, out).map_err(|error| self.fail(error))
    }

    /// Inflates a whole message, and appends it to `out`: [`inflate`](Self::inflate) and
    /// [`finish`](Self::finish) in one call. It is faster for less than 512 bytes of data, since no
    /// more data is expected.
    ///
    /// # Errors
    /// As for both of them.
    pub fn message(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), InflateError> {
        self.comes_whole(data.len());
        self.inflate(data, out)?;
        self.finish()
    }

    /// Notes that a message begins whose `length` bytes of data all come in the next part: it gets
    /// an engine at once, and gives it back at the end.
    pub(crate) fn comes_whole(&mut self, length: usize) {
        let begins = self.read == 0 && self.failed.is_none();
        if begins && length > 0 {
            self.borrower.stream(&self.window, self.as_left);
        }
    }

    /// Notes that all data of the message was passed.
    ///
    /// # Errors
    /// When the data does not end where a flush ends; what it inflated to must not be used. Data
    /// that ends with a final block is also complete (section 7.2.3.4).
    pub fn finish(&mut self) -> Result<(), InflateError> {
        self.alive()?;
        match self.end() {
            Some(End::Flush) => self.keep(),
            Some(End::Final) => self.forget(),
            None => return Err(self.fail(InflateError::Unfinished)),
        }
        self.borrower.end();
        (self.read, self.written, self.final_block) = (0, 0, false);
        Ok(())
    }

    /// Keeps what the next message may refer to.
    fn keep(&mut self) {
        match self.opening.take() {
            Some(opening) => {
                self.as_left &= opening.plain().is_empty();
                self.remember(opening.plain());
            }
            // An engine's window is always 32 KiB. If a smaller one was agreed on, the engine
            // remembers more than a borrowed one would be given, and the same data could then be
            // valid on one and not on the other.
            None => self.as_left = self.context.takeover && self.context.window == WindowBits::MAX,
        }
    }

    fn remember(&mut self, plain: &[u8]) {
        if self.context.takeover {
            self.window.push(plain, self.context.window.size());
        }
    }

    /// Makes everything before a final block unreachable for what follows, in the same message or
    /// in the next one: to zlib it is the end of a stream, after which peers begin another.
    fn forget(&mut self) {
        self.window.clear();
        self.as_left = false;
        self.opening = None;
        self.borrower.end();
    }

    fn alive(&self) -> Result<(), InflateError> {
        self.failed.map_or(Ok(()), Err)
    }

    #[cold]
    fn fail(&mut self, error: InflateError) -> InflateError {
        self.borrower.abandon();
        (self.window, self.opening) = (Window::default(), None);
        self.failed = Some(error);
        error
    }

    /// Inflates a part in units that do not depend on how the data was split.
    fn units(&mut self, mut part: &[u8], out: &mut Vec<u8>) -> Result<(), InflateError> {
        while !part.is_empty() {
            let (limit, error) = self.limits.at(self.read);
            let length = (UNIT - self.read % UNIT).min(part.len() as u64) as usize;
            let (unit, rest) = part.split_at(length);
            self.unit(unit, limit, &mut Output::new(out))?;
            if self.written > limit {
                return Err(error);
            }
            self.read += length as u64;
            self.limits.judge(self.read, self.written)?;
            part = rest;
        }
        Ok(())
    }

    /// Inflates until nothing more comes out, or one byte more than the limit.
    fn unit(&mut self, mut unit: &[u8], limit: u64, out: &mut Output) -> Result<(), InflateError> {
        while !unit.is_empty() && self.written <= limit {
            let begins = self.opening.is_none() && !self.borrower.is_open();
            let read = match self.opening.take() {
                Some(opening) => self.open(opening, unit, limit, out)?,
                None if begins && unit.len() < Opening::DATA => {
                    self.open(Box::default(), unit, limit, out)?
                }
                None => self.engine(unit, limit, out)?,
            };
            unit = &unit[read..];
        }
        Ok(())
    }

    /// Inflates without an engine, and returns how much was read. Hands over to an engine when it
    /// has to continue.
    fn open(
        &mut self,
        mut opening: Box<Opening>,
        unit: &[u8],
        limit: u64,
        out: &mut Output,
    ) -> Result<usize, InflateError> {
        let room = limit.saturating_add(1) - self.written;
        let before = opening.plain().len();
        let (read, stop) = opening.read(unit, &self.window, room.try_into().unwrap_or(usize::MAX));
        let plain = &opening.plain()[before..];
        out.push(plain);
        self.written += plain.len() as u64;
        if self.written > limit {
            return Ok(read); // the limit comes first, even if later data is bad
        }
        let stop = stop?;
        self.final_block = matches!(stop, Stop::Final);
        match stop {
            Stop::Data => self.opening = Some(opening),
            Stop::Final => {
                self.forget();
                opening.restart();
                self.opening = Some(opening);
            }
            Stop::Much => self.hand_over(*opening)?,
        }
        Ok(read)
    }

    /// Passes the data so far to an engine, so that it can continue. Its output is the plaintext
    /// that was delivered already.
    fn hand_over(&mut self, opening: Opening) -> Result<(), InflateError> {
        let stream = self.borrower.stream(&self.window, self.as_left);
        let (data, mut plain) = opening.into_parts();
        let length = plain.len();
        plain.push(0); // spare room, or the engine would stop before the end of the data
        let step = call(stream, &data, &mut plain, InflateFlush::NoFlush)?;
        if step != (Step { read: data.len(), written: length, end: false }) {
            return Err(InflateError::Data); // the two implementations disagree, which tests rule out
        }
        self.remember(&plain[..length]);
        Ok(())
    }

    /// Inflates with an engine up to the end of a final block, and returns how much was read.
    fn engine(&mut self, unit: &[u8], limit: u64, out: &mut Output) -> Result<usize, InflateError> {
        let stream = self.borrower.stream(&self.window, self.as_left);
        let (start, mut at) = (out.len(), 0);
        let is_over = loop {
            // A guess at how far text inflates; if it is too little, the loop comes round again.
            let room = ((unit.len() - at) * 8).clamp(SMALL_STEP, STEP) as u64;
            // One byte beyond the limit is enough to see that it is exceeded.
            let room = room.min(limit.saturating_add(1) - self.written) as usize;
            let before = stream.total_out();
            let step = call(stream, &unit[at..], out.room(room), InflateFlush::NoFlush);
            let written = stream.total_out() - before; // counted even if the step fails
            out.fill(written as usize);
            self.written += written;
            if self.written > limit {
                return Ok(unit.len()); // limit first: the split decides how much bad data was reached
            }
            let step = step?;
            at += step.read;
            if step.end {
                break true;
            }
            if step.read == 0 && step.written == 0 && at < unit.len() {
                return Err(InflateError::Data); // no progress: the loop would never end
            }
            if at == unit.len() && step.written < room {
                break false;
            }
        };
        self.final_block = is_over;
        match is_over {
            true => {
                // RFC 7692 section 7.2.1: more blocks may follow, and they are a stream of their
                // own.
                self.forget();
                self.opening = Some(Box::default());
            }
            false => self.remember(out.since(start)),
        }
        Ok(at)
    }

    /// Returns how the data ends, if it may end there.
    fn end(&mut self) -> Option<End> {
        if self.final_block {
            return Some(End::Final);
        }
        if let Some(opening) = &mut self.opening {
            return opening.end(&self.window).map(End::from_final);
        }
        if !self.borrower.is_open() {
            return None; // no data arrived
        }
        end(self.borrower.stream(&self.window, self.as_left))
    }
}

impl fmt::Debug for Inflater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inflater")
            .field("context", &self.context)
            .field("limits", &self.limits)
            .field("window", &self.window)
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
