//! The server's side of the handshake in the bytes of HTTP/1.1.

use super::http1::put_fields;
use crate::handshake::accept::{self, ACCEPT};
use crate::handshake::grammar::{is_tchar, trim};
use crate::handshake::head::{BufferTooSmall, Headers, may_begin, with_room, write};
use crate::handshake::known_fields::KnownFields;
use crate::handshake::limits::HeadLimits;
use crate::handshake::server::check::{split_target, upgrade};
use crate::handshake::server::{Refusal, Request, RequestError, RequestReader, Response};
use crate::handshake::steps;
use bytes::BufMut;
use core::mem::MaybeUninit;

impl RequestReader<'_> {
    /// Reads a request from the front of `input` and consumes it; `None` if not all of it has
    /// arrived.
    ///
    /// The bytes of an unfinished request are not consumed, and each byte is looked at once: pass
    /// the same bytes again, followed by those that arrived since.
    ///
    /// # Errors
    /// When the request breaks a rule, exceeds a limit, or is not admitted; the error converts into
    /// its [`Refusal`]. Bytes that are not a request are refused when the head is complete or too
    /// long, and at once if no method can begin with the first byte.
    pub fn read<'head>(
        &mut self,
        input: &mut &'head [u8],
    ) -> Result<Option<Request<'head>>, RequestError> {
        let bytes = *input;
        let limits = self.admission.limits;
        // Most heads arrive whole. The parser finds their end by itself, so a search would be a
        // second pass.
        if self.finder.is_new() {
            let whole = with_room(limits.lines.min(HeadLimits::LINES), |fields| {
                let (parsed, length) = parse_request(bytes, fields)?;
                // A longer head may have a line that is too long, which the search below finds.
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
        with_room(found.headers, |fields| match parse_request(&bytes[..found.length], fields) {
            // Two opinions on where a head ends are how requests are smuggled: refuse.
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
        let mut known = KnownFields::default();
        for field in parsed.headers.iter() {
            known.look(field.name, trim(field.value));
        }
        let target = parsed.path.unwrap_or_default();
        let headers = Headers::from_head(head);
        let authority = split_target(target).map(|(authority, _)| authority);
        let admission = &self.admission;
        let request = upgrade(parsed.method, target, authority, headers, &known, admission)?;
        // Consumed only here, since a refused request stays in the input.
        *input = rest;
        Ok(request)
    }
}

type Slots<'head> = [MaybeUninit<httparse::Header<'head>>];

/// Parses a request, and returns it with its length in bytes, if the head is complete and
/// well-formed.
fn parse_request<'fields, 'head>(
    bytes: &'head [u8],
    fields: &'fields mut Slots<'head>,
) -> Option<(httparse::Request<'fields, 'head>, usize)> {
    let mut request = httparse::Request::new(&mut []);
    steps::count(bytes.len());
    match request.parse_with_uninit_headers(bytes, fields) {
        Ok(httparse::Status::Complete(length)) => Some((request, length)),
        _ => None,
    }
}

/// Some clients compare these values byte by byte, so they are spelled as in section 4.2.2.
const START: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Accept: ";

impl Response<'_> {
    /// Appends the 101 response to `out`. Everything after it on the connection is frames.
    ///
    /// # Errors
    /// When `out` cannot hold it.
    pub fn write(&self, out: &mut impl BufMut) -> Result<(), BufferTooSmall> {
        // In one piece, because most responses have no further fields.
        let mut start = [0; START.len() + ACCEPT + 2];
        let (first, rest) = start.split_at_mut(START.len());
        let (proof, end) = rest.split_at_mut(ACCEPT);
        first.copy_from_slice(START);
        proof.copy_from_slice(&accept::accept(&self.carrier.key));
        end.copy_from_slice(b"\r\n");
        write(out, |part| {
            if self.carrier.expects {
                // RFC 9110 section 7.8: the 100 precedes the 101.
                part(b"HTTP/1.1 100 Continue\r\n\r\n");
            }
            part(&start);
            put_fields(self.fields(), part);
            part(b"\r\n");
        })
    }
}

impl Refusal {
    /// Appends the response to `out`.
    ///
    /// # Errors
    /// When `out` cannot hold it.
    pub fn write(&self, out: &mut impl BufMut) -> Result<(), BufferTooSmall> {
        let mut digits = [0; 20];
        let length = decimal(self.body().len(), &mut digits);
        let mut digits = [0; 20];
        let status = decimal(self.status().into(), &mut digits);
        write(out, |part| {
            let mut text = |text: &str| part(text.as_bytes());
            ["HTTP/1.1 ", status, " ", reason(self.status())].into_iter().for_each(&mut text);
            // RFC 9110 section 15.5.22: a 426 must name the protocol to upgrade to.
            text(match self.status() {
                426 => "\r\nConnection: close, Upgrade\r\nUpgrade: websocket\r\n",
                _ => "\r\nConnection: close\r\n",
            });
            put_fields(self.fields(), part);
            for text in ["Content-Length: ", length, "\r\n\r\n", self.body()] {
                part(text.as_bytes());
            }
        })
    }
}

fn decimal(mut number: usize, digits: &mut [u8; 20]) -> &str {
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            return core::str::from_utf8(&digits[start..]).unwrap_or("0");
        }
    }
}

/// Returns the reason phrase of RFC 9110 section 15 for a status that a refusal is likely to have.
const fn reason(status: u16) -> &'static str {
    match status {
        301 => "Moved Permanently",
        302 => "Found",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        421 => "Misdirected Request",
        426 => "Upgrade Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Refused",
    }
}
