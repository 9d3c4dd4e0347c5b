//! A WebSocket for a thread that may wait: a [`Driver`](crate::Driver) and a socket of `std`.
//!
//! This module is the only one of the crate that reads and writes. It has nothing that you could not
//! write yourself in some forty lines, around [`Driver`](crate::Driver), for a transport of yours.
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
/// [`run`](Self::run) and [`turn`](Self::turn) hand each event to your function, together with the
/// connection and the buffer to answer into, and do everything else: they write, keep the deadlines,
/// answer pings and the Close, and end the socket so that nothing on its way is lost.
#[derive(Debug)]
pub struct WebSocket<S, R> {
    /// The connection and its buffers.
    pub driver: Driver<R>,
    socket: S,
    start: Instant,
    leaving: Option<&'static AtomicBool>,
    /// What was written may wait in the socket, as TLS does it.
    unflushed: bool,
}

/// Whether something could be sent.
type Sent = Result<(), SendError>;

/// How often a thread that waits looks whether it is to leave.
const LOOK: Duration = Duration::from_millis(100);

/// How many parts are written at once; only shared frames make more than one.
const SLICES: usize = 16;

/// How long a peer that has said everything may take to take the last that waits in the socket.
const FAREWELL: Duration = Duration::from_secs(1);

/// The least time that a socket can be told to wait; of zero it would be an error.
const SOON: Duration = Duration::from_millis(1);

impl<S: Socket, R: Role> WebSocket<S, R> {
    fn new(socket: S, driver: Driver<R>) -> io::Result<Self> {
        socket.prepare()?;
        Ok(Self { driver, socket, start: Instant::now(), leaving: None, unflushed: false })
    }

    /// Opens a WebSocket by a handshake of your own, on a driver that may have a request to write:
    /// `read` is as for [`Driver::open`]. What it makes of the peer's head is returned, too.
    ///
    /// [`accept`](WebSocket::accept) is a server's handshake as it usually is; this one is for
    /// a server that answers to requests for pages as well, or refuses in its own words.
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
    /// Those of `read`, after what it appended is written and the socket at its end, or the peer
    /// is found to be gone. And when the peer's head did not come in time, or the socket failed.
    pub fn open<T>(
        socket: S,
        driver: Driver<R>,
        mut read: impl FnMut(&mut &[u8], &mut Vec<u8>) -> io::Result<Option<T>>,
    ) -> io::Result<(Self, T)> {
        let mut opening = Self::new(socket, driver)?;
        loop {
            match opening.driver.open(&mut read) {
                Ok(Some(opened)) => return Ok((opening, opened)),
                Ok(None) => opening.go_on()?,
                Err(refused) => {
                    let _ = opening.run(|_, _, _| Ok(())); // why it was refused says more
                    return Err(refused);
                }
            }
        }
    }

    /// Closes the connection with 1001 when `leaving` becomes true, as a signal handler may set it;
    /// it is looked at ten times a second.
    #[must_use]
    pub fn leave_when(self, leaving: &'static AtomicBool) -> Self {
        Self { leaving: Some(leaving), ..self }
    }

    /// Appends a message to what is to be written; [`turn`](Self::turn) and [`run`](Self::run) write
    /// it.
    ///
    /// # Errors
    /// When a Close was sent, or the connection is over.
    pub fn send(&mut self, message: Message<'_>) -> Result<(), SendError> {
        self.driver.connection.send(message, &mut self.driver.output)
    }

    /// Begins the closing handshake; [`run`](Self::run) finishes it.
    ///
    /// # Errors
    /// When a Close was sent already, the connection is over, or the reason has more than 123 bytes.
    pub fn close(&mut self, close: Option<Close<&[u8]>>) -> Result<(), SendError> {
        self.driver.connection.close(close, &mut self.driver.output)
    }

    /// Hands all events to `handle` until the connection is over and the socket at its end.
    ///
    /// # Errors
    /// When the peer broke a rule or went away without a Close, a deadline passed, the socket
    /// failed, or `handle` made a mistake. That a Close was sent before is none.
    pub fn run(
        &mut self,
        mut handle: impl FnMut(Event<Payload<'_>>, &mut Connection<R>, &mut SendBuffer) -> Sent,
    ) -> io::Result<()> {
        while self.turn(None, &mut handle)? {}
        Ok(())
    }

    /// Writes what is to be written, waits for the peer once, for `wait` at most, hands what came to
    /// `handle`, and writes the answers. Returns whether the connection goes on. It waits for nothing
    /// if something came while it wrote, or was there before.
    ///
    /// For an end that speaks of its own accord: [`send`](Self::send) between two turns.
    ///
    /// # Errors
    /// Those of [`run`](Self::run).
    pub fn turn(
        &mut self,
        wait: Option<Duration>,
        mut handle: impl FnMut(Event<Payload<'_>>, &mut Connection<R>, &mut SendBuffer) -> Sent,
    ) -> io::Result<bool> {
        let limit = wait.map(|wait| self.start.elapsed().saturating_add(wait));
        let mut waited = false;
        loop {
            self.leave();
            waited |= self.receive(&mut handle).map_err(io::Error::other)?;
            if let Some(goes_on) = self.try_step(limit, &mut waited)? {
                return Ok(goes_on);
            }
        }
    }

    /// Goes on until something was read.
    fn go_on(&mut self) -> io::Result<()> {
        let mut waited = false;
        while !waited {
            if self.try_step(None, &mut waited)? == Some(false) {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(())
    }

    /// Takes all events that are there, and returns whether there were any. An error is final: the
    /// Close that tells the peer is on its way, and `result` says why in the end.
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
                // What comes between our Close and the peer's cannot be answered.
                Ok(()) | Err(SendError::Closed) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(came)
    }

    fn leave(&mut self) {
        if self.leaving.is_some_and(|leaving| leaving.load(Ordering::Relaxed)) {
            self.leaving = None;
            let _ = self.close(Some(Close::new(CloseCode::GOING_AWAY, ""))); // unless it was sent
        }
    }

    /// As [`step`](Self::step); what ended the connection before the socket failed says more.
    fn try_step(&mut self, limit: Option<Duration>, waited: &mut bool) -> io::Result<Option<bool>> {
        let done = self.step(limit, waited);
        if done.is_err() {
            self.driver.result()?;
        }
        done
    }

    /// Does what is to be done next; with `Some`, a turn is over, and with `false`, everything is.
    fn step(&mut self, limit: Option<Duration>, waited: &mut bool) -> io::Result<Option<bool>> {
        let now = self.start.elapsed();
        match self.driver.next(now) {
            Step::Write { until } => {
                self.write(wait(until, now).min(LOOK))?;
                if !self.driver.output.is_empty() && self.driver.wants_input() {
                    *waited |= self.read(SOON)?; // full: a peer that waits for us is heard
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
                self.socket.write_timeout(Some(FAREWELL))?;
                self.flush().and_then(|()| ignore_end(self.socket.shutdown()))?;
            }
            end @ (Step::Expired(_) | Step::Finished) => {
                if end != Step::Finished {
                    let _ = self.write(SOON); // a Close, if the socket takes it at once
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
            Ok(0) => Err(ErrorKind::WriteZero.into()),
            Ok(written) => {
                output.advance(written);
                self.unflushed = true;
                if output.is_empty() { self.flush() } else { Ok(()) }
            }
            Err(error) if is_no_end(&error) => Ok(()),
            // What is owed to a peer that has said everything can no longer be told.
            Err(_) if self.driver.is_open() && !self.driver.connection.is_receiving() => {
                self.driver.output.advance(usize::MAX);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Lets go what waits in the socket, as far as the peer takes it in time.
    fn flush(&mut self) -> io::Result<()> {
        if !self.unflushed {
            return Ok(());
        }
        match self.socket.flush() {
            Err(error) if is_no_end(&error) => Ok(()),
            flushed => {
                self.unflushed = false;
                flushed
            }
        }
    }

    /// Reads once, and returns whether something came.
    fn read(&mut self, wait: Duration) -> io::Result<bool> {
        self.flush()?;
        let looks = self.leaving.is_some() || self.unflushed;
        let wait = if looks { wait.min(LOOK) } else { wait };
        self.socket.read_timeout((wait < Duration::MAX).then_some(wait))?;
        match self.socket.read(self.driver.input.space()) {
            Ok(read) => {
                self.driver.handle_read(read);
                Ok(true)
            }
            Err(error) if is_no_end(&error) => Ok(false),
            // How the stream ends does not matter once both ends have said everything.
            Err(_) if self.driver.is_heard_out() => {
                self.driver.handle_read(0);
                Ok(true)
            }
            Err(error) => Err(error),
        }
    }
}

/// How long to wait from `now` on.
fn wait(until: Option<Duration>, now: Duration) -> Duration {
    until.map_or(Duration::MAX, |until| until.saturating_sub(now).max(SOON))
}

/// Whether an error says no more than that nothing happened in time. Windows says `TimedOut` of that;
/// elsewhere, systems say it (ETIMEDOUT) of a connection whose peer has acknowledged nothing for minutes.
fn is_no_end(error: &io::Error) -> bool {
    match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::Interrupted => true,
        ErrorKind::TimedOut => cfg!(windows) || error.raw_os_error().is_none(),
        _ => false,
    }
}

/// A peer that is gone already needs no shutdown.
fn ignore_end(shut: io::Result<()>) -> io::Result<()> {
    match shut {
        Err(error) if matches!(error.kind(), ErrorKind::NotConnected | ErrorKind::BrokenPipe) => {
            Ok(())
        }
        shut => shut,
    }
}
