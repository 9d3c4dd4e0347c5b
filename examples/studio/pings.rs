//! The server's pings, and how long their pongs took.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How often the round trip is measured unasked.
pub(crate) const INTERVAL: Duration = Duration::from_secs(5);

/// The most pings that wait for their pongs; beyond that, the oldest are given up.
const WAITING: usize = 8;

#[derive(Default)]
pub(crate) struct Pings {
    sent: u64,
    waiting: VecDeque<(String, Instant)>,
}

impl Pings {
    /// Returns the payload of the next ping.
    pub(crate) fn next(&mut self) -> &str {
        self.sent += 1;
        if self.waiting.len() == WAITING {
            self.waiting.pop_front();
        }
        self.waiting.push_back((format!("ping {}", self.sent), Instant::now()));
        self.waiting.back().map_or("", |(payload, _)| payload)
    }

    /// Returns how long the ping took that this pong answers: earlier pings will have no pong (RFC
    /// 6455 section 5.5.3).
    pub(crate) fn answered(&mut self, pong: &[u8]) -> Option<(String, Duration)> {
        let index = self.waiting.iter().position(|(sent, _)| sent.as_bytes() == pong)?;
        let (payload, at) = self.waiting.drain(..=index).next_back()?;
        Some((payload, at.elapsed()))
    }
}
