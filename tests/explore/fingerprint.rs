//! States by what they are made of: two with one fingerprint are held to be the same.

use std::fmt::{self, Write};
use std::time::Duration;

/// Where the clock of an exploration starts. Numbers from here on are times, in nanoseconds, and
/// nothing else in a state is as large: some 36 years.
pub(crate) const START: Duration = Duration::from_nanos(1 << 60);

/// A time that never comes, as deadlines have it.
const NEVER: u64 = u64::MAX;

/// 128 bits of hash. Among ten million states, two that differ collide with a chance of 10^-25.
///
/// It takes what `Debug` writes, so that nothing which a state consists of is left out. Times in
/// that are taken relative to now, and those that have passed are alike, or no state would ever
/// come again.
pub(crate) struct Fingerprint {
    lanes: [u64; 2],
    now: u64,
}

impl Fingerprint {
    pub(crate) fn new(now: Duration) -> Self {
        Self { lanes: [0x6a09_e667_f3bc_c908, 0xbb67_ae85_84ca_a73b], now: nanoseconds(now) }
    }

    pub(crate) fn number(&mut self, number: u64) {
        let [one, other] = &mut self.lanes;
        *one = (*one ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
        *other = (*other).wrapping_add(number).rotate_left(23).wrapping_mul(0xd6e8_feb8_6659_fd93);
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        for word in bytes.chunks(8) {
            let mut eight = [0; 8];
            eight[..word.len()].copy_from_slice(word);
            self.number(u64::from_le_bytes(eight));
        }
    }

    pub(crate) fn debug(&mut self, value: &impl fmt::Debug) {
        let _ = write!(self, "{value:?}"); // it never fails
    }

    /// How long from now, or since, within what is told apart.
    pub(crate) fn time(&mut self, time: Option<Duration>) {
        let ago = |time| self.now.wrapping_sub(nanoseconds(time));
        self.number(time.map_or(NEVER, ago));
    }

    pub(crate) fn finish(&self) -> u128 {
        let [one, other] = self.lanes;
        u128::from(one ^ other >> 31) << 64 | u128::from(other ^ one >> 29)
    }
}

impl Write for Fingerprint {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let is_long = text.len() >= 19 && text.bytes().all(|byte| byte.is_ascii_digit());
        match is_long.then(|| text.parse::<u64>()) {
            Some(Ok(time)) if time >= nanoseconds(START) && time != NEVER => {
                self.number(time.saturating_sub(self.now));
            }
            _ => self.bytes(text.as_bytes()),
        }
        Ok(())
    }
}

fn nanoseconds(time: Duration) -> u64 {
    time.as_nanos().try_into().unwrap_or(NEVER)
}
