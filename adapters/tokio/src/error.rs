//! What goes wrong with a connection that is open.

use patchcord::{ConnectionLost, Expired, Failure, InvalidUtf8, ProtocolError, SendError};
use std::{fmt, io};

/// Why a connection does not go on, or a message was not sent.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The peer broke a rule, and was told so (RFC 6455 section 7.1.7).
    Protocol(ProtocolError),
    /// The peer went away without a Close: what JavaScript sees as code 1006.
    Lost(ConnectionLost),
    /// A deadline passed: the peer is gone or stuck.
    Expired(Expired),
    /// The stream failed.
    Io(io::Error),
    /// Nothing can be sent any more: a Close was sent, or the connection is over.
    Closed,
    /// The peer is behind, and the message was not taken: see [`Options::backlog`](crate::Options::backlog).
    Full,
    /// The message is not one that may be sent: a control frame of more than 125 bytes, a status
    /// code that never stands in a Close, or a prepared message of a client.
    Invalid,
    /// A payload is not text.
    Utf8(InvalidUtf8),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Protocol(error) => error.fmt(f),
            Self::Lost(lost) => lost.fmt(f),
            Self::Expired(expired) => expired.fmt(f),
            Self::Io(error) => error.fmt(f),
            Self::Closed => f.write_str("the connection is closed"),
            Self::Full => f.write_str("the peer is behind, and the message was not taken"),
            Self::Invalid => f.write_str("the message may not be sent"),
            Self::Utf8(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => error.source(),
            _ => None,
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Protocol(error) => Self::Protocol(error),
            Failure::Lost(lost) => Self::Lost(lost),
            Failure::Expired(expired) => Self::Expired(expired),
            other => Self::Io(other.into()),
        }
    }
}

impl From<SendError> for Error {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Closed => Self::Closed,
            _ => Self::Invalid,
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Expired> for Error {
    fn from(expired: Expired) -> Self {
        Self::Expired(expired)
    }
}

impl From<io::ErrorKind> for Error {
    fn from(kind: io::ErrorKind) -> Self {
        Self::Io(kind.into())
    }
}

impl From<InvalidUtf8> for Error {
    fn from(error: InvalidUtf8) -> Self {
        Self::Utf8(error)
    }
}

/// For functions that return an [`io::Result`].
impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        use io::ErrorKind::{InvalidData, InvalidInput, NotConnected, WouldBlock};
        match error {
            Error::Io(error) => error,
            Error::Protocol(error) => Failure::Protocol(error).into(),
            Error::Lost(lost) => Failure::Lost(lost).into(),
            Error::Expired(expired) => Failure::Expired(expired).into(),
            Error::Closed => Self::new(NotConnected, error),
            Error::Full => Self::new(WouldBlock, error),
            Error::Invalid => Self::new(InvalidInput, error),
            Error::Utf8(error) => Self::new(InvalidData, error),
        }
    }
}
