//! The ways to carry a secret among the subprotocols.

use super::Encoding;
use crate::handshake::grammar::is_token;
use core::fmt;

/// A way to carry a secret among the subprotocols.
///
/// The name of a scheme is checked when the scheme is made.
///
/// ```
/// use patchcord::handshake::Url;
/// use patchcord::handshake::client::Request;
/// use patchcord::handshake::credential::{Encoding, Scheme};
/// use patchcord::handshake::subprotocol::Offer;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let mut entropy = |bytes: &mut [u8]| bytes.fill(0);
/// let scheme = Scheme::prefixed("bearer.", Encoding::Base64Url)?;
/// let offer = Offer::required().with_name("chat.v1")?.with_credential(&scheme, "a key/")?;
/// let mut out = Vec::new();
/// Request::new(Url::parse("wss://a.example/")?).with_offer(offer).write(&mut entropy, &mut out)?;
/// let head = String::from_utf8(out)?;
/// assert!(head.contains("\r\nSec-WebSocket-Protocol: chat.v1, bearer.YSBrZXkv\r\n"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scheme<'name> {
    kind: SchemeKind,
    name: &'name str,
    encoding: Encoding,
}

/// The role of a scheme's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::handshake) enum SchemeKind {
    /// The name is the entry before the secret.
    Pair,
    /// The name is the prefix of the entry with the secret.
    Prefixed,
    /// The same, and there is no other entry.
    Sole,
}

impl<'name> Scheme<'name> {
    /// Makes a scheme in which the entry after `marker` is the secret: `token, KEY`. A server
    /// selects the marker.
    ///
    /// # Errors
    /// When the marker is not a token.
    pub const fn pair(marker: &'name str) -> Result<Self, NotAToken> {
        Self::new(SchemeKind::Pair, marker, Encoding::Raw)
    }

    /// Makes a scheme in which an entry is `prefix`, separator included, followed by the encoded
    /// secret: `realtime, openai-insecure-api-key.KEY`. There is another entry to be selected.
    ///
    /// # Errors
    /// When the prefix is not a token.
    pub const fn prefixed(prefix: &'name str, encoding: Encoding) -> Result<Self, NotAToken> {
        Self::new(SchemeKind::Prefixed, prefix, encoding)
    }

    /// Makes a scheme like [`prefixed`](Self::prefixed) without any other entry: a browser goes on
    /// only if the server sends the secret back. Use it only where a vendor leaves no choice.
    ///
    /// With an empty prefix, the only entry is the secret itself.
    ///
    /// # Errors
    /// When the prefix is neither empty nor a token.
    pub const fn sole(prefix: &'name str, encoding: Encoding) -> Result<Self, NotAToken> {
        match prefix.is_empty() {
            true => Ok(Self { kind: SchemeKind::Sole, name: prefix, encoding }),
            false => Self::new(SchemeKind::Sole, prefix, encoding),
        }
    }

    const fn new(
        kind: SchemeKind,
        name: &'name str,
        encoding: Encoding,
    ) -> Result<Self, NotAToken> {
        match is_token(name.as_bytes()) {
            true => Ok(Self { kind, name, encoding }),
            false => Err(NotAToken),
        }
    }

    pub(in crate::handshake) const fn kind(&self) -> SchemeKind {
        self.kind
    }

    /// The marker or the prefix.
    #[must_use]
    pub const fn name(&self) -> &'name str {
        self.name
    }

    /// The entry that is offered before the secret, if the scheme has one.
    #[must_use]
    pub const fn marker(&self) -> Option<&'name str> {
        match self.kind {
            SchemeKind::Pair => Some(self.name),
            SchemeKind::Prefixed | SchemeKind::Sole => None,
        }
    }

    /// Returns whether the entry with the secret is the only one, so that a server has to send it
    /// back.
    #[must_use]
    pub const fn is_sole(&self) -> bool {
        matches!(self.kind, SchemeKind::Sole)
    }

    /// The encoding of the secret.
    #[must_use]
    pub const fn encoding(&self) -> Encoding {
        self.encoding
    }
}

/// An error: a marker or prefix is not a token (RFC 9110 section 5.6.2), so no entry can contain
/// it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotAToken;

impl fmt::Display for NotAToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the marker or prefix of a credential is not a token")
    }
}

impl core::error::Error for NotAToken {}
