//! The types of the opening handshake, with a secret wherever one can stand.

use super::{Rows, SECRET, entropy};
use patchcord::handshake::admission::Admission;
use patchcord::handshake::client::{
    Answer, Redirect, RedirectError, Request, ResponseReader, proxy,
};
use patchcord::handshake::credential::vendor::Vendor;
use patchcord::handshake::credential::{Credential, Scheme};
use patchcord::handshake::extension::Extensions;
use patchcord::handshake::gateway::{NotText, Onward, Refused};
use patchcord::handshake::server::{Agreement, Refusal, RequestReader};
use patchcord::handshake::subprotocol::Offer;
use patchcord::handshake::{Url, UrlBuf, extended_connect};

const PAIR: Scheme<'_> = Scheme::Pair { marker: "token" };
const HEADERS: [(&str, &str); 3] =
    [("Authorization", "Bearer S3CRetMark"), ("Cookie", "a=S3CRetMark"), ("X-Key", "S3CRetMark")];

fn request() -> Request<'static> {
    let offer = Offer::required().credential(PAIR, SECRET).unwrap();
    let url = Url::parse("wss://a/path?key=S3CRetMark").unwrap();
    Request::new(url).offer(offer).headers(&HEADERS)
}

/// The response that selects the entry with the secret, and the request that it answers; the key is
/// the secret, again and again.
fn exchange() -> (Vec<u8>, ResponseReader) {
    let mut head = Vec::new();
    let reader = request().write(&mut entropy, &mut head).unwrap();
    (head, reader)
}

pub(super) fn clients(rows: &mut Rows) {
    proxies(rows);
    gateways(rows);
    rows.hides("handshake/client/request.rs Request", &request());
    let url = Url::parse("ws://a/?k=S3CRetMark").unwrap();
    rows.hides("handshake/url/mod.rs Url", &url);
    assert!(!url.redacted().to_string().contains(SECRET));
    rows.hides("handshake/url/buf.rs UrlBuf", &UrlBuf::from(url));
    let redirect = Redirect::resolve(url, "//b/?k=S3CRetMark").unwrap();
    rows.hides("handshake/client/redirect.rs Redirect", &redirect);
    rows.is_plain("handshake/client/redirect.rs RedirectError", RedirectError::Downgrade);
    rows.hides("handshake/subprotocol/offer.rs Offer", &Offer::optional().credential(PAIR, SECRET));
    let (fields, verifier) = request().extended_connect().unwrap();
    rows.hides("handshake/extended_connect.rs Fields", &fields);
    rows.hides("handshake/extended_connect.rs Verifier", &verifier);
    let (head, reader) = exchange();
    rows.hides("handshake/client/response.rs ResponseReader", &reader);
    let proof = proof(&head);
    assert!(!format!("{reader:?}").contains(&list(&proof)), "the proof is shown");
    let more = format!("Sec-WebSocket-Protocol: {SECRET}\r\nX-Key: {SECRET}\r\n");
    let open = format!(
        "HTTP/1.1 101 a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {proof}\r\n{more}\r\n"
    );
    let answer = reader.clone().read(&mut open.as_bytes()).unwrap().unwrap();
    rows.hides("handshake/client/answer.rs Answer", &answer);
    let Answer::Open(open) = answer else { panic!("not open") };
    assert_eq!(open.subprotocol(), Some(SECRET));
    rows.hides("handshake/client/answer.rs Open", &open);
    let refused = format!("HTTP/1.1 401 {SECRET}\r\n{more}\r\n{SECRET}");
    let answer = reader.clone().read(&mut refused.as_bytes()).unwrap().unwrap();
    rows.hides("handshake/client/answer.rs Answer", &answer);
    let Answer::Refused(response) = answer else { panic!("not refused") };
    rows.hides("handshake/client/answer.rs Response", &response);
}

fn proxies(rows: &mut Rows) {
    rows.is_plain("handshake/client/proxy.rs WriteError", proxy::WriteError::User);
    let url = Url::parse("ws://a/S3CRetMark?k=S3CRetMark").unwrap();
    let headers = [("X-Key", SECRET)];
    let request = proxy::Request::new(url).headers(&headers);
    let basic = request.clone().basic(SECRET.as_bytes(), SECRET.as_bytes()).unwrap();
    let other = request.authorization(&format!("Bearer {SECRET}"));
    for request in [&basic, &other] {
        rows.hides("handshake/client/proxy.rs Request", request);
    }
    let reader = basic.write(&mut Vec::new()).unwrap();
    rows.hides("handshake/client/proxy.rs ResponseReader", &reader);
    for status in [200, 407] {
        let challenge = format!("Proxy-Authenticate: Basic realm={SECRET}\r\n\r\n{SECRET}");
        let head = format!("HTTP/1.1 {status} {SECRET}\r\n{challenge}");
        let answer = reader.clone().read(&mut head.as_bytes()).unwrap().unwrap();
        rows.hides("handshake/client/proxy.rs Answer", &answer);
        let proxy::Answer::Refused(response) = answer else { continue };
        let challenge = response.challenges().next().unwrap();
        assert_eq!(challenge.parameter("realm").as_deref(), Some(SECRET));
        rows.hides("handshake/client/challenge.rs Challenge", &challenge);
    }
}

fn gateways(rows: &mut Rows) {
    rows.is_plain("handshake/gateway.rs NotText", NotText);
    let (head, _) = exchange();
    let request = RequestReader::new(Admission::any()).read(&mut &head[..]).unwrap().unwrap();
    let url = Url::parse("wss://a/?k=S3CRetMark").unwrap();
    let onward = Onward::new(&request, url, &["Authorization", "Cookie"]).unwrap();
    let offer = Offer::required().credential(PAIR, SECRET).unwrap();
    let onward = onward.header("X-Key", SECRET).offer(offer);
    rows.hides("handshake/gateway.rs Onward", &onward);
    let fields: [(&str, &[u8]); 1] = [("location", b"/S3CRetMark")];
    rows.hides("handshake/gateway.rs Refused", &Refused::of_list(302, &fields));
}

/// The value of `Sec-WebSocket-Accept`, as a server writes it.
fn proof(head: &[u8]) -> String {
    let request = RequestReader::new(Admission::any()).read(&mut &head[..]).unwrap().unwrap();
    let mut out = Vec::new();
    request.accept(None, &mut out).unwrap();
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
    rows.hides("handshake/server/request.rs RequestReader", &reader);
    rows.hides("handshake/server/request.rs Request", &request);
    let key = request.headers().get("Sec-WebSocket-Key").unwrap();
    assert!(!format!("{request:?}").contains(&list(key)), "the key is shown");
    rows.hides("handshake/server/head.rs RequestHead", &*request);
    rows.hides("handshake/head.rs Headers", &request.headers());
    for schemes in [&[PAIR][..], &[]] {
        let offers = request.subprotocols(schemes).unwrap();
        rows.hides("handshake/subprotocol/offers.rs Offers", &offers);
        for offer in offers.iter() {
            rows.hides("handshake/subprotocol/offers.rs Subprotocol", &offer);
            let agreed = Agreement::from(Some(offer));
            rows.hides("handshake/server/agreement.rs Agreement", &agreed);
        }
    }
    rows.hides("handshake/credential/mod.rs Credential", &Credential::new(SECRET.into()));
    let headers = [("Set-Cookie", SECRET)];
    let refusal = Refusal::FORBIDDEN.headers(&headers).body(SECRET);
    rows.hides("handshake/server/refusal.rs Refusal", &refusal);
    let fields: [(&str, &[u8]); 7] = [
        (":method", b"CONNECT"),
        (":protocol", b"websocket"),
        (":scheme", b"https"),
        (":path", b"/?key=S3CRetMark"),
        (":authority", b"a"),
        ("sec-websocket-version", b"13"),
        ("sec-websocket-protocol", b"token, S3CRetMark"),
    ];
    let connect = extended_connect::Request::check(&fields, &Admission::any()).unwrap();
    rows.hides("handshake/extended_connect.rs Request", &connect);
}

/// What is agreed on in the open: the names of schemes, origins and extensions are no secrets, and
/// are shown, so that who looks at a failed negotiation sees it.
pub(super) fn lists(rows: &mut Rows) {
    let scheme = Scheme::Pair { marker: SECRET };
    rows.is_to_be_read("handshake/credential/mod.rs Scheme", &scheme);
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
