//! One process with its end of the connection, driven as the documentation says.

use super::link::Link;
use bytes::Buf;
use patchcord::{
    Close, CloseCode, Connection, Event, Expired, Message, Next, ReceiveBuffer, Role, SendBuffer,
};
use std::time::Duration;

/// What an end has to say of its own accord.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Speech {
    pub(crate) bytes: usize,
    /// All of it in one message, or as the buffer empties.
    pub(crate) at_once: bool,
    /// With 1001, behind the last byte.
    pub(crate) then_close: bool,
}

impl Speech {
    pub(crate) const fn silent() -> Self {
        Self { bytes: 0, at_once: false, then_close: false }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Finished,
    Expired(Expired),
}

#[derive(Debug)]
pub(crate) struct End<R> {
    pub(crate) connection: Connection<R>,
    input: ReceiveBuffer,
    out: SendBuffer,
    speech: Speech,
    pub(crate) pings: usize,
    pub(crate) heard: usize,
    /// What the other end's application got, filled in at the end of a run.
    pub(crate) heard_by_peer: usize,
    pub(crate) ended: Option<Ended>,
    /// When that was.
    pub(crate) at: Duration,
}

impl<R: Role> End<R> {
    pub(crate) fn new(connection: Connection<R>, speech: Speech) -> Self {
        Self {
            connection,
            input: ReceiveBuffer::default(),
            out: SendBuffer::new(),
            speech,
            pings: 0,
            heard: 0,
            heard_by_peer: 0,
            ended: None,
            at: Duration::ZERO,
        }
    }

    /// Does everything that can be done now, and returns until when to wait. A process that was
    /// paused asks for the time before it looks at the socket, which is the worst order.
    pub(crate) fn act(
        &mut self,
        now: Duration,
        from: &mut Link,
        to: &mut Link,
    ) -> Option<Duration> {
        loop {
            self.speak();
            match self.connection.handle_timeout(now, &mut self.out) {
                Next::Write { until } => {
                    if self.write(now, to) == 0 && !self.read(now, from) {
                        let room = to.has_room_at(now);
                        return [until, room].into_iter().flatten().min();
                    }
                }
                Next::Wait { until } => {
                    assert!(self.out.is_empty(), "something is to be written");
                    if !self.read(now, from) {
                        return until;
                    }
                }
                Next::Look => {
                    self.read(now, from);
                    self.write(now, to);
                }
                Next::Expired(expired) => return self.end(now, Ended::Expired(expired)),
                Next::Finished => {
                    assert!(self.out.is_empty(), "finished means written");
                    to.ended = true;
                    return self.end(now, Ended::Finished);
                }
            }
        }
    }

    fn end(&mut self, now: Duration, ended: Ended) -> Option<Duration> {
        (self.ended, self.at) = (Some(ended), now);
        None
    }

    /// Puts what is to be said into the buffer, as far as a bounded backlog allows.
    fn speak(&mut self) {
        while self.speech.bytes > 0 && (self.speech.at_once || self.out.remaining() < 64 << 10) {
            let most = if self.speech.at_once { usize::MAX } else { 9600 };
            let message = vec![7; self.speech.bytes.min(most)];
            self.connection.send(Message::Binary(&message), &mut self.out).unwrap();
            self.speech.bytes -= message.len();
        }
        if self.speech.bytes == 0 && std::mem::take(&mut self.speech.then_close) {
            let close = Close::new(CloseCode::GOING_AWAY, "");
            self.connection.close(Some(close), &mut self.out).unwrap();
        }
    }

    fn write(&mut self, now: Duration, to: &mut Link) -> usize {
        let written = to.write(now, self.out.chunk());
        self.out.advance(written);
        written
    }

    fn read(&mut self, now: Duration, from: &mut Link) -> bool {
        let come = from.read(now);
        let mut later = &come[..];
        while !later.is_empty() {
            let space = self.input.space();
            let (piece, rest) = later.split_at(space.len().min(10_000).min(later.len()));
            space[..piece.len()].copy_from_slice(piece);
            self.input.filled(piece.len());
            later = rest;
            let mut input = self.input.unconsumed();
            while let Some(event) = self.connection.receive(&mut input, &mut self.out).unwrap() {
                match event {
                    Event::Binary(payload) => self.heard += payload.len(),
                    Event::Pong(_) => self.pings += 1,
                    _ => {}
                }
            }
        }
        !come.is_empty()
    }
}
