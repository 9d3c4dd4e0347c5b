//! Answers that are not 101 (RFC 6455 section 4.2.2).

use crate::handshake::BufferTooSmall;
use crate::handshake::field::{is_token, is_value};
use crate::handshake::head::write;
use bytes::BufMut;
use core::fmt;

/// A refusal that writes itself as an HTTP response; the transport is to be closed after it.
///
/// ```
/// use patchcord::handshake::server::Refusal;
///
/// let mut out = Vec::new();
/// let headers = [("WWW-Authenticate", "Token")];
/// Refusal::UNAUTHORIZED.headers(&headers).body("wrong key").write(&mut out)?;
/// let head = b"HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nWWW-Authenticate: Token\r\n";
/// assert!(out.starts_with(head));
/// # Ok::<(), patchcord::handshake::BufferTooSmall>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[must_use = "the refusal is not sent until it is written"]
pub struct Refusal<'text> {
    status: u16,
    headers: &'text [(&'text str, &'text str)],
    body: &'text str,
}

impl Refusal<'static> {
    /// 400: the request breaks a rule.
    pub const BAD_REQUEST: Self = Self::new(400);
    /// 401: a credential is missing or wrong. Say which kind in `WWW-Authenticate`.
    pub const UNAUTHORIZED: Self = Self::new(401);
    /// 403: the origin, or whoever asks, may not connect.
    pub const FORBIDDEN: Self = Self::new(403);
    /// 404: nothing is there under this resource name.
    pub const NOT_FOUND: Self = Self::new(404);
    /// 408: the request did not come in time.
    pub const TIMEOUT: Self = Self::new(408);
    /// 421: the request is for a host that is not served here.
    pub const MISDIRECTED: Self = Self::new(421);
    /// 503: the server has no room for another connection.
    pub const UNAVAILABLE: Self = Self::new(503);

    /// A refusal with this status code, from 300 to 599; another becomes 500. A status of 2xx
    /// would open the tunnel of an extended CONNECT.
    pub const fn new(status: u16) -> Self {
        let status = if matches!(status, 300..=599) { status } else { 500 };
        Self { status, headers: &[], body: "" }
    }
}

impl<'text> Refusal<'text> {
    /// The status code.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// The same refusal with these header fields.
    ///
    /// Those that no response of ours can hold are left out: a name that is no token, a value with
    /// a control character in it, and the fields that say where the response ends and what becomes
    /// of the connection.
    pub const fn headers(self, headers: &'text [(&'text str, &'text str)]) -> Self {
        Self { headers, ..self }
    }

    /// The header fields of the response but those of the connection and its length.
    pub(in crate::handshake) fn fields(&self) -> impl Iterator<Item = (&'text str, &'text str)> {
        let typed = self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("Content-Type"));
        let plain = ("Content-Type", "text/plain; charset=utf-8");
        let content_type = (!self.body.is_empty() && !typed).then_some(plain);
        self.headers
            .iter()
            .copied()
            .filter(|(name, value)| may_send(name, value))
            .chain(content_type)
    }

    /// The text of the body; empty if there is none.
    #[must_use]
    pub const fn text(&self) -> &'text str {
        self.body
    }

    /// What `Connection` says, and what `Upgrade` says if it is there.
    pub(in crate::handshake) const fn connection(&self) -> (&'static str, Option<&'static str>) {
        match self.status {
            // RFC 9110 section 15.5.22: the protocol to upgrade to must be named.
            426 => ("close, Upgrade", Some("websocket")),
            _ => ("close", None),
        }
    }

    /// The same refusal with a text for people who see it.
    pub const fn body(self, body: &'text str) -> Self {
        Self { body, ..self }
    }

    /// Appends the response to `out`.
    ///
    /// # Errors
    /// When `out` cannot hold it.
    pub fn write(&self, out: &mut impl BufMut) -> Result<(), BufferTooSmall> {
        let mut digits = [0; 20];
        let length = decimal(self.body.len(), &mut digits);
        let status = [b'0' + (self.status / 100) as u8, self.digit(10), self.digit(1)];
        write(out, |part| {
            let mut text = |text: &str| part(text.as_bytes());
            text("HTTP/1.1 ");
            text(core::str::from_utf8(&status).unwrap_or("500"));
            text(" ");
            text(reason(self.status));
            let (connection, protocol) = self.connection();
            ["\r\nConnection: ", connection, "\r\n"].into_iter().for_each(&mut text);
            if let Some(protocol) = protocol {
                ["Upgrade: ", protocol, "\r\n"].into_iter().for_each(&mut text);
            }
            for (name, value) in self.fields() {
                [name, ": ", value, "\r\n"].into_iter().for_each(&mut text);
            }
            ["Content-Length: ", length, "\r\n\r\n", self.body].into_iter().for_each(text);
        })
    }

    fn digit(&self, place: u16) -> u8 {
        b'0' + (self.status / place % 10) as u8
    }
}

/// Without the header fields: a value can be a cookie.
impl fmt::Debug for Refusal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refusal").field("status", &self.status).finish_non_exhaustive()
    }
}

/// The fields that the response writes itself.
const OWN: [&str; 4] = ["Connection", "Upgrade", "Content-Length", "Transfer-Encoding"];

fn may_send(name: &str, value: &str) -> bool {
    is_token(name.as_bytes())
        && is_value(value.as_bytes())
        && !OWN.iter().any(|own| own.eq_ignore_ascii_case(name))
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

/// The reason phrases of RFC 9110 section 15 that a refusal is likely to have.
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
        503 => "Service Unavailable",
        _ => "Refused",
    }
}
impl fmt::Display for Refusal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the request is refused with status {}", self.status)
    }
}

impl core::error::Error for Refusal<'_> {}
