//! Extended CONNECT with the types of the `http` crate, between a client and a server of ours.
#![cfg(feature = "http")]

use patchcord::handshake::Url;
use patchcord::handshake::admission::Admission;
use patchcord::handshake::client::{Answer, ConnectReader, Request, ResponseError};
use patchcord::handshake::server::{Refusal, RequestError, RequestReader};
use patchcord::handshake::subprotocol::Offer;

fn request() -> (http::Request<()>, ConnectReader) {
    let offer = Offer::required().with_name("chat").and_then(|offer| offer.with_name("superchat"));
    let url = Url::parse("wss://example.com/chat?room=1").unwrap();
    Request::new(url).with_offer(offer.unwrap()).to_http_connect().unwrap()
}

fn server() -> RequestReader<'static> {
    RequestReader::new(Admission::any())
}

#[test]
fn what_a_server_selects_opens_and_what_it_makes_up_does_not() {
    let (request, reader) = request();
    let seen = server().read_http_connect(&request, Some("websocket")).unwrap();
    assert_eq!((seen.path(), seen.query(), seen.host()), ("/chat", Some("room=1"), "example.com"));
    let selected = seen.offers().select(&["superchat"]).unwrap();
    let response: http::Response<()> =
        seen.response().with_subprotocol(selected).unwrap().to_http();
    assert_eq!(response.status(), 200);
    // RFC 8441 section 5: neither an upgrade nor a proof of one.
    assert_eq!(response.headers().keys().collect::<Vec<_>>(), ["sec-websocket-protocol"]);
    let Ok(Answer::Accepted(open)) = reader.read_http(&response) else { panic!("not open") };
    assert_eq!(open.subprotocol(), Some("superchat"));

    let other = http::Response::builder().header("sec-websocket-protocol", "other").body(());
    let failed = reader.read_http(&other.unwrap()).unwrap_err();
    assert!(matches!(failed, ResponseError::Subprotocol(_)));
}

#[test]
fn another_protocol_and_another_method_are_refused() {
    let (mut request, reader) = request();
    for (protocol, status) in [(None, 501), (Some("connect-udp"), 501)] {
        let error = server().read_http_connect(&request, protocol).unwrap_err();
        assert_eq!(error, RequestError::Protocol);
        let response: http::Response<String> = Refusal::from(error).to_http();
        assert_eq!(response.status(), status);
        let Ok(Answer::Refused(refused)) = reader.read_http(&response) else { panic!("open") };
        assert_eq!(refused.status(), status);
    }
    *request.method_mut() = http::Method::GET;
    let seen = server().read_http_connect(&request, Some("websocket"));
    assert_eq!(seen.unwrap_err(), RequestError::ConnectMethod);
}

/// RFC 9113 section 8.2.2: what belongs to a connection has no place in HTTP/2, whose libraries
/// refuse to send it.
#[test]
fn no_refusal_of_an_extended_connect_has_a_field_of_a_connection() {
    let (mut request, _) = request();
    let names = ["connection", "upgrade", "keep-alive", "transfer-encoding"];
    let refuse = |refusal: Refusal| {
        let response: http::Response<String> = refusal.to_http();
        assert!(names.iter().all(|name| !response.headers().contains_key(*name)));
        response
    };
    let refusal =
        Refusal::UNAVAILABLE.with_headers(&[("Retry-After", "3")]).unwrap().with_body("later");
    let response = refuse(refusal);
    assert_eq!((response.status().as_u16(), &**response.body()), (503, "later"));
    assert_eq!(response.headers()["retry-after"], "3");
    request.headers_mut().insert("sec-websocket-version", "8".parse().unwrap());
    let error = server().read_http_connect(&request, Some("websocket")).unwrap_err();
    let response = refuse(error.into());
    assert_eq!(
        (response.status().as_u16(), &response.headers()["sec-websocket-version"]),
        (400, &"13".parse().unwrap())
    );
}
