//! Gateways: a request that was read becomes a request to an upstream server, over another carrier
//! if need be, and the upstream's response becomes the response to the client (RFC 8441, RFC 9220).
//!
//! Browsers may use HTTP/2 where a server speaks HTTP/1.1, or the other way round. The frames after
//! the handshake are the same bytes on every carrier, and pass through unchanged: masked, and
//! compressed if the two ends agreed on that. So a gateway translates only two heads.
//! [`forward_request`] turns a [`server::Request`](Request) into a [`client::Request`], which can
//! be written to any carrier, with a key of its own if the carrier needs one. [`forward_response`]
//! turns an [`Accepted`] response into the response for the client, and [`forward_refusal`] does
//! the same for a refusal. Both heads were checked when they were read.
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
//! /// Translates an HTTP/1.1 request for an upstream that speaks HTTP/2, and the response.
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

/// Makes the request to an upstream at `url` from a request that was read. [`Url::with_resource`]
/// keeps the client's path at another server.
///
/// Header fields are forwarded, except for those of the connection to the client (RFC 9110 section
/// 7.6.1), those that the handshake writes itself, and credentials. `credentials` names the fields
/// that the upstream may see among `Authorization`, `Cookie` and the fields in which vendors carry
/// keys. Offered extensions are forwarded too. Offered subprotocols are not, until
/// [`client::Request::with_offer`] is given the result of [`forward_offer`].
///
/// # Errors
/// When a field to be forwarded is not UTF-8, or when there are more fields than a client can send.
pub fn forward_request<C: Carrier>(
    request: &Request<'_, C>,
    url: Url<'_>,
    credentials: &[&str],
) -> Result<client::Request, ForwardError> {
    let dropped = connection_fields(request.headers());
    let mut forwarded = client::Request::new(url).with_extensions(request.extensions());
    let mut cookies = Vec::new();
    for (name, value) in request.headers().iter() {
        let is_named = credentials.iter().any(|other| other.eq_ignore_ascii_case(name));
        let is_secret = is_in(&CREDENTIALS, name) && !is_named;
        let is_dropped = || dropped.binary_search(&name.to_ascii_lowercase()).is_ok();
        // Pseudo-header fields are made anew from the URL.
        if name.starts_with(':') || is_in(&NOT_ONWARD, name) || is_secret || is_dropped() {
            continue;
        }
        let value = str::from_utf8(value).map_err(|_| ForwardError::NotText)?;
        // A field that the caller names is a credential in the forwarded request as well: hidden in
        // `Debug`, and not sent over `ws:` to another machine.
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

/// Joins the pieces of a cookie into one line, as other carriers expect it (RFC 9113 section
/// 8.2.3).
fn joined(cookies: &[&str]) -> Option<Secret> {
    // Allocated once: a text that grows leaves copies behind, which are not wiped.
    let length: usize = cookies.iter().map(|cookie| cookie.len() + 2).sum();
    let mut joined = Secret::with_capacity(length);
    for cookie in cookies {
        let divider = if joined.is_empty() { "" } else { "; " };
        joined.append(|text| text.extend([divider, cookie]));
    }
    (!cookies.is_empty()).then_some(joined)
}

/// The fields that are not forwarded: those of a connection (RFC 9110 sections 7.6.1, 7.8 and
/// 11.7), `Expect`, which is answered here, and those that the handshake writes itself (RFC 6455
/// section 11.3).
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

/// The fields that hold credentials: those of HTTP, and those that services document for keys
/// (ElevenLabs, Azure, Gladia, AWS).
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

/// Returns the names listed in `Connection`, lower-case and sorted. An intermediary must not
/// forward these fields (RFC 9110 section 7.6.1). There can be thousands of them, so they are
/// looked up by binary search.
fn connection_fields(headers: Headers<'_>) -> Vec<String> {
    let names = headers.all("Connection").flat_map(elements);
    let names = names.filter_map(|name| str::from_utf8(name).ok());
    let mut names: Vec<String> = names.map(str::to_ascii_lowercase).collect();
    names.sort_unstable();
    names
}

/// Makes the offer of subprotocols for the upstream from those that the client offered, without the
/// credentials that were taken out of them.
///
/// # Errors
/// When a subprotocol cannot be sent, for example because it is too long.
pub fn forward_offer(offers: &Offers<'_>) -> Result<Offer, OfferError> {
    offers.iter().try_fold(Offer::optional(), |offer, name| offer.with_name(name.as_str()))
}

/// Makes the response to the client when the upstream accepted, with the subprotocol and the
/// extensions that the upstream selected.
///
/// A subprotocol that the gateway offered and the client did not is left out. So is a credential of
/// the client's, unless it is the only thing that the client offered
/// ([`Scheme::sole`](super::credential::Scheme::sole)).
///
/// # Errors
/// A 502 when the upstream agreed to extensions that this client did not offer.
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

/// The fields of a refusal that are forwarded: those that tell the client how to do better. The
/// body is not forwarded, and neither are fields about it, nor cookies.
const PASSED: [&str; 4] = ["WWW-Authenticate", "Location", "Retry-After", "Allow"];

/// Makes the refusal for the client when the upstream refused, over whatever carrier.
///
/// A status that means nothing to the client becomes 502: one that does not refuse, 407, which is
/// between the gateway and a proxy, and 426, since the client did ask for the right upgrade. The
/// result is a bare 502, too, if a field that the client should have cannot be sent.
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

/// An error: the request cannot be forwarded. Answer with 400.
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
