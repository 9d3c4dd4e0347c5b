//! What was heard since the last final result: sounds, since no words are recognized.

use crate::pcm::Level;
use std::time::Duration;

/// Anything louder counts as speech, in dBFS.
const SPEECH: f64 = -40.0;

/// A stretch of time, and the sounds in it. Times count from the beginning of the stream.
pub(crate) struct Segment {
    pub(crate) start: Duration,
    pub(crate) end: Duration,
    pub(crate) sounds: Vec<Sound>,
}

/// In place of a word: audio without a pause.
pub(crate) struct Sound {
    pub(crate) start: Duration,
    pub(crate) end: Duration,
    /// The level of its loudest window, in dBFS.
    pub(crate) level: f64,
}

impl Segment {
    /// Returns an empty segment that begins at this time.
    pub(crate) fn new(start: Duration) -> Self {
        Self { start, end: start, sounds: Vec::new() }
    }

    /// Appends a window that lasts until `end`; returns whether there is sound in it.
    pub(crate) fn add(&mut self, window: &Level, end: Duration) -> bool {
        let (start, level) = (self.end, window.decibels());
        self.end = end;
        let is_sound = level > SPEECH;
        if is_sound {
            match self.sounds.last_mut() {
                Some(sound) if sound.end == start => {
                    (sound.end, sound.level) = (end, sound.level.max(level));
                }
                _ => self.sounds.push(Sound { start, end, level }),
            }
        }
        is_sound
    }

    pub(crate) fn duration(&self) -> Duration {
        self.end - self.start
    }
}

impl Sound {
    /// Returns the text for it: not a word, but how loud it was.
    pub(crate) fn text(&self) -> String {
        format!("[{:.0}dBFS]", self.level)
    }
}
