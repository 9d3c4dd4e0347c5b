//! Credentials that travel as subprotocols, since a browser cannot set `Authorization`.
//!
//! `new WebSocket(url, ["token", KEY])` is all that a page can say to a speech API before the
//! connection is open, so vendors carry keys in `Sec-WebSocket-Protocol`. Three schemes cover
//! them all: see [`Scheme`], and [`vendor`] for those of services in use. Which to choose, what a
//! key may consist of and what a refused page sees is in the [guide](crate::guide::authentication).
//!
//! # Authenticating a browser
//!
//! The page offers a marker and the key; the server takes the key out, checks it before it
//! answers, and selects the marker:
//!
//! ```
//! # #[cfg(feature = "credentials")] {
//! use patchcord::handshake::credential::Scheme;
//! use patchcord::handshake::server::{Refusal, RequestHead};
//! use patchcord::handshake::subprotocol::Subprotocol;
//!
//! const SCHEMES: [Scheme<'_>; 1] = [Scheme::Pair { marker: "token" }];
//!
//! fn admit<'head>(request: &RequestHead<'head>) -> Result<Option<Subprotocol<'head>>, Refusal<'static>> {
//!     let offers = request.subprotocols(&SCHEMES).map_err(|error| error.refusal())?;
//!     match request.credential(offers.credential(0)) {
//!         Ok(Some(key)) if key.matches("the key of this user") => {}
//!         _ => return Err(Refusal::UNAUTHORIZED.headers(&[("WWW-Authenticate", "Token")])),
//!     }
//!     offers.require(offers.server_preference(&["token"])).map_err(|error| error.refusal())
//! }
//! # let _ = admit;
//! # }
//! ```
//!
//! What keeps that safe, here and in your code:
//!
//! - Whatever the scheme, the entry that holds the secret is out of the offers before one is
//!   selected, so no preference can send it back. [`Scheme::Sole`] is the exception that must be
//!   asked for.
//! - What is ambiguous is refused with 400: a marker without a key, two keys, a key twice.
//! - A credential shows nothing in `Debug`, is compared in constant time, and is wiped.
//! - A client refuses to send one over `ws:` to another machine.
//! - Select something or refuse: a browser that offered and gets a 101 without a subprotocol
//!   fails with code 1006, and cannot see why.
//! - Refuse before the 101, with 401 or 403. To accept first and close with 1008 lets a page see
//!   a reason, at the price of a socket for whoever asks.
//! - Decide first which pages may connect: [`Admission`](super::admission::Admission). A key in
//!   a subprotocol is not sent by a foreign page, but the user's cookies are, and a password that
//!   the browser keeps for `Authorization: Basic` can be.
//! - Give pages keys that live for seconds: the handshake is all they are for. Proxies may log
//!   the header. Do not pass it on when you proxy, and do not follow redirects with it.
//! - Do not put keys into the URL: it is logged everywhere.

mod codec;
mod secret;
pub mod vendor;

pub use codec::Codec;
pub(super) use secret::Secret;

use super::field::is_token;
#[cfg(feature = "credentials")]
use alloc::string::String;
use core::fmt;

/// How a secret is carried among the subprotocols.
///
/// ```
/// use patchcord::handshake::Url;
/// use patchcord::handshake::client::Request;
/// use patchcord::handshake::credential::{Codec, Scheme};
/// use patchcord::handshake::subprotocol::Offer;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let mut entropy = |bytes: &mut [u8]| bytes.fill(0);
/// let scheme = Scheme::Prefixed { prefix: "bearer.", codec: Codec::Base64Url };
/// let offer = Offer::required().name("chat.v1")?.credential(scheme, "a key/")?;
/// let mut out = Vec::new();
/// Request::new(Url::parse("wss://a.example/")?).offer(offer).write(&mut entropy, &mut out)?;
/// let head = String::from_utf8(out)?;
/// assert!(head.contains("\r\nSec-WebSocket-Protocol: chat.v1, bearer.YSBrZXkv\r\n"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme<'name> {
    /// The entry behind `marker` is the secret: `token, KEY`.
    Pair {
        /// The entry before the secret, which can be selected.
        marker: &'name str,
    },
    /// An entry begins with `prefix`, and the rest of it is the secret, encoded:
    /// `realtime, openai-insecure-api-key.KEY`. Another entry is there to be selected.
    Prefixed {
        /// What the entry begins with, separator included.
        prefix: &'name str,
        /// How the rest is encoded.
        codec: Codec,
    },
    /// As `Prefixed`, but with no other entry: the server must send the secret back for a
    /// browser to go on. To be used only where a vendor left no choice.
    Sole {
        /// What the entry begins with, separator included.
        prefix: &'name str,
        /// How the rest is encoded.
        codec: Codec,
    },
}

impl Scheme<'_> {
    /// Whether an entry can have the marker or prefix: they are tokens.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        match self {
            Self::Pair { marker } => is_token(marker.as_bytes()),
            Self::Prefixed { prefix, .. } | Self::Sole { prefix, .. } => {
                is_token(prefix.as_bytes())
            }
        }
    }
}

/// A secret that was carried in a handshake.
///
/// It is not shown by `Debug`, is compared in constant time, and is wiped when dropped.
///
/// ```
/// use patchcord::handshake::credential::Credential;
///
/// let key = Credential::new("hunter2".into());
/// assert!(key.matches("hunter2") && !key.matches("hunter3"));
/// assert_eq!(format!("{key:?}"), "Credential(..)");
/// ```
#[cfg(feature = "credentials")]
#[derive(Clone)]
pub struct Credential(pub(super) Secret);

#[cfg(feature = "credentials")]
impl Credential {
    /// Takes over a secret.
    #[must_use]
    pub fn new(secret: String) -> Self {
        Self(Secret::from(secret))
    }

    /// Whether this is `expected`, in a time that tells nothing but the length of either.
    #[must_use]
    pub fn matches(&self, expected: &str) -> bool {
        use subtle::ConstantTimeEq;
        self.0.as_bytes().ct_eq(expected.as_bytes()).into()
    }

    /// The secret itself: to look it up, or to check its signature.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// In constant time.
#[cfg(feature = "credentials")]
impl PartialEq for Credential {
    fn eq(&self, other: &Self) -> bool {
        self.matches(other.expose())
    }
}

#[cfg(feature = "credentials")]
impl Eq for Credential {}

#[cfg(feature = "credentials")]
impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credential(..)")
    }
}

/// A credential that is not as its scheme says; the answer is 400.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CredentialError {
    /// Nothing follows the marker of a pair, or the prefix of an entry.
    Missing,
    /// Two entries have the prefix, the secret of one scheme is the marker or the secret of
    /// another, or two are alone.
    Ambiguous,
    /// The secret is not encoded as the scheme says, or is no text without control characters.
    Encoding,
    /// The secret is the only entry, and nothing is left to select.
    NothingElse,
}

impl fmt::Display for CredentialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "the credential among the subprotocols is missing",
            Self::Ambiguous => "the credential among the subprotocols is ambiguous",
            Self::Encoding => "the credential among the subprotocols is not encoded as it must be",
            Self::NothingElse => "a subprotocol must be offered beside the credential",
        })
    }
}

impl core::error::Error for CredentialError {}
