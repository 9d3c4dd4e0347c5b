//! Seeds for the handshake: its conformance vectors, and cases at the borders of its rules.

use super::{Result, keep, save, vectors};
use serde_json::Value;
use std::path::Path;

pub(crate) fn heads(folder: &Path) -> Result<()> {
    authorities(folder)?;
    keep(folder, "url", b"wss://example.com/chat?a=b#c")?;
    for (index, case) in vectors("handshake")?.iter().enumerate() {
        let seed = index as u8;
        if let Some(url) = case["config"].get("url") {
            save(folder, "url", &latin(url))?;
            for location in lines(&latin(&case["input"]), b"location:") {
                save(folder, "url", &[&latin(url), &b"\n"[..], location].concat())?;
            }
        }
        for secret in strings(&case["expect"], "credential") {
            for scheme in 0..64 {
                save(folder, "credentials", &[&[scheme], &latin(secret)[..]].concat())?;
            }
        }
        let Some(input) = case.get("input") else { continue };
        let input = latin(input);
        let with = |choice: u8| [&[choice, seed], &input[..]].concat();
        if ["read-response", "read-redirect"].iter().any(|kind| case["kind"] == *kind) {
            for choice in 0..8 {
                save(folder, "handshake_response", &with(choice))?;
            }
            continue;
        }
        let has = |key: &str| case["config"].get(key).is_some();
        let choice = match (has("loopback"), has("hosts"), has("origins")) {
            (true, ..) => 5,
            (_, true, _) => 4,
            (.., true) => 3,
            _ => 0,
        };
        save(folder, "handshake_request", &with(choice))?;
        save(folder, "handshake_request", &with(2))?;
        save(folder, "heads", &input)?;
        let offers = lines(&input, b"sec-websocket-protocol:");
        save(folder, "subprotocols", &[&[seed], &offers.join(&b'\n')[..]].concat())?;
        for value in lines(&input, b"sec-websocket-extensions:") {
            save(folder, "extensions", value)?;
        }
    }
    Ok(())
}

/// Targets and hosts at the borders of RFC 3986.
fn authorities(folder: &Path) -> Result<()> {
    let request = |target: &str, host: &str| {
        format!(
            "GET {target} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
    };
    for host in [
        "example.com:65535",
        "example.com:65536",
        "example.com:",
        "[2001:db8::1]:9001",
        "[v1.a:b]",
        "[v1.]",
        "[::1",
        "%65xample.com",
        "100%",
        "a%2g.com",
        ":80",
        "a:b:80",
        "user@example.com",
    ] {
        save(folder, "heads", request("/chat", host).as_bytes())?;
        let absolute = format!("HTTP://{host}/chat?a=b");
        save(folder, "heads", request(&absolute, "example.com").as_bytes())?;
    }
    for target in [
        "/%41%",
        "/a|b",
        "/?\"{}\"",
        "/#",
        "ftp://example.com/",
        "http://example.com?a",
        "ws://example.com/chat?a=b",
        "WSS://example.com:8443",
    ] {
        save(folder, "heads", request(target, "example.com").as_bytes())?;
    }
    Ok(())
}

/// The values of the lines with this name.
pub(crate) fn lines<'head>(head: &'head [u8], name: &[u8]) -> Vec<&'head [u8]> {
    let value = |line: &'head [u8]| {
        let (start, value) = line.split_at_checked(name.len())?;
        start.eq_ignore_ascii_case(name).then_some(value.trim_ascii())
    };
    head.split(|byte| *byte == b'\n').filter_map(value).collect()
}

/// Every text with this key, at any depth.
fn strings<'json>(value: &'json Value, key: &str) -> Vec<&'json Value> {
    let inner = |value: &'json Value| strings(value, key);
    match value {
        Value::Object(fields) => {
            let own = fields.get(key).filter(|value| value.is_string());
            own.into_iter().chain(fields.values().flat_map(inner)).collect()
        }
        Value::Array(list) => list.iter().flat_map(inner).collect(),
        _ => Vec::new(),
    }
}

/// A text of the handshake's cases: each character is a byte, and long runs are abbreviated.
pub(crate) fn latin(value: &Value) -> Vec<u8> {
    match value {
        Value::String(text) => text.chars().map(|c| c as u32 as u8).collect(),
        Value::Object(fields) if fields.contains_key("repeat") => {
            latin(&fields["repeat"]).repeat(fields["times"].as_u64().unwrap_or(0) as usize)
        }
        Value::Object(fields) => {
            fields["join"].as_array().into_iter().flatten().flat_map(latin).collect()
        }
        _ => Vec::new(),
    }
}
