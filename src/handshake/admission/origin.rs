//! `Origin`: whose page asks (RFC 6454).

use super::host::{is_below, is_same, split_wildcard};
use crate::handshake::authority::{is_host, split_port};

/// An origin in parts: scheme, host and port (RFC 6454 section 4).
#[derive(Clone, Copy)]
pub(super) struct Origin<'text> {
    scheme: &'text str,
    host: &'text str,
    /// That of the scheme, if there is none; of a scheme that has none, it is a part of the host.
    port: Option<u16>,
    /// Whether this stands for all hosts below this one.
    below: bool,
}

impl<'text> Origin<'text> {
    /// Whether a list of origins can have this entry.
    pub(super) fn is_entry(entry: &'text str) -> bool {
        entry == "null" || Self::parse_entry(entry).is_some()
    }

    /// Reads what a client sent.
    pub(super) fn parse(text: &'text str) -> Option<Self> {
        Self::parse_entry(text).filter(|origin| !origin.below)
    }

    /// Reads an entry of a list: an origin, or a wildcard for those below one.
    fn parse_entry(text: &'text str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let default = default_port(scheme);
        if default.is_none() {
            let is_ok = is_scheme(scheme) && rest.bytes().all(is_of_authority);
            return is_ok.then_some(Self { scheme, host: rest, port: None, below: false });
        }
        let (below, rest) = split_wildcard(rest);
        let (host, port) = split_port(rest)?;
        let is_ok = is_origin_host(host) && !(below && host.starts_with('['));
        is_ok.then_some(Self { scheme, host, port: port.or(default), below })
    }

    /// Whether an entry of a list stands for this origin.
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

    /// Whether a `Host` names this origin's host and port; without a port in it, the port is the
    /// default of whatever scheme the page has.
    pub(super) fn is_of(&self, host: &str) -> bool {
        let is = |scheme: &str| self.scheme.eq_ignore_ascii_case(scheme);
        let is_own = |(name, port): (&str, Option<u16>)| {
            is_same(self.host, name) && self.port == port.or_else(|| default_port(self.scheme))
        };
        (is("http") || is("https")) && split_port(host).is_some_and(is_own)
    }

    /// As [`is_of`](Self::is_of), but without a page that can be of another origin than `host` is
    /// served on: one over `http`, where a server listed it that is reached over TLS.
    pub(super) fn is_surely_of(&self, host: &str) -> bool {
        self.port != Some(80) && self.is_of(host)
    }
}

/// RFC 3986 section 3.1.
fn is_scheme(scheme: &str) -> bool {
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

/// Whether a byte can be of the authority of an origin with a scheme that is not known: all that is
/// visible, but what begins a path, a query or a fragment, ends a user, or joins two origins.
fn is_of_authority(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"/\\?#@*,".contains(&byte)
}

/// Whether a browser can write `host` in an origin: dots between labels that are not empty.
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
