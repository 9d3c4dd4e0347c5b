//! A response belongs to the request that it answers, and takes nothing that this did not offer.

use patchcord::handshake::admission::Admission;
use patchcord::handshake::extension::{Extensions, NotOffered};
use patchcord::handshake::server::{
    Carrier, Connect, ForeignSubprotocol, Refusal, Request, RequestReader,
};

const DEFLATE: &str = "permessage-deflate; client_max_window_bits";
const OTHERS: [&[&str]; 3] = [&[], &["foo"], &["x-webkit-deflate-frame", "foo"]];

fn head(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut head = String::from(
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n",
    );
    fields.iter().for_each(|(name, value)| head += &format!("{name}: {value}\r\n"));
    (head + "\r\n").into_bytes()
}

fn server() -> RequestReader<'static> {
    RequestReader::new(Admission::any())
}

fn read(head: &[u8]) -> Request<'_> {
    server().read(&mut &head[..]).unwrap().unwrap()
}

fn list<'a>(fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a [u8])> {
    let own = [
        (":method", "CONNECT"),
        (":protocol", "websocket"),
        (":scheme", "https"),
        (":path", "/"),
        (":authority", "a"),
        ("sec-websocket-version", "13"),
    ];
    own.iter().chain(fields).map(|(name, value)| (*name, value.as_bytes())).collect()
}

/// Whether the response to a request takes an answer to what [`DEFLATE`] offers.
fn takes_deflate<C: Carrier>(request: &Request<'_, C>) -> bool {
    let answer = Extensions::parse("permessage-deflate; client_max_window_bits=11").unwrap();
    match request.response().with_extensions(answer) {
        Ok(_) => true,
        Err(NotOffered { .. }) => false,
    }
}

#[test]
fn extensions_that_the_request_did_not_offer_are_an_error() {
    let lines = |extensions: &[&'static str], name| -> Vec<(&str, &str)> {
        extensions.iter().map(|value| (name, *value)).collect()
    };
    assert!(takes_deflate(&read(&head(&lines(&[DEFLATE], "Sec-WebSocket-Extensions")))));
    let fields = lines(&[DEFLATE], "sec-websocket-extensions");
    assert!(takes_deflate(&server().read_fields(&list(&fields)).unwrap()));
    for extensions in OTHERS {
        let bytes = head(&lines(extensions, "Sec-WebSocket-Extensions"));
        assert!(!takes_deflate(&read(&bytes)), "{extensions:?}");
        let fields = lines(extensions, "sec-websocket-extensions");
        let fields = list(&fields);
        let request = server().read_fields(&fields).unwrap();
        assert!(!takes_deflate::<Connect>(&request), "{extensions:?}");
    }
}

#[test]
fn a_subprotocol_of_another_request_is_an_error_though_the_name_is_the_same() {
    for lines in [&["chat, v2"][..], &["v2", "chat"], &["chat", ",", "v2"]] {
        let fields: Vec<_> = lines.iter().map(|line| ("Sec-WebSocket-Protocol", *line)).collect();
        let (one, other) = (head(&fields), head(&fields));
        let (one, other) = (read(&one), read(&other));
        for name in ["chat", "v2"] {
            let selected = one.offers().select(&[name]).unwrap();
            assert!(selected.is_some() && one.response().with_subprotocol(selected).is_ok());
            let foreign = other.response().with_subprotocol(selected).map(drop);
            assert!(matches!(foreign, Err(ForeignSubprotocol { .. })), "{lines:?}");
            // A caller that goes on with `?` refuses: it is the server's mistake.
            assert_eq!(foreign.map_err(|error| Refusal::from(error).status()), Err(500));
        }
        assert!(other.response().with_subprotocol(None).is_ok());
    }
}

#[test]
fn an_answer_that_was_not_offered_is_the_servers_mistake() {
    let bytes = head(&[]);
    let answer = Extensions::parse("permessage-deflate").unwrap();
    let not_offered = read(&bytes).response().with_extensions(answer).map(drop).unwrap_err();
    assert_eq!(Refusal::from(not_offered).status(), 500);
}

#[test]
fn a_server_cannot_agree_to_an_extension_that_was_not_offered() {
    let bytes = head(&[("Sec-WebSocket-Extensions", "foo, bar; x=1")]);
    let request = read(&bytes);
    let agree = |answer| {
        let answer = Extensions::parse(answer).unwrap();
        request.response().with_extensions(answer).is_ok()
    };
    assert!(["foo", "bar", "bar; x=2", "bar, foo"].into_iter().all(agree));
    assert!(!["baz", "foo, baz", "fo", "FOO", "x"].into_iter().any(agree));
}
