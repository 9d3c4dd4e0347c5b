//! The errors of a URL.

use core::fmt;

/// An error: the text is not a WebSocket URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UrlError {
    /// The URL is longer than [`MAX_URL`](crate::handshake::MAX_URL).
    TooLong,
    /// The scheme is neither `ws` nor `wss`.
    Scheme,
    /// The host is missing, or cannot be connected to.
    Host,
    /// The port is not a number from 1 to 65535.
    Port,
    /// There is a user name or password, which a WebSocket URL cannot have: see
    /// [`Url`](crate::handshake::Url#a-user-name-in-it).
    User,
    /// There is a fragment (section 3).
    Fragment,
    /// There is a character that must be percent-encoded: a space, a control character, one that
    /// is not ASCII, one of ``"<>[]\^`{|}`` in the path or query, or a `%` that encodes nothing.
    Character,
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "the URL is too long",
            Self::Scheme => "the URL begins with neither ws:// nor wss://",
            Self::Host => "the host of the URL is missing or invalid",
            Self::Port => "the port of the URL is not a number from 1 to 65535",
            Self::User => "the URL has a user name in it, which belongs in an Authorization header",
            Self::Fragment => "the URL has a fragment",
            Self::Character => "the URL has a character that must be percent-encoded",
        })
    }
}

impl core::error::Error for UrlError {}
