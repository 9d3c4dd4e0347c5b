//! A connection of either role under one type, so that a test can loop over both.

use super::{Receive, Side};
use bytes::{Buf, BufMut};
#[cfg(feature = "deflate")]
use patchcord::deflate::{Agreed, Compression, Engines};
use patchcord::{
    Client, Close, CloseCode, Config, Connection, ConnectionLost, Entropy, Event, Expired, Failure,
    Fragment, Input, Message, MessageKind, Next, Outgoing, ProtocolError, SendBuffer, SendError,
    Server, State,
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

/// A connection, and the buffer into which its control frames go. Messages are sent into what each
/// test says, to be looked at by themselves.
pub(crate) struct Endpoint {
    connection: Role,
    pub(crate) out: SendBuffer,
    /// When time was last told, and until when to wait since.
    told: Option<Duration>,
    until: Option<Duration>,
}

enum Role {
    Server(Connection<Server>),
    Client(Connection<Client<Counting>>),
}

macro_rules! each {
    ($endpoint:expr, $connection:ident => $call:expr) => {
        match $endpoint {
            Role::Server($connection) => $call,
            Role::Client($connection) => $call,
        }
    };
}

impl Receive for Endpoint {
    fn receive<I: Input>(
        &mut self,
        input: &mut I,
    ) -> Result<Option<Event<I::Payload>>, ProtocolError> {
        each!(&mut self.connection, connection => connection.receive(input, &mut self.out))
    }

    fn after(&self) -> (Option<State>, Vec<u8>) {
        (Some(self.state()), self.pending().to_vec())
    }
}

/// Lets `send` put frames into a buffer of their own, and appends them to `out`.
fn sent_into<T>(
    out: &mut impl BufMut,
    send: impl FnOnce(&mut SendBuffer) -> Result<T, SendError>,
) -> Result<T, SendError> {
    let mut frames = SendBuffer::new();
    let sent = send(&mut frames)?;
    out.put(frames);
    Ok(sent)
}

/// Writes all of it.
fn written(frame: Outgoing<'_>) -> Vec<u8> {
    let mut wire = Vec::new();
    wire.put(frame);
    wire
}

/// The frame that a prepared message is on this connection.
pub(crate) fn prepared(
    server: &mut Connection<Server>,
    message: &patchcord::Prepared,
) -> Result<bytes::Bytes, SendError> {
    let mut out = SendBuffer::new();
    server.send_prepared(message, &mut out)?;
    Ok(out.copy_to_bytes(out.remaining()))
}

impl Endpoint {
    pub(crate) fn new(side: Side, config: Config) -> Self {
        let connection = match side {
            Side::Server => Role::Server(Connection::server(config)),
            Side::Client => Role::Client(Connection::client(Counting::default(), config)),
        };
        Self { connection, out: SendBuffer::new(), told: None, until: None }
    }

    pub(crate) fn open(side: Side) -> Self {
        Self::new(side, Config::default())
    }

    /// What only a server has: its own connection.
    pub(crate) fn server(&mut self) -> Option<&mut Connection<Server>> {
        match &mut self.connection {
            Role::Server(server) => Some(server),
            Role::Client(_) => None,
        }
    }

    pub(crate) fn side(&self) -> Side {
        match self.connection {
            Role::Server(_) => Side::Server,
            Role::Client(_) => Side::Client,
        }
    }

    /// Takes a frame of the peer's, and returns what is wrong with it if something is.
    pub(crate) fn hear(&mut self, first: u8, payload: &[u8]) -> Result<(), ProtocolError> {
        let frame = self.side().frame(first, payload);
        super::run(self, &[&frame]).error.map_or(Ok(()), Err)
    }

    /// The control frames that wait, which then left.
    pub(crate) fn say(&mut self) -> Vec<(u8, Vec<u8>)> {
        let frames = self.side().wrote(self.pending());
        self.sent(self.pending().len());
        if let Some(now) = self.told {
            assert_eq!(self.on_time(now), None, "asked after a write"); // as a driver does
        }
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
        sent_into(out, |out| each!(&mut self.connection, c => c.send(message, out)))
    }

    /// What a message is that was masked where it lies.
    pub(crate) fn sent_in_place(
        &mut self,
        kind: MessageKind,
        payload: &mut [u8],
    ) -> Result<Vec<u8>, SendError> {
        let mut out = SendBuffer::new();
        let frame = self.send_in_place(kind, payload, &mut out)?;
        Ok(written(frame))
    }

    /// What a message is that was not touched, if this end is a server.
    pub(crate) fn sent_borrowed(
        &mut self,
        message: Message<'_>,
    ) -> Option<Result<Vec<u8>, SendError>> {
        let Role::Server(server) = &mut self.connection else { return None };
        Some(server.send_borrowed(message, &mut SendBuffer::new()).map(written))
    }

    /// What a message is that was prepared, if this end is a server.
    #[cfg(feature = "deflate")]
    pub(crate) fn sent_prepared(
        &mut self,
        message: &patchcord::Prepared,
    ) -> Option<Result<bytes::Bytes, SendError>> {
        let Role::Server(server) = &mut self.connection else { return None };
        Some(prepared(server, message))
    }

    pub(crate) fn send_in_place<'a>(
        &mut self,
        kind: MessageKind,
        payload: &'a mut [u8],
        out: &'a mut SendBuffer,
    ) -> Result<Outgoing<'a>, SendError> {
        each!(&mut self.connection, connection => connection.send_in_place(kind, payload, out))
    }

    pub(crate) fn send_fragment(
        &mut self,
        fragment: Fragment<&[u8]>,
        out: &mut impl BufMut,
    ) -> Result<(), SendError> {
        sent_into(out, |out| each!(&mut self.connection, c => c.send_fragment(fragment, out)))
    }

    pub(crate) fn ping(&mut self, payload: &[u8], out: &mut impl BufMut) -> Result<(), SendError> {
        sent_into(out, |out| each!(&mut self.connection, c => c.ping(payload, out)))
    }

    /// Sends a message in the way of a driver: behind everything that waits.
    pub(crate) fn queue(&mut self, message: Message<'_>) -> Result<(), SendError> {
        each!(&mut self.connection, c => c.send(message, &mut self.out))
    }

    pub(crate) fn queue_fragment(&mut self, part: Fragment<&[u8]>) -> Result<(), SendError> {
        each!(&mut self.connection, c => c.send_fragment(part, &mut self.out))
    }

    pub(crate) fn queue_pong(&mut self, payload: &[u8]) -> Result<(), SendError> {
        each!(&mut self.connection, c => c.pong(payload, &mut self.out))
    }

    pub(crate) fn queue_ping(&mut self, payload: &[u8]) -> Result<(), SendError> {
        each!(&mut self.connection, c => c.ping(payload, &mut self.out))
    }

    pub(crate) fn close(&mut self, close: Option<Close<&[u8]>>) -> Result<(), SendError> {
        each!(&mut self.connection, connection => connection.close(close, &mut self.out))
    }

    /// The control frames that wait.
    pub(crate) fn pending(&self) -> &[u8] {
        self.out.chunk()
    }

    pub(crate) fn sent(&mut self, count: usize) {
        self.out.advance(count);
    }

    /// Moves the control frames that wait to the end of `out`.
    pub(crate) fn flush(&mut self, out: &mut impl BufMut) {
        out.put(&mut self.out);
    }

    pub(crate) fn end_of_stream(&mut self, rest: &[u8]) -> Result<(), ConnectionLost> {
        each!(&mut self.connection, connection => connection.end_of_stream(rest))
    }

    /// Lets time pass in the way of a driver that has nothing to read or write when it looks once
    /// more, and returns the deadline that passed, if one did.
    pub(crate) fn on_time(&mut self, now: Duration) -> Option<Expired> {
        self.told = Some(now);
        let mut next = self.handle_timeout(now);
        if next == Next::Look {
            next = self.handle_timeout(now);
            assert!(matches!(next, Next::Expired(_)), "{next:?} at the second look");
        }
        self.until = next.until();
        assert!(!matches!(next, Next::Wait { .. }) || self.out.is_empty(), "to be written");
        match next {
            Next::Expired(expired) => {
                self.told = None;
                Some(expired)
            }
            _ => None,
        }
    }

    /// Until when to wait, as it was said when time was last told.
    pub(crate) fn next_deadline(&self) -> Option<Duration> {
        self.until
    }

    pub(crate) fn handle_timeout(&mut self, now: Duration) -> Next {
        let next = each!(&mut self.connection, c => c.handle_timeout(now, &mut self.out));
        if let Next::Write { .. } | Next::Wait { .. } = next {
            self.told = Some(now);
        }
        next
    }

    pub(crate) fn result(&self) -> Result<(), Failure> {
        each!(&self.connection, connection => connection.result())
    }

    pub(crate) fn state(&self) -> State {
        each!(&self.connection, connection => connection.state())
    }

    pub(crate) fn is_receiving(&self) -> bool {
        each!(&self.connection, connection => connection.is_receiving())
    }

    pub(crate) fn close_sent(&self) -> Option<Option<CloseCode>> {
        each!(&self.connection, connection => connection.close_sent())
    }

    pub(crate) fn close_received(&self) -> Option<Option<CloseCode>> {
        each!(&self.connection, connection => connection.close_received())
    }

    /// Whether nothing more is to be received, and nothing to be written.
    pub(crate) fn is_finished(&self) -> bool {
        !self.is_receiving() && self.out.is_empty()
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
        let connection = match self.connection {
            Role::Server(server) => Role::Server(server.with_deflate(agreed, compression, engines)),
            Role::Client(client) => Role::Client(client.with_deflate(agreed, compression, engines)),
        };
        Self { connection, ..self }
    }

    pub(crate) fn send_compressed(
        &mut self,
        message: Message<'_>,
        out: &mut impl BufMut,
    ) -> Result<(), SendError> {
        sent_into(out, |out| each!(&mut self.connection, c => c.send_compressed(message, out)))
    }

    pub(crate) fn send_compressed_fragment(
        &mut self,
        part: Fragment<&[u8]>,
        out: &mut impl BufMut,
    ) -> Result<(), SendError> {
        sent_into(
            out,
            |out| each!(&mut self.connection, c => c.send_compressed_fragment(part, out)),
        )
    }
}
