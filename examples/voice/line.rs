//! What sessions speak into: a connection, its output, and a meter.

use crate::compression::Compressing;
use crate::meter::Meter;
use bytes::Buf;
use patchcord::{
    Close, CloseCode, Connection, Driver, Message, Role, SendBuffer, SendError, State,
};
use serde_json::Value;
use std::time::{Duration, Instant};

/// What one end has to say, whatever the transport.
pub(crate) trait Session<R> {
    /// Takes a message from the peer, and answers it if necessary.
    fn hear(&mut self, message: Message<'_>, line: &mut Line<'_, R>) -> Result<(), SendError>;

    /// Takes the answer to a ping, with its payload.
    fn hear_pong(&mut self, _: &[u8]) {}

    /// Says something unasked.
    ///
    /// Returns after what time to ask again, if nothing is heard until then; zero
    /// if it has more to say.
    fn speak(&mut self, line: &mut Line<'_, R>) -> Result<Duration, SendError>;
}

/// One end of a connection, without its socket.
pub(crate) struct Line<'link, R> {
    pub(crate) connection: &'link mut Connection<R>,
    /// The output, still to be written.
    pub(crate) out: &'link mut SendBuffer,
    pub(crate) meter: &'link Meter,
}

impl<R: Role> Line<'_, R> {
    /// Sends a message: appends it to the output. Text is compressed if that was
    /// agreed on; compressing audio would only take time.
    pub(crate) fn say(&mut self, message: Message<'_>) -> Result<(), SendError> {
        let begin = Instant::now();
        match message {
            Message::Text(_) => Compressing::send(self.connection, message, self.out)?,
            Message::Binary(_) => self.connection.send(message, self.out)?,
        }
        self.meter.count_sent(message, begin.elapsed());
        Ok(())
    }

    /// Sends a JSON text.
    pub(crate) fn say_json(&mut self, message: &Value) -> Result<(), SendError> {
        self.say(Message::Text(&message.to_string()))
    }

    /// Sends a ping, which the peer answers with the same payload.
    pub(crate) fn ping(&mut self, payload: &[u8]) -> Result<(), SendError> {
        self.connection.ping(payload, self.out)
    }

    /// Begins the closing handshake, unless it was begun.
    pub(crate) fn close(&mut self, code: CloseCode, reason: &str) -> Result<(), SendError> {
        match self.is_open() {
            true => self.connection.close(Some(Close::cut(code, reason)), self.out),
            false => Ok(()),
        }
    }

    /// Returns whether something may be said.
    pub(crate) fn is_open(&self) -> bool {
        self.connection.state() == State::Open
    }

    /// Returns whether so little waits to be written that more may be said unasked.
    pub(crate) fn has_room(&self) -> bool {
        self.out.remaining() <= Driver::<R>::BACKLOG
    }

    pub(crate) fn hear(
        &mut self,
        message: Message<'_>,
        session: &mut impl Session<R>,
    ) -> Result<(), SendError> {
        self.meter.count_received(message);
        session.hear(message, self)
    }
}
