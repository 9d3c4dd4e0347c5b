//! The handshake over the `http` crate's types, for users of hyper, axum and h2.

use super::fields::Pseudo;
use crate::entropy::Entropy;
use crate::handshake::accept;
use crate::handshake::client::{
    self, Answer, ConnectReader, ResponseError, ResponseReader, WriteError,
};
use crate::handshake::field::Field;
use crate::handshake::head::Headers;
use crate::handshake::known_fields::KnownFields;
use crate::handshake::secret::Secret;
use crate::handshake::server::check::{is_scheme, upgrade};
use crate::handshake::server::{
    Carrier, Connect, Refusal, Request, RequestError, RequestReader, Response,
};
use alloc::string::String;
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Method, StatusCode, Uri, Version, request, response};

/// The head of an [`http::Request`] or of its parts; both convert by `From`.
///
/// It does not borrow the body, so a future that holds it can move between threads.
#[derive(Clone, Copy)]
pub struct HttpRequest<'head> {
    method: &'head Method,
    uri: &'head Uri,
    version: Version,
    headers: &'head HeaderMap,
}

impl<'head, B> From<&'head http::Request<B>> for HttpRequest<'head> {
    fn from(request: &'head http::Request<B>) -> Self {
        let (method, uri, headers) = (request.method(), request.uri(), request.headers());
        Self { method, uri, version: request.version(), headers }
    }
}

impl<'head> From<&'head request::Parts> for HttpRequest<'head> {
    fn from(request: &'head request::Parts) -> Self {
        let request::Parts { method, uri, version, headers, .. } = request;
        Self { method, uri, version: *version, headers }
    }
}

/// Shows neither the target nor the values: both can hold a credential.
impl core::fmt::Debug for HttpRequest<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("headers", &Headers::from_map(self.headers))
            .finish_non_exhaustive()
    }
}

/// The head of an [`http::Response`] or of its parts; both convert by `From`.
#[derive(Clone, Copy)]
pub struct HttpResponse<'head> {
    status: StatusCode,
    headers: &'head HeaderMap,
}

impl<'head, B> From<&'head http::Response<B>> for HttpResponse<'head> {
    fn from(response: &'head http::Response<B>) -> Self {
        Self { status: response.status(), headers: response.headers() }
    }
}

impl<'head> From<&'head response::Parts> for HttpResponse<'head> {
    fn from(response: &'head response::Parts) -> Self {
        Self { status: response.status, headers: &response.headers }
    }
}

/// Shows no values: one can be a credential.
impl core::fmt::Debug for HttpResponse<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("HttpResponse")
            .field("status", &self.status)
            .field("headers", &Headers::from_map(self.headers))
            .finish()
    }
}

impl RequestReader<'_> {
    /// Reads an HTTP/1.1 upgrade request that an HTTP library such as hyper or axum has read.
    ///
    /// ```
    /// use http::{Request, Response};
    /// use patchcord::handshake::admission::Admission;
    /// use patchcord::handshake::server::{Refusal, RequestReader};
    ///
    /// /// An axum handler can return this as it is: its `Response` is `http::Response<Body>`.
    /// fn upgrade<B: Default + From<String>>(request: &Request<B>) -> Response<B> {
    ///     accept(request).unwrap_or_else(|refusal| refusal.to_http()) // and take the upgrade
    /// }
    ///
    /// fn accept<B, C: Default>(request: &Request<B>) -> Result<Response<C>, Refusal> {
    ///     let request = RequestReader::new(Admission::same_host()).read_http(request)?;
    ///     let selected = request.offers().select(&["chat"])?;
    ///     Ok(request.response().with_subprotocol(selected)?.to_http())
    /// }
    /// # let request = http::Request::get("/chat").header("host", "example.com")
    /// #     .header("origin", "https://example.com").header("connection", "keep-alive, Upgrade")
    /// #     .header("upgrade", "websocket").header("sec-websocket-version", "13")
    /// #     .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
    /// #     .header("sec-websocket-protocol", "chat").body(String::new()).unwrap();
    /// # let response = upgrade(&request);
    /// # assert_eq!(response.status(), 101);
    /// # assert_eq!(response.headers()["sec-websocket-accept"], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    /// # assert_eq!(response.headers()["sec-websocket-protocol"], "chat");
    /// # assert_eq!(upgrade(&http::Request::new(String::new())).status(), 400);
    /// ```
    ///
    /// # Errors
    /// When the request breaks a rule or is not admitted, as for [`read`](Self::read).
    #[doc(alias("axum", "hyper"))]
    pub fn read_http<'head>(
        &self,
        request: impl Into<HttpRequest<'head>>,
    ) -> Result<Request<'head>, RequestError> {
        let HttpRequest { method, uri, version, headers } = request.into();
        if version != Version::HTTP_11 {
            return Err(RequestError::HttpVersion);
        }
        let headers = Headers::from_map(headers);
        let known = KnownFields::new(&headers, &self.admission.limits)?;
        // Origin-form has neither scheme nor authority; absolute-form has both.
        match (uri.scheme_str(), uri.authority()) {
            (None, None) => {}
            (Some(scheme), Some(_)) if is_scheme(scheme) => {}
            _ => return Err(RequestError::Target),
        }
        let authority = uri.authority().map(http::uri::Authority::as_str);
        upgrade(Some(method.as_str()), path(uri), authority, headers, &known, &self.admission)
    }

    /// Reads an extended CONNECT. `protocol` is its `:protocol`, which h2 and hyper put into the
    /// request's extensions.
    ///
    /// # Errors
    /// When the request breaks a rule or is not admitted, as for
    /// [`read_fields`](Self::read_fields).
    pub fn read_http_connect<'head>(
        &self,
        request: impl Into<HttpRequest<'head>>,
        protocol: Option<&'head str>,
    ) -> Result<Request<'head, Connect>, RequestError> {
        let HttpRequest { method, uri, headers, .. } = request.into();
        let authority = uri.authority().map(http::uri::Authority::as_str);
        // An `http::Uri` without an authority cannot hold the `:scheme` that arrived; h2 has
        // checked it.
        let scheme = uri.scheme_str().or_else(|| authority.is_none().then_some("https"));
        let pseudo = Pseudo {
            method: Some(method.as_str()),
            protocol,
            scheme,
            authority,
            path: Some(path(uri)),
        };
        let headers = Headers::from_map(headers);
        pseudo.request(
            headers,
            &KnownFields::new(&headers, &self.admission.limits)?,
            &self.admission,
        )
    }
}

impl<C: Carrier> Response<'_, C> {
    /// Returns the response as a value with an empty body: a 101 for an upgrade, after which you
    /// take the connection from your server, or a 200 for an extended CONNECT.
    #[must_use]
    pub fn to_http<B: Default>(&self) -> http::Response<B> {
        let mut response = http::Response::new(B::default());
        let headers = response.headers_mut();
        if let Some(proof) = self.carrier.proof() {
            headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
            headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
            insert(headers, header::SEC_WEBSOCKET_ACCEPT, &proof, false);
        }
        self.fields().for_each(|field| append(headers, field));
        *response.status_mut() = status(C::STATUS);
        response
    }
}

impl Refusal {
    /// Returns the refusal as a value, with its text as the body. The HTTP library decides what
    /// becomes of the connection.
    #[must_use]
    pub fn to_http<B: From<String>>(&self) -> http::Response<B> {
        let mut response = http::Response::new(B::from(String::from(self.body())));
        *response.status_mut() = status(self.status());
        let headers = response.headers_mut();
        if self.status() == 426 {
            // RFC 9110 section 15.5.22: a 426 must name the protocol to upgrade to.
            headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
            headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        }
        self.fields().for_each(|field| append(headers, field));
        response
    }
}

/// Converts a status code, which was checked to be a valid one.
fn status(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Adds a field. This cannot fail: names and values were checked, and the map only refuses many
/// times as many fields as a message can have.
fn append(headers: &mut HeaderMap, field: Field<'_>) {
    if let Ok(name) = HeaderName::from_bytes(field.name.as_bytes()) {
        insert(headers, name, field.value.as_bytes(), field.sensitive);
    }
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &[u8], sensitive: bool) {
    if let Ok(mut value) = HeaderValue::from_bytes(value) {
        // HPACK and QPACK then never index it.
        value.set_sensitive(sensitive);
        let _ = headers.try_append(name, value);
    }
}

/// Returns path and query; `/` if there are none.
fn path(uri: &Uri) -> &str {
    uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str)
}

impl client::Request {
    /// Returns this upgrade request as a value, and the reader of the response.
    ///
    /// Header values that hold a credential are marked sensitive.
    ///
    /// # Errors
    /// As for [`write`](Self::write), and when the `http` crate does not accept the target.
    pub fn to_http<B: Default>(
        &self,
        entropy: &mut impl Entropy,
    ) -> Result<(http::Request<B>, ResponseReader), WriteError> {
        self.check()?;
        self.measured()?;
        let mut nonce = [0; 16];
        entropy.fill(&mut nonce);
        let key = accept::key(nonce);
        let url = self.url();
        let (slash, resource) = url.resource_name();
        let mut request = to(&Secret::concat(&[slash, resource]))?;
        let headers = request.headers_mut();
        insert(headers, header::HOST, url.authority().as_bytes(), false);
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        insert(headers, header::SEC_WEBSOCKET_KEY, &key, false);
        self.append_to(headers);
        Ok((request, ResponseReader::new(accept::accept(&key), self.terms())))
    }

    /// Returns this request as an extended CONNECT, and the reader of the response. The `:protocol`
    /// `websocket` goes wherever your HTTP library expects it, such as `h2::ext::Protocol`.
    ///
    /// # Errors
    /// As for [`to_fields`](Self::to_fields), and when the `http` crate does not accept the target.
    pub fn to_http_connect<B: Default>(
        &self,
    ) -> Result<(http::Request<B>, ConnectReader), WriteError> {
        self.check()?;
        self.measured()?;
        let url = self.url();
        let scheme = if url.is_secure() { "https://" } else { "http://" };
        let (slash, resource) = url.resource_name();
        let mut request = to(&Secret::concat(&[scheme, url.authority(), slash, resource]))?;
        *request.method_mut() = Method::CONNECT;
        *request.version_mut() = Version::HTTP_2;
        self.append_to(request.headers_mut());
        Ok((request, ConnectReader::new(self.terms())))
    }

    /// Adds the fields that all carriers share.
    fn append_to(&self, headers: &mut HeaderMap) {
        let offered = self.offered();
        self.fields(offered.as_deref()).for_each(|field| append(headers, field));
    }
}

/// Makes a request with this target. Every URL that parses is a valid target.
fn to<B: Default>(target: &str) -> Result<http::Request<B>, WriteError> {
    let mut request = http::Request::new(B::default());
    *request.uri_mut() = target.parse().map_err(|_| WriteError::Target)?;
    Ok(request)
}

impl ResponseReader {
    /// Reads a response that an HTTP library has read.
    ///
    /// # Errors
    /// As for [`read`](Self::read).
    pub fn read_http<'head>(
        &self,
        response: impl Into<HttpResponse<'head>>,
    ) -> Result<Answer<'head>, ResponseError> {
        let HttpResponse { status, headers } = response.into();
        let headers = Headers::from_map(headers);
        match status {
            StatusCode::SWITCHING_PROTOCOLS => self.verify(headers).map(Answer::Accepted),
            status => {
                let status = status.as_u16();
                let response = client::Response { status, reason: "", headers, body: &[] };
                Ok(Answer::Refused(response))
            }
        }
    }
}

impl ConnectReader {
    /// Reads a response that an HTTP library has read.
    ///
    /// # Errors
    /// As for [`read_fields`](Self::read_fields).
    pub fn read_http<'head>(
        &self,
        response: impl Into<HttpResponse<'head>>,
    ) -> Result<Answer<'head>, ResponseError> {
        let HttpResponse { status, headers } = response.into();
        self.read_headers(status.as_u16(), Headers::from_map(headers))
    }
}
