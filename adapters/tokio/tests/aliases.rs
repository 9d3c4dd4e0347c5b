//! What people type into the search of the documentation finds something.

use std::fs;
use std::path::Path;

/// The words that newcomers typed, in lower case, and those of the crates that they came from.
const TYPED: [&str; 22] = [
    "async",
    "axum",
    "backpressure",
    "broadcast",
    "closeframe",
    "connect_async",
    "hyper",
    "keepalive",
    "max message size",
    "permessage-deflate",
    "ping interval",
    "reconnect",
    "sec-websocket-protocol",
    "shutdown",
    "slow",
    "split",
    "splitsink",
    "splitstream",
    "tls",
    "tokio",
    "websocketconfig",
    "websocketstream",
];

fn sources(folder: &Path, into: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => sources(&path, into),
            false => into.push_str(&fs::read_to_string(path).unwrap()),
        }
    }
}

#[test]
fn what_people_type_is_an_alias_or_a_name() {
    let mut text = String::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut text);
    let text = text.to_lowercase();
    let missing: Vec<_> = TYPED.into_iter().filter(|word| !is_found(&text, word)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

fn is_found(text: &str, word: &str) -> bool {
    let is_name = |kind: &str| {
        let start = format!("{kind} {word}");
        let mut named = text.split(&start).skip(1);
        named.any(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    };
    text.contains(&format!("#[doc(alias = \"{word}\")]"))
        || ["pub fn", "pub async fn", "pub mod", "pub struct"].into_iter().any(is_name)
}
