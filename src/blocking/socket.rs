//! Sockets that a thread can wait for.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

/// A stream whose reads and writes wait for a given time at most.
///
/// Sockets of `std` are that. For a stream around one, such as TLS, forward the methods to the
/// socket inside. A call that waited in vain fails with `WouldBlock` or `TimedOut`, and is repeated
/// later; so is a `flush`, with which such a stream lets go what the socket has not taken so far. Any
/// other error ends the connection, and is what its caller is told.
pub trait Socket: Read + Write {
    /// Makes a socket ready that was just connected or accepted: TCP sends small frames at once.
    ///
    /// # Errors
    /// Those of the socket.
    fn prepare(&self) -> io::Result<()> {
        Ok(())
    }

    /// Sets how long a read may wait; never `Some` of zero.
    ///
    /// # Errors
    /// Those of the socket.
    fn read_timeout(&self, timeout: Option<Duration>) -> io::Result<()>;

    /// Sets how long a write may wait; never `Some` of zero.
    ///
    /// # Errors
    /// Those of the socket.
    fn write_timeout(&self, timeout: Option<Duration>) -> io::Result<()>;

    /// Ends this side of the stream; what the peer says may still be read.
    ///
    /// # Errors
    /// Those of the socket.
    fn shutdown(&mut self) -> io::Result<()>;
}

/// What TCP needs besides: small frames must not wait for the answer to those before (Nagle's
/// algorithm), and a Unix socket has no such thing.
fn no_delay(socket: &TcpStream) -> io::Result<()> {
    socket.set_nodelay(true)
}

macro_rules! socket {
    ($type:ty, $inner:ty, $prepare:expr) => {
        impl Socket for $type {
            fn prepare(&self) -> io::Result<()> {
                $prepare(self)
            }

            fn read_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
                self.set_read_timeout(timeout)
            }

            fn write_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
                self.set_write_timeout(timeout)
            }

            fn shutdown(&mut self) -> io::Result<()> {
                <$inner>::shutdown(self, Shutdown::Write)
            }
        }
    };
}

socket!(TcpStream, TcpStream, no_delay);
socket!(&TcpStream, TcpStream, no_delay);

#[cfg(unix)]
mod unix {
    use super::{Duration, Shutdown, Socket, io};
    use std::os::unix::net::UnixStream;

    socket!(UnixStream, UnixStream, |_| Ok(()));
    socket!(&UnixStream, UnixStream, |_| Ok(()));
}
