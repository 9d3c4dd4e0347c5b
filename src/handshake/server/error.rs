//! The errors of a request.

use crate::handshake::admission::Denied;
use crate::handshake::extension::ExtensionsError;
use crate::handshake::limits::TooLarge;
use crate::handshake::subprotocol::OffersError;
use core::fmt;

/// An error: the request is not one that a server can accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestError {
    /// The bytes are not the head of an HTTP/1.1 request (RFC 9112 section 2).
    Syntax,
    /// The head is longer than [`HeadLimits::head`](crate::handshake::HeadLimits::head).
    HeadTooLong,
    /// A line is longer than [`HeadLimits::line`](crate::handshake::HeadLimits::line).
    LineTooLong,
    /// The head has more lines than [`HeadLimits::lines`](crate::handshake::HeadLimits::lines), or
    /// more fields than [`HeadLimits::fields`](crate::handshake::HeadLimits::fields).
    TooManyHeaders,
    /// The method is not GET (RFC 6455 section 4.2.1, item 1).
    Method,
    /// The version is below HTTP/1.1 (item 1).
    HttpVersion,
    /// The target is neither a path nor an `http`, `https`, `ws` or `wss` URI (item 1).
    Target,
    /// There is not exactly one valid `Host` (item 2; RFC 9112 section 3.2).
    Host,
    /// The request announces a body, which an upgrade cannot have.
    Body,
    /// `Upgrade` does not list `websocket`, or `Connection` does not list `Upgrade` (items 3 and
    /// 4).
    NoUpgrade,
    /// `Sec-WebSocket-Version` does not occur exactly once with the value 13 (item 6).
    Version,
    /// The same, for an extended CONNECT, whose refusal cannot ask for an upgrade.
    ConnectVersion,
    /// There is not exactly one `Sec-WebSocket-Key` of 16 bytes in base64 (item 5).
    Key,
    /// The request is for a host that is not admitted (RFC 9110 section 15.5.20).
    Misdirected,
    /// The request comes from an origin that is not admitted (section 10.2).
    Origin,
    /// The browser's `Sec-Fetch-Mode` or `Sec-Fetch-Site` contradicts the request (W3C Fetch
    /// Metadata).
    FetchMetadata,
    /// The offered subprotocols break a rule.
    Subprotocols(OffersError),
    /// The offered extensions break the grammar of their header (section 9.1).
    Extensions,
    /// The method is not CONNECT, over HTTP/2 or HTTP/3 (RFC 8441 section 5).
    ConnectMethod,
    /// The extended CONNECT is for a protocol other than `websocket` (RFC 9220 section 3).
    Protocol,
}

impl From<TooLarge> for RequestError {
    fn from(limit: TooLarge) -> Self {
        match limit {
            TooLarge::Head => Self::HeadTooLong,
            TooLarge::Line => Self::LineTooLong,
            TooLarge::Lines => Self::TooManyHeaders,
        }
    }
}

impl From<Denied> for RequestError {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Host => Self::Misdirected,
            Denied::Origin => Self::Origin,
            Denied::FetchMetadata => Self::FetchMetadata,
        }
    }
}

impl From<ExtensionsError> for RequestError {
    fn from(_: ExtensionsError) -> Self {
        Self::Extensions
    }
}

impl From<OffersError> for RequestError {
    fn from(error: OffersError) -> Self {
        Self::Subprotocols(error)
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "the bytes are not an HTTP/1.1 request",
            Self::HeadTooLong => "the head of the request is too long",
            Self::LineTooLong => "a line of the request's head is too long",
            Self::TooManyHeaders => "the request has too many header fields",
            Self::Method => "the method of a WebSocket request must be GET",
            Self::HttpVersion => "a WebSocket request needs HTTP/1.1",
            Self::Target => "the request target is neither a path nor an http or ws URI",
            Self::Host => "the request does not have exactly one valid Host",
            Self::Body => "a WebSocket request must not have a body",
            Self::NoUpgrade => "the request does not ask for an upgrade to websocket",
            Self::Version | Self::ConnectVersion => {
                "the request does not ask for version 13 of the protocol"
            }
            Self::Key => "the request does not have exactly one valid Sec-WebSocket-Key",
            Self::Misdirected => "the request is for a host that is not served here",
            Self::FetchMetadata => "the browser's fetch metadata contradicts the request",
            Self::Origin => "the origin of the request is not allowed",
            Self::Extensions => "the offered extensions break the grammar of their header",
            Self::ConnectMethod => "the method of a WebSocket request over HTTP/2 must be CONNECT",
            Self::Protocol => "the request is for a protocol other than websocket",
            Self::Subprotocols(error) => return error.fmt(f),
        })
    }
}

impl core::error::Error for RequestError {}
