//! Vectors of the opening handshake: tests/vectors/handshake/README.md has their fields. Shims are not asked
//! those about an interface rather than the wire, or those with patchcord's own policies.

use super::bytes::{cuts, hex, latin1};
use super::shim::Shim;
use super::{Answer, Result};
use crate::case::Level;
use crate::wire::{Head, accept_for, base64};
use serde_json::{Value, json};

/// What a shim can be configured with.
const SERVER: [&str; 2] = ["supported", "selection"];
const CLIENT: [&str; 5] = ["url", "nonce", "offer", "selection", "offer_extensions"];

/// The nonce of vectors that do not give one.
const NONCE: &[u8; 16] = b"the sample nonce";

pub fn ask(shim: &mut Shim, vector: &Value) -> Result<Option<Answer>> {
    let (kind, known) = match vector["kind"].as_str() {
        Some("read-request") => ("request", &SERVER[..]),
        Some("read-response") => ("response", &CLIENT[..]),
        _ => return Ok(None),
    };
    let empty = serde_json::Map::new();
    let config = vector["config"].as_object().unwrap_or(&empty);
    let has_names = config
        .get("offer")
        .and_then(Value::as_array)
        .is_none_or(|all| all.iter().all(Value::is_string));
    if !has_names || !config.keys().all(|key| known.contains(&&**key)) {
        return Ok(None);
    }
    let input = latin1(&vector["input"]).ok_or_else(|| format!("no input in {vector}"))?;
    for pieces in cuts(&input) {
        let mut question = json!({ "kind": kind, "role": vector["role"], "config": config });
        if kind == "response" {
            let nonce = config.get("nonce").and_then(latin1).unwrap_or(NONCE.to_vec());
            question["config"]["key"] = base64(&nonce).into();
        }
        question["pieces"] = pieces.iter().map(|piece| hex(piece)).collect();
        let answer = shim.ask(question)?;
        if answer["ended"] == true {
            return Ok(Some(Answer::Wrong(
                Some(Level::Must),
                "the program ended instead of answering".into(),
            )));
        }
        if let Some(why) = answer["skip"].as_str() {
            return Ok(Some(Answer::Skipped(why.into())));
        }
        if let Err(what) = compare(&vector["expect"], &answer, &input) {
            return Ok(Some(Answer::Wrong(None, format!("{what} (in {} pieces)", pieces.len()))));
        }
    }
    Ok(Some(Answer::Fine))
}

fn compare(expect: &Value, answer: &Value, input: &[u8]) -> std::result::Result<(), String> {
    let (wanted, details) =
        expect.as_object().and_then(|all| all.iter().next()).ok_or("no outcome")?;
    let is_refused =
        |answer: &Value| ["refused", "fail"].iter().any(|name| !answer[*name].is_null());
    let agrees = match &**wanted {
        "fail" | "refused" => is_refused(answer),
        name => !answer[name].is_null(),
    };
    if !agrees {
        return Err(format!("expected {wanted}, the answer is {answer}"));
    }
    match &**wanted {
        "accept" => {
            same(details, &answer["accept"]).and_then(|()| response(&answer["accept"], input))
        }
        "open" => same(details, &answer["open"]),
        "refuse" => status(&answer["refuse"]),
        _ => Ok(()),
    }
}

/// Compares the subprotocol, and what was left behind the head.
fn same(expected: &Value, answer: &Value) -> std::result::Result<(), String> {
    if expected["subprotocol"] != answer["subprotocol"] {
        return Err(format!(
            "expected the subprotocol {}, got {}",
            expected["subprotocol"], answer["subprotocol"]
        ));
    }
    let rest = latin1(&expected["rest"]).unwrap_or_default();
    // If the input arrives in pieces, the bytes after the head may not have arrived yet.
    if answer["rest"].as_str().is_some_and(|text| !hex(&rest).starts_with(text)) {
        return Err(format!(
            "{} bytes follow the head, but {} are left",
            rest.len(),
            answer["rest"]
        ));
    }
    Ok(())
}

/// Checks the proof in the response, if the shim shows it.
fn response(answer: &Value, input: &[u8]) -> std::result::Result<(), String> {
    let Some(bytes) = answer["response"].as_str().and_then(super::bytes::unhex) else {
        return Ok(());
    };
    let mut rest = &bytes[..];
    let head = loop {
        let (head, size) = Head::parse(rest).ok().flatten().ok_or("the response is not a head")?;
        rest = &rest[size..];
        if !matches!(head.status(), Some(100 | 102..=199)) {
            break head;
        }
    };
    let asked = String::from_utf8_lossy(input);
    let key = asked.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("Sec-WebSocket-Key").then(|| value.trim().to_owned())
    });
    let accept = accept_for(&key.unwrap_or_default());
    if head.status() == Some(101) && head.one("Sec-WebSocket-Accept") == Some(&accept) {
        return Ok(());
    }
    Err(format!("expected a 101 with {accept}, got {:?}", head.fields))
}

/// Any status that refuses will do; the vector has the headers it needs.
fn status(answer: &Value) -> std::result::Result<(), String> {
    match answer["status"].as_u64() {
        Some(101 | 200..=299) => Err(format!("it refuses with {}", answer["status"])),
        _ => Ok(()),
    }
}
