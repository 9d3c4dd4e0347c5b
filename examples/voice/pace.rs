//! How far speech may run ahead of the client that plays it.
//!
//! A socket takes megabytes that its peer has not read: on Linux some four of them, which is 43 s of
//! speech at 48 kHz. A Clear then finds nothing left to clear, and the answer to a ping comes only
//! once all of that was played. So there is a ping after each stretch of speech, and after the next
//! stretch it is time to wait for its pong:
//!
//! ```text
//!     speech  ping "1"  speech   ...   ping "2"  speech   ...   ping "3"  speech
//!                           pong "1" arrived         pong "2" arrived
//! ```

use crate::pcm::Rate;
use std::time::{Duration, Instant};

/// The speech between two pings. The client is ahead of its loudspeaker by up to twice that.
const STRETCH: Duration = Duration::from_millis(500);

/// How long to wait for a pong: several times as long as a client needs that reads
/// no faster than it plays. One that answers no pings, or is on a slow line, still hears everything; then
/// as much is on its way as its socket and ours hold.
const PATIENCE: Duration = Duration::from_secs(3);

pub(crate) struct Pace {
    /// The bytes of a stretch.
    stretch: usize,
    /// The bytes sent since the latest ping.
    sent: usize,
    pings: u64,
    /// When the ping was sent whose pong is awaited.
    asked: Option<Instant>,
}

impl Pace {
    pub(crate) fn new(rate: Rate) -> Self {
        Self { stretch: rate.bytes(STRETCH), sent: 0, pings: 0, asked: None }
    }

    /// Notes that this many bytes were sent.
    pub(crate) fn sent(&mut self, bytes: usize) {
        self.sent += bytes;
    }

    /// Returns the payload of a ping to send before more speech.
    pub(crate) fn ping(&mut self) -> Option<String> {
        if self.sent < self.stretch || self.asked.is_some() {
            return None;
        }
        self.sent = 0;
        self.pings += 1;
        self.asked = Some(Instant::now());
        Some(self.pings.to_string())
    }

    /// Takes a pong, which may answer another ping.
    pub(crate) fn answered(&mut self, pong: &[u8]) {
        if pong == self.pings.to_string().as_bytes() {
            self.asked = None;
        }
    }

    /// Returns how long to wait for a pong before more is sent.
    pub(crate) fn wait(&self) -> Duration {
        match self.asked {
            Some(asked) if self.sent >= self.stretch => PATIENCE.saturating_sub(asked.elapsed()),
            _ => Duration::ZERO,
        }
    }
}
