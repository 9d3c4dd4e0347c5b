//! A TCP socket that counts.

use patchcord::Role;
use patchcord::blocking::{Socket, WebSocket};
use std::cell::Cell;
use std::io::{self, IoSlice, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Bytes of frames as they are on the wire, once the opening handshake is done.
#[derive(Default)]
pub(crate) struct Counts {
    received: Cell<usize>,
    sent: Cell<usize>,
    /// What of the opening handshake was still to be written when frames were first counted.
    head: Cell<usize>,
}

impl Counts {
    /// Counts frames from now on, where bytes of both kinds were on their way.
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

pub(crate) struct Metered<'run> {
    pub(crate) socket: TcpStream,
    pub(crate) counts: &'run Counts,
}

impl Read for Metered<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let read = self.socket.read(to)?;
        self.counts.received.set(self.counts.received.get() + read);
        Ok(read)
    }
}

impl Write for Metered<'_> {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(from)])
    }

    fn write_vectored(&mut self, from: &[IoSlice<'_>]) -> io::Result<usize> {
        let written = self.socket.write_vectored(from)?;
        self.counts.sent.set(self.counts.sent.get() + written);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

impl Socket for Metered<'_> {
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
