//! Memory that may hold a secret, and is wiped when it is dropped if the feature `credentials` is
//! on.

use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Deref;

/// Text that may be a secret.
#[derive(Clone)]
pub(super) struct Secret(String);

impl Secret {
    /// Makes an empty text that does not move while it grows to `capacity` bytes: a move would
    /// leave a copy that is not wiped.
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self(String::with_capacity(capacity))
    }

    /// Joins these texts.
    pub(super) fn concat(parts: &[&str]) -> Self {
        Self(parts.concat())
    }

    /// Lets `write` append to the text.
    pub(super) fn append<T>(&mut self, write: impl FnOnce(&mut String) -> T) -> T {
        write(&mut self.0)
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl Deref for Secret {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        wipe(&mut core::mem::take(&mut self.0).into_bytes());
    }
}

/// Bytes that may be a secret, or a part of one. They are wiped wherever they are dropped, so a
/// decoder that fails half-way does not have to take care of it.
#[cfg(feature = "credentials")]
#[derive(Clone)]
pub(super) struct SecretBytes(Vec<u8>);

#[cfg(feature = "credentials")]
impl SecretBytes {
    /// Makes an empty buffer that does not move while it grows to `capacity` bytes.
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self(Vec::with_capacity(capacity))
    }

    /// The bytes, for writing.
    pub(super) const fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }
}

#[cfg(feature = "credentials")]
impl From<Vec<u8>> for SecretBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

#[cfg(feature = "credentials")]
impl Deref for SecretBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(feature = "credentials")]
impl Drop for SecretBytes {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

/// Overwrites bytes that are about to be freed, and the unused capacity after them.
fn wipe(bytes: &mut Vec<u8>) {
    #[cfg(feature = "credentials")]
    zeroize::Zeroize::zeroize(bytes);
    #[cfg(not(feature = "credentials"))]
    let _ = bytes;
}
