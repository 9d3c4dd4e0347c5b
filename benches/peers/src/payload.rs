//! The contents of messages, and the random numbers they are made from.

use crate::transcript::transcript;
use std::iter;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    Binary,
    /// Text of one byte per letter.
    Ascii,
    /// Text of two bytes per letter.
    Cyrillic,
    /// The output of a speech recognizer.
    Json,
}

impl Content {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::Ascii => "ASCII",
            Self::Cyrillic => "Cyrillic",
            Self::Json => "JSON",
        }
    }

    /// Returns `size` bytes; the same for the same seed.
    pub fn payload(self, size: usize, seed: u64) -> Vec<u8> {
        let mut random = Random::new(seed);
        match self {
            Self::Binary => random.bytes(size),
            Self::Ascii => iter::repeat_with(|| b' ' + random.below(95) as u8).take(size).collect(),
            Self::Cyrillic => {
                let letter = || char::from_u32(0x430 + random.below(32) as u32).unwrap_or('а');
                let mut text: String = iter::repeat_with(letter).take(size / 2).collect();
                text.extend((size % 2 == 1).then_some('.'));
                text.into_bytes()
            }
            Self::Json => transcript(&mut random, size),
        }
    }
}

/// Marsaglia's xorshift: fast and repeatable, which is all it needs to be here.
pub struct Random(u64);

impl Random {
    pub const fn new(seed: u64) -> Self {
        Self(0x9e37_79b9_7f4a_7c15 ^ seed.wrapping_mul(0xd1b5_4a32_d192_ed03))
    }

    pub const fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % bound
    }

    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        iter::repeat_with(|| self.below(256) as u8).take(count).collect()
    }
}
