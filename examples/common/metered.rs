//! A socket that counts.

use crate::observed::{Observed, Observer};
use patchcord::Role;
use patchcord::blocking::{Socket, WebSocket};
use std::cell::Cell;
use std::net::TcpStream;

/// Bytes of frames on the wire, once the opening handshake is done.
#[derive(Default)]
pub(crate) struct Counts {
    received: Cell<usize>,
    sent: Cell<usize>,
    /// The part of the opening handshake that was still unwritten when frames were first counted.
    head: Cell<usize>,
}

impl Counts {
    /// Counts frames from now on, even if bytes of both kinds were on their way.
    pub(crate) fn start<S: Socket, R: Role>(&self, peer: &WebSocket<S, R>) {
        self.received.set(peer.driver.input.as_ref().len());
        self.sent.set(0);
        self.head.set(bytes::Buf::remaining(&peer.driver.output));
    }

    pub(crate) fn received(&self) -> usize {
        self.received.get()
    }

    pub(crate) fn sent(&self) -> usize {
        self.sent.get().saturating_sub(self.head.get())
    }
}

pub(crate) type Metered<'run, S = TcpStream> = Observed<&'run Counts, S>;

impl Observer for &Counts {
    fn heard(&self, bytes: &[u8]) {
        self.received.set(self.received.get() + bytes.len());
    }

    fn said(&self, bytes: &[u8]) {
        self.sent.set(self.sent.get() + bytes.len());
    }
}
