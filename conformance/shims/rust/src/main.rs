//! Shims for conformance's `vectors`: `conformance-shims patchcord|tungstenite`.

mod patchcord_shim;
mod tungstenite_shim;

use serde_json::{Value, json};
use std::io::{self, BufRead, Write};

fn main() -> io::Result<()> {
    let answer = match std::env::args().nth(1).as_deref() {
        Some("patchcord") => patchcord_shim::answer,
        Some("tungstenite") => tungstenite_shim::answer,
        _ => return Err(io::Error::other("usage: conformance-shims patchcord|tungstenite")),
    };
    for line in io::stdin().lock().lines() {
        let question: Value = serde_json::from_str(&line?)?;
        let mut said = answer(&question);
        said["id"] = question["id"].clone();
        let mut out = io::stdout().lock();
        writeln!(out, "{said}")?;
        out.flush()?;
    }
    Ok(())
}

fn skip(why: &str) -> Value {
    json!({ "skip": why })
}

/// Returns the pieces of the input, in order.
fn pieces(question: &Value) -> Vec<Vec<u8>> {
    let list = question["pieces"].as_array().into_iter().flatten().filter_map(Value::as_str);
    list.map(unhex).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let pair = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap_or_default();
    (0..text.len()).step_by(2).map(pair).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
