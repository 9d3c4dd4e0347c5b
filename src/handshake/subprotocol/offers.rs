//! The offered subprotocols, as the server reads them.

use super::entries::{Entries, OfferLines};
use core::fmt;

/// A subprotocol that a client offered.
///
/// It can only come from reading a request, and the response to another request refuses it, so a
/// server cannot select anything that its client did not offer. `Debug` does not show it: an entry
/// that no scheme claimed may still be a secret.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Subprotocol<'head> {
    name: &'head str,
    secret: bool,
}

impl<'head> Subprotocol<'head> {
    /// The name, which is case-sensitive.
    #[must_use]
    pub const fn as_str(&self) -> &'head str {
        self.name
    }

    /// Returns whether this is the entry of a [`Scheme::sole`], which holds a secret.
    ///
    /// [`Scheme::sole`]: crate::handshake::credential::Scheme::sole
    pub(in crate::handshake) const fn is_secret(&self) -> bool {
        self.secret
    }
}

impl fmt::Debug for Subprotocol<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subprotocol(..)")
    }
}

/// The subprotocols that a client offered, in its order of preference.
///
/// A server first [takes out](Self::take) the credentials of the schemes that it supports, and then
/// selects.
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
/// let offers = request.offers();
///
/// let supported = ["v2.chat", "v1.chat"]; // the server's favourite first
/// let selected = offers.select(&supported)?.map(|name| name.as_str());
/// assert_eq!(selected, Some("v2.chat"));
/// let selected = offers.select_by_client(&supported)?.map(|name| name.as_str());
/// assert_eq!(selected, Some("v1.chat"));
/// assert!(offers.select(&["v3.chat"]).is_err()); // refuse with 400
/// # Ok(())
/// # }
/// ```
#[doc(alias("subprotocol", "Sec-WebSocket-Protocol"))]
#[derive(Clone, Copy)]
pub struct Offers<'head> {
    pub(super) entries: Entries<'head>,
    /// One bit for each entry that holds a credential.
    pub(super) secrets: u32,
    /// One bit for each marker of a pair that was taken out.
    #[cfg(feature = "credentials")]
    pub(super) markers: u32,
    /// The entry that may be sent back although it holds a credential, if it is the only entry.
    pub(super) sole: Option<usize>,
}

impl<'head> Offers<'head> {
    pub(in crate::handshake) fn new(lines: &OfferLines<'head>) -> Self {
        Self {
            entries: lines.entries(),
            secrets: 0,
            #[cfg(feature = "credentials")]
            markers: 0,
            sole: None,
        }
    }

    pub(super) const fn is_secret(&self, at: usize) -> bool {
        self.secrets & 1 << at != 0
    }

    /// Returns an iterator over the offers that can be selected, the client's favourite first.
    pub fn iter(&self) -> impl Iterator<Item = Subprotocol<'head>> {
        (0..self.entries.len())
            .filter(|&at| !self.is_secret(at))
            .map(|at| Subprotocol { name: self.entries[at], secret: false })
    }

    /// Returns whether the client offered nothing that can be selected.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// Selects the first of `supported` that the client offered, by the server's preference.
    /// Returns `None` if nothing was offered.
    ///
    /// If the only offer is the entry of a [`Scheme::sole`] that was taken out, that entry is
    /// selected.
    ///
    /// [`Scheme::sole`]: crate::handshake::credential::Scheme::sole
    ///
    /// # Errors
    /// When something was offered and none of it is supported: if a server continued without a
    /// subprotocol, a browser would fail without telling why. Also when it is ambiguous what the
    /// client meant.
    pub fn select(&self, supported: &[&str]) -> Result<Option<Subprotocol<'head>>, SelectionError> {
        self.selected(supported, || {
            supported.iter().find_map(|name| self.iter().find(|offer| offer.name == *name))
        })
    }

    /// Selects the first offer that is among `supported`, by the client's preference.
    ///
    /// # Errors
    /// As for [`select`](Self::select).
    pub fn select_by_client(
        &self,
        supported: &[&str],
    ) -> Result<Option<Subprotocol<'head>>, SelectionError> {
        self.selected(supported, || self.find(|name| supported.contains(&name)))
    }

    fn selected(
        &self,
        supported: &[&str],
        choose: impl FnOnce() -> Option<Subprotocol<'head>>,
    ) -> Result<Option<Subprotocol<'head>>, SelectionError> {
        // `token, chat` without a key: `chat` was taken for the key, and must not be lost in
        // silence.
        let is_hidden = |at| self.is_secret(at) && supported.contains(&self.entries[at]);
        if (0..self.entries.len()).any(is_hidden) {
            return Err(SelectionError::Hidden);
        }
        match choose() {
            None if !self.is_empty() => Err(SelectionError::NoneSupported),
            None => match self.sole {
                Some(at) => Ok(Some(Subprotocol { name: self.entries[at], secret: true })),
                // A browser fails if nothing is selected, and the key must not be sent back.
                None if self.secrets != 0 => Err(SelectionError::NothingElse),
                None => Ok(None),
            },
            selected => Ok(selected),
        }
    }

    /// Returns the first offer that `choose` accepts, in the client's order.
    pub fn find(&self, mut choose: impl FnMut(&str) -> bool) -> Option<Subprotocol<'head>> {
        self.iter().find(|offer| choose(offer.name))
    }
}

impl fmt::Debug for Offers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Offers({} of them)", self.entries.len())
    }
}

/// An error: a server can select none of the offers. Answer with 400.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SelectionError {
    /// None of the offers is supported.
    NoneSupported,
    /// A supported name stands where a credential should, so the client meant something else.
    Hidden,
    /// A credential is the only entry, and nothing is left to select.
    NothingElse,
}

impl fmt::Display for SelectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoneSupported => "none of the offered subprotocols is supported",
            Self::Hidden => "a supported subprotocol stands where a credential should",
            Self::NothingElse => "a subprotocol must be offered beside the credential",
        })
    }
}

impl core::error::Error for SelectionError {}
