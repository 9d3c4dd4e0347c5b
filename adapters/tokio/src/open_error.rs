//! What goes wrong before a connection is open.

use crate::Error;
use patchcord::handshake::UrlError;
use patchcord::handshake::client::{ResponseError, WriteError};
use std::{fmt, io};

/// Why a connection did not open.
#[derive(Debug)]
#[non_exhaustive]
pub enum OpenError {
    /// The URL is not one of a WebSocket.
    Url(UrlError),
    /// The request cannot be sent.
    Request(WriteError),
    /// The answer breaks a rule.
    Response(ResponseError),
    /// The answer was this status: of the server, or of this end to a client.
    Refused(u16),
    /// The connection ended, or did not open in time.
    Ended(Error),
    /// The stream failed, or there was none: no address, no route, no TLS.
    Io(io::Error),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(error) => error.fmt(f),
            Self::Request(error) => error.fmt(f),
            Self::Response(error) => error.fmt(f),
            Self::Refused(status) => write!(f, "the request was answered with status {status}"),
            Self::Ended(error) => error.fmt(f),
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Ended(error) => error.source(),
            Self::Io(error) => error.source(),
            _ => None,
        }
    }
}

impl From<UrlError> for OpenError {
    fn from(error: UrlError) -> Self {
        Self::Url(error)
    }
}

impl From<WriteError> for OpenError {
    fn from(error: WriteError) -> Self {
        Self::Request(error)
    }
}

impl From<ResponseError> for OpenError {
    fn from(error: ResponseError) -> Self {
        Self::Response(error)
    }
}

impl From<Error> for OpenError {
    fn from(error: Error) -> Self {
        match error {
            Error::Io(error) => Self::Io(error),
            other => Self::Ended(other),
        }
    }
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
