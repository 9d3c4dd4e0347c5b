//! The rules of a request, each checked here (RFC 6455 section 4.2.1).

use super::{Request, RequestError, Upgrade};
use crate::handshake::accept;
use crate::handshake::admission::Admission;
use crate::handshake::authority::{is_host, split_port};
use crate::handshake::head::Headers;
use crate::handshake::known_fields::KnownFields;
use core::str;

/// Checks the request of an upgrade: its method, its target, with the authority of one that is
/// absolute, and what [`KnownFields`] gathered.
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
    let host = known.host.get().and_then(|host| str::from_utf8(host).ok());
    let host = host.filter(|host| is_authority(host)).ok_or(RequestError::Host)?;
    // RFC 9112 section 3.2.2: with an absolute target, Host is ignored.
    let host = authority.unwrap_or(host);
    if !(known.upgrade && known.connection) {
        return Err(RequestError::NoUpgrade);
    }
    let key = known.key.get().filter(|key| accept::is_key(key)).and_then(|key| key.try_into().ok());
    let carrier = key.map(|key| Upgrade { key, expects: known.expects });
    Request::new(carrier, (target, host), headers, known, admission)
}

/// Origin-form, or absolute-form with a scheme that a WebSocket request can have.
pub(in crate::handshake) fn is_target(target: &str) -> bool {
    (target.starts_with('/') || split_target(target).is_some())
        // Every byte is looked at, so that they are looked at by the vector.
        && target.bytes().fold(true, |ok, byte| ok & byte.is_ascii_graphic() & (byte != b'#'))
}

/// The authority of a URI, and what comes after it.
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

/// Whether an absolute target may have this scheme.
///
/// RFC 6455 section 4.2.1 names `http` and `https`. Clients behind a proxy send `ws` and `wss`, too,
/// which mean the same resource, and nearly all servers take them.
pub(in crate::handshake) fn is_scheme(scheme: &str) -> bool {
    ["http", "https", "ws", "wss"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
}

pub(in crate::handshake) fn is_authority(authority: &str) -> bool {
    split_port(authority).is_some_and(|(host, _)| is_host(host))
}
