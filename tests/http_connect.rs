//! Extended CONNECT with the types of the `http` crate, between a client and a server of ours.
#![cfg(feature = "http")]

use patchcord::handshake::Url;
use patchcord::handshake::admission::Admission;
use patchcord::handshake::client::{Request, ResponseError};
use patchcord::handshake::extended_connect;
use patchcord::handshake::server::{Refusal, RequestError};
use patchcord::handshake::subprotocol::Offer;

fn request() -> Request<'static> {
    let offer = Offer::required().name("chat").and_then(|offer| offer.name("superchat"));
    Request::new(Url::parse("wss://example.com/chat?room=1").unwrap()).offer(offer.unwrap())
}

#[test]
fn what_a_server_selects_opens_and_what_it_makes_up_does_not() {
    let (request, verifier) = request().to_http_connect().unwrap();
    let any = Admission::any();
    let seen = extended_connect::Request::from_http(&request, Some("websocket"), &any).unwrap();
    assert_eq!((seen.path(), seen.query(), seen.host()), ("/chat", Some("room=1"), "example.com"));
    let offers = seen.subprotocols(&[]).unwrap();
    let response = seen.accept_http(offers.server_preference(&["superchat"]));
    assert_eq!(response.status(), 200);
    let open = verifier.verify_http(&response).unwrap();
    assert_eq!(open.subprotocol(), Some("superchat"));

    let other = http::Response::builder().header("sec-websocket-protocol", "other").body(());
    let failed = verifier.verify_http(&other.unwrap()).unwrap_err();
    assert!(matches!(failed, ResponseError::Subprotocol(_)));
}

#[test]
fn another_protocol_and_another_method_are_refused() {
    let any = Admission::any();
    let (mut request, verifier) = request().to_http_connect().unwrap();
    for (protocol, status) in [(None, 501), (Some("connect-udp"), 501)] {
        let error = extended_connect::Request::from_http(&request, protocol, &any).unwrap_err();
        assert_eq!(error, RequestError::Protocol);
        let response = error.refusal().to_http_connect();
        assert_eq!(response.status(), status);
        assert_eq!(verifier.verify_http(&response).unwrap_err(), ResponseError::Status(status));
    }
    *request.method_mut() = http::Method::GET;
    let seen = extended_connect::Request::from_http(&request, Some("websocket"), &any);
    assert_eq!(seen.unwrap_err(), RequestError::ConnectMethod);
}

#[test]
fn a_refusal_has_its_text_and_nothing_of_a_connection() {
    let headers = [("Retry-After", "3"), ("Upgrade", "x")];
    let response = Refusal::UNAVAILABLE.headers(&headers).body("later").to_http_connect();
    assert_eq!((response.status().as_u16(), &**response.body()), (503, "later"));
    assert_eq!(response.headers()["retry-after"], "3");
    assert!(!response.headers().contains_key("upgrade"));
    assert!(!response.headers().contains_key("connection"));
}
