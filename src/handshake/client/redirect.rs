//! Redirects: responses that send the client elsewhere (RFC 9110 section 15.4).

use crate::handshake::head::Headers;
use crate::handshake::url::{Url, UrlBuf, UrlError};
use alloc::string::String;
use core::{fmt, str};

/// The most redirects that a client should follow in a row: the count at which the Fetch standard
/// gives up with a network error ("HTTP-redirect fetch").
///
/// Counting is up to the caller, since each hop is a connection of its own.
pub const MAX_REDIRECTS: usize = 20;

/// The URL that a response redirects to, and whether it is the same server.
///
/// This crate follows nothing by itself: a [`Request`](super::Request) is for one URL. Each hop has
/// a request of its own, and a `match` decides what it carries: credentials are for
/// [`SameOrigin`](Self::SameOrigin) only. Browsers treat a redirect as a failure (the WebSockets
/// standard, "establish a WebSocket connection"): this is for other clients.
///
/// ```
/// use patchcord::handshake::client::{MAX_REDIRECTS, Redirect, Request, Response};
/// use patchcord::handshake::UrlBuf;
///
/// # fn ask<'a>(_: &Request) -> Option<Response<'a>> { None }
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let credentials = [("Authorization", "Token 5ec7e7")];
/// let mut url: UrlBuf = "wss://example.com/feed".parse()?;
/// let mut headers = &credentials[..];
/// for _ in 0..=MAX_REDIRECTS {
///     // Connects, writes the request, and reads the response; `None` if it opens the WebSocket.
///     let Some(refused) = ask(&Request::new(url.as_url()).with_headers(headers)?) else { return Ok(()) };
///     let redirect = Redirect::find(url.as_url(), refused.status(), refused.headers())?;
///     match redirect.ok_or("refused")? {
///         Redirect::SameOrigin(next) => url = next,
///         Redirect::OtherOrigin { url: next, .. } => (url, headers) = (next, &[]),
///     }
/// }
/// # Err("too many redirects".into())
/// # }
/// ```
#[doc(alias("Location", "301"))]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Redirect {
    /// The scheme, the host and the port are unchanged: anything sent to that server may be sent
    /// there again.
    SameOrigin(UrlBuf),
    /// Another server, or the same server reached in another way. A secret between the client and
    /// the first server must not be sent there.
    OtherOrigin {
        /// The URL.
        url: UrlBuf,
        /// True if the scheme changed, which can only be from `ws` to `wss`.
        scheme: bool,
        /// True if the host changed.
        host: bool,
        /// True if the port changed. It changes with the scheme unless a port is written.
        port: bool,
    },
}

impl Redirect {
    /// Finds the redirect in a response to a request for `url`. Returns `None` if the status is not
    /// 301, 302, 303, 307 or 308, or there is no `Location`.
    ///
    /// # Errors
    /// As for [`resolve`](Self::resolve), and when there is more than one `Location`.
    pub fn find(
        url: Url<'_>,
        status: u16,
        headers: Headers<'_>,
    ) -> Result<Option<Self>, RedirectError> {
        let mut locations = headers.all("Location");
        let Some(location) = locations.next() else { return Ok(None) };
        if !matches!(status, 301..=303 | 307 | 308) {
            return Ok(None);
        }
        if locations.next().is_some() {
            return Err(RedirectError::Repeated);
        }
        let location = str::from_utf8(location).map_err(|_| UrlError::Character)?;
        Self::resolve(url, location).map(Some)
    }

    /// Resolves the value of `Location` against the URL that was asked for (RFC 3986 section 5.2).
    ///
    /// The value may be absolute, with `ws`, `wss`, `http` or `https`; it may begin with `//` or
    /// `/`; or it may be relative to the path. Its fragment is dropped, and an empty value leads to
    /// the same URL again.
    ///
    /// ```
    /// use patchcord::handshake::Url;
    /// use patchcord::handshake::client::{Redirect, RedirectError};
    ///
    /// let url = Url::parse("wss://example.com/v1/feed?room=1")?;
    /// let same = Redirect::resolve(url, "../v2/feed#top")?;
    /// assert_eq!(same, Redirect::SameOrigin("wss://example.com/v2/feed".parse()?));
    /// let other = Redirect::resolve(url, "https://eu.example.com/v1/feed")?;
    /// assert!(matches!(other, Redirect::OtherOrigin { host: true, scheme: false, .. }));
    /// assert_eq!(other.url().to_string(), "wss://eu.example.com/v1/feed");
    /// assert_eq!(Redirect::resolve(url, "http://example.com/"), Err(RedirectError::Downgrade));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When the result is not a valid WebSocket URL, for example because it has a user name, and
    /// when it leads from `wss` to `ws`.
    pub fn resolve(url: Url<'_>, location: &str) -> Result<Self, RedirectError> {
        let next = resolve(url, location)?;
        let to = next.as_url();
        // Refused on the same host, too: what was encrypted would be sent again in the clear.
        if url.is_secure() && !to.is_secure() {
            return Err(RedirectError::Downgrade);
        }
        let scheme = url.is_secure() != to.is_secure();
        let (host, port) = (!url.is_same_host(&to), url.port() != to.port());
        Ok(match scheme || host || port {
            true => Self::OtherOrigin { url: next, scheme, host, port },
            false => Self::SameOrigin(next),
        })
    }

    /// The new URL, in either case.
    #[must_use]
    pub fn url(&self) -> Url<'_> {
        let (Self::SameOrigin(url) | Self::OtherOrigin { url, .. }) = self;
        url.as_url()
    }
}

/// Resolves a reference against a base URL by the strict algorithm (RFC 3986 section 5.2.2).
fn resolve(base: Url<'_>, reference: &str) -> Result<UrlBuf, UrlError> {
    // A fragment is for the client alone, and a WebSocket URL has none.
    let reference = reference.split('#').next().unwrap_or_default();
    let (scheme, rest) = split_scheme(reference);
    let secure = match scheme {
        None => base.is_secure(),
        Some(scheme) => is_secure(scheme).ok_or(UrlError::Scheme)?,
    };
    if let Some(rest) = rest.strip_prefix("//") {
        let (authority, rest) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (path, query) = split_query(rest);
        return UrlBuf::from_parts(secure, authority, &without_dots("", path), query);
    }
    // With any of the four schemes, a URL has an authority.
    if scheme.is_some() {
        return Err(UrlError::Host);
    }
    let (path, query) = split_query(rest);
    let (path, query) = match path {
        // RFC 3986 section 5.2.2: an empty path keeps the query, unless there is a new one.
        "" => (base.path().into(), query.or(base.query())),
        _ if path.starts_with('/') => (without_dots("", path), query),
        _ => (without_dots(base.path(), path), query),
    };
    UrlBuf::from_parts(secure, base.authority(), &path, query)
}

/// Splits a reference into its scheme, if it has one, and the rest (RFC 3986 sections 3.1 and 4.2).
fn split_scheme(reference: &str) -> (Option<&str>, &str) {
    let Some((scheme, rest)) = reference.split_once(':') else { return (None, reference) };
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    if is_scheme { (Some(scheme), rest) } else { (None, reference) }
}

/// Returns whether a scheme is the secure one. The WebSockets standard maps `http` to `ws` and
/// `https` to `wss`.
fn is_secure(scheme: &str) -> Option<bool> {
    let is = |names: [&str; 2]| names.iter().any(|name| scheme.eq_ignore_ascii_case(name));
    match scheme {
        _ if is(["wss", "https"]) => Some(true),
        _ if is(["ws", "http"]) => Some(false),
        _ => None,
    }
}

fn split_query(text: &str) -> (&str, Option<&str>) {
    text.split_once('?').map_or((text, None), |(path, query)| (path, Some(query)))
}

/// Replaces everything after the last slash of `base` by the path of a reference, and removes the
/// segments `.` and `..` (RFC 3986 sections 5.2.3 and 5.2.4).
fn without_dots(base: &str, path: &str) -> String {
    let base = base.rsplit_once('/').map_or("", |(before, _)| before);
    let relative = path.strip_prefix('/').unwrap_or(path);
    let mut out = String::with_capacity(base.len() + path.len() + 1);
    if path.is_empty() {
        return out;
    }
    let mut segments = base.split('/').skip(1).chain(relative.split('/')).peekable();
    while let Some(segment) = segments.next() {
        match segment {
            "." => {}
            // Above the root there is nothing: `..` stays there.
            ".." => out.truncate(out.rfind('/').unwrap_or(0)),
            _ => out.extend(["/", segment]),
        }
        // A path that ends in a dot segment names a folder.
        if matches!(segment, "." | "..") && segments.peek().is_none() {
            out.push('/');
        }
    }
    out
}

/// An error: the redirect must not be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RedirectError {
    /// The response has more than one `Location`.
    Repeated,
    /// The redirect does not lead to a valid WebSocket URL.
    Url(UrlError),
    /// The redirect leads from `wss` to `ws`, where anyone on the network can read along.
    Downgrade,
}

impl From<UrlError> for RedirectError {
    fn from(error: UrlError) -> Self {
        Self::Url(error)
    }
}

impl fmt::Display for RedirectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Repeated => "the redirect has more than one Location",
            Self::Url(error) => return write!(f, "the redirect cannot be followed: {error}"),
            Self::Downgrade => "the redirect leads from wss to ws",
        })
    }
}

impl core::error::Error for RedirectError {}
