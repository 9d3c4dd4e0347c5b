//! A connection with its output buffer and two meters: what sessions speak into.

use crate::compression::Compressing;
use patchcord::{
    Close, CloseCode, Connection, Event, Message, Payload, ReceiveBuffer, Role, SendError, State,
    Unconsumed,
};
use serde_json::Value;
use std::time::{Duration, Instant};

/// What one end has to say, whatever the transport.
pub(crate) trait Session<R> {
    /// Takes a message of the peer's, and answers it if it must be.
    fn hear(&mut self, message: Message<'_>, line: &mut Line<R>) -> Result<(), SendError>;

    /// Says something unasked, when all that was said before is on its way.
    ///
    /// Returns after what time it is to be asked again, if nothing is heard until then.
    fn speak(&mut self, line: &mut Line<R>) -> Result<Duration, SendError>;
}

/// One end of a connection, without its socket.
pub(crate) struct Line<R> {
    pub(crate) connection: Connection<R>,
    /// What is to be written.
    pub(crate) out: Vec<u8>,
    pub(crate) traffic: Traffic,
    /// Why the peer closed the connection, in its words.
    pub(crate) reason: String,
}

/// What went over a line in each direction.
#[derive(Clone, Copy, Default)]
pub(crate) struct Traffic {
    pub(crate) sent: Direction,
    pub(crate) received: Direction,
}

#[derive(Clone, Copy, Default)]
pub(crate) struct Direction {
    /// Messages, each of which is one frame here.
    pub(crate) frames: u32,
    /// The bytes of these messages.
    pub(crate) payload: usize,
    /// All bytes that went through the socket: heads, headers, pings and all.
    pub(crate) wire: usize,
    /// The time spent in `send` or `receive`.
    pub(crate) codec: Duration,
}

impl<R: Role> Line<R> {
    pub(crate) fn new(connection: Connection<R>) -> Self {
        Self { connection, out: Vec::new(), traffic: Traffic::default(), reason: String::new() }
    }

    /// Sends a message: appends it to what is to be written. Text goes compressed if that was
    /// agreed on; audio would only take longer.
    pub(crate) fn say(&mut self, message: Message<'_>) -> Result<(), SendError> {
        let begin = Instant::now();
        match message {
            Message::Text(_) => Compressing::send(&mut self.connection, message, &mut self.out)?,
            Message::Binary(_) => self.connection.send(message, &mut self.out)?,
        }
        self.traffic.sent.codec += begin.elapsed();
        self.traffic.sent.count(message);
        Ok(())
    }

    /// Sends a JSON text.
    pub(crate) fn say_json(&mut self, message: &Value) -> Result<(), SendError> {
        self.say(Message::Text(&message.to_string()))
    }

    /// Begins the closing handshake, unless that was done.
    pub(crate) fn close(&mut self, code: CloseCode, reason: &str) -> Result<(), SendError> {
        if self.is_open() { self.connection.close(Some(Close::new(code, reason))) } else { Ok(()) }
    }

    /// Whether something may be said.
    pub(crate) fn is_open(&self) -> bool {
        self.connection.state() == State::Open
    }

    /// Hands all messages that are in `buffer` to the session: the receive loop.
    ///
    /// An error of the peer's ends the loop like the end of the input does: the connection
    /// remembers it, and has a Close pending that says so.
    pub(crate) fn hear(
        &mut self,
        buffer: &mut ReceiveBuffer,
        session: &mut impl Session<R>,
    ) -> Result<(), SendError> {
        let mut input = buffer.unconsumed();
        if input.is_empty() {
            return Ok(()); // the meter is to show what frames cost, not what it costs to ask
        }
        while let Some(event) = self.receive(&mut input) {
            let message = match &event {
                Event::Text(text) => Message::Text(text),
                Event::Binary(octets) => Message::Binary(octets),
                Event::Close(Some(close)) => {
                    self.reason = close.reason.to_string();
                    continue;
                }
                // The pong or the Close that is owed now is pending in the connection.
                _ => continue,
            };
            self.traffic.received.count(message);
            session.hear(message, self)?;
        }
        Ok(())
    }

    fn receive<'buffer>(
        &mut self,
        input: &mut Unconsumed<'buffer>,
    ) -> Option<Event<Payload<'buffer>>> {
        let begin = Instant::now();
        let received = self.connection.receive(input);
        self.traffic.received.codec += begin.elapsed();
        received.ok().flatten()
    }
}

impl Direction {
    fn count(&mut self, message: Message<'_>) {
        self.frames += 1;
        self.payload += match message {
            Message::Text(text) => text.len(),
            Message::Binary(octets) => octets.len(),
        };
    }
}
