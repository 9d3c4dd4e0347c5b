//! What a client offers, and what it takes for an answer.

use super::MAX_OFFERED;
use crate::handshake::credential::vendor::Vendor;
use crate::handshake::credential::{Scheme, SchemeKind};
use crate::handshake::grammar::is_token;
use crate::handshake::secret::Secret;
use alloc::string::String;
use alloc::vec::Vec;
use core::{fmt, str};

/// The longest entry in bytes that a client offers, a name or an encoded credential: three quarters of
/// what a server here takes as a line, so that names fit beside a credential. A token of 8 KiB in
/// base64url, as for Kubernetes, has 11 KiB; many proxies take 8 KiB as a line.
pub const MAX_ENTRY: usize = 12 * 1024;

/// What a client offers, in its order of preference, and what it does when nothing is selected.
///
/// ```
/// use patchcord::handshake::credential::Scheme;
/// use patchcord::handshake::subprotocol::Offer;
///
/// let offer = Offer::required().with_credential(&Scheme::pair("token")?, "KEY")?;
/// assert_eq!(format!("{offer:?}"), "Offer(token, ..)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Offer {
    entries: Vec<Entry>,
    required: bool,
}

#[derive(Clone)]
struct Entry {
    text: Secret,
    secret: bool,
}

impl Offer {
    /// An offer of which the server must select one entry, or the handshake fails: what browsers
    /// do (the WHATWG's WebSockets standard, "establish a WebSocket connection").
    #[must_use]
    pub const fn required() -> Self {
        Self { entries: Vec::new(), required: true }
    }

    /// An offer of which the server may select nothing: what RFC 6455 section 4.1 allows.
    #[must_use]
    pub const fn optional() -> Self {
        Self { entries: Vec::new(), required: false }
    }

    /// Adds a name.
    ///
    /// # Errors
    /// When it is not a token, is longer than [`MAX_ENTRY`], or is there already.
    pub fn with_name(mut self, name: &str) -> Result<Self, OfferError> {
        self.push(Secret::from(String::from(name)), false)?;
        Ok(self)
    }

    /// Adds a secret in the way that `scheme` says, and with it the marker of a pair.
    ///
    /// # Errors
    /// When the encoded secret is not a token, is longer than [`MAX_ENTRY`], or is there
    /// already.
    pub fn with_credential(
        mut self,
        scheme: &Scheme<'_>,
        secret: impl AsRef<[u8]>,
    ) -> Result<Self, OfferError> {
        let secret = secret.as_ref();
        let prefix = match scheme.kind() {
            SchemeKind::Pair => {
                self.push(Secret::from(String::from(scheme.name())), false)?;
                ""
            }
            SchemeKind::Prefixed | SchemeKind::Sole => scheme.name(),
        };
        // Percent-encoding makes the most of it, three times as much.
        let mut text = Secret::with_capacity(prefix.len() + 3 * secret.len());
        let encoded = text.append(|text| {
            text.push_str(prefix);
            scheme.encoding().encode(secret, text)
        });
        encoded.ok_or(OfferError::NotAToken)?;
        self.push(text, true)?;
        Ok(self)
    }

    fn push(&mut self, text: Secret, secret: bool) -> Result<(), OfferError> {
        if text.len() > MAX_ENTRY {
            return Err(OfferError::TooLong);
        }
        if !is_token(text.as_bytes()) {
            return Err(OfferError::NotAToken);
        }
        if self.entries().any(|entry| *entry == *text) {
            return Err(OfferError::Duplicate);
        }
        if self.entries.len() == MAX_OFFERED {
            return Err(OfferError::TooMany);
        }
        self.entries.push(Entry { text, secret });
        Ok(())
    }

    fn entries(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| &*entry.text)
    }

    /// The header's value, if anything is offered: one line joined with a comma and a space,
    /// since some servers take no other form.
    pub(in crate::handshake) fn value(&self) -> Option<Secret> {
        let entries: Vec<&str> = self.entries().collect();
        (!entries.is_empty()).then(|| Secret::from(entries.join(", ")))
    }

    pub(in crate::handshake) fn has_secret(&self) -> bool {
        self.entries.iter().any(|entry| entry.secret)
    }

    /// Checks what a server selected (RFC 6455 section 4.1, item 6 of the server's response).
    pub(in crate::handshake) fn verify<'head>(
        &self,
        selected: Option<&'head [u8]>,
    ) -> Result<Option<&'head str>, SubprotocolError> {
        let Some(name) = selected else {
            let nothing = self.required && !self.entries.is_empty();
            return if nothing { Err(SubprotocolError::NoneSelected) } else { Ok(None) };
        };
        let is_offered = self.entries().any(|entry| entry.as_bytes() == name);
        let name = str::from_utf8(name).ok().filter(|_| is_offered);
        name.map(Some).ok_or(SubprotocolError::NotOffered)
    }
}

impl Vendor {
    /// What a client offers with this secret.
    ///
    /// # Errors
    /// When the encoded secret is not a token or too long.
    pub fn offer(&self, secret: impl AsRef<[u8]>) -> Result<Offer, OfferError> {
        let offer = match self.name {
            Some(name) => Offer::required().with_name(name)?,
            None => Offer::required(),
        };
        offer.with_credential(&self.scheme, secret)
    }
}

impl fmt::Debug for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Offer(")?;
        for (i, entry) in self.entries.iter().enumerate() {
            f.write_str(if i > 0 { ", " } else { "" })?;
            f.write_str(if entry.secret { ".." } else { &entry.text })?;
        }
        f.write_str(")")
    }
}

/// An entry that cannot be offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OfferError {
    /// It is not a token (RFC 9110 section 5.6.2): choose a scheme that encodes it.
    NotAToken,
    /// It is there already.
    Duplicate,
    /// There are [`MAX_OFFERED`] entries already.
    TooMany,
    /// The name or the encoded secret is longer than [`MAX_ENTRY`].
    TooLong,
}

impl fmt::Display for OfferError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAToken => "a subprotocol or credential is not a token",
            Self::Duplicate => "a subprotocol or credential is offered twice",
            Self::TooMany => "too many subprotocols are offered",
            Self::TooLong => "a subprotocol or credential is too long for a header",
        })
    }
}

impl core::error::Error for OfferError {}

/// A server's choice that a client cannot go on with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SubprotocolError {
    /// The server selected what was not offered.
    NotOffered,
    /// The server selected nothing, and the offer was [`Offer::required`].
    NoneSelected,
}

impl fmt::Display for SubprotocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotOffered => "the server selected a subprotocol that was not offered",
            Self::NoneSelected => "the server selected none of the subprotocols",
        })
    }
}

impl core::error::Error for SubprotocolError {}
