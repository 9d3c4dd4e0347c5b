//! How the two ends say a message without copying it.

use patchcord::{
    Client, Connection, Entropy, Message, MessageKind, Outgoing, Prepared, Role, SendBuffer,
    SendError, Server,
};

/// The operations in which the two ends differ.
pub(super) trait Speaks: Role + Sized {
    /// Without a copy: a server lends the message, a client masks it in place.
    fn lend<'message>(
        connection: &mut Connection<Self>,
        message: Lent<'message>,
        out: &'message mut SendBuffer,
    ) -> Result<Outgoing<'message>, SendError>;

    /// With shared bytes, if this end can.
    fn share(
        connection: &mut Connection<Self>,
        message: Message<'_>,
        out: &mut SendBuffer,
    ) -> Result<(), SendError>;
}

/// A message that is written from where it lies.
pub(super) enum Lent<'message> {
    Borrowed(Message<'message>),
    InPlace(MessageKind, &'message mut [u8]),
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
            Lent::Borrowed(_) => unreachable!("a client masks in place"),
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
