//! A connection of either role under one type, and what can be said on it.

use patchcord::payload::PayloadBytes;
use patchcord::{
    Client, Close, CloseCode, Config, Connection, ConnectionLost, Entropy, Event, Fragment,
    Message, MessageKind, Next, Outgoing, Prepared, ProtocolError, ReceiveBuffer, SendBuffer,
    SendError, Server, State,
};
use std::time::Duration;

/// Which end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Client,
    Server,
}

pub(crate) const BOTH: [Side; 2] = [Side::Client, Side::Server];

/// One key for all frames, so that how many there were makes no difference to a state.
pub(crate) struct OneKey;

impl Entropy for OneKey {
    fn fill(&mut self, bytes: &mut [u8]) {
        bytes.iter_mut().zip([0x37, 0xfa, 0x21, 0x3d]).for_each(|(byte, key)| *byte = key);
    }
}

/// Every verb of a connection that says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Verb {
    /// `send`
    Send,
    /// `send_in_place`, of which nothing is written before it is dropped.
    InPlace,
    /// `send_borrowed`, of which all but the last byte is written at once; by a server.
    Borrowed,
    /// `send_prepared`; by a server.
    Prepared,
    /// `send_fragment`: the first of a text, which ends inside a character.
    First,
    /// A fragment that ends that character, and begins another.
    More,
    /// The last one.
    Last,
    /// `ping`
    Ping,
    /// So many pings of 125 bytes that not all of their pongs may wait.
    Pings,
    /// `close`, with a code of its own for each end.
    Close,
    /// `close` without a code.
    CloseWithout,
}

pub(crate) const VERBS: [Verb; 11] = [
    Verb::Send,
    Verb::InPlace,
    Verb::Borrowed,
    Verb::Prepared,
    Verb::First,
    Verb::More,
    Verb::Last,
    Verb::Ping,
    Verb::Pings,
    Verb::Close,
    Verb::CloseWithout,
];

/// Twice as many as the pongs that may wait: 10 KB of them.
const PINGS: usize = 80;

#[derive(Debug)]
pub(crate) enum Connected {
    Client(Connection<Client<OneKey>>),
    Server(Connection<Server>),
}

/// An event.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// A part of a message, and whether it is the last: whole messages have one.
    Data(MessageKind, Vec<u8>, bool),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Option<CloseCode>),
}

impl<P: PayloadBytes> From<Event<P>> for Heard {
    fn from(event: Event<P>) -> Self {
        match event {
            Event::Text(text) => Self::Data(MessageKind::Text, text.as_bytes().to_vec(), true),
            Event::Binary(octets) => {
                Self::Data(MessageKind::Binary, octets.as_ref().to_vec(), true)
            }
            Event::Fragment(Fragment { kind, last, payload, .. }) => {
                Self::Data(kind, payload.as_ref().to_vec(), last)
            }
            Event::Ping(octets) => Self::Ping(octets.as_ref().to_vec()),
            Event::Pong(octets) => Self::Pong(octets.as_ref().to_vec()),
            Event::Close(close) => Self::Close(close.map(|close| close.code)),
        }
    }
}

macro_rules! each {
    ($connected:expr, $connection:ident => $call:expr) => {
        match $connected {
            Connected::Client($connection) => $call,
            Connected::Server($connection) => $call,
        }
    };
}

impl Connected {
    pub(crate) fn new(side: Side, config: Config) -> Self {
        match side {
            Side::Client => Self::Client(Connection::client(OneKey, config)),
            Side::Server => Self::Server(Connection::server(config)),
        }
    }

    /// Says it, number `count` of its kind; what was written at once is handed to `write`.
    pub(crate) fn say(
        &mut self,
        verb: Verb,
        count: u8,
        out: &mut SendBuffer,
        write: impl FnOnce(&mut Outgoing<'_>),
    ) -> Result<(), SendError> {
        let binary = [count];
        match (verb, self) {
            (Verb::InPlace, connected) => {
                let mut payload = binary;
                each!(connected, c => c.send_in_place(MessageKind::Binary, &mut payload, out))
                    .map(drop)
            }
            (Verb::Borrowed, Self::Server(server)) => server
                .send_borrowed(Message::Binary(&binary), out)
                .map(|mut frame| write(&mut frame)),
            (Verb::Prepared, Self::Server(server)) => {
                server.send_prepared(&Prepared::new(Message::Binary(&binary)), out)
            }
            (Verb::Send | Verb::Borrowed | Verb::Prepared, connected) => {
                each!(connected, c => c.send(Message::Text(&text(count)), out))
            }
            (Verb::First | Verb::More | Verb::Last, connected) => {
                let (first, last) = (verb == Verb::First, verb == Verb::Last);
                let payload = part(verb);
                each!(connected, c => c.send_fragment(Fragment { kind: MessageKind::Text, first, last, payload }, out))
            }
            (Verb::Ping, connected) => each!(connected, c => c.ping(&binary, out)),
            (Verb::Pings, connected) => (0..PINGS).try_for_each(
                |number| each!(&mut *connected, c => c.ping(&[number as u8; 125], out)),
            ),
            (Verb::Close, connected) => {
                let code = CloseCode::new(connected.code());
                let close = code.map(|code| Close::new(code, "bye"));
                each!(connected, c => c.close(close, out))
            }
            (Verb::CloseWithout, connected) => each!(connected, c => c.close(None, out)),
        }
    }

    /// What this end closes with.
    fn code(&self) -> u16 {
        match self {
            Self::Client(_) => 1000,
            Self::Server(_) => 4009,
        }
    }

    /// The next event.
    pub(crate) fn receive(
        &mut self,
        input: &mut ReceiveBuffer,
        out: &mut SendBuffer,
    ) -> Result<Option<Heard>, ProtocolError> {
        let mut input = input.unconsumed();
        let event = each!(self, c => c.receive(&mut input, out))?;
        Ok(event.map(Heard::from))
    }

    pub(crate) fn handle_timeout(&mut self, now: Duration, out: &mut SendBuffer) -> Next {
        each!(self, c => c.handle_timeout(now, out))
    }

    pub(crate) fn end_of_stream(&mut self, rest: &ReceiveBuffer) -> Result<(), ConnectionLost> {
        each!(self, c => c.end_of_stream(rest))
    }

    pub(crate) fn state(&self) -> State {
        each!(self, c => c.state())
    }

    pub(crate) fn close_sent(&self) -> Option<Option<CloseCode>> {
        each!(self, c => c.close_sent())
    }

    pub(crate) fn close_received(&self) -> Option<Option<CloseCode>> {
        each!(self, c => c.close_received())
    }

    pub(crate) fn is_receiving(&self) -> bool {
        each!(self, c => c.is_receiving())
    }
}

/// Two bytes of UTF-8, so that a cut can be inside a character.
pub(crate) fn text(count: u8) -> String {
    char::from(0xe0 + count % 0x20).to_string()
}

/// What a fragment carries.
pub(crate) fn part(verb: Verb) -> &'static [u8] {
    match verb {
        Verb::First => b"\xc3",
        Verb::More => b"\xa9\xc3",
        _ => b"\xa8",
    }
}
