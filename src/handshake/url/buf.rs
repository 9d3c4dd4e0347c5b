//! An owned URL.

use super::{Places, Url, UrlError, scheme};
use crate::handshake::secret::Secret;
use alloc::string::String;
use core::fmt;
use core::str::FromStr;

/// A [`Url`] that owns its text: a [`Request`](crate::handshake::client::Request) keeps one, and a
/// [`Redirect`](crate::handshake::client::Redirect) leads to one.
///
/// With the feature `credentials` the text is wiped when it is dropped: the query can hold a key.
///
/// ```
/// use patchcord::handshake::UrlBuf;
///
/// struct Feed {
///     url: UrlBuf, // checked once
/// }
///
/// let feed = Feed { url: "wss://example.com/feed".parse()? };
/// assert_eq!(feed.url.as_url().port(), 443);
/// # Ok::<(), patchcord::handshake::UrlError>(())
/// ```
#[derive(Clone)]
pub struct UrlBuf {
    text: Secret,
    at: Places,
}

impl UrlBuf {
    /// The URL, borrowed.
    #[must_use]
    pub fn as_url(&self) -> Url<'_> {
        Url { text: &self.text, at: self.at }
    }

    pub(in crate::handshake) fn from_parts(
        secure: bool,
        authority: &str,
        path: &str,
        query: Option<&str>,
    ) -> Result<Self, UrlError> {
        let mark = if query.is_some() { "?" } else { "" };
        let parts = [scheme(secure), "://", authority, path, mark, query.unwrap_or_default()];
        let mut text = Secret::with_capacity(parts.iter().map(|part| part.len()).sum());
        text.append(|text| text.extend(parts));
        // Parsed like any other text, since the parts may come from a peer.
        Self::new(text)
    }

    fn new(text: Secret) -> Result<Self, UrlError> {
        let at = Url::parse(&text)?.at;
        Ok(Self { text, at })
    }
}

impl FromStr for UrlBuf {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        Self::new(Secret::from(String::from(text)))
    }
}

impl From<Url<'_>> for UrlBuf {
    fn from(url: Url<'_>) -> Self {
        Self { text: Secret::from(String::from(url.text)), at: url.at }
    }
}

impl PartialEq for UrlBuf {
    fn eq(&self, other: &Self) -> bool {
        self.as_url() == other.as_url()
    }
}

impl Eq for UrlBuf {}

/// Writes the whole URL, as [`Url`] does.
impl fmt::Display for UrlBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_url().fmt(f)
    }
}

/// Leaves out the query, which can hold a credential.
impl fmt::Debug for UrlBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UrlBuf({})", self.as_url().redacted())
    }
}
