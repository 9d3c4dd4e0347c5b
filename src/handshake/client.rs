//! The client's side: writes a request, and reads the answer (RFC 6455 section 4.1).

use super::accept::{self, ACCEPT};
use super::field::{contains, elements, is_token, is_value, trim};
use super::head::{Finder, Headers, MAX_HEADERS, TooLarge, write};
use super::subprotocol::{self, Offer, SelectionError, Subprotocol};
use super::{BufferTooSmall, Url};
use crate::entropy::Entropy;
use bytes::BufMut;
use core::fmt;
use core::mem::MaybeUninit;

/// A request to open a WebSocket, to be written.
///
/// ```
/// use patchcord::handshake::client::{Answer, Request};
/// use patchcord::handshake::credential::Scheme;
/// use patchcord::handshake::subprotocol::Offer;
/// use patchcord::handshake::Url;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let mut entropy = |bytes: &mut [u8]| bytes.fill(0);
/// let url = Url::parse("ws://127.0.0.1:9001/v1/listen")?;
/// let offer = Offer::required().credential(Scheme::Pair { marker: "token" }, "KEY")?;
/// let mut out = Vec::new();
/// let mut reader = Request::new(url).offer(offer).write(&mut entropy, &mut out)?;
///
/// # let bytes = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
/// #   Connection: Upgrade\r\nSec-WebSocket-Accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI=\r\n\
/// #   Sec-WebSocket-Protocol: token\r\n\r\n";
/// let mut input = &bytes[..]; // what was read
/// match reader.read(&mut input)? {
///     None => {} // read more, and give the same bytes again with those behind them
///     Some(Answer::Open(open)) => assert_eq!(open.subprotocol().unwrap().as_str(), "token"),
///     Some(Answer::Refused(response)) => println!("refused: {}", response.status()),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Request<'text> {
    url: Url<'text>,
    offer: Offer,
    headers: &'text [(&'text str, &'text str)],
    plaintext: bool,
}

/// The fields that the handshake itself writes.
const OWN: [&str; 9] = [
    "Host",
    "Upgrade",
    "Connection",
    "Sec-WebSocket-Key",
    "Sec-WebSocket-Version",
    "Sec-WebSocket-Protocol",
    "Sec-WebSocket-Extensions",
    "Content-Length",
    "Transfer-Encoding",
];

impl<'text> Request<'text> {
    /// A request for this URL, with no subprotocol offered.
    #[must_use]
    pub const fn new(url: Url<'text>) -> Self {
        Self { url, offer: Offer::optional(), headers: &[], plaintext: false }
    }

    /// The same request, offering subprotocols.
    #[must_use]
    pub fn offer(self, offer: Offer) -> Self {
        Self { offer, ..self }
    }

    /// The same request with these header fields besides its own: `Origin`, `Cookie`,
    /// `Authorization`.
    #[must_use]
    pub fn headers(self, headers: &'text [(&'text str, &'text str)]) -> Self {
        Self { headers, ..self }
    }

    /// Lets a credential among the subprotocols go over `ws:` to another machine, where
    /// everybody on the way can read it.
    #[must_use]
    pub fn allow_plaintext_credential(self) -> Self {
        Self { plaintext: true, ..self }
    }

    /// Appends the request to `out`, and returns what reads the answer to it.
    ///
    /// The nonce is drawn from `entropy` (section 10.3).
    ///
    /// # Errors
    /// When a header field is not one or is the handshake's own, when a credential would go
    /// over a network unencrypted, and when `out` cannot hold the request.
    pub fn write(
        self,
        entropy: &mut impl Entropy,
        out: &mut impl BufMut,
    ) -> Result<ResponseReader, WriteError> {
        if let Some(index) = self.headers.iter().position(|(name, value)| !is_field(name, value)) {
            return Err(WriteError::Header { index });
        }
        if self.offer.has_secret() && !self.may_send_secret() {
            return Err(WriteError::PlaintextCredential);
        }
        let mut nonce = [0; 16];
        entropy.fill(&mut nonce);
        let key = accept::key(nonce);
        write(out, |part| self.parts(&key, &mut |text| part(text.as_bytes())))?;
        Ok(ResponseReader {
            accept: accept::accept(&key),
            offer: self.offer,
            finder: Finder::default(),
        })
    }

    fn may_send_secret(&self) -> bool {
        self.url.is_secure() || self.url.is_loopback() || self.plaintext
    }

    fn parts(&self, key: &[u8; accept::KEY], text: &mut dyn FnMut(&str)) {
        let (slash, resource) = self.url.resource_name();
        ["GET ", slash, resource, " HTTP/1.1\r\nHost: ", self.url.host_header()]
            .into_iter()
            .for_each(&mut *text);
        text("\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ");
        text(core::str::from_utf8(key).unwrap_or_default());
        text("\r\nSec-WebSocket-Version: 13\r\n");
        for (i, entry) in self.offer.entries().enumerate() {
            // One line, joined with a comma and a space: some servers take no other form.
            text(if i == 0 { "Sec-WebSocket-Protocol: " } else { ", " });
            text(entry);
        }
        if self.offer.entries().next().is_some() {
            text("\r\n");
        }
        for (name, value) in self.headers {
            [name, ": ", value, "\r\n"].into_iter().for_each(&mut *text);
        }
        text("\r\n");
    }
}

fn is_field(name: &str, value: &str) -> bool {
    is_token(name.as_bytes())
        && is_value(value.as_bytes())
        && !OWN.iter().any(|own| own.eq_ignore_ascii_case(name))
}

/// Reads the answer to one request, however it is cut.
#[derive(Clone, Debug)]
pub struct ResponseReader {
    accept: [u8; ACCEPT],
    offer: Offer,
    finder: Finder,
}

impl ResponseReader {
    /// Reads a response from the front of `input`, and consumes its head; `None` if that is not
    /// all there. Interim responses (1xx) are consumed on the way.
    ///
    /// # Errors
    /// When it is no HTTP/1.1 response, exceeds a limit, or is a 101 that breaks a rule: the
    /// connection is to be closed.
    pub fn read<'head>(
        &mut self,
        input: &mut &'head [u8],
    ) -> Result<Option<Answer<'head>>, ResponseError> {
        while let Some(length) = self.finder.find(input)? {
            let (head, rest) = input.split_at(length);
            let response = parse(head)?;
            // RFC 9110 section 15.2: interim responses come before the final one.
            let interim = matches!(response.status, 100..=199) && response.status != 101;
            *input = rest;
            match response.status {
                _ if interim => {}
                101 => return self.verify(response).map(|open| Some(Answer::Open(open))),
                _ => {
                    *input = &[];
                    return Ok(Some(Answer::Refused(Response { body: rest, ..response })));
                }
            }
        }
        Ok(None)
    }

    /// Section 4.1, the items of the server's response.
    fn verify<'head>(&self, response: Response<'head>) -> Result<Open<'head>, ResponseError> {
        let headers = response.headers;
        let listed = |name, element| headers.all(name).any(|value| contains(value, element));
        if !listed("Upgrade", "websocket") || !listed("Connection", "upgrade") {
            return Err(ResponseError::NoUpgrade);
        }
        if once(&headers, "Sec-WebSocket-Accept") != Ok(Some(&self.accept)) {
            return Err(ResponseError::Accept);
        }
        if headers.all("Sec-WebSocket-Extensions").flat_map(elements).next().is_some() {
            return Err(ResponseError::Extension);
        }
        let selected = once(&headers, subprotocol::NAME)?;
        self.offer.verify(selected)?;
        let name = selected.and_then(|name| core::str::from_utf8(name).ok());
        Ok(Open { headers, subprotocol: name.map(Subprotocol::new) })
    }
}

/// The value of a field that may be there once at most.
fn once<'head>(headers: &Headers<'head>, name: &str) -> Result<Option<&'head [u8]>, ResponseError> {
    let mut values = headers.all(name);
    match (values.next(), values.next()) {
        (value, None) => Ok(value.map(trim)),
        _ => Err(ResponseError::Repeated),
    }
}

fn parse(head: &[u8]) -> Result<Response<'_>, ResponseError> {
    let mut fields = [const { MaybeUninit::uninit() }; MAX_HEADERS];
    let mut response = httparse::Response::new(&mut []);
    let config = httparse::ParserConfig::default();
    match config.parse_response_with_uninit_headers(&mut response, head, &mut fields) {
        Ok(httparse::Status::Complete(end)) if end == head.len() => {}
        _ => return Err(ResponseError::Syntax),
    }
    let (Some(status), Some(1)) = (response.code, response.version) else {
        return Err(ResponseError::Syntax);
    };
    let reason = response.reason.unwrap_or_default();
    Ok(Response { status, reason, headers: Headers::of_head(head), body: &[] })
}

/// What a server said.
#[derive(Clone, Copy, Debug)]
pub enum Answer<'head> {
    /// The connection is open: what follows in the input is frames.
    Open(Open<'head>),
    /// Something else, such as 401, 403 or a redirect, which is for the caller to follow or not.
    Refused(Response<'head>),
}

/// A 101 response that passed every check.
#[derive(Clone, Copy, Debug)]
pub struct Open<'head> {
    headers: Headers<'head>,
    subprotocol: Option<Subprotocol<'head>>,
}

impl<'head> Open<'head> {
    /// The subprotocol that the server selected: one of those offered.
    #[must_use]
    pub const fn subprotocol(&self) -> Option<Subprotocol<'head>> {
        self.subprotocol
    }

    /// The header fields.
    #[must_use]
    pub const fn headers(&self) -> Headers<'head> {
        self.headers
    }
}

/// A response that does not open a WebSocket.
#[derive(Clone, Copy, Debug)]
pub struct Response<'head> {
    status: u16,
    reason: &'head str,
    headers: Headers<'head>,
    body: &'head [u8],
}

impl<'head> Response<'head> {
    /// The status code.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// The reason phrase: often empty, and never to be relied on.
    #[must_use]
    pub const fn reason(&self) -> &'head str {
        self.reason
    }

    /// The header fields.
    #[must_use]
    pub const fn headers(&self) -> Headers<'head> {
        self.headers
    }

    /// What had been read of the body; it is consumed from the input.
    #[must_use]
    pub const fn body(&self) -> &'head [u8] {
        self.body
    }
}

/// A request that cannot be written; nothing was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WriteError {
    /// A header field whose name is no token or the handshake's own, or whose value has a
    /// control character in it.
    Header {
        /// Its index among those given.
        index: usize,
    },
    /// A credential would go over `ws:` to another machine.
    PlaintextCredential,
    /// The output buffer is full.
    BufferTooSmall(BufferTooSmall),
}

impl From<BufferTooSmall> for WriteError {
    fn from(error: BufferTooSmall) -> Self {
        Self::BufferTooSmall(error)
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header { index } => write!(f, "header field {index} cannot be sent"),
            Self::PlaintextCredential => {
                f.write_str("the credential would cross the network unencrypted: use wss")
            }
            Self::BufferTooSmall(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for WriteError {}

/// A response that a client cannot go on with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResponseError {
    /// It is not the head of an HTTP/1.1 response (RFC 9112 section 4).
    Syntax,
    /// The head exceeds a limit: [`MAX_HEAD`](super::MAX_HEAD), [`MAX_LINE`](super::MAX_LINE)
    /// or [`MAX_HEADERS`].
    TooLarge,
    /// `Upgrade` or `Connection` is missing (RFC 6455 section 4.1, items 2 and 3).
    NoUpgrade,
    /// `Sec-WebSocket-Accept` is not there once with the value that the key asks for (item 4).
    Accept,
    /// An extension that was not offered (item 5).
    Extension,
    /// `Sec-WebSocket-Protocol` is there twice (section 11.3.4).
    Repeated,
    /// The selected subprotocol (item 6).
    Subprotocol(SelectionError),
}

impl From<TooLarge> for ResponseError {
    fn from(_: TooLarge) -> Self {
        Self::TooLarge
    }
}

impl From<SelectionError> for ResponseError {
    fn from(error: SelectionError) -> Self {
        Self::Subprotocol(error)
    }
}

impl fmt::Display for ResponseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "this is not an HTTP/1.1 response",
            Self::TooLarge => "the head of the response is too large",
            Self::NoUpgrade => "the response does not upgrade to websocket",
            Self::Accept => "the response does not prove that the server read the key",
            Self::Extension => "the response has an extension that was not offered",
            Self::Repeated => "the response selects more than one subprotocol",
            Self::Subprotocol(error) => return error.fmt(f),
        })
    }
}

impl core::error::Error for ResponseError {}
