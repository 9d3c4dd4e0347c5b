//! Events that are received, and messages to send.

use crate::frame::{Close, Opcode};
use crate::payload::{PayloadBytes, Text};
use bytes::Bytes;

/// A message, a part of one, or a control frame from the peer.
///
/// `P` is the type that holds the payload: see [`Input`](super::Input). Control frames may come
/// between the fragments of a message (RFC 6455 section 5.4), and are delivered when they arrive.
///
/// ```
/// use patchcord::{Config, Connection, Event, SendBuffer};
///
/// let mut connection = Connection::server(Config::default());
/// let mut out = SendBuffer::new();
/// let mut bytes = *b"\x01\x82\0\0\0\0go\x89\x80\0\0\0\0\x80\x81\0\0\0\0!";
/// let (mut input, mut heard) = (&mut bytes[..], Vec::new());
/// while let Some(event) = connection.receive(&mut input, &mut out)? {
///     heard.push(match event {
///         Event::Text(text) => text.to_string(), // derefs to `str`
///         Event::Binary(payload) => format!("{} bytes", payload.len()), // derefs to `[u8]`
///         Event::Fragment(_) => unreachable!("with Delivery::Fragments only"),
///         Event::Ping(_) | Event::Pong(_) => "a sign of life".into(), // already answered
///         Event::Close(_) => "the last event".into(), // answered too
///     });
/// }
/// assert_eq!(heard, ["a sign of life", "go!"]);
/// # Ok::<(), patchcord::ProtocolError>(())
/// ```
#[doc(alias("Message", "OwnedMessage"))]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event<P: PayloadBytes> {
    /// A text message (RFC 6455 section 5.6).
    Text(Text<P>),
    /// A binary message (section 5.6).
    Binary(P),
    /// A part of a message, with [`Delivery::Fragments`](super::Delivery::Fragments) only.
    Fragment(Fragment<P>),
    /// A ping, with up to 125 bytes of payload (section 5.5.2).
    Ping(P),
    /// A pong, with up to 125 bytes of payload (section 5.5.3).
    Pong(P),
    /// A Close, with its status code and reason if it has a body (section 5.5.1).
    Close(Option<Close<P>>),
}

/// A part of a message (section 5.4): a frame, or a piece of a frame that is long, or of a text
/// frame that has not arrived completely.
///
/// The parts of a text are checked as they arrive: joined, they are valid UTF-8 so far, but a part
/// may end inside a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fragment<P> {
    /// The kind of the message.
    pub kind: MessageKind,
    /// Whether the message begins here.
    pub first: bool,
    /// Whether the message ends here.
    pub last: bool,
    /// The payload of this part.
    pub payload: P,
}

impl<P: AsRef<[u8]>> Fragment<P> {
    /// Borrows the payload, as an [`Encoder`](super::Encoder) takes it.
    #[must_use]
    pub fn as_ref(&self) -> Fragment<&[u8]> {
        let Self { kind, first, last, .. } = *self;
        Fragment { kind, first, last, payload: self.payload.as_ref() }
    }
}

/// The kind of a message: text or binary (section 5.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MessageKind {
    /// UTF-8 text.
    Text,
    /// Arbitrary bytes.
    Binary,
}

impl MessageKind {
    pub(super) const fn opcode(self) -> Opcode {
        match self {
            Self::Text => Opcode::Text,
            Self::Binary => Opcode::Binary,
        }
    }
}

/// A complete message to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message<'payload> {
    /// A text message.
    Text(&'payload str),
    /// A binary message.
    Binary(&'payload [u8]),
}

impl<'payload> Message<'payload> {
    pub(super) const fn kind(self) -> MessageKind {
        match self {
            Self::Text(_) => MessageKind::Text,
            Self::Binary(_) => MessageKind::Binary,
        }
    }

    pub(super) const fn payload(self) -> &'payload [u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(payload) => payload,
        }
    }
}

/// A complete message to send, in reference-counted memory: a [`SendBuffer`](super::SendBuffer)
/// shares it without a copy.
#[doc(alias("broadcast", "Bytes"))]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SharedMessage {
    /// A text message.
    Text(Text<Bytes>),
    /// A binary message.
    Binary(Bytes),
}

impl SharedMessage {
    pub(crate) fn as_message(&self) -> Message<'_> {
        match self {
            Self::Text(text) => Message::Text(text),
            Self::Binary(payload) => Message::Binary(payload),
        }
    }

    pub(crate) fn into_payload(self) -> Bytes {
        match self {
            Self::Text(text) => text.into_payload(),
            Self::Binary(payload) => payload,
        }
    }
}
