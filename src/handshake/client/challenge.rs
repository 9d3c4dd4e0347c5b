//! Authentication challenges of a server or a proxy (RFC 9110 section 11.6.1).

use super::Response;
use crate::handshake::grammar::{is_tchar, trim};
use alloc::string::String;
use core::{fmt, str};

impl<'head> Response<'head> {
    /// Returns the challenges: those of `WWW-Authenticate` for a 401 of the server, those of
    /// `Proxy-Authenticate` for a 407 of the proxy, and none for any other status.
    ///
    /// They are in the order of the response, which is not an order of preference: pick the
    /// strongest scheme that you support.
    pub fn challenges(&self) -> impl Iterator<Item = Challenge<'head>> + use<'head> {
        let name = match self.status {
            401 => "WWW-Authenticate",
            407 => "Proxy-Authenticate",
            _ => "", // no field has this name
        };
        self.headers.all(name).flat_map(challenges)
    }
}

/// One way to authenticate: a scheme and its parameters.
///
/// ```
/// use patchcord::handshake::Url;
/// use patchcord::handshake::client::proxy::{TunnelAnswer, TunnelRequest};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut reader = TunnelRequest::new(Url::parse("wss://example.com/")?).write(&mut Vec::new())?;
/// let bytes = b"HTTP/1.1 407 Proxy Authentication Required\r\n\
///     Proxy-Authenticate: Negotiate, Basic realm=\"Floor \\\"4\\\"\", charset=\"UTF-8\"\r\n\r\n";
/// let Some(TunnelAnswer::Refused(response)) = reader.read(&mut &bytes[..])? else { return Ok(()) };
/// let basic = response.challenges().find(|challenge| challenge.is("basic")).ok_or("another")?;
/// assert_eq!(basic.parameter("realm").as_deref(), Some("Floor \"4\""));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy)]
pub struct Challenge<'head> {
    scheme: &'head str,
    /// The text after the scheme, possibly followed by more challenges.
    rest: &'head [u8],
}

impl<'head> Challenge<'head> {
    /// The scheme: `Basic`, `Digest`, `Bearer`, `Negotiate`.
    #[must_use]
    pub const fn scheme(&self) -> &'head str {
        self.scheme
    }

    /// Returns whether this is the name of the scheme, ignoring case.
    #[must_use]
    pub fn is(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }

    /// Returns the value of the first parameter with this name, ignoring case and without its
    /// quotes. Returns `None` if there is no such parameter, or if it is not UTF-8.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<String> {
        // The parameters behind the next scheme belong to another challenge.
        let own = Elements(self.rest).take_while(|element| scheme(element).is_none());
        let is_named = |other: &[u8]| other.eq_ignore_ascii_case(name.as_bytes());
        let (_, value) = own.filter_map(parameter).find(|(name, _)| is_named(name))?;
        unquoted(value)
    }
}

/// Shows only the scheme: a parameter may contain text that the peer chose to repeat.
impl fmt::Debug for Challenge<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Challenge").field("scheme", &self.scheme).finish_non_exhaustive()
    }
}

/// Splits a field's line into challenges.
///
/// Commas separate both challenges and their parameters. An element that begins with a token and no
/// equals sign after it starts a new challenge (RFC 9110 section 11.3). Anything before the first
/// challenge is left out.
fn challenges(line: &[u8]) -> impl Iterator<Item = Challenge<'_>> {
    let mut elements = Elements(line);
    core::iter::from_fn(move || {
        loop {
            // Kept before the element is taken, since the first parameter stands in it, behind the
            // scheme.
            let rest = elements.0.trim_ascii_start();
            if let Some(scheme) = scheme(elements.next()?) {
                return Some(Challenge { scheme, rest: rest.get(scheme.len()..)? });
            }
        }
    })
}

/// Returns the scheme if an element begins a challenge.
fn scheme(element: &[u8]) -> Option<&str> {
    let (token, rest) = token(element)?;
    // `realm = x` is a parameter with spaces, and not a scheme called `realm`.
    let is_scheme = rest.is_empty() || rest.starts_with(b" ") && !trim(rest).starts_with(b"=");
    if is_scheme { str::from_utf8(token).ok() } else { None }
}

/// Splits an element into the token at its start and the rest.
fn token(element: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = element.iter().position(|&byte| !is_tchar(byte)).unwrap_or(element.len());
    element.split_at_checked(end).filter(|(token, _)| !token.is_empty())
}

/// Splits an element into a parameter's name and value; there may be spaces around the equals sign.
fn parameter(element: &[u8]) -> Option<(&[u8], &[u8])> {
    let (name, rest) = token(element)?;
    Some((name, trim(trim(rest).strip_prefix(b"=")?)))
}

/// Returns a token as it is, and a quoted string without its quotes and backslashes (RFC 9110
/// section 5.6.4).
fn unquoted(value: &[u8]) -> Option<String> {
    let Some(quoted) = value.strip_prefix(b"\"") else {
        return str::from_utf8(value).ok().map(String::from);
    };
    let mut text = alloc::vec::Vec::with_capacity(quoted.len());
    let mut bytes = quoted.iter();
    while let Some(&byte) = bytes.next() {
        match byte {
            b'"' => break,
            b'\\' => text.extend(bytes.next()),
            _ => text.push(byte),
        }
    }
    String::from_utf8(text).ok()
}

/// An iterator over the parts between commas that are not inside quotes.
struct Elements<'line>(&'line [u8]);

impl<'line> Iterator for Elements<'line> {
    type Item = &'line [u8];

    fn next(&mut self) -> Option<&'line [u8]> {
        if self.0.is_empty() {
            return None;
        }
        let (mut quoted, mut escaped) = (false, false);
        let is_comma = |&byte: &u8| {
            // Inside quotes, a backslash takes the meaning from the next byte: a quote, or another
            // backslash.
            let literal = escaped;
            escaped = quoted && !literal && byte == b'\\';
            quoted ^= byte == b'"' && !literal;
            byte == b',' && !quoted
        };
        let end = self.0.iter().position(is_comma).unwrap_or(self.0.len());
        let (element, rest) = self.0.split_at_checked(end)?;
        self.0 = rest.get(1..).unwrap_or_default();
        Some(trim(element))
    }
}
