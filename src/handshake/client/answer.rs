//! What a server answers.

use crate::handshake::Headers;
use crate::handshake::extension::Extensions;
use crate::handshake::subprotocol::Subprotocol;

/// What a server said.
#[derive(Clone, Copy, Debug)]
pub enum Answer<'head> {
    /// The connection is open: what follows in the input is frames.
    Open(Open<'head>),
    /// Something else, such as 401, 403 or a redirect, which is for the caller to follow or not.
    Refused(Response<'head>),
}

/// A response that passed every check.
#[derive(Clone, Copy, Debug)]
pub struct Open<'head> {
    pub(super) headers: Headers<'head>,
    pub(super) subprotocol: Option<Subprotocol<'head>>,
    pub(super) extensions: Extensions<'head>,
}

impl<'head> Open<'head> {
    /// The subprotocol that the server selected: one of those offered.
    #[must_use]
    pub const fn subprotocol(&self) -> Option<Subprotocol<'head>> {
        self.subprotocol
    }

    /// The extensions that the server agreed to: some of those offered, with its parameters.
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
#[derive(Clone, Copy, Debug)]
pub struct Response<'head> {
    pub(super) status: u16,
    pub(super) reason: &'head str,
    pub(super) headers: Headers<'head>,
    pub(super) body: &'head [u8],
}

impl<'head> Response<'head> {
    /// The status code.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// The reason phrase: often empty, and never to be relied on.
    #[must_use]
    pub const fn reason(&self) -> &'head str {
        self.reason
    }

    /// The header fields.
    #[must_use]
    pub const fn headers(&self) -> Headers<'head> {
        self.headers
    }

    /// What had been read of the body; it is consumed from the input.
    #[must_use]
    pub const fn body(&self) -> &'head [u8] {
        self.body
    }
}
