//! What the two ends say to each other, in memory that can be kept.

use crate::{Error, Utf8Bytes};
use bytes::Bytes;
use patchcord::payload::Payload;
use patchcord::{Close, CloseCode as ValidCode, Event, Text};

/// A message, or a control frame.
///
/// Pings are answered, and so is the peer's Close: they are delivered for those who want to know.
/// Cloning one shares its bytes.
///
/// ```
/// use patchcord_tokio::Message;
///
/// let message = Message::from("Hello");
/// assert_eq!(message, Message::Text("Hello".into()));
/// assert_eq!(message.to_text()?, "Hello");
/// # Ok::<(), patchcord_tokio::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A text message (RFC 6455 section 5.6).
    Text(Utf8Bytes),
    /// A binary message (section 5.6).
    Binary(Bytes),
    /// A ping, with up to 125 bytes (section 5.5.2).
    Ping(Bytes),
    /// A pong, with up to 125 bytes (section 5.5.3). Pings are answered without it: one that is sent is a
    /// heartbeat that asks for no answer.
    Pong(Bytes),
    /// A Close, with what its body says if it has one (section 5.5.1).
    Close(Option<CloseFrame>),
}

/// Why a connection is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[doc(alias = "close reason")]
#[doc(alias = "status code")]
pub struct CloseFrame {
    /// The status code: one of [`close_code`], or 3000 to 4999. 1005, 1006 and 1015 cannot be sent.
    pub code: CloseCode,
    /// The reason, of up to 123 bytes: what is longer is cut at a character when it is sent.
    pub reason: Utf8Bytes,
}

/// A status code (section 7.4).
pub type CloseCode = u16;

/// The registered status codes (section 7.4.1, and IANA's registry).
pub mod close_code {
    /// The purpose of the connection is fulfilled.
    pub const NORMAL: u16 = 1000;
    /// The server goes down, or the page is left.
    pub const AWAY: u16 = 1001;
    /// The peer broke the protocol.
    pub const PROTOCOL: u16 = 1002;
    /// This kind of data cannot be accepted.
    pub const UNSUPPORTED: u16 = 1003;
    /// The Close had no code: for reports, and never on the wire.
    pub const STATUS: u16 = 1005;
    /// There was no Close: for reports, and never on the wire.
    pub const ABNORMAL: u16 = 1006;
    /// The data is not what the message's type says, such as text that is not UTF-8.
    pub const INVALID: u16 = 1007;
    /// A policy is violated, and no other code fits.
    pub const POLICY: u16 = 1008;
    /// A message is too big to be processed.
    pub const SIZE: u16 = 1009;
    /// The server did not negotiate an extension that the client needs.
    pub const EXTENSION: u16 = 1010;
    /// Something unexpected keeps the server from going on.
    pub const ERROR: u16 = 1011;
    /// The service restarts.
    pub const RESTART: u16 = 1012;
    /// Try again later.
    pub const AGAIN: u16 = 1013;
}

impl Message {
    /// A text message.
    pub fn text(text: impl Into<Utf8Bytes>) -> Self {
        Self::Text(text.into())
    }

    /// A binary message.
    pub fn binary(bytes: impl Into<Bytes>) -> Self {
        Self::Binary(bytes.into())
    }

    /// The payload; of a Close, its reason.
    #[must_use]
    pub fn into_data(self) -> Bytes {
        match self {
            Self::Text(text) => text.into(),
            Self::Binary(bytes) | Self::Ping(bytes) | Self::Pong(bytes) => bytes,
            Self::Close(close) => close.map(|close| close.reason.into()).unwrap_or_default(),
        }
    }

    /// The payload as text; of a Close, its reason.
    ///
    /// # Errors
    /// When it is not UTF-8.
    pub fn into_text(self) -> Result<Utf8Bytes, Error> {
        match self {
            Self::Text(text) => Ok(text),
            other => Ok(Utf8Bytes::try_from(other.into_data())?),
        }
    }

    /// The payload as text; of a Close, its reason.
    ///
    /// # Errors
    /// When it is not UTF-8.
    pub fn to_text(&self) -> Result<&str, Error> {
        match self {
            Self::Text(text) => Ok(text),
            Self::Close(close) => Ok(close.as_ref().map_or("", |close| close.reason.as_str())),
            Self::Binary(bytes) | Self::Ping(bytes) | Self::Pong(bytes) => {
                let text = std::str::from_utf8(bytes).ok();
                text.ok_or_else(|| Text::new(&bytes[..]).err().map_or(Error::Invalid, Error::Utf8))
            }
        }
    }

    /// Returns whether this is text or binary data, and not a control frame.
    #[must_use]
    pub const fn is_data(&self) -> bool {
        matches!(self, Self::Text(_) | Self::Binary(_))
    }

    /// How many bytes of payload there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) | Self::Ping(bytes) | Self::Pong(bytes) => bytes.len(),
            Self::Close(close) => close.as_ref().map_or(0, |close| close.reason.len()),
        }
    }

    /// Returns whether there is no payload.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What an event lends, to be kept.
    pub(crate) fn of(event: Event<Payload<'_>>) -> Self {
        match event {
            Event::Text(text) => Self::Text(text.into()),
            Event::Binary(bytes) => Self::Binary(bytes.into()),
            Event::Fragment(fragment) => Self::Binary(fragment.payload.into()), // not asked for
            Event::Ping(bytes) => Self::Ping(bytes.into()),
            Event::Pong(bytes) => Self::Pong(bytes.into()),
            Event::Close(close) => Self::Close(close.map(CloseFrame::of)),
        }
    }

    /// What was kept, as the event that it was; `None` for what cannot be one.
    pub(crate) fn into_event(self) -> Option<Event<Payload<'static>>> {
        let joined = |bytes: Bytes| Payload::Joined(bytes.into());
        Some(match self {
            Self::Text(text) => Event::Text(Text::new(joined(text.into())).ok()?),
            Self::Binary(bytes) => Event::Binary(joined(bytes)),
            Self::Ping(bytes) => Event::Ping(joined(bytes)),
            Self::Pong(bytes) => Event::Pong(joined(bytes)),
            Self::Close(None) => Event::Close(None),
            Self::Close(Some(CloseFrame { code, reason })) => Event::Close(Some(Close {
                code: ValidCode::new(code)?,
                reason: Text::new(joined(reason.into())).ok()?,
            })),
        })
    }
}

impl CloseFrame {
    fn of(close: Close<Payload<'_>>) -> Self {
        Self { code: close.code.get(), reason: close.reason.into() }
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<Utf8Bytes> for Message {
    fn from(text: Utf8Bytes) -> Self {
        Self::Text(text)
    }
}

impl From<&[u8]> for Message {
    fn from(bytes: &[u8]) -> Self {
        Self::Binary(Bytes::copy_from_slice(bytes))
    }
}

impl From<Bytes> for Message {
    fn from(bytes: Bytes) -> Self {
        Self::Binary(bytes)
    }
}

impl From<Vec<u8>> for Message {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Binary(bytes.into())
    }
}

impl From<Message> for Vec<u8> {
    fn from(message: Message) -> Self {
        message.into_data().into()
    }
}
