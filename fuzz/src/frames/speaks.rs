//! How the two ends say a message without copying it.

use patchcord::{
    Client, Connection, Entropy, Kind, Message, Outgoing, Prepared, Role, SendBuffer, SendError,
    Server,
};

/// What the two ends say in ways of their own.
pub(super) trait Speaks: Role + Sized {
    /// Without a copy: a server as a loan, and a client by masking where the bytes lie.
    fn lend<'message>(
        connection: &mut Connection<Self>,
        message: Lent<'message>,
        out: &'message mut SendBuffer,
    ) -> Result<Outgoing<'message>, SendError>;

    /// With bytes that others share, if this end can.
    fn share(
        connection: &mut Connection<Self>,
        message: Message<'_>,
        out: &mut SendBuffer,
    ) -> Result<(), SendError>;
}

/// A message that is written from where it is.
pub(super) enum Lent<'message> {
    Borrowed(Message<'message>),
    InPlace(Kind, &'message mut [u8]),
}

impl Speaks for Server {
    fn lend<'message>(
        connection: &mut Connection<Self>,
        message: Lent<'message>,
        out: &'message mut SendBuffer,
    ) -> Result<Outgoing<'message>, SendError> {
        match message {
            Lent::Borrowed(message) => connection.send_borrowed(message, out),
            Lent::InPlace(kind, payload) => connection.send_in_place(kind, payload, out),
        }
    }

    fn share(
        connection: &mut Connection<Self>,
        message: Message<'_>,
        out: &mut SendBuffer,
    ) -> Result<(), SendError> {
        connection.send_prepared(&Prepared::new(message), out)
    }
}

impl<E: Entropy> Speaks for Client<E> {
    fn lend<'message>(
        connection: &mut Connection<Self>,
        message: Lent<'message>,
        out: &'message mut SendBuffer,
    ) -> Result<Outgoing<'message>, SendError> {
        match message {
            Lent::Borrowed(_) => unreachable!("a client masks where the bytes lie"),
            Lent::InPlace(kind, payload) => connection.send_in_place(kind, payload, out),
        }
    }

    fn share(
        connection: &mut Connection<Self>,
        message: Message<'_>,
        out: &mut SendBuffer,
    ) -> Result<(), SendError> {
        connection.send(message, out)
    }
}
