//! Outcomes as values, compared with what a case expects.

use super::case::text;
use patchcord::handshake::Headers;
use patchcord::handshake::extension::Extensions;
use patchcord::handshake::server::Refusal;
use serde_json::{Value, json};

/// Compares an outcome with the expectation: equal, but of statuses the first is meant, and
/// headers are those that must be there.
pub(crate) fn compare(expected: &Value, actual: &Value) -> Result<(), String> {
    let same = match (one(expected), one(actual)) {
        (Some(("refuse", expected)), Some(("refuse", actual))) => {
            only(expected, &["status", "headers"])?;
            expected["status"][0] == actual["status"] && has_headers(expected, actual)
        }
        (Some(("refused", expected)), Some(("refused", actual))) => {
            only(expected, &["status", "headers", "body"])?;
            expected["status"] == actual["status"]
                && expected["body"] == actual["body"]
                && has_headers(expected, actual)
        }
        _ => expected == actual,
    };
    if same { Ok(()) } else { Err(format!("expected {}, got {}", short(expected), short(actual))) }
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    text.char_indices().nth(900).map_or(text.clone(), |(at, _)| format!("{}...", &text[..at]))
}

/// The one field of an object.
fn one(value: &Value) -> Option<(&str, &Value)> {
    let fields = value.as_object()?;
    let (name, value) = fields.iter().next()?;
    (fields.len() == 1).then_some((name.as_str(), value))
}

fn only(value: &Value, keys: &[&str]) -> Result<(), String> {
    let fields = value.as_object().ok_or("an expectation is no object")?;
    match fields.keys().find(|key| !keys.contains(&key.as_str())) {
        Some(key) => Err(format!("the expectation has an unknown field {key}")),
        None => Ok(()),
    }
}

fn has_headers(expected: &Value, actual: &Value) -> bool {
    let Some(expected) = expected.get("headers") else { return true };
    expected.as_object().is_some_and(|expected| {
        expected
            .iter()
            .all(|(name, value)| has(&actual["headers"][name.to_ascii_lowercase()], value))
    })
}

/// Whether a header is `expected`, or a list with that in it.
fn has(header: &Value, expected: &Value) -> bool {
    let (Some(header), Some(expected)) = (header.as_str(), expected.as_str()) else { return false };
    header == expected || header.split(',').any(|element| element.trim() == expected)
}

pub(crate) fn fail(kind: &str) -> Value {
    json!({ "fail": kind })
}

pub(crate) fn extensions(extensions: Extensions<'_>) -> Vec<String> {
    extensions.iter().map(|extension| extension.to_string()).collect()
}

pub(crate) fn headers(headers: Headers<'_>) -> Value {
    let fields = headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), text(value)));
    Value::Object(fields.map(|(name, value)| (name, value.into())).collect())
}

/// A refusal, written and read again.
pub(crate) fn refusal(refusal: &Refusal) -> Value {
    let mut out = Vec::new();
    refusal.write(&mut out).expect("a vector has room");
    let mut fields = [httparse::EMPTY_HEADER; 16];
    let mut response = httparse::Response::new(&mut fields);
    let parsed = response.parse(&out).expect("a refusal is a response");
    assert_eq!(parsed, httparse::Status::Complete(out.len()), "a refusal has no body of its own");
    let field =
        |field: &httparse::Header<'_>| (field.name.to_ascii_lowercase(), text(field.value).into());
    let headers: serde_json::Map<_, Value> = response.headers.iter().map(field).collect();
    assert_eq!(headers["content-length"], "0");
    assert_eq!(response.code, Some(refusal.status()));
    assert!(has(&headers["connection"], &"close".into()), "a refusal ends the connection");
    // RFC 9110 section 15.5.22: what to upgrade to must be named, and as an option of connection.
    if refusal.status() == 426 {
        assert!(has(&headers["upgrade"], &"websocket".into()), "426 without Upgrade");
        assert!(
            has(&headers["connection"], &"Upgrade".into()),
            "426 without an option for Upgrade"
        );
    }
    json!({ "refuse": { "status": refusal.status(), "headers": headers } })
}
