//! A secret that was taken out of a handshake.

use crate::handshake::secret::SecretBytes;
use alloc::vec::Vec;
use core::{fmt, str};

/// A secret that was carried in a handshake: bytes, which need not be text.
///
/// It is not shown by `Debug`, is compared in constant time, and is wiped when dropped.
///
/// ```
/// use patchcord::handshake::credential::Credential;
///
/// let key = Credential::new("hunter2");
/// assert!(key.matches("hunter2") && !key.matches(b"hunter3"));
/// assert_eq!(format!("{key:?}"), "Credential(..)");
/// assert_eq!(key.expose_str(), Ok("hunter2"));
/// ```
#[derive(Clone)]
pub struct Credential(SecretBytes);

impl Credential {
    /// Takes over a secret.
    #[must_use]
    pub fn new(secret: impl Into<Vec<u8>>) -> Self {
        Self(SecretBytes::from(secret.into()))
    }

    pub(in crate::handshake) const fn of(secret: SecretBytes) -> Self {
        Self(secret)
    }

    /// Whether this is `expected`, in a time that tells nothing but the length of either.
    #[must_use]
    pub fn matches(&self, expected: impl AsRef<[u8]>) -> bool {
        use subtle::ConstantTimeEq;
        self.0.ct_eq(expected.as_ref()).into()
    }

    /// The secret itself: to look it up, or to check its signature.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The secret as text that may be passed on in a header.
    ///
    /// # Errors
    /// When it is not UTF-8, or has a control character in it, such as the end of a line.
    pub fn expose_str(&self) -> Result<&str, NotText> {
        let text = str::from_utf8(&self.0).map_err(|_| NotText)?;
        match text.bytes().any(|byte| byte.is_ascii_control()) {
            true => Err(NotText),
            false => Ok(text),
        }
    }
}

/// In constant time.
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

/// A credential that is not UTF-8, or has a control character in it; the answer is 400.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotText;

impl fmt::Display for NotText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the credential is not text without control characters")
    }
}

impl core::error::Error for NotText {}

/// A credential that is not as its scheme says; the answer is 400.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CredentialError {
    /// Nothing follows the marker of a pair, the prefix of an entry, or the scheme of an
    /// `Authorization`.
    Missing,
    /// Two entries have the prefix, the secret of one scheme is the marker or the secret of
    /// another, two are alone, or `Authorization` is there twice.
    Ambiguous,
    /// The secret is not encoded as the scheme says.
    Encoding,
}

impl fmt::Display for CredentialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "the credential of the request is missing",
            Self::Ambiguous => "the credential of the request is ambiguous",
            Self::Encoding => "the credential of the request is not encoded as it must be",
        })
    }
}

impl core::error::Error for CredentialError {}
