//! A request for an upgrade of HTTP/1.1, written (RFC 6455 section 4.1).

use super::{ResponseReader, Terms, WriteError};
use crate::entropy::Entropy;
use crate::handshake::extension::Extensions;
use crate::handshake::field::{is_token, is_value};
use crate::handshake::head::{display, write};
use crate::handshake::limits::TooLarge;
use crate::handshake::subprotocol::{self, Offer};
use crate::handshake::{HeadLimits, Url, accept};
use alloc::vec::Vec;
use bytes::BufMut;
use core::fmt;

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
///     Some(Answer::Open(open)) => assert_eq!(open.subprotocol(), Some("token")),
///     Some(Answer::Refused(response)) => println!("refused: {}", response.status()),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Request<'text> {
    pub(in crate::handshake) url: Url<'text>,
    pub(in crate::handshake) offer: Offer,
    pub(in crate::handshake) extensions: Option<Extensions<'text>>,
    pub(in crate::handshake) headers: &'text [(&'text str, &'text str)],
    plaintext: bool,
    limits: HeadLimits,
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
        Self {
            url,
            offer: Offer::optional(),
            extensions: None,
            headers: &[],
            plaintext: false,
            limits: HeadLimits::DEFAULT,
        }
    }

    /// The same request, offering subprotocols.
    #[must_use]
    pub fn offer(self, offer: Offer) -> Self {
        Self { offer, ..self }
    }

    /// The same request, offering extensions; with none of them, the header is left out.
    #[must_use]
    pub fn extensions(self, offer: Extensions<'text>) -> Self {
        Self { extensions: (!offer.is_empty()).then_some(offer), ..self }
    }

    /// The same request with these header fields besides its own: `Origin`, `Cookie`,
    /// `Authorization`.
    #[must_use]
    pub fn headers(self, headers: &'text [(&'text str, &'text str)]) -> Self {
        Self { headers, ..self }
    }

    /// Lets a credential, in `Authorization` or among the subprotocols, go over `ws:` to another
    /// machine, where everybody on the way can read it. Cookies are never looked at.
    #[must_use]
    pub fn allow_plaintext_credential(self) -> Self {
        Self { plaintext: true, ..self }
    }

    /// The same request with these limits on the head of the answer. The request itself may be as large
    /// as these or the defaults, whichever is more.
    #[must_use]
    pub fn limits(self, limits: HeadLimits) -> Self {
        Self { limits, ..self }
    }

    /// Appends the request to `out`, and returns what reads the answer to it.
    ///
    /// The nonce is drawn from `entropy` (section 10.3).
    ///
    /// # Errors
    /// When a header field is not one or is the handshake's own, when a credential would go
    /// over a network unencrypted, when the head would exceed the [`limits`](Self::limits), and when
    /// `out` cannot hold it.
    pub fn write(
        self,
        entropy: &mut impl Entropy,
        out: &mut impl BufMut,
    ) -> Result<ResponseReader, WriteError> {
        self.check()?;
        let mut nonce = [0; 16];
        entropy.fill(&mut nonce);
        let key = accept::key(nonce);
        write(out, |part| self.parts(&key, part))?;
        Ok(ResponseReader::new(accept::accept(&key), self.terms()))
    }

    /// Checks what would make a request that must not be sent.
    pub(in crate::handshake) fn check(&self) -> Result<(), WriteError> {
        if let Some(index) = self.headers.iter().position(|(name, value)| !is_field(name, value)) {
            return Err(WriteError::Header { index });
        }
        if self.has_secret() && !self.may_send_secret() {
            return Err(WriteError::PlaintextCredential);
        }
        Ok(self.measure()?)
    }

    /// Compares the head with the limits: as an upgrade, which is longer than what other carriers have.
    fn measure(&self) -> Result<(), TooLarge> {
        let (mut head, mut line, mut lines) = (0, 0, 0);
        let (mut measured, limits) = (Ok(()), self.limits.or_default());
        self.parts(&[0; accept::KEY], &mut |part| {
            for piece in part.split_inclusive(|&byte| byte == b'\n') {
                (head, line) = (head + piece.len(), line + piece.len());
                // Neither the first line nor the empty one is a header.
                let headers = lines - usize::from(line <= 2 && lines > 0);
                measured = measured.and_then(|()| limits.admit(head, line, headers));
                if piece.ends_with(b"\n") {
                    (line, lines) = (0, lines + 1);
                }
            }
        });
        measured
    }

    pub(in crate::handshake) fn terms(self) -> Terms {
        let names = self.extensions.iter().flat_map(|extensions| extensions.iter());
        let extensions = names.map(|extension| extension.name().into()).collect();
        Terms { offer: self.offer, extensions, limits: self.limits }
    }

    fn has_secret(&self) -> bool {
        let is_secret = |name: &str| {
            ["Authorization", "Proxy-Authorization"].iter().any(|n| n.eq_ignore_ascii_case(name))
        };
        self.offer.has_secret() || self.headers.iter().any(|(name, _)| is_secret(name))
    }

    fn may_send_secret(&self) -> bool {
        self.url.is_secure() || self.url.is_loopback() || self.plaintext
    }

    fn parts(&self, key: &[u8; accept::KEY], part: &mut dyn FnMut(&[u8])) {
        let (slash, resource) = self.url.resource_name();
        let mut text = |text: &str| part(text.as_bytes());
        ["GET ", slash, resource, " HTTP/1.1\r\nHost: ", self.url.authority()]
            .into_iter()
            .for_each(&mut text);
        text("\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ");
        part(key);
        part(b"\r\nSec-WebSocket-Version: 13\r\n");
        if let Some(value) = self.offer.value() {
            [subprotocol::NAME, ": ", &value, "\r\n"]
                .into_iter()
                .for_each(|text| part(text.as_bytes()));
        }
        if let Some(extensions) = &self.extensions {
            part(b"Sec-WebSocket-Extensions: ");
            display(extensions, part);
            part(b"\r\n");
        }
        for (name, value) in self.headers {
            [name, ": ", value, "\r\n"].into_iter().for_each(|text| part(text.as_bytes()));
        }
        part(b"\r\n");
    }
}

/// With the names of the header fields alone: their values can be credentials.
impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| *name).collect();
        f.debug_struct("Request")
            .field("url", &self.url)
            .field("offer", &self.offer)
            .field("headers", &names)
            .finish_non_exhaustive()
    }
}

fn is_field(name: &str, value: &str) -> bool {
    is_token(name.as_bytes())
        && is_value(value.as_bytes())
        && !OWN.iter().any(|own| own.eq_ignore_ascii_case(name))
}
