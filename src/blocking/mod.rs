//! A WebSocket for a thread that may block: a [`Driver`](crate::Driver) and a socket of `std`.
//!
//! This is the only module of the crate that reads and writes. For another transport, you can write
//! the same in about forty lines around a [`Driver`](crate::Driver).
//!
//! ```no_run
#![doc = include_str!("../../examples/server.rs")]
//! ```

#[cfg(feature = "getrandom")]
mod client;
mod server;
mod socket;

pub use socket::Socket;

use crate::codec::{Event, Message, Role, SendBuffer, SendError};
use crate::connection::Connection;
use crate::driver::{Driver, Step};
use crate::frame::{Close, CloseCode};
use crate::payload::Payload;
use bytes::Buf;
use std::io::{self, ErrorKind, IoSlice};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use std::vec::Vec;

/// An open WebSocket on a socket that can wait.
///
/// [`run`](Self::run) and [`turn`](Self::turn) pass each event to your function, together with the
/// connection and the buffer for answers. They do everything else: they write, keep the deadlines,
/// answer pings and the Close, and end the socket so that no data in transit is lost.
#[doc(alias("TcpStream", "sync"))]
#[derive(Debug)]
pub struct WebSocket<S, R> {
    /// The connection and its buffers.
    pub driver: Driver<R>,
    socket: S,
    start: Instant,
    leaving: Option<&'static AtomicBool>,
    /// True if written data may still be waiting inside the socket, as with TLS.
    unflushed: bool,
}

/// The result of sending.
type Sent = Result<(), SendError>;

/// The interval at which a waiting thread checks whether it should leave.
const LOOK: Duration = Duration::from_millis(100);

/// The number of parts written at once; only shared frames make more than one.
const SLICES: usize = 16;

/// The time that a peer which has said everything has to accept the last data that waits in the
/// socket.
const FAREWELL: Duration = Duration::from_secs(1);

/// The shortest timeout for a socket; zero would be an error.
const SOON: Duration = Duration::from_millis(1);

impl<S: Socket, R: Role> WebSocket<S, R> {
    fn new(socket: S, driver: Driver<R>) -> io::Result<Self> {
        socket.prepare()?;
        Ok(Self { driver, socket, start: Instant::now(), leaving: None, unflushed: false })
    }

    /// Opens a WebSocket with a handshake of your own, on a driver that may have a request to
    /// write. `read` works as for [`Driver::open`], and its result for the peer's head is returned
    /// as well.
    ///
    /// [`accept`](WebSocket::accept) is the usual handshake of a server; this one is for a server
    /// that also answers requests for pages, or refuses in its own words.
    ///
    /// ```no_run
    /// use patchcord::handshake::{admission::Admission, server::RequestReader};
    /// use patchcord::{Config, Driver, blocking::WebSocket};
    /// use std::io::{Error, ErrorKind};
    ///
    /// # fn serve(socket: std::net::TcpStream) -> std::io::Result<()> {
    /// let mut reader = RequestReader::new(Admission::any());
    /// let driver = Driver::server(Config::default());
    /// let (peer, path) = WebSocket::open(socket, driver, |input, out| match reader.read(input) {
    ///     Ok(None) => Ok(None),
    ///     Ok(Some(request)) => {
    ///         request.response().write(out).map_err(Error::other)?;
    ///         Ok(Some(request.path().to_owned()))
    ///     }
    ///     Err(error) => {
    ///         out.extend_from_slice(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\na page\n");
    ///         Err(Error::new(ErrorKind::PermissionDenied, error))
    ///     }
    /// })?;
    /// # drop((peer, path));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The errors of `read`, once everything it appended is written and the socket has ended, or
    /// the peer turns out to be gone. Also when the peer's head does not arrive in time, and when
    /// the socket fails.
    pub fn open<T>(
        socket: S,
        driver: Driver<R>,
        mut read: impl FnMut(&mut &[u8], &mut Vec<u8>) -> io::Result<Option<T>>,
    ) -> io::Result<(Self, T)> {
        let mut opening = Self::new(socket, driver)?;
        loop {
            match opening.driver.open(&mut read) {
                Ok(Some(opened)) => return Ok((opening, opened)),
                Ok(None) => opening.step_until_read()?,
                Err(refused) => {
                    let _ = opening.run(|_, _, _| Ok(())); // the refusal says more than an error here
                    return Err(refused);
                }
            }
        }
    }

    /// Closes the connection with 1001 once `leaving` becomes true, for example in a signal
    /// handler. It is checked ten times a second.
    #[doc(alias("graceful shutdown", "SIGTERM"))]
    #[must_use]
    pub fn leave_when(self, leaving: &'static AtomicBool) -> Self {
        Self { leaving: Some(leaving), ..self }
    }

    /// Appends a message to the output; [`turn`](Self::turn) and [`run`](Self::run) write it.
    ///
    /// # Errors
    /// When a Close was sent, or the connection is over.
    pub fn send(&mut self, message: Message<'_>) -> Result<(), SendError> {
        self.driver.connection.send(message, &mut self.driver.output)
    }

    /// Starts the closing handshake; [`run`](Self::run) completes it.
    ///
    /// # Errors
    /// When a Close was sent already, the connection is over, or the reason has more than 123 bytes.
    pub fn close(&mut self, close: Option<Close<&[u8]>>) -> Result<(), SendError> {
        self.driver.connection.close(close, &mut self.driver.output)
    }

    /// Passes all events to `handle` until the connection is over and the socket has ended.
    ///
    /// # Errors
    /// When the peer broke a rule or disappeared without a Close, a deadline passed, the socket
    /// failed, or `handle` returned an error. [`SendError::Closed`] from `handle` does not count as
    /// an error.
    pub fn run(
        &mut self,
        mut handle: impl FnMut(Event<Payload<'_>>, &mut Connection<R>, &mut SendBuffer) -> Sent,
    ) -> io::Result<()> {
        while self.turn(None, &mut handle)? {}
        Ok(())
    }

    /// Writes the output, waits for the peer once, for at most `wait`, passes the events that
    /// arrived to `handle`, and writes the answers. Returns whether the connection continues. It
    /// does not wait if something arrived while it was writing, or before.
    ///
    /// This is for an end that sends of its own accord: call [`send`](Self::send) between two
    /// turns.
    ///
    /// # Errors
    /// As for [`run`](Self::run).
    pub fn turn(
        &mut self,
        wait: Option<Duration>,
        mut handle: impl FnMut(Event<Payload<'_>>, &mut Connection<R>, &mut SendBuffer) -> Sent,
    ) -> io::Result<bool> {
        let limit = wait.map(|wait| self.start.elapsed().saturating_add(wait));
        let mut waited = false;
        loop {
            self.leave();
            // Events that were there already count as the wait: their answers should not be
            // delayed.
            waited |= self.receive(&mut handle).map_err(io::Error::other)?;
            if let Some(continues) = self.try_step(limit, &mut waited)? {
                return Ok(continues);
            }
        }
    }

    /// Repeats steps until something was read.
    fn step_until_read(&mut self) -> io::Result<()> {
        let mut waited = false;
        while !waited {
            if self.try_step(None, &mut waited)? == Some(false) {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(())
    }

    /// Takes all events that have arrived, and returns whether there were any. An error is final:
    /// the Close that tells the peer is in the output, and `result` reports the reason in the end.
    fn receive(
        &mut self,
        handle: &mut impl FnMut(Event<Payload<'_>>, &mut Connection<R>, &mut SendBuffer) -> Sent,
    ) -> Result<bool, SendError> {
        if !self.driver.is_open() {
            return Ok(false);
        }
        let mut came = false;
        let Driver { connection, input, output, .. } = &mut self.driver;
        let mut input = input.unconsumed();
        while let Ok(Some(event)) = connection.receive(&mut input, output) {
            came = true;
            match handle(event, connection, output) {
                // A message that arrives between our Close and the peer's cannot be answered.
                Ok(()) | Err(SendError::Closed) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(came)
    }

    fn leave(&mut self) {
        if self.leaving.is_some_and(|leaving| leaving.load(Ordering::Relaxed)) {
            self.leaving = None;
            let _ = self.close(Some(Close::new(CloseCode::GOING_AWAY, ""))); // unless one was sent already
        }
    }

    /// Like [`step`](Self::step), but if the connection ended before the socket failed, reports
    /// that instead: it says more.
    fn try_step(&mut self, limit: Option<Duration>, waited: &mut bool) -> io::Result<Option<bool>> {
        let done = self.step(limit, waited);
        if done.is_err() {
            self.driver.result()?;
        }
        done
    }

    /// Performs the next step. `Some` means that a turn is over, and `Some(false)` that everything
    /// is over.
    fn step(&mut self, limit: Option<Duration>, waited: &mut bool) -> io::Result<Option<bool>> {
        let now = self.start.elapsed();
        match self.driver.next(now) {
            Step::Write { until } => {
                // In slices, so that a request to leave is noticed while the peer accepts nothing.
                self.write(wait(until, now).min(LOOK))?;
                if !self.driver.output.is_empty() && self.driver.wants_input() {
                    *waited |= self.read(SOON)?; // full: the peer may be waiting for us to read
                }
            }
            Step::Wait { .. } if *waited => return Ok(Some(true)),
            Step::Wait { until } => {
                let until = [until, limit].into_iter().flatten().min();
                let read = self.read(wait(until, now))?;
                *waited = read || limit.is_some_and(|limit| self.start.elapsed() >= limit);
            }
            Step::Look => *waited |= self.read(SOON)?,
            Step::Shutdown => {
                // TLS has a farewell of its own to write, which must not block for ever.
                self.socket.write_timeout(Some(FAREWELL))?;
                self.flush().and_then(|()| ignore_gone(self.socket.shutdown()))?;
            }
            end @ (Step::Expired(_) | Step::Finished) => {
                if end != Step::Finished {
                    let _ = self.write(SOON); // a last Close, if the socket accepts it at once
                }
                self.driver.result()?;
                return Ok(Some(false));
            }
        }
        Ok(None)
    }

    /// Writes once.
    fn write(&mut self, wait: Duration) -> io::Result<()> {
        let output = &mut self.driver.output;
        if output.is_empty() {
            return Ok(());
        }
        self.socket.write_timeout(Some(wait))?;
        let mut slices = [IoSlice::new(&[]); SLICES];
        let count = output.chunks_vectored(&mut slices);
        match self.socket.write_vectored(&slices[..count]) {
            // Trying again would be an endless loop.
            Ok(0) => Err(ErrorKind::WriteZero.into()),
            Ok(written) => {
                output.advance(written);
                self.unflushed = true;
                if output.is_empty() { self.flush() } else { Ok(()) }
            }
            Err(error) if is_timeout(&error) => Ok(()),
            // The peer has said everything and is gone, so nothing that it is still owed matters.
            Err(_) if self.driver.is_open() && !self.driver.connection.is_receiving() => {
                self.driver.output.advance(usize::MAX);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Flushes the data that waits in the socket, as far as the peer accepts it in time.
    fn flush(&mut self) -> io::Result<()> {
        if !self.unflushed {
            return Ok(());
        }
        match self.socket.flush() {
            Err(error) if is_timeout(&error) => Ok(()),
            flushed => {
                self.unflushed = false;
                flushed
            }
        }
    }

    /// Reads once, and returns whether anything arrived.
    fn read(&mut self, wait: Duration) -> io::Result<bool> {
        // The peer may be waiting for what a TLS stream still holds back.
        self.flush()?;
        // Either needs attention even if the peer never sends anything.
        let looks = self.leaving.is_some() || self.unflushed;
        let wait = if looks { wait.min(LOOK) } else { wait };
        self.socket.read_timeout((wait < Duration::MAX).then_some(wait))?;
        match self.socket.read(self.driver.input.space()) {
            Ok(read) => {
                self.driver.handle_read(read);
                Ok(true)
            }
            Err(error) if is_timeout(&error) => Ok(false),
            // Once both ends have said everything, how the stream ends does not matter.
            Err(_) if self.driver.is_heard_out() => {
                self.driver.handle_read(0);
                Ok(true)
            }
            Err(error) => Err(error),
        }
    }
}

/// Returns the time to wait from `now` on.
fn wait(until: Option<Duration>, now: Duration) -> Duration {
    until.map_or(Duration::MAX, |until| until.saturating_sub(now).max(SOON))
}

/// Returns whether an error only says that nothing happened in time. On Windows that is `TimedOut`.
/// Elsewhere, systems use `TimedOut` (ETIMEDOUT) for a connection whose peer has acknowledged
/// nothing for minutes.
fn is_timeout(error: &io::Error) -> bool {
    match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::Interrupted => true,
        ErrorKind::TimedOut => cfg!(windows) || error.raw_os_error().is_none(),
        _ => false,
    }
}

/// Ignores the error of shutting down a socket whose peer is already gone.
fn ignore_gone(shut: io::Result<()>) -> io::Result<()> {
    match shut {
        Err(error) if matches!(error.kind(), ErrorKind::NotConnected | ErrorKind::BrokenPipe) => {
            Ok(())
        }
        shut => shut,
    }
}
