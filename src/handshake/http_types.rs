//! The handshake over the `http` crate's types: for users of hyper, axum and h2.

use super::accept;
use super::admission::Admission;
use super::client::{Open, ResponseError, ResponseReader, WriteError};
use super::credential::Secret;
use super::extended_connect::{self, Fields, Pseudo, Verifier};
use super::seen::Seen;
use super::server::check::{is_scheme, upgrade};
use super::server::{Agreement, Refusal, Request, RequestError};
use super::{Headers, client};
use crate::entropy::Entropy;
use alloc::string::{String, ToString};
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Method, StatusCode, Uri, Version};

impl<'head> Request<'head> {
    /// Checks a request for an upgrade of HTTP/1.1 that an HTTP library has read: hyper, axum.
    ///
    /// ```
    /// use patchcord::handshake::admission::Admission;
    /// use patchcord::handshake::server::Request;
    ///
    /// fn upgrade<B>(request: &http::Request<B>) -> http::Response<String> {
    ///     match Request::from_http(request, &Admission::same_host()) {
    ///         Err(error) => error.refusal().to_http(),
    ///         Ok(request) => match request.subprotocols(&[]) {
    ///             Err(error) => error.refusal().to_http(),
    ///             Ok(offers) => {
    ///                 let selected = offers.server_preference(&["chat"]);
    ///                 request.accept_http(selected).map(|()| String::new()) // then take the upgrade
    ///             }
    ///         },
    ///     }
    /// }
    /// # let request = http::Request::get("/chat").header("host", "example.com")
    /// #     .header("origin", "https://example.com").header("connection", "keep-alive, Upgrade")
    /// #     .header("upgrade", "websocket").header("sec-websocket-version", "13")
    /// #     .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
    /// #     .header("sec-websocket-protocol", "chat").body(()).unwrap();
    /// # let response = upgrade(&request);
    /// # assert_eq!(response.status(), 101);
    /// # assert_eq!(response.headers()["sec-websocket-accept"], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    /// # assert_eq!(response.headers()["sec-websocket-protocol"], "chat");
    /// # assert_eq!(upgrade(&http::Request::new(())).status(), 400);
    /// ```
    ///
    /// # Errors
    /// When it breaks a rule or the policy, as when it is read from bytes.
    pub fn from_http<B>(
        request: &'head http::Request<B>,
        admission: &Admission<'_>,
    ) -> Result<Self, RequestError> {
        if request.version() != Version::HTTP_11 {
            return Err(RequestError::HttpVersion);
        }
        let headers = Headers::of_map(request.headers());
        let seen = Seen::new(&headers, &admission.limits)?;
        let (method, uri) = (Some(request.method().as_str()), request.uri());
        // Origin-form has neither scheme nor authority, absolute-form has both.
        match (uri.scheme_str(), uri.authority()) {
            (None, None) => {}
            (Some(scheme), Some(_)) if is_scheme(scheme) => {}
            _ => return Err(RequestError::Target),
        }
        let authority = uri.authority().map(http::uri::Authority::as_str);
        let (head, key) = upgrade(method, path(uri), authority, headers, &seen, admission)?;
        Ok(Self { head, key, expects: seen.expects })
    }

    /// The 101 response: after it, take the upgraded connection from your server.
    #[must_use]
    pub fn accept_http<'text>(&self, agreed: impl Into<Agreement<'text>>) -> http::Response<()> {
        let mut response = http::Response::new(());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        insert(headers, header::SEC_WEBSOCKET_ACCEPT, &accept::accept(&self.key), false);
        agree(headers, self.own(agreed.into()));
        response
    }
}

impl<'head> extended_connect::Request<'head> {
    /// Checks an extended CONNECT; `protocol` is its `:protocol`, which h2 and hyper keep in the
    /// request's extensions.
    ///
    /// # Errors
    /// When it breaks a rule or the policy, as when it is a list of fields.
    pub fn from_http<B>(
        request: &'head http::Request<B>,
        protocol: Option<&'head str>,
        admission: &Admission<'_>,
    ) -> Result<Self, RequestError> {
        let uri = request.uri();
        let pseudo = Pseudo {
            method: Some(request.method().as_str()),
            protocol,
            scheme: uri.scheme_str(),
            authority: uri.authority().map(http::uri::Authority::as_str),
            path: Some(path(uri)),
        };
        let headers = Headers::of_map(request.headers());
        Self::new(pseudo, headers, &Seen::new(&headers, &admission.limits)?, admission)
    }

    /// The response that opens the WebSocket.
    #[must_use]
    pub fn accept_http<'text>(&self, agreed: impl Into<Agreement<'text>>) -> http::Response<()> {
        let mut response = http::Response::new(());
        agree(response.headers_mut(), self.own(agreed.into()));
        response
    }
}

fn agree(headers: &mut HeaderMap, agreed: Agreement<'_>) {
    if let Some(subprotocol) = agreed.subprotocol {
        let (value, secret) = (subprotocol.as_str().as_bytes(), subprotocol.is_secret());
        insert(headers, header::SEC_WEBSOCKET_PROTOCOL, value, secret);
    }
    if let Some(extensions) = agreed.extensions {
        let value = extensions.to_string();
        insert(headers, header::SEC_WEBSOCKET_EXTENSIONS, value.as_bytes(), false);
    }
}

/// Adds a field, unless its value cannot be one, which values that were checked always can, or
/// the map is full, which takes many times [`HeadLimits::LINES`](super::HeadLimits::LINES).
fn insert(headers: &mut HeaderMap, name: HeaderName, value: &[u8], sensitive: bool) {
    if let Ok(mut value) = HeaderValue::from_bytes(value) {
        value.set_sensitive(sensitive);
        let _ = headers.try_append(name, value);
    }
}

/// Path and query; `/` if there is none.
fn path(uri: &Uri) -> &str {
    uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str)
}

impl Refusal<'_> {
    /// The refusal of an upgrade as a response, with its text as the body.
    #[must_use]
    pub fn to_http(&self) -> http::Response<String> {
        let (connection, protocol) = self.connection();
        let mut response = self.response(self.status());
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static(connection));
        if let Some(protocol) = protocol {
            headers.insert(header::UPGRADE, HeaderValue::from_static(protocol));
        }
        for (name, value) in self.fields() {
            append(headers, name, value, false);
        }
        response
    }

    /// The refusal of an extended CONNECT as a response, with its text as the body.
    #[must_use]
    pub fn to_http_connect(&self) -> http::Response<String> {
        let (status, fields) = extended_connect::refuse(self);
        let mut response = self.response(status);
        for (name, value) in fields.iter() {
            append(response.headers_mut(), name, value, false);
        }
        response
    }

    fn response(&self, status: u16) -> http::Response<String> {
        let mut response = http::Response::new(self.text().to_string());
        // A refusal has a status that exists.
        *response.status_mut() =
            StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        response
    }
}

impl client::Request<'_> {
    /// This request for an upgrade as a value, and what verifies the answer.
    ///
    /// The header that holds a credential is marked sensitive.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn to_http(
        self,
        entropy: &mut impl Entropy,
    ) -> Result<(http::Request<()>, ResponseReader), WriteError> {
        let host = String::from(self.url.authority());
        let (slash, resource) = self.url.resource_name();
        let target = Secret::from([slash, resource].concat());
        let (fields, verifier) = self.extended_connect()?;
        let mut request = http::Request::new(());
        *request.uri_mut() = target.parse().map_err(|_| WriteError::Target)?;
        let mut nonce = [0; 16];
        entropy.fill(&mut nonce);
        let key = accept::key(nonce);
        let headers = request.headers_mut();
        insert(headers, header::HOST, host.as_bytes(), false);
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        insert(headers, header::SEC_WEBSOCKET_KEY, &key, false);
        append_all(headers, &fields);
        Ok((request, ResponseReader::new(accept::accept(&key), verifier.terms)))
    }

    /// This request as an extended CONNECT, and what verifies the answer; the `:protocol`
    /// `websocket` goes where your HTTP library has it, such as `h2::ext::Protocol`.
    ///
    /// # Errors
    /// As [`extended_connect`](Self::extended_connect).
    pub fn to_http_connect(self) -> Result<(http::Request<()>, Verifier), WriteError> {
        let scheme = if self.url.is_secure() { "https://" } else { "http://" };
        let (slash, resource) = self.url.resource_name();
        let target = Secret::from([scheme, self.url.authority(), slash, resource].concat());
        let (fields, verifier) = self.extended_connect()?;
        let mut request = http::Request::new(());
        *request.method_mut() = Method::CONNECT;
        *request.version_mut() = Version::HTTP_2;
        *request.uri_mut() = target.parse().map_err(|_| WriteError::Target)?;
        append_all(request.headers_mut(), &fields);
        Ok((request, verifier))
    }
}

/// Adds all fields but the pseudo-header fields.
fn append_all(headers: &mut HeaderMap, fields: &Fields) {
    for (name, value) in fields.iter().filter(|(name, _)| !name.starts_with(':')) {
        append(headers, name, value, fields.is_sensitive(name));
    }
}

/// Adds a field, unless its name cannot be one, which names that were checked always can.
fn append(headers: &mut HeaderMap, name: &str, value: &str, sensitive: bool) {
    if let Ok(name) = HeaderName::from_bytes(name.as_bytes()) {
        insert(headers, name, value.as_bytes(), sensitive);
    }
}

impl ResponseReader {
    /// Verifies a response that an HTTP library read.
    ///
    /// # Errors
    /// As [`read`](Self::read); with another status than 101,
    /// [`ResponseError::Status`].
    pub fn verify_http<'head, B>(
        &self,
        response: &'head http::Response<B>,
    ) -> Result<Open<'head>, ResponseError> {
        match response.status() {
            StatusCode::SWITCHING_PROTOCOLS => self.verify(Headers::of_map(response.headers())),
            status => Err(ResponseError::Status(status.as_u16())),
        }
    }
}

impl Verifier {
    /// Verifies a response that an HTTP library read.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn verify_http<'head, B>(
        &self,
        response: &'head http::Response<B>,
    ) -> Result<Open<'head>, ResponseError> {
        self.check(response.status().as_u16(), Headers::of_map(response.headers()))
    }
}
