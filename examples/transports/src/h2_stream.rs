//! A connection in a stream of HTTP/2.
//!
//! The stream's DATA is the transport: what was received is given back to the peer's window, what
//! is sent waits for ours, and END_STREAM stands for the end of TCP (RFC 8441 section 5).

use crate::Outcome;
use crate::websocket::{BACKLOG, PATIENCE, wait_until};
use bytes::{Bytes, BytesMut};
use h2::{Reason, RecvStream, SendStream};
use patchcord::{Connection, Event, Role, State};
use std::future::poll_fn;
use tokio::time::{Instant, timeout};

/// As [`WebSocket`](crate::websocket::WebSocket), with what h2 has in place of a stream.
pub struct H2Stream<R> {
    pub connection: Connection<R>,
    pub out: BytesMut,
    sender: SendStream<Bytes>,
    receiver: RecvStream,
    input: BytesMut,
    start: Instant,
}

impl<R: Role> H2Stream<R> {
    pub fn new(connection: Connection<R>, sender: SendStream<Bytes>, receiver: RecvStream) -> Self {
        let (out, input, start) = (BytesMut::new(), BytesMut::new(), Instant::now());
        Self { connection, out, sender, receiver, input, start }
    }

    /// What the peer says next; `None` when all is said, and the stream is to be
    /// [ended](Self::end). Cancel safe.
    ///
    /// # Errors
    /// When the peer went away or fell silent.
    pub async fn next(&mut self) -> Outcome<Option<Event<BytesMut>>> {
        loop {
            if let Ok(Some(event)) = self.connection.receive(&mut self.input) {
                self.connection.flush(&mut self.out)?;
                return Ok(Some(event));
            }
            if let Some(expired) = self.connection.on_time(self.start.elapsed()) {
                // The peer is told why if its window has room, and its stream is reset after that.
                self.connection.flush(&mut self.out)?;
                self.sender.reserve_capacity(self.out.len());
                match self.sender.capacity() < self.out.len() {
                    true => self.sender.send_reset(Reason::CANCEL),
                    false => self.sender.send_data(self.out.split().freeze(), true)?,
                }
                // Its frames leave before its handles are dropped.
                tokio::task::yield_now().await;
                return Err(expired.into());
            }
            self.connection.flush(&mut self.out)?;
            if self.out.is_empty() && self.connection.is_finished() {
                return Ok(None);
            }
            let deadline = self.connection.next_deadline().map(|at| self.start + at);
            let listens = self.connection.is_receiving() && self.out.len() < BACKLOG;
            tokio::select! {
                room = room(&mut self.sender, self.out.len()), if !self.out.is_empty() => {
                    let frame = self.out.split_to(room?.min(self.out.len()));
                    self.sender.send_data(frame.freeze(), false)?;
                }
                data = self.receiver.data(), if listens => match data {
                    Some(data) => self.take(&data?)?,
                    None => self.connection.end_of_stream(&self.input)?,
                },
                () = wait_until(deadline) => {} // for `on_time`
            }
        }
    }

    fn take(&mut self, data: &Bytes) -> Result<(), h2::Error> {
        self.input.extend_from_slice(data);
        self.receiver.flow_control().release_capacity(data.len())
    }

    /// Ends the stream: the server does so first, and the client waits for it (RFC 6455 section
    /// 7.1.1).
    ///
    /// # Errors
    /// When the peer broke a rule, which it was told by then.
    pub async fn end(mut self) -> Outcome {
        let ended = async {
            if !R::MASKS {
                self.sender.send_data(Bytes::new(), true)?;
            }
            while let Some(data) = self.receiver.data().await {
                self.take(&data?)?;
            }
            if R::MASKS {
                self.sender.send_data(Bytes::new(), true)?;
            }
            Ok::<(), h2::Error>(())
        };
        let _ = timeout(PATIENCE, ended).await; // after both Closes, how it ends is not an error
        match self.connection.state() {
            State::Failed(error) => Err(error.into()),
            _ => Ok(()),
        }
    }
}

/// How much may be sent now, of `wanted` bytes; waits until it is some.
async fn room(sender: &mut SendStream<Bytes>, wanted: usize) -> Outcome<usize> {
    sender.reserve_capacity(wanted);
    match sender.capacity() {
        0 => {}
        room => return Ok(room),
    }
    let room = poll_fn(|context| sender.poll_capacity(context)).await;
    Ok(room.ok_or("the stream was ended before everything was said")??)
}
