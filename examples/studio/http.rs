//! The answers to requests that ask for no upgrade: the page, and what belongs to it.

use crate::Studio;
use crate::options::MARKER;
use patchcord::handshake::HeadLimits;
use patchcord::handshake::server::Refusal;
use serde_json::json;

/// The page in one piece, since its policy lets it load nothing.
const PAGE: &str = concat!(
    "<!doctype html>\n<html lang=\"en\">\n<head>\n",
    include_str!("page/head.html"),
    "<style>\n",
    include_str!("page/page.css"),
    include_str!("page/frames.css"),
    "</style>\n</head>\n<body>\n",
    include_str!("page/body.html"),
    "<script>\n'use strict';\n",
    include_str!("page/audio.js"),
    include_str!("page/frames.js"),
    include_str!("page/page.js"),
    "</script>\n</body>\n</html>\n",
);

/// What the page may do: run its own code, and talk to its own server.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; \
    script-src 'unsafe-inline' blob:; img-src data:; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'; connect-src 'self'";

/// Writes the answer to a complete and legal request without an upgrade.
pub(crate) fn answer(head: &[u8], studio: &Studio, out: &mut Vec<u8>) {
    let mut fields = [httparse::EMPTY_HEADER; HeadLimits::LINES];
    let mut request = httparse::Request::new(&mut fields);
    if !matches!(request.parse(head), Ok(httparse::Status::Complete(_))) {
        return refuse(Refusal::BAD_REQUEST, out);
    }
    let host = request.headers.iter().find(|field| field.name.eq_ignore_ascii_case("Host"));
    let host = host.and_then(|host| str::from_utf8(host.value).ok()).unwrap_or_default();
    if !studio.is_host(host) {
        return refuse(misdirected(), out);
    }
    let path = request.path.unwrap_or_default();
    match path
        .strip_prefix("/sessions/")
        .map(|id| id.parse().ok().and_then(|id| studio.ended.get(id)))
    {
        Some(Some(session)) => ok("application/json", &session, out),
        None if path == "/" => ok("text/html", PAGE, out),
        None if path == "/settings" => {
            let settings = json!({
                "marker": MARKER,
                "key": studio.key,
                "deflate": cfg!(feature = "deflate"),
            });
            ok("application/json", &settings.to_string(), out);
        }
        _ => refuse(Refusal::NOT_FOUND.with_body("there is a page at /\n"), out),
    }
}

/// 421: the name in `Host` is not a name of this server (RFC 9110 section 15.5.20).
pub(crate) fn misdirected() -> Refusal {
    Refusal::MISDIRECTED.with_body("this server is 127.0.0.1 or localhost, with its port\n")
}

/// A `Vec` has room for it.
pub(crate) fn refuse(refusal: Refusal, out: &mut Vec<u8>) {
    let _ = refusal.write(out);
}

fn ok(kind: &str, body: &str, out: &mut Vec<u8>) {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\
         Content-Type: {kind}; charset=utf-8\r\nCache-Control: no-store\r\n\
         X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n\
         Cross-Origin-Resource-Policy: same-origin\r\nContent-Security-Policy: {POLICY}\r\n\r\n"
    );
    out.extend_from_slice(head.as_bytes());
    out.extend_from_slice(body.as_bytes());
}
