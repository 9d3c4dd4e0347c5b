//! The authority of a URI: a host and an optional port (RFC 3986 section 3.2).

use super::grammar::{is_escaped, table};

/// Splits `host:port`, `[v6]:port`, or either without a port (RFC 3986 section 3.2).
pub(super) fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let Some(colon) = memchr::memrchr(b':', authority.as_bytes()) else {
        return Some((authority, None));
    };
    if authority.ends_with(']') {
        return Some((authority, None)); // the colon belongs to the address
    }
    let port = &authority[colon + 1..];
    if port.is_empty() {
        return Some((&authority[..colon], None)); // RFC 3986 section 3.2.3
    }
    // `parse` alone would accept a plus sign.
    let digits = port.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| port.parse().ok()).flatten().map(|port| (&authority[..colon], Some(port)))
}

/// Returns whether `host` can be the host of a URI: a name, an IPv4 address or an IPv6 address in
/// brackets (RFC 3986 section 3.2.2).
pub(super) fn is_host(host: &str) -> bool {
    if let Some(rest) = host.strip_prefix('[') {
        let address = rest.strip_suffix(']').unwrap_or_default();
        return address.parse::<core::net::Ipv6Addr>().is_ok();
    }
    // Nearly every host is plain, and does not need the slower check for escapes.
    !host.is_empty() && (is_plain(host) || is_escaped(host, is_reg_name))
}

fn is_plain(name: &str) -> bool {
    name.bytes().all(is_reg_name)
}

const fn is_reg_name(byte: u8) -> bool {
    REG_NAME[byte as usize]
}

const REG_NAME: [bool; 256] = table(b"-._~!$&'()*+,;=");
