//! How far data may inflate, and what is wrong with it.

use core::fmt;

/// How large a message may become: what is sent as a kilobyte can be a megabyte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InflateLimits {
    /// The longest message in bytes, inflated.
    pub length: u64,
    /// The longest message that may be of any ratio, in bytes, inflated.
    pub floor: u64,
    /// How many times longer than its data a message beyond that may be. The data is counted in
    /// units of 4 KiB, begun ones as whole ones, so that no split changes what is refused.
    pub ratio: u32,
    /// How much of the data may come to next to nothing, in bytes: data beyond that may be 16 times
    /// as long as the message that it has become. Judged where a unit of 4 KiB is complete, so that
    /// no split changes what is refused.
    pub idle: u64,
}

impl InflateLimits {
    /// 16 MiB, as for messages that are not compressed.
    pub const LENGTH: u64 = 16 * 1024 * 1024;

    /// 1 MiB: a minute of silence at 8 kHz and 16 bits has 960,000 bytes.
    pub const FLOOR: u64 = 1024 * 1024;

    /// 200, as Apache's `DeflateInflateRatioLimit`; DEFLATE itself ends at 1032.
    pub const RATIO: u32 = 200;

    /// 64 KiB: 13,107 flushes of nothing, of five bytes each (RFC 7692 section 7.2.1), with which a
    /// sender may keep a message open.
    pub const IDLE: u64 = 64 * 1024;

    /// How many times longer than its message data beyond [`idle`](Self::idle) may be. What zlib
    /// makes of one byte has three, and seven with a flush behind it.
    const THIN: u64 = 16;

    /// Judges how little has become of so much data.
    pub(super) fn judge(&self, read: u64, written: u64) -> Result<(), InflateError> {
        let most = self.idle.max(written.saturating_mul(Self::THIN));
        if read.is_multiple_of(UNIT) && read > most { Err(InflateError::Idle) } else { Ok(()) }
    }

    /// How long a message may be, and what it breaks if it is longer, while a unit of its data
    /// is inflated that begins after `read` bytes.
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

/// What is wrong with the data of a compressed message; the connection is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InflateError {
    /// It is not DEFLATE (RFC 1951), or refers back farther than there is anything.
    Data,
    /// It does not end where a flush ends (RFC 7692 section 7.2.2).
    Unfinished,
    /// It is longer than [`InflateLimits::length`], inflated.
    TooLong,
    /// It is longer than [`InflateLimits::floor`], inflated, and than [`InflateLimits::ratio`] allows.
    Ratio,
    /// It is longer than [`InflateLimits::idle`], and has become next to nothing.
    Idle,
}

impl fmt::Display for InflateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Data => "the data of a compressed message is not DEFLATE",
            Self::Unfinished => "the data of a compressed message ends in the middle",
            Self::TooLong => "a message is longer than the limit, inflated",
            Self::Ratio => "a message inflates to more times its data than the limit",
            Self::Idle => "the data of a compressed message comes to next to nothing",
        })
    }
}

impl core::error::Error for InflateError {}

/// How much data is inflated under one limit, in bytes of a message.
pub(super) const UNIT: u64 = 4 * 1024;
