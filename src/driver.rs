//! One end of a WebSocket for its whole life, without I/O: the opening handshake, the connection
//! and the end.

mod step;

pub use step::Step;

use crate::codec::{Client, ReceiveBuffer, Role, SendBuffer, Server};
use crate::connection::{Config, Connection, ConnectionLost, Expired, Failure, Next, State};
use crate::entropy::Entropy;
use crate::handshake::server::{Refusal, Request, RequestReader, Response};
use alloc::vec::Vec;
use bytes::Buf;
use core::time::Duration;

/// A connection with its buffers, from the first byte of the opening handshake to the end of the
/// transport.
///
/// Whatever the transport, the program around a driver does five things:
///
/// 1. until [`is_open`](Self::is_open), call [`accept`](Self::accept) or [`open`](Self::open);
/// 2. then take all events: `connection.receive(&mut input.unconsumed(), &mut output)`;
/// 3. ask [`next`](Self::next) what to do;
/// 4. write from `output`;
/// 5. read into `input.space()`, and report the number of bytes to
///    [`handle_read`](Self::handle_read).
///
/// ```
/// use bytes::Buf;
/// use patchcord::handshake::{admission::Admission, server::RequestReader};
/// use patchcord::{Config, Driver, Event, Message, Step};
/// use std::io::{Read, Write};
/// use std::time::Instant;
///
/// fn echo(socket: &mut (impl Read + Write)) -> Result<(), Box<dyn std::error::Error>> {
///     let mut driver = Driver::server(Config::default());
///     let mut reader = RequestReader::new(Admission::any());
///     let start = Instant::now();
///     loop {
///         if driver.is_open() || driver.accept(&mut reader, |request| Ok(request.response()))? {
///             let Driver { connection, input, output, .. } = &mut driver;
///             let mut input = input.unconsumed();
///             while let Ok(Some(event)) = connection.receive(&mut input, output) {
///                 if let Event::Text(text) = event {
///                     connection.send(Message::Text(&text), output)?;
///                 }
///             }
///         }
///         match driver.next(start.elapsed()) {
///             Step::Write { .. } => {
///                 let written = socket.write(driver.output.chunk())?;
///                 driver.output.advance(written);
///             }
///             Step::Wait { .. } | Step::Look => {
///                 let read = socket.read(driver.input.space())?;
///                 driver.handle_read(read);
///             }
///             Step::Shutdown => {} // of the writing side: `TcpStream::shutdown`
///             Step::Expired(_) | Step::Finished => return Ok(driver.result()?),
///         }
///     }
/// }
/// # struct Loop<'a>(&'a [u8], Vec<u8>);
/// # impl Read for Loop<'_> {
/// #     fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> { self.0.read(to) }
/// # }
/// # impl Write for Loop<'_> {
/// #     fn write(&mut self, from: &[u8]) -> std::io::Result<usize> { self.1.write(from) }
/// #     fn flush(&mut self) -> std::io::Result<()> { Ok(()) }
/// # }
/// # let bytes = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
/// #     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n\
/// #     \x81\x81\0\0\0\0x\x88\x82\0\0\0\0\x03\xe8";
/// # let mut socket = Loop(bytes, Vec::new());
/// # echo(&mut socket).unwrap();
/// # assert!(socket.1.ends_with(b"\r\n\r\n\x81\x01x\x88\x02\x03\xe8"));
/// ```
///
/// For a socket of `std`, [`blocking::WebSocket`](crate::blocking::WebSocket) is this loop.
#[doc(alias("sans-io", "event loop"))]
#[derive(Debug)]
#[non_exhaustive]
pub struct Driver<R> {
    /// The connection, which carries messages once [`is_open`](Self::is_open) returns true.
    pub connection: Connection<R>,
    /// The bytes that were read.
    pub input: ReceiveBuffer,
    /// The bytes to be written.
    pub output: SendBuffer,
    phase: Phase,
    /// The time at which the opening handshake, or the end of the transport, is late.
    late: Option<Duration>,
    /// True once the peer has ended its stream.
    ended: bool,
    /// True once this end has shut down its side.
    shut: bool,
    /// The bytes that waited to be written at the last read, until the answers to it are counted.
    unanswered: Option<usize>,
    /// The bytes of answers that wait to be written, at most.
    answers: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Opening {
        within: Option<Duration>,
    },
    /// The request was refused, and the refusal may still be waiting to be written.
    Refused {
        within: Option<Duration>,
    },
    Open,
    Ending,
    /// The opening handshake was not completed.
    NotOpened(Failure),
}

impl Driver<Server> {
    /// Makes a server's end, which waits for a request.
    #[must_use]
    pub fn server(config: Config) -> Self {
        Self::new(Connection::server(config), config)
    }

    /// Reads the request, and sends the response of `answer` once the request has arrived in full.
    /// Returns whether the connection is open.
    ///
    /// # Errors
    /// When the request was refused, by its reader or by `answer`. The refusal is then in the
    /// output, and [`next`](Self::next) leads to the end of the transport.
    pub fn accept<'a>(
        &'a mut self,
        reader: &mut RequestReader<'_>,
        answer: impl FnOnce(&Request<'a>) -> Result<Response<'a>, Refusal>,
    ) -> Result<bool, Refusal> {
        if self.is_open() {
            return Ok(true);
        }
        let opened = self.open(|input, out| {
            // Refusals are written below as well, so that no caller can forget to.
            let accepted = match reader.read(input) {
                Ok(None) => return Ok(None),
                Ok(Some(request)) => answer(&request).and_then(|response| Ok(response.write(out)?)),
                Err(error) => Err(error.into()),
            };
            accepted.map(Some).inspect_err(|refusal| {
                let _ = refusal.write(out); // a `Vec` always has room
            })
        })?;
        Ok(opened.is_some())
    }
}

impl<E: Entropy> Driver<Client<E>> {
    /// Makes a client's end, which draws its masking keys from `entropy`. Write the request into
    /// [`output`](Self::output) first:
    ///
    /// ```
    /// # #[cfg(all(feature = "getrandom", feature = "std"))]
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use patchcord::handshake::{Url, client::Request};
    /// use patchcord::{Config, Driver, ThreadEntropy};
    ///
    /// let mut driver = Driver::client(ThreadEntropy, Config::default());
    /// let request = Request::new(Url::parse("ws://localhost/chat")?);
    /// let mut reader = driver.output.head(|out| request.write(&mut ThreadEntropy, out))?;
    /// // after each read:
    /// let answer = driver.open(|input, _| reader.read(input))?;
    /// # assert!(answer.is_none());
    /// # Ok(())
    /// # }
    /// # #[cfg(not(all(feature = "getrandom", feature = "std")))]
    /// # fn main() {}
    /// ```
    #[must_use]
    pub fn client(entropy: E, config: Config) -> Self {
        Self::new(Connection::client(entropy, config), config)
    }
}

impl<R: Role> Driver<R> {
    fn new(connection: Connection<R>, config: Config) -> Self {
        Self {
            connection,
            input: ReceiveBuffer::default(),
            output: SendBuffer::new(),
            phase: Phase::Opening { within: config.timeouts.opening },
            late: None,
            ended: false,
            shut: false,
            unanswered: None,
            answers: 0,
        }
    }

    /// 64 KiB: while more than that waits to be written in answer to what was read, nothing is
    /// read. An end that sends of its own accord should also stop there until the peer has caught
    /// up.
    #[doc(alias("backpressure", "max_write_buffer_size"))]
    pub const BACKLOG: usize = 64 * 1024;

    /// Passes the input to `read`, which takes the peer's head from its front and may append this
    /// end's answer to the output. When `read` returns `Some`, the connection is open. Once it is
    /// open, or can no longer open, `read` is not called and the result is `None`.
    ///
    /// This is for custom handshakes; servers usually call [`accept`](Self::accept).
    ///
    /// # Errors
    /// The errors of `read`: the connection is refused, and anything that was appended is written
    /// before the end.
    pub fn open<'a, T, E>(
        &'a mut self,
        read: impl FnOnce(&mut &'a [u8], &mut Vec<u8>) -> Result<Option<T>, E>,
    ) -> Result<Option<T>, E> {
        let Phase::Opening { within } = self.phase else {
            return Ok(None); // the rest of the input is not a head
        };
        let output = &mut self.output;
        let opened = self.input.head(|input| output.head(|out| read(input, out)));
        match opened {
            Ok(None) => {}
            Ok(Some(_)) => self.phase = Phase::Open,
            Err(_) => self.phase = Phase::Refused { within },
        }
        opened
    }

    /// Returns whether the opening handshake is done and the connection has not ended: events may
    /// arrive, and messages may be sent.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.phase == Phase::Open
    }

    /// Returns whether all further input can be ignored: the peer has said everything, was refused,
    /// or did not open the connection.
    #[cfg(feature = "std")]
    pub(crate) fn is_heard_out(&self) -> bool {
        match self.phase {
            Phase::Opening { .. } => false,
            Phase::Open => !self.connection.is_receiving(),
            _ => true,
        }
    }

    /// Returns whether to read: true until the peer has said everything, as long as it accepts its
    /// answers.
    ///
    /// Everything put into `output` between [`handle_read`](Self::handle_read) and the following
    /// [`next`](Self::next) counts as an answer. While more than [`BACKLOG`](Self::BACKLOG) bytes
    /// of answers wait, the peer is not read from, or its questions would pile up answers. What an
    /// end sends of its own accord never stops its reading: two ends that both have much to send,
    /// and both did not read, would wait for each other.
    #[doc(alias = "backpressure")]
    #[must_use]
    pub fn wants_input(&self) -> bool {
        let speaks = self.phase != Phase::Open || self.connection.is_receiving();
        // The minimum, because answers that have left no longer count.
        speaks && !self.ended && self.answers.min(self.output.remaining()) <= Self::BACKLOG
    }

    /// Notes that `count` bytes were read into `input.space()`, or 0 at the end of the stream.
    /// Bytes that arrived earlier can still be taken: only [`next`](Self::next) ends the
    /// connection.
    pub fn handle_read(&mut self, count: usize) {
        // Counted before the mark moves: the output so far answers the reads before this one.
        self.count_answers();
        self.unanswered = Some(self.output.remaining());
        self.input.filled(count);
        if let Phase::Refused { .. } | Phase::Ending = self.phase {
            self.input.head(|input| *input = &[]); // this input is ignored
        }
        self.ended |= count == 0;
    }

    /// Counts what this end has said since the last read.
    fn count_answers(&mut self) {
        let waits = self.output.remaining();
        if let Some(before) = self.unanswered.take() {
            self.answers = self.answers.saturating_add(waits.saturating_sub(before));
        }
        self.answers = self.answers.min(waits);
    }

    /// Returns the next step, as [`Connection::handle_timeout`] does, for the whole life of the
    /// connection: `now` is the time since a fixed point of the caller's choice.
    ///
    /// Call it when all events were taken, and after each write. At the end it tells when to shut
    /// down this end's side, and then waits for the peer to end its own, so that no byte in transit
    /// is lost to a reset. A server shuts down first, and a client waits for it (section 7.1.1).
    pub fn next(&mut self, now: Duration) -> Step {
        self.count_answers();
        match self.phase {
            // The rest of the head can no longer arrive.
            Phase::Opening { .. } if self.ended => {
                self.phase = Phase::NotOpened(Failure::Lost(ConnectionLost::InsideHandshake));
                Step::Finished
            }
            Phase::Opening { within } => self.opening(now, within),
            // The refusal has the rest of the handshake's time to leave.
            Phase::Refused { within } if !self.output.is_empty() => self.opening(now, within),
            Phase::Open => self.connected(now),
            Phase::Refused { .. } | Phase::Ending => self.end(now),
            Phase::NotOpened(Failure::Expired(expired)) => Step::Expired(expired),
            Phase::NotOpened(_) => Step::Finished,
        }
    }

    fn connected(&mut self, now: Duration) -> Step {
        if self.ended {
            let _ = self.connection.end_of_stream(&self.input); // `result` reports what was cut off
        }
        match self.connection.handle_timeout(now, &mut self.output) {
            Next::Finished => self.end(now),
            next => next.into(),
        }
    }

    fn opening(&mut self, now: Duration, within: Option<Duration>) -> Step {
        let until = self.late(now, within);
        if until.is_some_and(|until| until <= now) {
            self.phase = Phase::NotOpened(Failure::Expired(Expired::Opening));
            return Step::Expired(Expired::Opening);
        }
        if self.output.is_empty() { Step::Wait { until } } else { Step::Write { until } }
    }

    fn end(&mut self, now: Duration) -> Step {
        if self.phase != Phase::Ending {
            // The end of the transport has a time span of its own.
            (self.phase, self.late) = (Phase::Ending, None);
            let _ = self.output.take_progress(0); // the buffer may go to another connection
        }
        // Section 7.1.1: after a closing handshake the server ends TCP first, so that it and not
        // the client is left in TIME_WAIT.
        let waits_for_server = R::MASKS && matches!(self.connection.state(), State::Closed { .. });
        if !self.shut && (self.ended || !waits_for_server) {
            self.shut = true;
            return Step::Shutdown;
        }
        // A peer that never ends its stream must not keep the socket.
        let until = self.late(now, self.connection.end_within());
        if self.ended || until.is_some_and(|until| until <= now) {
            return Step::Finished;
        }
        Step::Wait { until }
    }

    /// Returns the end of a time span that began when this was first called.
    fn late(&mut self, now: Duration, span: Option<Duration>) -> Option<Duration> {
        if self.late.is_none() {
            self.late = span.map(|span| now.saturating_add(span));
        }
        self.late
    }

    /// Returns how the connection ended, or `Ok` as long as it has not failed.
    ///
    /// # Errors
    /// When the opening handshake was not completed, the peer broke a rule or disappeared without a
    /// Close, or a deadline passed. A refusal is reported by [`open`](Self::open) instead.
    pub fn result(&self) -> Result<(), Failure> {
        match self.phase {
            Phase::NotOpened(failure) => Err(failure),
            _ => self.connection.result(),
        }
    }
}
