//! Text that can hold a secret.

use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Deref;
use core::str;

/// Text that is wiped when it is dropped, if a feature brings the means.
#[derive(Clone)]
pub(in crate::handshake) struct Secret(String);

impl Secret {
    /// An empty text that does not move while it grows to `capacity` bytes.
    pub(in crate::handshake) fn with_capacity(capacity: usize) -> Self {
        Self(String::with_capacity(capacity))
    }

    /// The text in `bytes`, if it is UTF-8 without control characters: a line break in it would
    /// be a trap for whoever passes it on in a header.
    pub(super) fn from_bytes(mut bytes: SecretBytes) -> Option<Self> {
        let is_plain = |text: &str| !text.bytes().any(|byte| byte.is_ascii_control());
        if !str::from_utf8(&bytes.0).is_ok_and(is_plain) {
            return None;
        }
        String::from_utf8(core::mem::take(&mut bytes.0)).ok().map(Self)
    }

    /// Lets `write` append to the text.
    pub(in crate::handshake) fn append(&mut self, write: impl FnOnce(&mut String)) {
        write(&mut self.0);
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

/// Bytes of which a secret is being made. They are wiped wherever they are dropped, so a decoder
/// that fails half-way need not think of it.
pub(super) struct SecretBytes(Vec<u8>);

impl SecretBytes {
    /// No bytes, which do not move while they grow to `capacity`.
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self(Vec::with_capacity(capacity))
    }

    /// The bytes, to be written.
    pub(super) const fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }
}

impl Drop for SecretBytes {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

/// Overwrites bytes that are about to be freed, and what their memory has behind them.
fn wipe(bytes: &mut Vec<u8>) {
    #[cfg(feature = "credentials")]
    zeroize::Zeroize::zeroize(bytes);
    #[cfg(not(feature = "credentials"))]
    let _ = bytes;
}
