//! The types of the opening handshake, with a secret wherever one can stand.

use super::{Rows, SECRET, entropy};
use patchcord::handshake::admission::Admission;
use patchcord::handshake::client::{
    Answer, Redirect, RedirectError, Request, ResponseReader, proxy,
};
use patchcord::handshake::credential::vendor::{self, Vendor};
use patchcord::handshake::credential::{Credential, Scheme};
use patchcord::handshake::extension::Extensions;
use patchcord::handshake::gateway::{ForwardError, forward_refusal, forward_request};
use patchcord::handshake::server::{Connect, Refusal, Request as Asked, RequestReader};
use patchcord::handshake::subprotocol::Offer;
use patchcord::handshake::{Url, UrlBuf};

const PAIR: Scheme<'_> = vendor::DEEPGRAM.scheme;
const HEADERS: [(&str, &str); 3] =
    [("Authorization", "Bearer S3CRetMark"), ("Cookie", "a=S3CRetMark"), ("X-Key", "S3CRetMark")];

fn request() -> Request {
    let offer = Offer::required().with_credential(&PAIR, SECRET).unwrap();
    let url = Url::parse("wss://a/path?key=S3CRetMark").unwrap();
    Request::new(url)
        .with_offer(offer)
        .with_headers(&HEADERS)
        .unwrap()
        .with_secret_header("api-key", SECRET)
        .unwrap()
}

/// The response that selects the entry with the secret, and the request that it answers; the key is
/// the secret, again and again.
fn exchange() -> (Vec<u8>, ResponseReader) {
    let mut head = Vec::new();
    let reader = request().write(&mut entropy, &mut head).unwrap();
    (head, reader)
}

pub(super) fn clients(rows: &mut Rows) {
    rows.hides("handshake/client/request.rs Request", &request());
    let url = Url::parse("ws://a/?k=S3CRetMark").unwrap();
    rows.hides("handshake/url/mod.rs Url", &url);
    assert!(!url.redacted().to_string().contains(SECRET));
    rows.hides("handshake/url/buf.rs UrlBuf", &UrlBuf::from(url));
    let redirect = Redirect::resolve(url, "//b/?k=S3CRetMark").unwrap();
    rows.hides("handshake/client/redirect.rs Redirect", &redirect);
    rows.is_an_error("handshake/client/redirect.rs RedirectError", RedirectError::Downgrade);
    proxies(rows);
    gateways(rows);
    rows.hides(
        "handshake/subprotocol/offer.rs Offer",
        &Offer::optional().with_credential(&PAIR, SECRET),
    );
    let (fields, reader) = request().to_fields().unwrap();
    rows.hides("handshake/field.rs Fields", &fields);
    fields.iter().for_each(|field| rows.hides("handshake/field.rs Field", &field));
    rows.hides("handshake/client/reader.rs ConnectReader", &reader);
    let value = format!("{SECRET}\r\n");
    for bad in [("X-A", &*value), ("X A", SECRET), ("Host", SECRET), (&*value, "")] {
        let error = request().with_headers(&[bad]).unwrap_err();
        rows.hides_all("handshake/field.rs FieldError", &error);
    }
    let (head, reader) = exchange();
    rows.hides("handshake/client/reader.rs ResponseReader", &reader);
    let proof = proof(&head);
    assert!(!format!("{reader:?}").contains(&list(&proof)), "the proof is shown");
    let more = format!("Sec-WebSocket-Protocol: {SECRET}\r\nX-Key: {SECRET}\r\n");
    let open = format!(
        "HTTP/1.1 101 a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {proof}\r\n{more}\r\n"
    );
    let answer = reader.clone().read(&mut open.as_bytes()).unwrap().unwrap();
    rows.hides("handshake/client/answer.rs Answer", &answer);
    let Answer::Accepted(open) = answer else { panic!("not open") };
    assert_eq!(open.subprotocol(), Some(SECRET));
    rows.hides("handshake/client/answer.rs Accepted", &open);
    let refused = format!("HTTP/1.1 401 {SECRET}\r\n{more}\r\n{SECRET}");
    let answer = reader.clone().read(&mut refused.as_bytes()).unwrap().unwrap();
    rows.hides("handshake/client/answer.rs Answer", &answer);
    let Answer::Refused(response) = answer else { panic!("not refused") };
    rows.hides("handshake/client/answer.rs Response", &response);
}

fn proxies(rows: &mut Rows) {
    rows.is_an_error("handshake/client/proxy.rs TunnelError", proxy::TunnelError::User);
    let url = Url::parse("ws://a/S3CRetMark?k=S3CRetMark").unwrap();
    let headers = [("X-Key", SECRET)];
    let request = proxy::TunnelRequest::new(url).with_headers(&headers);
    let basic = request.clone().with_basic(SECRET.as_bytes(), SECRET.as_bytes()).unwrap();
    let other = request.with_authorization(&format!("Bearer {SECRET}"));
    for request in [&basic, &other] {
        rows.hides("handshake/client/proxy.rs TunnelRequest", request);
    }
    let reader = basic.write(&mut Vec::new()).unwrap();
    rows.hides("handshake/client/proxy.rs TunnelReader", &reader);
    for status in [200, 407] {
        let challenge = format!("Proxy-Authenticate: Basic realm={SECRET}\r\n\r\n{SECRET}");
        let head = format!("HTTP/1.1 {status} {SECRET}\r\n{challenge}");
        let answer = reader.clone().read(&mut head.as_bytes()).unwrap().unwrap();
        rows.hides("handshake/client/proxy.rs TunnelAnswer", &answer);
        let proxy::TunnelAnswer::Refused(response) = answer else { continue };
        let challenge = response.challenges().next().unwrap();
        assert_eq!(challenge.parameter("realm").as_deref(), Some(SECRET));
        rows.hides("handshake/client/challenge.rs Challenge", &challenge);
    }
}

fn gateways(rows: &mut Rows) {
    rows.is_an_error("handshake/gateway.rs ForwardError", ForwardError::NotText);
    let (head, reader) = exchange();
    let asked = RequestReader::new(Admission::any()).read(&mut &head[..]).unwrap().unwrap();
    let url = Url::parse("wss://a/?k=S3CRetMark").unwrap();
    let forwarded = forward_request(&asked, url, &["Authorization", "Cookie", "api-key"]).unwrap();
    rows.hides("handshake/client/request.rs Request", &forwarded);
    let head = format!("HTTP/1.1 302 a\r\nLocation: /{SECRET}\r\n\r\n");
    let answer = reader.clone().read(&mut head.as_bytes()).unwrap().unwrap();
    let Answer::Refused(response) = answer else { panic!("not refused") };
    rows.hides("handshake/server/refusal.rs Refusal", &forward_refusal(&response));
}

/// The value of `Sec-WebSocket-Accept`, as a server writes it.
fn proof(head: &[u8]) -> String {
    let request = RequestReader::new(Admission::any()).read(&mut &head[..]).unwrap().unwrap();
    let mut out = Vec::new();
    request.response().write(&mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    text.split("Accept: ").nth(1).unwrap()[..28].to_owned()
}

/// Bytes as `Debug` shows them.
fn list(text: &str) -> String {
    format!("{:?}", text.as_bytes())
}

pub(super) fn servers(rows: &mut Rows) {
    let (head, _) = exchange();
    let mut reader = RequestReader::new(Admission::any());
    let request = reader.read(&mut &head[..]).unwrap().unwrap();
    rows.hides("handshake/server/reader.rs RequestReader", &reader);
    rows.hides("handshake/server/request.rs Request", &request);
    let key = request.headers().get("Sec-WebSocket-Key").unwrap();
    assert!(!format!("{request:?}").contains(&list(key)), "the key is shown");
    rows.hides("handshake/head.rs Headers", &request.headers());
    let authorization = request.authorization().unwrap().unwrap();
    rows.hides("handshake/credential/authorization.rs Authorization", &authorization);
    for scheme in [Some(PAIR), None] {
        let mut offers = request.offers();
        scheme.map(|scheme| offers.take(&scheme).unwrap().unwrap());
        rows.hides("handshake/subprotocol/offers.rs Offers", &offers);
        for offer in offers.iter() {
            rows.hides("handshake/subprotocol/offers.rs Subprotocol", &offer);
            let response = request.response().with_subprotocol(offer).unwrap();
            let response = response.with_headers(&[("Set-Cookie", SECRET)]).unwrap();
            rows.hides("handshake/server/response.rs Response", &response);
        }
    }
    rows.hides("handshake/credential/taken.rs Credential", &Credential::new(SECRET));
    let refusal =
        Refusal::FORBIDDEN.with_headers(&[("Set-Cookie", SECRET)]).unwrap().with_body(SECRET);
    rows.hides_all("handshake/server/refusal.rs Refusal", &refusal);
    let fields: [(&str, &[u8]); 7] = [
        (":method", b"CONNECT"),
        (":protocol", b"websocket"),
        (":scheme", b"https"),
        (":path", b"/?key=S3CRetMark"),
        (":authority", b"a"),
        ("sec-websocket-version", b"13"),
        ("sec-websocket-protocol", b"token, S3CRetMark"),
    ];
    let connect = reader.read_fields(&fields).unwrap();
    rows.hides("handshake/server/request.rs Request", &connect);
    let foreign = connect.response().with_subprotocol(request.offers().iter().next()).unwrap_err();
    rows.hides_all("handshake/server/response.rs ForeignSubprotocol", &foreign);
    let extensions = Extensions::parse("a").unwrap();
    let not_offered = connect.response().with_extensions(extensions).unwrap_err();
    rows.is_plain("handshake/extension/mod.rs NotOffered", not_offered);
    forms(rows, &request, &connect);
}

/// The form of a request, which holds the key of an upgrade.
fn forms(rows: &mut Rows, upgrade: &Asked<'_>, connect: &Asked<'_, Connect>) {
    // They are a part of the response, which is generic.
    let shown = format!("{:?} {:?}", upgrade.response(), connect.response());
    rows.hides("handshake/server/carrier.rs Upgrade", &shown);
    rows.hides("handshake/server/carrier.rs Connect", &shown);
}

/// The `http` crate's types hold what they were given; ours, which borrow them, do not show it.
#[cfg(feature = "http")]
pub(super) fn borrowed_types(rows: &mut Rows) {
    use patchcord::handshake::{HttpRequest, HttpResponse};
    let mut request = http::Request::get("/?key=S3CRetMark").body(SECRET).unwrap();
    request.headers_mut().insert("x-key", SECRET.parse().unwrap());
    rows.hides("handshake/carriers/http_types.rs HttpRequest", &HttpRequest::from(&request));
    let mut response = http::Response::new(SECRET);
    response.headers_mut().insert("x-key", SECRET.parse().unwrap());
    rows.hides("handshake/carriers/http_types.rs HttpResponse", &HttpResponse::from(&response));
}

/// What is agreed on in the open: the names of schemes, origins and extensions are no secrets, and
/// are shown, so that who looks at a failed negotiation sees it.
pub(super) fn lists(rows: &mut Rows) {
    let scheme = Scheme::pair(SECRET).unwrap();
    rows.is_to_be_read("handshake/credential/scheme.rs Scheme", &scheme);
    let vendor = Vendor { scheme, name: None };
    rows.is_to_be_read("handshake/credential/vendor.rs Vendor", &vendor);
    let origins = ["https://S3CRetMark.example"];
    let policy = Admission::origins(&origins).unwrap();
    rows.is_to_be_read("handshake/admission/mod.rs Admission", &policy);
    let extensions = Extensions::parse("S3CRetMark; S3CRetMark=S3CRetMark").unwrap();
    rows.is_to_be_read("handshake/extension/mod.rs Extensions", &extensions);
    let extension = extensions.iter().next().unwrap();
    rows.is_to_be_read("handshake/extension/mod.rs Extension", &extension);
    let parameter = extension.parameters().next().unwrap();
    rows.is_to_be_read("handshake/extension/mod.rs Parameter", &parameter);
    rows.is_to_be_read("handshake/extension/mod.rs Value", &parameter.value().unwrap());
}
