//! Extended CONNECT: the handshake over HTTP/2 (RFC 8441) and HTTP/3 (RFC 9220).
//!
//! There a request is a list of fields, pseudo-header fields first, with `:protocol` and without
//! `Upgrade`, `Connection`, `Host` and a key; the answer is a status of 2xx. The rules for
//! versions, subprotocols, credentials, extensions and origins are those of HTTP/1.1, by the
//! same code. Frames then travel in the stream's DATA, masked as ever.
//!
//! A server begins with [`Request`], a client with
//! [`client::Request::extended_connect`]; both examples are there.

use super::Headers;
use super::admission::Admission;
use super::client::{self, Open, ResponseError, Terms, WriteError};
use super::credential::Secret;
use super::extension;
use super::field::{is_token, is_value};
use super::head::Field;
use super::seen::Seen;
use super::server::check::{is_authority, is_target};
use super::server::{Agreement, Refusal, RequestError, RequestHead};
use super::subprotocol;
use super::url::is_same_authority;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::ops::Deref;
use core::str;

/// Header fields as HTTP/2 and HTTP/3 have them: names in lower case.
///
/// Its `Debug` shows the names alone, since a value can be a credential: such a field is to be
/// sent as one that is never indexed (RFC 7541 section 7.1.3), for which [`is_sensitive`] tells
/// it from others.
///
/// [`is_sensitive`]: Self::is_sensitive
#[derive(Clone)]
pub struct Fields {
    fields: Vec<(String, Secret)>,
    secret: bool,
}

impl Fields {
    fn push(&mut self, name: &str, value: impl Into<String>) {
        self.fields.push((name.to_ascii_lowercase(), Secret::from(value.into())));
    }

    /// Name and value of each field, in the order in which they are to be sent.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), &**value))
    }

    /// Whether the field with this name holds a credential.
    #[must_use]
    pub fn is_sensitive(&self, name: &str) -> bool {
        match name {
            "authorization" | "proxy-authorization" | "cookie" => true,
            "sec-websocket-protocol" => self.secret,
            _ => false,
        }
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

impl client::Request<'_> {
    /// The fields of this request as an extended CONNECT, and what verifies the answer.
    ///
    /// To be sent only if the server's settings have `SETTINGS_ENABLE_CONNECT_PROTOCOL` set to 1
    /// (RFC 8441 section 3).
    ///
    /// ```
    /// use patchcord::handshake::Url;
    /// use patchcord::handshake::client::Request;
    ///
    /// let url = Url::parse("wss://example.com/chat")?;
    /// let (fields, verifier) = Request::new(url).extended_connect()?;
    /// assert_eq!(fields.iter().next(), Some((":method", "CONNECT")));
    /// assert!(verifier.verify(200, &[]).is_ok());
    /// assert!(verifier.verify(403, &[]).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When a header field is not one or is the handshake's own, and when a credential would go
    /// over a network unencrypted.
    pub fn extended_connect(self) -> Result<(Fields, Verifier), WriteError> {
        self.check()?;
        let mut fields = Fields { fields: Vec::new(), secret: self.offer.has_secret() };
        let (slash, resource) = self.url.resource_name();
        fields.push(":method", "CONNECT");
        fields.push(":protocol", "websocket");
        fields.push(":scheme", if self.url.is_secure() { "https" } else { "http" });
        fields.push(":authority", self.url.authority());
        fields.push(":path", [slash, resource].concat());
        fields.push("sec-websocket-version", "13");
        if let Some(value) = self.offer.value() {
            fields.fields.push((subprotocol::NAME.to_ascii_lowercase(), value));
        }
        if let Some(extensions) = &self.extensions {
            fields.push(extension::NAME, extensions.to_string());
        }
        for (name, value) in self.headers {
            fields.push(name, *value);
        }
        Ok((fields, Verifier { terms: self.terms() }))
    }
}

/// Verifies the answer to an extended CONNECT.
#[derive(Clone, Debug)]
pub struct Verifier {
    pub(super) terms: Terms,
}

impl Verifier {
    /// Checks the status and the fields of the response.
    ///
    /// # Errors
    /// When the status is not 2xx, or the server selected what was not offered.
    pub fn verify<'head>(
        &self,
        status: u16,
        fields: &'head [(&'head str, &'head [u8])],
    ) -> Result<Open<'head>, ResponseError> {
        self.check(status, Headers::of_list(fields))
    }

    pub(super) fn check<'head>(
        &self,
        status: u16,
        headers: Headers<'head>,
    ) -> Result<Open<'head>, ResponseError> {
        match status {
            200..=299 => self.terms.verify(headers, &Seen::new(&headers, &self.terms.limits)?),
            _ => Err(ResponseError::Status(status)),
        }
    }
}

/// An extended CONNECT that may be accepted; what it asks for is in the [`RequestHead`] that it
/// derefs to.
///
/// ```
/// use patchcord::handshake::extended_connect::Request;
/// use patchcord::handshake::admission::Admission;
///
/// let fields = [
///     (":method", &b"CONNECT"[..]), (":protocol", b"websocket"), (":scheme", b"https"),
///     (":path", b"/chat"), (":authority", b"example.com"),
///     ("sec-websocket-version", b"13"), ("sec-websocket-protocol", b"chat, superchat"),
/// ];
/// let request = Request::check(&fields, &Admission::any())?;
/// let selected = request.subprotocols(&[])?.server_preference(&["superchat"]);
/// let (status, fields) = request.accept(selected);
/// assert_eq!(status, 200);
/// assert_eq!(fields.iter().next(), Some(("sec-websocket-protocol", "superchat")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Request<'head> {
    head: RequestHead<'head>,
}

impl<'head> Request<'head> {
    /// Checks the fields of a request, pseudo-header fields among them.
    ///
    /// # Errors
    /// When it breaks a rule of RFC 8441 section 5 or of RFC 6455, or the policy.
    pub fn check(
        fields: &'head [(&'head str, &'head [u8])],
        admission: &Admission<'_>,
    ) -> Result<Self, RequestError> {
        let headers = Headers::of_list(fields);
        let seen = Seen::new(&headers, &admission.limits)?;
        let mut pseudo = Pseudo::default();
        let mut regular = false;
        for (name, value) in fields {
            if !is_value(value) {
                return Err(RequestError::Syntax);
            }
            if let Some(name) = name.strip_prefix(':') {
                let value = str::from_utf8(value).map_err(|_| RequestError::Syntax)?;
                pseudo.set(name, value)?;
            }
            // RFC 9113 section 8.3: the pseudo-header fields come first.
            let after = core::mem::replace(&mut regular, !name.starts_with(':'));
            if after && !regular || regular && !is_lower_case_token(name) {
                return Err(RequestError::Syntax);
            }
        }
        Self::new(pseudo, headers, &seen, admission)
    }

    pub(super) fn new(
        pseudo: Pseudo<'head>,
        headers: Headers<'head>,
        seen: &Seen<'head>,
        admission: &Admission<'_>,
    ) -> Result<Self, RequestError> {
        if pseudo.method != Some("CONNECT") {
            return Err(RequestError::ConnectMethod);
        }
        if pseudo.protocol != Some("websocket") {
            return Err(RequestError::Protocol);
        }
        if !matches!(pseudo.scheme, Some("http" | "https")) {
            return Err(RequestError::Target);
        }
        let target = pseudo.path.filter(|path| path.starts_with('/') && is_target(path));
        let target = target.ok_or(RequestError::Target)?;
        // RFC 9114 section 4.3.1: one of the two has to be there.
        let named = seen.host.get().and_then(|host| str::from_utf8(host).ok());
        let host = pseudo.authority.or(named).filter(|host| is_authority(host));
        let host = host.ok_or(RequestError::Host)?;
        if headers.iter().any(|(name, value)| is_of_connection(name, value)) {
            return Err(RequestError::Syntax);
        }
        // RFC 9113 section 8.3.1: a Host that is there must not say something else, once both are
        // normalised.
        let is_same = |other| is_same_authority(host, other, pseudo.scheme == Some("https"));
        if !matches!(seen.host, Field::Absent) && !named.is_some_and(is_same) {
            return Err(RequestError::Host);
        }
        Ok(Self { head: RequestHead::new(target, host, headers, seen, admission)? })
    }

    /// The status and the fields of the response that opens the WebSocket.
    #[must_use]
    pub fn accept<'text>(&self, agreed: impl Into<Agreement<'text>>) -> (u16, Fields) {
        let Agreement { subprotocol, extensions, .. } = self.head.own(agreed.into());
        let secret = subprotocol.is_some_and(|subprotocol| subprotocol.is_secret());
        let mut fields = Fields { fields: Vec::new(), secret };
        if let Some(subprotocol) = subprotocol {
            fields.push(subprotocol::NAME, subprotocol.as_str());
        }
        if let Some(extensions) = extensions {
            fields.push(extension::NAME, extensions.to_string());
        }
        (200, fields)
    }
}

/// The status and the fields of a refusal; its [text](Refusal::text) is for the caller to send.
///
/// What belongs to a connection of HTTP/1.1 is left out (RFC 9113 section 8.2.2), and so 426,
/// which must have some of it, becomes 400.
#[must_use]
pub fn refuse(refusal: &Refusal<'_>) -> (u16, Fields) {
    let mut fields = Fields { fields: Vec::new(), secret: false };
    for (name, value) in
        refusal.fields().filter(|(name, value)| !is_of_connection(name, value.as_bytes()))
    {
        fields.push(name, value);
    }
    let status = if refusal.status() == 426 { 400 } else { refusal.status() };
    (status, fields)
}

/// RFC 9113 section 8.2.1: the names of fields are tokens in lower case.
fn is_lower_case_token(name: &str) -> bool {
    is_token(name.as_bytes()) && !name.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// Whether a field belongs to one connection, which no message of HTTP/2 may have (RFC 9113
/// section 8.2.2).
fn is_of_connection(name: &str, value: &[u8]) -> bool {
    let is = |other: &str| name.eq_ignore_ascii_case(other);
    ["Connection", "Upgrade", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding"]
        .into_iter()
        .any(is)
        || is("TE") && !value.eq_ignore_ascii_case(b"trailers")
}

impl<'head> Deref for Request<'head> {
    type Target = RequestHead<'head>;

    fn deref(&self) -> &RequestHead<'head> {
        &self.head
    }
}

/// The pseudo-header fields of a request (RFC 9113 section 8.3.1, RFC 8441 section 4).
#[derive(Default)]
pub(super) struct Pseudo<'head> {
    pub(super) method: Option<&'head str>,
    pub(super) protocol: Option<&'head str>,
    pub(super) scheme: Option<&'head str>,
    pub(super) authority: Option<&'head str>,
    pub(super) path: Option<&'head str>,
}

impl<'head> Pseudo<'head> {
    fn set(&mut self, name: &str, value: &'head str) -> Result<(), RequestError> {
        let field = match name {
            "method" => &mut self.method,
            "protocol" => &mut self.protocol,
            "scheme" => &mut self.scheme,
            "authority" => &mut self.authority,
            "path" => &mut self.path,
            _ => return Err(RequestError::Syntax),
        };
        match field.replace(value) {
            Some(_) => Err(RequestError::Syntax),
            None => Ok(()),
        }
    }
}
