//! The rules of a request, each checked here (RFC 6455 section 4.2.1).

use super::RequestError;
use super::head::RequestHead;
use crate::handshake::field::contains;
use crate::handshake::origin::{OriginPolicy, is_host, split_port};
use crate::handshake::{Headers, accept, extension, subprotocol};
use core::str;

/// The fields that the handshake looks at.
#[derive(Default)]
pub(in crate::handshake) struct Seen<'head> {
    pub(in crate::handshake) host: Field<'head>,
    pub(in crate::handshake) key: Field<'head>,
    pub(in crate::handshake) version: Field<'head>,
    pub(in crate::handshake) upgrade: bool,
    pub(in crate::handshake) connection: bool,
    pub(in crate::handshake) body: bool,
    pub(in crate::handshake) offers: bool,
    pub(in crate::handshake) extensions: bool,
}

/// The value of a field that must be there once.
#[derive(Default)]
pub(in crate::handshake) enum Field<'head> {
    #[default]
    Absent,
    Single(&'head [u8]),
    Repeated,
}

impl<'head> Field<'head> {
    fn add(&mut self, value: &'head [u8]) {
        *self = if matches!(self, Self::Absent) { Self::Single(value) } else { Self::Repeated };
    }

    pub(in crate::handshake) fn get(&self) -> Option<&'head [u8]> {
        if let Self::Single(value) = *self { Some(value) } else { None }
    }
}

impl<'head> Seen<'head> {
    pub(in crate::handshake) fn look(&mut self, name: &str, value: &'head [u8]) {
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        match name.len() {
            4 if is("Host") => self.host.add(value),
            7 if is("Upgrade") => self.upgrade |= contains(value, "websocket"),
            10 if is("Connection") => self.connection |= contains(value, "upgrade"),
            14 if is("Content-Length") => self.body |= value != b"0",
            17 if is("Sec-WebSocket-Key") => self.key.add(value),
            17 if is("Transfer-Encoding") => self.body = true,
            21 if is("Sec-WebSocket-Version") => self.version.add(value),
            22 if is(subprotocol::NAME) => self.offers = true,
            24 if is(extension::NAME) => self.extensions = true,
            _ => {}
        }
    }
}

/// Checks the request of an upgrade: its method, target and what [`Seen`] gathered.
pub(in crate::handshake) fn upgrade<'head>(
    method: Option<&str>,
    target: &'head str,
    headers: Headers<'head>,
    seen: &Seen<'head>,
    origins: &OriginPolicy<'_>,
) -> Result<(RequestHead<'head>, [u8; accept::KEY]), RequestError> {
    if method != Some("GET") {
        return Err(RequestError::Method);
    }
    if !is_target(target) {
        return Err(RequestError::Target);
    }
    let host = seen.host.get().and_then(|host| str::from_utf8(host).ok());
    let host = host.filter(|host| is_authority(host)).ok_or(RequestError::Host)?;
    if !(seen.upgrade && seen.connection) {
        return Err(RequestError::NoUpgrade);
    }
    let head = RequestHead::new(target, host, headers, seen, origins)?;
    let key = seen.key.get().filter(|key| accept::is_key(key)).ok_or(RequestError::Key)?;
    Ok((head, key.try_into().map_err(|_| RequestError::Key)?))
}

/// Origin-form, or absolute-form with a scheme that a WebSocket request can have.
fn is_target(target: &str) -> bool {
    let well_formed = target.starts_with('/')
        || split_target(target).is_some_and(|(authority, _)| is_authority(authority));
    well_formed && !target.contains('#')
}

/// The authority of a URI, and what comes after it.
pub(super) fn split_target(target: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = target.split_once("://")?;
    if !(scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")) {
        return None;
    }
    Some(rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len())))
}

pub(in crate::handshake) fn is_authority(authority: &str) -> bool {
    split_port(authority).is_some_and(|(host, _)| is_host(host))
}
