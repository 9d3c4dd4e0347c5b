//! A connection over any stream of tokio's, in one task.

use crate::Outcome;
use bytes::BytesMut;
use patchcord::{Connection, Event, Expired, Limits, Role, State};
use std::future::pending;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::time::{Instant, sleep_until, timeout};

/// With more than this to write, nothing is read: who does not listen is not listened to.
pub(crate) const BACKLOG: usize = 64 * 1024;

/// How long the peer may take to end its stream, when all is said.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// How long a peer that fell silent may take to be told so.
pub(crate) const FAREWELL: Duration = Duration::from_secs(1);

/// A connection and its stream.
///
/// What is to be said is sent into `out`, with the verbs of `connection`, and
/// [`next`](Self::next) writes it while it waits for the peer.
pub struct WebSocket<S, R> {
    pub connection: Connection<R>,
    pub out: BytesMut,
    reader: ReadHalf<S>,
    writer: WriteHalf<S>,
    input: BytesMut,
    /// Whether all that was ever put into `out` has left this process.
    flushed: bool,
    expired: Option<Expired>,
    start: Instant,
}

impl<S: AsyncRead + AsyncWrite, R: Role> WebSocket<S, R> {
    /// From the end of the opening handshake on, with what was read behind it.
    pub fn new(stream: S, connection: Connection<R>, input: BytesMut) -> Self {
        let (reader, writer) = tokio::io::split(stream);
        let (out, start) = (BytesMut::new(), Instant::now());
        Self { connection, out, reader, writer, input, flushed: true, expired: None, start }
    }

    /// What the peer says next; `None` when all is said, and the stream is to be [ended](Self::end).
    ///
    /// Cancel safe: each read and each write that took place is noted in `self` before the next
    /// `await`, so this may lose a race in `select!` at any time, and be called again.
    ///
    /// # Errors
    /// When the peer went away or fell silent.
    pub async fn next(&mut self) -> Outcome<Option<Event<BytesMut>>> {
        loop {
            if let Ok(Some(event)) = self.connection.receive(&mut self.input) {
                self.connection.flush(&mut self.out)?; // the answer to a ping or a Close
                return Ok(Some(event));
            }
            let expired = self.connection.on_time(self.start.elapsed());
            self.expired = self.expired.or(expired);
            self.connection.flush(&mut self.out)?;
            if let Some(expired) = self.expired {
                let _ = timeout(FAREWELL, write(&mut self.writer, &mut self.out)).await;
                return Err(expired.into());
            }
            self.flushed &= self.out.is_empty();
            if self.flushed && self.connection.is_finished() {
                return Ok(None);
            }
            let deadline = self.connection.next_deadline().map(|at| self.start + at);
            let listens = self.connection.is_receiving() && self.out.len() < BACKLOG;
            self.input.reserve(Limits::WHOLE as usize);
            tokio::select! {
                written = write(&mut self.writer, &mut self.out), if !self.flushed => {
                    written?;
                    self.flushed = true;
                }
                read = self.reader.read_buf(&mut self.input), if listens => if read? == 0 {
                    self.connection.end_of_stream(&self.input)?;
                },
                () = wait_until(deadline) => {} // for `on_time`
            }
        }
    }

    /// Ends the stream: the server does so first, and the client waits for it (RFC 6455 section
    /// 7.1.1). Neither drops its socket before it has seen the other's end, since bytes that are
    /// still on their way would be lost. How the stream ends after both Closes is not an error: a
    /// reset, TLS without its close_notify, or a peer that takes too long changes nothing any more.
    ///
    /// # Errors
    /// When the peer broke a rule, which it was told by then.
    pub async fn end(mut self) -> Outcome {
        let ended = async {
            if !R::MASKS {
                self.writer.shutdown().await?;
            }
            while self.reader.read_buf(&mut self.input).await? > 0 {
                self.input.clear();
            }
            if R::MASKS {
                self.writer.shutdown().await?;
            }
            Ok::<(), io::Error>(())
        };
        let _ = timeout(PATIENCE, ended).await;
        match self.connection.state() {
            State::Failed(error) => Err(error.into()),
            _ => Ok(()),
        }
    }
}

/// Writes and flushes; who drops this in between calls it again.
async fn write(writer: &mut (impl AsyncWrite + Unpin), out: &mut BytesMut) -> io::Result<()> {
    writer.write_all_buf(out).await?;
    writer.flush().await
}

/// Waits, for ever if there is no deadline.
pub(crate) async fn wait_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => pending().await,
    }
}
