//! Compression of messages.

use super::pool::{Borrower, Engines};
use super::window::Window;
use super::{Context, EMPTY, InflateLimits, TAIL, WindowBits};
use alloc::vec::Vec;
use core::fmt;
use zlib_rs::{Deflate, DeflateFlush};

/// A compression level, from 1 to 9.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Level(u8);

impl Level {
    /// Level 1.
    pub const FASTEST: Self = Self(1);

    /// Level 9.
    pub const SMALLEST: Self = Self(9);

    /// Checks a level; `None` if it is not from 1 to 9.
    #[must_use]
    pub const fn new(level: u8) -> Option<Self> {
        if level >= Self::FASTEST.0 && level <= Self::SMALLEST.0 { Some(Self(level)) } else { None }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

/// The settings of one end: how it compresses, and how far it lets the peer's messages inflate. The
/// peer need not know them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compression {
    /// The compression level.
    pub level: Level,
    /// The length in bytes below which a message is sent uncompressed.
    pub threshold: usize,
    /// The limits on the peer's messages, used by [`with_deflate`](crate::Connection::with_deflate)
    /// and ignored by a [`Deflater`]. [`Limits::message`](crate::Limits::message) also applies to
    /// the inflated length, and is the only limit on it by default.
    pub limits: InflateLimits,
}

impl Compression {
    /// 64 bytes: shorter JSON saves fewer bytes than a frame's header takes.
    pub const THRESHOLD: usize = 64;
}

impl Default for Compression {
    /// The fastest level, from [`THRESHOLD`](Self::THRESHOLD) on, and the default limits except for
    /// the length.
    fn default() -> Self {
        let limits = InflateLimits { length: u64::MAX, ..InflateLimits::default() };
        Self { level: Level::FASTEST, threshold: Self::THRESHOLD, limits }
    }
}

/// Compresses the messages of one direction (RFC 7692 section 7.2.1).
///
/// It writes the payload of frames: raw DEFLATE, flushed, without the four bytes that end every
/// flush. Every message must be sent, in this order, because later messages may refer to it. A
/// message that is sent uncompressed does not pass through the deflater, and may come in between.
///
/// ```
/// use patchcord::deflate::{Compression, Context, Deflater, Engines, Pool};
///
/// let engines = Engines::Pooled(Pool::default()); // for all connections
/// let mut deflater = Deflater::new(Context::default(), Compression::default(), &engines)
///     .ok_or("the window is too small")?;
/// let mut data = Vec::new();
/// deflater.finish(b"Hello", &mut data);
/// assert_eq!(data, b"\xf2\x48\xcd\xc9\xc9\x07\x00"); // section 7.2.3.1
/// # Ok::<(), &str>(())
/// ```
#[doc(alias("permessage-deflate", "compress"))]
pub struct Deflater {
    context: Context,
    threshold: usize,
    borrower: Borrower<Deflate>,
    window: Window,
}

impl Deflater {
    /// Makes a deflater for the negotiated parameters. Returns `None` for a window of 256 bytes,
    /// which no engine can compress with; messages are then sent uncompressed, which is always
    /// allowed.
    #[must_use]
    pub fn new(context: Context, compression: Compression, engines: &Engines) -> Option<Self> {
        let settings = (compression.level, context.window);
        (context.window > WindowBits::MIN).then(|| Self {
            context,
            threshold: compression.threshold,
            borrower: Borrower::new(engines, settings),
            window: Window::default(),
        })
    }

    /// The parameters that were agreed on for this direction.
    #[must_use]
    pub const fn context(&self) -> Context {
        self.context
    }

    /// Returns whether a message of this length is worth compressing: see
    /// [`Compression::threshold`].
    #[must_use]
    pub(crate) const fn is_worth(&self, length: usize) -> bool {
        length >= self.threshold
    }

    /// Compresses a part of a message other than its last, and appends it to `out`.
    ///
    /// The receiver can inflate all of it as soon as it arrives. An empty part appends nothing.
    pub fn deflate(&mut self, part: &[u8], out: &mut Vec<u8>) {
        if part.is_empty() {
            return; // another flush would write nothing, or an empty block
        }
        // An owned engine has the window inside.
        let keeps = self.context.takeover && self.borrower.is_pooled();
        flush(self.borrower.stream(&self.window, self.context.takeover), part, out);
        if keeps {
            self.window.push(part, self.context.window.size() - LOOKAHEAD);
        }
    }

    /// Compresses the last part of a message, or the whole message, and appends it to `out`.
    pub fn finish(&mut self, last: &[u8], out: &mut Vec<u8>) {
        let start = out.len();
        self.deflate(last, out);
        // The message is flushed, so a pooled engine may go to another connection.
        self.borrower.end();
        // RFC 7692 section 7.2.3.6: an empty message is sent as the first byte of an empty block.
        match out.len() - start {
            0 => out.push(EMPTY),
            length => out.truncate(start + length.saturating_sub(TAIL.len())),
        }
    }
}

impl fmt::Debug for Deflater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deflater")
            .field("context", &self.context)
            .field("window", &self.window)
            .finish_non_exhaustive()
    }
}

/// How much less than a whole window an engine refers back: zlib's `MIN_LOOKAHEAD`, which is the
/// longest match (258), the shortest match (3) and one. That much less plaintext is kept.
const LOOKAHEAD: usize = 258 + 3 + 1;

/// The most room made in one step. A flush that exactly fills its room is written twice, so the
/// room is a few bytes more than is needed.
const STEP: usize = 16 * 1024;

/// Compresses a non-empty part, and flushes it to the last bit.
fn flush(stream: &mut Deflate, mut part: &[u8], out: &mut Vec<u8>) {
    let room = (part.len() / 2 + 64).min(STEP);
    loop {
        let (start, read, written) = (out.len(), stream.total_in(), stream.total_out());
        // The engine writes into initialised bytes.
        out.resize(start + room, 0);
        // This fails only for a stream that was finished, and none is ever finished.
        let status = stream.compress(part, &mut out[start..], DeflateFlush::SyncFlush);
        debug_assert!(status.is_ok());
        let (read, written) = (stream.total_in() - read, stream.total_out() - written);
        out.truncate(start + written as usize);
        part = part.get(read as usize..).unwrap_or_default();
        if (written as usize) < room {
            return; // zlib: if room is left, the flush is complete
        }
    }
}
