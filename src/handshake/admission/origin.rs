//! `Origin`: the page that a request comes from (RFC 6454).

use super::host::{is_below, is_same, split_wildcard};
use crate::handshake::authority::{is_host, split_port};

/// An origin in parts: scheme, host and port (RFC 6454 section 4).
#[derive(Clone, Copy)]
pub(super) struct Origin<'text> {
    scheme: &'text str,
    host: &'text str,
    /// The port, or the scheme's default. For a scheme without a default, the port is part of the
    /// host.
    port: Option<u16>,
    /// True if this stands for all hosts below `host`.
    below: bool,
}

impl<'text> Origin<'text> {
    /// Returns whether this may be an entry of a list of origins.
    pub(super) fn is_entry(entry: &'text str) -> bool {
        entry == "null" || Self::parse_entry(entry).is_some()
    }

    /// Parses the value that a client sent.
    pub(super) fn parse(text: &'text str) -> Option<Self> {
        Self::parse_entry(text).filter(|origin| !origin.below)
    }

    /// Parses an entry of a list: an origin, or a wildcard for the origins below one.
    fn parse_entry(text: &'text str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let default = default_port(scheme);
        // The schemes of applications have no common form, so the rest is compared as one text.
        if default.is_none() {
            let is_ok = is_scheme(scheme) && rest.bytes().all(is_authority_byte);
            return is_ok.then_some(Self { scheme, host: rest, port: None, below: false });
        }
        let (below, rest) = split_wildcard(rest);
        let (host, port) = split_port(rest)?;
        let is_ok = is_origin_host(host) && !(below && host.starts_with('['));
        is_ok.then_some(Self { scheme, host, port: port.or(default), below })
    }

    /// Returns whether an entry of a list matches this origin.
    pub(super) fn is_in(&self, entry: &str) -> bool {
        Origin::parse_entry(entry).is_some_and(|entry| {
            entry.scheme.eq_ignore_ascii_case(self.scheme)
                && entry.port == self.port
                && if entry.below {
                    is_below(self.host, entry.host)
                } else {
                    is_same(self.host, entry.host)
                }
        })
    }

    /// Returns whether a `Host` names this origin's host and port. If it has no port, the port is
    /// the default of the page's scheme.
    pub(super) fn is_at(&self, host: &str) -> bool {
        let is = |scheme: &str| self.scheme.eq_ignore_ascii_case(scheme);
        let is_own = |(name, port): (&str, Option<u16>)| {
            is_same(self.host, name) && self.port == port.or_else(|| default_port(self.scheme))
        };
        (is("http") || is("https")) && split_port(host).is_some_and(is_own)
    }

    /// Like [`is_at`](Self::is_at), but false for a page that may be of another origin than the one
    /// that `host` is served on: a listed page over `http`, while the server is reached over TLS.
    pub(super) fn is_certainly_at(&self, host: &str) -> bool {
        self.port != Some(80) && self.is_at(host)
    }
}

/// Returns whether this is a valid scheme (RFC 3986 section 3.1).
fn is_scheme(scheme: &str) -> bool {
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

/// Returns whether a byte may be part of the authority of an origin with an unknown scheme: any
/// visible character, except those that begin a path, a query or a fragment, end a user name, or
/// join two origins.
fn is_authority_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"/\\?#@*,".contains(&byte)
}

/// Returns whether a browser can write `host` in an origin: non-empty labels separated by dots.
fn is_origin_host(host: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    if host.starts_with('[') { is_host(host) } else { host.split('.').all(is_label) }
}

fn default_port(scheme: &str) -> Option<u16> {
    let is = |other: &str| scheme.eq_ignore_ascii_case(other);
    if is("https") || is("wss") {
        Some(443)
    } else if is("http") || is("ws") {
        Some(80)
    } else {
        None
    }
}
