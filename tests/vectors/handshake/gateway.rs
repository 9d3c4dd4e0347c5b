//! A gateway between two carriers: every case reads a request of one, and is written to both.

use super::case::{Case, Object, bytes, pairs, text};
use super::client::url_error;
use super::outcome::{compare, fail, refusal};
use super::server::{as_scheme, scheme};
use patchcord::handshake::admission::Admission;
use patchcord::handshake::client::{Accepted, Answer, Request as Opening, WriteError};
use patchcord::handshake::credential::Encoding;
use patchcord::handshake::gateway::{
    forward_offer, forward_refusal, forward_request, forward_response,
};
use patchcord::handshake::server::{Carrier, Connect, Refusal, Request, RequestReader, Response};
use patchcord::handshake::subprotocol::Offers;
use patchcord::handshake::{Fields, Url};
use serde_json::{Value, json};

/// How the gateway is set up.
struct Config {
    url: String,
    credentials: Vec<String>,
    schemes: Vec<(&'static str, String, Encoding)>,
}

impl Config {
    fn read(object: &Object) -> Self {
        Self {
            url: object.text("url").expect("the upstream's URL"),
            credentials: object.texts("credentials"),
            schemes: object.objects("schemes").into_iter().map(scheme).collect(),
        }
    }

    /// What the client offers, without its credentials.
    fn offers<'head, C: Carrier>(
        &self,
        request: &Request<'head, C>,
    ) -> Result<Offers<'head>, &'static str> {
        let mut offers = request.offers();
        for (kind, name, encoding) in &self.schemes {
            let scheme = as_scheme(kind, name, *encoding).map_err(|_| "scheme")?;
            offers.take(&scheme).map_err(|_| "offers")?;
        }
        Ok(offers)
    }
}

/// The request of the client: of HTTP/1.1 in bytes, or an extended CONNECT in fields.
enum Given {
    Bytes(Vec<u8>),
    List(Vec<(String, Vec<u8>)>),
}

impl Given {
    fn read(case: &Case) -> Self {
        match case.given.text("input") {
            Some(input) => Self::Bytes(bytes(&input)),
            None => Self::List(case.fields()),
        }
    }
}

fn list(fields: &[(String, Vec<u8>)]) -> Vec<(&str, &[u8])> {
    fields.iter().map(|(name, value)| (name.as_str(), &value[..])).collect()
}

fn request(bytes: &[u8]) -> Request<'_> {
    let read = RequestReader::new(Admission::any()).read(&mut &*bytes);
    read.expect("a good request").expect("a whole request")
}

fn connect<'list>(list: &'list [(&'list str, &'list [u8])]) -> Request<'list, Connect> {
    RequestReader::new(Admission::any()).read_fields(list).expect("a good request")
}

fn nonce(bytes: &mut [u8]) {
    bytes.copy_from_slice(b"the sample nonce");
}

/// The request of the gateway, handed to `verb`; the kind of the failure if there is none.
fn forwarded_by<T, C: Carrier>(
    head: &Request<'_, C>,
    config: &Config,
    verb: impl FnOnce(&Opening) -> Result<T, WriteError>,
) -> Result<T, &'static str> {
    let base = Url::parse(&config.url).map_err(url_error)?;
    let url = base.with_resource(head.path(), head.query()).map_err(url_error)?;
    let offers = config.offers(head)?;
    let named: Vec<&str> = config.credentials.iter().map(String::as_str).collect();
    let forwarded = forward_request(head, url.as_url(), &named).map_err(|_| "not-text")?;
    let forwarded = forwarded.with_offer(forward_offer(&offers).map_err(|_| "offer")?);
    verb(&forwarded).map_err(|error| match error {
        WriteError::PlaintextCredential => "plaintext-credential",
        _ => "other",
    })
}

pub(crate) fn forward(case: &Case) -> Result<(), String> {
    let (given, config) = (Given::read(case), Config::read(&case.config));
    case.finish()?;
    let outcome = match &given {
        Given::Bytes(bytes) => forwarded(&request(bytes), &config),
        Given::List(fields) => forwarded(&connect(&list(fields)), &config),
    };
    compare(&case.expect, &outcome)
}

/// The request as both carriers have it; what is written is what a server takes.
fn forwarded<C: Carrier>(head: &Request<'_, C>, config: &Config) -> Value {
    let mut out = Vec::new();
    let written = forwarded_by(head, config, |opening| opening.write(&mut nonce, &mut out));
    let fields = forwarded_by(head, config, |opening| opening.to_fields());
    match (written, fields) {
        (Err(one), Err(other)) => {
            assert_eq!(one, other);
            fail(one)
        }
        (Ok(_), Ok((fields, _))) => {
            let again = request(&out);
            assert_eq!((again.path(), again.query()), (head.path(), head.query()));
            let owned: Vec<(String, Vec<u8>)> =
                fields.iter().map(|field| (field.name.into(), field.value.into())).collect();
            assert_eq!(connect(&list(&owned)).target(), again.target());
            json!({ "forward": { "request": text(&out), "fields": shown(&fields) } })
        }
        (written, _) => panic!("one of two carriers fails, and that of bytes says {written:?}"),
    }
}

fn shown(fields: &Fields) -> Value {
    fields.iter().map(|field| json!([field.name, field.value])).collect()
}

/// What the upstream answers: over HTTP/1.1 in bytes, or a status and fields.
struct Upstream {
    input: Option<Vec<u8>>,
    status: u16,
    fields: Vec<(String, Vec<u8>)>,
}

impl Upstream {
    fn read(case: &Case) -> Result<Self, String> {
        let object = Object::of(case.given.take("upstream").expect("an answer"));
        let fields = object.take("fields").map(|list| pairs(&list)).unwrap_or_default();
        let upstream = Self {
            input: object.text("input").map(|input| bytes(&input)),
            status: object.take("status").and_then(|status| status.as_u64()).unwrap_or(0) as u16,
            fields: fields.into_iter().map(|(name, value)| (name, bytes(&value))).collect(),
        };
        object.finish().map(|()| upstream)
    }

    /// Verifies the answer, and hands on what opens, or the refusal.
    fn verified<T, C: Carrier>(
        &self,
        head: &Request<'_, C>,
        config: &Config,
        then: impl FnOnce(Result<&Accepted<'_>, Refusal>) -> T,
    ) -> Result<T, &'static str> {
        let then = |answer: Result<Answer<'_>, _>| match answer {
            Ok(Answer::Accepted(open)) => then(Ok(&open)),
            Ok(Answer::Refused(response)) => then(Err(forward_refusal(&response))),
            Err(_) => then(Err(Refusal::BAD_GATEWAY)),
        };
        let fields = list(&self.fields);
        let Some(input) = &self.input else {
            let (_, reader) = forwarded_by(head, config, |opening| opening.to_fields())?;
            return Ok(then(reader.read_fields(self.status, &fields)));
        };
        let mut out = Vec::new();
        let mut reader = forwarded_by(head, config, |opening| opening.write(&mut nonce, &mut out))?;
        let answer = reader.read(&mut &input[..]);
        Ok(then(answer.map(|answer| answer.expect("a whole answer"))))
    }
}

/// What the gateway says, over the carrier of the client.
fn said<'head, C: Carrier>(
    head: &Request<'head, C>,
    config: &Config,
    open: Result<&Accepted<'_>, Refusal>,
    accept: impl FnOnce(Response<'head, C>) -> Value,
    refuse: impl FnOnce(&Refusal) -> Value,
) -> Value {
    let offers = config.offers(head).expect("good offers");
    match open.and_then(|open| forward_response(head, &offers, open)) {
        Ok(response) => accept(response),
        Err(refusal) => refuse(&refusal),
    }
}

pub(crate) fn answer(case: &Case) -> Result<(), String> {
    let (given, config) = (Given::read(case), Config::read(&case.config));
    let upstream = Upstream::read(case)?;
    case.finish()?;
    let outcome = match &given {
        Given::Bytes(bytes) => {
            let request = request(bytes);
            let accept = |response: Response<'_>| {
                let mut out = Vec::new();
                response.write(&mut out).expect("room");
                json!({ "accept": { "response": text(&out) } })
            };
            upstream.verified(&request, &config, |open| {
                said(&request, &config, open, accept, refusal)
            })?
        }
        Given::List(fields) => {
            let fields = list(fields);
            let request = connect(&fields);
            let accept = |response: Response<'_, Connect>| {
                let (status, fields) = response.to_fields();
                json!({ "accept": { "status": status, "fields": shown(&fields) } })
            };
            let refuse = |refusal: &Refusal| {
                let (status, fields) = refusal.to_fields();
                let headers =
                    fields.iter().map(|field| (field.name.to_owned(), field.value.into()));
                let headers: serde_json::Map<_, Value> = headers.collect();
                json!({ "refuse": { "status": status, "headers": headers } })
            };
            upstream
                .verified(&request, &config, |open| said(&request, &config, open, accept, refuse))?
        }
    };
    assert_tells_only_how_to_do_better(&outcome);
    compare(&case.expect, &outcome)
}

/// What a refusal of the upstream has besides is not for the client: cookies, and the fields of a
/// body that is not passed on.
fn assert_tells_only_how_to_do_better(outcome: &Value) {
    const OWN: [&str; 3] = ["connection", "content-length", "upgrade"];
    const PASSED: [&str; 4] = ["www-authenticate", "location", "retry-after", "allow"];
    let headers = outcome["refuse"]["headers"].as_object();
    for name in headers.into_iter().flat_map(|headers| headers.keys()) {
        assert!(OWN.contains(&name.as_str()) || PASSED.contains(&name.as_str()), "{name}");
    }
}
