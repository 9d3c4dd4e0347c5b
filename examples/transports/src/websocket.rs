//! A connection over any stream of tokio's, in one task.

use crate::leaving::{is_leaving, leaves};
use crate::lent::lend;
use bytes::Buf;
use patchcord::payload::Payload;
use patchcord::{Close, CloseCode, Connection, Driver, Event, Role, SendBuffer, SendError, Step};
use std::future::poll_fn;
use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::futures::Notified;
use tokio::time::{Instant, Sleep, sleep};

/// How much a connection reads and writes before the other tasks of its thread have their turn:
/// each time counts as one, and so do every [`SOME`] bytes.
const BUSY: usize = 16;

/// 64 KiB.
const SOME: usize = 64 * 1024;

/// How long a peer at its end may take to accept what TLS or HTTP/2 still holds for it.
const FAREWELL: Duration = Duration::from_secs(1);

/// The opcode of a Close (RFC 6455 section 5.2).
const CLOSE: u8 = 0x8;

/// How many events are handled before other tasks have their turn: some hundred microseconds' worth.
pub(crate) const EVENTS: u32 = 1024;

/// How many parts are written at once; only shared frames make more than one.
const SLICES: usize = 16;

/// Whether something could be sent.
pub type Sent = Result<(), SendError>;

/// A connection and its stream.
///
/// [`turn`](Self::turn) and [`run`](Self::run) hand each event to a function, with the connection
/// and the buffer to answer into, and do everything else: they write while they wait for the peer,
/// so that neither end can block the other, keep the deadlines, leave when the process does, and
/// end the stream so that nothing on its way is lost. What is said between two turns is sent into
/// `driver.output`, with the verbs of `driver.connection`.
pub struct WebSocket<S, R> {
    pub driver: Driver<R>,
    stream: S,
    start: Instant,
    /// Set again if a deadline moves forward, and otherwise only once it has run out: nearly every
    /// message postpones the deadlines.
    timer: Pin<Box<Sleep>>,
    /// Tells when the process leaves, until it does.
    leaves: Option<Pin<Box<Notified<'static>>>>,
    /// Whether written bytes may still wait in the stream, as in TLS.
    unflushed: bool,
    shutting: bool,
    /// When to stop waiting for that.
    gone: Option<Duration>,
    /// Whether nothing is read, because the application is behind.
    paused: bool,
    /// Since when the connection's clock has stood still.
    stands: Option<Instant>,
    /// Whether events are answered after the turn that brought them, and before a Close is.
    pub(crate) answers_later: bool,
    /// How much it read and wrote since other tasks had their turn: see [`BUSY`].
    busy: usize,
}

impl<S: AsyncRead + AsyncWrite + Unpin, R: Role> WebSocket<S, R> {
    /// Takes over a connection whose opening handshake somebody else did, such as hyper.
    pub fn opened(stream: S, mut driver: Driver<R>) -> Self {
        let Ok(_) = driver.open(|_, _| Ok::<_, std::convert::Infallible>(Some(())));
        Self::new(stream, driver)
    }

    pub(crate) fn new(stream: S, driver: Driver<R>) -> Self {
        Self {
            driver,
            stream,
            start: Instant::now(),
            timer: Box::pin(sleep(Duration::ZERO)),
            leaves: Some(Box::pin(leaves())),
            unflushed: false,
            shutting: false,
            gone: None,
            paused: false,
            stands: None,
            answers_later: false,
            busy: 0,
        }
    }

    /// Hands all events to `handle` until the connection is over and the stream at its end.
    ///
    /// # Errors
    /// When the peer broke a rule or went away without a Close, a deadline passed, the stream
    /// failed, or `handle` made a mistake.
    pub async fn run(
        &mut self,
        mut handle: impl FnMut(Event<Payload<'_>>, &mut Connection<R>, &mut SendBuffer) -> Sent,
    ) -> io::Result<()> {
        while self.turn(&mut handle).await? {}
        Ok(())
    }

    /// Writes what waits, reads once, hands the events to `handle`, and writes the
    /// answers. Returns whether the connection continues.
    ///
    /// Cancel safe: each read and each write that took place is noted in `self` at once, so this
    /// may lose a race in `select!` at any time, and be called again.
    ///
    /// # Errors
    /// Those of [`run`](Self::run).
    pub async fn turn(
        &mut self,
        mut handle: impl FnMut(Event<Payload<'_>>, &mut Connection<R>, &mut SendBuffer) -> Sent,
    ) -> io::Result<bool> {
        poll_fn(|context| {
            lend(self, |socket| &mut socket.driver, |socket| socket.poll_turn(context, &mut handle))
        })
        .await
    }

    /// Stops reading, or resumes it. While the application is what everything waits for, the
    /// deadlines stand still, since a peer that nobody reads cannot be heard. They run while output
    /// waits, since everything then waits for the peer; and after a Close, which
    /// nothing postpones.
    pub fn pause(&mut self, pause: bool) {
        if !pause {
            self.runs_again();
        }
        self.paused = pause;
    }

    fn runs_again(&mut self) {
        if let Some(since) = self.stands.take() {
            self.start += since.elapsed();
        }
    }

    fn poll_turn(
        &mut self,
        context: &mut Context<'_>,
        handle: &mut impl FnMut(Event<Payload<'_>>, &mut Connection<R>, &mut SendBuffer) -> Sent,
    ) -> Poll<io::Result<bool>> {
        if self.busy >= BUSY {
            self.busy = 0;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let (mut has_heard, mut was_read) = (false, false);
        loop {
            self.leave(context);
            if !self.paused {
                has_heard = has_heard || self.receive(handle).map_err(io::Error::other)?;
            }
            let now = self.now();
            let (writes, until) = match self.driver.next(now) {
                Step::Write { until } => (true, until),
                Step::Wait { until } => (false, until),
                Step::Look => {
                    let _ = self.poll_write(context)?;
                    let _ = self.poll_read(context)?;
                    continue;
                }
                Step::Shutdown => {
                    self.shutting = true;
                    self.poll_end_of_output(context);
                    continue;
                }
                Step::Expired(_) => {
                    let _ = self.poll_write(context); // a Close, if the stream takes it at once
                    ready!(self.poll_last(context));
                    return Poll::Ready(Err(failure(&self.driver)));
                }
                Step::Finished => {
                    ready!(self.poll_last(context));
                    self.driver.result()?;
                    return Poll::Ready(Ok(false));
                }
            };
            if writes && self.poll_write(context)?.is_ready() {
                continue;
            }
            self.poll_end_of_output(context);
            if has_heard || was_read {
                return Poll::Ready(Ok(true));
            }
            if self.poll_read(context)?.is_ready() {
                was_read = true;
                continue;
            }
            if self.poll_timer(until, context).is_ready() {
                continue;
            }
            self.busy = 0;
            return Poll::Pending;
        }
    }

    /// Returns the time on the connection's clock.
    fn now(&mut self) -> Duration {
        let Driver { connection, output, .. } = &self.driver;
        if connection.close_sent().is_some() || !output.is_empty() {
            self.runs_again();
        } else if self.paused && self.stands.is_none() {
            self.stands = Some(Instant::now());
        }
        self.stands.unwrap_or_else(Instant::now).saturating_duration_since(self.start)
    }

    /// Takes all events that have arrived, and returns whether there were any. An error is final: the
    /// Close that tells the peer is on its way, and `result` says why in the end.
    fn receive(
        &mut self,
        handle: &mut impl FnMut(Event<Payload<'_>>, &mut Connection<R>, &mut SendBuffer) -> Sent,
    ) -> Result<bool, SendError> {
        if !self.driver.is_open() {
            return Ok(false);
        }
        let Driver { connection, input, output, .. } = &mut self.driver;
        let mut input = input.unconsumed();
        let mut received = 0;
        while received < EVENTS
            && let Ok(Some(event)) = connection.receive(&mut input, output)
        {
            received += 1;
            match handle(event, connection, output) {
                // What arrives between our Close and the peer's cannot be answered.
                Ok(()) | Err(SendError::Closed) => {}
                Err(error) => return Err(error),
            }
            if self.answers_later && input.first().is_some_and(|first| first & 0x0f == CLOSE) {
                break; // it gets a turn of its own, since it is answered at once
            }
        }
        if received == EVENTS {
            self.busy = BUSY;
        }
        Ok(received > 0)
    }

    /// Says 1001 when the process leaves.
    fn leave(&mut self, context: &mut Context<'_>) {
        let Some(leaves) = self.leaves.as_mut().filter(|_| self.driver.is_open()) else { return };
        if leaves.as_mut().poll(context).is_ready() || is_leaving() {
            self.leaves = None;
            let close = Some(Close::new(CloseCode::GOING_AWAY, ""));
            // Unless one was sent.
            let _ = self.driver.connection.close(close, &mut self.driver.output);
        }
    }

    /// Writes once.
    fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let output = &mut self.driver.output;
        if output.is_empty() {
            return Poll::Ready(Ok(()));
        }
        let mut slices = [IoSlice::new(&[]); SLICES];
        let count = output.chunks_vectored(&mut slices);
        let stream = Pin::new(&mut self.stream);
        let written = match ready!(stream.poll_write_vectored(context, &slices[..count])) {
            Ok(0) => Err(ErrorKind::WriteZero.into()),
            written => written,
        };
        self.busy += 1;
        self.unflushed = true;
        match written {
            Ok(written) => {
                self.busy += written / SOME;
                self.driver.output.advance(written);
            }
            // The peer has said its last word, and may be gone.
            Err(_) if self.is_heard_out() => {
                let all = self.driver.output.remaining();
                self.driver.output.advance(all);
            }
            Err(error) => return Poll::Ready(Err(error)),
        }
        Poll::Ready(Ok(()))
    }

    /// Flushes and shuts down, when that is due. How it goes does not matter: the peer notices
    /// what was lost, and a failed stream tells its readers so.
    fn poll_end_of_output(&mut self, context: &mut Context<'_>) {
        if self.unflushed && Pin::new(&mut self.stream).poll_flush(context).is_ready() {
            self.unflushed = false;
        }
        if self.shutting && Pin::new(&mut self.stream).poll_shutdown(context).is_ready() {
            self.shutting = false;
        }
    }

    /// Waits for what the stream holds to leave, and for the end of TLS, if they do soon.
    fn poll_last(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.poll_end_of_output(context);
        if !self.shutting && !self.unflushed {
            return Poll::Ready(());
        }
        let gone = *self.gone.get_or_insert_with(|| self.start.elapsed() + FAREWELL);
        self.poll_timer(Some(gone), context)
    }

    /// Reads once, if the connection wants to.
    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.paused || !self.driver.wants_input() {
            return Poll::Pending;
        }
        let mut space = ReadBuf::new(self.driver.input.space());
        let read = ready!(Pin::new(&mut self.stream).poll_read(context, &mut space));
        let count = space.filled().len();
        self.busy += 1 + count / SOME;
        match read {
            Ok(()) => self.driver.handle_read(count),
            // How the stream ends does not matter once both ends have said everything: a reset, or
            // TLS without its close_notify.
            Err(_) if self.is_heard_out() => self.driver.handle_read(0),
            Err(error) => return Poll::Ready(Err(error)),
        }
        Poll::Ready(Ok(()))
    }

    /// Returns whether nothing that the peer could still say matters.
    fn is_heard_out(&self) -> bool {
        !(self.driver.is_open() && self.driver.connection.is_receiving())
    }

    fn poll_timer(&mut self, until: Option<Duration>, context: &mut Context<'_>) -> Poll<()> {
        let Some(until) = until.filter(|_| self.stands.is_none()) else { return Poll::Pending };
        let until = self.start + until;
        loop {
            if self.timer.is_elapsed() || until < self.timer.deadline() {
                self.timer.as_mut().reset(until);
            }
            ready!(self.timer.as_mut().poll(context));
            if until <= Instant::now() {
                return Poll::Ready(());
            }
        }
    }
}

fn failure<R: Role>(driver: &Driver<R>) -> io::Error {
    driver.result().err().map_or(ErrorKind::TimedOut.into(), Into::into)
}
