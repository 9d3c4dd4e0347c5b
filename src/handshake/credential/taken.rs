//! Secrets that were taken out of a handshake.

use crate::handshake::secret::SecretBytes;
use alloc::vec::Vec;
use core::{fmt, str};

/// A secret that came with a handshake: bytes, which need not be text.
///
/// `Debug` does not show it, comparison takes constant time, and it is wiped when dropped.
///
/// ```
/// use patchcord::handshake::credential::Credential;
///
/// let key = Credential::new("hunter2");
/// assert!(key.matches("hunter2") && !key.matches(b"hunter3"));
/// assert_eq!(format!("{key:?}"), "Credential(..)");
/// assert_eq!(key.expose_str(), Ok("hunter2"));
/// ```
#[doc(alias("API key", "token"))]
#[derive(Clone)]
pub struct Credential(SecretBytes);

impl Credential {
    /// Makes a credential that owns `secret`.
    #[must_use]
    pub fn new(secret: impl Into<Vec<u8>>) -> Self {
        Self(SecretBytes::from(secret.into()))
    }

    pub(in crate::handshake) const fn from_secret(secret: SecretBytes) -> Self {
        Self(secret)
    }

    /// Returns whether this equals `expected`. The time taken reveals nothing but the two lengths.
    #[must_use]
    pub fn matches(&self, expected: impl AsRef<[u8]>) -> bool {
        use subtle::ConstantTimeEq;
        self.0.ct_eq(expected.as_ref()).into()
    }

    /// The secret itself, for looking it up or for checking its signature.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The secret as text that can be forwarded in a header.
    ///
    /// # Errors
    /// When it is not UTF-8, or contains a control character, such as a line end.
    pub fn expose_str(&self) -> Result<&str, NotText> {
        let text = str::from_utf8(&self.0).map_err(|_| NotText)?;
        match text.bytes().any(|byte| byte.is_ascii_control()) {
            true => Err(NotText),
            false => Ok(text),
        }
    }
}

/// Compares in constant time.
impl PartialEq for Credential {
    fn eq(&self, other: &Self) -> bool {
        self.matches(other.expose())
    }
}

impl Eq for Credential {}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credential(..)")
    }
}

/// An error: the credential is not UTF-8, or contains a control character. Answer with 400.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotText;

impl fmt::Display for NotText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the credential is not UTF-8 or contains control characters")
    }
}

impl core::error::Error for NotText {}

/// An error: the credential is not what its scheme requires. Answer with 400.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CredentialError {
    /// Nothing follows the marker of a pair, the prefix of an entry, or the scheme of an
    /// `Authorization`.
    Missing,
    /// Two entries have the prefix, the secret of one scheme is the marker or the secret of
    /// another, two schemes claim to be the only entry, or `Authorization` occurs twice.
    Ambiguous,
    /// The secret is not encoded as the scheme requires.
    Encoding,
}

impl fmt::Display for CredentialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "the credential of the request is missing",
            Self::Ambiguous => "the credential of the request is ambiguous",
            Self::Encoding => "the credential of the request is not encoded properly",
        })
    }
}

impl core::error::Error for CredentialError {}
