//! The same requests as values of the `http` crate, as a server built on hyper has them.

use super::case::{Case, text};
use super::outcome::compare;
use super::server::{Config, decide};
use patchcord::handshake::server::{Refusal, RequestReader};
use serde_json::{Map, Value, json};

/// Runs a case of a request; `false` if it is none that such a value can hold.
pub(crate) fn read_request(case: &Case) -> Result<bool, String> {
    let Some(request) = parse(&case.input()) else { return Ok(false) };
    let config = Config::read(&case.config);
    let outcome =
        config.admitting(|admission| match RequestReader::new(admission).read_http(&request) {
            Err(error) => refused(&error.into()),
            Ok(request) => match decide(&request, &config) {
                Err(refusal) => refused(&refusal),
                Ok((mut summary, response)) => {
                    summary.insert("response".into(), head(&response.to_http()).into());
                    json!({ "accept": summary })
                }
            },
        });
    let mut expected = case.expect.clone();
    if let Some(accept) = expected.get_mut("accept").and_then(Value::as_object_mut) {
        accept.remove("rest");
        let response = accept["response"].as_str().unwrap_or_default();
        accept["response"] = response.trim_start_matches("HTTP/1.1 100 Continue\r\n\r\n").into();
    }
    compare(&expected, &outcome).map(|()| true)
}

/// The head as a request, if its target is one that the `http` crate keeps as it is.
fn parse(input: &[u8]) -> Option<http::Request<()>> {
    let mut fields = [httparse::EMPTY_HEADER; 100];
    let mut parsed = httparse::Request::new(&mut fields);
    if !parsed.parse(input).ok()?.is_complete() {
        return None;
    }
    let target = parsed.path?;
    let uri: http::Uri = target.parse().ok()?;
    let kept = uri.to_string();
    if kept != target {
        return None;
    }
    let version =
        if parsed.version? == 1 { http::Version::HTTP_11 } else { http::Version::HTTP_10 };
    let request = http::Request::builder().method(parsed.method?).uri(uri).version(version);
    let add = |request: http::request::Builder, field: &httparse::Header<'_>| {
        request.header(field.name, field.value)
    };
    parsed.headers.iter().fold(request, add).body(()).ok()
}

/// A response as it would be written, with the names as this crate writes them.
fn head(response: &http::Response<()>) -> String {
    const NAMES: [&str; 5] = [
        "Upgrade",
        "Connection",
        "Sec-WebSocket-Accept",
        "Sec-WebSocket-Protocol",
        "Sec-WebSocket-Extensions",
    ];
    let mut head = format!("HTTP/1.1 {}\r\n", response.status());
    for name in NAMES {
        for value in response.headers().get_all(name) {
            head += &format!("{name}: {}\r\n", text(value.as_bytes()));
        }
    }
    let known = |name: &http::HeaderName| NAMES.iter().any(|own| name == own);
    assert!(response.headers().keys().all(known), "a field that is not expected");
    head + "\r\n"
}

fn refused(refusal: &Refusal) -> Value {
    let response = refusal.to_http::<String>();
    let field = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        (name.to_string(), Value::from(text(value.as_bytes())))
    };
    let headers: Map<String, Value> = response.headers().iter().map(field).collect();
    json!({ "refuse": { "status": response.status().as_u16(), "headers": headers } })
}
