//! Texts that tell the server what to do, for clients that test how it does it.

use crate::compression::Compressing;
use patchcord::{
    Close, CloseCode, Connection, Fragment, Message, MessageKind, Payload, SendBuffer, SendError,
    Server,
};
use std::num::NonZeroUsize;

pub(crate) enum Order<'text> {
    Close { code: CloseCode, reason: &'text str },
    Ping { payload: &'text str },
    Fragments { count: NonZeroUsize, text: &'text str },
}

impl<'text> Order<'text> {
    /// Reads `/close 4000 bye`, `/ping hi`, `/fragments 3 text`; `None` for any other text.
    pub(crate) fn parse(text: &'text str) -> Option<Self> {
        let (verb, rest) = text.split_once(' ')?;
        match verb {
            "/ping" => Some(Self::Ping { payload: rest }),
            "/close" => {
                let (code, reason) = rest.split_once(' ').unwrap_or((rest, ""));
                Some(Self::Close { code: CloseCode::new(code.parse().ok()?)?, reason })
            }
            "/fragments" => {
                let (count, text) = rest.split_once(' ')?;
                Some(Self::Fragments { count: count.parse().ok()?, text })
            }
            _ => None,
        }
    }

    /// Executes the order, or tells the client why it cannot: a bad order is no reason to end the connection.
    pub(crate) fn obey(
        self,
        connection: &mut Connection<Server>,
        out: &mut SendBuffer,
    ) -> Result<(), SendError> {
        match self.try_to_obey(connection, out) {
            Err(error) if error != SendError::Closed => {
                let text = format!("/refused {error}");
                // In the middle of a message of its own, it cannot tell the client either.
                let _ = connection.send(Message::Text(&text), out);
                Ok(())
            }
            obeyed => obeyed,
        }
    }

    fn try_to_obey(
        self,
        connection: &mut Connection<Server>,
        out: &mut SendBuffer,
    ) -> Result<(), SendError> {
        match self {
            Self::Close { code, reason } => connection.close(Some(Close::new(code, reason)), out),
            Self::Ping { payload } => connection.ping(payload.as_bytes(), out),
            Self::Fragments { count, text } => {
                let each = text.len().div_ceil(count.get()).max(1);
                let (mut rest, mut first) = (text.as_bytes(), true);
                loop {
                    let (payload, behind) = rest.split_at(each.min(rest.len()));
                    let part = Fragment {
                        kind: MessageKind::Text,
                        first,
                        last: behind.is_empty(),
                        payload,
                    };
                    Compressing::send_fragment(connection, part, out)?;
                    if behind.is_empty() {
                        return Ok(());
                    }
                    (rest, first) = (behind, false);
                }
            }
        }
    }
}

/// Reports a pong to the client, unless a message of its own is being echoed in fragments.
pub(crate) fn tell_pong(
    payload: &Payload<'_>,
    connection: &mut Connection<Server>,
    out: &mut SendBuffer,
) -> Result<(), SendError> {
    let text = format!("/pong {}", String::from_utf8_lossy(payload));
    match Compressing::send(connection, Message::Text(&text), out) {
        Err(SendError::FragmentOrder) => Ok(()),
        told => told,
    }
}
