//! The audio of this example: linear16, that is, 16-bit little-endian samples, mono.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::time::Duration;

pub(crate) const SAMPLE: usize = size_of::<i16>();

/// The number of samples per second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate(u32);

impl Rate {
    /// What this example's client sends, and the default if the query has none.
    pub(crate) const DEFAULT: Self = Self(16_000);

    /// From telephone to studio rates.
    pub(crate) fn new(hertz: u32) -> Option<Self> {
        (8_000..=48_000).contains(&hertz).then_some(Self(hertz))
    }

    pub(crate) const fn hertz(self) -> u32 {
        self.0
    }

    /// Returns how many bytes are this long.
    pub(crate) fn bytes(self, duration: Duration) -> usize {
        (duration.as_secs_f64() * f64::from(self.0)).round() as usize * SAMPLE
    }

    /// Returns how long this many bytes are.
    pub(crate) fn duration(self, bytes: usize) -> Duration {
        Duration::from_micros((bytes / SAMPLE) as u64 * 1_000_000 / u64::from(self.0))
    }
}

/// Returns a time as messages have it: in seconds, to the millisecond.
pub(crate) fn seconds(time: Duration) -> f64 {
    time.as_millis() as f64 / 1000.0
}

/// What distinguishes one recording from another: its length and its SHA-256.
#[derive(Clone)]
pub(crate) struct Fingerprint {
    rate: Rate,
    pub(crate) bytes: usize,
    hash: Sha256,
}

impl Fingerprint {
    pub(crate) fn new(rate: Rate) -> Self {
        Self { rate, bytes: 0, hash: Sha256::new() }
    }

    pub(crate) fn of(pcm: &[u8]) -> Self {
        let mut fingerprint = Self::new(Rate::DEFAULT);
        fingerprint.add(pcm);
        fingerprint
    }

    pub(crate) fn add(&mut self, pcm: &[u8]) {
        self.bytes += pcm.len();
        self.hash.update(pcm);
    }

    /// Returns how long the audio is.
    pub(crate) fn duration(&self) -> Duration {
        self.rate.duration(self.bytes)
    }

    /// Adds the fingerprint to the fields of a message.
    pub(crate) fn write(&self, message: &mut Value) {
        message["bytes"] = json!(self.bytes);
        message["duration"] = json!(seconds(self.duration()));
        let hash = self.hash.clone().finalize();
        let digits: String = hash.iter().map(|octet| format!("{octet:02x}")).collect();
        message["sha256"] = json!(digits);
    }

    /// Returns whether a message from the peer has this fingerprint.
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
    /// The level of silence, which has no logarithm: below what 16 bits can express.
    const FLOOR: f64 = -96.0;

    pub(crate) fn add(&mut self, sample: i16) {
        let amplitude = f64::from(sample) / -f64::from(i16::MIN);
        self.squares += amplitude * amplitude;
        self.samples += 1;
    }

    /// Returns the root mean square in decibels below full scale.
    pub(crate) fn decibels(&self) -> f64 {
        let mean = self.squares / self.samples.max(1) as f64;
        (10.0 * mean.log10()).max(Self::FLOOR)
    }
}

/// What becomes of the audio that a server hears or speaks.
pub(crate) enum Tape {
    /// It is dropped: a server that runs for long has no room for it.
    Off,
    /// It is kept, to be compared with the client's.
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
