//! What goes wrong for a client: in what it asks, and in what it is answered.

use crate::handshake::extension::{ExtensionsError, NotOffered};
use crate::handshake::head::BufferTooSmall;
use crate::handshake::limits::TooLarge;
use crate::handshake::subprotocol::SubprotocolError;
use core::fmt;

/// A request that cannot be written; nothing was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WriteError {
    /// The head would be longer than [`HeadLimits::HEAD`](crate::handshake::HeadLimits::HEAD), and than
    /// the request's limits, if it has larger ones. Few servers take that.
    HeadTooLong,
    /// A line would be longer than [`HeadLimits::LINE`](crate::handshake::HeadLimits::LINE), likewise.
    LineTooLong,
    /// There would be more lines than [`HeadLimits::LINES`](crate::handshake::HeadLimits::LINES),
    /// likewise.
    TooManyHeaders,
    /// A credential would go over `ws:` to another machine, and
    /// [`Request::allow_plaintext_credential`](super::Request::allow_plaintext_credential) does not
    /// say that it may.
    PlaintextCredential,
    /// The URL's path or query is no target for the `http` crate.
    Target,
    /// The output buffer is full.
    BufferTooSmall(BufferTooSmall),
}

impl From<BufferTooSmall> for WriteError {
    fn from(error: BufferTooSmall) -> Self {
        Self::BufferTooSmall(error)
    }
}

impl From<TooLarge> for WriteError {
    fn from(limit: TooLarge) -> Self {
        match limit {
            TooLarge::Head => Self::HeadTooLong,
            TooLarge::Line => Self::LineTooLong,
            TooLarge::Lines => Self::TooManyHeaders,
        }
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PlaintextCredential => f.write_str(
                "the credential would cross the network unencrypted: use wss, or \
                 Request::allow_plaintext_credential",
            ),
            Self::HeadTooLong => f.write_str("the head of the request would be too long"),
            Self::LineTooLong => f.write_str("a line of the request's head would be too long"),
            Self::TooManyHeaders => f.write_str("there are too many header fields"),
            Self::Target => f.write_str("the path of the URL is not a valid request target"),
            Self::BufferTooSmall(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for WriteError {}

/// A response that a client cannot go on with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResponseError {
    /// It is not the head of an HTTP/1.1 response (RFC 9112 section 4).
    Syntax,
    /// The head exceeds one of the request's [`HeadLimits`](crate::handshake::HeadLimits).
    TooLarge,
    /// `Upgrade` or `Connection` is missing (RFC 6455 section 4.1, items 2 and 3).
    NoUpgrade,
    /// `Sec-WebSocket-Accept` is not there once with the value that the key asks for (item 4).
    Accept,
    /// Extensions that were not offered, or that break their header's grammar (item 5).
    Extension,
    /// `Sec-WebSocket-Protocol` or `Sec-WebSocket-Extensions` is there twice (sections 11.3.4 and
    /// 11.3.2).
    Repeated,
    /// The selected subprotocol (item 6).
    Subprotocol(SubprotocolError),
}

impl From<TooLarge> for ResponseError {
    fn from(_: TooLarge) -> Self {
        Self::TooLarge
    }
}

impl From<NotOffered> for ResponseError {
    fn from(_: NotOffered) -> Self {
        Self::Extension
    }
}

impl From<ExtensionsError> for ResponseError {
    fn from(_: ExtensionsError) -> Self {
        Self::Extension
    }
}

impl From<SubprotocolError> for ResponseError {
    fn from(error: SubprotocolError) -> Self {
        Self::Subprotocol(error)
    }
}

impl fmt::Display for ResponseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "this is not an HTTP/1.1 response",
            Self::TooLarge => "the head of the response is too large",
            Self::NoUpgrade => "the response does not upgrade to websocket",
            Self::Accept => "the response does not prove that the server read the key",
            Self::Extension => "the response names extensions that were malformed or not offered",
            Self::Repeated => "a response header that may appear once appears twice",
            Self::Subprotocol(error) => return error.fmt(f),
        })
    }
}

impl core::error::Error for ResponseError {}
