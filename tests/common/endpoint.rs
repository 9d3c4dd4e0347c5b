//! A connection of either role under one type, so that a test can loop over both.

use super::{Receive, Side};
use bytes::BufMut;
#[cfg(feature = "deflate")]
use patchcord::deflate::{Agreed, Compression, Engines};
use patchcord::{
    Client, Close, CloseCode, Config, Connection, Entropy, Event, Expired, Fragment, Input, Kind,
    Lost, Message, ProtocolError, SendError, Server, State, Vectored,
};
use std::time::Duration;

/// A source whose words all differ, the same at each run.
#[derive(Debug, Default)]
pub(crate) struct Counting(u32);

impl Entropy for Counting {
    fn fill(&mut self, bytes: &mut [u8]) {
        for word in bytes.chunks_mut(4) {
            self.0 = self.0.wrapping_add(0x9e37_79b9);
            word.copy_from_slice(&self.0.to_be_bytes()[..word.len()]);
        }
    }
}

pub(crate) enum Endpoint {
    Server(Connection<Server>),
    Client(Connection<Client<Counting>>),
}

macro_rules! each {
    ($endpoint:expr, $connection:ident => $call:expr) => {
        match $endpoint {
            Endpoint::Server($connection) => $call,
            Endpoint::Client($connection) => $call,
        }
    };
}

impl Receive for Endpoint {
    fn receive<I: Input>(
        &mut self,
        input: &mut I,
    ) -> Result<Option<Event<I::Payload>>, ProtocolError> {
        each!(self, connection => connection.receive(input))
    }

    fn after(&self) -> (Option<State>, Vec<u8>) {
        (Some(self.state()), self.pending().to_vec())
    }
}

impl Endpoint {
    pub(crate) fn new(side: Side, config: Config) -> Self {
        match side {
            Side::Server => Self::Server(Connection::server(config)),
            Side::Client => Self::Client(Connection::client(Counting::default(), config)),
        }
    }

    pub(crate) fn open(side: Side) -> Self {
        Self::new(side, Config::default())
    }

    pub(crate) fn side(&self) -> Side {
        match self {
            Self::Server(_) => Side::Server,
            Self::Client(_) => Side::Client,
        }
    }

    /// Takes a frame of the peer's, and returns what is wrong with it if something is.
    pub(crate) fn hear(&mut self, first: u8, payload: &[u8]) -> Result<(), ProtocolError> {
        let frame = self.side().frame(first, payload);
        super::run(self, &[&frame]).error.map_or(Ok(()), Err)
    }

    /// The frames that are pending, and marks them as sent.
    pub(crate) fn say(&mut self) -> Vec<(u8, Vec<u8>)> {
        let frames = self.side().wrote(self.pending());
        self.sent(self.pending().len());
        frames
    }

    pub(crate) fn close_with(&mut self, code: u16, reason: &str) -> Result<(), SendError> {
        self.close(Some(Close::new(CloseCode::new(code).unwrap(), reason)))
    }

    pub(crate) fn send(
        &mut self,
        message: Message<'_>,
        out: &mut impl BufMut,
    ) -> Result<(), SendError> {
        each!(self, connection => connection.send(message, out))
    }

    pub(crate) fn send_in_place<'a>(
        &mut self,
        kind: Kind,
        payload: &'a mut [u8],
    ) -> Result<Vectored<'a>, SendError> {
        each!(self, connection => connection.send_in_place(kind, payload))
    }

    pub(crate) fn send_fragment(
        &mut self,
        fragment: Fragment<&[u8]>,
        out: &mut impl BufMut,
    ) -> Result<(), SendError> {
        each!(self, connection => connection.send_fragment(fragment, out))
    }

    pub(crate) fn ping(&mut self, payload: &[u8], out: &mut impl BufMut) -> Result<(), SendError> {
        each!(self, connection => connection.ping(payload, out))
    }

    pub(crate) fn close(&mut self, close: Option<Close<&[u8]>>) -> Result<(), SendError> {
        each!(self, connection => connection.close(close))
    }

    pub(crate) fn pending(&self) -> &[u8] {
        each!(self, connection => connection.pending())
    }

    pub(crate) fn sent(&mut self, count: usize) {
        each!(self, connection => connection.sent(count));
    }

    pub(crate) fn flush(&mut self, out: &mut impl BufMut) -> Result<(), SendError> {
        each!(self, connection => connection.flush(out))
    }

    pub(crate) fn end_of_stream(&mut self, rest: &[u8]) -> Result<(), Lost> {
        each!(self, connection => connection.end_of_stream(rest))
    }

    pub(crate) fn on_time(&mut self, now: Duration) -> Option<Expired> {
        each!(self, connection => connection.on_time(now))
    }

    pub(crate) fn next_deadline(&self) -> Option<Duration> {
        each!(self, connection => connection.next_deadline())
    }

    pub(crate) fn state(&self) -> State {
        each!(self, connection => connection.state())
    }

    pub(crate) fn is_finished(&self) -> bool {
        each!(self, connection => connection.is_finished())
    }
}

#[cfg(feature = "deflate")]
impl Endpoint {
    pub(crate) fn with_deflate(
        self,
        agreed: Agreed,
        compression: Compression,
        engines: &Engines,
    ) -> Self {
        match self {
            Self::Server(server) => Self::Server(server.with_deflate(agreed, compression, engines)),
            Self::Client(client) => Self::Client(client.with_deflate(agreed, compression, engines)),
        }
    }

    pub(crate) fn send_compressed(
        &mut self,
        message: Message<'_>,
        out: &mut impl BufMut,
    ) -> Result<(), SendError> {
        each!(self, connection => connection.send_compressed(message, out))
    }

    pub(crate) fn send_compressed_fragment(
        &mut self,
        fragment: Fragment<&[u8]>,
        out: &mut impl BufMut,
    ) -> Result<(), SendError> {
        each!(self, connection => connection.send_compressed_fragment(fragment, out))
    }
}
