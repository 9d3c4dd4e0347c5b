//! Tunnels through an HTTP proxy, opened by `CONNECT` before the handshake (RFC 9110 section
//! 9.3.6).
//!
//! The proxy learns the host, the port, and the credentials of its own user. It sees nothing of the
//! WebSocket: the handshake begins when the tunnel is there (RFC 6455 section 4.1), after TLS for
//! `wss`. Finding out which proxy to use, for example from `https_proxy`, is up to the caller.
//!
//! ```
//! use patchcord::handshake::Url;
//! use patchcord::handshake::client::proxy::{TunnelAnswer, TunnelReader, TunnelRequest};
//! use patchcord::{ReceiveBuffer, SendBuffer};
//! use std::error::Error;
//!
//! /// Writes the request to the proxy, and returns the reader of its response.
//! fn ask(url: Url<'_>, out: &mut SendBuffer) -> Result<TunnelReader, Box<dyn Error>> {
//!     let request = TunnelRequest::new(url).with_basic(b"scott", b"5ec7e7")?;
//!     Ok(out.head(|out| request.write(out))?)
//! }
//!
//! /// Call this after each read. When it returns true, the transport leads to the server of the URL.
//! fn is_through(reader: &mut TunnelReader, buffer: &mut ReceiveBuffer) -> Result<bool, Box<dyn Error>> {
//!     match buffer.head(|input| reader.read(input))? {
//!         None => Ok(false),
//!         Some(TunnelAnswer::Tunnel(_)) => Ok(true),
//!         Some(TunnelAnswer::Refused(response)) => Err(format!("the proxy said {}", response.status()).into()),
//!     }
//! }
//! # let mut out = SendBuffer::new();
//! # let mut reader = ask(Url::parse("ws://a.example/b?c").unwrap(), &mut out).unwrap();
//! # assert_eq!(bytes::Buf::chunk(&out), b"CONNECT a.example:80 HTTP/1.1\r\nHost: a.example:80\r\n\
//! #     Proxy-Authorization: Basic c2NvdHQ6NWVjN2U3\r\n\r\n");
//! # let mut buffer = ReceiveBuffer::default();
//! # for (at, byte) in b"HTTP/1.0 200 OK\r\n\r\n".iter().enumerate() {
//! #     buffer.space()[0] = *byte;
//! #     buffer.filled(1);
//! #     assert_eq!(is_through(&mut reader, &mut buffer).unwrap(), at == 18);
//! # }
//! ```

use super::{Response, ResponseError, parse};
use crate::handshake::grammar::{is_token, is_value};
use crate::handshake::head::{BufferTooSmall, Finder, Found, display, may_begin, write};
use crate::handshake::limits::HeadLimits;
use crate::handshake::secret::Secret;
use crate::handshake::url::Url;
use alloc::string::String;
use alloc::vec::Vec;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::BufMut;
use core::fmt;

/// A request for a tunnel, to be written to a proxy.
#[doc(alias("HTTP proxy", "https_proxy", "CONNECT"))]
#[derive(Clone)]
pub struct TunnelRequest<'text> {
    url: Url<'text>,
    authorization: Option<Secret>,
    headers: &'text [(&'text str, &'text str)],
    limits: HeadLimits,
}

/// The fields that a caller cannot add: those that frame the request, and those meant for the
/// server behind the proxy.
const NOT_FOR_PROXIES: [&str; 11] = [
    "Host",
    "Proxy-Authorization",
    "Content-Length",
    "Transfer-Encoding",
    "TE",
    "Trailer",
    "Connection",
    "Upgrade",
    "Authorization",
    "Cookie",
    "Origin",
];

/// The prefix of the names of the handshake's own fields (RFC 6455 section 11.3).
const HANDSHAKE_PREFIX: &str = "Sec-WebSocket-";

impl<'text> TunnelRequest<'text> {
    /// Makes a request for a tunnel to the host and port of this URL. Nothing else of the URL is
    /// sent.
    #[must_use]
    pub const fn new(url: Url<'text>) -> Self {
        Self { url, authorization: None, headers: &[], limits: HeadLimits::DEFAULT }
    }

    /// Sets the user name and password for the proxy (RFC 7617).
    ///
    /// Both are bytes in the charset that the proxy expects, usually UTF-8. Anyone between the
    /// client and the proxy can read them, unless that connection uses TLS too.
    ///
    /// # Errors
    /// When either contains a control character, or the name contains a colon, which would end it
    /// (section 2).
    pub fn with_basic(self, user: &[u8], password: &[u8]) -> Result<Self, TunnelError> {
        let mut bytes = user.iter().chain(password);
        if bytes.any(u8::is_ascii_control) || user.contains(&b':') {
            return Err(TunnelError::User);
        }
        Ok(Self { authorization: Some(basic(user, password)), ..self })
    }

    /// Sets another value for `Proxy-Authorization`: `Bearer 5ec7e7`, or an answer to `Negotiate`.
    #[must_use]
    pub fn with_authorization(self, value: &str) -> Self {
        Self { authorization: Some(Secret::from(String::from(value))), ..self }
    }

    /// Sets header fields for the proxy, such as `User-Agent`.
    #[must_use]
    pub fn with_headers(self, headers: &'text [(&'text str, &'text str)]) -> Self {
        Self { headers, ..self }
    }

    /// Sets the limits on the head of the response.
    #[must_use]
    pub fn with_limits(self, limits: HeadLimits) -> Self {
        Self { limits, ..self }
    }

    /// Appends the request to `out`, and returns the reader of its response.
    ///
    /// # Errors
    /// When a header field is invalid or is not for a proxy, and when `out` cannot hold the
    /// request.
    pub fn write(&self, out: &mut impl BufMut) -> Result<TunnelReader, TunnelError> {
        if self.headers.len() > HeadLimits::LINES {
            return Err(TunnelError::TooManyHeaders);
        }
        if let Some(index) = self.headers.iter().position(|(name, value)| !may_send(name, value)) {
            return Err(TunnelError::Header { index });
        }
        if self.authorization.as_ref().is_some_and(|value| !is_value(value.as_bytes())) {
            return Err(TunnelError::Authorization);
        }
        write(out, |part| self.parts(part))?;
        Ok(TunnelReader { finder: Finder::default(), limits: self.limits })
    }

    fn parts(&self, part: &mut dyn FnMut(&[u8])) {
        // RFC 9112 section 3.2.3: the port is always present. RFC 9110 section 7.2: Host repeats
        // the target.
        let target = Target(self.url);
        part(b"CONNECT ");
        display(&target, part);
        part(b" HTTP/1.1\r\nHost: ");
        display(&target, part);
        part(b"\r\n");
        let mut field = |name: &str, value: &str| {
            [name, ": ", value, "\r\n"].into_iter().for_each(|text| part(text.as_bytes()));
        };
        if let Some(authorization) = &self.authorization {
            field("Proxy-Authorization", authorization);
        }
        self.headers.iter().for_each(|(name, value)| field(name, value));
        part(b"\r\n");
    }
}

/// Shows the names of the header fields, and no values or credentials.
impl fmt::Debug for TunnelRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| *name).collect();
        f.debug_struct("TunnelRequest")
            .field("target", &format_args!("{}", Target(self.url)))
            .field("headers", &names)
            .finish_non_exhaustive()
    }
}

/// Displays a target in authority-form (RFC 9112 section 3.2.3).
struct Target<'text>(Url<'text>);

impl fmt::Display for Target<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (host, port) = (self.0.host(), self.0.port());
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

fn may_send(name: &str, value: &str) -> bool {
    let begins = name.get(..HANDSHAKE_PREFIX.len()).unwrap_or_default();
    is_token(name.as_bytes())
        && is_value(value.as_bytes())
        && !begins.eq_ignore_ascii_case(HANDSHAKE_PREFIX)
        && !NOT_FOR_PROXIES.iter().any(|other| other.eq_ignore_ascii_case(name))
}

/// Returns the value of a field for `Basic`. It is encoded three bytes at a time, so that no plain
/// copy of the password is left on the heap.
fn basic(user: &[u8], password: &[u8]) -> Secret {
    const KIND: &str = "Basic ";
    let length = user.len() + 1 + password.len();
    let mut value = Secret::with_capacity(KIND.len() + length.div_ceil(3) * 4);
    let mut bytes = user.iter().chain(b":").chain(password).copied();
    value.append(|text| {
        text.push_str(KIND);
        loop {
            // Three bytes make four characters without padding, so they can be encoded piece by
            // piece.
            let three: [Option<u8>; 3] = [bytes.next(), bytes.next(), bytes.next()];
            let count = three.iter().flatten().count();
            let three = three.map(Option::unwrap_or_default);
            STANDARD.encode_string(three.get(..count).unwrap_or_default(), text);
            if count < 3 {
                break;
            }
        }
    });
    value
}

/// Reads a proxy's response to one request for a tunnel, however it is split.
#[derive(Clone, Debug)]
pub struct TunnelReader {
    finder: Finder,
    limits: HeadLimits,
}

/// The response of a proxy.
#[derive(Clone, Copy, Debug)]
pub enum TunnelAnswer<'head> {
    /// The tunnel is open: from here on the input comes from the server. The response has no body,
    /// whatever its fields say.
    Tunnel(Response<'head>),
    /// The proxy refused. With status 407, [`challenges`](Response::challenges) tell which
    /// credentials it wants. Do not follow a redirect: it comes from the proxy, not from the
    /// server.
    Refused(Response<'head>),
}

impl TunnelReader {
    /// Reads a response from the front of `input` and consumes its head; `None` if not all of it
    /// has arrived. Interim responses (1xx) are consumed, too.
    ///
    /// Only the status counts: any 2xx opens the tunnel, over HTTP/1.0 as well, which many proxies
    /// speak.
    ///
    /// # Errors
    /// [`Syntax`](ResponseError::Syntax) when the bytes are not the head of an HTTP/1 response, or
    /// are a 101, which was not asked for; [`TooLarge`](ResponseError::TooLarge) when the head
    /// exceeds a limit. Close the connection then; the head is not consumed.
    pub fn read<'head>(
        &mut self,
        input: &mut &'head [u8],
    ) -> Result<Option<TunnelAnswer<'head>>, ResponseError> {
        while let Some(found) = self.find(input)? {
            let (head, rest) = input.split_at(found.length);
            let response = parse(head, found.headers)?;
            match response.status {
                101 => return Err(ResponseError::Syntax),
                // RFC 9110 section 15.2: interim responses come before the final one.
                100..=199 => *input = rest,
                200..=299 => {
                    *input = rest;
                    return Ok(Some(TunnelAnswer::Tunnel(response)));
                }
                _ => {
                    // The body goes with the refusal, so that nobody takes it for the tunnel's
                    // data.
                    *input = &[];
                    return Ok(Some(TunnelAnswer::Refused(Response { body: rest, ..response })));
                }
            }
        }
        Ok(None)
    }

    /// Finds the head at the front of `bytes`, once all of it has arrived.
    fn find(&mut self, bytes: &[u8]) -> Result<Option<Found>, ResponseError> {
        if !may_begin(bytes, |first| first == b'H') {
            return Err(ResponseError::Syntax);
        }
        Ok(self.finder.find(bytes, &self.limits)?)
    }
}

/// An error: the request for a tunnel cannot be written. Nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TunnelError {
    /// A header field has a name that is not a token or not for a proxy, or a value with a control
    /// character.
    Header {
        /// Its index among the fields.
        index: usize,
    },
    /// There are more than [`HeadLimits::LINES`] header fields.
    TooManyHeaders,
    /// The user name contains a colon, or it or the password contains a control character.
    User,
    /// The value for `Proxy-Authorization` contains a control character.
    Authorization,
    /// The output buffer is too small.
    BufferTooSmall(BufferTooSmall),
}

impl From<BufferTooSmall> for TunnelError {
    fn from(error: BufferTooSmall) -> Self {
        Self::BufferTooSmall(error)
    }
}

impl fmt::Display for TunnelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header { index } => write!(f, "header field {index} cannot be sent to a proxy"),
            Self::TooManyHeaders => {
                f.write_str("the request for the proxy would have too many header fields")
            }
            Self::User => {
                f.write_str("the user name or password for the proxy cannot be sent as Basic")
            }
            Self::Authorization => {
                f.write_str("the credential for the proxy contains a control character")
            }
            Self::BufferTooSmall(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for TunnelError {}
