//! The audio of this example: linear16, that is, 16-bit little-endian samples, mono, at 16 kHz.

use serde_json::{Value, json};
use std::time::Duration;

pub(crate) const RATE: u32 = 16_000;
pub(crate) const SAMPLE: usize = size_of::<i16>();

/// How many bytes are this long.
pub(crate) fn bytes(duration: Duration) -> usize {
    (duration.as_secs_f64() * f64::from(RATE)).round() as usize * SAMPLE
}

/// How long so many bytes are, in seconds, to the millisecond.
pub(crate) fn seconds(bytes: usize) -> f64 {
    let milliseconds = (bytes / SAMPLE) as u64 * 1000 / u64::from(RATE);
    milliseconds as f64 / 1000.0
}

/// What tells one recording from another: its length and its FNV-1a hash.
///
/// That finds a byte lost, doubled or changed by accident, and nothing made to deceive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    pub(crate) bytes: usize,
    hash: u64,
}

impl Fingerprint {
    pub(crate) const EMPTY: Self = Self { bytes: 0, hash: 0xcbf2_9ce4_8422_2325 };

    pub(crate) fn of(pcm: &[u8]) -> Self {
        let mut fingerprint = Self::EMPTY;
        fingerprint.add(pcm);
        fingerprint
    }

    pub(crate) fn add(&mut self, pcm: &[u8]) {
        self.bytes += pcm.len();
        for byte in pcm {
            self.hash = (self.hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    /// Adds the fingerprint to the fields of a message.
    pub(crate) fn write(&self, message: &mut Value) {
        message["bytes"] = json!(self.bytes);
        message["duration"] = json!(seconds(self.bytes));
        message["fnv1a"] = json!(format!("{:016x}", self.hash));
    }

    /// Whether a message that the peer sent has this fingerprint.
    pub(crate) fn is_in(&self, message: &Value) -> bool {
        let mut same = message.clone();
        self.write(&mut same);
        same == *message
    }
}

/// How loud a stretch of audio is.
#[derive(Default)]
pub(crate) struct Level {
    pub(crate) samples: usize,
    squares: f64,
}

impl Level {
    /// What 16 bits cannot express any more, and what silence is given as: it has no logarithm.
    const FLOOR: f64 = -96.0;

    pub(crate) fn add(&mut self, sample: i16) {
        let amplitude = f64::from(sample) / -f64::from(i16::MIN);
        self.squares += amplitude * amplitude;
        self.samples += 1;
    }

    /// The root mean square in decibels below full scale.
    pub(crate) fn decibels(&self) -> f64 {
        let mean = self.squares / self.samples.max(1) as f64;
        (10.0 * mean.log10()).max(Self::FLOOR)
    }
}

/// What becomes of the audio that a server hears or speaks.
pub(crate) enum Tape {
    /// It is forgotten: a server that runs for long has no room for it.
    Off,
    /// It is kept, to be compared with what the client has.
    On(Vec<u8>),
}

impl Tape {
    pub(crate) fn record(&mut self, pcm: &[u8]) {
        if let Self::On(recorded) = self {
            recorded.extend_from_slice(pcm);
        }
    }

    pub(crate) fn into_pcm(self) -> Vec<u8> {
        match self {
            Self::Off => Vec::new(),
            Self::On(recorded) => recorded,
        }
    }
}
