//! A request, whatever its carrier.

use super::check::split_target;
use super::{Carrier, RequestError, Response, Upgrade};
use crate::handshake::admission::Admission;
#[cfg(feature = "credentials")]
use crate::handshake::credential::{Authorization, CredentialError};
use crate::handshake::extension::Extensions;
use crate::handshake::head::Headers;
use crate::handshake::known_fields::KnownFields;
use crate::handshake::subprotocol::{OfferLines, Offers};
use core::fmt;

/// A request that may be accepted. It borrows the bytes or the types that it was read from.
///
/// `Debug` shows neither the query nor the value of any header: both can hold a credential.
///
/// ```
/// use patchcord::handshake::admission::Admission;
/// use patchcord::handshake::server::RequestReader;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let bytes = b"GET /v1/listen?rate=16000 HTTP/1.1\r\nHost: api.example:8080\r\n\
///     Upgrade: websocket\r\nConnection: Upgrade\r\nUser-Agent: speaker/2\r\n\
///     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
/// let request = RequestReader::new(Admission::any()).read(&mut &bytes[..])?.ok_or("cut")?;
/// assert_eq!((request.path(), request.query()), ("/v1/listen", Some("rate=16000")));
/// assert_eq!((request.host(), request.origin()), ("api.example:8080", None));
/// assert_eq!(request.headers().get("user-agent"), Some("speaker/2"));
/// assert!(!format!("{request:?}").contains("16000"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy)]
pub struct Request<'head, C = Upgrade> {
    target: &'head str,
    host: &'head str,
    headers: Headers<'head>,
    subprotocols: OfferLines<'head>,
    extensions: Extensions<'head>,
    carrier: C,
}

impl<'head, C: Carrier> Request<'head, C> {
    /// Checks the rules that the carriers share. Without a valid key, `carrier` is `None`.
    #[inline]
    pub(in crate::handshake) fn new(
        carrier: Option<C>,
        (target, host): (&'head str, &'head str),
        headers: Headers<'head>,
        known: &KnownFields<'head>,
        admission: &Admission<'_>,
    ) -> Result<Self, RequestError> {
        if known.body {
            return Err(RequestError::Body);
        }
        // Exactly one line with this one value: a list of versions asks for none of them.
        if known.version.get() != Some(b"13") {
            return Err(C::OTHER_VERSION);
        }
        admission.judge(host, known.origin, known.fetch)?;
        let subprotocols = OfferLines::new(known.subprotocols, headers)?;
        let extensions = Extensions::new(known.extensions, headers).checked()?;
        let carrier = carrier.ok_or(RequestError::Key)?;
        Ok(Self { target, host, headers, subprotocols, extensions, carrier })
    }

    /// The request target as it was sent: a path and query, or an absolute URI.
    #[must_use]
    pub const fn target(&self) -> &'head str {
        self.target
    }

    /// The path, percent-encoded as it was sent, without the query.
    #[must_use]
    pub fn path(&self) -> &'head str {
        let resource = self.resource_name();
        let path = resource.split_once('?').map_or(resource, |(path, _)| path);
        if path.is_empty() { "/" } else { path }
    }

    /// The query, without its question mark.
    #[must_use]
    pub fn query(&self) -> Option<&'head str> {
        self.resource_name().split_once('?').map(|(_, query)| query)
    }

    /// The host that the client addresses: the authority of an absolute target, or else `Host`.
    #[must_use]
    pub const fn host(&self) -> &'head str {
        self.host
    }

    /// The header fields.
    #[must_use]
    pub const fn headers(&self) -> Headers<'head> {
        self.headers
    }

    /// The origin of the page that sent the request, if a page did.
    #[must_use]
    pub fn origin(&self) -> Option<&'head str> {
        self.headers.get("Origin")
    }

    /// The extensions that the client offers (RFC 6455 section 9.1).
    #[must_use]
    pub const fn extensions(&self) -> Extensions<'head> {
        self.extensions
    }

    /// The subprotocols that the client offers, and the credentials among them.
    #[must_use]
    pub fn offers(&self) -> Offers<'head> {
        Offers::new(&self.subprotocols)
    }

    /// Reads the client's `Authorization`; `None` if there is no such header.
    ///
    /// It is kept apart from credentials among the [`offers`](Self::offers): use one of the two, or
    /// refuse clients that send both.
    ///
    /// # Errors
    /// When the header occurs more than once, is empty, or is not encoded as its scheme requires.
    /// Answer with 400.
    #[cfg(feature = "credentials")]
    pub fn authorization(&self) -> Result<Option<Authorization<'head>>, CredentialError> {
        let mut values = self.headers.all("Authorization");
        match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some(_), Some(_)) => Err(CredentialError::Ambiguous),
            (Some(value), None) => Authorization::read(value).map(Some),
        }
    }

    /// Makes the response that opens the connection, at first without a subprotocol or extensions.
    pub fn response(&self) -> Response<'head, C> {
        Response::new(self.carrier, self.subprotocols, self.extensions)
    }

    /// Returns the target without scheme and authority.
    fn resource_name(&self) -> &'head str {
        split_target(self.target).map_or(self.target, |(_, resource)| resource)
    }
}

impl<C: Carrier> fmt::Debug for Request<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("host", &self.host)
            .field("path", &self.path())
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}
