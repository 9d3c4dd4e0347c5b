//! What goes over a connection, and what that costs.

use crate::observed::{Observed, Observer};
use patchcord::Message;
use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// What went over a connection in one direction.
#[derive(Clone, Copy, Default)]
pub(crate) struct Traffic {
    pub(crate) sent: Direction,
    pub(crate) received: Direction,
}

#[derive(Clone, Copy, Default)]
pub(crate) struct Direction {
    /// How many messages; each is one frame here.
    pub(crate) frames: u32,
    /// The bytes of these messages.
    pub(crate) payload: usize,
    /// All bytes that went through the socket, including heads, headers and pings.
    pub(crate) wire: usize,
    /// The time spent on sending or receiving, without the socket.
    pub(crate) codec: Duration,
}

/// The meter of a connection, which its socket and its session share.
pub(crate) struct Meter {
    traffic: Cell<Traffic>,
    /// When the connection last had something to do: bytes had arrived, or an event had been handled.
    started: Cell<Instant>,
}

impl Meter {
    pub(crate) fn new() -> Rc<Self> {
        let (traffic, started) = (Cell::default(), Cell::new(Instant::now()));
        Rc::new(Self { traffic, started })
    }

    pub(crate) fn traffic(&self) -> Traffic {
        self.traffic.get()
    }

    fn note(&self, what: impl FnOnce(&mut Traffic)) {
        let mut traffic = self.traffic.get();
        what(&mut traffic);
        self.traffic.set(traffic);
    }

    /// Notes that receiving begins, or continues.
    pub(crate) fn start(&self) {
        self.started.set(Instant::now());
    }

    /// Notes that an event was received.
    pub(crate) fn heard(&self) {
        let spent = self.started.get().elapsed();
        self.note(|traffic| traffic.received.codec += spent);
    }

    pub(crate) fn count_received(&self, message: Message<'_>) {
        self.note(|traffic| traffic.received.count(message));
    }

    pub(crate) fn count_sent(&self, message: Message<'_>, spent: Duration) {
        self.note(|traffic| {
            traffic.sent.count(message);
            traffic.sent.codec += spent;
        });
    }
}

impl Direction {
    fn count(&mut self, message: Message<'_>) {
        self.frames += 1;
        self.payload += match message {
            Message::Text(text) => text.len(),
            Message::Binary(bytes) => bytes.len(),
        };
    }
}

/// A socket with a meter.
pub(crate) type Metered = Observed<Rc<Meter>>;

impl Observer for Rc<Meter> {
    fn heard(&self, bytes: &[u8]) {
        self.note(|traffic| traffic.received.wire += bytes.len());
        self.start();
    }

    fn said(&self, bytes: &[u8]) {
        self.note(|traffic| traffic.sent.wire += bytes.len());
    }
}
