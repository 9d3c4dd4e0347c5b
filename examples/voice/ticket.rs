//! What distinguishes one connection from all others: its request id, and when it began.

use patchcord::{Entropy, ThreadEntropy};
use std::time::{SystemTime, UNIX_EPOCH};

pub(crate) struct Ticket {
    pub(crate) request_id: String,
    /// In UTC (RFC 3339).
    pub(crate) created: String,
}

impl Ticket {
    pub(crate) fn new() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { request_id: uuid(), created: timestamp(now.as_secs()) }
    }
}

/// A random UUID (RFC 9562 section 5.4).
fn uuid() -> String {
    let mut octets = [0; 16];
    ThreadEntropy.fill(&mut octets);
    octets[6] = 0x40 | (octets[6] & 0x0f); // the version
    octets[8] = 0b1000_0000 | (octets[8] & 0b0011_1111); // the variant
    let digits = format!("{:032x}", u128::from_be_bytes(octets));
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

fn timestamp(seconds: u64) -> String {
    let (mut day, second) = (seconds / 86_400, seconds % 86_400);
    let mut year = 1970;
    while day >= 365 + leap(year) {
        day -= 365 + leap(year);
        year += 1;
    }
    let mut month = 0;
    let months = [31, 28 + leap(year), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    while day >= months[month] {
        day -= months[month];
        month += 1;
    }
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year}-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z", month + 1, day + 1)
}

/// The days that a year has beyond 365.
fn leap(year: u64) -> u64 {
    u64::from(year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)))
}
