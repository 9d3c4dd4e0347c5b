//! The bounds of an inflater, read naively.

use patchcord::deflate::{InflateError, InflateLimits};

/// Limits that inputs of some hundred bytes meet, and the default.
pub(super) const BOUNDS: [InflateLimits; 8] = [
    bounds(InflateLimits::LENGTH, InflateLimits::FLOOR, InflateLimits::RATIO),
    bounds(0, 0, 0),
    InflateLimits { idle: 0, ..bounds(100, 1 << 20, 0) },
    InflateLimits { idle: 5000, ..bounds(u64::MAX, 300, 0) },
    bounds(u64::MAX, 10, 1),
    bounds(20_000, 0, 3),
    bounds(5000, 4096, 1),
    bounds(u64::MAX, u64::MAX, u32::MAX),
];

const fn bounds(length: u64, floor: u64, ratio: u32) -> InflateLimits {
    InflateLimits { length, floor, ratio, idle: InflateLimits::IDLE }
}

/// How many bytes of data count as one unit: see [`InflateLimits::ratio`].
pub(super) const UNIT: usize = 4096;

/// Returns the longest a message may be once this many units have begun, and the error if it is longer.
pub(super) fn most(bounds: &InflateLimits, units: usize) -> (u64, InflateError) {
    let by_ratio = (units as u128 * UNIT as u128 * u128::from(bounds.ratio)).min(u64::MAX.into());
    let allowed = bounds.floor.max(by_ratio as u64);
    if allowed < bounds.length {
        (allowed, InflateError::Ratio)
    } else {
        (bounds.length, InflateError::TooLong)
    }
}

/// Checks that this much data may inflate to so little: at the end of each unit a sixteenth of it is
/// enough, and below that a message may be as idle as the bound says.
pub(super) fn idle(bounds: &InflateLimits, read: usize, written: u64) -> Result<(), InflateError> {
    let is_judged = read.is_multiple_of(UNIT);
    let is_idle = read as u64 > bounds.idle && read as u128 > 16 * u128::from(written);
    if is_judged && is_idle { Err(InflateError::Idle) } else { Ok(()) }
}
