//! Small rules of the handshake, at their edges: names that are nearly a field's, heads that fill their
//! room, and what a value answers about itself.

use patchcord::handshake::admission::Admission;
use patchcord::handshake::client::{Answer, Redirect, Request, proxy};
use patchcord::handshake::extension::Extensions;
use patchcord::handshake::gateway;
use patchcord::handshake::server::{Request as Asked, RequestError, RequestReader};
use patchcord::handshake::subprotocol::Offer;
use patchcord::handshake::{HeadLimits, Url, UrlBuf};

/// What a client has to send, each line by itself.
const NEEDED: [&str; 5] = [
    "Host: a",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
];

fn nonce(bytes: &mut [u8]) {
    bytes.copy_from_slice(b"the sample nonce");
}

fn url(text: &str) -> Url<'_> {
    Url::parse(text).unwrap()
}

fn head(lines: &[&str]) -> Vec<u8> {
    let lines: String = lines.iter().map(|line| [line, "\r\n"].concat()).collect();
    format!("GET /chat HTTP/1.1\r\n{lines}\r\n").into_bytes()
}

fn read(head: &[u8]) -> Result<Asked<'_>, RequestError> {
    RequestReader::new(Admission::any()).read(&mut &head[..]).map(Option::unwrap)
}

/// A client's reader reads `head`, all of it at once.
fn answered(head: &[u8], with: impl FnOnce(Answer<'_>)) {
    let mut reader = Request::new(url("wss://a/")).write(&mut nonce, &mut Vec::new()).unwrap();
    with(reader.read(&mut &head[..]).unwrap().unwrap());
}

/// Each is as long as the name of a field that decides, and would decide otherwise in its place.
#[test]
fn a_field_is_known_by_its_name_and_not_by_the_length_of_it() {
    let others = [
        "Date: b",
        "Cookie: https://b",
        "Server: 100-continue",
        "Referer: b",
        "User-Agent: b",
        "X-Fetch-Mode-1: navigate",
        "X-Accept-Range: 5",
        "X-Transfer-Coding: b",
        "X-Accept-Encoding: chunked",
        "Sec-WebSocket-Refuse: b",
        "Sec-WebSocket-Protocal: , ,",
        "Sec-WebSocket-Extensiens-: (",
        "Sec-WebSocket-Versiom: 8",
        "Sec-WebSocket-Extensionz: (",
    ];
    let all = head(&[&NEEDED[..], &others].concat());
    let request = read(&all).unwrap();
    assert_eq!((request.host(), request.origin()), ("a", None));
    assert_eq!((request.offers().iter().count(), request.extensions().iter().count()), (0, 0));
    let mut out = Vec::new();
    request.response().write(&mut out).unwrap();
    assert!(out.starts_with(b"HTTP/1.1 101 "), "nobody expects 100");
    for (missing, instead, error) in [
        (0, "Date: a", RequestError::Host),
        (1, "Referer: websocket", RequestError::NoUpgrade),
        (2, "User-Agent: Upgrade", RequestError::NoUpgrade),
        (3, "X-WebSocket-Nonce: dGhlIHNhbXBsZSBub25jZQ==", RequestError::Key),
        (4, "Sec-WebSocket-Versiom: 13", RequestError::Version),
    ] {
        let mut lines = NEEDED;
        lines[missing] = instead;
        assert_eq!(read(&head(&lines)).err(), Some(error), "{instead}");
    }
}

#[test]
fn a_client_is_not_opened_by_a_field_whose_name_is_as_long_as_that_of_the_proof() {
    let accept = |name: &str| {
        format!(
            "HTTP/1.1 101 a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             {name}: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
        )
    };
    let mut reader = Request::new(url("wss://a/")).write(&mut nonce, &mut Vec::new()).unwrap();
    let mut again = reader.clone();
    assert!(reader.read(&mut accept("Sec-WebSocket-Accept").as_bytes()).unwrap().is_some());
    assert!(again.read(&mut accept("Sec-WebSocket-Accepz").as_bytes()).is_err());
}

#[test]
fn a_request_says_the_origin_that_it_was_sent_with() {
    for (origin, host) in [("https://a-b.example", "a-b.example"), ("http://a_b", "a_b")] {
        let line = ["Origin: ", origin].concat();
        let bytes = head(&[&NEEDED[..], &[&line]].concat());
        let pages = [origin];
        let admission = Admission::origins(&pages).expect("a host with a hyphen or an underscore");
        let request = RequestReader::new(admission).read(&mut &bytes[..]).unwrap().unwrap();
        assert_eq!(request.origin(), Some(origin), "{host}");
    }
    assert_eq!(read(&head(&NEEDED)).unwrap().origin(), None);
}

/// RFC 9112 section 2.2: the empty lines are ignored, and what follows them is the first line; a colon
/// in that makes no field of it.
#[test]
fn the_first_line_is_not_a_field_and_neither_is_one_behind_empty_lines() {
    for empty in ["", "\r\n", "\n", "\r\n\r\n"] {
        let lines = NEEDED.join("\r\n");
        let bytes = format!("{empty}GET /a:b HTTP/1.1\r\n{lines}\r\n\r\n");
        let request = read(bytes.as_bytes()).unwrap();
        let first = request.headers().iter().next();
        assert_eq!(first, Some(("Host", &b"a"[..])), "{empty:?}");
    }
}

#[test]
fn a_reader_that_is_shown_fewer_bytes_than_before_begins_anew() {
    let mut reader = RequestReader::new(Admission::any());
    let bytes = head(&NEEDED);
    for length in [bytes.len() - 1, bytes.len() - 2, 30, 3] {
        assert!(reader.read(&mut &bytes[..length]).unwrap().is_none());
    }
    assert!(reader.read(&mut &bytes[..]).unwrap().is_some());
}

#[test]
fn a_head_that_fills_its_room_to_the_byte_is_written_and_one_byte_less_says_how_much() {
    let request = Request::new(url("wss://a/"));
    let (mut whole, mut nonce) = (Vec::new(), |bytes: &mut [u8]| bytes.fill(7));
    request.write(&mut nonce, &mut whole).unwrap();
    let mut room = vec![0; whole.len()];
    request.write(&mut nonce, &mut &mut room[..]).unwrap();
    assert_eq!(room, whole);
    assert!(request.write(&mut nonce, &mut &mut room[1..]).is_err());
}

#[test]
fn a_proxy_is_sent_as_many_fields_as_a_head_may_have_and_not_one_more() {
    let headers = vec![("X-A", "1"); HeadLimits::LINES + 1];
    let written = |count: usize| {
        let request = proxy::TunnelRequest::new(url("wss://a/")).with_headers(&headers[..count]);
        request.write(&mut Vec::new()).err()
    };
    assert_eq!(written(HeadLimits::LINES), None);
    assert_eq!(written(HeadLimits::LINES + 1), Some(proxy::TunnelError::TooManyHeaders));
}

#[test]
fn what_a_proxy_answers_is_bounded_by_the_limits_that_were_set() {
    let limits = HeadLimits { lines: 1, ..HeadLimits::default() };
    let request = proxy::TunnelRequest::new(url("wss://a/"));
    let head = b"HTTP/1.1 200 a\r\nA: 1\r\nB: 2\r\n\r\n";
    let reads = |request: &proxy::TunnelRequest<'_>| {
        request.write(&mut Vec::new()).unwrap().read(&mut &head[..]).is_ok()
    };
    assert_eq!((reads(&request.clone().with_limits(limits)), reads(&request)), (false, true));
}

#[test]
fn a_refused_client_sees_the_reason_and_which_schemes_it_is_challenged_with() {
    answered(
        b"HTTP/1.1 401 Show a key\r\nWWW-Authenticate: Basic realm=\"a\", Digest\r\n\r\n",
        |answer| {
            let Answer::Refused(response) = answer else { panic!("open") };
            assert_eq!((response.status(), response.reason()), (401, "Show a key"));
            let is = |scheme| response.challenges().map(|one| one.is(scheme)).collect::<Vec<_>>();
            assert_eq!(
                (is("basic"), is("DIGEST"), is("Bearer")),
                (vec![true, false], vec![false, true], vec![false; 2])
            );
        },
    );
}

/// What a caller did not name is no credential, and may go where it can be read.
#[test]
fn a_gateway_passes_a_field_on_that_is_not_named_over_a_network_in_the_clear() {
    let bytes = head(&[&NEEDED[..], &["X-Trace: 7"]].concat());
    let request = read(&bytes).unwrap();
    let written = |named: &[&str]| {
        let onward =
            gateway::forward_request(&request, url("ws://upstream.example/"), named).unwrap();
        onward.write(&mut nonce, &mut Vec::new()).is_ok()
    };
    assert_eq!((written(&[]), written(&["x-trace"])), (true, false));
}

#[test]
fn the_leave_to_send_a_credential_in_the_clear_ends_at_another_server() {
    let here = url("ws://a.example/");
    let request = Request::new(here).allow_plaintext_credential();
    let next = |location: &str| {
        let next = request.follow(&Redirect::resolve(here, location).unwrap());
        let next = next.with_secret_header("X-Key", "5ec7e7").unwrap();
        next.write(&mut nonce, &mut Vec::new()).is_ok()
    };
    assert_eq!((next("/other"), next("ws://b.example/")), (true, false));
}

/// RFC 3986 section 3.1: a scheme begins with a letter, and has no slash.
#[test]
fn a_colon_behind_what_is_not_a_scheme_is_of_the_path() {
    for location in ["1:b", "a/b:c", "?a:b"] {
        let redirect = Redirect::resolve(url("wss://a/d"), location);
        let next = redirect.expect(location);
        assert_eq!((next.url().host(), next.url().port()), ("a", 443), "{location}");
    }
}

#[test]
fn an_escaped_character_in_a_quoted_value_has_to_be_of_a_token_too() {
    let extensions =
        |byte: u8| Extensions::parse(&format!("a; b=\"c\\{}\"", char::from(byte))).is_ok();
    for byte in 0..0x80_u8 {
        let is_tchar = byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        assert_eq!(extensions(byte), is_tchar, "{byte:#x}");
    }
}

#[test]
fn the_value_of_a_parameter_is_compared_with_its_escapes_undone() {
    let extensions = Extensions::parse("a; b=\"1\\0\"").unwrap();
    let value = extensions.iter().next().unwrap().parameters().next().unwrap().value().unwrap();
    assert!(value == "10" && value != "1" && value != "1\\0", "{value:?}");
    assert!(value == *"10" && value != *"11");
}

/// RFC 9110 section 5.6.1: a list needs one element that is not empty, on whichever line.
#[test]
fn extensions_count_over_all_lines() {
    const OF_BROWSERS: &str =
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits";
    for (other, count) in [(",", 1), ("foo", 2), (OF_BROWSERS, 2)] {
        let other = format!("Sec-WebSocket-Extensions: {}", other.rsplit(": ").next().unwrap());
        for pair in [[OF_BROWSERS, &other], [&other, OF_BROWSERS]] {
            let bytes = head(&[&NEEDED[..], &pair].concat());
            assert_eq!(read(&bytes).map(|request| request.extensions().iter().count()), Ok(count));
        }
    }
}

#[test]
fn a_response_says_what_it_selected_and_keeps_each_field_that_was_added() {
    let bytes = head(&[&NEEDED[..], &["Sec-WebSocket-Protocol: chat, other"]].concat());
    let request = read(&bytes).unwrap();
    assert_eq!(request.response().subprotocol(), None);
    let chat = request.offers().select(&["chat"]).unwrap();
    let response = request.response().with_subprotocol(chat).unwrap();
    assert_eq!(response.subprotocol(), Some("chat"));
    let (mut out, fields) = (Vec::new(), [("X-A", "1"), ("X-B", "2")]);
    response
        .with_headers(&fields[..1])
        .unwrap()
        .with_headers(&fields[1..])
        .unwrap()
        .write(&mut out)
        .unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.contains("\r\nX-A: 1\r\n") && text.contains("\r\nX-B: 2\r\n"), "{text}");
}

/// HPACK and QPACK keep what is not sensitive, and need not be told so of a name.
#[test]
fn a_subprotocol_that_was_selected_is_sensitive_if_it_is_a_secret_alone() {
    let fields: [(&str, &[u8]); 7] = [
        (":method", b"CONNECT"),
        (":protocol", b"websocket"),
        (":scheme", b"https"),
        (":path", b"/"),
        (":authority", b"a"),
        ("sec-websocket-version", b"13"),
        ("sec-websocket-protocol", b"chat, key.5ec7e7"),
    ];
    let request = RequestReader::new(Admission::any()).read_fields(&fields).unwrap();
    let sensitive = |selected| {
        let (_, fields) = request.response().with_subprotocol(selected).unwrap().to_fields();
        fields.iter().map(|field| field.sensitive).collect::<Vec<_>>()
    };
    assert_eq!(sensitive(request.offers().select(&["chat"]).unwrap()), [false]);
}

#[test]
fn offers_are_shown_divided_and_urls_are_equal_to_their_equals_alone() {
    let offer =
        Offer::required().with_name("chat").and_then(|offer| offer.with_name("other")).unwrap();
    assert_eq!(format!("{offer:?}"), "Offer(chat, other)");
    let owned = |text| UrlBuf::from(url(text));
    assert_eq!(owned("wss://a/b"), owned("wss://A:443/b"));
    assert_ne!(owned("wss://a/b"), owned("wss://a/c"));
}
