//! `ws:` and `wss:` URLs (RFC 6455 section 3).

use super::field::{is_escaped, table};
use super::origin::{is_host, split_port};
use core::fmt;

/// Where a client connects to; borrowed from the text it was parsed from.
///
/// ```
/// use patchcord::handshake::Url;
///
/// let url = Url::parse("wss://api.example.com/v1/listen?model=nova-3")?;
/// assert_eq!((url.host(), url.port()), ("api.example.com", 443));
/// assert_eq!(url.to_string(), "wss://api.example.com/v1/listen?..");
/// # Ok::<(), patchcord::handshake::UrlError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Url<'text> {
    secure: bool,
    authority: &'text str,
    host: &'text str,
    port: Option<u16>,
    /// Path and query; the path can be empty, the query then begins with `?`.
    resource: &'text str,
}

impl<'text> Url<'text> {
    /// Parses a URL; what is percent-encoded stays so.
    ///
    /// A port may be left out or empty; it is then the scheme's own.
    ///
    /// # Errors
    /// When the scheme is neither `ws` nor `wss`; when the host is missing, or is neither a name, an
    /// IPv4 address nor an IPv6 address in brackets; when the port is not a number from 1 to 65535;
    /// when there is a user name or password, or a fragment; and when the path or query has a
    /// character that RFC 3986 sections 3.3 and 3.4 want percent-encoded, or a `%` without two
    /// hexadecimal digits behind it.
    pub fn parse(text: &'text str) -> Result<Self, UrlError> {
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
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, resource) = rest.split_at(end);
        if authority.contains('@') {
            return Err(UrlError::User);
        }
        let (host, port) = split_port(authority).ok_or(UrlError::Port)?;
        if !is_host(host) {
            return Err(UrlError::Host);
        }
        if port == Some(0) {
            return Err(UrlError::Port);
        }
        if !is_encoded(resource) {
            return Err(UrlError::Character);
        }
        Ok(Self { secure, authority, host, port, resource })
    }

    /// Whether the scheme is `wss`: TLS below the WebSocket.
    #[must_use]
    pub const fn is_secure(&self) -> bool {
        self.secure
    }

    /// The host: an IPv6 address is in brackets.
    #[must_use]
    pub const fn host(&self) -> &'text str {
        self.host
    }

    /// The port: 80 or 443 if the URL names none.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(if self.secure { 443 } else { 80 })
    }

    /// The `Host` header: the port is there only if it is not the default (section 4.1).
    pub(super) fn host_header(&self) -> &'text str {
        let default = if self.secure { 443 } else { 80 };
        match self.port {
            Some(port) if port != default => self.authority,
            _ => self.host,
        }
    }

    /// The resource name (section 3): what stands before the first `/`, and then the text.
    pub(super) fn resource_name(&self) -> (&'static str, &'text str) {
        (if self.resource.starts_with('/') { "" } else { "/" }, self.resource)
    }

    /// Whether this machine itself is named, so that nothing sent there crosses a network.
    pub(super) fn is_loopback(&self) -> bool {
        let address = self.host.trim_start_matches('[').trim_end_matches(']');
        let is = |address: core::net::IpAddr| address.is_loopback();
        address.parse().is_ok_and(is) || self.host.eq_ignore_ascii_case("localhost")
    }
}

/// Whether a path and query have nothing in them that must be percent-encoded.
fn is_encoded(resource: &str) -> bool {
    is_escaped(resource, |byte| RESOURCE[usize::from(byte)])
}

/// RFC 3986 sections 3.3 and 3.4: `pchar`, and what divides segments and a query.
const RESOURCE: [bool; 256] = table(b"-._~!$&'()*+,;=:@/?");

/// Without the query, which can hold a credential.
impl fmt::Display for Url<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.secure { "wss" } else { "ws" };
        let (slash, resource) = self.resource_name();
        write!(f, "{scheme}://{}{slash}", self.authority)?;
        match resource.split_once('?') {
            Some((path, _)) => write!(f, "{path}?.."),
            None => f.write_str(resource),
        }
    }
}

impl fmt::Debug for Url<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Url({self})")
    }
}

/// What is wrong with a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UrlError {
    /// The scheme is neither `ws` nor `wss`.
    Scheme,
    /// The host is missing, or is none.
    Host,
    /// The port is not a number from 1 to 65535.
    Port,
    /// There is a user name or password, which a WebSocket URL does not have.
    User,
    /// There is a fragment (section 3).
    Fragment,
    /// There is a character that must be percent-encoded: a space, a control character, one that
    /// is not ASCII, one of ``"<>[]\^`{|}`` in the path or query, or a `%` that encodes nothing.
    Character,
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scheme => "the URL begins with neither ws:// nor wss://",
            Self::Host => "the URL has no valid host",
            Self::Port => "the port of the URL is not a number from 1 to 65535",
            Self::User => "the URL has a user name or password in it",
            Self::Fragment => "the URL has a fragment",
            Self::Character => "the URL has a character that must be percent-encoded",
        })
    }
}

impl core::error::Error for UrlError {}
