//! What goes over a connection, and what that costs.

use patchcord::Message;
use patchcord::blocking::Socket;
use std::cell::Cell;
use std::io::{self, IoSlice, Read, Write};
use std::net::TcpStream;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// What went over a connection in each direction.
#[derive(Clone, Copy, Default)]
pub(crate) struct Traffic {
    pub(crate) sent: Direction,
    pub(crate) received: Direction,
}

#[derive(Clone, Copy, Default)]
pub(crate) struct Direction {
    /// Messages, each of which is one frame here.
    pub(crate) frames: u32,
    /// The bytes of these messages.
    pub(crate) payload: usize,
    /// All bytes that went through the socket: heads, headers, pings and all.
    pub(crate) wire: usize,
    /// The time spent in sending or receiving, without the socket.
    pub(crate) codec: Duration,
}

/// The meter of a connection, which its socket and its session share.
pub(crate) struct Meter {
    traffic: Cell<Traffic>,
    /// When the connection last had something to do: bytes had come, or an event had been handled.
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

    /// Notes that receiving begins, or goes on.
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
pub(crate) struct Metered {
    pub(crate) socket: TcpStream,
    pub(crate) meter: Rc<Meter>,
}

impl Read for Metered {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let read = self.socket.read(to)?;
        self.meter.note(|traffic| traffic.received.wire += read);
        self.meter.start();
        Ok(read)
    }
}

impl Write for Metered {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(from)])
    }

    fn write_vectored(&mut self, from: &[IoSlice<'_>]) -> io::Result<usize> {
        let written = self.socket.write_vectored(from)?;
        self.meter.note(|traffic| traffic.sent.wire += written);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

impl Socket for Metered {
    fn prepare(&self) -> io::Result<()> {
        self.socket.prepare()
    }

    fn read_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.socket.set_read_timeout(timeout)
    }

    fn write_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.socket.set_write_timeout(timeout)
    }

    fn shutdown(&mut self) -> io::Result<()> {
        Socket::shutdown(&mut self.socket)
    }
}
