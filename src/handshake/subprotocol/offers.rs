//! What a client offered, as its server reads it.

use super::MAX_OFFERED;
#[cfg(feature = "credentials")]
use crate::handshake::credential::Credential;
use crate::handshake::credential::{Codec, CredentialError, Scheme};
use crate::handshake::field::{elements, is_token};
use crate::handshake::server::{Refusal, RequestError};
use core::fmt;
use core::str;

/// The most credential schemes that a server can look for in one request.
pub const MAX_SCHEMES: usize = 4;

/// A subprotocol that a client offered.
///
/// Only reading a request makes one, so a server can select nothing else. Its `Debug` does not
/// show it: an entry that no scheme claimed may still be a secret.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Subprotocol<'head>(&'head str);

impl<'head> Subprotocol<'head> {
    pub(in crate::handshake) const fn new(name: &'head str) -> Self {
        Self(name)
    }

    /// The name, whose case matters.
    #[must_use]
    pub const fn as_str(&self) -> &'head str {
        self.0
    }
}

impl fmt::Debug for Subprotocol<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subprotocol(..)")
    }
}

/// What a client offered, in its order of preference, without the credentials.
#[derive(Clone, Copy)]
pub struct Offers<'head> {
    entries: [&'head str; MAX_OFFERED],
    count: usize,
    /// A bit for each entry that holds a credential.
    hidden: u32,
    secrets: [Option<(Codec, &'head str)>; MAX_SCHEMES],
    /// The one entry that may be sent back although it holds a credential.
    sole: Option<Subprotocol<'head>>,
}

impl<'head> Offers<'head> {
    /// Reads all the lines of the header, joined in their order (section 11.3.4).
    pub(in crate::handshake) fn read(
        lines: impl Iterator<Item = &'head [u8]>,
    ) -> Result<Self, OffersError> {
        let mut offers = Self {
            entries: [""; MAX_OFFERED],
            count: 0,
            hidden: 0,
            secrets: [None; MAX_SCHEMES],
            sole: None,
        };
        let mut count = 0;
        for line in lines {
            count += 1;
            for entry in elements(line) {
                offers.push(entry)?;
            }
        }
        // RFC 9110 section 5.6.1: empty elements are tolerated, a list of nothing else is not.
        if count > 0 && offers.count == 0 {
            return Err(OffersError::Empty);
        }
        Ok(offers)
    }

    fn push(&mut self, entry: &'head [u8]) -> Result<(), OffersError> {
        if !is_token(entry) {
            return Err(OffersError::NotAToken);
        }
        let Ok(entry) = str::from_utf8(entry) else { return Err(OffersError::NotAToken) };
        // RFC 6455 section 4.1, item 10: all values are unique.
        if self.entries[..self.count].contains(&entry) {
            return Err(OffersError::Duplicate);
        }
        *self.entries.get_mut(self.count).ok_or(OffersError::TooMany)? = entry;
        self.count += 1;
        Ok(())
    }

    /// Takes the credentials of `schemes` out of the offers.
    pub(in crate::handshake) fn extract(
        &mut self,
        schemes: &[Scheme<'_>],
    ) -> Result<(), OffersError> {
        for (scheme, index) in schemes.iter().zip(0..MAX_SCHEMES) {
            self.secrets[index] = self.secret(scheme)?;
        }
        let sole = schemes.iter().any(|scheme| matches!(scheme, Scheme::Sole { .. }));
        if self.hidden != 0 && self.iter().next().is_none() && !(sole && self.sole.is_some()) {
            return Err(CredentialError::NothingElse.into());
        }
        Ok(())
    }

    fn secret(&mut self, scheme: &Scheme<'_>) -> Result<Option<(Codec, &'head str)>, OffersError> {
        let found = match *scheme {
            Scheme::Pair { marker } => self.behind(marker)?.map(|at| (at, 0, Codec::Raw)),
            Scheme::Prefixed { prefix, codec } | Scheme::Sole { prefix, codec } => {
                self.prefixed(prefix)?.map(|at| (at, prefix.len(), codec))
            }
        };
        let Some((at, prefix, codec)) = found else { return Ok(None) };
        if self.hidden & 1 << at != 0 {
            return Err(CredentialError::Ambiguous.into());
        }
        self.hidden |= 1 << at;
        if matches!(scheme, Scheme::Sole { .. }) {
            self.sole = Some(Subprotocol(self.entries[at]));
        }
        let secret = &self.entries[at][prefix..];
        if secret.is_empty() {
            return Err(CredentialError::Missing.into());
        }
        if codec.decode(secret).is_none() {
            return Err(CredentialError::Encoding.into());
        }
        Ok(Some((codec, secret)))
    }

    /// The index of the entry behind `marker`.
    fn behind(&self, marker: &str) -> Result<Option<usize>, CredentialError> {
        let entries = &self.entries[..self.count];
        match entries.iter().position(|entry| *entry == marker) {
            None => Ok(None),
            Some(at) if at + 1 < self.count => Ok(Some(at + 1)),
            Some(_) => Err(CredentialError::Missing),
        }
    }

    /// The index of the one entry that begins with `prefix`.
    fn prefixed(&self, prefix: &str) -> Result<Option<usize>, CredentialError> {
        let mut found = (0..self.count).filter(|&at| self.entries[at].starts_with(prefix));
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
        codec.decode(secret).map(Credential::new)
    }

    /// The offers, the client's favourite first.
    pub fn iter(&self) -> impl Iterator<Item = Subprotocol<'head>> {
        (0..self.count)
            .filter(|at| self.hidden & 1 << at == 0)
            .map(|at| Subprotocol(self.entries[at]))
    }

    /// Whether the client offered nothing that can be selected.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// The first of `supported` that the client offered: the server's preference counts.
    #[must_use]
    pub fn server_preference(&self, supported: &[&str]) -> Option<Subprotocol<'head>> {
        supported.iter().find_map(|name| self.iter().find(|offer| offer.0 == *name))
    }

    /// The first offer that is among `supported`: the client's preference counts.
    #[must_use]
    pub fn client_preference(&self, supported: &[&str]) -> Option<Subprotocol<'head>> {
        self.iter().find(|offer| supported.contains(&offer.0))
    }

    /// The first offer that `choose` takes, in the client's order.
    pub fn find(&self, mut choose: impl FnMut(&str) -> bool) -> Option<Subprotocol<'head>> {
        self.iter().find(|offer| choose(offer.0))
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
            None if !self.is_empty() => Err(OffersError::NoneSupported),
            _ => Ok(selected),
        }
    }

    /// The entry of a [`Scheme::Sole`], which holds the secret that the server has to send back.
    #[must_use]
    pub const fn sole(&self) -> Option<Subprotocol<'head>> {
        self.sole
    }
}

impl fmt::Debug for Offers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Offers({} of them)", self.count)
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
    /// There are more than [`MAX_OFFERED`] entries.
    TooMany,
    /// Nothing that was offered is supported.
    NoneSupported,
    /// A credential is not as its scheme says.
    Credential(CredentialError),
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
            Self::Credential(error) => return error.fmt(f),
        })
    }
}

impl core::error::Error for OffersError {}
