//! What a client offered, as its server reads it.

use super::Entries;
#[cfg(feature = "credentials")]
use crate::handshake::credential::Credential;
use crate::handshake::credential::{Codec, CredentialError, Scheme};
use crate::handshake::server::{Refusal, RequestError};
use core::fmt;

/// The most credential schemes that a server can look for in one request.
pub const MAX_SCHEMES: usize = 4;

/// A subprotocol that a client offered.
///
/// Only reading a request makes one, and accepting another request leaves it out, so a server can
/// select nothing that its client did not offer. Its `Debug` does not show it: an entry that no scheme claimed may still be a secret.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Subprotocol<'head> {
    name: &'head str,
    secret: bool,
}

impl<'head> Subprotocol<'head> {
    /// The name, whose case matters.
    #[must_use]
    pub const fn as_str(&self) -> &'head str {
        self.name
    }

    /// Whether it is the entry of a [`Scheme::Sole`], which holds a secret.
    pub(in crate::handshake) const fn is_secret(&self) -> bool {
        self.secret
    }
}

impl fmt::Debug for Subprotocol<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subprotocol(..)")
    }
}

/// What a client offered, in its order of preference, without the credentials.
///
/// ```
/// use patchcord::handshake::admission::Admission;
/// use patchcord::handshake::server::RequestReader;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let bytes = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
/// #     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\
/// #     Sec-WebSocket-Protocol: v1.chat, v2.chat\r\n\r\n";
/// // Sec-WebSocket-Protocol: v1.chat, v2.chat
/// let request = RequestReader::new(Admission::any()).read(&mut &bytes[..])?.ok_or("cut")?;
/// let offers = request.subprotocols(&[])?; // no credential is looked for
///
/// let supported = ["v2.chat", "v1.chat"]; // the server's favourite first
/// let selected = offers.server_preference(&supported).map(|name| name.as_str());
/// assert_eq!(selected, Some("v2.chat"));
/// let selected = offers.client_preference(&supported).map(|name| name.as_str());
/// assert_eq!(selected, Some("v1.chat"));
/// assert!(offers.require(offers.server_preference(&["v3.chat"])).is_err()); // refuse with 400
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy)]
pub struct Offers<'head> {
    entries: Entries<'head>,
    /// A bit for each entry that holds a credential.
    hidden: u32,
    secrets: [Option<(Codec, &'head str)>; MAX_SCHEMES],
    /// The one entry that may be sent back although it holds a credential.
    sole: Option<Subprotocol<'head>>,
}

impl<'head> Offers<'head> {
    pub(in crate::handshake) const fn new(entries: Entries<'head>) -> Self {
        Self { entries, hidden: 0, secrets: [None; MAX_SCHEMES], sole: None }
    }

    /// Takes the credentials of `schemes` out of the offers.
    pub(in crate::handshake) fn extract(
        &mut self,
        schemes: &[Scheme<'_>],
    ) -> Result<(), OffersError> {
        if schemes.len() > MAX_SCHEMES || !schemes.iter().all(Scheme::is_valid) {
            return Err(OffersError::Schemes);
        }
        for (index, scheme) in schemes.iter().enumerate() {
            self.secrets[index] = self.secret(scheme, schemes)?;
        }
        if !self.is_empty() {
            self.sole = None;
        } else if self.hidden != 0 && self.sole.is_none() {
            return Err(CredentialError::NothingElse.into());
        }
        Ok(())
    }

    fn secret(
        &mut self,
        scheme: &Scheme<'_>,
        schemes: &[Scheme<'_>],
    ) -> Result<Option<(Codec, &'head str)>, CredentialError> {
        let found = match *scheme {
            Scheme::Pair { marker } => self.behind(marker)?.map(|at| (at, 0, Codec::Raw)),
            Scheme::Prefixed { prefix, codec } | Scheme::Sole { prefix, codec } => {
                self.prefixed(prefix)?.map(|at| (at, prefix.len(), codec))
            }
        };
        let Some((at, prefix, codec)) = found else { return Ok(None) };
        let entry = self.entries[at];
        let is_marker =
            |other: &Scheme<'_>| matches!(other, Scheme::Pair { marker } if *marker == entry);
        if self.is_hidden(at) || schemes.iter().any(is_marker) {
            return Err(CredentialError::Ambiguous);
        }
        self.hidden |= 1 << at;
        if let Scheme::Sole { .. } = scheme {
            let sole = Subprotocol { name: entry, secret: true };
            if self.sole.replace(sole).is_some() {
                return Err(CredentialError::Ambiguous);
            }
        }
        let secret = &entry[prefix..];
        if secret.is_empty() {
            return Err(CredentialError::Missing);
        }
        codec.decode(secret).ok_or(CredentialError::Encoding)?;
        Ok(Some((codec, secret)))
    }

    const fn is_hidden(&self, at: usize) -> bool {
        self.hidden & 1 << at != 0
    }

    /// The index of the entry behind `marker`.
    fn behind(&self, marker: &str) -> Result<Option<usize>, CredentialError> {
        match self.entries.iter().position(|entry| *entry == marker) {
            None => Ok(None),
            Some(at) if at + 1 < self.entries.len() => Ok(Some(at + 1)),
            Some(_) => Err(CredentialError::Missing),
        }
    }

    /// The index of the one entry that begins with `prefix`.
    fn prefixed(&self, prefix: &str) -> Result<Option<usize>, CredentialError> {
        let mut found = (0..self.entries.len()).filter(|&at| self.entries[at].starts_with(prefix));
        match (found.next(), found.next()) {
            (_, Some(_)) => Err(CredentialError::Ambiguous),
            (at, None) => Ok(at),
        }
    }

    /// The credential that the scheme at this index found, if the client sent one.
    #[cfg(feature = "credentials")]
    #[must_use]
    pub fn credential(&self, scheme: usize) -> Option<Credential> {
        let (codec, secret) = self.secrets.get(scheme).copied().flatten()?;
        codec.decode(secret).map(Credential)
    }

    /// The offers, the client's favourite first.
    pub fn iter(&self) -> impl Iterator<Item = Subprotocol<'head>> {
        (0..self.entries.len())
            .filter(|&at| !self.is_hidden(at))
            .map(|at| Subprotocol { name: self.entries[at], secret: false })
    }

    /// Whether the client offered nothing that can be selected.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// The first of `supported` that the client offered: the server's preference counts.
    ///
    /// None if a supported name stands where a secret should: who sent that meant something
    /// else, and [`require`](Self::require) then refuses.
    #[must_use]
    pub fn server_preference(&self, supported: &[&str]) -> Option<Subprotocol<'head>> {
        if self.hides(supported) {
            return None;
        }
        supported.iter().find_map(|name| self.iter().find(|offer| offer.name == *name))
    }

    /// The first offer that is among `supported`: the client's preference counts.
    ///
    /// None in the same case as with [`server_preference`](Self::server_preference).
    #[must_use]
    pub fn client_preference(&self, supported: &[&str]) -> Option<Subprotocol<'head>> {
        if self.hides(supported) {
            return None;
        }
        self.iter().find(|offer| supported.contains(&offer.name))
    }

    /// Whether one of these names was taken for a credential.
    fn hides(&self, names: &[&str]) -> bool {
        (0..self.entries.len()).any(|at| self.is_hidden(at) && names.contains(&self.entries[at]))
    }

    /// The first offer that `choose` takes, in the client's order.
    pub fn find(&self, mut choose: impl FnMut(&str) -> bool) -> Option<Subprotocol<'head>> {
        self.iter().find(|offer| choose(offer.name))
    }

    /// Insists that something was selected if anything was offered: a browser fails without a
    /// reason when it offered and nothing was selected.
    ///
    /// # Errors
    /// When there were offers, and `selected` is none of them.
    pub fn require(
        &self,
        selected: Option<Subprotocol<'head>>,
    ) -> Result<Option<Subprotocol<'head>>, OffersError> {
        match selected {
            None if !self.is_empty() || self.sole.is_some() => Err(OffersError::NoneSupported),
            _ => Ok(selected),
        }
    }

    /// The entry of a [`Scheme::Sole`], which holds the secret that the server has to send back,
    /// if the client offered nothing else.
    #[must_use]
    pub const fn sole(&self) -> Option<Subprotocol<'head>> {
        self.sole
    }
}

impl fmt::Debug for Offers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Offers({} of them)", self.entries.len())
    }
}

/// Offers that break the header's grammar, or the scheme of a credential; the answer is 400.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OffersError {
    /// The header is there, with nothing in it.
    Empty,
    /// An entry is not a token (RFC 9110 section 5.6.2).
    NotAToken,
    /// An entry is there twice (RFC 6455 section 4.1, item 10).
    Duplicate,
    /// There are more than [`MAX_OFFERED`](super::MAX_OFFERED) entries.
    TooMany,
    /// Nothing that was offered is supported.
    NoneSupported,
    /// A credential is not as its scheme says.
    Credential(CredentialError),
    /// The server's own mistake: more than [`MAX_SCHEMES`], or a marker or prefix that is no
    /// token. The answer is 500, since a credential might be taken for a name.
    Schemes,
}

impl OffersError {
    /// The answer to such offers.
    pub fn refusal(&self) -> Refusal<'static> {
        RequestError::from(*self).refusal()
    }
}

impl From<CredentialError> for OffersError {
    fn from(error: CredentialError) -> Self {
        Self::Credential(error)
    }
}

impl fmt::Display for OffersError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "no subprotocol is in the header that offers them",
            Self::NotAToken => "an offered subprotocol is not a token",
            Self::Duplicate => "a subprotocol is offered twice",
            Self::TooMany => "too many subprotocols are offered",
            Self::NoneSupported => "none of the offered subprotocols is supported",
            Self::Schemes => "the server's credential schemes cannot be looked for",
            Self::Credential(error) => return error.fmt(f),
        })
    }
}

impl core::error::Error for OffersError {}
