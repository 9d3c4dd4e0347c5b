//! Every public constant has the value that its documentation and the RFCs give it: the literals
//! stand here once more, so that none changes by accident. A constant without a row fails.
#![cfg(all(feature = "credentials", feature = "deflate"))]

use patchcord::deflate::{Compression, Context, InflateLimits, Level, Pool, WindowBits};
use patchcord::frame::{MAX_CONTROL_PAYLOAD, MAX_HEADER, Rsv};
use patchcord::handshake::client::MAX_REDIRECTS;
use patchcord::handshake::credential::vendor::{self, Vendor};
use patchcord::handshake::credential::{Encoding, Scheme};
use patchcord::handshake::extension::deflate::{Fallback, OwnWindow, Policy};
use patchcord::handshake::server::Refusal;
use patchcord::handshake::subprotocol::{MAX_ENTRY, MAX_OFFERED};
use patchcord::handshake::{HeadLimits, MAX_URL};
use patchcord::{Close, CloseCode, Driver, Limits, MaskingKey, SendBuffer, Server, Timeouts};
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// A file of `src/` and the constants in it, each with its value and the literal that it must be.
type Rows = Vec<(&'static str, &'static str, String, String)>;

fn row<T: Debug>(rows: &mut Rows, file: &'static str, name: &'static str, value: T, literal: T) {
    rows.push((file, name, format!("{value:?}"), format!("{literal:?}")));
}

fn rows() -> Rows {
    let mut rows = Rows::new();
    sizes(&mut rows);
    durations(&mut rows);
    close_codes(&mut rows);
    compression(&mut rows);
    refusals(&mut rows);
    vendors(&mut rows);
    rows
}

fn sizes(rows: &mut Rows) {
    let mut bytes = |file, name, value: u64, literal| row(rows, file, name, value, literal);
    bytes("codec/limits.rs", "WHOLE_FRAME", Limits::WHOLE_FRAME.into(), 16_384);
    bytes("codec/limits.rs", "FRAME", Limits::FRAME, 16_777_216);
    bytes("codec/limits.rs", "MESSAGE", Limits::MESSAGE, 16_777_216);
    bytes("codec/limits.rs", "FRAGMENTS", Limits::FRAGMENTS.into(), 131_072);
    bytes("frame/header.rs", "MAX_HEADER", MAX_HEADER as u64, 14);
    bytes("frame/header.rs", "MAX_CONTROL_PAYLOAD", MAX_CONTROL_PAYLOAD as u64, 125);
    bytes("frame/close.rs", "MAX_REASON", Close::<&[u8]>::MAX_REASON as u64, 123);
    bytes("handshake/url/mod.rs", "MAX_URL", MAX_URL as u64, 65_532);
    bytes("handshake/client/redirect.rs", "MAX_REDIRECTS", MAX_REDIRECTS as u64, 20);
    bytes("handshake/limits.rs", "HEAD", HeadLimits::HEAD as u64, 32_768);
    bytes("handshake/limits.rs", "LINE", HeadLimits::LINE as u64, 16_384);
    bytes("handshake/limits.rs", "LINES", HeadLimits::LINES as u64, 128);
    bytes("handshake/limits.rs", "FIELDS", HeadLimits::FIELDS as u64, 2000);
    bytes("handshake/subprotocol/mod.rs", "MAX_OFFERED", MAX_OFFERED as u64, 32);
    bytes("handshake/subprotocol/offer.rs", "MAX_ENTRY", MAX_ENTRY as u64, 12_288);
    bytes("deflate/pool.rs", "KEPT", Pool::KEPT as u64, 16);
    bytes("deflate/deflater.rs", "THRESHOLD", Compression::THRESHOLD as u64, 64);
    bytes("deflate/limits.rs", "LENGTH", InflateLimits::LENGTH, 16_777_216);
    bytes("deflate/limits.rs", "FLOOR", InflateLimits::FLOOR, 1_048_576);
    bytes("deflate/limits.rs", "RATIO", InflateLimits::RATIO.into(), 200);
    bytes("deflate/limits.rs", "IDLE", InflateLimits::IDLE, 65_536);
    bytes("codec/send_buffer.rs", "KEPT", SendBuffer::KEPT as u64, 16_384);
    bytes("driver.rs", "BACKLOG", Driver::<Server>::BACKLOG as u64, 65_536);
}

fn durations(rows: &mut Rows) {
    let mut span = |file, name, value, seconds| {
        row(rows, file, name, value, Duration::from_secs(seconds));
    };
    span("connection/timeouts.rs", "OPENING", Timeouts::OPENING, 10);
    span("connection/timeouts.rs", "PONG", Timeouts::PONG, 20);
    span("connection/timeouts.rs", "CLOSE", Timeouts::CLOSE, 10);
    span("connection/timeouts.rs", "WRITE", Timeouts::WRITE, 60);
}

/// RFC 6455 section 7.4.1, and IANA's registry of section 11.7 for the last three.
fn close_codes(rows: &mut Rows) {
    let mut code = |name, value: CloseCode, literal: u16| {
        row(rows, "frame/close.rs", name, value.get(), literal);
    };
    code("NORMAL", CloseCode::NORMAL, 1000);
    code("GOING_AWAY", CloseCode::GOING_AWAY, 1001);
    code("PROTOCOL_ERROR", CloseCode::PROTOCOL_ERROR, 1002);
    code("UNSUPPORTED_DATA", CloseCode::UNSUPPORTED_DATA, 1003);
    code("INVALID_PAYLOAD", CloseCode::INVALID_PAYLOAD, 1007);
    code("POLICY_VIOLATION", CloseCode::POLICY_VIOLATION, 1008);
    code("TOO_BIG", CloseCode::TOO_BIG, 1009);
    code("MANDATORY_EXTENSION", CloseCode::MANDATORY_EXTENSION, 1010);
    code("INTERNAL_ERROR", CloseCode::INTERNAL_ERROR, 1011);
    code("SERVICE_RESTART", CloseCode::SERVICE_RESTART, 1012);
    code("TRY_AGAIN_LATER", CloseCode::TRY_AGAIN_LATER, 1013);
    code("BAD_GATEWAY", CloseCode::BAD_GATEWAY, 1014);
}

fn compression(rows: &mut Rows) {
    row(rows, "mask/mod.rs", "NONE", MaskingKey::NONE.to_bytes(), [0; 4]);
    let mut number = |file, name, value: u8, literal| row(rows, file, name, value, literal);
    number("frame/opcode.rs", "NONE", Rsv::NONE.bits(), 0);
    number("frame/opcode.rs", "RSV1", Rsv::RSV1.bits(), 0b0100_0000);
    number("frame/opcode.rs", "RSV2", Rsv::RSV2.bits(), 0b0010_0000);
    number("frame/opcode.rs", "RSV3", Rsv::RSV3.bits(), 0b0001_0000);
    number("deflate/window.rs", "MIN", WindowBits::MIN.bits(), 8);
    number("deflate/window.rs", "MAX", WindowBits::MAX.bits(), 15);
    number("deflate/deflater.rs", "FASTEST", Level::FASTEST.get(), 1);
    number("deflate/deflater.rs", "SMALLEST", Level::SMALLEST.get(), 9);
    number("handshake/extension/deflate/policy.rs", "WINDOW", Policy::WINDOW.bits(), 11);
    let context = Context { window: WindowBits::new(11).unwrap(), takeover: true };
    let small = Policy {
        own: context,
        own_window: OwnWindow::Adjustable,
        peer: context,
        fallback: Fallback::NoTakeover,
    };
    row(rows, "handshake/extension/deflate/policy.rs", "SMALL", Policy::SMALL, small);
}

fn refusals(rows: &mut Rows) {
    let mut status = |name, value: Refusal, literal: u16| {
        row(rows, "handshake/server/refusal.rs", name, value.status(), literal);
    };
    status("BAD_REQUEST", Refusal::BAD_REQUEST, 400);
    status("UNAUTHORIZED", Refusal::UNAUTHORIZED, 401);
    status("FORBIDDEN", Refusal::FORBIDDEN, 403);
    status("NOT_FOUND", Refusal::NOT_FOUND, 404);
    status("TIMEOUT", Refusal::TIMEOUT, 408);
    status("MISDIRECTED", Refusal::MISDIRECTED, 421);
    status("TOO_MANY_REQUESTS", Refusal::TOO_MANY_REQUESTS, 429);
    status("INTERNAL_SERVER_ERROR", Refusal::INTERNAL_SERVER_ERROR, 500);
    status("BAD_GATEWAY", Refusal::BAD_GATEWAY, 502);
    status("UNAVAILABLE", Refusal::UNAVAILABLE, 503);
}

fn vendors(rows: &mut Rows) {
    use Encoding::{Base64, Base64Url, Percent, Raw};
    let mut vendor = |name, value, name_offered, scheme| {
        let literal = Vendor { scheme, name: name_offered };
        row(rows, "handshake/credential/vendor.rs", name, value, literal);
    };
    let pair = |marker| Scheme::pair(marker).unwrap();
    let part = |prefix, encoding| Scheme::prefixed(prefix, encoding).unwrap();
    let sole = |prefix, encoding| Scheme::sole(prefix, encoding).unwrap();
    vendor("DEEPGRAM", vendor::DEEPGRAM, None, pair("token"));
    vendor("DEEPGRAM_BEARER", vendor::DEEPGRAM_BEARER, None, pair("bearer"));
    vendor("DEEPGRAM_SESSION", vendor::DEEPGRAM_SESSION, None, pair("x-deepgram-session-id"));
    vendor("DEEPGRAM_STARTERS", vendor::DEEPGRAM_STARTERS, None, sole("access_token.", Raw));
    let openai = part("openai-insecure-api-key.", Raw);
    vendor("OPENAI_REALTIME", vendor::OPENAI_REALTIME, Some("realtime"), openai);
    vendor("ELEVENLABS", vendor::ELEVENLABS, Some("convai"), part("bearer.", Raw));
    vendor("XAI", vendor::XAI, None, sole("xai-client-secret.", Raw));
    let kubernetes = part("base64url.bearer.authorization.k8s.io.", Base64Url);
    vendor("KUBERNETES", vendor::KUBERNETES, Some("v5.channel.k8s.io"), kubernetes);
    let header = part("header-", Base64Url);
    vendor("APPSYNC_EVENTS", vendor::APPSYNC_EVENTS, Some("aws-appsync-event-ws"), header);
    vendor("APPSYNC_GRAPHQL", vendor::APPSYNC_GRAPHQL, Some("graphql-ws"), header);
    vendor("PHOENIX", vendor::PHOENIX, Some("phoenix"), part("base64url.bearer.phx.", Base64));
    let (name, prefix) = ("v1.token.websocket.jupyter.org", "v1.token.websocket.jupyter.org.");
    vendor("JUPYTER", vendor::JUPYTER, Some(name), part(prefix, Percent));
    let carrier = Some("bearer-token-carrier");
    vendor("QUARKUS", vendor::QUARKUS, carrier, part("quarkus-http-upgrade%23", Percent));
    vendor("QUARKUS_RAW", vendor::QUARKUS_RAW, carrier, part("quarkus-http-upgrade#", Percent));
    let openhab = part("org.openhab.ws.accessToken.base64.", Base64);
    vendor("OPENHAB", vendor::OPENHAB, Some("org.openhab.ws.protocol.default"), openhab);
    let anycable = part("anycable-token.", Raw);
    vendor("ANYCABLE", vendor::ANYCABLE, Some("actioncable-v1-json"), anycable);
    vendor("FELDERA", vendor::FELDERA, None, sole("feldera-bearer.", Base64Url));
    vendor("FELDERA_TENANT", vendor::FELDERA_TENANT, None, part("feldera-tenant.", Base64Url));
    vendor("SONIOX", vendor::SONIOX, None, pair("soniox-api-key"));
    let token = part("lambda-microvms.authentication.", Raw);
    vendor("LAMBDA_MICROVMS", vendor::LAMBDA_MICROVMS, Some("lambda-microvms"), token);
    let port = part("lambda-microvms.port.", Raw);
    vendor("LAMBDA_MICROVMS_PORT", vendor::LAMBDA_MICROVMS_PORT, None, port);
    vendor("IVS_CHAT", vendor::IVS_CHAT, None, sole("", Raw));
}

/// The public constants of each file: `pub const NAME`, and no function.
fn constants(folder: &Path, prefix: &str, found: &mut BTreeMap<(String, String), usize>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{prefix}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            constants(&path, &format!("{name}/"), found);
            continue;
        }
        for line in fs::read_to_string(&path).unwrap().lines() {
            let Some(rest) = line.trim_start().strip_prefix("pub const ") else { continue };
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            if rest[end..].starts_with(':') {
                *found.entry((name.clone(), rest[..end].to_owned())).or_default() += 1;
            }
        }
    }
}

#[test]
fn every_public_constant_has_its_literal_here() {
    let mut found = BTreeMap::new();
    constants(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut found);
    assert!(found.len() > 50, "{} constants", found.len());
    let rows = rows();
    for ((file, name), count) in &found {
        let of = rows.iter().filter(|row| (row.0, row.1) == (file, name)).count();
        assert_eq!(of, *count, "rows for {name} of {file}");
    }
    for (file, name, value, literal) in rows {
        assert!(found.contains_key(&(file.to_owned(), name.to_owned())), "{file} has no {name}");
        assert_eq!(value, literal, "{name} of {file}");
    }
}

#[test]
fn every_default_is_that_of_the_constants() {
    let limits = Limits {
        whole_frame: Limits::WHOLE_FRAME,
        frame: Limits::FRAME,
        message: Limits::MESSAGE,
        fragments: Limits::FRAGMENTS,
    };
    assert_eq!(Limits::default(), limits);
    let heads = HeadLimits {
        head: HeadLimits::HEAD,
        line: HeadLimits::LINE,
        lines: HeadLimits::LINES,
        fields: HeadLimits::FIELDS,
    };
    assert_eq!(HeadLimits::default(), heads);
    let timeouts = Timeouts {
        opening: Some(Timeouts::OPENING),
        ping_interval: None,
        pong: Some(Timeouts::PONG),
        close: Some(Timeouts::CLOSE),
        write: Some(Timeouts::WRITE),
    };
    assert_eq!(Timeouts::default(), timeouts);
    let bounds = InflateLimits {
        length: InflateLimits::LENGTH,
        floor: InflateLimits::FLOOR,
        ratio: InflateLimits::RATIO,
        idle: InflateLimits::IDLE,
    };
    assert_eq!(InflateLimits::default(), bounds);
    let threshold = Compression::THRESHOLD;
    // The limit of the connection holds, if that is less.
    let bounds = InflateLimits { length: u64::MAX, ..bounds };
    let compression = Compression { level: Level::FASTEST, threshold, limits: bounds };
    assert_eq!(Compression::default(), compression);
}

/// RFC 9110 section 15; 426 and 429 are of sections 15.5.22 and RFC 6585.
const PHRASES: [(u16, &str); 19] = [
    (301, "Moved Permanently"),
    (302, "Found"),
    (307, "Temporary Redirect"),
    (308, "Permanent Redirect"),
    (400, "Bad Request"),
    (401, "Unauthorized"),
    (403, "Forbidden"),
    (404, "Not Found"),
    (405, "Method Not Allowed"),
    (408, "Request Timeout"),
    (421, "Misdirected Request"),
    (426, "Upgrade Required"),
    (429, "Too Many Requests"),
    (431, "Request Header Fields Too Large"),
    (500, "Internal Server Error"),
    (501, "Not Implemented"),
    (502, "Bad Gateway"),
    (503, "Service Unavailable"),
    (504, "Gateway Timeout"),
];

#[test]
fn every_status_has_the_phrase_of_its_registration_or_a_neutral_one() {
    for status in 300..=599 {
        let phrase = PHRASES.iter().find(|(known, _)| *known == status);
        let phrase = phrase.map_or("Refused", |(_, phrase)| phrase);
        let mut out = Vec::new();
        Refusal::new(status).unwrap().write(&mut out).unwrap();
        let line = format!("HTTP/1.1 {status} {phrase}\r\n");
        assert!(out.starts_with(line.as_bytes()), "{line}{}", String::from_utf8_lossy(&out));
    }
}
