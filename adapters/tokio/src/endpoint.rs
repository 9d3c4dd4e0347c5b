//! A driver of either role: which one is known when the connection opens, and not by type, so that
//! a program has one type for all of its WebSockets.

use crate::{CloseFrame, Error, Message};
use bytes::Bytes;
use patchcord::payload::Payload;
use patchcord::{
    Client, Close, CloseCode, Connection, Driver, Event, Prepared, ReceiveBuffer, Role, SendBuffer,
    Server, SharedMessage, State, Step, ThreadEntropy,
};
use std::time::Duration;

pub(crate) enum Endpoint {
    Server(Driver<Server>),
    Client(Driver<Client<ThreadEntropy>>),
}

/// Does the same to either driver.
macro_rules! each {
    ($endpoint:expr, $driver:ident => $done:expr) => {
        match $endpoint {
            Endpoint::Server($driver) => $done,
            Endpoint::Client($driver) => $done,
        }
    };
}

/// Whether to hand on the next event, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    More,
    Enough,
}

/// 4 KiB: from this length on, a slice of its own costs a vectored write less than copying does.
const SHARED: usize = 4096;

/// What came of taking events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Received {
    pub(crate) events: u32,
    /// There may be more, and they were not looked at.
    pub(crate) enough: bool,
}

/// How many events are handed on before other tasks have their turn: some hundred microseconds' worth.
const EVENTS: u32 = 1024;

impl Endpoint {
    #[inline]
    pub(crate) fn input(&mut self) -> &mut ReceiveBuffer {
        each!(self, driver => &mut driver.input)
    }

    /// How much was read and not consumed.
    #[inline]
    pub(crate) fn unread(&self) -> usize {
        each!(self, driver => driver.input.as_ref().len())
    }

    #[inline]
    pub(crate) fn output(&self) -> &SendBuffer {
        each!(self, driver => &driver.output)
    }

    #[inline]
    pub(crate) fn output_mut(&mut self) -> &mut SendBuffer {
        each!(self, driver => &mut driver.output)
    }

    #[inline]
    pub(crate) fn is_open(&self) -> bool {
        each!(self, driver => driver.is_open())
    }

    pub(crate) fn state(&self) -> State {
        each!(self, driver => driver.connection.state())
    }

    /// Whether a Close was sent by this end, or waits to be written.
    pub(crate) fn has_said_close(&self) -> bool {
        each!(self, driver => driver.connection.close_sent().is_some())
    }

    /// Whether nothing that the peer could say means anything.
    pub(crate) fn is_heard_out(&self) -> bool {
        each!(self, driver => !(driver.is_open() && driver.connection.is_receiving()))
    }

    pub(crate) fn wants_input(&self) -> bool {
        each!(self, driver => driver.wants_input())
    }

    pub(crate) fn read(&mut self, count: usize) {
        each!(self, driver => driver.handle_read(count));
    }

    pub(crate) fn next(&mut self, now: Duration) -> Step {
        each!(self, driver => driver.next(now))
    }

    pub(crate) fn result(&self) -> Result<(), Error> {
        each!(self, driver => driver.result()).map_err(Error::from)
    }

    /// Hands on the events that are there. An error is final: the Close that tells the peer is on its
    /// way, and `result` says why in the end.
    #[inline]
    pub(crate) fn receive(&mut self, listener: &mut impl Listener) -> Received {
        match self {
            Self::Server(driver) => receive(driver, of_server, listener),
            Self::Client(driver) => receive(driver, of_client, listener),
        }
    }

    /// Whether what is next is the peer's Close.
    #[inline]
    pub(crate) fn is_close_next(&self) -> bool {
        each!(self, driver => driver.connection.is_close_next(&driver.input))
    }

    #[inline]
    pub(crate) fn answers(&mut self) -> Answers<'_> {
        match self {
            Self::Server(driver) => of_server(&mut driver.connection, &mut driver.output),
            Self::Client(driver) => of_client(&mut driver.connection, &mut driver.output),
        }
    }
}

#[inline]
fn receive<R: Role, L: Listener>(
    driver: &mut Driver<R>,
    answers: impl for<'a> Fn(&'a mut Connection<R>, &'a mut SendBuffer) -> Answers<'a>,
    listener: &mut L,
) -> Received {
    let mut received = Received::default();
    if driver.input.as_ref().is_empty() || !driver.is_open() {
        return received;
    }
    let Driver { connection, input, output, .. } = driver;
    let mut input = input.unconsumed();
    while !received.enough {
        if !L::HEARS_CLOSE && connection.is_close_next(&*input) {
            received.enough = true;
            break;
        }
        let Ok(Some(event)) = connection.receive(&mut input, output) else { break };
        received.events += 1;
        let flow = listener.hear(event, answers(connection, output));
        received.enough = flow == Flow::Enough || received.events == EVENTS;
    }
    received
}

/// What events are handed to.
pub(crate) trait Listener {
    /// Whether a Close is taken when it comes. It is answered then, and nothing can be sent any more;
    /// so what only sends leaves it to the one that receives.
    const HEARS_CLOSE: bool = true;

    fn hear(&mut self, event: Event<Payload<'_>>, answers: Answers<'_>) -> Flow;
}

/// Nobody: what comes is dropped.
pub(crate) struct Nobody;

impl Listener for Nobody {
    fn hear(&mut self, _: Event<Payload<'_>>, _: Answers<'_>) -> Flow {
        Flow::More
    }
}

impl<F: FnMut(Event<Payload<'_>>, Answers<'_>) -> Flow> Listener for F {
    #[inline]
    fn hear(&mut self, event: Event<Payload<'_>>, answers: Answers<'_>) -> Flow {
        self(event, answers)
    }
}

/// A caller's function, and the mistake that it made.
pub(crate) struct Handle<F> {
    handle: F,
    mistake: Option<Error>,
}

impl<F: FnMut(Event<Payload<'_>>, &mut Answers<'_>) -> Result<(), Error>> Handle<F> {
    pub(crate) const fn new(handle: F) -> Self {
        Self { handle, mistake: None }
    }

    /// The function as endpoints call it. What comes behind an own Close cannot be answered, and
    /// that is not a mistake.
    pub(crate) fn by(&mut self) -> impl FnMut(Event<Payload<'_>>, Answers<'_>) -> Flow {
        |event, mut answers| match (self.handle)(event, &mut answers) {
            Ok(()) | Err(Error::Closed) => Flow::More,
            Err(error) => {
                self.mistake = Some(error);
                Flow::Enough
            }
        }
    }

    pub(crate) fn check(&mut self) -> Result<(), Error> {
        self.mistake.take().map_or(Ok(()), Err)
    }
}

/// Where answers go while events are handed on: into the output, to leave with one write.
pub struct Answers<'a>(Either<'a>);

enum Either<'a> {
    Server(&'a mut Connection<Server>, &'a mut SendBuffer),
    Client(&'a mut Connection<Client<ThreadEntropy>>, &'a mut SendBuffer),
}

macro_rules! either {
    ($answers:expr, $connection:ident, $out:ident => $done:expr) => {
        match $answers {
            Either::Server($connection, $out) => $done,
            Either::Client($connection, $out) => $done,
        }
    };
}

const fn of_server<'a>(
    connection: &'a mut Connection<Server>,
    out: &'a mut SendBuffer,
) -> Answers<'a> {
    Answers(Either::Server(connection, out))
}

const fn of_client<'a>(
    connection: &'a mut Connection<Client<ThreadEntropy>>,
    out: &'a mut SendBuffer,
) -> Answers<'a> {
    Answers(Either::Client(connection, out))
}

impl Answers<'_> {
    /// Sends a message, whose payload is copied once; a text is compressed if that was agreed on.
    ///
    /// # Errors
    /// When a Close was sent, or the connection is over.
    #[inline]
    pub fn send(&mut self, message: patchcord::Message<'_>) -> Result<(), Error> {
        #[cfg(feature = "deflate")]
        if let patchcord::Message::Text(_) = message {
            let sent =
                either!(&mut self.0, connection, out => connection.send_compressed(message, out));
            return Ok(sent?);
        }
        Ok(either!(&mut self.0, connection, out => connection.send(message, out))?)
    }

    /// Sends binary data by reference if it is long, and if it need not be masked.
    fn send_bytes(&mut self, bytes: &Bytes) -> Result<(), Error> {
        match &mut self.0 {
            Either::Server(connection, out) if bytes.len() >= SHARED => {
                Ok(connection.send_shared(SharedMessage::Binary(bytes.clone()), out)?)
            }
            _ => self.send(patchcord::Message::Binary(bytes)),
        }
    }

    /// Sends a message that was encoded before, for this and other connections; its bytes are shared.
    ///
    /// # Errors
    /// When a Close was sent, the connection is over, or this is a client's end.
    pub fn send_prepared(&mut self, message: &Prepared) -> Result<(), Error> {
        match &mut self.0 {
            Either::Server(connection, out) => Ok(connection.send_prepared(message, out)?),
            // RFC 6455 section 5.3: a client masks each frame with a key of its own.
            Either::Client(..) => Err(Error::Invalid),
        }
    }

    /// Begins the closing handshake.
    ///
    /// # Errors
    /// When a Close was sent already, the connection is over, or the code is one that is never sent.
    pub fn close(&mut self, close: Option<&CloseFrame>) -> Result<(), Error> {
        let close = match close {
            None => None,
            Some(CloseFrame { code, reason }) => {
                let code = CloseCode::new(*code).ok_or(Error::Invalid)?;
                Some(Close::cut(code, reason))
            }
        };
        Ok(either!(&mut self.0, connection, out => connection.close(close, out))?)
    }

    #[inline]
    pub(crate) fn say(&mut self, message: &Message) -> Result<(), Error> {
        match message {
            Message::Text(text) => self.send(patchcord::Message::Text(text)),
            Message::Binary(bytes) => self.send_bytes(bytes),
            Message::Ping(bytes) => {
                Ok(either!(&mut self.0, connection, out => connection.ping(bytes, out))?)
            }
            Message::Pong(bytes) => {
                Ok(either!(&mut self.0, connection, out => connection.pong(bytes, out))?)
            }
            Message::Close(close) => self.close(close.as_ref()),
        }
    }
}
