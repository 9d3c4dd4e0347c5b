//! Checks that requests that were admitted name a listed host and page, and that the browser does not
//! contradict that, by comparing whole texts, which no part of the crate does.

use patchcord::handshake::admission::Admission;
use patchcord::handshake::server::Request;

const PAGES: [&str; 3] = ["https://example.com:443", "http://localhost:9001", "app://-"];
const HOSTS: [&str; 2] = ["example.com", "localhost:9001"];

pub(super) fn named() -> Admission<'static> {
    Admission::origins(&PAGES).and_then(|it| it.with_hosts(&HOSTS)).expect("lists")
}

pub(super) fn loopback() -> Admission<'static> {
    Admission::loopback(9001, &PAGES).expect("origins")
}

pub(super) fn is_named(request: &Request<'_>) {
    let host = plain(request.host());
    let is_listed = host == "localhost:9001" || host.split(':').next() == Some("example.com");
    assert!(is_listed, "the host {host}");
    assert!(is_from_a_page(request, &host), "no origin");
}

pub(super) fn is_on_loopback(request: &Request<'_>) {
    let host = plain(request.host());
    let name = host.strip_suffix(":9001").unwrap_or_else(|| panic!("the host {host}"));
    let is_address = name.starts_with("127.") || name.starts_with('[') && name.ends_with("1]");
    assert!(name == "localhost" || is_address, "the host {host}");
    is_from_a_page(request, &host);
}

/// In lower case, and without leading zeros in the port.
fn plain(text: &str) -> String {
    let text = text.to_ascii_lowercase();
    match text.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
            [name, port.trim_start_matches('0')].join(":")
        }
        _ => text,
    }
}

/// Returns whether the request is from a page, and not from a program; a page must be listed.
fn is_from_a_page(request: &Request<'_>, host: &str) -> bool {
    let first = |name: &str| request.headers().all(name).next().map(String::from_utf8_lossy);
    let mode = first("Sec-Fetch-Mode").unwrap_or_default();
    assert!(!["cors", "no-cors", "navigate", "same-origin"].contains(&&*mode), "{mode}");
    assert!(request.headers().all("Origin").count() < 2, "two origins");
    let origin = first("Origin").map(|origin| plain(&origin));
    if let Some(origin) = &origin {
        let with_port = [origin.trim_end_matches(':'), ":443"].concat();
        let is_listed = PAGES.contains(&origin.as_str()) || PAGES.contains(&with_port.as_str());
        assert!(is_listed, "the origin {origin}");
    }
    let is_own = origin.as_ref().is_none_or(|origin| *origin == format!("http://{host}"));
    let is_elsewhere =
        matches!(first("Sec-Fetch-Site").as_deref(), Some("cross-site" | "same-site"));
    assert!(!(is_own && is_elsewhere), "from elsewhere");
    origin.is_some()
}
