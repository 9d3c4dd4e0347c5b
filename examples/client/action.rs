//! What the client can be told to do.

use crate::compression::Compressing;
use patchcord::{
    Client, Close, CloseCode, Connection, Fragment, Message, MessageKind, SendBuffer, SendError,
    ThreadEntropy,
};

pub(crate) enum Action {
    Text(String),
    Binary(Vec<u8>),
    /// A message in this many fragments.
    Fragments {
        kind: MessageKind,
        payload: Vec<u8>,
        count: usize,
    },
    Ping(String),
    /// Continues once this many messages have arrived.
    Await(u64),
    Close {
        code: CloseCode,
        reason: String,
    },
}

impl Action {
    /// Appends what the action sends to `out`.
    pub(crate) fn perform(
        &self,
        connection: &mut Connection<Client<ThreadEntropy>>,
        out: &mut SendBuffer,
    ) -> Result<(), SendError> {
        match self {
            Self::Text(text) => Compressing::send(connection, Message::Text(text), out),
            Self::Binary(octets) => Compressing::send(connection, Message::Binary(octets), out),
            Self::Fragments { kind, payload, count } => {
                let mut rest = payload.as_slice();
                let each = payload.len().div_ceil(*count);
                for index in 0..*count {
                    let (part, behind) = rest.split_at(each.min(rest.len()));
                    let (first, last) = (index == 0, index + 1 == *count);
                    let part = Fragment { kind: *kind, first, last, payload: part };
                    Compressing::send_fragment(connection, part, out)?;
                    rest = behind;
                }
                Ok(())
            }
            Self::Ping(payload) => connection.ping(payload.as_bytes(), out),
            Self::Await(_) => Ok(()),
            Self::Close { code, reason } => connection.close(Some(Close::new(*code, reason)), out),
        }
    }
}
