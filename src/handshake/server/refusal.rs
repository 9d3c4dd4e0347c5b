//! Refusals: responses other than 101 (RFC 6455 section 4.2.2).

use super::{ForeignSubprotocol, RequestError};
#[cfg(feature = "credentials")]
use crate::handshake::credential::{CredentialError, NotText};
use crate::handshake::extension::NotOffered;
use crate::handshake::field::{Field, FieldError, Fields};
use crate::handshake::head::BufferTooSmall;
use crate::handshake::secret::Secret;
use crate::handshake::subprotocol::{OffersError, SelectionError};
use alloc::string::String;
use core::fmt;

/// A refusal, to be written as an HTTP response. Close the transport after it.
///
/// Every error of this side converts into a refusal, so `?` works in a function that returns one.
///
/// ```
/// use patchcord::handshake::server::Refusal;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut out = Vec::new();
/// let refusal = Refusal::UNAUTHORIZED.with_headers(&[("WWW-Authenticate", "Token")])?;
/// refusal.with_body("wrong key").write(&mut out)?;
/// let head = b"HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nWWW-Authenticate: Token\r\n";
/// assert!(out.starts_with(head));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "the refusal is not sent until it is written"]
pub struct Refusal {
    status: u16,
    /// A field of the handshake's own. It is static, because requests may have to be refused in
    /// floods.
    own: Option<(&'static str, &'static str)>,
    headers: Fields,
    body: Option<Secret>,
}

impl Refusal {
    /// 400: the request breaks a rule.
    pub const BAD_REQUEST: Self = Self::with_status(400);
    /// 401: a credential is missing or wrong. Tell which kind is wanted in `WWW-Authenticate`.
    pub const UNAUTHORIZED: Self = Self::with_status(401);
    /// 403: the origin or the client may not connect.
    pub const FORBIDDEN: Self = Self::with_status(403);
    /// 404: there is nothing under this resource name.
    pub const NOT_FOUND: Self = Self::with_status(404);
    /// 408: the request did not arrive in time.
    pub const TIMEOUT: Self = Self::with_status(408);
    /// 421: the request is for a host that is not served here.
    pub const MISDIRECTED: Self = Self::with_status(421);
    /// 429: this client sent too many requests.
    pub const TOO_MANY_REQUESTS: Self = Self::with_status(429);
    /// 500: the server made a mistake.
    pub const INTERNAL_SERVER_ERROR: Self = Self::with_status(500);
    /// 502: the server behind a gateway did not answer properly.
    pub const BAD_GATEWAY: Self = Self::with_status(502);
    /// 503: the server cannot take another connection.
    pub const UNAVAILABLE: Self = Self::with_status(503);

    /// Makes a refusal with this status code, from 300 to 599.
    ///
    /// # Errors
    /// When the code is outside that range: a 2xx would open the tunnel of an extended CONNECT.
    pub const fn new(status: u16) -> Result<Self, NotARefusal> {
        match status {
            300..=599 => Ok(Self::with_status(status)),
            _ => Err(NotARefusal),
        }
    }

    const fn with_status(status: u16) -> Self {
        Self { status, own: None, headers: Fields::NONE, body: None }
    }

    /// The status code.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// Adds header fields.
    ///
    /// # Errors
    /// When a name is not a token, a value contains a control character, or the field says where
    /// the response ends or what becomes of the connection, which the refusal does itself. The
    /// error tells which field and why.
    pub fn with_headers(self, fields: &[(&str, &str)]) -> Result<Self, FieldError> {
        Ok(Self { headers: self.headers.add_all(fields, &OWN)?, ..self })
    }

    /// Sets the body: a text for people who see the refusal.
    pub fn with_body(self, body: impl Into<String>) -> Self {
        Self { body: Some(Secret::from(body.into())), ..self }
    }

    /// The text of the body; empty if there is no body.
    #[must_use]
    pub fn body(&self) -> &str {
        self.body.as_deref().unwrap_or_default()
    }

    /// Returns the header fields of the response, except those about the connection and the length.
    pub(in crate::handshake) fn fields(&self) -> impl Iterator<Item = Field<'_>> {
        let is_typed = |field: Field<'_>| field.name.eq_ignore_ascii_case("Content-Type");
        let plain = Field::new("Content-Type", "text/plain; charset=utf-8");
        // Without a type a browser could take the body for HTML, and run what it repeats of the
        // request.
        let typed = self.body().is_empty() || self.headers.iter().any(is_typed);
        let own = self.own.map(|(name, value)| Field::new(name, value));
        own.into_iter().chain(self.headers.iter()).chain((!typed).then_some(plain))
    }

    fn with(status: u16, name: &'static str, value: &'static str) -> Self {
        Self { own: Some((name, value)), ..Self::with_status(status) }
    }
}

/// The fields that the response writes itself.
const OWN: [&str; 4] = ["Connection", "Upgrade", "Content-Length", "Transfer-Encoding"];

impl From<RequestError> for Refusal {
    fn from(error: RequestError) -> Self {
        match error {
            RequestError::Method => Self::with(405, "Allow", "GET"),
            RequestError::ConnectMethod => Self::with(405, "Allow", "CONNECT"),
            RequestError::Misdirected => Self::MISDIRECTED,
            RequestError::Origin | RequestError::FetchMetadata => Self::FORBIDDEN,
            RequestError::Protocol => Self::with_status(501),
            RequestError::HeadTooLong
            | RequestError::LineTooLong
            | RequestError::TooManyHeaders => Self::with_status(431),
            // RFC 6455 section 4.4: the response names the versions that the server speaks.
            RequestError::NoUpgrade | RequestError::Version => {
                Self::with(426, "Sec-WebSocket-Version", "13")
            }
            // A 426 must name the protocol to upgrade to (RFC 9110 section 15.5.22), which is
            // impossible in HTTP/2.
            RequestError::ConnectVersion => Self::with(400, "Sec-WebSocket-Version", "13"),
            _ => Self::BAD_REQUEST,
        }
    }
}

impl From<OffersError> for Refusal {
    fn from(_: OffersError) -> Self {
        Self::BAD_REQUEST
    }
}

impl From<SelectionError> for Refusal {
    fn from(_: SelectionError) -> Self {
        Self::BAD_REQUEST
    }
}

#[cfg(feature = "credentials")]
impl From<CredentialError> for Refusal {
    fn from(_: CredentialError) -> Self {
        Self::BAD_REQUEST
    }
}

#[cfg(feature = "credentials")]
impl From<NotText> for Refusal {
    fn from(_: NotText) -> Self {
        Self::BAD_REQUEST
    }
}

/// A mistake of the server's, not of the client's.
impl From<NotOffered> for Refusal {
    fn from(_: NotOffered) -> Self {
        Self::INTERNAL_SERVER_ERROR
    }
}

/// A mistake of the server's, not of the client's.
impl From<ForeignSubprotocol> for Refusal {
    fn from(_: ForeignSubprotocol) -> Self {
        Self::INTERNAL_SERVER_ERROR
    }
}

/// A mistake of the server's, not of the client's.
impl From<FieldError> for Refusal {
    fn from(_: FieldError) -> Self {
        Self::INTERNAL_SERVER_ERROR
    }
}

/// The server has no room for the response.
impl From<BufferTooSmall> for Refusal {
    fn from(_: BufferTooSmall) -> Self {
        Self::UNAVAILABLE
    }
}

/// Hides the values of its header fields and its body: both can repeat a secret.
impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refusal")
            .field("status", &self.status)
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the request is refused with status {}", self.status)
    }
}

impl core::error::Error for Refusal {}

/// An error: the status code does not refuse, since it is not from 300 to 599.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotARefusal;

impl fmt::Display for NotARefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the status code of a refusal must be from 300 to 599")
    }
}

impl core::error::Error for NotARefusal {}
