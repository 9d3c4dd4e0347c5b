//! A simulated connection of two processes: buffers that fill, a link that takes its time.

use std::collections::VecDeque;
use std::time::Duration;

/// One direction: the sender's socket holds `capacity` bytes, `rate` of them leave it per second,
/// and each arrives `latency` later.
#[derive(Debug)]
pub(crate) struct Link {
    capacity: usize,
    rate: u64,
    latency: Duration,
    /// When the last byte that was taken has left the socket.
    drained: Duration,
    /// What is on the way, and when the last byte of each piece arrives.
    pieces: VecDeque<(Duration, Vec<u8>)>,
    /// From then on the receiver takes nothing, and the socket fills.
    dead: Option<Duration>,
    held: usize,
    /// The sender ended its stream.
    pub(crate) ended: bool,
}

/// What one packet carries.
const PIECE: usize = 1448;

impl Link {
    pub(crate) fn new(capacity: usize, rate: u64, latency: Duration) -> Self {
        let drained = Duration::ZERO;
        let pieces = VecDeque::new();
        Self { capacity, rate, latency, drained, pieces, dead: None, held: 0, ended: false }
    }

    pub(crate) fn die(&mut self, at: Duration) {
        self.dead = Some(at);
    }

    fn is_dead(&self, now: Duration) -> bool {
        self.dead.is_some_and(|dead| now >= dead)
    }

    fn time_for(&self, bytes: usize) -> Duration {
        Duration::from_nanos((bytes as u64).saturating_mul(1_000_000_000) / self.rate)
    }

    /// How many bytes the socket holds.
    fn filled(&self, now: Duration) -> usize {
        if self.is_dead(now) {
            return self.held;
        }
        let left = self.drained.saturating_sub(now);
        (left.as_nanos() as u64 * self.rate / 1_000_000_000) as usize
    }

    /// Takes what fits, and returns how much that was.
    pub(crate) fn write(&mut self, now: Duration, bytes: &[u8]) -> usize {
        let taken = self.capacity.saturating_sub(self.filled(now)).min(bytes.len());
        if self.is_dead(now) {
            self.held += taken;
            return taken;
        }
        for piece in bytes[..taken].chunks(PIECE) {
            self.drained = self.drained.max(now) + self.time_for(piece.len());
            self.pieces.push_back((self.drained + self.latency, piece.to_vec()));
        }
        self.held = self.filled(now);
        taken
    }

    /// When the socket will have room, if that is known.
    pub(crate) fn has_room_at(&self, now: Duration) -> Option<Duration> {
        if self.is_dead(now) {
            return None;
        }
        let over = self.filled(now).saturating_sub(self.capacity.saturating_sub(PIECE));
        Some(now + self.time_for(over) + Duration::from_micros(1))
    }

    /// When something comes next.
    pub(crate) fn arrival(&self) -> Option<Duration> {
        let arrives = self.pieces.front().map(|(at, _)| *at);
        arrives.filter(|at| self.dead.is_none_or(|dead| *at < dead))
    }

    /// What has come by now.
    pub(crate) fn read(&mut self, now: Duration) -> Vec<u8> {
        let mut come = Vec::new();
        while self.arrival().is_some_and(|at| at <= now) {
            come.extend(self.pieces.pop_front().map(|(_, piece)| piece).unwrap_or_default());
        }
        come
    }
}
