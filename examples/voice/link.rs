//! A session on a socket: between two turns of [`WebSocket`], it says what it has to say.
//!
//! ```text
//!      +--> speak, up to a limit --> turn: write all of it, read, hear --+
//!      |                                                                 |
//!      +-----------------------------------------------------------------+
//! ```
//! The limit is [`Driver::BACKLOG`]. What the peer has to be told at once, a pong or a Close, waits
//! behind no more than that, and a session with megabytes to say continues as the peer takes them.

use crate::failure::Failure;
use crate::leaving::LEAVING;
use crate::line::{Line, Session};
use crate::meter::{Meter, Metered, Traffic};
use patchcord::blocking::WebSocket;
use patchcord::{
    Config, Connection, Driver, Event, Limits, Message, Payload, Role, SendBuffer, SendError,
    State, Timeouts,
};
use std::rc::Rc;
use std::time::Duration;

/// Either end sends a ping after five seconds of silence, and gives up ten seconds later: a peer
/// that vanished sends no end of stream.
pub(crate) const TIMEOUTS: Timeouts = Timeouts {
    opening: Some(Timeouts::OPENING),
    ping_interval: Some(Duration::from_secs(5)),
    pong: Some(Duration::from_secs(10)),
    close: Some(Duration::from_secs(5)),
    write: Some(Timeouts::WRITE),
};

pub(crate) fn config(timeouts: Timeouts) -> Config {
    // Eight seconds of audio in one message are more than anybody sends.
    let limits = Limits { frame: 256 * 1024, message: 256 * 1024, ..Limits::default() };
    Config { limits, timeouts, ..Config::default() }
}

/// An open connection.
pub(crate) struct Link<R> {
    socket: WebSocket<Metered, R>,
    meter: Rc<Meter>,
    /// Why the peer closed the connection, in its words.
    pub(crate) reason: String,
}

impl<R: Role> Link<R> {
    /// Takes a socket that was just opened, with the negotiated connection.
    pub(crate) fn new(
        mut socket: WebSocket<Metered, R>,
        connection: Connection<R>,
        meter: Rc<Meter>,
    ) -> Self {
        socket.driver.connection = connection;
        Self { socket: socket.leave_when(&LEAVING), meter, reason: String::new() }
    }

    pub(crate) fn state(&self) -> State {
        self.socket.driver.connection.state()
    }

    pub(crate) fn traffic(&self) -> Traffic {
        self.meter.traffic()
    }

    /// Lets a session have its conversation, from the end of the opening handshake to that of TCP.
    pub(crate) fn run(&mut self, session: &mut impl Session<R>) -> Result<(), Failure> {
        let Self { socket, meter, reason } = self;
        loop {
            let Driver { connection, output, .. } = &mut socket.driver;
            let patience = speak(session, &mut Line { connection, out: output, meter })?;
            let hear = |event: Event<Payload<'_>>,
                        connection: &mut Connection<R>,
                        out: &mut SendBuffer| {
                meter.heard();
                let heard = hear(event, session, &mut Line { connection, out, meter }, reason);
                meter.start();
                heard
            };
            if !socket.turn((patience < Duration::MAX).then_some(patience), hear)? {
                return Ok(());
            }
        }
    }
}

/// Hands an event to the session, and lets it answer at once: the peer's Close may be next, and
/// nothing can be said after that.
fn hear<R: Role>(
    event: Event<Payload<'_>>,
    session: &mut impl Session<R>,
    line: &mut Line<'_, R>,
    reason: &mut String,
) -> Result<(), SendError> {
    match event {
        Event::Text(text) => line.hear(Message::Text(&text), session)?,
        Event::Binary(bytes) => line.hear(Message::Binary(&bytes), session)?,
        Event::Pong(payload) => session.hear_pong(&payload),
        Event::Close(Some(close)) => *reason = close.reason.to_string(),
        _ => {}
    }
    speak(session, line).map(drop)
}

/// Lets the session speak until it has no more to say, or enough waits to be written; returns how
/// long to wait for the peer before it is asked again.
fn speak<R: Role>(
    session: &mut impl Session<R>,
    line: &mut Line<'_, R>,
) -> Result<Duration, SendError> {
    while line.is_open() {
        if !line.has_room() {
            return Ok(Duration::ZERO);
        }
        let patience = session.speak(line)?;
        if !patience.is_zero() {
            return Ok(patience);
        }
    }
    Ok(Duration::MAX)
}
