//! A line over a TCP socket: the loop that drives a connection.
//!
//! One thread reads and writes, and neither end ever waits for the other to read:
//!
//! ```text
//!      +--> hear what was read --> let time pass --> speak and write --> read --+
//!      |                                             never waits        waits   |
//!      +------------------------------------------------------------------------+
//! ```
//! A write takes what the socket has room for, and the rest waits in `out`. A read waits for the
//! peer as long as the session and the connection's deadlines allow, and while something waits
//! to be written not longer than an instant.

use crate::failure::Failure;
use crate::line::{Line, Session};
use patchcord::{
    Client, Config, Connection, Expired, Limits, ReceiveBuffer, Role, Server, State, ThreadEntropy,
    Timeouts,
};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

/// When to see again whether the socket has room.
const SOON: Duration = Duration::from_millis(1);

/// With more than this to write, nothing is read: a peer that does not listen is not listened
/// to, and what it makes us say does not fill the memory.
const BACKLOG: usize = 64 * 1024;

/// How long the peer may take to end TCP, when all is said.
const FAREWELL: Duration = Duration::from_secs(2);

pub(crate) struct Link<R> {
    socket: TcpStream,
    pub(crate) buffer: ReceiveBuffer,
    pub(crate) line: Line<R>,
    pub(crate) timeouts: Timeouts,
    clock: Instant,
}

/// Either end sends a ping after five seconds of silence, and gives up ten seconds later: a peer
/// that vanished sends no end of stream.
pub(crate) const TIMEOUTS: Timeouts = Timeouts {
    ping_interval: Some(Duration::from_secs(5)),
    pong: Some(Duration::from_secs(10)),
    close: Some(Duration::from_secs(5)),
};

fn config(timeouts: Timeouts) -> Config {
    // Eight seconds of audio in one message are more than anybody sends.
    let limits = Limits { frame: 256 * 1024, message: 256 * 1024, ..Limits::default() };
    Config { limits, timeouts, ..Config::default() }
}

pub(crate) fn server(timeouts: Timeouts) -> Connection<Server> {
    Connection::server(config(timeouts))
}

pub(crate) fn client(timeouts: Timeouts) -> Connection<Client<ThreadEntropy>> {
    Connection::client(ThreadEntropy, config(timeouts))
}

impl Link<Server> {
    pub(crate) fn server(socket: TcpStream, timeouts: Timeouts) -> io::Result<Self> {
        Self::new(socket, server(timeouts), timeouts)
    }

    /// Ends TCP. A server does so first (RFC 6455 section 7.1.1), and then waits for the client:
    /// closing a socket that has bytes unread would destroy what is still on its way there.
    pub(crate) fn hang_up(&mut self) -> io::Result<()> {
        self.write_rest()?;
        self.socket.shutdown(Shutdown::Write)?;
        self.await_end_of_stream();
        Ok(())
    }
}

impl Link<Client<ThreadEntropy>> {
    pub(crate) fn client(socket: TcpStream, timeouts: Timeouts) -> io::Result<Self> {
        Self::new(socket, client(timeouts), timeouts)
    }

    /// Waits for the server to end TCP, and does the same.
    pub(crate) fn hang_up(&mut self) -> io::Result<()> {
        self.write_rest()?;
        self.await_end_of_stream();
        let _ = self.socket.shutdown(Shutdown::Both);
        Ok(())
    }
}

impl<R: Role> Link<R> {
    fn new(socket: TcpStream, connection: Connection<R>, timeouts: Timeouts) -> io::Result<Self> {
        socket.set_nodelay(true)?;
        let (buffer, clock) = (connection.buffer(), Instant::now());
        Ok(Self { socket, buffer, line: Line::new(connection), timeouts, clock })
    }

    /// Lets a session have its conversation, from the end of the opening handshake to that of
    /// the closing handshake.
    pub(crate) fn run(&mut self, session: &mut impl Session<R>) -> Result<(), Failure> {
        loop {
            // At first this hears what came together with the head of the opening handshake.
            self.line.hear(&mut self.buffer, session)?;
            self.pass_time()?;
            let patience = self.speak(session)?;
            if self.line.connection.is_finished() {
                break;
            }
            if self.read(patience)? == Some(0) {
                self.line.connection.end_of_stream(self.buffer.input())?;
                break;
            }
        }
        match self.line.connection.state() {
            State::Failed(error) => Err(Failure::new(format!("the peer broke a rule: {error}"))),
            _ => Ok(()),
        }
    }

    fn pass_time(&mut self) -> Result<(), Failure> {
        let Some(expired) = self.line.connection.on_time(self.clock.elapsed()) else {
            return Ok(());
        };
        self.line.connection.flush(&mut self.line.out)?;
        self.write()?;
        Err(Failure::new(match expired {
            Expired::Pong => "the peer does not answer a ping",
            Expired::Close => "the peer does not answer a Close",
        }))
    }

    /// Writes, and if that leaves nothing to be written, lets the session speak; returns how
    /// long to wait for the peer.
    fn speak(&mut self, session: &mut impl Session<R>) -> Result<Duration, Failure> {
        self.write()?;
        if !self.line.out.is_empty() {
            return Ok(SOON);
        }
        let mut patience = Duration::MAX;
        if self.line.is_open() {
            patience = session.speak(&mut self.line)?;
        }
        // Pongs and the Close come last, and only the latest pong of those that had to wait.
        self.line.connection.flush(&mut self.line.out)?;
        self.write()?;
        let deadline = self.line.connection.next_deadline().unwrap_or(Duration::MAX);
        let patience = patience.min(deadline.saturating_sub(self.clock.elapsed()));
        Ok(if self.line.out.is_empty() { patience } else { patience.min(SOON) })
    }

    /// Writes what the socket has room for.
    fn write(&mut self) -> io::Result<()> {
        self.socket.set_nonblocking(true)?;
        while !self.line.out.is_empty() {
            match self.socket.write(&self.line.out) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => self.wrote(count),
                Err(error) if is_temporary(&error) => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Reads what is there, or comes within `patience`; `None` if nothing does, 0 at the end.
    fn read(&mut self, patience: Duration) -> io::Result<Option<usize>> {
        if self.line.out.len() > BACKLOG {
            thread::sleep(SOON);
            return Ok(None);
        }
        self.socket.set_nonblocking(patience.is_zero())?;
        if !patience.is_zero() {
            self.socket.set_read_timeout(Some(patience))?;
        }
        match self.socket.read(self.buffer.space()) {
            Ok(count) => {
                self.buffer.filled(count);
                self.line.traffic.received.wire += count;
                Ok(Some(count))
            }
            Err(error) if is_temporary(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes a head that is in `out`, and reads something of the peer's.
    pub(crate) fn exchange_heads(&mut self, deadline: Instant) -> Result<(), Failure> {
        self.write()?;
        let patience = deadline.saturating_duration_since(Instant::now());
        match self.read(patience)? {
            Some(0) => Err(Failure::new("the stream ended in the opening handshake")),
            None if patience.is_zero() => Err(Failure::new("the opening handshake took too long")),
            _ => Ok(()),
        }
    }

    fn write_rest(&mut self) -> io::Result<()> {
        self.socket.set_nonblocking(false)?;
        self.socket.set_write_timeout(Some(FAREWELL))?;
        self.socket.write_all(&self.line.out)?;
        self.wrote(self.line.out.len());
        Ok(())
    }

    fn wrote(&mut self, count: usize) {
        self.line.out.drain(..count);
        self.line.traffic.sent.wire += count;
    }

    /// When all is said, how the stream ends is not an error.
    fn await_end_of_stream(&mut self) {
        let deadline = Instant::now() + FAREWELL;
        loop {
            self.buffer.keep(0);
            let patience = deadline.saturating_duration_since(Instant::now());
            if patience.is_zero() || matches!(self.read(patience), Ok(Some(0)) | Err(_)) {
                return;
            }
        }
    }
}

fn is_temporary(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}
