//! The rules for a request, each checked in one place (RFC 6455 section 4.2.1).

use super::{Request, RequestError, Upgrade};
use crate::handshake::accept;
use crate::handshake::admission::Admission;
use crate::handshake::authority::{is_host, split_port};
use crate::handshake::head::Headers;
use crate::handshake::known_fields::KnownFields;
use core::str;

/// Checks an upgrade request: its method, its target, the authority of an absolute target, and the
/// [`KnownFields`].
#[inline]
pub(in crate::handshake) fn upgrade<'head>(
    method: Option<&str>,
    target: &'head str,
    authority: Option<&'head str>,
    headers: Headers<'head>,
    known: &KnownFields<'head>,
    admission: &Admission<'_>,
) -> Result<Request<'head>, RequestError> {
    if method != Some("GET") {
        return Err(RequestError::Method);
    }
    if !is_target(target) || !authority.is_none_or(is_authority) {
        return Err(RequestError::Target);
    }
    // RFC 9112 section 3.2: a valid Host is required even beside an absolute target.
    let host = known.host.get().and_then(|host| str::from_utf8(host).ok());
    let host = host.filter(|host| is_authority(host)).ok_or(RequestError::Host)?;
    // RFC 9112 section 3.2.2: an absolute target overrides Host.
    let host = authority.unwrap_or(host);
    if !(known.upgrade && known.connection) {
        return Err(RequestError::NoUpgrade);
    }
    let key = known.key.get().filter(|key| accept::is_key(key)).and_then(|key| key.try_into().ok());
    let carrier = key.map(|key| Upgrade { key, expects: known.expects });
    Request::new(carrier, (target, host), headers, known, admission)
}

/// Returns whether a target is in origin-form, or in absolute-form with a scheme that a WebSocket
/// request may have.
pub(in crate::handshake) fn is_target(target: &str) -> bool {
    (target.starts_with('/') || split_target(target).is_some())
        // Without an early exit, the compiler can check many bytes at once with vectors.
        && target.bytes().fold(true, |ok, byte| ok & byte.is_ascii_graphic() & (byte != b'#'))
}

/// Splits an absolute URI into its authority and the rest.
pub(in crate::handshake) fn split_target(target: &str) -> Option<(&str, &str)> {
    if target.starts_with('/') {
        return None;
    }
    let (scheme, rest) = target.split_once("://")?;
    if !is_scheme(scheme) {
        return None;
    }
    Some(rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len())))
}

/// Returns whether an absolute target may have this scheme.
///
/// RFC 6455 section 4.2.1 names `http` and `https`. Clients behind a proxy also send `ws` and
/// `wss`, which mean the same resource, and nearly all servers accept them.
pub(in crate::handshake) fn is_scheme(scheme: &str) -> bool {
    ["http", "https", "ws", "wss"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
}

pub(in crate::handshake) fn is_authority(authority: &str) -> bool {
    split_port(authority).is_some_and(|(host, _)| is_host(host))
}
