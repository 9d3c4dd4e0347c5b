//! The fields of HTTP/2 and HTTP/3: the handshake as an extended CONNECT (RFC 8441, RFC 9220).
//!
//! Here a request is a list of fields, pseudo-header fields first. It has `:protocol`, and has no
//! `Upgrade`, `Connection`, `Host` or key; the response is a 2xx status. The same code enforces the
//! same rules for versions, subprotocols, credentials, extensions and origins as over HTTP/1.1.
//! Frames then travel in the DATA of the stream, masked as usual.

use crate::handshake::admission::Admission;
use crate::handshake::client::{self, Answer, ConnectReader, ResponseError, WriteError};
use crate::handshake::field::{Field, Fields};
use crate::handshake::grammar::{is_token, is_value};
use crate::handshake::head::{FieldValue, Headers};
use crate::handshake::known_fields::KnownFields;
use crate::handshake::secret::Secret;
use crate::handshake::server::check::{is_authority, is_target};
use crate::handshake::server::{Connect, Refusal, Request, RequestError, RequestReader, Response};
use crate::handshake::url::is_same_authority;
use core::str;

impl client::Request {
    /// Returns the fields of this request as an extended CONNECT, and the reader of the response.
    ///
    /// Send it only if the server's settings have `SETTINGS_ENABLE_CONNECT_PROTOCOL` set to 1 (RFC
    /// 8441 section 3).
    ///
    /// ```
    /// use patchcord::handshake::Url;
    /// use patchcord::handshake::client::{Answer, Request};
    ///
    /// let request = Request::new(Url::parse("wss://example.com/chat")?);
    /// let (fields, reader) = request.to_fields()?;
    /// let first = fields.iter().next().unwrap();
    /// assert_eq!((first.name, first.value), (":method", "CONNECT"));
    /// assert!(matches!(reader.read_fields(200, &[])?, Answer::Accepted(_)));
    /// assert!(matches!(reader.read_fields(403, &[])?, Answer::Refused(_)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When a credential would cross the network unencrypted, or the request exceeds its limits.
    pub fn to_fields(&self) -> Result<(Fields, ConnectReader), WriteError> {
        self.check()?;
        self.measured()?;
        let mut fields = Fields::NONE;
        let url = self.url();
        let (slash, resource) = url.resource_name();
        let path = Secret::concat(&[slash, resource]);
        // RFC 8441 section 4: unlike a plain CONNECT, an extended one has a scheme and a path.
        for (name, value) in [
            (":method", "CONNECT"),
            (":protocol", "websocket"),
            (":scheme", if url.is_secure() { "https" } else { "http" }),
            (":authority", url.authority()),
            (":path", &*path),
        ] {
            fields.push(Field::new(name, value));
        }
        let offered = self.offered();
        self.fields(offered.as_deref()).for_each(|field| fields.push_lower_case(field));
        Ok((fields, ConnectReader::new(self.terms())))
    }
}

impl ConnectReader {
    /// Reads the status and the fields of the response.
    ///
    /// # Errors
    /// When the status is 2xx, and the server selected something that was not offered or broke
    /// another rule.
    pub fn read_fields<'head>(
        &self,
        status: u16,
        fields: &'head [(&'head str, &'head [u8])],
    ) -> Result<Answer<'head>, ResponseError> {
        self.read_headers(status, Headers::from_list(fields))
    }

    pub(super) fn read_headers<'head>(
        &self,
        status: u16,
        headers: Headers<'head>,
    ) -> Result<Answer<'head>, ResponseError> {
        match status {
            200..=299 => self.verify(headers).map(Answer::Accepted),
            _ => {
                let response = client::Response { status, reason: "", headers, body: &[] };
                Ok(Answer::Refused(response))
            }
        }
    }
}

impl RequestReader<'_> {
    /// Reads the fields of an extended CONNECT, including its pseudo-header fields.
    ///
    /// ```
    /// use patchcord::handshake::admission::Admission;
    /// use patchcord::handshake::server::RequestReader;
    ///
    /// let fields = [
    ///     (":method", &b"CONNECT"[..]), (":protocol", b"websocket"), (":scheme", b"https"),
    ///     (":path", b"/chat"), (":authority", b"example.com"),
    ///     ("sec-websocket-version", b"13"), ("sec-websocket-protocol", b"chat, superchat"),
    /// ];
    /// let request = RequestReader::new(Admission::any()).read_fields(&fields)?;
    /// let selected = request.offers().select(&["superchat"])?;
    /// let (status, fields) = request.response().with_subprotocol(selected)?.to_fields();
    /// assert_eq!(status, 200);
    /// let first = fields.iter().next().unwrap();
    /// assert_eq!((first.name, first.value), ("sec-websocket-protocol", "superchat"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When the request breaks a rule of RFC 8441 section 5 or of RFC 6455, or is not admitted.
    pub fn read_fields<'head>(
        &self,
        fields: &'head [(&'head str, &'head [u8])],
    ) -> Result<Request<'head, Connect>, RequestError> {
        let headers = Headers::from_list(fields);
        let known = KnownFields::new(&headers, &self.admission.limits)?;
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
            // RFC 9113 section 8.3: pseudo-header fields come before all others.
            let after = core::mem::replace(&mut regular, !name.starts_with(':'));
            if after && !regular || regular && !is_lower_case_token(name) {
                return Err(RequestError::Syntax);
            }
        }
        pseudo.request(headers, &known, &self.admission)
    }
}

impl Response<'_, Connect> {
    /// Returns the status and the fields of the response that opens the WebSocket.
    #[must_use]
    pub fn to_fields(&self) -> (u16, Fields) {
        let mut fields = Fields::NONE;
        self.fields().for_each(|field| fields.push_lower_case(field));
        (200, fields)
    }
}

impl Refusal {
    /// Returns the status and the fields of the refusal of an extended CONNECT. Sending its
    /// [body](Self::body) is up to the caller.
    #[must_use]
    pub fn to_fields(&self) -> (u16, Fields) {
        let mut fields = Fields::NONE;
        // Fields of an HTTP/1.1 connection are not allowed here (RFC 9113 section 8.2.2).
        let is_allowed =
            |field: &Field<'_>| !is_connection_field(field.name, field.value.as_bytes());
        self.fields().filter(is_allowed).for_each(|field| fields.push_lower_case(field));
        (self.status(), fields)
    }
}

impl Fields {
    /// Adds a field with its name in lower case, as RFC 9113 section 8.2.1 requires.
    fn push_lower_case(&mut self, field: Field<'_>) {
        self.push(Field { name: &field.name.to_ascii_lowercase(), ..field });
    }
}

/// Returns whether a name is a token in lower case (RFC 9113 section 8.2.1).
fn is_lower_case_token(name: &str) -> bool {
    is_token(name.as_bytes()) && !name.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// Returns whether a field belongs to one connection, which no HTTP/2 message may contain (RFC 9113
/// section 8.2.2).
fn is_connection_field(name: &str, value: &[u8]) -> bool {
    let is = |other: &str| name.eq_ignore_ascii_case(other);
    ["Connection", "Upgrade", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding"]
        .into_iter()
        .any(is)
        || is("TE") && !value.eq_ignore_ascii_case(b"trailers")
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

    pub(super) fn request(
        self,
        headers: Headers<'head>,
        known: &KnownFields<'head>,
        admission: &Admission<'_>,
    ) -> Result<Request<'head, Connect>, RequestError> {
        if self.method != Some("CONNECT") {
            return Err(RequestError::ConnectMethod);
        }
        if self.protocol != Some("websocket") {
            return Err(RequestError::Protocol);
        }
        if !matches!(self.scheme, Some("http" | "https")) {
            return Err(RequestError::Target);
        }
        // Origin-form only: an absolute target would bring a second authority.
        let target = self.path.filter(|path| path.starts_with('/') && is_target(path));
        let target = target.ok_or(RequestError::Target)?;
        // RFC 9114 section 4.3.1: at least one of the two must be present.
        let named = known.host.get().and_then(|host| str::from_utf8(host).ok());
        let host = self.authority.or(named).filter(|host| is_authority(host));
        let host = host.ok_or(RequestError::Host)?;
        if headers.iter().any(|(name, value)| is_connection_field(name, value)) {
            return Err(RequestError::Syntax);
        }
        // RFC 9113 section 8.3.1: Host must not differ from `:authority`, once both are normalised.
        let is_same = |other| is_same_authority(host, other, self.scheme == Some("https"));
        if !matches!(known.host, FieldValue::Absent) && !named.is_some_and(is_same) {
            return Err(RequestError::Host);
        }
        Request::new(Some(Connect), (target, host), headers, known, admission)
    }
}
