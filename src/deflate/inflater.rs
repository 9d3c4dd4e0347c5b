//! DEFLATE into messages, within bounds.

use super::pool::{Borrower, Engines, Stream};
use super::window::Window;
use super::{Context, TAIL, WindowBits};
use alloc::vec::Vec;
use core::fmt;
use zlib_rs::{Inflate, InflateFlush, Status};

/// How large a message may become: what is sent as a kilobyte can be a megabyte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The longest message in bytes, inflated.
    pub length: u64,
    /// The longest message that may be of any ratio, in bytes, inflated.
    pub floor: u64,
    /// How many times longer than its data a message beyond that may be. The data is counted in
    /// units of 4 KiB, begun ones as whole ones, so that no split changes what is refused.
    pub ratio: u32,
}

impl Bounds {
    /// 16 MiB, as for messages that are not compressed.
    pub const LENGTH: u64 = 16 * 1024 * 1024;

    /// 1 MiB: a minute of silence at 8 kHz and 16 bits has 960,000 bytes.
    pub const FLOOR: u64 = 1024 * 1024;

    /// 200, as Apache's `DeflateInflateRatioLimit`; DEFLATE itself ends at 1032.
    pub const RATIO: u32 = 200;

    /// How long a message may be, and what it breaks if it is longer, while a unit of its data
    /// is inflated that begins after `read` bytes.
    fn at(&self, read: u64) -> (u64, InflateError) {
        let ratio = (read / UNIT + 1).saturating_mul(UNIT).saturating_mul(self.ratio.into());
        match ratio.max(self.floor) {
            ratio if ratio < self.length => (ratio, InflateError::Ratio),
            _ => (self.length, InflateError::TooLong),
        }
    }
}

impl Default for Bounds {
    fn default() -> Self {
        Self { length: Self::LENGTH, floor: Self::FLOOR, ratio: Self::RATIO }
    }
}

/// What is wrong with the data of a compressed message; the connection is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InflateError {
    /// It is not DEFLATE (RFC 1951), or refers back farther than there is anything.
    Data,
    /// It does not end where a flush ends (RFC 7692 section 7.2.2).
    Unfinished,
    /// It is longer than [`Bounds::length`], inflated.
    TooLong,
    /// It is longer than [`Bounds::floor`], inflated, and than [`Bounds::ratio`] allows.
    Ratio,
}

impl fmt::Display for InflateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Data => "the data of a compressed message is not DEFLATE",
            Self::Unfinished => "the data of a compressed message ends in the middle",
            Self::TooLong => "a message is longer than the limit, inflated",
            Self::Ratio => "a message inflates to more times its data than the limit",
        })
    }
}

impl core::error::Error for InflateError {}

/// Inflates the messages of one direction (RFC 7692 section 7.2.2).
///
/// The data of a message is given as it arrives, however it is cut, and then the end is told.
/// Messages that are not compressed are not shown to the inflater.
///
/// ```
/// use patchcord::deflate::{Bounds, Context, Engines, Inflater};
///
/// let mut inflater = Inflater::new(Context::default(), Bounds::default(), &Engines::Live);
/// let mut message = Vec::new();
/// inflater.inflate(b"\xf2\x48\xcd", &mut message)?; // section 7.2.3.1, in two fragments
/// inflater.inflate(b"\xc9\xc9\x07\x00", &mut message)?;
/// inflater.finish()?;
/// assert_eq!(message, b"Hello");
/// # Ok::<(), patchcord::deflate::InflateError>(())
/// ```
pub struct Inflater {
    context: Context,
    bounds: Bounds,
    borrower: Borrower<Inflate>,
    window: Window,
    /// Whether an engine that was not lent in between knows what the window has, and no more.
    as_left: bool,
    /// How much of the open message was read, and what it became.
    read: u64,
    written: u64,
    /// Whether the last octet read ended a block that said that it is the last.
    final_block: bool,
    failed: Option<InflateError>,
}

impl Inflater {
    /// An inflater for what was agreed on.
    #[must_use]
    pub fn new(context: Context, bounds: Bounds, engines: &Engines) -> Self {
        Self {
            context,
            bounds,
            borrower: Borrower::new(engines, ()),
            window: Window::default(),
            as_left: false,
            read: 0,
            written: 0,
            final_block: false,
            failed: None,
        }
    }

    /// Appends what the next part of a message's data becomes to `out`.
    ///
    /// A part gives all that can be known from it, and any split of the data gives the same
    /// message. `out` grows by what comes out, and passes the [`Bounds`] by one byte at most; `Vec`
    /// itself may reserve twice as much.
    ///
    /// # Errors
    /// When the data breaks a rule or a bound. What came out before it did is appended, so that
    /// text can be judged as far as it goes, and is not to be used: the message is none. The
    /// error is final: every later call returns it again.
    pub fn inflate(&mut self, part: &[u8], out: &mut Vec<u8>) -> Result<(), InflateError> {
        self.alive()?;
        self.units(part, out).map_err(|error| self.fail(error))
    }

    /// Notes that all data of the message was given.
    ///
    /// # Errors
    /// When it does not end where a flush ends, and what the message has become is not to be
    /// used. Data that ends with a final block is complete too (section 7.2.3.4).
    pub fn finish(&mut self) -> Result<(), InflateError> {
        self.alive()?;
        match self.end() {
            Some(End::Flush) => self.as_left = self.is_exact(),
            Some(End::Final) => self.forget(),
            None => return Err(self.fail(InflateError::Unfinished)),
        }
        self.borrower.end();
        (self.read, self.written, self.final_block) = (0, 0, false);
        Ok(())
    }

    /// Whether engines remember exactly as much as the next message may refer to. Of smaller
    /// windows they remember more, which one that was lent in between does not.
    fn is_exact(&self) -> bool {
        self.context.takeover && self.context.window == WindowBits::MAX
    }

    /// What stands before a final block is out of reach of what follows, in the same message or
    /// in the next: zlib's end of a stream, after which peers begin another.
    fn forget(&mut self) {
        self.window.clear();
        self.as_left = false;
    }

    fn alive(&self) -> Result<(), InflateError> {
        self.failed.map_or(Ok(()), Err)
    }

    #[cold]
    fn fail(&mut self, error: InflateError) -> InflateError {
        self.borrower.abandon();
        self.window = Window::default();
        self.failed = Some(error);
        error
    }

    /// Inflates a part in units that are the same for every split.
    fn units(&mut self, mut part: &[u8], out: &mut Vec<u8>) -> Result<(), InflateError> {
        while !part.is_empty() {
            let (limit, error) = self.bounds.at(self.read);
            let length = (UNIT - self.read % UNIT).min(part.len() as u64) as usize;
            let (unit, rest) = part.split_at(length);
            self.unit(unit, limit, out)?;
            if self.written > limit {
                return Err(error);
            }
            self.read += length as u64;
            part = rest;
        }
        Ok(())
    }

    /// Inflates until nothing more comes out, or one byte more than the limit has.
    fn unit(&mut self, mut unit: &[u8], limit: u64, out: &mut Vec<u8>) -> Result<(), InflateError> {
        let stream = self.borrower.stream(self.window.bytes(), self.as_left);
        let mut kept = out.len(); // what comes behind it is not in the window yet
        loop {
            let room = (unit.len() * 8).clamp(SMALL_STEP, STEP) as u64;
            let room = room.min(limit.saturating_add(1) - self.written) as usize;
            let start = out.len();
            let step = step(stream, unit, room, out);
            self.written += (out.len() - start) as u64;
            if self.written > limit {
                break; // also if what comes behind it is wrong, which depends on cuts
            }
            let step = step?;
            unit = &unit[step.read..];
            self.final_block = step.end;
            if step.end {
                // RFC 7692 section 7.2.1: more blocks may follow. They are a stream of their own.
                stream.restart();
                self.window.clear();
                self.as_left = false;
                kept = out.len();
            } else if step.read == 0 && step.written == 0 && !unit.is_empty() {
                return Err(InflateError::Data); // an engine that goes round in circles
            }
            let full = step.written == room && !step.end;
            if unit.is_empty() && !full {
                break;
            }
        }
        if self.context.takeover && (self.borrower.is_pooled() || !self.is_exact()) {
            self.window.push(&out[kept..], self.context.window.size());
        }
        Ok(())
    }

    /// How the data ends, if it may end there.
    fn end(&mut self) -> Option<End> {
        if self.final_block {
            return Some(End::Final);
        }
        let stream = self.borrower.stream(self.window.bytes(), self.as_left);
        is_flushed(stream).then(|| match call(stream, &[], &mut [0], InflateFlush::NoFlush) {
            Ok(Step { end: true, .. }) => End::Final,
            _ => End::Flush,
        })
    }
}

/// Whether the data stopped inside of an empty block without compression, at the octets that
/// senders leave away: then the block ends with these, and the octet behind it is not read.
fn is_flushed(stream: &mut Inflate) -> bool {
    let mut probe = [0; TAIL.len() + 1];
    probe[..TAIL.len()].copy_from_slice(&TAIL);
    // Room, so that data which would come out of the probe is seen to.
    let step = call(stream, &probe, &mut [0; SMALL_STEP], InflateFlush::Block);
    step == Ok(Step { read: TAIL.len(), written: 0, end: false })
}

/// How the data of a message ends.
enum End {
    /// At the octets that were left away, or in them the end of a block like others.
    Flush,
    /// With a block that says that it is the last: all of it, or all but what was left away.
    Final,
}

impl fmt::Debug for Inflater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inflater")
            .field("context", &self.context)
            .field("bounds", &self.bounds)
            .field("window", &self.window)
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}

/// How much data is inflated under one limit, in bytes of a message.
const UNIT: u64 = 4 * 1024;

/// The most and the least that room is made for in one step, in bytes.
const STEP: usize = 16 * 1024;
const SMALL_STEP: usize = 256;

/// What one call of an engine did.
#[derive(PartialEq, Eq)]
struct Step {
    read: usize,
    written: usize,
    /// Whether it came to the end of a final block.
    end: bool,
}

/// Inflates from `data`, into `room` bytes at the end of `out`.
fn step(
    stream: &mut Inflate,
    data: &[u8],
    room: usize,
    out: &mut Vec<u8>,
) -> Result<Step, InflateError> {
    let (start, written) = (out.len(), stream.total_out());
    out.resize(start + room, 0);
    let step = call(stream, data, &mut out[start..], InflateFlush::NoFlush);
    out.truncate(start + (stream.total_out() - written) as usize); // of a step that fails, too
    step
}

fn call(
    stream: &mut Inflate,
    data: &[u8],
    room: &mut [u8],
    flush: InflateFlush,
) -> Result<Step, InflateError> {
    let (read, written) = (stream.total_in(), stream.total_out());
    let status = stream.decompress(data, room, flush).map_err(|_| InflateError::Data)?;
    Ok(Step {
        read: (stream.total_in() - read) as usize,
        written: (stream.total_out() - written) as usize,
        end: status == Status::StreamEnd,
    })
}
