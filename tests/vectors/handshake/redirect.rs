//! Where a response sends a client.

use super::case::Case;
use super::client::{Config, url_error};
use super::outcome::{compare, fail};
use patchcord::handshake::Url;
use patchcord::handshake::client::{Answer, Redirect, RedirectError};
use serde_json::{Value, json};

pub(crate) fn read(case: &Case) -> Result<(), String> {
    let (input, config) = (case.input(), Config::read(&case.config));
    case.finish()?;
    let url = Url::parse(&config.url).map_err(|error| error.to_string())?;
    let (mut reader, _) = config.write()?;
    let answer = reader.read(&mut &input[..]).map_err(|error| error.to_string())?;
    let Some(Answer::Refused(response)) = answer else { return Err("not refused".into()) };
    let found = Redirect::find(url, response.status(), response.headers());
    compare(&case.expect, &outcome(url, found))
}

fn outcome(from: Url<'_>, found: Result<Option<Redirect>, RedirectError>) -> Value {
    let (url, changed) = match found {
        Ok(None) => return json!({ "none": {} }),
        Err(RedirectError::Repeated) => return fail("repeated"),
        Err(RedirectError::Downgrade) => return fail("downgrade"),
        Err(RedirectError::Url(error)) => return fail(url_error(error)),
        Err(_) => return fail("other"),
        Ok(Some(Redirect::SameOrigin(url))) => (url, Vec::new()),
        Ok(Some(Redirect::OtherOrigin { url, scheme, host, port })) => {
            let all = [("scheme", scheme), ("host", host), ("port", port)];
            let changed = all.into_iter().filter(|(_, changed)| *changed).map(|(name, _)| name);
            (url, changed.collect())
        }
    };
    assert!(!from.is_secure() || url.as_url().is_secure(), "what was secret is sent in the clear");
    json!({ "redirect": { "url": url.to_string(), "changed": changed } })
}
