//! patchcord.

use crate::{hex, pieces};
use bytes::{Buf, BytesMut};
use patchcord::handshake::Url;
use patchcord::handshake::admission::Admission;
use patchcord::handshake::client::{Answer, Request};
use patchcord::handshake::extension::Extensions;
use patchcord::handshake::server::{Refusal, RequestReader};
use patchcord::handshake::subprotocol::{Offer, SelectionError};
use patchcord::payload::PayloadBytes;
use patchcord::{Close, CloseCode, Config, Connection, Event, Limits, Role, SendBuffer};
use serde_json::{Value, json};
use std::error::Error;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

pub(crate) fn answer(question: &Value) -> Value {
    let config = Config { limits: limits(&question["limits"]), ..Config::default() };
    let entropy = |bytes: &mut [u8]| bytes.fill(0x2a); // only for tests: it is predictable
    let answered = match (question["kind"].as_str(), question["role"].as_str()) {
        (Some("frames"), Some("server")) => frames(question, Connection::server(config)),
        (Some("frames"), _) => frames(question, Connection::client(entropy, config)),
        (Some("request"), _) => request(question),
        _ => response(question),
    };
    answered.unwrap_or_else(|error| json!({ "fail": error.to_string() }))
}

fn limits(given: &Value) -> Limits {
    let default = Limits::default();
    let number = |name: &str, default: u64| given[name].as_u64().unwrap_or(default);
    Limits {
        whole_frame: number("whole", default.whole_frame.into()) as u32,
        frame: number("frame", default.frame),
        message: number("message", default.message),
        fragments: number("fragments", default.fragments.into()) as u32,
    }
}

fn frames<R: Role>(question: &Value, mut connection: Connection<R>) -> Result<Value> {
    let mut out = SendBuffer::new();
    if let Some(close) = question.get("local_close") {
        let reason = close["reason"].as_str().unwrap_or_default();
        let code = close["code"].as_u64().and_then(|code| CloseCode::new(code as u16));
        connection.close(code.map(|code| Close::new(code, reason)), &mut out)?;
    }
    let (mut events, mut error, mut input) = (Vec::new(), Value::Null, BytesMut::new());
    for piece in pieces(question) {
        input.extend_from_slice(&piece);
        loop {
            match connection.receive(&mut input, &mut out) {
                Ok(Some(event)) => events.push(told(event)),
                Ok(None) => break,
                Err(wrong) => {
                    error = wrong.close_code().get().into();
                    break;
                }
            }
        }
    }
    let sent = out.copy_to_bytes(out.remaining());
    Ok(json!({ "events": events, "error": error, "sent": hex(&sent) }))
}

fn told(event: Event<impl PayloadBytes>) -> Value {
    match event {
        Event::Text(text) => json!({ "text": &*text }),
        Event::Binary(payload) => json!({ "binary": hex(payload.as_ref()) }),
        Event::Ping(payload) => json!({ "ping": hex(payload.as_ref()) }),
        Event::Pong(payload) => json!({ "pong": hex(payload.as_ref()) }),
        Event::Close(None) => json!({ "close": null }),
        Event::Close(Some(close)) => {
            json!({ "close": { "code": close.code.get(), "reason": &*close.reason } })
        }
        Event::Fragment(_) => json!({ "fragment": null }),
    }
}

fn request(question: &Value) -> Result<Value> {
    let config = &question["config"];
    let supported: Vec<&str> =
        config["supported"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let is_required = config["selection"] == "required";
    let mut reader = RequestReader::new(Admission::any());
    let mut bytes = Vec::new();
    for piece in pieces(question) {
        bytes.extend(piece);
        let mut input = &bytes[..];
        match reader.read(&mut input) {
            Ok(None) => {}
            Err(error) => {
                return Ok(json!({ "refuse": { "status": Refusal::from(error).status() } }));
            }
            Ok(Some(request)) => {
                let selected = match request.offers().select(&supported) {
                    Err(SelectionError::NoneSupported) if !is_required => Ok(None),
                    selected => selected,
                };
                let answered = selected.map_err(Refusal::from).and_then(|name| {
                    let response = request.response().with_subprotocol(name)?;
                    let mut out = Vec::new();
                    response.write(&mut out)?;
                    Ok((name.map(|name| name.as_str().to_owned()), out))
                });
                return Ok(match answered {
                    Ok((name, out)) => json!({ "accept": {
                        "subprotocol": name, "response": hex(&out), "rest": hex(input),
                    } }),
                    Err(refusal) => json!({ "refuse": { "status": refusal.status() } }),
                });
            }
        }
    }
    Ok(json!({ "incomplete": true }))
}

fn response(question: &Value) -> Result<Value> {
    let config = &question["config"];
    let mut offer =
        if config["selection"] == "required" { Offer::required() } else { Offer::optional() };
    for name in config["offer"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        offer = offer.with_name(name)?;
    }
    let mut request =
        Request::new(Url::parse(config["url"].as_str().ok_or("no URL")?)?).with_offer(offer);
    if let Some(value) = config["offer_extensions"].as_str() {
        request = request.with_extensions(Extensions::parse(value)?);
    }
    let nonce = config["nonce"].as_str().unwrap_or("the sample nonce");
    let nonce: Vec<u8> = nonce.chars().map(|c| c as u8).collect();
    let mut entropy = |bytes: &mut [u8]| bytes.copy_from_slice(&nonce);
    let mut reader = request.write(&mut entropy, &mut Vec::new())?;
    let mut bytes = Vec::new();
    let mut consumed = 0;
    for piece in pieces(question) {
        bytes.extend(piece);
        let mut input = &bytes[consumed..];
        match reader.read(&mut input) {
            Ok(None) => consumed = bytes.len() - input.len(),
            Ok(Some(Answer::Accepted(open))) => {
                let name = open.subprotocol();
                return Ok(json!({ "open": { "subprotocol": name, "rest": hex(input) } }));
            }
            Ok(Some(Answer::Refused(refused))) => {
                return Ok(json!({ "refused": { "status": refused.status() } }));
            }
            Err(error) => return Ok(json!({ "fail": error.to_string() })),
        }
    }
    Ok(json!({ "incomplete": true }))
}
