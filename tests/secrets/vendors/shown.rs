//! Everything that a handshake with a credential can print.

use patchcord::handshake::admission::Admission;
use patchcord::handshake::client::{Answer, Request, ResponseReader};
use patchcord::handshake::credential::vendor::Vendor;
use patchcord::handshake::credential::{Credential, Scheme};
use patchcord::handshake::server::{self, Refusal, RequestReader};
use patchcord::handshake::subprotocol::Offer;
use patchcord::handshake::{Url, UrlBuf};
use std::error::Error;
use std::fmt::Debug;

type Shown = Vec<(&'static str, String)>;

/// Asserts that a text has the secret neither as it is nor as the numbers of its bytes.
pub(crate) fn assert_hidden(name: &str, what: &str, text: &str, secret: &str) {
    let numbers = format!("{:?}", secret.as_bytes());
    let numbers = numbers.trim_matches(['[', ']']);
    assert!(!text.contains(secret), "{name}: {what} shows the secret: {text}");
    assert!(!text.contains(numbers), "{name}: {what} shows the secret in numbers: {text}");
}

/// The `Debug` and `Display` of every type that a credential can be in.
pub(crate) fn everything_shown(vendor: &Vendor, secret: &str) -> Shown {
    let mut shown = Shown::new();
    debug(&mut shown, "Vendor", vendor);
    debug(&mut shown, "Credential", &Credential::new(secret));
    let query = format!("wss://api.example.com/v1/listen?key={}", escaped(secret));
    let url = Url::parse(&query).expect("a URL");
    debug(&mut shown, "Url", &url);
    shown.push(("Url, redacted", url.redacted().to_string()));
    debug(&mut shown, "UrlBuf", &UrlBuf::from(url));
    let authorization = [("Authorization", secret), ("X-Key", secret)];
    let offer = vendor.offer(secret).expect("an offer");
    debug(&mut shown, "Offer", &offer);
    let request =
        Request::new(url).with_offer(offer).with_headers(&authorization).expect("headers");
    let request = request.with_secret_header("api-key", secret).expect("a header");
    debug(&mut shown, "client::Request", &request);
    connect_shown(&mut shown, &request, vendor);
    #[cfg(feature = "http")]
    http_shown(&mut shown, &request, vendor);
    let mut bytes = Vec::new();
    let mut nonce = |bytes: &mut [u8]| bytes.fill(7);
    let reader = request.write(&mut nonce, &mut bytes).expect("a request");
    debug(&mut shown, "ResponseReader", &reader);
    server_shown(&mut shown, &bytes, vendor, reader);
    errors_shown(&mut shown, vendor, secret, &bytes);
    shown
}

fn debug(shown: &mut Shown, what: &'static str, value: &impl Debug) {
    shown.push((what, format!("{value:?} {value:#?}")));
}

/// The `Debug` and `Display` of an error and of what caused it.
fn error(shown: &mut Shown, what: &'static str, error: &(impl Error + 'static)) {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = next {
        shown.push((what, format!("{error} {error:?} {error:#?}")));
        next = error.source();
    }
}

/// The secret as a query has it.
fn escaped(secret: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
    secret.chars().map(|c| if plain(c) { c } else { '_' }).collect()
}

fn offers_shown(shown: &mut Shown, request: &server::Request<'_>, scheme: Option<&Scheme<'_>>) {
    let mut offers = request.offers();
    let key = scheme.map(|scheme| offers.take(scheme).expect("a credential"));
    debug(shown, "Credential of the offers", &key);
    debug(shown, "Offers", &offers);
    for offer in offers.iter().chain(offers.select(&[]).ok().flatten()) {
        debug(shown, "Subprotocol", &offer);
        let response = request.response().with_subprotocol(offer).expect("of this request");
        debug(shown, "server::Response", &response);
    }
}

fn server_shown(shown: &mut Shown, bytes: &[u8], vendor: &Vendor, mut client: ResponseReader) {
    let mut reader = RequestReader::new(Admission::any());
    let request = reader.read(&mut &bytes[..]).expect("a good request").expect("a whole request");
    debug(shown, "RequestReader", &reader);
    debug(shown, "server::Request", &request);
    debug(shown, "Authorization", &request.authorization());
    debug(shown, "Headers", &request.headers());
    debug(shown, "Extensions", &request.extensions());
    // With the scheme, and by a server that does not know it.
    offers_shown(shown, &request, Some(&vendor.scheme));
    offers_shown(shown, &request, None);
    // A server that sends the entry with the secret back, or all of the request's fields.
    let mut response = Vec::new();
    let answer = request.response().with_subprotocol(request.offers().iter().last());
    answer.expect("of this request").write(&mut response).expect("room");
    let mut refused = b"HTTP/1.1 401 Unauthorized\r\n".to_vec();
    refused.extend_from_slice(bytes.splitn(2, |&byte| byte == b'\n').last().unwrap_or_default());
    refused.extend_from_slice(bytes);
    let again = client.clone().read(&mut &refused[..]).expect("a response");
    let Some(Answer::Refused(refusal)) = again else { panic!("not refused") };
    debug(shown, "Answer that refuses", &again);
    debug(shown, "Response", &refusal);
    let answer = client.read(&mut &response[..]).expect("a response");
    let Some(Answer::Accepted(open)) = answer else { panic!("not open") };
    debug(shown, "Answer", &answer);
    debug(shown, "Open", &open);
    debug(shown, "Headers of a response", &open.headers());
}

fn connect_shown(shown: &mut Shown, request: &Request, vendor: &Vendor) {
    let (fields, reader) = request.to_fields().expect("fields");
    debug(shown, "Fields", &fields);
    debug(shown, "ConnectReader", &reader);
    for field in fields.iter() {
        debug(shown, "Field", &field);
    }
    let list: Vec<(&str, &[u8])> = fields.iter().map(|f| (f.name, f.value.as_bytes())).collect();
    let server = RequestReader::new(Admission::any());
    let request = server.read_fields(&list).expect("good");
    debug(shown, "server::Request of a CONNECT", &request);
    let mut offers = request.offers();
    offers.take(&vendor.scheme).expect("a credential").expect("a credential");
    let selected = offers.iter().next().or(offers.select(&[]).ok().flatten());
    let (_, fields) =
        request.response().with_subprotocol(selected).expect("of this request").to_fields();
    debug(shown, "Fields of a response", &fields);
}

#[cfg(feature = "http")]
fn http_shown(shown: &mut Shown, request: &Request, vendor: &Vendor) {
    use patchcord::handshake::{HttpRequest, HttpResponse};
    let mut nonce = |bytes: &mut [u8]| bytes.fill(7);
    let (connect, reader) = request.to_http_connect::<()>().expect("a request");
    debug(shown, "http: headers of an extended CONNECT", &without_own(connect.headers()));
    debug(shown, "http: ConnectReader", &reader);
    let (request, reader) = request.to_http::<()>(&mut nonce).expect("a request");
    debug(shown, "http: headers of a request", &without_own(request.headers()));
    debug(shown, "http: HttpRequest", &HttpRequest::from(&request));
    debug(shown, "http: ResponseReader", &reader);
    let server = RequestReader::new(Admission::any());
    let seen = server.read_http(&request).expect("good");
    debug(shown, "http: server::Request", &seen);
    let mut offers = seen.offers();
    offers.take(&vendor.scheme).expect("a credential").expect("a credential");
    let selected = offers.iter().next().or(offers.select(&[]).ok().flatten());
    let response =
        seen.response().with_subprotocol(selected).expect("of this request").to_http::<()>();
    debug(shown, "http: response", &response);
    debug(shown, "http: HttpResponse", &HttpResponse::from(&response));
    debug(shown, "http: Answer", &reader.read_http(&response));
}

/// Without a field of the user's own making, which is the user's to mark as sensitive.
#[cfg(feature = "http")]
fn without_own(headers: &http::HeaderMap) -> http::HeaderMap {
    let mut headers = headers.clone();
    headers.remove("x-key");
    headers
}

fn errors_shown(shown: &mut Shown, vendor: &Vendor, secret: &str, bytes: &[u8]) {
    let twice =
        vendor.offer(secret).and_then(|offer| offer.with_credential(&vendor.scheme, secret));
    error(shown, "OfferError", &twice.expect_err("the secret twice"));
    let fragment = format!("wss://{}#{}", escaped(secret), escaped(secret));
    error(shown, "UrlError", &Url::parse(&fragment).expect_err("a fragment"));
    let plain = Url::parse("ws://example.com/").expect("a URL");
    let mut none = |_: &mut [u8]| {};
    let offer = vendor.offer(secret).expect("an offer");
    let written = Request::new(plain).with_offer(offer).write(&mut none, &mut Vec::new());
    error(shown, "WriteError", &written.expect_err("unencrypted"));
    let value = [secret, "\n"].concat();
    for bad in [("X-Key", &*value), ("X Key", secret), ("Host", secret), (&value, "")] {
        let refused = Request::new(plain).with_headers(&[bad]).expect_err("a bad header");
        error(shown, "FieldError", &refused);
    }
    // The same request with the offers twice, and without a key.
    let text = String::from_utf8(bytes.to_vec()).expect("a request in ASCII");
    let line = text.lines().find(|line| line.starts_with("Sec-WebSocket-Protocol")).expect("it");
    for bad in [format!("{line}\r\n{line}"), line.replace(": ", ": /, "), format!("X{line}\0")] {
        let bytes = text.replace(line, &bad);
        let refused = RequestReader::new(Admission::any()).read(&mut bytes.as_bytes());
        let refused = refused.expect_err("a bad request");
        error(shown, "RequestError", &refused);
        error(shown, "Refusal", &Refusal::from(refused));
    }
    let mut nonce = |bytes: &mut [u8]| bytes.fill(7);
    let reader =
        Request::new(plain).with_offer(Offer::optional()).write(&mut nonce, &mut Vec::new());
    let response = text.replacen("GET", "HTTP/1.1 101", 1);
    let failed = reader.expect("a request").read(&mut response.as_bytes()).map(|_| ());
    if let Err(failed) = failed {
        error(shown, "ResponseError", &failed);
    }
    let marker = vendor.selected().unwrap_or("xai-client-secret.");
    let alone = text.replace(line, &format!("Sec-WebSocket-Protocol: {marker}, {marker}.a"));
    let seen = RequestReader::new(Admission::any()).read(&mut alone.as_bytes()).map(|seen| {
        let seen = seen.expect("a whole request");
        seen.offers().take(&vendor.scheme)
    });
    debug(shown, "CredentialError", &seen);
}
