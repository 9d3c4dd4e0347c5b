//! A socket that shows what passes through it.

use patchcord::blocking::Socket;
use std::io::{self, IoSlice, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Sees the bytes of a socket, once they have passed.
pub(crate) trait Observer {
    fn heard(&self, bytes: &[u8]);
    fn said(&self, bytes: &[u8]);
}

pub(crate) struct Observed<O, S = TcpStream> {
    pub(crate) socket: S,
    pub(crate) observer: O,
}

impl<O: Observer, S: Socket> Read for Observed<O, S> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let read = self.socket.read(to)?;
        self.observer.heard(&to[..read]);
        Ok(read)
    }
}

impl<O: Observer, S: Socket> Write for Observed<O, S> {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(from)])
    }

    fn write_vectored(&mut self, from: &[IoSlice<'_>]) -> io::Result<usize> {
        let written = self.socket.write_vectored(from)?;
        let mut left = written;
        for part in from {
            let of_part = left.min(part.len());
            self.observer.said(&part[..of_part]);
            left -= of_part;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

impl<O: Observer, S: Socket> Socket for Observed<O, S> {
    fn prepare(&self) -> io::Result<()> {
        self.socket.prepare()
    }

    fn read_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.socket.read_timeout(timeout)
    }

    fn write_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.socket.write_timeout(timeout)
    }

    fn shutdown(&mut self) -> io::Result<()> {
        self.socket.shutdown()
    }
}
