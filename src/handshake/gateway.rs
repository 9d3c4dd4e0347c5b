//! A gateway: a request that was read becomes one to an upstream, over another carrier if need be, and
//! the upstream's answer becomes that to the client (RFC 8441, RFC 9220).
//!
//! Browsers come over HTTP/2 and servers speak HTTP/1.1, or the other way round. The frames behind the
//! handshake are the same bytes for all carriers and pass as they are, masked, and compressed if the two ends
//! agreed to that. So a gateway translates two heads: [`forward_request`] makes a [`client::Request`] of a
//! [`server::Request`](Request), which is written to any carrier, with a key of its own if that needs one;
//! [`forward_response`] makes what the server says of what [`Accepted`] proves. What opens or refuses was checked on
//! both sides.
//!
//! ```
//! use patchcord::handshake::client::Answer;
//! use patchcord::handshake::gateway::{
//!     forward_offer, forward_refusal, forward_request, forward_response,
//! };
//! use patchcord::handshake::server::{Refusal, Request};
//! use patchcord::handshake::{Fields, Url};
//! use std::error::Error;
//!
//! /// Translates a request of HTTP/1.1 for an upstream that speaks HTTP/2, and its answer.
//! fn forward(
//!     request: &Request<'_>,
//!     upstream: Url<'_>,
//!     ask: impl Fn(Fields) -> (u16, Vec<(String, Vec<u8>)>),
//!     out: &mut Vec<u8>,
//! ) -> Result<(), Box<dyn Error>> {
//!     let offers = request.offers();
//!     let url = upstream.with_resource(request.path(), request.query())?;
//!     let forwarded = forward_request(request, url.as_url(), &["Authorization"])?;
//!     let (fields, reader) = forwarded.with_offer(forward_offer(&offers)?).to_fields()?;
//!
//!     let (status, fields) = ask(fields);
//!     let fields: Vec<(&str, &[u8])> = fields.iter().map(|(n, v)| (&**n, &**v)).collect();
//!     match reader.read_fields(status, &fields) {
//!         Ok(Answer::Accepted(open)) => forward_response(request, &offers, &open)?.write(out)?,
//!         Ok(Answer::Refused(response)) => forward_refusal(&response).write(out)?,
//!         Err(_) => Refusal::BAD_GATEWAY.write(out)?,
//!     }
//!     Ok(())
//! }
//! # use patchcord::handshake::{admission::Admission, server::RequestReader};
//! # let head = b"GET /a?b HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
//! #     Authorization: Bearer 5ec7e7\r\nCookie: c\r\n\
//! #     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
//! # let request = RequestReader::new(Admission::any()).read(&mut &head[..]).unwrap().unwrap();
//! # let mut out = Vec::new();
//! # forward(&request, Url::parse("wss://up.example").unwrap(), |fields| {
//! #     let fields: Vec<_> = fields.iter().map(|f| (f.name.to_owned(), f.value.to_owned())).collect();
//! #     assert!(fields.contains(&(":path".into(), "/a?b".into())));
//! #     assert_eq!(fields.last().unwrap(), &("authorization".into(), "Bearer 5ec7e7".into()));
//! #     (200, vec![])
//! # }, &mut out).unwrap();
//! # assert!(out.starts_with(b"HTTP/1.1 101 "));
//! ```

use super::client::{self, Accepted};
use super::field::FieldError;
use super::grammar::elements;
use super::head::Headers;
use super::secret::Secret;
use super::server::{Carrier, Refusal, Request, Response};
use super::subprotocol::{Offer, OfferError, Offers};
use super::url::Url;
use alloc::string::String;
use alloc::vec::Vec;
use core::{fmt, str};

/// Makes a request to `url` of one that was read: see [`Url::with_resource`] for the same path at another
/// server.
///
/// Header fields go along, but for those of the connection to the client (RFC 9110 section 7.6.1), those that
/// the handshake writes itself, and credentials: `credentials` names the fields that the upstream may have of
/// `Authorization`, `Cookie` and those in which vendors carry keys. What the client offers of extensions goes
/// along too; of subprotocols only what [`client::Request::with_offer`] is given, by [`forward_offer`] those of the
/// client.
///
/// # Errors
/// When a field that is to go along is not UTF-8, or there are more than a client can send.
pub fn forward_request<C: Carrier>(
    request: &Request<'_, C>,
    url: Url<'_>,
    credentials: &[&str],
) -> Result<client::Request, ForwardError> {
    let dropped = of_connection(request.headers());
    let mut forwarded = client::Request::new(url).with_extensions(request.extensions());
    let mut cookies = Vec::new();
    for (name, value) in request.headers().iter() {
        let is_named = credentials.iter().any(|other| other.eq_ignore_ascii_case(name));
        let is_secret = is_in(&CREDENTIALS, name) && !is_named;
        let is_dropped = || dropped.binary_search(&name.to_ascii_lowercase()).is_ok();
        if name.starts_with(':') || is_in(&NOT_ONWARD, name) || is_secret || is_dropped() {
            continue;
        }
        let value = str::from_utf8(value).map_err(|_| ForwardError::NotText)?;
        // What the caller names is a credential to the request as well: hidden, and not for `ws:`.
        match name.eq_ignore_ascii_case("Cookie") {
            true => cookies.push(value),
            false if is_named => forwarded = forwarded.with_secret_header(name, value)?,
            false => forwarded = forwarded.with_headers(&[(name, value)])?,
        }
    }
    match joined(&cookies) {
        Some(cookie) => Ok(forwarded.with_headers(&[("Cookie", &cookie)])?),
        None => Ok(forwarded),
    }
}

/// RFC 9113 section 8.2.3: a cookie that came in pieces is one line to others.
fn joined(cookies: &[&str]) -> Option<Secret> {
    let length: usize = cookies.iter().map(|cookie| cookie.len() + 2).sum();
    let mut joined = Secret::with_capacity(length);
    for cookie in cookies {
        let divider = if joined.is_empty() { "" } else { "; " };
        joined.append(|text| text.extend([divider, cookie]));
    }
    (!cookies.is_empty()).then_some(joined)
}

/// What stays on this side: the fields of a connection (RFC 9110 sections 7.6.1, 7.8 and 11.7), the `Expect`
/// that is answered here, and what the handshake writes itself (RFC 6455 section 11.3).
const NOT_ONWARD: [&str; 18] = [
    "Connection",
    "Keep-Alive",
    "Proxy-Connection",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
    "HTTP2-Settings",
    "Expect",
    "Content-Length",
    "Host",
    "Sec-WebSocket-Key",
    "Sec-WebSocket-Accept",
    "Sec-WebSocket-Version",
    "Sec-WebSocket-Protocol",
    "Sec-WebSocket-Extensions",
];

/// The fields that hold credentials: those of HTTP, and those in which the documentation of services has
/// keys (ElevenLabs, Azure, Gladia, AWS).
const CREDENTIALS: [&str; 8] = [
    "Authorization",
    "Cookie",
    "api-key",
    "x-api-key",
    "xi-api-key",
    "X-Gladia-Key",
    "Ocp-Apim-Subscription-Key",
    "X-Amz-Security-Token",
];

fn is_in(list: &[&str], name: &str) -> bool {
    list.iter().any(|other| other.eq_ignore_ascii_case(name))
}

/// The names that `Connection` lists, in lower case and in order: what an intermediary must not pass on
/// (RFC 9110 section 7.6.1). They are looked up by halving, since there can be thousands.
fn of_connection(headers: Headers<'_>) -> Vec<String> {
    let names = headers.all("Connection").flat_map(elements);
    let names = names.filter_map(|name| str::from_utf8(name).ok());
    let mut names: Vec<String> = names.map(str::to_ascii_lowercase).collect();
    names.sort_unstable();
    names
}

/// The subprotocols that the client offered, to be offered to the upstream: without the credentials
/// that were taken out of them.
///
/// # Errors
/// When they cannot be sent, such as one that is too long.
pub fn forward_offer(offers: &Offers<'_>) -> Result<Offer, OfferError> {
    offers.iter().try_fold(Offer::optional(), |offer, name| offer.with_name(name.as_str()))
}

/// What the server says to the client when the upstream opened: the subprotocol and the extensions that the
/// upstream selected.
///
/// A subprotocol that the client did not offer, which the gateway then did, is left out; so is a
/// credential of the client's, unless it is the only thing it offered
/// ([`Scheme::sole`](super::credential::Scheme::sole)).
///
/// # Errors
/// 502 when the upstream agreed to extensions that this client did not offer.
pub fn forward_response<'head, C: Carrier>(
    request: &Request<'head, C>,
    offers: &Offers<'head>,
    open: &Accepted<'_>,
) -> Result<Response<'head, C>, Refusal> {
    let is_it = |name: &str| Some(name) == open.subprotocol();
    let alone = || offers.select(&[]).ok().flatten().filter(|entry| is_it(entry.as_str()));
    let response = request.response().with_subprotocol(offers.find(is_it).or_else(alone))?;
    response.with_extensions(open.extensions()).map_err(|_| Refusal::BAD_GATEWAY)
}

/// What of a refusal is for the client: how to do better. A body is not passed on, and so nothing about
/// one; cookies are not either.
const PASSED: [&str; 4] = ["WWW-Authenticate", "Location", "Retry-After", "Allow"];

/// What the server says to the client when the upstream refused, whatever carried that.
///
/// A status that says nothing to the client becomes 502: one that is not a refusal, 407, which is
/// between the gateway and a proxy, and 426, since the client asked for the right upgrade. It is 502
/// alone, too, if a field that the client is to have cannot be sent.
pub fn forward_refusal(response: &client::Response<'_>) -> Refusal {
    let is_said = matches!(response.status(), 300..=599) && !matches!(response.status(), 407 | 426);
    let status = if is_said { response.status() } else { 502 };
    let headers = response.headers();
    let passed = headers.iter().filter(|(name, _)| is_in(&PASSED, name));
    let passed: Vec<_> =
        passed.filter_map(|(name, value)| Some((name, str::from_utf8(value).ok()?))).collect();
    let refusal = Refusal::new(status).unwrap_or(Refusal::BAD_GATEWAY);
    refusal.with_headers(&passed).unwrap_or(Refusal::BAD_GATEWAY)
}

/// A request that cannot be passed on; the answer is 400.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ForwardError {
    /// A header field is not UTF-8.
    NotText,
    /// A header field cannot be sent.
    Field(FieldError),
}

impl From<FieldError> for ForwardError {
    fn from(error: FieldError) -> Self {
        Self::Field(error)
    }
}

impl fmt::Display for ForwardError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotText => f.write_str("a header field of the request is not UTF-8"),
            Self::Field(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ForwardError {}
