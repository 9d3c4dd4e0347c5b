//! The server's side: a request is read, and accepted or refused as its configuration says.

use super::case::{Case, Object, limits, text};
use super::feed::every_way;
use super::outcome::{compare, extensions, refusal};
use patchcord::handshake::admission::Admission;
use patchcord::handshake::credential::{
    Authorization, Credential, Encoding, NotAToken, NotText, Scheme,
};
use patchcord::handshake::extension::Extensions;
use patchcord::handshake::server::{Carrier, Refusal, Request, RequestReader, Response};
use patchcord::handshake::subprotocol::{Offers, SelectionError, Subprotocol};
use patchcord::handshake::{BufferTooSmall, HeadLimits};
use serde_json::{Map, Value, json};

/// What a server takes and supports.
pub(crate) struct Config {
    origins: Option<Vec<String>>,
    same_host: bool,
    absent_origin: bool,
    hosts: Option<Vec<String>>,
    loopback: Option<u16>,
    limits: HeadLimits,
    supported: Vec<String>,
    schemes: Vec<(&'static str, String, Encoding)>,
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
            hosts: object.take("hosts").map(|list| words(&list)),
            loopback: object.take("loopback").map(|port| port_number(&port)),
            limits: limits(object),
            supported: object.texts("supported"),
            schemes: object.objects("schemes").into_iter().map(scheme).collect(),
            preference: object.word("preference", &["server", "client", "any"]),
            required: object.word("selection", &["optional", "required"]) == "required",
            authentication: object.word("authentication", &["optional", "required"]) == "required",
            answer: object.text("answer_extensions"),
        }
    }

    /// Hands the admission to `run`, since it borrows its lists.
    pub(crate) fn admitting<T>(&self, run: impl FnOnce(Admission<'_>) -> T) -> T {
        let origins: Vec<&str> = self.origins.iter().flatten().map(String::as_str).collect();
        let hosts: Vec<&str> = self.hosts.iter().flatten().map(String::as_str).collect();
        let mut admission = match (&self.origins, self.loopback) {
            (_, Some(port)) => Admission::loopback(port, &origins).expect("a list of origins"),
            (Some(_), None) => Admission::origins(&origins).expect("a list of origins"),
            (None, None) if self.same_host => Admission::same_host(),
            (None, None) => Admission::any(),
        };
        if self.absent_origin {
            admission = admission.or_absent();
        }
        if self.hosts.is_some() {
            admission = admission.with_hosts(&hosts).expect("a list of hosts");
        }
        run(admission.with_limits(self.limits))
    }

    fn select<'head>(
        &self,
        offers: &Offers<'head>,
    ) -> Result<Option<Subprotocol<'head>>, SelectionError> {
        let supported: Vec<&str> = self.supported.iter().map(String::as_str).collect();
        let selected = match self.preference {
            "server" => offers.select(&supported),
            "client" => offers.select_by_client(&supported),
            _ => match offers.find(|_| true) {
                None => offers.select(&[]),
                any => Ok(any),
            },
        };
        match selected {
            Err(SelectionError::NoneSupported | SelectionError::Hidden) if !self.required => {
                Ok(None)
            }
            selected => selected,
        }
    }
}

fn words(list: &Value) -> Vec<String> {
    list.as_array().expect("a list").iter().map(word).collect()
}

fn port_number(value: &Value) -> u16 {
    value.as_u64().and_then(|port| u16::try_from(port).ok()).expect("a port")
}

fn word(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// A scheme as cases have it: its kind, its marker or prefix, and its codec.
pub(crate) fn scheme(value: Value) -> (&'static str, String, Encoding) {
    let object = Object::of(value);
    let kinds = ["pair", "prefix", "sole"];
    let named = kinds.into_iter().find_map(|kind| object.text(kind).map(|name| (kind, name)));
    let (kind, name) = named.expect("a kind of scheme");
    let codec = match object.word("codec", &["raw", "base64url", "base64", "percent"]) {
        "base64url" => Encoding::Base64Url,
        "base64" => Encoding::Base64,
        "percent" => Encoding::Percent,
        _ => Encoding::Raw,
    };
    object.finish().expect("a scheme without unknown fields");
    (kind, name, codec)
}

pub(crate) fn as_scheme<'name>(
    kind: &str,
    name: &'name str,
    encoding: Encoding,
) -> Result<Scheme<'name>, NotAToken> {
    match kind {
        "pair" => Scheme::pair(name),
        "prefix" => Scheme::prefixed(name, encoding),
        _ => Scheme::sole(name, encoding),
    }
}

/// What a server does with a request that keeps the rules of its head.
pub(crate) fn decide<'head, C: Carrier>(
    request: &Request<'head, C>,
    config: &Config,
) -> Result<(Map<String, Value>, Response<'head, C>), Refusal> {
    let mut offers = request.offers();
    let mut credentials = Vec::new();
    for (kind, name, encoding) in &config.schemes {
        // A scheme that cannot be is the server's mistake.
        let scheme = as_scheme(kind, name, *encoding);
        let scheme = scheme.map_err(|_| Refusal::INTERNAL_SERVER_ERROR)?;
        credentials.push(offers.take(&scheme)?);
    }
    let texts: Vec<Option<String>> = credentials
        .iter()
        .map(|found| found.as_ref().map(text_of).transpose())
        .collect::<Result<_, _>>()?;
    let offered = credentials.into_iter().flatten().next();
    let credential = match request.authorization().map_err(|_| Refusal::UNAUTHORIZED)? {
        None => offered,
        Some(Authorization::Bearer(key) | Authorization::Token(key)) => Some(key),
        Some(_) => return Err(Refusal::UNAUTHORIZED),
    };
    if config.authentication && credential.is_none() {
        return Err(Refusal::UNAUTHORIZED);
    }
    let selected = config.select(&offers)?;
    let mut response = request.response().with_subprotocol(selected)?;
    if let Some(answer) = &config.answer {
        let answer = Extensions::parse(answer).expect("the server's own extensions");
        response = response.with_extensions(answer).expect("extensions that were offered");
    }
    let summary = json!({
        "path": request.path(),
        "query": request.query(),
        "host": request.host(),
        "subprotocol": selected.map(|name| name.as_str()),
        "credentials": texts,
        "credential": credential.as_ref().map(text_of).transpose()?,
        "extensions": extensions(request.extensions()),
    });
    let Value::Object(summary) = summary else { unreachable!() };
    Ok((summary, response))
}

/// A server that knows text alone refuses what is not.
fn text_of(credential: &Credential) -> Result<String, NotText> {
    credential.expose_str().map(str::to_owned)
}

pub(crate) fn read_request(case: &Case) -> Result<(), String> {
    let (input, config) = (case.input(), Config::read(&case.config));
    case.finish()?;
    every_way(input.len(), |lengths| {
        compare(
            &case.expect,
            &config.admitting(|admission| read(&input, lengths, admission, &config)),
        )
    })
}

/// Reads a request of which more and more is there.
fn read(
    bytes: &[u8],
    lengths: &mut dyn Iterator<Item = usize>,
    admission: Admission<'_>,
    config: &Config,
) -> Value {
    let mut reader = RequestReader::new(admission);
    for length in lengths {
        let mut input = &bytes[..length];
        match reader.read(&mut input) {
            Ok(None) => assert_eq!(input.len(), length, "an unfinished request was consumed"),
            Ok(Some(request)) => {
                return accept(&request, config, &bytes[length - input.len()..]);
            }
            Err(error) => {
                assert_eq!(input.len(), length, "a refused request was consumed");
                return refusal(&error.into());
            }
        }
    }
    json!({ "incomplete": { "consumed": 0 } })
}

fn accept(request: &Request<'_>, config: &Config, rest: &[u8]) -> Value {
    let (mut summary, response) = match decide(request, config) {
        Ok(decided) => decided,
        Err(refused) => return refusal(&refused),
    };
    let mut out = Vec::new();
    response.write(&mut out).expect("a vector has room");
    assert_needs_all_its_room(&response, out.len());
    summary.insert("rest".into(), text(rest).into());
    summary.insert("response".into(), text(&out).into());
    json!({ "accept": summary })
}

/// A response is written whole or not at all.
fn assert_needs_all_its_room(response: &Response<'_>, needed: usize) {
    let mut small = vec![0; needed - 1];
    let written = response.write(&mut &mut small[..]);
    assert_eq!(written, Err(BufferTooSmall { needed }));
    assert!(small.iter().all(|&byte| byte == 0), "something was written");
}
