//! Limits on what data may inflate to, and the errors of bad data.

use core::fmt;

/// Limits on the size of an inflated message: a kilobyte on the wire can become a megabyte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InflateLimits {
    /// The longest inflated message, in bytes.
    pub length: u64,
    /// The inflated length, in bytes, up to which any ratio is allowed.
    pub floor: u64,
    /// The highest ratio of inflated bytes to data for a message longer than
    /// [`floor`](Self::floor). Data is counted in units of 4 KiB, rounded up, so that how the data
    /// is split never changes what is refused.
    pub ratio: u32,
    /// The number of bytes of data that may inflate to next to nothing. Beyond it, the data may be
    /// at most 16 times as long as the message so far. This is checked at the end of each 4 KiB
    /// unit, so that how the data is split never changes what is refused.
    pub idle: u64,
}

impl InflateLimits {
    /// 16 MiB, the same as for messages that are not compressed.
    pub const LENGTH: u64 = 16 * 1024 * 1024;

    /// 1 MiB: a minute of silence at 8 kHz and 16 bits is 960,000 bytes.
    pub const FLOOR: u64 = 1024 * 1024;

    /// 200, the same as Apache's `DeflateInflateRatioLimit`. DEFLATE itself cannot exceed 1032.
    pub const RATIO: u32 = 200;

    /// 64 KiB: 13,107 empty flushes of five bytes each (RFC 7692 section 7.2.1), which a sender may
    /// use to keep a message open.
    pub const IDLE: u64 = 64 * 1024;

    /// How many times longer than its message the data beyond [`idle`](Self::idle) may be. zlib
    /// turns one byte into three, and into seven with a flush.
    const THIN: u64 = 16;

    /// Checks that the data read so far has produced enough output.
    pub(super) fn judge(&self, read: u64, written: u64) -> Result<(), InflateError> {
        let most = self.idle.max(written.saturating_mul(Self::THIN));
        if read.is_multiple_of(UNIT) && read > most { Err(InflateError::Idle) } else { Ok(()) }
    }

    /// Returns how long the message may be, and the error if it is longer, while the unit of data
    /// that begins after `read` bytes is inflated.
    pub(super) fn at(&self, read: u64) -> (u64, InflateError) {
        let ratio = (read / UNIT + 1).saturating_mul(UNIT).saturating_mul(self.ratio.into());
        match ratio.max(self.floor) {
            ratio if ratio < self.length => (ratio, InflateError::Ratio),
            _ => (self.length, InflateError::TooLong),
        }
    }
}

impl Default for InflateLimits {
    fn default() -> Self {
        Self { length: Self::LENGTH, floor: Self::FLOOR, ratio: Self::RATIO, idle: Self::IDLE }
    }
}

/// An error in the data of a compressed message. The connection cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InflateError {
    /// The data is not DEFLATE (RFC 1951), or refers back farther than there is anything to refer
    /// to.
    Data,
    /// The data does not end where a flush ends (RFC 7692 section 7.2.2).
    Unfinished,
    /// The inflated message is longer than [`InflateLimits::length`].
    TooLong,
    /// The inflated message is longer than [`InflateLimits::floor`] and exceeds
    /// [`InflateLimits::ratio`].
    Ratio,
    /// The data is longer than [`InflateLimits::idle`] and has inflated to next to nothing.
    Idle,
}

impl fmt::Display for InflateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Data => "the data of a compressed message is not DEFLATE",
            Self::Unfinished => "the data of a compressed message is cut short",
            Self::TooLong => "an inflated message is longer than the limit",
            Self::Ratio => "an inflated message is too many times longer than its data",
            Self::Idle => "the data of a compressed message inflates to next to nothing",
        })
    }
}

impl core::error::Error for InflateError {}

/// The size of the units in which limits are applied, in bytes of data.
pub(super) const UNIT: u64 = 4 * 1024;
