//! What comes of bytes that are given to a reader piece after piece.

use patchcord::handshake::Url;
use patchcord::handshake::admission::Admission;
use patchcord::handshake::client::{Answer, Request, ResponseReader};
use patchcord::handshake::credential::vendor;
use patchcord::handshake::extension::Extensions;
use patchcord::handshake::server::{self, Refusal, RequestReader};
use patchcord::handshake::subprotocol::Offer;

/// What was read, and how many bytes were consumed for it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) outcome: Outcome,
    pub(crate) consumed: usize,
}

/// Each with what can be told about it, as text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Incomplete,
    Accepted(String),
    Refused(String),
}

/// Reads a request of which `lengths` bytes are there, time after time.
pub(crate) fn read_request(bytes: &[u8], lengths: &[usize]) -> Reading {
    let mut reader = RequestReader::new(Admission::any());
    for &length in lengths {
        let mut input = &bytes[..length];
        let read = reader.read(&mut input);
        let consumed = length - input.len();
        match read {
            Ok(None) => assert_eq!(consumed, 0, "an unfinished request was consumed"),
            Ok(Some(request)) => {
                return Reading { outcome: Outcome::Accepted(told(&request)), consumed };
            }
            Err(error) => {
                assert_eq!(consumed, 0, "a refused request was consumed");
                assert_is_a_response(&error.into());
                return Reading { outcome: Outcome::Refused(format!("{error:?}")), consumed };
            }
        }
    }
    Reading { outcome: Outcome::Incomplete, consumed: 0 }
}

/// What a server learns from a request, and answers.
fn told(request: &server::Request<'_>) -> String {
    let (host, path, query) = (request.host(), request.path(), request.query());
    let mut response = Vec::new();
    let mut offers = request.offers();
    let secret = match offers.take(&vendor::DEEPGRAM.scheme) {
        Ok(secret) => secret.map(|secret| secret.expose().to_vec()),
        Err(error) => {
            assert_is_a_response(&error.into());
            return format!("{host} {path} {query:?} {error:?}");
        }
    };
    let names: Vec<_> = offers.iter().map(|offer| offer.as_str()).collect();
    let selected = offers.find(|_| true);
    assert!(secret.is_none() || selected.map(|name| name.as_str().as_bytes()) != secret.as_deref());
    let answer = request.response().with_subprotocol(selected).expect("of this request");
    answer.write(&mut response).expect("room");
    let mut fields = [httparse::EMPTY_HEADER; 8];
    let mut parsed = httparse::Response::new(&mut fields);
    let interim = b"HTTP/1.1 100 Continue\r\n\r\n";
    let last = response.strip_prefix(interim).unwrap_or(&response);
    assert_eq!(parsed.parse(last), Ok(httparse::Status::Complete(last.len())));
    let response = String::from_utf8_lossy(&response);
    let authorization = request.authorization();
    let extensions = request.extensions().to_string();
    format!(
        "{host} {path} {query:?} {names:?} {secret:?} {authorization:?} {extensions} {response}"
    )
}

/// A refusal is a response that ends its connection.
fn assert_is_a_response(refusal: &Refusal) {
    let mut out = Vec::new();
    refusal.write(&mut out).expect("room");
    let mut fields = [httparse::EMPTY_HEADER; 8];
    let mut response = httparse::Response::new(&mut fields);
    assert_eq!(response.parse(&out), Ok(httparse::Status::Complete(out.len())));
    assert!((400..600).contains(&refusal.status()));
    let closes = |field: &httparse::Header<'_>| {
        field.name == "Connection" && field.value.split(|&b| b == b',').any(|v| v == b"close")
    };
    assert!(response.headers.iter().any(closes), "{}", refusal.status());
}

/// A reader of responses to a request that offers some things, with the nonce of section 1.2.
pub(crate) fn reader_of_responses() -> ResponseReader {
    let offer = Offer::optional().with_name("chat").and_then(|offer| offer.with_name("superchat"));
    let url = Url::parse("ws://server.example.com/chat").expect("a URL");
    let extensions = Extensions::parse("foo, bar").expect("extensions");
    let request =
        Request::new(url).with_offer(offer.expect("an offer")).with_extensions(extensions);
    let mut nonce = |bytes: &mut [u8]| bytes.copy_from_slice(b"the sample nonce");
    request.write(&mut nonce, &mut Vec::new()).expect("a request")
}

/// Reads a response of which `lengths` bytes are there, time after time.
pub(crate) fn read_response(bytes: &[u8], lengths: &[usize]) -> Reading {
    let mut reader = reader_of_responses();
    let mut interim = 0;
    for &length in lengths.iter().filter(|&&length| length > 0) {
        let mut input = &bytes[interim.min(length)..length];
        let read = reader.read(&mut input);
        let consumed = length - input.len();
        match read {
            Ok(None) => interim = consumed,
            Ok(Some(Answer::Accepted(open))) => {
                let (subprotocol, extensions) = (open.subprotocol(), open.extensions());
                let told = format!("{subprotocol:?} {extensions} {:?}", open.headers());
                return Reading { outcome: Outcome::Accepted(told), consumed };
            }
            Ok(Some(Answer::Refused(response))) => {
                assert!(input.is_empty(), "what was read of the body is consumed");
                let told = format!("{} {:?}", response.status(), response.headers());
                let consumed = consumed - response.body().len();
                return Reading { outcome: Outcome::Accepted(told), consumed };
            }
            Err(error) => {
                // How far interim responses were consumed before depends on the pieces.
                assert!(bytes[..consumed].is_empty() || bytes[..consumed].ends_with(b"\n"));
                return Reading { outcome: Outcome::Refused(format!("{error:?}")), consumed };
            }
        }
    }
    Reading { outcome: Outcome::Incomplete, consumed: interim }
}
