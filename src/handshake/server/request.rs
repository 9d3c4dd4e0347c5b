//! A client's request, read and checked (RFC 6455 section 4.2.1).

use super::RequestError;
use crate::handshake::BufferTooSmall;
use crate::handshake::accept::{self, ACCEPT};
use crate::handshake::credential::Scheme;
use crate::handshake::field::{contains, trim};
use crate::handshake::head::{Finder, Headers, MAX_HEADERS, MAX_LINE, write};
use crate::handshake::origin::{OriginPolicy, is_host, split_port};
use crate::handshake::subprotocol::{self, Offers, OffersError, Subprotocol};
use bytes::BufMut;
use core::fmt;
use core::mem::MaybeUninit;
use core::str;

/// Reads the request of one connection, however it is cut.
///
/// ```
/// use patchcord::handshake::origin::OriginPolicy;
/// use patchcord::handshake::server::RequestReader;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let bytes = b"GET /chat HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\n\
///     Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
///     Sec-WebSocket-Protocol: chat, superchat\r\nSec-WebSocket-Version: 13\r\n\r\n\x81\x85";
/// let mut reader = RequestReader::new(OriginPolicy::any());
/// let mut input = &bytes[..];
/// let mut out = Vec::new();
/// match reader.read(&mut input) {
///     Ok(None) => {} // read more, and give the same bytes again with those behind them
///     Ok(Some(request)) => {
///         let offers = request.subprotocols(&[])?;
///         request.accept(offers.server_preference(&["superchat"]), &mut out)?;
///     }
///     Err(error) => error.refusal().write(&mut out)?,
/// }
/// assert_eq!(input, [0x81, 0x85]); // the first frame's bytes stay
/// assert!(out.ends_with(b"Sec-WebSocket-Protocol: superchat\r\n\r\n"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RequestReader<'policy> {
    origins: OriginPolicy<'policy>,
    finder: Finder,
}

impl<'policy> RequestReader<'policy> {
    /// A reader that takes requests from these origins.
    #[must_use]
    pub fn new(origins: OriginPolicy<'policy>) -> Self {
        Self { origins, finder: Finder::default() }
    }

    /// Reads a request from the front of `input`, and consumes it; `None` if it is not all there.
    ///
    /// The bytes of an unfinished request are not consumed, and each is looked at once: give
    /// them again with more behind them.
    ///
    /// # Errors
    /// When the request breaks a rule, a limit or the policy; the error knows its
    /// [`refusal`](RequestError::refusal). Bytes that can be no request are refused when the
    /// head is complete, or too long.
    pub fn read<'head>(
        &mut self,
        input: &mut &'head [u8],
    ) -> Result<Option<Request<'head>>, RequestError> {
        let bytes = *input;
        // Most heads come whole: parsing finds their end, and no search is needed.
        if self.finder.is_new() {
            let mut fields = [const { MaybeUninit::uninit() }; MAX_HEADERS];
            if let Some((parsed, length)) = parse(bytes, &mut fields)
                && length <= MAX_LINE
            {
                return self.take(&parsed, length, input).map(Some);
            }
        }
        let Some(length) = self.finder.find(bytes)? else { return Ok(None) };
        let mut fields = [const { MaybeUninit::uninit() }; MAX_HEADERS];
        match parse(&bytes[..length], &mut fields) {
            Some((parsed, end)) if end == length => self.take(&parsed, length, input).map(Some),
            _ => Err(RequestError::Syntax),
        }
    }

    fn take<'head>(
        &self,
        parsed: &httparse::Request<'_, 'head>,
        length: usize,
        input: &mut &'head [u8],
    ) -> Result<Request<'head>, RequestError> {
        let (head, rest) = input.split_at(length);
        let request = check(parsed, head)?;
        if !self.origins.admits(request.host, &request.headers) {
            return Err(RequestError::Origin);
        }
        *input = rest;
        Ok(request)
    }
}

type Fields<'head> = [MaybeUninit<httparse::Header<'head>>];

/// A request and its length in bytes, if the head is whole and well-formed.
fn parse<'fields, 'head>(
    bytes: &'head [u8],
    fields: &'fields mut Fields<'head>,
) -> Option<(httparse::Request<'fields, 'head>, usize)> {
    let mut request = httparse::Request::new(&mut []);
    match request.parse_with_uninit_headers(bytes, fields) {
        Ok(httparse::Status::Complete(length)) => Some((request, length)),
        _ => None,
    }
}

/// A request that may be accepted; it borrows the bytes that it was read from.
///
/// Its `Debug` shows neither the query nor a header's value: both can hold a credential.
#[derive(Clone, Copy)]
pub struct Request<'head> {
    target: &'head str,
    host: &'head str,
    headers: Headers<'head>,
    key: [u8; accept::KEY],
}

impl<'head> Request<'head> {
    /// The request target as it was sent: a path and query, or a whole URI.
    #[must_use]
    pub const fn target(&self) -> &'head str {
        self.target
    }

    /// The path: what comes before the query, percent-encoded as it was sent.
    #[must_use]
    pub fn path(&self) -> &'head str {
        self.resource_name().split_once('?').map_or(self.resource_name(), |(path, _)| path)
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

    /// What the client offers, after the credentials of `schemes` were taken out.
    ///
    /// Give the schemes that the server knows, up to
    /// [`MAX_SCHEMES`](subprotocol::MAX_SCHEMES), or none: then every offer is a name.
    ///
    /// # Errors
    /// When a credential is not as its scheme says; the answer is 400.
    pub fn subprotocols(&self, schemes: &[Scheme<'_>]) -> Result<Offers<'head>, OffersError> {
        let mut offers = Offers::read(&self.headers)?;
        offers.extract(schemes)?;
        Ok(offers)
    }

    /// Appends the 101 response to `out`: from its end on, the connection carries frames.
    ///
    /// # Errors
    /// When `out` cannot hold it.
    pub fn accept(
        &self,
        subprotocol: Option<Subprotocol<'_>>,
        out: &mut impl BufMut,
    ) -> Result<(), BufferTooSmall> {
        let accept: [u8; ACCEPT] = accept::accept(&self.key);
        // Peers compare these values letter by letter, so they are spelled as in section 4.2.2.
        write(out, |part| {
            part(b"HTTP/1.1 101 Switching Protocols\r\n");
            part(b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ");
            part(&accept);
            if let Some(subprotocol) = subprotocol {
                part(b"\r\nSec-WebSocket-Protocol: ");
                part(subprotocol.as_str().as_bytes());
            }
            part(b"\r\n\r\n");
        })
    }

    /// The target without scheme and authority.
    fn resource_name(&self) -> &'head str {
        split_target(self.target).map_or(self.target, |(_, resource)| resource)
    }
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("host", &self.host)
            .field("path", &self.path())
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}

/// The fields that the handshake looks at.
#[derive(Default)]
struct Seen<'head> {
    host: Field<'head>,
    key: Field<'head>,
    version: Field<'head>,
    upgrade: bool,
    connection: bool,
    body: bool,
    offers: bool,
}

/// The value of a field that must be there once.
#[derive(Default)]
enum Field<'head> {
    #[default]
    Absent,
    Single(&'head [u8]),
    Repeated,
}

impl<'head> Field<'head> {
    fn add(&mut self, value: &'head [u8]) {
        *self = if matches!(self, Self::Absent) { Self::Single(value) } else { Self::Repeated };
    }

    fn get(&self) -> Option<&'head [u8]> {
        if let Self::Single(value) = *self { Some(value) } else { None }
    }
}

impl<'head> Seen<'head> {
    fn look(&mut self, name: &str, value: &'head [u8]) {
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        match name.len() {
            4 if is("Host") => self.host.add(value),
            7 if is("Upgrade") => self.upgrade |= contains(value, "websocket"),
            10 if is("Connection") => self.connection |= contains(value, "upgrade"),
            14 if is("Content-Length") => self.body |= value != b"0",
            17 if is("Sec-WebSocket-Key") => self.key.add(value),
            17 if is("Transfer-Encoding") => self.body = true,
            21 if is("Sec-WebSocket-Version") => self.version.add(value),
            22 if is(subprotocol::NAME) => self.offers = true,
            _ => {}
        }
    }
}

/// Section 4.2.1, item by item.
fn check<'head>(
    parsed: &httparse::Request<'_, 'head>,
    head: &'head [u8],
) -> Result<Request<'head>, RequestError> {
    if parsed.method != Some("GET") {
        return Err(RequestError::Method);
    }
    if parsed.version != Some(1) {
        return Err(RequestError::HttpVersion);
    }
    let target = parsed.path.unwrap_or_default();
    if !is_target(target) {
        return Err(RequestError::Target);
    }
    let mut seen = Seen::default();
    for field in parsed.headers.iter() {
        seen.look(field.name, trim(field.value));
    }
    let host = seen.host.get().and_then(|host| str::from_utf8(host).ok());
    let host = host.filter(|host| is_authority(host)).ok_or(RequestError::Host)?;
    if seen.body {
        return Err(RequestError::Body);
    }
    if !(seen.upgrade && seen.connection) {
        return Err(RequestError::NoUpgrade);
    }
    if seen.version.get() != Some(b"13") {
        return Err(RequestError::Version);
    }
    let key = seen.key.get().filter(|key| accept::is_key(key)).ok_or(RequestError::Key)?;
    let key = key.try_into().map_err(|_| RequestError::Key)?;
    let headers = Headers::of_head(head);
    if seen.offers {
        Offers::read(&headers)?;
    }
    // RFC 9112 section 3.2.2: with an absolute target, Host is ignored.
    let host = split_target(target).map_or(host, |(authority, _)| authority);
    Ok(Request { target, host, headers, key })
}

/// Origin-form, or absolute-form with a scheme that a WebSocket request can have.
fn is_target(target: &str) -> bool {
    let well_formed = target.starts_with('/')
        || split_target(target).is_some_and(|(authority, _)| is_authority(authority));
    well_formed && !target.contains('#')
}

/// The authority of a URI, and what comes after it.
fn split_target(target: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = target.split_once("://")?;
    if !(scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")) {
        return None;
    }
    Some(rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len())))
}

fn is_authority(authority: &str) -> bool {
    split_port(authority).is_some_and(|(host, _)| is_host(host))
}
