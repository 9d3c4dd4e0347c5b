//! What a request asks for, whatever carried it.

use super::check::split_target;
use super::{Agreement, RequestError};
use crate::handshake::admission::Admission;
use crate::handshake::credential::Scheme;
#[cfg(feature = "credentials")]
use crate::handshake::credential::{Codec, Credential, CredentialError};
use crate::handshake::extension::Extensions;
use crate::handshake::field::elements;
use crate::handshake::head::{Field, Headers};
use crate::handshake::seen::Seen;
use crate::handshake::subprotocol::{self, Entries, Offers, OffersError};
use core::fmt;

/// What a request asks for; it borrows the bytes or the types that it was read from.
///
/// Its `Debug` shows neither the query nor a header's value: both can hold a credential.
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
pub struct RequestHead<'head> {
    target: &'head str,
    host: &'head str,
    headers: Headers<'head>,
    subprotocols: Field<'head>,
    extensions: Field<'head>,
}

impl<'head> RequestHead<'head> {
    /// Checks what the three carriers have in common.
    pub(in crate::handshake) fn new(
        target: &'head str,
        host: &'head str,
        headers: Headers<'head>,
        seen: &Seen<'head>,
        admission: &Admission<'_>,
    ) -> Result<Self, RequestError> {
        if seen.body {
            return Err(RequestError::Body);
        }
        if seen.version.get() != Some(b"13") {
            return Err(RequestError::Version);
        }
        admission.judge(host, seen.origin, seen.fetch)?;
        let (subprotocols, extensions) = (seen.subprotocols, seen.extensions);
        let head = Self { target, host, headers, subprotocols, extensions };
        // Most requests offer nothing.
        if !matches!(subprotocols, Field::Absent) {
            Entries::check(subprotocols.values(headers, subprotocol::NAME))?;
        }
        head.extensions().checked()?;
        Ok(head)
    }

    /// The request target as it was sent: a path and query, or a whole URI.
    #[must_use]
    pub const fn target(&self) -> &'head str {
        self.target
    }

    /// The path: what comes before the query, percent-encoded as it was sent.
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

    /// The host that the client means: the authority of an absolute target, else `Host`.
    #[must_use]
    pub const fn host(&self) -> &'head str {
        self.host
    }

    /// The header fields.
    #[must_use]
    pub const fn headers(&self) -> Headers<'head> {
        self.headers
    }

    /// The origin of the page that the client is in, if it is in one.
    #[must_use]
    pub fn origin(&self) -> Option<&'head str> {
        self.headers.get("Origin")
    }

    /// The extensions that the client offers (RFC 6455 section 9.1).
    #[must_use]
    pub const fn extensions(&self) -> Extensions<'head> {
        Extensions::new(self.extensions, self.headers)
    }

    /// What the client offers, after the credentials of `schemes` were taken out.
    ///
    /// Give the schemes that the server knows, up to
    /// [`MAX_SCHEMES`](crate::handshake::subprotocol::MAX_SCHEMES), or none: then every offer is
    /// a name.
    ///
    /// # Errors
    /// When a credential is not as its scheme says; the answer is 400.
    pub fn subprotocols(&self, schemes: &[Scheme<'_>]) -> Result<Offers<'head>, OffersError> {
        let lines = self.subprotocols.values(self.headers, subprotocol::NAME);
        let mut offers = Offers::new(Entries::read(lines)?);
        offers.extract(schemes)?;
        Ok(offers)
    }

    /// The credential that the client shows: the `Bearer` or `Token` of its `Authorization` if it
    /// sent one, else `offered`, which is what a scheme found. The two are never mixed.
    ///
    /// # Errors
    /// When `Authorization` is there more than once, is of another kind, or is empty; the answer
    /// is 400 or 401. `Basic` is another kind, since browsers may send it on their own: see
    /// [`authorization`](Self::authorization).
    #[cfg(feature = "credentials")]
    pub fn credential(
        &self,
        offered: Option<Credential>,
    ) -> Result<Option<Credential>, CredentialError> {
        match self.authorization()? {
            None => Ok(offered),
            Some((AuthorizationKind::Bearer | AuthorizationKind::Token, key)) => Ok(Some(key)),
            Some((AuthorizationKind::Basic, _)) => Err(CredentialError::Encoding),
        }
    }

    /// What the client's `Authorization` holds (RFC 9110 section 11.6.2); of `Basic` that is
    /// `user:password`, decoded.
    ///
    /// # Errors
    /// When the header is there more than once, is of no kind that is known, is empty, or is not
    /// encoded as its kind says.
    #[cfg(feature = "credentials")]
    pub fn authorization(
        &self,
    ) -> Result<Option<(AuthorizationKind, Credential)>, CredentialError> {
        let mut values = self.headers.all("Authorization");
        match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some(_), Some(_)) => Err(CredentialError::Ambiguous),
            (Some(value), None) => authorization(value).map(Some),
        }
    }

    /// The agreement without what another request offers, and this one does not: a subprotocol, or
    /// extensions, whose parameters answer all that was offered and not only a name.
    pub(in crate::handshake) fn own<'text>(&self, agreed: Agreement<'text>) -> Agreement<'text> {
        let mut lines = self.subprotocols.values(self.headers, subprotocol::NAME);
        let mut offered = |name: &[u8]| lines.any(|line| elements(line).any(|entry| entry == name));
        let is_own = |offers: &Extensions<'_>| offers.is_same(&self.extensions());
        Agreement {
            subprotocol: agreed.subprotocol.filter(|name| offered(name.as_str().as_bytes())),
            extensions: agreed.extensions.filter(|_| agreed.offers.as_ref().is_some_and(is_own)),
            ..agreed
        }
    }

    /// The target without scheme and authority.
    fn resource_name(&self) -> &'head str {
        split_target(self.target).map_or(self.target, |(_, resource)| resource)
    }
}

/// The kind of an `Authorization`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuthorizationKind {
    /// `Bearer` (RFC 6750).
    Bearer,
    /// `Token`: not registered, but what speech APIs use.
    Token,
    /// `Basic` (RFC 7617): a user's name and password.
    Basic,
}

#[cfg(feature = "credentials")]
fn authorization(value: &[u8]) -> Result<(AuthorizationKind, Credential), CredentialError> {
    let value = core::str::from_utf8(value).map_err(|_| CredentialError::Encoding)?;
    let (kind, secret) = value.split_once(' ').ok_or(CredentialError::Missing)?;
    let secret = secret.trim_matches(' ');
    let is = |name: &str| kind.eq_ignore_ascii_case(name);
    let (kind, codec) = match kind {
        _ if is("Bearer") => (AuthorizationKind::Bearer, Codec::Raw),
        _ if is("Token") => (AuthorizationKind::Token, Codec::Raw),
        _ if is("Basic") => (AuthorizationKind::Basic, Codec::Base64),
        _ => return Err(CredentialError::Encoding),
    };
    if secret.is_empty() {
        return Err(CredentialError::Missing);
    }
    let secret = codec.decode(secret).ok_or(CredentialError::Encoding)?;
    Ok((kind, Credential(secret)))
}

impl fmt::Debug for RequestHead<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestHead")
            .field("host", &self.host)
            .field("path", &self.path())
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}
