//! Where a credential stands is told as it is: the kind of an `Authorization`, and which fields are
//! never to be indexed.
#![cfg(feature = "credentials")]

use patchcord::handshake::Url;
use patchcord::handshake::admission::Admission;
use patchcord::handshake::client;
use patchcord::handshake::credential::{CredentialError, vendor};
use patchcord::handshake::server::{AuthorizationKind, RequestReader};
use patchcord::handshake::subprotocol::Offer;

const FIELDS: [(&str, &str); 5] = [
    ("Authorization", "Bearer KEY"),
    ("Proxy-Authorization", "Basic KEY"),
    ("Cookie", "session=KEY"),
    ("Origin", "https://a"),
    ("X-Other", "KEY"),
];

fn is_secret(name: &str) -> bool {
    ["authorization", "proxy-authorization", "cookie", "sec-websocket-protocol"].contains(&name)
}

fn request() -> client::Request<'static> {
    let offer = vendor::DEEPGRAM.offer("KEY").unwrap();
    client::Request::new(Url::parse("wss://a/").unwrap()).offer(offer).headers(&FIELDS)
}

#[test]
fn an_authorization_is_of_the_kind_that_it_names_in_whatever_case() {
    for (value, kind, secret) in [
        ("Bearer KEY", AuthorizationKind::Bearer, "KEY"),
        ("bearer KEY", AuthorizationKind::Bearer, "KEY"),
        ("Token KEY", AuthorizationKind::Token, "KEY"),
        ("TOKEN  KEY ", AuthorizationKind::Token, "KEY"),
        ("Basic dTpw", AuthorizationKind::Basic, "u:p"),
        ("bASIC dTpw", AuthorizationKind::Basic, "u:p"),
    ] {
        let head = format!(
            "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\
             Authorization: {value}\r\n\r\n"
        );
        let mut reader = RequestReader::new(Admission::any());
        let request = reader.read(&mut head.as_bytes()).unwrap().unwrap();
        let (found, key) = request.authorization().unwrap().unwrap();
        assert_eq!((found, key.expose()), (kind, secret), "{value}");
        let credential = request.credential(None).map(|key| key.map(|key| key.matches(secret)));
        match kind {
            AuthorizationKind::Basic => assert_eq!(credential, Err(CredentialError::Encoding)),
            _ => assert_eq!(credential, Ok(Some(true)), "{value}"),
        }
    }
}

#[test]
fn each_field_that_can_hold_a_credential_is_sensitive_and_no_other_is() {
    let (fields, _) = request().extended_connect().unwrap();
    assert!(fields.iter().count() > 10);
    for (name, _) in fields.iter() {
        assert_eq!(fields.is_sensitive(name), is_secret(name), "{name}");
    }
    let (fields, _) =
        request().offer(Offer::optional().name("chat").unwrap()).extended_connect().unwrap();
    assert!(!fields.is_sensitive("sec-websocket-protocol"), "names alone are no secret");
}

#[cfg(feature = "http")]
#[test]
fn a_value_that_can_hold_a_credential_is_sensitive_for_the_http_crate_too() {
    let mut zeros = |bytes: &mut [u8]| bytes.fill(0);
    let upgrade = request().to_http(&mut zeros).unwrap().0;
    for request in [upgrade, request().to_http_connect().unwrap().0] {
        assert!(request.headers().len() >= 7);
        for (name, value) in request.headers() {
            assert_eq!(value.is_sensitive(), is_secret(name.as_str()), "{name}");
        }
    }
}
