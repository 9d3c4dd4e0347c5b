//! Text that can be kept, cut and shared without a copy.

use bytes::Bytes;
use patchcord::Text;
use patchcord::payload::Payload;
use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

/// A `str` in [`Bytes`]: checked once, and shared by its clones.
///
/// ```
/// use bytes::Bytes;
/// use patchcord_tokio::Utf8Bytes;
///
/// let word = Utf8Bytes::from("café");
/// assert_eq!(word.len(), 5); // derefs to `str`
/// assert_eq!(word, "café");
/// assert!(Utf8Bytes::try_from(Bytes::from_static(b"caf\xc3")).is_err());
/// ```
#[derive(Clone)]
pub struct Utf8Bytes(Text<Bytes>);

impl Utf8Bytes {
    /// A text that the program holds: nothing is copied or counted.
    #[must_use]
    pub const fn from_static(text: &'static str) -> Self {
        Self(Text::from_static(text))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Utf8Bytes {
    fn default() -> Self {
        Self::from_static("")
    }
}

impl Deref for Utf8Bytes {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Utf8Bytes {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl AsRef<[u8]> for Utf8Bytes {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

// Equal, ordered and hashed as a `str` is.
impl Borrow<str> for Utf8Bytes {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl Eq for Utf8Bytes {}

impl Hash for Utf8Bytes {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.as_str().hash(hasher);
    }
}

impl PartialOrd for Utf8Bytes {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Utf8Bytes {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl<T: ?Sized + AsRef<str>> PartialEq<T> for Utf8Bytes {
    fn eq(&self, other: &T) -> bool {
        self.as_str() == other.as_ref()
    }
}

impl From<&str> for Utf8Bytes {
    fn from(text: &str) -> Self {
        Self(Text::from(text.to_owned()))
    }
}

impl From<&String> for Utf8Bytes {
    fn from(text: &String) -> Self {
        Self(Text::from(text.clone()))
    }
}

impl From<String> for Utf8Bytes {
    fn from(text: String) -> Self {
        Self(Text::from(text))
    }
}

impl From<Text<Bytes>> for Utf8Bytes {
    fn from(text: Text<Bytes>) -> Self {
        Self(text)
    }
}

impl From<Text<Payload<'_>>> for Utf8Bytes {
    fn from(text: Text<Payload<'_>>) -> Self {
        Self(Text::from(text))
    }
}

impl From<Utf8Bytes> for Bytes {
    fn from(text: Utf8Bytes) -> Self {
        text.0.into_payload()
    }
}

impl TryFrom<Bytes> for Utf8Bytes {
    type Error = patchcord::InvalidUtf8;

    fn try_from(bytes: Bytes) -> Result<Self, Self::Error> {
        Text::new(bytes).map(Self)
    }
}

impl TryFrom<Vec<u8>> for Utf8Bytes {
    type Error = patchcord::InvalidUtf8;

    fn try_from(bytes: Vec<u8>) -> Result<Self, Self::Error> {
        Self::try_from(Bytes::from(bytes))
    }
}

impl fmt::Debug for Utf8Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Utf8Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}
