//! The errors of a client: in its request, and in the response to it.

use crate::handshake::extension::{ExtensionsError, NotOffered};
use crate::handshake::head::BufferTooSmall;
use crate::handshake::limits::TooLarge;
use crate::handshake::subprotocol::SubprotocolError;
use core::fmt;

/// An error: the request cannot be written. Nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WriteError {
    /// The head would be longer than [`HeadLimits::HEAD`](crate::handshake::HeadLimits::HEAD) and
    /// than the request's own limit. Few servers accept such a head.
    HeadTooLong,
    /// A line would be longer than [`HeadLimits::LINE`](crate::handshake::HeadLimits::LINE) and
    /// than the request's own limit.
    LineTooLong,
    /// There would be more lines than [`HeadLimits::LINES`](crate::handshake::HeadLimits::LINES)
    /// and than the request's own limit.
    TooManyHeaders,
    /// A credential would go over `ws:` to another machine, which
    /// [`Request::allow_plaintext_credential`](super::Request::allow_plaintext_credential) did not
    /// allow.
    PlaintextCredential,
    /// The `http` crate does not accept the URL's path or query as a target.
    Target,
    /// The output buffer is too small.
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
            Self::TooManyHeaders => f.write_str("the request would have too many header fields"),
            Self::Target => f.write_str("the path of the URL is not a valid request target"),
            Self::BufferTooSmall(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for WriteError {}

/// An error: the response is not one that a client can accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResponseError {
    /// The bytes are not the head of an HTTP/1.1 response (RFC 9112 section 4).
    Syntax,
    /// The head exceeds one of the request's [`HeadLimits`](crate::handshake::HeadLimits).
    TooLarge,
    /// `Upgrade` or `Connection` is missing (RFC 6455 section 4.1, items 2 and 3).
    NoUpgrade,
    /// `Sec-WebSocket-Accept` does not occur exactly once with the value that the key requires
    /// (item 4).
    Accept,
    /// The response has extensions that were not offered, or that break the grammar of the header
    /// (item 5).
    Extension,
    /// `Sec-WebSocket-Protocol` or `Sec-WebSocket-Extensions` occurs twice (sections 11.3.4 and
    /// 11.3.2).
    Repeated,
    /// The selected subprotocol is not acceptable (item 6).
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
            Self::Syntax => "the bytes are not an HTTP/1.1 response",
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
