//! What was agreed for one request is not the answer to another.

use patchcord::handshake::admission::Admission;
use patchcord::handshake::extended_connect;
use patchcord::handshake::extension::Extensions;
use patchcord::handshake::server::{Agreement, Request, RequestHead, RequestReader};

const DEFLATE: &str = "permessage-deflate; client_max_window_bits";
const OTHERS: [&[&str]; 5] = [
    &[],
    &["permessage-deflate"],
    &["permessage-deflate; client_max_window_bits=10"],
    &["foo"],
    &[DEFLATE, "foo"],
];

fn head(extensions: &[&str]) -> Vec<u8> {
    let mut head = String::from(
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n",
    );
    extensions.iter().for_each(|value| head += &format!("Sec-WebSocket-Extensions: {value}\r\n"));
    (head + "\r\n").into_bytes()
}

fn read(head: &[u8]) -> Request<'_> {
    RequestReader::new(Admission::any()).read(&mut &head[..]).unwrap().unwrap()
}

fn fields<'a>(extensions: &[&'a str]) -> Vec<(&'a str, &'a [u8])> {
    let own = [
        (":method", "CONNECT"),
        (":protocol", "websocket"),
        (":scheme", "https"),
        (":path", "/"),
        (":authority", "a"),
        ("sec-websocket-version", "13"),
    ];
    let offers = extensions.iter().map(|value| ("sec-websocket-extensions", *value));
    own.into_iter().chain(offers).map(|(name, value)| (name, value.as_bytes())).collect()
}

/// An answer to `request`, of which the parameter is legal because of what it offered.
fn agreed<'text>(request: &RequestHead<'text>) -> Agreement<'text> {
    let answer = Extensions::parse("permessage-deflate; client_max_window_bits=11").unwrap();
    Agreement::default().extensions(request, answer).unwrap()
}

fn is_answered(request: &Request<'_>, agreed: Agreement<'_>) -> bool {
    let mut out = Vec::new();
    request.accept(agreed, &mut out).unwrap();
    String::from_utf8(out).unwrap().contains("Sec-WebSocket-Extensions: permessage-deflate")
}

#[test]
fn extensions_are_agreed_to_in_answer_to_the_offers_they_were_made_for_alone() {
    let one = head(&[DEFLATE]);
    assert!(is_answered(&read(&one), agreed(&read(&one))));
    for extensions in OTHERS {
        let other = head(extensions);
        assert!(!is_answered(&read(&other), agreed(&read(&one))), "{extensions:?}");
    }
}

#[test]
fn extensions_are_left_out_of_an_extended_connect_that_did_not_offer_them() {
    let one = fields(&[DEFLATE]);
    let any = Admission::any();
    let one = extended_connect::Request::check(&one, &any).unwrap();
    assert_eq!(one.accept(agreed(&one)).1.iter().count(), 1);
    for extensions in OTHERS {
        let other = fields(extensions);
        let other = extended_connect::Request::check(&other, &any).unwrap();
        assert_eq!(other.accept(agreed(&one)).1.iter().count(), 0, "{extensions:?}");
    }
}

#[cfg(feature = "http")]
#[test]
fn extensions_are_left_out_of_a_response_that_did_not_offer_them() {
    let any = Admission::any();
    let request = |extensions: &[&str]| {
        let mut request = http::Request::new(());
        for (name, value) in [
            ("host", "a"),
            ("upgrade", "websocket"),
            ("connection", "Upgrade"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ("sec-websocket-version", "13"),
        ] {
            request.headers_mut().append(name, value.parse().unwrap());
        }
        for value in extensions {
            request.headers_mut().append("sec-websocket-extensions", value.parse().unwrap());
        }
        request
    };
    let is_answered = |request: &Request<'_>, agreed| {
        request.accept_http(agreed).headers().contains_key("sec-websocket-extensions")
    };
    let one = request(&[DEFLATE]);
    let one = Request::from_http(&one, &any).unwrap();
    assert!(is_answered(&one, agreed(&one)));
    for extensions in OTHERS {
        let other = request(extensions);
        let other = Request::from_http(&other, &any).unwrap();
        assert!(!is_answered(&other, agreed(&one)), "{extensions:?}");
    }
}
