//! `ws:` and `wss:` URLs (RFC 6455 section 3).

mod buf;
mod error;

pub use buf::UrlBuf;
pub use error::UrlError;

use super::authority::{is_host, split_port};
use super::grammar::{is_escaped, table};
use core::fmt;
use core::net::{IpAddr, Ipv6Addr};

/// The longest URL in bytes, counting the slash of an omitted path.
///
/// `http::Uri` accepts 65,534 bytes, and `https` is two bytes longer than `wss`.
pub const MAX_URL: usize = 65_534 - 2;

/// The URL that a client connects to, borrowed from the text that it was parsed from.
///
/// `Display` writes the URL so that it parses to an equal one. That includes the query, which often
/// holds a key: for logs use [`redacted`](Self::redacted), or `Debug`, which writes the same.
///
/// ```
/// use patchcord::handshake::Url;
///
/// let url = Url::parse("wss://api.example.com:8443/v1/listen?key=5ec7e7")?;
/// assert_eq!((url.host(), url.port()), ("api.example.com", 8443));
/// assert_eq!((url.path(), url.query()), ("/v1/listen", Some("key=5ec7e7")));
/// assert_eq!(url.to_string(), "wss://api.example.com:8443/v1/listen?key=5ec7e7");
/// assert_eq!(url.redacted().to_string(), "wss://api.example.com:8443/v1/listen?..");
/// # Ok::<(), patchcord::handshake::UrlError>(())
/// ```
///
/// # Equality
///
/// Hosts are compared ignoring case, and ports as numbers, whether a default port is written or
/// not. Paths and queries are compared byte by byte.
///
/// # A user name in it
///
/// `wss://user:password@host` is refused. RFC 6455 section 3 has no place for a user name, browsers
/// do not send it, and RFC 9110 section 4.2.4 recommends treating it as an error, since it obscures
/// which host is meant. If you have such a URL, remove the part before the `@` and send it as
/// `Authorization: Basic`.
#[derive(Clone, Copy)]
pub struct Url<'text> {
    text: &'text str,
    at: Places,
}

/// The offsets of the parts of a URL in its text, which is at most [`MAX_URL`] bytes long.
#[derive(Clone, Copy)]
struct Places {
    secure: bool,
    port: u16,
    /// The end of the host, which begins after `://`.
    host: u16,
    /// The end of the authority, where the path begins.
    authority: u16,
    /// The end of the path, at the `?` if there is one.
    path: u16,
}

impl<'text> Url<'text> {
    /// Parses a URL. Percent-encoded text stays encoded.
    ///
    /// A port may be omitted or empty, and then has the default of the scheme.
    ///
    /// Every URL that parses can be sent over all three carriers: it is also a target that the
    /// `http` crate accepts.
    ///
    /// # Errors
    /// When the URL is longer than [`MAX_URL`]; when the scheme is neither `ws` nor `wss`; when the
    /// host is missing, or is not a name, an IPv4 address or an IPv6 address in brackets; when the
    /// port is not a number from 1 to 65535; when there is a user name, a password or a fragment;
    /// and when the path or query has a character that RFC 3986 sections 3.3 and 3.4 require to be
    /// percent-encoded, or a `%` without two hexadecimal digits after it.
    pub fn parse(text: &'text str) -> Result<Self, UrlError> {
        // First of all, since everything below slices by bytes; it also rules out spaces and line
        // ends.
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(UrlError::Character);
        }
        let (scheme, rest) = text.split_once("://").ok_or(UrlError::Scheme)?;
        let secure = match scheme {
            _ if scheme.eq_ignore_ascii_case("ws") => false,
            _ if scheme.eq_ignore_ascii_case("wss") => true,
            _ => return Err(UrlError::Scheme),
        };
        // RFC 6455 section 3: fragment identifiers must not be used.
        if rest.contains('#') {
            return Err(UrlError::Fragment);
        }
        let (authority, resource) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        if text.len() + usize::from(!resource.starts_with('/')) > MAX_URL {
            return Err(UrlError::TooLong);
        }
        let (host, port) = parse_authority(authority, secure)?;
        if !is_escaped(resource, |byte| RESOURCE[usize::from(byte)]) {
            return Err(UrlError::Character);
        }
        let path = resource.find('?').unwrap_or(resource.len());
        // This cannot fail: `MAX_URL` fits into 16 bits.
        let place = |bytes: usize| u16::try_from(bytes).map_err(|_| UrlError::TooLong);
        let behind = text.len() - rest.len();
        let at = Places {
            secure,
            port,
            host: place(behind + host.len())?,
            authority: place(behind + authority.len())?,
            path: place(behind + authority.len() + path)?,
        };
        Ok(Self { text, at })
    }

    fn part(&self, from: u16, to: usize) -> &'text str {
        self.text.get(from.into()..to).unwrap_or_default()
    }

    /// Returns the offset of the host: the length of `ws://` or `wss://`.
    const fn start(&self) -> u16 {
        if self.at.secure { 6 } else { 5 }
    }

    /// Returns whether the scheme is `wss`, which puts TLS below the WebSocket.
    #[must_use]
    pub const fn is_secure(&self) -> bool {
        self.at.secure
    }

    /// The host: a name or an address. An IPv6 address comes without its brackets, as resolvers and
    /// TLS libraries expect it.
    #[must_use]
    pub fn host(&self) -> &'text str {
        unbracketed(self.bracketed_host())
    }

    fn bracketed_host(&self) -> &'text str {
        self.part(self.start(), self.at.host.into())
    }

    /// The port: 80 or 443 if the URL has none.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.at.port
    }

    /// The value for `Host` and `:authority`: the host, in brackets if it is an IPv6 address, and
    /// the port unless it is the scheme's default (RFC 6455 section 4.1, item 4).
    #[must_use]
    pub fn authority(&self) -> &'text str {
        if self.at.port == default_port(self.at.secure) {
            return self.bracketed_host();
        }
        self.part(self.start(), self.at.authority.into())
    }

    /// The path: `/` if the URL has none.
    #[must_use]
    pub fn path(&self) -> &'text str {
        let path = self.part(self.at.authority, self.at.path.into());
        if path.is_empty() { "/" } else { path }
    }

    /// The query, without its question mark.
    #[must_use]
    pub fn query(&self) -> Option<&'text str> {
        self.text.get(self.at.path.into()..)?.strip_prefix('?')
    }

    /// Returns a value that displays the URL without its query, for logs.
    ///
    /// The path is shown: a service that puts a key into the path exposes it in every log between
    /// client and server.
    pub fn redacted(&self) -> impl fmt::Display + use<'text> {
        Redacted(*self)
    }

    /// Makes a URL for another resource of the same server, as a gateway does with a request's
    /// [`path`](crate::handshake::server::Request::path) and query.
    ///
    /// The path is not resolved: `//evil.example` is a path of this server.
    ///
    /// ```
    /// use patchcord::handshake::Url;
    ///
    /// let upstream = Url::parse("ws://10.0.0.7:9001")?;
    /// let url = upstream.with_resource("/v1/listen", Some("rate=16000"))?;
    /// assert_eq!(url.to_string(), "ws://10.0.0.7:9001/v1/listen?rate=16000");
    /// # Ok::<(), patchcord::handshake::UrlError>(())
    /// ```
    ///
    /// # Errors
    /// When a character must be percent-encoded, when `path` does not begin with a slash, and when
    /// the whole URL is too long.
    pub fn with_resource(&self, path: &str, query: Option<&str>) -> Result<UrlBuf, UrlError> {
        // A question mark would begin the query, and a path without a slash would extend the host.
        if !path.starts_with('/') || path.contains('?') {
            return Err(UrlError::Character);
        }
        UrlBuf::from_parts(self.at.secure, self.authority(), path, query)
    }

    /// The resource name (section 3) in two parts: the leading slash if the text has none, and the
    /// text.
    pub(super) fn resource_name(&self) -> (&'static str, &'text str) {
        let resource = self.part(self.at.authority, self.text.len());
        (if resource.starts_with('/') { "" } else { "/" }, resource)
    }

    /// Returns whether the host is this machine itself, so that nothing sent to it crosses a
    /// network.
    pub(super) fn is_loopback(&self) -> bool {
        let is = |address: IpAddr| address.is_loopback();
        self.host().parse().is_ok_and(is) || self.host().eq_ignore_ascii_case("localhost")
    }

    /// Returns whether both URLs have the same host, as far as their text tells.
    pub(super) fn is_same_host(&self, other: &Url<'_>) -> bool {
        is_same_host(self.bracketed_host(), other.bracketed_host())
    }
}

/// Splits an authority into the host and the port, or the scheme's default port.
fn parse_authority(authority: &str, secure: bool) -> Result<(&str, u16), UrlError> {
    if authority.contains('@') {
        return Err(UrlError::User);
    }
    let (host, port) = split_port(authority).ok_or(UrlError::Port)?;
    // RFC 3986 section 3.2.2 allows escapes in names, but resolvers and TLS libraries cannot handle
    // them, and `http::Uri` refuses them.
    if !is_host(host) || host.contains('%') {
        return Err(UrlError::Host);
    }
    match port.unwrap_or(default_port(secure)) {
        0 => Err(UrlError::Port),
        port => Ok((host, port)),
    }
}

/// The bytes of paths and queries: `pchar`, and the separators of segments and of the query (RFC
/// 3986 sections 3.3 and 3.4).
const RESOURCE: [bool; 256] = table(b"-._~!$&'()*+,;=:@/?");

/// Returns the default port, which RFC 6455 section 3 takes from HTTP.
const fn default_port(secure: bool) -> u16 {
    if secure { 443 } else { 80 }
}

fn unbracketed(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

/// Returns whether two hosts are the same: names ignoring case (RFC 3986 section 6.2.2.1), and IPv6
/// addresses by value.
fn is_same_host(one: &str, other: &str) -> bool {
    let address = |host: &str| unbracketed(host).parse::<Ipv6Addr>().ok();
    one.eq_ignore_ascii_case(other) || address(one).is_some_and(|one| Some(one) == address(other))
}

/// Returns whether two authorities of a scheme are equal once normalised (RFC 3986 section 6.2):
/// hosts are compared by [`is_same_host`], and a missing port is the scheme's default.
pub(super) fn is_same_authority(one: &str, other: &str, secure: bool) -> bool {
    let normal = |authority| {
        let (host, port) = split_port(authority)?;
        Some((host, port.unwrap_or(default_port(secure))))
    };
    match (normal(one), normal(other)) {
        (Some(one), Some(other)) => one.1 == other.1 && is_same_host(one.0, other.0),
        _ => false,
    }
}

impl PartialEq for Url<'_> {
    fn eq(&self, other: &Self) -> bool {
        let parts = |url: &Self| (url.is_secure(), url.port());
        parts(self) == parts(other)
            && self.is_same_host(other)
            && (self.path(), self.query()) == (other.path(), other.query())
    }
}

impl Eq for Url<'_> {}

/// Writes the whole URL in its normal form: the scheme in lower case, no default port, a path.
impl fmt::Display for Url<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (slash, resource) = self.resource_name();
        write!(f, "{}://{}{slash}{resource}", scheme(self.at.secure), self.authority())
    }
}

const fn scheme(secure: bool) -> &'static str {
    if secure { "wss" } else { "ws" }
}

/// Leaves out the query, which can hold a credential.
impl fmt::Debug for Url<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Url({})", self.redacted())
    }
}

struct Redacted<'text>(Url<'text>);

impl fmt::Display for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(url) = self;
        write!(f, "{}://{}{}", scheme(url.at.secure), url.authority(), url.path())?;
        if url.query().is_some() { f.write_str("?..") } else { Ok(()) }
    }
}
