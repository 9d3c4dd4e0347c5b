//! `Host`: the names under which a server answers (RFC 9110 section 7.2).

use crate::handshake::authority::{is_host, split_port};
use core::net::{Ipv4Addr, Ipv6Addr};

/// The names under which requests are accepted.
#[derive(Clone, Copy, Debug)]
pub(super) enum Hosts<'list> {
    Any,
    List(&'list [&'list str]),
    Loopback { port: u16 },
}

impl Hosts<'_> {
    /// Returns whether a request to this host, with or without a port, is admitted.
    pub(super) fn admit(&self, host: &str) -> bool {
        if let Self::Any = self {
            return true;
        }
        let Some((name, port)) = split_port(host) else { return false };
        match self {
            Self::Any => true,
            Self::List(list) => list.iter().any(|entry| covers(entry, name, port)),
            Self::Loopback { port: own } => is_loopback(name) && is_port(*own, port),
        }
    }
}

/// Returns whether this may be an entry of a list of hosts.
pub(super) fn is_entry(entry: &str) -> bool {
    let (below, entry) = split_wildcard(entry);
    let is_name = |name: &str| !name.contains('*') && is_host(name);
    split_port(entry).is_some_and(|(name, _)| is_name(name) && !(below && name.starts_with('[')))
}

fn covers(entry: &str, name: &str, port: Option<u16>) -> bool {
    let (below, entry) = split_wildcard(entry);
    let Some((own, own_port)) = split_port(entry) else { return false };
    let is_name = if below { is_below(name, own) } else { is_same(name, own) };
    is_name && own_port.is_none_or(|own| is_port(own, port))
}

/// Splits off the wildcard of an entry that stands for the hosts below a parent; true if there is
/// one.
pub(super) fn split_wildcard(entry: &str) -> (bool, &str) {
    entry.strip_prefix("*.").map_or((false, entry), |parent| (true, parent))
}

/// Returns whether a `Host` has this port. A missing port is the default of the scheme, which a
/// server behind a proxy does not know, so both 80 and 443 match.
fn is_port(own: u16, port: Option<u16>) -> bool {
    port.map_or(matches!(own, 80 | 443), |port| port == own)
}

/// Returns whether a host is a name or an address of this machine, in the form in which clients
/// send it.
fn is_loopback(name: &str) -> bool {
    is_same(name, "localhost")
        || name.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback())
        || in_brackets(name).is_some_and(|address| address.is_loopback())
}

fn in_brackets(name: &str) -> Option<Ipv6Addr> {
    name.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

/// Returns whether two hosts are the same: names ignoring case, and IPv6 addresses by value.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
        || in_brackets(one).is_some_and(|address| Some(address) == in_brackets(other))
}

/// Returns whether a host is below another: `a.b.example` is below `example`.
pub(super) fn is_below(host: &str, parent: &str) -> bool {
    let Some(cut) = host.len().checked_sub(parent.len()) else { return false };
    let (host, parent) = (host.as_bytes(), parent.as_bytes());
    // A non-empty label must stand before the dot, so two dots in a row do not match.
    cut > 1
        && host[cut..].eq_ignore_ascii_case(parent)
        && host[cut - 1] == b'.'
        && host[cut - 2] != b'.'
        && host[0] != b'.'
}
