//! Messages into DEFLATE.

use super::pool::{Borrower, Engines};
use super::window::Window;
use super::{Context, EMPTY, InflateLimits, TAIL, WindowBits};
use alloc::vec::Vec;
use core::fmt;
use zlib_rs::{Deflate, DeflateFlush};

/// How hard to compress, 1 to 9.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Level(u8);

impl Level {
    /// Level 1.
    pub const FASTEST: Self = Self(1);

    /// Level 9.
    pub const SMALLEST: Self = Self(9);

    /// A level from 1 to 9.
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

/// How this end compresses, and how far it lets the messages of its peer inflate: what the other
/// need not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compression {
    /// How hard.
    pub level: Level,
    /// The length in bytes below which a message is not worth it.
    pub threshold: usize,
    /// How far messages of the peer may inflate, where
    /// [`with_deflate`](crate::Connection::with_deflate) is told; what compresses does not ask. Their
    /// length is also bounded by [`Limits::message`](crate::Limits::message), which is all that bounds
    /// it by default.
    pub limits: InflateLimits,
}

impl Compression {
    /// 64 bytes: JSON that is shorter loses fewer bytes than the frame's header has.
    pub const THRESHOLD: usize = 64;
}

impl Default for Compression {
    /// The fastest level, from [`THRESHOLD`](Self::THRESHOLD) on; and the default limits, but for
    /// the length.
    fn default() -> Self {
        let limits = InflateLimits { length: u64::MAX, ..InflateLimits::default() };
        Self { level: Level::FASTEST, threshold: Self::THRESHOLD, limits }
    }
}

/// Compresses the messages of one direction (RFC 7692 section 7.2.1).
///
/// What a frame carries comes out: raw DEFLATE, flushed, without the four octets that end every
/// flush. Each message has to be sent, in this order, since those behind may refer to it; a
/// message that is not compressed is not shown to the deflater, and may go between.
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
pub struct Deflater {
    context: Context,
    threshold: usize,
    borrower: Borrower<Deflate>,
    window: Window,
}

impl Deflater {
    /// A deflater for what was agreed on; `None` if that is a window of 256 bytes, with which no
    /// engine compresses. Messages go uncompressed then, which is always allowed.
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

    /// What was agreed on for this direction.
    #[must_use]
    pub const fn context(&self) -> Context {
        self.context
    }

    /// Whether a message of this length is worth compressing, by
    /// [`Compression::threshold`].
    #[must_use]
    pub(crate) const fn is_worth(&self, length: usize) -> bool {
        length >= self.threshold
    }

    /// Appends a part of a message that is not its last, compressed, to `out`.
    ///
    /// All of it can be inflated as it arrives. The part of an empty part is empty.
    pub fn deflate(&mut self, part: &[u8], out: &mut Vec<u8>) {
        if part.is_empty() {
            return; // a second flush would write nothing, or an empty block
        }
        let keeps = self.context.takeover && self.borrower.is_pooled();
        flush(self.borrower.stream(&self.window, self.context.takeover), part, out);
        if keeps {
            self.window.push(part, self.context.window.size() - LOOKAHEAD);
        }
    }

    /// Appends the last part of a message, or all of it, compressed, to `out`.
    pub fn finish(&mut self, last: &[u8], out: &mut Vec<u8>) {
        let start = out.len();
        self.deflate(last, out);
        self.borrower.end();
        // RFC 7692 section 7.2.3.6: what is empty is the head of an empty block.
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

/// How much less than a window an engine refers back: zlib's `MIN_LOOKAHEAD`, the longest match
/// (258), the shortest (3) and one. So much less of the plaintext is kept.
const LOOKAHEAD: usize = 258 + 3 + 1;

/// The most that is made room for in one step. A flush that ends right at the end of its room is
/// written twice, for which some bytes more than it needs are enough.
const STEP: usize = 16 * 1024;

/// Compresses a part, which is not empty, and flushes it to the last bit.
fn flush(stream: &mut Deflate, mut part: &[u8], out: &mut Vec<u8>) {
    let room = (part.len() / 2 + 64).min(STEP);
    loop {
        let (start, read, written) = (out.len(), stream.total_in(), stream.total_out());
        out.resize(start + room, 0);
        // It fails for streams that were finished alone, and none is.
        let status = stream.compress(part, &mut out[start..], DeflateFlush::SyncFlush);
        debug_assert!(status.is_ok());
        let (read, written) = (stream.total_in() - read, stream.total_out() - written);
        out.truncate(start + written as usize);
        part = part.get(read as usize..).unwrap_or_default();
        if (written as usize) < room {
            return; // zlib: room that is left says that the flush is complete
        }
    }
}
