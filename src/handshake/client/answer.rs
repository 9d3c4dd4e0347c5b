//! The responses of a server.

use crate::handshake::extension::Extensions;
use crate::handshake::head::Headers;
use core::fmt;

/// The response of a server to a handshake request.
#[derive(Clone, Copy, Debug)]
pub enum Answer<'head> {
    /// The connection is open: everything after the response is frames.
    Accepted(Accepted<'head>),
    /// Any other response, such as 401, 403 or a redirect. Whether to follow a redirect is up to
    /// the caller.
    Refused(Response<'head>),
}

impl<'head> Answer<'head> {
    /// Returns the response that opened the connection, for a client that accepts nothing else.
    ///
    /// # Errors
    /// When the server refused. The error has only the status: the rest of the response may repeat
    /// a credential.
    pub const fn accepted(self) -> Result<Accepted<'head>, Refused> {
        match self {
            Self::Accepted(accepted) => Ok(accepted),
            Self::Refused(response) => Err(Refused { status: response.status }),
        }
    }
}

/// A response that passed every check.
#[derive(Clone, Copy)]
pub struct Accepted<'head> {
    pub(in crate::handshake) headers: Headers<'head>,
    pub(in crate::handshake) subprotocol: Option<&'head str>,
    pub(in crate::handshake) extensions: Extensions<'head>,
}

impl<'head> Accepted<'head> {
    /// The subprotocol that the server selected, one of those offered. It may be the entry with the
    /// credential, so do not log it blindly; a proxy asks [`Offers::find`] which one it may pass
    /// on.
    ///
    /// [`Offers::find`]: crate::handshake::subprotocol::Offers::find
    #[must_use]
    pub const fn subprotocol(&self) -> Option<&'head str> {
        self.subprotocol
    }

    /// The extensions that the server agreed to: some of those offered, with the server's
    /// parameters.
    #[must_use]
    pub const fn extensions(&self) -> Extensions<'head> {
        self.extensions
    }

    /// The header fields.
    #[must_use]
    pub const fn headers(&self) -> Headers<'head> {
        self.headers
    }
}

/// A response that does not open a WebSocket.
#[derive(Clone, Copy)]
pub struct Response<'head> {
    pub(in crate::handshake) status: u16,
    pub(in crate::handshake) reason: &'head str,
    pub(in crate::handshake) headers: Headers<'head>,
    pub(in crate::handshake) body: &'head [u8],
}

impl<'head> Response<'head> {
    /// The status code.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// The reason phrase of HTTP/1.1: often empty, and never to be relied on.
    #[must_use]
    pub const fn reason(&self) -> &'head str {
        self.reason
    }

    /// The header fields.
    #[must_use]
    pub const fn headers(&self) -> Headers<'head> {
        self.headers
    }

    /// The part of the body that had arrived; it was consumed from the input.
    #[must_use]
    pub const fn body(&self) -> &'head [u8] {
        self.body
    }
}

/// Shows no values: one can be a credential.
impl fmt::Debug for Accepted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Accepted").field("headers", &self.headers).finish_non_exhaustive()
    }
}

/// Shows no values, reason or body: any of them can repeat a credential.
impl fmt::Debug for Response<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}

/// An error: the server answered with a status that does not open a WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refused {
    /// The status code.
    pub status: u16,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server refused with status {}", self.status)
    }
}

impl core::error::Error for Refused {}
