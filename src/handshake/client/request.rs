//! A request to open a WebSocket (RFC 6455 section 4.1).

use super::reader::Terms;
use super::{Redirect, WriteError};
use crate::handshake::extension::{self, Extensions};
use crate::handshake::field::{Field, FieldError, Fields};
use crate::handshake::limits::HeadLimits;
use crate::handshake::secret::Secret;
use crate::handshake::subprotocol::{self, Offer};
use crate::handshake::url::{Url, UrlBuf};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

/// A request to open a WebSocket, to be written.
///
/// ```
/// use patchcord::handshake::client::{Answer, Request};
/// use patchcord::handshake::credential::vendor;
/// use patchcord::handshake::Url;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let mut entropy = |bytes: &mut [u8]| bytes.fill(0);
/// let url = Url::parse("ws://127.0.0.1:9001/v1/listen")?;
/// let request = Request::new(url).with_offer(vendor::DEEPGRAM.offer("KEY")?);
/// let mut out = Vec::new();
/// let mut reader = request.write(&mut entropy, &mut out)?;
///
/// # let bytes = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
/// #   Connection: Upgrade\r\nSec-WebSocket-Accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI=\r\n\
/// #   Sec-WebSocket-Protocol: token\r\n\r\n";
/// let mut input = &bytes[..]; // what was read
/// match reader.read(&mut input)? {
///     None => {} // read more, and give the same bytes again with those behind them
///     Some(Answer::Accepted(open)) => assert_eq!(open.subprotocol(), Some("token")),
///     Some(Answer::Refused(response)) => println!("refused: {}", response.status()),
/// }
/// # Ok(())
/// # }
/// ```
///
/// It borrows nothing, so a client that reconnects keeps it and writes it again:
///
/// ```
/// use patchcord::handshake::Url;
/// use patchcord::handshake::client::{Request, ResponseReader};
/// use patchcord::Entropy;
///
/// struct Agent {
///     request: Request,
///     attempts: u32,
/// }
///
/// impl Agent {
///     fn new(url: &str, key: &str) -> Result<Self, Box<dyn std::error::Error>> {
///         let request = Request::new(Url::parse(url)?).with_secret_header("xi-api-key", key)?;
///         Ok(Self { request, attempts: 0 })
///     }
///
///     /// Returns where to connect to; called again after each lost connection.
///     fn address(&self) -> (String, u16) {
///         (self.request.url().host().to_owned(), self.request.url().port())
///     }
///
///     /// Writes the request to send there first, with a new key each time.
///     fn greet(
///         &mut self,
///         entropy: &mut impl Entropy,
///         out: &mut Vec<u8>,
///     ) -> Result<ResponseReader, Box<dyn std::error::Error>> {
///         self.attempts += 1;
///         Ok(self.request.write(entropy, out)?)
///     }
/// }
/// # let mut agent = Agent::new(&String::from("wss://api.example/v1"), &String::from("K")).unwrap();
/// # assert_eq!(agent.address(), ("api.example".into(), 443));
/// # let (mut byte, mut heads) = (0, [Vec::new(), Vec::new()]);
/// # let mut entropy = |bytes: &mut [u8]| { byte += 1; bytes.fill(byte) };
/// # for head in &mut heads { agent.greet(&mut entropy, head).unwrap(); }
/// # assert_eq!(heads[0].len(), heads[1].len());
/// # assert_ne!(heads[0], heads[1]);
/// ```
#[doc(alias("reconnect", "upgrade", "IntoClientRequest"))]
#[derive(Clone)]
pub struct Request {
    url: UrlBuf,
    offer: Offer,
    extensions: Option<String>,
    /// The names of the offered extensions.
    names: Vec<String>,
    headers: Fields,
    plaintext: bool,
    limits: HeadLimits,
}

/// The fields that the handshake writes itself.
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

impl Request {
    /// Makes a request for this URL that offers no subprotocol.
    #[must_use]
    pub fn new(url: Url<'_>) -> Self {
        Self {
            url: url.into(),
            offer: Offer::optional(),
            extensions: None,
            names: Vec::new(),
            headers: Fields::NONE,
            plaintext: false,
            limits: HeadLimits::DEFAULT,
        }
    }

    /// The URL to connect to.
    #[must_use]
    pub fn url(&self) -> Url<'_> {
        self.url.as_url()
    }

    /// Sets the offered subprotocols.
    #[doc(alias = "Sec-WebSocket-Protocol")]
    #[must_use]
    pub fn with_offer(self, offer: Offer) -> Self {
        Self { offer, ..self }
    }

    /// Sets the offered extensions. If there are none, the header is left out.
    #[doc(alias = "Sec-WebSocket-Extensions")]
    #[must_use]
    pub fn with_extensions(self, offer: Extensions<'_>) -> Self {
        Self {
            extensions: (!offer.is_empty()).then(|| offer.to_string()),
            names: offer.iter().map(|extension| extension.name().into()).collect(),
            ..self
        }
    }

    /// Adds header fields, such as `Origin`, `Cookie` and `Authorization`.
    ///
    /// # Errors
    /// When a name is not a token or belongs to the handshake itself, or a value contains a control
    /// character; the error tells which field and why.
    pub fn with_headers(self, fields: &[(&str, &str)]) -> Result<Self, FieldError> {
        Ok(Self { headers: self.headers.add_all(fields, &OWN)?, ..self })
    }

    /// Adds a header field that holds a credential, such as `X-Gladia-Key` or `api-key`.
    ///
    /// It is treated as `Authorization` always is: `Debug` does not show it, HTTP/2 does not index
    /// it, its memory is wiped, and it does not go over `ws:` to another machine.
    ///
    /// # Errors
    /// As for [`with_headers`](Self::with_headers).
    #[doc(alias = "API key")]
    pub fn with_secret_header(mut self, name: &str, value: &str) -> Result<Self, FieldError> {
        self.headers.add(Field { name, value, sensitive: true }, &OWN)?;
        Ok(self)
    }

    /// Makes the request to send after a redirect. To the same server it is the same request; to
    /// another server it has no header fields, and no offer that holds a credential.
    ///
    /// ```
    /// use patchcord::handshake::Url;
    /// use patchcord::handshake::client::{Redirect, Request};
    ///
    /// let url = Url::parse("wss://example.com/feed")?;
    /// let request = Request::new(url).with_secret_header("X-Api-Key", "5ec7e7")?;
    /// let next = request.follow(&Redirect::resolve(url, "wss://eu.example.com/feed")?);
    /// let mut out = Vec::new();
    /// next.write(&mut |nonce: &mut [u8]| nonce.fill(7), &mut out)?;
    /// assert!(!String::from_utf8(out)?.contains("5ec7e7"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn follow(&self, redirect: &Redirect) -> Self {
        let same = Self { url: redirect.url().into(), ..self.clone() };
        match redirect {
            Redirect::SameOrigin(_) => same,
            Redirect::OtherOrigin { .. } => Self {
                offer: if self.offer.has_secret() { Offer::optional() } else { same.offer },
                headers: Fields::NONE,
                plaintext: false,
                ..same
            },
        }
    }

    /// Allows a credential, in a header field or among the subprotocols, to go over `ws:` to
    /// another machine, where anyone on the network can read it. Cookies are never restricted.
    #[must_use]
    pub fn allow_plaintext_credential(self) -> Self {
        Self { plaintext: true, ..self }
    }

    /// Sets the limits on the head of the response. The request itself may be as large as these
    /// limits or the defaults, whichever are larger.
    #[must_use]
    pub fn with_limits(self, limits: HeadLimits) -> Self {
        Self { limits, ..self }
    }

    pub(in crate::handshake) const fn limits(&self) -> HeadLimits {
        self.limits
    }

    /// Checks that the request may be sent to its URL.
    pub(in crate::handshake) fn check(&self) -> Result<(), WriteError> {
        let url = self.url();
        // What goes to this machine itself crosses no network.
        let may_hold_secret = url.is_secure() || url.is_loopback() || self.plaintext;
        match may_hold_secret || !self.has_secret() {
            true => Ok(()),
            false => Err(WriteError::PlaintextCredential),
        }
    }

    fn has_secret(&self) -> bool {
        self.offer.has_secret() || self.headers.has_secret()
    }

    pub(in crate::handshake) fn terms(&self) -> Terms {
        Terms::new(self.offer.clone(), self.names.clone(), self.limits)
    }

    /// Returns the value of the header that offers subprotocols.
    pub(in crate::handshake) fn offered(&self) -> Option<Secret> {
        self.offer.value()
    }

    /// Returns the fields that all carriers share, with the [`offered`](Self::offered)
    /// subprotocols.
    pub(in crate::handshake) fn fields<'a>(
        &'a self,
        offered: Option<&'a str>,
    ) -> impl Iterator<Item = Field<'a>> {
        let sensitive = self.offer.has_secret();
        let offered = offered.map(|value| Field { name: subprotocol::NAME, value, sensitive });
        let extensions = self.extensions.as_deref();
        let extensions = extensions.map(|value| Field::new(extension::NAME, value));
        core::iter::once(Field::new("Sec-WebSocket-Version", "13"))
            .chain(offered)
            .chain(extensions)
            .chain(self.headers.iter())
    }
}

/// Shows the names of the header fields and no values, which can be credentials.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("url", &self.url())
            .field("offer", &self.offer)
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}
