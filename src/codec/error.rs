//! Errors by blame: the peer's faults, and the caller's.

#[cfg(feature = "deflate")]
use crate::deflate::InflateError;
use crate::frame::{CloseCode, CloseError, HeaderError, Rsv};
use crate::payload::InvalidUtf8;
use core::fmt;

/// The peer broke a rule of the protocol, or exceeded a limit; the connection is over.
///
/// ```
/// use bytes::Buf;
/// use patchcord::{CloseCode, Config, Connection, ProtocolError, SendBuffer};
///
/// let mut connection = Connection::server(Config::default());
/// let mut out = SendBuffer::new();
/// let mut bytes = *b"\x81\x00";
/// let error = connection.receive(&mut &mut bytes[..], &mut out).unwrap_err();
/// assert_eq!(error, ProtocolError::NotMasked);
/// assert_eq!((error.close_code(), error.section()), (CloseCode::PROTOCOL_ERROR, "5.1"));
/// assert_eq!(error.to_string(), "a frame from the client is not masked");
/// assert_eq!(out.chunk(), b"\x88\x02\x03\xea"); // the peer is told 1002
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProtocolError {
    /// A header that is illegal in any context.
    Header(HeaderError),
    /// Reserved bits to which no extension gives a meaning (RFC 6455 section 5.2).
    ReservedBits(Rsv),
    /// A frame to a server that is not masked (section 5.1).
    NotMasked,
    /// A frame to a client that is masked (section 5.1).
    Masked,
    /// A continuation with no message to continue (section 5.4).
    NothingToContinue,
    /// A new message before the last one ended (section 5.4).
    MessageInsideMessage,
    /// Text that is not UTF-8 (section 8.1).
    InvalidUtf8 {
        /// The index in the message of the first byte that cannot stand there.
        at: u64,
    },
    /// An illegal body of a Close (section 5.5.1).
    Close(CloseError),
    /// A compressed message that cannot be inflated (RFC 7692 section 7.2.2).
    #[cfg(feature = "deflate")]
    Inflate(InflateError),
    /// A frame longer than [`Limits::frame`](super::Limits::frame).
    FrameTooLong,
    /// A message longer than [`Limits::message`](super::Limits::message).
    MessageTooLong,
    /// A message with more fragments than [`Limits::fragments`](super::Limits::fragments).
    TooManyFragments,
    /// An input that does not hold the unfinished message, or holds another one. This is the
    /// caller's fault: a [`ReceiveBuffer`](super::ReceiveBuffer) with an unfinished message belongs
    /// to one connection, and has to be its input until the message ends.
    MessageElsewhere,
}

impl ProtocolError {
    /// Returns the status code for the Close that reports the error to the peer (section 7.4.1).
    #[must_use]
    pub const fn close_code(self) -> CloseCode {
        match self {
            Self::InvalidUtf8 { .. } | Self::Close(CloseError::ReasonNotUtf8) => {
                CloseCode::INVALID_PAYLOAD
            }
            Self::FrameTooLong | Self::MessageTooLong => CloseCode::TOO_BIG,
            Self::TooManyFragments => CloseCode::POLICY_VIOLATION,
            Self::MessageElsewhere => CloseCode::INTERNAL_ERROR,
            #[cfg(feature = "deflate")]
            Self::Inflate(InflateError::Idle | InflateError::Ratio | InflateError::TooLong) => {
                CloseCode::TOO_BIG
            }
            #[cfg(feature = "deflate")]
            Self::Inflate(_) => CloseCode::INVALID_PAYLOAD,
            _ => CloseCode::PROTOCOL_ERROR,
        }
    }
}

impl ProtocolError {
    /// Returns the section of RFC 6455 that states the rule or allows the limit.
    #[must_use]
    pub const fn section(self) -> &'static str {
        match self {
            Self::Header(error) => error.section(),
            Self::Close(error) => error.section(),
            Self::ReservedBits(_) => "5.2",
            Self::NotMasked | Self::Masked => "5.1",
            Self::NothingToContinue | Self::MessageInsideMessage => "5.4",
            Self::InvalidUtf8 { .. } => "8.1",
            #[cfg(feature = "deflate")]
            Self::Inflate(_) => "9",
            Self::FrameTooLong | Self::MessageTooLong | Self::TooManyFragments => "10.4",
            Self::MessageElsewhere => "7.4.1",
        }
    }
}

impl From<HeaderError> for ProtocolError {
    fn from(error: HeaderError) -> Self {
        Self::Header(error)
    }
}

impl From<CloseError> for ProtocolError {
    fn from(error: CloseError) -> Self {
        Self::Close(error)
    }
}

impl fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header(error) => return error.fmt(f),
            Self::Close(error) => return error.fmt(f),
            #[cfg(feature = "deflate")]
            Self::Inflate(error) => return error.fmt(f),
            Self::InvalidUtf8 { at } => {
                return write!(f, "a text message is not valid UTF-8 at byte {at}");
            }
            Self::ReservedBits(_) => "a reserved bit is set that no extension uses",
            Self::NotMasked => "a frame from the client is not masked",
            Self::Masked => "a frame from the server is masked",
            Self::NothingToContinue => "a continuation frame has no message to continue",
            Self::MessageInsideMessage => "a message begins before the previous one has ended",
            Self::FrameTooLong => "a frame is longer than the limit",
            Self::MessageTooLong => "a message is longer than the limit",
            Self::TooManyFragments => "a message has more fragments than the limit",
            Self::MessageElsewhere => "the input does not hold the unfinished message",
        })
    }
}

impl core::error::Error for ProtocolError {}

/// A frame could not be sent; nothing was written, and nothing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SendError {
    /// The output buffer is full.
    BufferTooSmall {
        /// The bytes of free space that this frame needs.
        needed: usize,
    },
    /// A ping or pong of more than 125 bytes, or a close reason of more than 123 (section 5.5).
    ControlTooLong {
        /// The length in bytes of the payload or reason.
        length: usize,
    },
    /// A message between the fragments of another, a first fragment in the middle of a message, a
    /// later fragment before the first, or one of another kind (section 5.4).
    FragmentOrder,
    /// A text payload that is not UTF-8 (section 8.1).
    InvalidUtf8(InvalidUtf8),
    /// A Close was sent, or the connection is over: no more data can be sent (section 5.5.1).
    Closed,
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BufferTooSmall { needed } => {
                write!(f, "the output buffer is too small: the frame needs {needed} bytes")
            }
            Self::ControlTooLong { length } => {
                write!(f, "{length} bytes are more than a control frame carries")
            }
            Self::FragmentOrder => {
                f.write_str("the fragments of a message must follow one another")
            }
            Self::InvalidUtf8(error) => error.fmt(f),
            Self::Closed => f.write_str("the connection is closing or closed"),
        }
    }
}

impl core::error::Error for SendError {}
