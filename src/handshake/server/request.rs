//! A client's request for an upgrade of HTTP/1.1, read and accepted (RFC 6455 section 4.2).

use super::check::{split_target, upgrade};
use super::{Agreement, RequestError, RequestHead};
use crate::handshake::accept::{self, ACCEPT};
use crate::handshake::admission::Admission;
use crate::handshake::field::{is_tchar, trim};
use crate::handshake::head::{Finder, Headers, display, may_begin, with_room, write};
use crate::handshake::seen::Seen;
use crate::handshake::{BufferTooSmall, HeadLimits, steps};
use bytes::BufMut;
use core::fmt;
use core::mem::MaybeUninit;
use core::ops::Deref;

/// Reads the request of one connection, however it is cut.
///
/// ```
/// use patchcord::handshake::admission::Admission;
/// use patchcord::handshake::server::RequestReader;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let bytes = b"GET /chat HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\n\
///     Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
///     Sec-WebSocket-Protocol: chat, superchat\r\nSec-WebSocket-Version: 13\r\n\r\n\x81\x85";
/// let mut reader = RequestReader::new(Admission::any());
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
    admission: Admission<'policy>,
    finder: Finder,
}

impl<'policy> RequestReader<'policy> {
    /// A reader of the requests that are let in.
    #[must_use]
    pub fn new(admission: Admission<'policy>) -> Self {
        Self { admission, finder: Finder::default() }
    }

    /// Reads a request from the front of `input`, and consumes it; `None` if it is not all there.
    ///
    /// The bytes of an unfinished request are not consumed, and each is looked at once: give
    /// them again with more behind them.
    ///
    /// # Errors
    /// When the request breaks a rule, a limit or the policy; the error knows its
    /// [`refusal`](RequestError::refusal). What is no request is refused when its head is complete or
    /// too long, and at once if no method begins with its first byte.
    pub fn read<'head>(
        &mut self,
        input: &mut &'head [u8],
    ) -> Result<Option<Request<'head>>, RequestError> {
        let bytes = *input;
        let limits = self.admission.limits;
        // Most heads come whole: parsing finds their end, and no search is needed.
        if self.finder.is_new() {
            let whole = with_room(limits.lines.min(HeadLimits::LINES), |fields| {
                let (parsed, length) = parse(bytes, fields)?;
                let is_short = length <= limits.line.min(limits.head);
                is_short.then(|| self.take(&parsed, length, input))
            });
            if let Some(taken) = whole {
                return taken.map(Some);
            }
        }
        if !may_begin(bytes, is_tchar) {
            return Err(RequestError::Syntax);
        }
        let Some(found) = self.finder.find(bytes, &limits)? else { return Ok(None) };
        with_room(found.headers, |fields| match parse(&bytes[..found.length], fields) {
            Some((parsed, end)) if end == found.length => self.take(&parsed, end, input).map(Some),
            _ => Err(RequestError::Syntax),
        })
    }

    fn take<'head>(
        &self,
        parsed: &httparse::Request<'_, 'head>,
        length: usize,
        input: &mut &'head [u8],
    ) -> Result<Request<'head>, RequestError> {
        let (head, rest) = input.split_at(length);
        if parsed.version != Some(1) {
            return Err(RequestError::HttpVersion);
        }
        let mut seen = Seen::default();
        for field in parsed.headers.iter() {
            seen.look(field.name, trim(field.value));
        }
        let target = parsed.path.unwrap_or_default();
        let headers = Headers::of_head(head);
        let authority = split_target(target).map(|(authority, _)| authority);
        let admission = &self.admission;
        let (head, key) = upgrade(parsed.method, target, authority, headers, &seen, admission)?;
        *input = rest;
        Ok(Request { head, key, expects: seen.expects })
    }
}

type Fields<'head> = [MaybeUninit<httparse::Header<'head>>];

/// A request and its length in bytes, if the head is whole and well-formed.
fn parse<'fields, 'head>(
    bytes: &'head [u8],
    fields: &'fields mut Fields<'head>,
) -> Option<(httparse::Request<'fields, 'head>, usize)> {
    let mut request = httparse::Request::new(&mut []);
    steps::count(bytes.len());
    match request.parse_with_uninit_headers(bytes, fields) {
        Ok(httparse::Status::Complete(length)) => Some((request, length)),
        _ => None,
    }
}

/// A request that may be accepted; what it asks for is in the [`RequestHead`] that it derefs to.
#[derive(Clone, Copy)]
pub struct Request<'head> {
    pub(in crate::handshake) head: RequestHead<'head>,
    pub(in crate::handshake) key: [u8; accept::KEY],
    /// Whether the client waits for an interim response.
    pub(in crate::handshake) expects: bool,
}

impl<'head> Deref for Request<'head> {
    type Target = RequestHead<'head>;

    fn deref(&self) -> &RequestHead<'head> {
        &self.head
    }
}

impl<'head> Request<'head> {
    /// Appends the 101 response to `out`: from its end on, the connection carries frames.
    ///
    /// What is agreed is a selected subprotocol, or an [`Agreement`] with extensions. The
    /// subprotocol and the extensions of another request, which this client did not offer, are left out.
    ///
    /// # Errors
    /// When `out` cannot hold it.
    pub fn accept<'text>(
        &self,
        agreed: impl Into<Agreement<'text>>,
        out: &mut impl BufMut,
    ) -> Result<(), BufferTooSmall> {
        let Agreement { subprotocol, extensions, .. } = self.head.own(agreed.into());
        let accept: [u8; ACCEPT] = accept::accept(&self.key);
        // Peers compare these values letter by letter, so they are spelled as in section 4.2.2.
        write(out, |part| {
            if self.expects {
                // RFC 9110 section 7.8: 100 comes before 101.
                part(b"HTTP/1.1 100 Continue\r\n\r\n");
            }
            part(b"HTTP/1.1 101 Switching Protocols\r\n");
            part(b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ");
            part(&accept);
            if let Some(subprotocol) = subprotocol {
                part(b"\r\nSec-WebSocket-Protocol: ");
                part(subprotocol.as_str().as_bytes());
            }
            if let Some(extensions) = extensions {
                part(b"\r\nSec-WebSocket-Extensions: ");
                display(&extensions, part);
            }
            part(b"\r\n\r\n");
        })
    }
}

/// Without the key: no field's value is shown.
impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Request").field(&self.head).finish()
    }
}
