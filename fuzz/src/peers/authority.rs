//! Request targets and hosts by RFC 3986, RFC 9110 and RFC 9112, character by character.

use std::net::Ipv6Addr;

/// What the rules say, and what this crate does where that differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Legal,
    /// Against the letter, and accepted.
    Taken,
    /// The same, because of its scheme.
    TakenScheme,
    /// Within the letter, and refused.
    Refused,
    Illegal,
}

/// RFC 9112 section 3.2: a path and a query, or an http URI; neither has a fragment. A ws URI is not
/// among those of RFC 6455 section 4.2.1, and is accepted.
pub(super) fn target(target: &str) -> Verdict {
    if !target.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#') {
        return Verdict::Illegal;
    }
    let is = |scheme: &str, known: [&str; 2]| known.iter().any(|s| scheme.eq_ignore_ascii_case(s));
    let is_ws = target.split_once("://").is_some_and(|(scheme, _)| is(scheme, ["ws", "wss"]));
    let resource = match target.split_once("://") {
        _ if target.starts_with('/') => target,
        Some((scheme, rest)) if is_ws || is(scheme, ["http", "https"]) => {
            let (authority, resource) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
            match self::authority(authority) {
                Verdict::Legal => resource,
                verdict => return verdict,
            }
        }
        _ => return Verdict::Illegal,
    };
    // RFC 3986 sections 3.3 and 3.4.
    match percents(resource) && resource.chars().all(|c| is_name(c) || "%:@/?".contains(c)) {
        _ if is_ws && !target.starts_with('/') => Verdict::TakenScheme,
        true => Verdict::Legal,
        false => Verdict::Taken,
    }
}

/// RFC 9110 section 7.2: a host, and perhaps a port; section 4.2.1: the host is not empty.
pub(super) fn authority(authority: &str) -> Verdict {
    let end = match authority.strip_prefix('[') {
        Some(rest) => rest.find(']').map(|end| end + 2),
        None => Some(authority.find(':').unwrap_or(authority.len())),
    };
    let Some(end) = end else { return Verdict::Illegal };
    let (host, port) = authority.split_at(end);
    let is_port = port.is_empty()
        || port.strip_prefix(':').is_some_and(|port| port.bytes().all(|b| b.is_ascii_digit()));
    match (is_port, self::host(host)) {
        (false, _) => Verdict::Illegal,
        // RFC 3986 section 3.2.3 has ports of any number of digits; TCP does not.
        (true, Verdict::Legal | Verdict::Taken | Verdict::TakenScheme)
            if port.len() > 1 && port[1..].parse::<u16>().is_err() =>
        {
            Verdict::Refused
        }
        (true, host) => host,
    }
}

/// RFC 3986 section 3.2.2.
fn host(host: &str) -> Verdict {
    if let Some(literal) = host.strip_prefix('[') {
        let address = literal.strip_suffix(']').unwrap_or_default();
        return match address.parse::<Ipv6Addr>() {
            Ok(_) => Verdict::Legal,
            Err(_) if is_future(address) => Verdict::Refused,
            Err(_) => Verdict::Illegal,
        };
    }
    let is_reg_name = !host.is_empty() && host.chars().all(|c| is_name(c) || c == '%');
    if is_reg_name && percents(host) { Verdict::Legal } else { Verdict::Illegal }
}

/// `IPvFuture`: an address of a version that does not exist yet.
fn is_future(address: &str) -> bool {
    let Some((version, rest)) = address.split_once('.') else { return false };
    let digits = version.strip_prefix(['v', 'V']).unwrap_or_default();
    !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        && !rest.is_empty()
        && rest.chars().all(|c| is_name(c) || c == ':')
}

/// RFC 3986 section 2: unreserved characters, and `sub-delims`.
fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=".contains(c)
}

/// RFC 3986 section 2.1: two hexadecimal digits follow each percent sign.
fn percents(text: &str) -> bool {
    text.split('%').skip(1).all(|rest| {
        rest.as_bytes().get(..2).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit))
    })
}
