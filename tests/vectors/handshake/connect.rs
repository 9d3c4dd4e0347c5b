//! Extended CONNECT: lists of fields instead of heads.

use super::case::Case;
use super::client::{self, response_error};
use super::outcome::{compare, extensions, fail};
use super::server::{Config, decide};
use patchcord::handshake::Fields;
use patchcord::handshake::client::Answer;
use patchcord::handshake::server::{Refusal, RequestReader};
use serde_json::{Value, json};

pub(crate) fn read_request(case: &Case) -> Result<(), String> {
    let (fields, config) = (case.fields(), Config::read(&case.config));
    case.finish()?;
    let fields: Vec<(&str, &[u8])> = fields.iter().map(|(n, v)| (n.as_str(), &v[..])).collect();
    let outcome =
        config.admitting(|admission| match RequestReader::new(admission).read_fields(&fields) {
            Err(error) => refused(&error.into()),
            Ok(request) => match decide(&request, &config) {
                Err(refusal) => refused(&refusal),
                Ok((mut summary, response)) => {
                    let (status, fields) = response.to_fields();
                    summary.insert("status".into(), status.into());
                    summary.insert("fields".into(), list(&fields));
                    json!({ "accept": summary })
                }
            },
        });
    compare(&case.expect, &outcome)
}

fn refused(refusal: &Refusal) -> Value {
    let (status, fields) = refusal.to_fields();
    let headers = fields.iter().map(|field| (field.name.to_owned(), Value::from(field.value)));
    let headers: serde_json::Map<_, _> = headers.collect();
    json!({ "refuse": { "status": status, "headers": headers } })
}

fn list(fields: &Fields) -> Value {
    fields.iter().map(|field| json!([field.name, field.value])).collect()
}

pub(crate) fn read_response(case: &Case) -> Result<(), String> {
    let (fields, config) = (case.fields(), client::Config::read(&case.config));
    let status = case.given.take("status").and_then(|status| status.as_u64());
    let status = u16::try_from(status.expect("a status")).expect("a status");
    case.finish()?;
    let fields: Vec<(&str, &[u8])> = fields.iter().map(|(n, v)| (n.as_str(), &v[..])).collect();
    let (_, reader) = config.request(|request, _| request.to_fields())?;
    let outcome = match reader.read_fields(status, &fields) {
        Err(error) => fail(response_error(error)),
        Ok(Answer::Refused(_)) => fail("status"),
        Ok(Answer::Accepted(open)) => json!({ "open": {
            "subprotocol": open.subprotocol(),
            "extensions": extensions(open.extensions()),
        } }),
    };
    compare(&case.expect, &outcome)
}

pub(crate) fn write_request(case: &Case) -> Result<(), String> {
    let config = client::Config::read(&case.config);
    case.finish()?;
    let outcome = match config.request(|request, _| request.to_fields()) {
        Ok((fields, _)) => json!({ "fields": list(&fields) }),
        Err(kind) => fail(kind),
    };
    compare(&case.expect, &outcome)
}
