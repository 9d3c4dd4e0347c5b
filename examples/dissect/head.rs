//! The HTTP heads before the frames, shown without anything that may be secret.

use crate::judge::Sender;
use patchcord::handshake::HeadLimits;
use patchcord::handshake::admission::Admission;
use patchcord::handshake::server::RequestReader;
use std::fmt::Write;

/// The fields whose values are shown; any other may hold a credential.
const HARMLESS: [&str; 5] =
    ["Upgrade", "Connection", "Host", "Sec-WebSocket-Version", "Sec-WebSocket-Accept"];

/// The most bytes that are shown of a path or a value.
const SHOWN: usize = 80;

const REQUEST: &[u8] = b"GET ";
const RESPONSE: &[u8] = b"HTTP/1.";

/// What some bytes begin.
pub(crate) enum Beginning {
    Head(Sender),
    Frame,
    /// More bytes are needed to tell.
    Unknown,
}

pub(crate) fn beginning(bytes: &[u8]) -> Beginning {
    match bytes {
        _ if bytes.starts_with(REQUEST) => Beginning::Head(Sender::Client),
        _ if bytes.starts_with(RESPONSE) => Beginning::Head(Sender::Server),
        _ if REQUEST.starts_with(bytes) || RESPONSE.starts_with(bytes) => Beginning::Unknown,
        _ => Beginning::Frame,
    }
}

pub(crate) fn is_whole(bytes: &[u8]) -> bool {
    bytes.ends_with(b"\n\r\n") || bytes.ends_with(b"\n\n")
}

/// A head to be shown.
pub(crate) struct Head {
    pub(crate) lines: String,
    pub(crate) legal: bool,
    pub(crate) next: Next,
}

/// What follows a head.
pub(crate) enum Next {
    HeadOrFrame,
    Frames,
    /// The body of a response that opens no WebSocket.
    Body,
}

/// Reads a complete head.
pub(crate) fn read(sender: Sender, bytes: &[u8], offset: u64) -> Head {
    match sender {
        Sender::Client => request(bytes, offset),
        Sender::Server => response(bytes, offset),
    }
    .unwrap_or_else(|| malformed(offset))
}

fn request(bytes: &[u8], offset: u64) -> Option<Head> {
    let mut fields = [httparse::EMPTY_HEADER; HeadLimits::LINES];
    let mut request = httparse::Request::new(&mut fields);
    request.parse(bytes).ok().filter(httparse::Status::is_complete)?;
    let fault = RequestReader::new(Admission::any()).read(&mut &bytes[..]).err();
    let legal = fault.is_none();
    let verdict = fault.map_or("ok".into(), |e| format!("illegal: {e} (RFC 6455 section 4.2.1)"));
    let path = visible(path(request.path?).as_bytes());
    let mut lines = format!("{offset:>8}  GET {path}  {verdict}\n");
    show_fields(request.headers, &mut lines);
    Some(Head { lines, legal, next: Next::HeadOrFrame })
}

/// Without the request, nothing can tell whether a response answers it.
fn response(bytes: &[u8], offset: u64) -> Option<Head> {
    let mut fields = [httparse::EMPTY_HEADER; HeadLimits::LINES];
    let mut response = httparse::Response::new(&mut fields);
    response.parse(bytes).ok().filter(httparse::Status::is_complete)?;
    let status = response.code?;
    let mut lines = format!("{offset:>8}  HTTP {status}  ok\n");
    show_fields(response.headers, &mut lines);
    let next = match status {
        101 => Next::Frames,
        100..=199 => Next::HeadOrFrame,
        _ => Next::Body,
    };
    Some(Head { lines, legal: true, next })
}

fn malformed(offset: u64) -> Head {
    let lines = format!("{offset:>8}  HTTP head  illegal: it is malformed (RFC 6455 section 4)\n");
    Head { lines, legal: false, next: Next::HeadOrFrame }
}

/// Returns the path of a request target: no authority, query or parameter.
fn path(target: &str) -> &str {
    let local = match target.split_once("://") {
        Some((scheme, rest)) if !scheme.contains(['/', '?']) => {
            rest.find('/').map_or("", |start| &rest[start..])
        }
        _ => target,
    };
    let end = local.find(['?', '#', ';']).unwrap_or(local.len());
    if local.starts_with('/') { &local[..end] } else { "(no path)" }
}

fn show_fields(fields: &[httparse::Header<'_>], lines: &mut String) {
    for field in fields {
        let value = if is_harmless(field) {
            visible(field.value)
        } else {
            format!("({} redacted)", entries(field.name, field.value))
        };
        let _ = writeln!(lines, "          {}: {value}", field.name);
    }
}

/// A `Host` is harmless unless a user and a password come before it.
fn is_harmless(field: &httparse::Header<'_>) -> bool {
    HARMLESS.iter().any(|name| name.eq_ignore_ascii_case(field.name))
        && !field.value.contains(&b'@')
}

/// Returns how many secrets a value may hold.
fn entries(name: &str, value: &[u8]) -> usize {
    let separator = match name.to_ascii_lowercase().as_str() {
        "sec-websocket-protocol" => b',',
        "cookie" => b';',
        _ => return 1,
    };
    value.split(|&byte| byte == separator).filter(|entry| !entry.trim_ascii().is_empty()).count()
}

fn visible(bytes: &[u8]) -> String {
    let cut = &bytes[..bytes.len().min(SHOWN)];
    let dots = if cut.len() < bytes.len() { "..." } else { "" };
    format!("{}{dots}", cut.escape_ascii())
}
