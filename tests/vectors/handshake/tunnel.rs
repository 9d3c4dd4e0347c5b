//! `CONNECT` to a proxy.

use super::case::{Case, bytes, pairs, text};
use super::client::{response_error, url_error};
use super::feed::every_way;
use super::outcome::{compare, fail};
use patchcord::handshake::Url;
use patchcord::handshake::client::proxy::{TunnelAnswer, TunnelError, TunnelReader, TunnelRequest};
use serde_json::{Value, json};

pub(crate) fn write(case: &Case) -> Result<(), String> {
    let url = case.config.text("url").expect("a URL");
    let headers = case.config.take("headers").map(|list| pairs(&list)).unwrap_or_default();
    let headers: Vec<_> = headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let basic = case.config.texts("basic");
    let authorization = case.config.text("authorization");
    case.finish()?;
    let url = match Url::parse(&url) {
        Ok(url) => url,
        Err(error) => return compare(&case.expect, &fail(url_error(error))),
    };
    let request = TunnelRequest::new(url).with_headers(&headers);
    let request = match (&basic[..], &authorization) {
        ([], None) => Ok(request),
        ([], Some(value)) => Ok(request.with_authorization(value)),
        ([user, password], None) => request.with_basic(&bytes(user), &bytes(password)),
        _ => return Err("a user and a password, or another credential".into()),
    };
    compare(&case.expect, &written(request))
}

fn written(request: Result<TunnelRequest<'_>, TunnelError>) -> Value {
    let mut out = Vec::new();
    match request.and_then(|request| request.write(&mut out).map(|_| request)) {
        Err(error) => {
            assert!(out.is_empty(), "something was written");
            fail(match error {
                TunnelError::Header { .. } => "header",
                TunnelError::TooManyHeaders => "too-many",
                TunnelError::User => "user",
                TunnelError::Authorization => "authorization",
                _ => "other",
            })
        }
        Ok(request) => {
            let mut small = vec![0; out.len() - 1];
            let refused = request.write(&mut &mut small[..]).expect_err("no room");
            assert!(
                matches!(refused, TunnelError::BufferTooSmall(small) if small.needed == out.len())
            );
            json!({ "request": text(&out) })
        }
    }
}

pub(crate) fn read(case: &Case) -> Result<(), String> {
    let input = case.input();
    case.finish()?;
    let url = Url::parse("ws://server.example.com/").expect("a URL");
    let reader = TunnelRequest::new(url).write(&mut Vec::new()).expect("a request");
    every_way(input.len(), |lengths| {
        compare(&case.expect, &answer(reader.clone(), &input, lengths))
    })
}

/// Reads an answer of which more and more is there.
fn answer(
    mut reader: TunnelReader,
    input: &[u8],
    lengths: &mut dyn Iterator<Item = usize>,
) -> Value {
    let mut consumed = 0;
    for length in lengths {
        let mut rest = &input[consumed.min(length)..length];
        let answer = reader.read(&mut rest);
        match answer {
            Ok(None) => consumed = length - rest.len(),
            Err(error) => return fail(response_error(error)),
            Ok(Some(TunnelAnswer::Tunnel(response))) => {
                assert!(response.body().is_empty());
                return json!({ "tunnel": {
                    "status": response.status(),
                    "rest": text(&input[length - rest.len()..]),
                } });
            }
            Ok(Some(TunnelAnswer::Refused(response))) => {
                assert!(rest.is_empty(), "what was read of the body is consumed");
                let challenges = response
                    .challenges()
                    .map(|challenge| json!([challenge.scheme(), challenge.parameter("realm")]));
                return json!({ "no-tunnel": {
                    "status": response.status(),
                    "challenges": challenges.collect::<Vec<_>>(),
                    "body": text(response.body()) + &text(&input[length..]),
                } });
            }
        }
    }
    json!({ "incomplete": { "consumed": consumed } })
}
