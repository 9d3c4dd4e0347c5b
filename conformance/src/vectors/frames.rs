//! Vectors of frames: tests/vectors/frames/README.md has their fields.

use super::bytes::{cuts, hex, octets, text};
use super::shim::Shim;
use super::{Answer, Result};
use crate::case::Level;
use crate::wire::{Frame, parse};
use serde_json::{Value, json};

/// Asks with every cut, and then where the error is decided.
pub fn ask(shim: &mut Shim, vector: &Value) -> Result<Option<Answer>> {
    let bytes = octets(&vector["bytes"]).ok_or_else(|| format!("no bytes in {vector}"))?;
    for pieces in cuts(&bytes) {
        let answer = shim.ask(question(vector, &pieces))?;
        if answer["ended"] == true {
            return Ok(Some(Answer::Wrong(
                Some(Level::Must),
                "the program ended instead of answering".into(),
            )));
        }
        if let Some(why) = answer["skip"].as_str() {
            return Ok(Some(Answer::Skipped(why.into())));
        }
        if let Err((level, what)) = compare(vector, &answer) {
            let cut = pieces.first().map_or(0, |piece| piece.len());
            let what = format!("{what} (in {} pieces, the first of {cut} bytes)", pieces.len());
            return Ok(Some(Answer::Wrong(level, what)));
        }
    }
    let Some(at) = vector["decided_at"].as_u64().filter(|_| !vector["error"].is_null()) else {
        return Ok(Some(Answer::Fine));
    };
    for (end, is_known) in [(at as usize - 1, false), (at as usize, true)] {
        let answer = shim.ask(question(vector, &[&bytes[..end]]))?;
        let fails = !answer["error"].is_null();
        if fails && !is_known {
            return Ok(Some(Answer::Wrong(
                None,
                format!("it fails after {end} bytes, which may still be legal"),
            )));
        }
        if !fails && is_known {
            let what = format!("it waits for more, although {end} bytes show that it must fail");
            return Ok(Some(Answer::Wrong(Some(Level::Should), what)));
        }
    }
    Ok(Some(Answer::Fine))
}

fn question(vector: &Value, pieces: &[&[u8]]) -> Value {
    let mut question = json!({ "kind": "frames", "role": vector["role"] });
    for field in ["limits", "local_close"] {
        if let Some(value) = vector.get(field) {
            question[field] = value.clone();
        }
    }
    question["pieces"] = pieces.iter().map(|piece| hex(piece)).collect();
    question
}

type Wrong = (Option<Level>, String);

fn compare(vector: &Value, answer: &Value) -> std::result::Result<(), Wrong> {
    let expected: Option<Vec<Value>> =
        vector["expect"].as_array().and_then(|all| all.iter().map(plain).collect());
    let expected = expected.unwrap_or_default();
    let mut heard = answer["events"].as_array().cloned().unwrap_or_default();
    let mut error = answer["error"].clone();
    // Some codecs report what is wrong as if it were the peer's Close.
    let wanted = &vector["error"]["close_code"];
    if error.is_null()
        && wanted.is_u64()
        && heard.last().is_some_and(|event| event["close"]["code"] == *wanted)
    {
        heard.pop();
        error = wanted.clone();
    }
    if expected != heard {
        let level = (vector["error"]["kind"] == "length-not-minimal").then_some(Level::Should);
        let what = format!("expected the events {}, heard {}", short(&expected), short(&heard));
        return Err((level, what));
    }
    match (&vector["error"], &error) {
        (Value::Null, Value::Null) => {}
        (Value::Null, error) => {
            return Err((None, format!("it fails with {error}, although nothing is wrong")));
        }
        (error, Value::Null) => {
            // Section 5.2 binds the sender of a length: a receiver need not judge it. And an input that
            // ends inside a message may still be waited for.
            let is_shown = !is_whole(vector) || error["kind"] == "length-not-minimal";
            let level = is_shown.then_some(Level::Should);
            return Err((level, format!("it must fail: {}", error["kind"])));
        }
        (error, code) if code.is_u64() && error["close_code"] != *code => {
            return Err((
                Some(Level::Should),
                format!("it fails with {code}, not {}", error["close_code"]),
            ));
        }
        _ => {}
    }
    match answer["sent"].as_str() {
        // After an error, some codecs leave the Close to their caller.
        Some(sent) if vector["error"].is_null() => compare_sent(vector, sent),
        _ => Ok(()),
    }
}

/// Returns whether the input ends between two messages.
fn is_whole(vector: &Value) -> bool {
    let bytes = octets(&vector["bytes"]).unwrap_or_default();
    let (frames, size) = frames(&bytes);
    let data = frames.iter().rfind(|frame| frame.opcode < 8);
    size == bytes.len() && data.is_none_or(|frame| frame.fin)
}

/// Compares what is owed to the peer, unmasked. Reasons may be added to a Close.
fn compare_sent(vector: &Value, sent: &str) -> std::result::Result<(), Wrong> {
    let owed = octets(&vector["pending"]).map(|bytes| frames(&bytes).0).unwrap_or_default();
    let sent = super::bytes::unhex(sent).map(|bytes| frames(&bytes).0).unwrap_or_default();
    let same = |(owed, sent): (&Frame, &Frame)| {
        let is_close = owed.opcode == 8 && sent.opcode == 8;
        owed == sent || is_close && owed.payload.get(..2) == sent.payload.get(..2)
    };
    if owed.len() == sent.len() && owed.iter().zip(&sent).all(same) {
        return Ok(());
    }
    let show = |frames: &[Frame]| {
        frames.iter().map(|frame| hex(&frame.encode(None))).collect::<Vec<_>>().join(", ")
    };
    Err((
        Some(Level::Should),
        format!("it owes the frames {}, but sends {}", show(&owed), show(&sent)),
    ))
}

/// Parses the frames at the front, and returns how many bytes they take.
fn frames(bytes: &[u8]) -> (Vec<Frame>, usize) {
    let (mut frames, mut at) = (Vec::new(), 0);
    while let Some(parsed) = parse(&bytes[at..]) {
        at += parsed.size;
        frames.push(parsed.frame);
    }
    (frames, at)
}

/// An event in the form of an answer: without repetitions, bytes without blanks.
fn plain(event: &Value) -> Option<Value> {
    let (kind, value) = event.as_object()?.iter().next()?;
    let value = match &**kind {
        "text" => String::from_utf8(text(value)?).ok()?.into(),
        "close" => value.clone(),
        _ => hex(&octets(value)?).into(),
    };
    Some(json!({ kind: value }))
}

fn short(events: &[Value]) -> String {
    let text = Value::from(events.to_vec()).to_string();
    text.chars().take(200).collect()
}
