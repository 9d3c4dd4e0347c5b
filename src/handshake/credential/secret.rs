//! Text that can hold a secret.

use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Deref;

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
    pub(in crate::handshake) fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        match String::from_utf8(bytes) {
            Ok(text) => {
                let secret = Self(text);
                (!secret.bytes().any(|byte| byte.is_ascii_control())).then_some(secret)
            }
            Err(error) => {
                wipe(&mut error.into_bytes());
                None
            }
        }
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

/// Overwrites bytes that are about to be freed.
pub(super) fn wipe(bytes: &mut Vec<u8>) {
    #[cfg(feature = "credentials")]
    zeroize::Zeroize::zeroize(bytes);
    #[cfg(not(feature = "credentials"))]
    let _ = bytes;
}
