//! Events that own their bytes, so that those of different inputs, and of peers, can be compared.

use patchcord::payload::PayloadBytes;
use patchcord::{Event, MessageKind};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Option<(u16, String)>),
    /// A part of a message.
    Part {
        kind: MessageKind,
        first: bool,
        last: bool,
        octets: Vec<u8>,
    },
}

impl Seen {
    /// A message of a peer that checks UTF-8 separately.
    pub(crate) fn message(kind: MessageKind, octets: Vec<u8>) -> Self {
        match kind {
            MessageKind::Text => {
                Self::Text(String::from_utf8(octets).expect("text that was accepted"))
            }
            MessageKind::Binary => Self::Binary(octets),
        }
    }
}

impl<P: PayloadBytes> From<Event<P>> for Seen {
    fn from(event: Event<P>) -> Self {
        match event {
            Event::Text(text) => {
                assert!(core::str::from_utf8(text.as_bytes()).is_ok(), "a `str` that is not UTF-8");
                Self::Text(text.to_string())
            }
            Event::Binary(octets) => Self::Binary(octets.as_ref().to_vec()),
            Event::Fragment(part) => Self::Part {
                kind: part.kind,
                first: part.first,
                last: part.last,
                octets: part.payload.as_ref().to_vec(),
            },
            Event::Ping(octets) => Self::Ping(octets.as_ref().to_vec()),
            Event::Pong(octets) => Self::Pong(octets.as_ref().to_vec()),
            Event::Close(close) => {
                Self::Close(close.map(|close| (close.code.get(), close.reason.to_string())))
            }
        }
    }
}
