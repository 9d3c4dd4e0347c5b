//! The server's side: a request is read, and accepted or refused as its configuration says.

use super::case::{Case, Object, text};
use super::feed::every_way;
use super::outcome::{compare, extensions, refusal};
use patchcord::handshake::BufferTooSmall;
use patchcord::handshake::credential::{Codec, Scheme};
use patchcord::handshake::extension::Extensions;
use patchcord::handshake::origin::OriginPolicy;
use patchcord::handshake::server::{Agreement, Refusal, Request, RequestHead, RequestReader};
use patchcord::handshake::subprotocol::{Offers, Subprotocol};
use serde_json::{Map, Value, json};

/// What a server takes and supports.
pub(crate) struct Config {
    origins: Option<Vec<String>>,
    same_host: bool,
    absent_origin: bool,
    supported: Vec<String>,
    schemes: Vec<(&'static str, String, Codec)>,
    preference: &'static str,
    required: bool,
    authentication: bool,
    answer: Option<String>,
}

impl Config {
    pub(crate) fn read(object: &Object) -> Self {
        let origins = object.take("origins").unwrap_or("any".into());
        let list = origins.as_array().map(|list| list.iter().map(word).collect());
        let known = list.is_some() || origins == "any" || origins == "same-host";
        assert!(known, "origins: {origins}");
        Self {
            origins: list,
            same_host: origins == "same-host",
            absent_origin: object.flag("absent_origin"),
            supported: object.texts("supported"),
            schemes: object.objects("schemes").into_iter().map(scheme).collect(),
            preference: object.word("preference", &["server", "client", "any"]),
            required: object.word("selection", &["optional", "required"]) == "required",
            authentication: object.word("authentication", &["optional", "required"]) == "required",
            answer: object.text("answer_extensions"),
        }
    }

    /// Hands the policy of origins to `run`, since it borrows its list.
    pub(crate) fn with_origins<T>(&self, run: impl FnOnce(OriginPolicy<'_>) -> T) -> T {
        let list: Vec<&str> = self.origins.iter().flatten().map(String::as_str).collect();
        let policy = match &self.origins {
            Some(_) => OriginPolicy::list(&list).expect("a list of origins"),
            None if self.same_host => OriginPolicy::same_host(),
            None => OriginPolicy::any(),
        };
        run(if self.absent_origin { policy.or_absent() } else { policy })
    }

    pub(crate) fn schemes(&self) -> Vec<Scheme<'_>> {
        self.schemes.iter().map(|(kind, name, codec)| as_scheme(kind, name, *codec)).collect()
    }

    fn select<'head>(&self, offers: &Offers<'head>) -> Option<Subprotocol<'head>> {
        let supported: Vec<&str> = self.supported.iter().map(String::as_str).collect();
        match self.preference {
            "server" => offers.server_preference(&supported),
            "client" => offers.client_preference(&supported),
            _ => offers.find(|_| true),
        }
    }
}

fn word(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// A scheme as cases have it: its kind, its marker or prefix, and its codec.
pub(crate) fn scheme(value: Value) -> (&'static str, String, Codec) {
    let object = Object::of(value);
    let kinds = ["pair", "prefix", "sole"];
    let named = kinds.into_iter().find_map(|kind| object.text(kind).map(|name| (kind, name)));
    let (kind, name) = named.expect("a kind of scheme");
    let codec = match object.word("codec", &["raw", "base64url", "base64", "percent"]) {
        "base64url" => Codec::Base64Url,
        "base64" => Codec::Base64,
        "percent" => Codec::Percent,
        _ => Codec::Raw,
    };
    object.finish().expect("a scheme without unknown fields");
    (kind, name, codec)
}

pub(crate) fn as_scheme<'name>(kind: &str, name: &'name str, codec: Codec) -> Scheme<'name> {
    match kind {
        "pair" => Scheme::Pair { marker: name },
        "prefix" => Scheme::Prefixed { prefix: name, codec },
        _ => Scheme::Sole { prefix: name, codec },
    }
}

/// What a server does with a request that keeps the rules of its head.
pub(crate) fn decide<'text>(
    head: &RequestHead<'text>,
    config: &'text Config,
) -> Result<(Map<String, Value>, Agreement<'text>), Refusal<'static>> {
    let schemes = config.schemes();
    let offers = head.subprotocols(&schemes).map_err(|error| error.refusal())?;
    let secret = |scheme| offers.credential(scheme).map(|secret| secret.expose().to_owned());
    let offered = (0..schemes.len()).find_map(|scheme| offers.credential(scheme));
    let credential = head.credential(offered).map_err(|_| Refusal::UNAUTHORIZED)?;
    if config.authentication && credential.is_none() {
        return Err(Refusal::UNAUTHORIZED);
    }
    let selected = config.select(&offers).or(offers.sole());
    if config.required {
        offers.require(selected).map_err(|error| error.refusal())?;
    }
    let agreed = Agreement::from(selected);
    let agreed = match &config.answer {
        Some(answer) => {
            let answer = Extensions::parse(answer).expect("the server's own extensions");
            agreed.extensions(head, answer).expect("extensions that were offered")
        }
        None => agreed,
    };
    let summary = json!({
        "path": head.path(),
        "query": head.query(),
        "host": head.host(),
        "subprotocol": selected.map(|name| name.as_str()),
        "credentials": (0..schemes.len()).map(secret).collect::<Vec<_>>(),
        "credential": credential.map(|secret| secret.expose().to_owned()),
        "extensions": extensions(head.extensions()),
    });
    let Value::Object(summary) = summary else { unreachable!() };
    Ok((summary, agreed))
}

pub(crate) fn read_request(case: &Case) -> Result<(), String> {
    let (input, config) = (case.input(), Config::read(&case.config));
    case.finish()?;
    every_way(input.len(), |lengths| {
        compare(
            &case.expect,
            &config.with_origins(|origins| read(&input, lengths, origins, &config)),
        )
    })
}

/// Reads a request of which more and more is there.
fn read(
    bytes: &[u8],
    lengths: &mut dyn Iterator<Item = usize>,
    origins: OriginPolicy<'_>,
    config: &Config,
) -> Value {
    let mut reader = RequestReader::new(origins);
    for length in lengths {
        let mut input = &bytes[..length];
        match reader.read(&mut input) {
            Ok(None) => assert_eq!(input.len(), length, "an unfinished request was consumed"),
            Ok(Some(request)) => {
                return accept(&request, config, &bytes[length - input.len()..]);
            }
            Err(error) => {
                assert_eq!(input.len(), length, "a refused request was consumed");
                return refusal(&error.refusal());
            }
        }
    }
    json!({ "incomplete": { "consumed": 0 } })
}

fn accept(request: &Request<'_>, config: &Config, rest: &[u8]) -> Value {
    let (mut summary, agreed) = match decide(request, config) {
        Ok(decided) => decided,
        Err(refused) => return refusal(&refused),
    };
    let mut out = Vec::new();
    request.accept(agreed, &mut out).expect("a vector has room");
    assert_needs_all_its_room(request, agreed, out.len());
    summary.insert("rest".into(), text(rest).into());
    summary.insert("response".into(), text(&out).into());
    json!({ "accept": summary })
}

/// A response is written whole or not at all.
fn assert_needs_all_its_room(request: &Request<'_>, agreed: Agreement<'_>, needed: usize) {
    let mut small = vec![0; needed - 1];
    let written = request.accept(agreed, &mut &mut small[..]);
    assert_eq!(written, Err(BufferTooSmall { needed }));
    assert!(small.iter().all(|&byte| byte == 0), "something was written");
}
