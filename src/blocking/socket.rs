//! Sockets that a thread can wait for.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

/// A stream whose reads and writes wait for at most a given time.
///
/// The sockets of `std` implement it. For a stream around a socket, such as TLS, forward the
/// methods to the inner socket. A call that timed out fails with `WouldBlock` or `TimedOut`, and is
/// repeated later. The same applies to `flush`, which lets such a stream pass on what the socket
/// has not accepted yet. Any other error ends the connection and is returned to the caller.
#[doc(alias = "TLS")]
pub trait Socket: Read + Write {
    /// Prepares a socket that was just connected or accepted: TCP is told to send small frames at
    /// once.
    ///
    /// # Errors
    /// Errors of the socket.
    fn prepare(&self) -> io::Result<()> {
        Ok(())
    }

    /// Sets how long a read may wait; never `Some` of zero.
    ///
    /// # Errors
    /// Errors of the socket.
    fn read_timeout(&self, timeout: Option<Duration>) -> io::Result<()>;

    /// Sets how long a write may wait; never `Some` of zero.
    ///
    /// # Errors
    /// Errors of the socket.
    fn write_timeout(&self, timeout: Option<Duration>) -> io::Result<()>;

    /// Ends this side of the stream. Data from the peer can still be read.
    ///
    /// # Errors
    /// Errors of the socket.
    fn shutdown(&mut self) -> io::Result<()>;
}

/// Turns off Nagle's algorithm, which delays small frames until earlier ones are acknowledged. Unix
/// sockets do not have it.
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
