//! Taking credentials out of the offered subprotocols.

use super::Offers;
use crate::handshake::credential::{Credential, CredentialError, Scheme, SchemeKind};

impl Offers<'_> {
    /// Takes out the credential that the client sent by this scheme, if any.
    ///
    /// An entry that was taken out can no longer be selected. A server that supports several
    /// schemes takes them out one after the other, each once.
    ///
    /// ```
    /// use patchcord::handshake::credential::{Credential, vendor};
    /// use patchcord::handshake::server::{Refusal, Request};
    ///
    /// fn key(request: &Request<'_>) -> Result<Option<Credential>, Refusal> {
    ///     let mut offers = request.offers();
    ///     let (key, jwt) =
    ///         (offers.take(&vendor::DEEPGRAM.scheme)?, offers.take(&vendor::DEEPGRAM_BEARER.scheme)?);
    ///     Ok(key.or(jwt))
    /// }
    /// ```
    ///
    /// # Errors
    /// When the credential is missing after its marker or prefix, is not encoded as the scheme
    /// requires, or cannot be told apart from that of another scheme: a server that guesses will
    /// send a key back sooner or later. Answer with 400.
    pub fn take(&mut self, scheme: &Scheme<'_>) -> Result<Option<Credential>, CredentialError> {
        let found = match scheme.kind() {
            SchemeKind::Pair => self.behind(scheme.name())?,
            SchemeKind::Prefixed | SchemeKind::Sole => self.prefixed(scheme.name())?,
        };
        let Some(at) = found else { return Ok(None) };
        let is_claimed = self.is_claimed(at);
        // Even if decoding fails below, the entry must not be selected any more.
        self.secrets |= 1 << at;
        if is_claimed || scheme.is_sole() && self.sole.replace(at).is_some() {
            return Err(CredentialError::Ambiguous);
        }
        // The secret of a pair has no prefix: it is the whole entry.
        let prefix = scheme.marker().map_or(scheme.name().len(), |_| 0);
        match &self.entries[at][prefix..] {
            "" => Err(CredentialError::Missing),
            secret => scheme.encoding().decode(secret).ok_or(CredentialError::Encoding),
        }
        .map(|secret| Some(Credential::from_secret(secret)))
    }

    /// Returns the index of the entry after `marker`, and claims the marker.
    fn behind(&mut self, marker: &str) -> Result<Option<usize>, CredentialError> {
        let Some(at) = self.entries.iter().position(|entry| *entry == marker) else {
            return Ok(None);
        };
        if self.is_secret(at) {
            return Err(CredentialError::Ambiguous);
        }
        self.markers |= 1 << at;
        if at + 1 == self.entries.len() {
            return Err(CredentialError::Missing);
        }
        Ok(Some(at + 1))
    }

    /// Returns the index of the only entry that begins with `prefix`.
    fn prefixed(&self, prefix: &str) -> Result<Option<usize>, CredentialError> {
        let mut found = (0..self.entries.len()).filter(|&at| self.entries[at].starts_with(prefix));
        match (found.next(), found.next()) {
            (_, Some(_)) => Err(CredentialError::Ambiguous),
            (at, None) => Ok(at),
        }
    }

    /// Returns whether the entry is a marker or a secret of another scheme.
    const fn is_claimed(&self, at: usize) -> bool {
        (self.secrets | self.markers) & 1 << at != 0
    }
}
