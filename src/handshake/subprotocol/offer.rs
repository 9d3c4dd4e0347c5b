//! The client's offer of subprotocols, and the check of the server's choice.

use super::MAX_OFFERED;
use crate::handshake::credential::vendor::Vendor;
use crate::handshake::credential::{Scheme, SchemeKind};
use crate::handshake::grammar::is_token;
use crate::handshake::secret::Secret;
use alloc::string::String;
use alloc::vec::Vec;
use core::{fmt, str};

/// The longest entry that a client offers, in bytes: a name or an encoded credential. It is three
/// quarters of the line length that a server here accepts, so that names fit beside a credential. A
/// token of 8 KiB, as Kubernetes has them, takes 11 KiB in base64url; many proxies accept lines of
/// 8 KiB.
pub const MAX_ENTRY: usize = 12 * 1024;

/// The subprotocols that a client offers, in its order of preference, and whether one must be
/// selected.
///
/// ```
/// use patchcord::handshake::credential::Scheme;
/// use patchcord::handshake::subprotocol::Offer;
///
/// let offer = Offer::required().with_credential(&Scheme::pair("token")?, "KEY")?;
/// assert_eq!(format!("{offer:?}"), "Offer(token, ..)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias("subprotocol", "Sec-WebSocket-Protocol"))]
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
    /// Makes an empty offer; once it has entries, the handshake fails unless the server selects
    /// one. This is how browsers behave (the WebSockets standard, "establish a WebSocket
    /// connection").
    #[must_use]
    pub const fn required() -> Self {
        Self { entries: Vec::new(), required: true }
    }

    /// Makes an empty offer from which the server may select nothing, as RFC 6455 section 4.1
    /// allows.
    #[must_use]
    pub const fn optional() -> Self {
        Self { entries: Vec::new(), required: false }
    }

    /// Adds a name.
    ///
    /// # Errors
    /// When the name is not a token, is longer than [`MAX_ENTRY`], or was added before.
    pub fn with_name(mut self, name: &str) -> Result<Self, OfferError> {
        self.push(Secret::from(String::from(name)), false)?;
        Ok(self)
    }

    /// Adds a secret in the form of `scheme`, after its marker if the scheme is a pair.
    ///
    /// # Errors
    /// When the encoded secret is not a token, is longer than [`MAX_ENTRY`], or was added before.
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
        // Percent-encoding is the longest encoding: three characters per byte. The text must not
        // move while it grows, or a copy would stay behind that is not wiped.
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

    /// Returns the header's value, if anything is offered: a single line joined by commas and
    /// spaces, since some servers accept no other form.
    pub(in crate::handshake) fn value(&self) -> Option<Secret> {
        let entries: Vec<&str> = self.entries().collect();
        (!entries.is_empty()).then(|| Secret::from(entries.join(", ")))
    }

    pub(in crate::handshake) fn has_secret(&self) -> bool {
        self.entries.iter().any(|entry| entry.secret)
    }

    /// Checks the server's choice (RFC 6455 section 4.1, item 6 of the server's response).
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
    /// Makes a client's offer with this secret.
    ///
    /// # Errors
    /// When the encoded secret is not a token or is too long.
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

/// An error: an entry cannot be offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OfferError {
    /// The entry is not a token (RFC 9110 section 5.6.2): choose a scheme that encodes it.
    NotAToken,
    /// The entry was added before.
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

/// An error: the client cannot accept the server's choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SubprotocolError {
    /// The server selected a subprotocol that was not offered.
    NotOffered,
    /// The server selected nothing, although the offer was [`Offer::required`].
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
