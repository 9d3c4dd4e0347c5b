//! The client's side: URLs are parsed, requests written, and the answers to them read.

use super::case::{Case, Object, bytes, limits, pairs, text};
use super::feed::every_way;
use super::outcome::{compare, extensions, fail, headers};
use super::server::{as_scheme, scheme};
use patchcord::handshake::admission::Admission;
use patchcord::handshake::client::{Answer, Request, ResponseError, ResponseReader, WriteError};
use patchcord::handshake::extension::Extensions;
use patchcord::handshake::server::RequestReader;
use patchcord::handshake::subprotocol::{Offer, OfferError, SubprotocolError};
use patchcord::handshake::{HeadLimits, Url, UrlError};
use serde_json::{Value, json};

/// What a client asks for.
pub(crate) struct Config {
    pub(crate) url: String,
    nonce: Vec<u8>,
    offer: Vec<Value>,
    required: bool,
    extensions: Option<String>,
    headers: Vec<(String, String)>,
    plaintext: bool,
    limits: HeadLimits,
}

impl Config {
    pub(crate) fn read(object: &Object) -> Self {
        let nonce = object.text("nonce").map_or(b"the sample nonce".to_vec(), |text| bytes(&text));
        assert_eq!(nonce.len(), 16, "a nonce has 16 bytes");
        Self {
            url: object.text("url").expect("a URL"),
            nonce,
            offer: object.objects("offer"),
            required: object.word("selection", &["optional", "required"]) == "required",
            extensions: object.text("offer_extensions"),
            headers: object.take("headers").map(|list| pairs(&list)).unwrap_or_default(),
            plaintext: object.flag("plaintext"),
            limits: limits(object),
        }
    }

    /// The request, handed to `write`; the kind of the failure if it cannot be made.
    pub(crate) fn request<T>(
        &self,
        write: impl FnOnce(&Request, &mut dyn FnMut(&mut [u8])) -> Result<T, WriteError>,
    ) -> Result<T, &'static str> {
        let headers: Vec<_> = self.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let mut request = Request::new(Url::parse(&self.url).map_err(url_error)?)
            .with_offer(self.offer().map_err(offer_error)?)
            .with_headers(&headers)
            .map_err(|_| "header")?
            .with_limits(self.limits);
        if let Some(value) = &self.extensions {
            request = request.with_extensions(Extensions::parse(value).map_err(|_| "extensions")?);
        }
        if self.plaintext {
            request = request.allow_plaintext_credential();
        }
        let mut nonce = |bytes: &mut [u8]| bytes.copy_from_slice(&self.nonce);
        write(&request, &mut nonce).map_err(|error| match error {
            WriteError::PlaintextCredential => "plaintext-credential",
            WriteError::HeadTooLong | WriteError::LineTooLong | WriteError::TooManyHeaders => {
                "too-large"
            }
            _ => "other",
        })
    }

    fn offer(&self) -> Result<Offer, OfferError> {
        let empty = if self.required { Offer::required() } else { Offer::optional() };
        self.offer.iter().try_fold(empty, |offer, entry| match entry {
            Value::String(name) => offer.with_name(name),
            credential => {
                let mut fields = credential.as_object().expect("a credential").clone();
                let secret = fields.remove("secret").expect("a secret");
                let (kind, name, codec) = scheme(fields.into());
                offer.with_credential(
                    &as_scheme(kind, &name, codec).expect("a scheme"),
                    secret.as_str().expect("a text"),
                )
            }
        })
    }

    pub(crate) fn write(&self) -> Result<(ResponseReader, Vec<u8>), &'static str> {
        let mut out = Vec::new();
        let written = self.request(|request, mut nonce| request.write(&mut nonce, &mut out));
        assert!(written.is_ok() || out.is_empty(), "something was written");
        written.map(|reader| (reader, out))
    }
}

pub(crate) fn url_error(error: UrlError) -> &'static str {
    match error {
        UrlError::TooLong => "too-long",
        UrlError::Scheme => "scheme",
        UrlError::Host => "host",
        UrlError::Port => "port",
        UrlError::User => "user",
        UrlError::Fragment => "fragment",
        UrlError::Character => "character",
        _ => "other",
    }
}

fn offer_error(error: OfferError) -> &'static str {
    match error {
        OfferError::NotAToken => "not-a-token",
        OfferError::Duplicate => "duplicate",
        OfferError::TooMany => "too-many",
        OfferError::TooLong => "too-long",
        _ => "other",
    }
}

pub(crate) fn response_error(error: ResponseError) -> &'static str {
    match error {
        ResponseError::Syntax => "syntax",
        ResponseError::TooLarge => "too-large",
        ResponseError::NoUpgrade => "upgrade",
        ResponseError::Accept => "accept",
        ResponseError::Extension => "extension",
        ResponseError::Repeated => "repeated",
        ResponseError::Subprotocol(SubprotocolError::NotOffered) => "not-offered",
        ResponseError::Subprotocol(SubprotocolError::NoneSelected) => "none-selected",
        _ => "other",
    }
}

pub(crate) fn read_response(case: &Case) -> Result<(), String> {
    let (input, config) = (case.input(), Config::read(&case.config));
    case.finish()?;
    let (reader, _) = config.write()?;
    every_way(input.len(), |lengths| compare(&case.expect, &read(reader.clone(), &input, lengths)))
}

/// Reads a response of which more and more is there.
fn read(
    mut reader: ResponseReader,
    bytes: &[u8],
    lengths: &mut dyn Iterator<Item = usize>,
) -> Value {
    let mut consumed = 0;
    for length in lengths {
        let mut input = &bytes[consumed.min(length)..length];
        let answer = reader.read(&mut input);
        let rest = &bytes[length - input.len()..];
        match answer {
            Ok(None) => consumed = length - input.len(),
            Ok(Some(Answer::Accepted(open))) => {
                return json!({ "open": {
                    "subprotocol": open.subprotocol(),
                    "extensions": extensions(open.extensions()),
                    "rest": text(rest),
                } });
            }
            Ok(Some(Answer::Refused(response))) => {
                assert!(input.is_empty(), "what was read of the body is consumed");
                return json!({ "refused": {
                    "status": response.status(),
                    "headers": headers(response.headers()),
                    "body": text(response.body()) + &text(rest),
                } });
            }
            Err(error) => return fail(response_error(error)),
        }
    }
    json!({ "incomplete": { "consumed": consumed } })
}

pub(crate) fn write_request(case: &Case) -> Result<(), String> {
    let config = Config::read(&case.config);
    case.finish()?;
    let outcome = match config.write() {
        Ok((_, out)) => {
            assert_is_a_request(&out, config.limits);
            json!({ "request": text(&out) })
        }
        Err(kind) => fail(kind),
    };
    compare(&case.expect, &outcome)
}

/// What a client writes is what a server takes, with the limits that allowed it.
fn assert_is_a_request(bytes: &[u8], limits: HeadLimits) {
    let default = HeadLimits::default();
    let limits = HeadLimits {
        head: limits.head.max(default.head),
        line: limits.line.max(default.line),
        lines: limits.lines.max(default.lines),
        ..default
    };
    let mut input = bytes;
    let request = RequestReader::new(Admission::any().with_limits(limits)).read(&mut input);
    assert!(matches!(request, Ok(Some(_))), "a server does not take it: {request:?}");
    assert!(input.is_empty());
}

pub(crate) fn parse_url(case: &Case) -> Result<(), String> {
    let config = Config::read(&case.config);
    case.finish()?;
    let outcome = match Url::parse(&config.url) {
        Err(error) => fail(url_error(error)),
        Ok(url) => {
            let (_, out) = config.write()?;
            let head = text(&out);
            assert_eq!(Url::parse(&url.to_string()), Ok(url), "what is displayed");
            let query = url.query().map(|query| ["?", query].concat()).unwrap_or_default();
            let word = |before: &str, after: &str| {
                let found = head.split_once(before).and_then(|(_, rest)| rest.split_once(after));
                found.map(|(word, _)| word.to_owned())
            };
            let resource = word("GET ", " HTTP/1.1\r\n");
            assert_eq!(resource, Some([url.path(), &query].concat()), "path and query");
            assert_eq!(word("\r\nHost: ", "\r\n").as_deref(), Some(url.authority()));
            json!({ "url": {
                "secure": url.is_secure(),
                "host": url.host(),
                "port": url.port(),
                "host_header": word("\r\nHost: ", "\r\n"),
                "resource_name": resource,
            } })
        }
    };
    compare(&case.expect, &outcome)
}
