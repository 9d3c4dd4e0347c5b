//! The ways to carry a secret among subprotocols.

use super::Encoding;
use crate::handshake::grammar::is_token;
use core::fmt;

/// How a secret is carried among the subprotocols.
///
/// What a scheme is made of was checked when it was made: an entry can have it.
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

/// What the name of a scheme is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::handshake) enum SchemeKind {
    /// The entry before the secret.
    Pair,
    /// The beginning of the entry with the secret.
    Prefixed,
    /// The same, of the only entry that there is.
    Sole,
}

impl<'name> Scheme<'name> {
    /// The entry behind `marker` is the secret: `token, KEY`. The marker is what a server selects.
    ///
    /// # Errors
    /// When the marker is not a token.
    pub const fn pair(marker: &'name str) -> Result<Self, NotAToken> {
        Self::new(SchemeKind::Pair, marker, Encoding::Raw)
    }

    /// An entry begins with `prefix`, separator included, and the rest of it is the secret,
    /// encoded: `realtime, openai-insecure-api-key.KEY`. Another entry is there to be selected.
    ///
    /// # Errors
    /// When the prefix is not a token.
    pub const fn prefixed(prefix: &'name str, encoding: Encoding) -> Result<Self, NotAToken> {
        Self::new(SchemeKind::Prefixed, prefix, encoding)
    }

    /// As [`prefixed`](Self::prefixed), but with no other entry: the server must send the secret
    /// back for a browser to go on. To be used only where a vendor left no choice.
    ///
    /// Without a prefix, the one entry is the secret and nothing else.
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

    /// The entry that is offered before the secret, if there is one.
    #[must_use]
    pub const fn marker(&self) -> Option<&'name str> {
        match self.kind {
            SchemeKind::Pair => Some(self.name),
            SchemeKind::Prefixed | SchemeKind::Sole => None,
        }
    }

    /// Whether the entry with the secret is the only one, which a server has to send back.
    #[must_use]
    pub const fn is_sole(&self) -> bool {
        matches!(self.kind, SchemeKind::Sole)
    }

    /// How the secret is made to fit a token.
    #[must_use]
    pub const fn encoding(&self) -> Encoding {
        self.encoding
    }
}

/// A marker or prefix that is not a token (RFC 9110 section 5.6.2), so no entry can have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotAToken;

impl fmt::Display for NotAToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the marker or prefix of a credential is not a token")
    }
}

impl core::error::Error for NotAToken {}
