//! How loud the audio is: 16-bit samples, little-endian, mono.

use serde_json::{Value, json};

/// The level shown for silence, in dB.
const FLOOR: f64 = -96.0;

/// The audio received since the last call of `take`, and how much in all.
#[derive(Default)]
pub(crate) struct Level {
    squares: f64,
    peak: u16,
    samples: u32,
    frames: u64,
    bytes: u64,
}

impl Level {
    pub(crate) fn add(&mut self, pcm: &[u8]) {
        let (samples, _) = pcm.as_chunks();
        for sample in samples {
            let sample = i16::from_le_bytes(*sample);
            self.squares += f64::from(sample).powi(2);
            self.peak = self.peak.max(sample.unsigned_abs());
        }
        self.samples = self.samples.saturating_add(samples.len() as u32);
        self.frames += 1;
        self.bytes += pcm.len() as u64;
    }

    /// Returns the level of the audio since the last call, in dB below full scale; `None` if there was none.
    pub(crate) fn take(&mut self) -> Option<Value> {
        let samples = std::mem::take(&mut self.samples);
        let squares = std::mem::take(&mut self.squares);
        let peak = std::mem::take(&mut self.peak);
        (samples > 0).then(|| {
            json!({
                "rms": decibel((squares / f64::from(samples)).sqrt()),
                "peak": decibel(peak.into()),
                "frames": self.frames,
                "bytes": self.bytes,
            })
        })
    }
}

fn decibel(amplitude: f64) -> f64 {
    let decibel = 20.0 * (amplitude / 32768.0).log10();
    (decibel.max(FLOOR) * 100.0).round() / 100.0
}
