//! What goes wrong before a connection is open.

use crate::Error;
use bytes::Bytes;
use patchcord::handshake::UrlError;
use patchcord::handshake::client::{Redirect, Response, ResponseError, WriteError, proxy};
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
    /// The server refused.
    Refused(Box<Refused>),
    /// The server sends its clients elsewhere, and that was not followed.
    Redirected(Box<Redirect>),
    /// This end, a server, answered the client with this status.
    Answered(u16),
    /// The request for a tunnel cannot be sent to the proxy.
    Proxy(proxy::TunnelError),
    /// The proxy answered with this status.
    ProxyRefused(u16),
    /// The URL is one of `wss:`, and this program has no TLS, or none that trusts any certificate.
    NoTls,
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
            Self::Refused(refused) => {
                write!(f, "the server refused with status {}", refused.status)
            }
            Self::Redirected(redirect) => {
                write!(f, "the server sends its clients to {}", redirect.url().redacted())
            }
            Self::Answered(status) => write!(f, "the client was answered with status {status}"),
            Self::Proxy(error) => error.fmt(f),
            Self::ProxyRefused(status) => write!(f, "the proxy refused with status {status}"),
            Self::NoTls => f.write_str("there is no TLS to reach a wss: URL with"),
            Self::Ended(error) => error.fmt(f),
            Self::Io(error) => error.fmt(f),
        }
    }
}

/// What a server said that did not open the connection.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refused {
    /// The status code.
    pub status: u16,
    /// The header fields. One may repeat a credential, so they are not for every log.
    pub headers: Vec<(String, Bytes)>,
    /// As much of the body as came with the head.
    pub body: Bytes,
}

impl Refused {
    /// The first header field of this name, in whatever case, if it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(value).ok()
    }

    pub(crate) fn of(response: Response<'_>) -> Self {
        let keep = |(name, value): (&str, &[u8])| (name.to_owned(), Bytes::copy_from_slice(value));
        Self {
            status: response.status(),
            headers: response.headers().iter().map(keep).collect(),
            body: Bytes::copy_from_slice(response.body()),
        }
    }
}

/// With the names of the header fields alone, and without the body.
impl fmt::Debug for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Refused")
            .field("status", &self.status)
            .field("headers", &names)
            .finish_non_exhaustive()
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
