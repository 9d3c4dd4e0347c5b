//! `Url::parse` keeps to each sentence of its documentation.

#[cfg(feature = "http")]
use patchcord::handshake::client::Request;
#[cfg(feature = "http")]
use patchcord::handshake::subprotocol::Offer;
use patchcord::handshake::{MAX_URL, Url, UrlBuf, UrlError};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

fn error(text: &str) -> Option<UrlError> {
    Url::parse(text).err()
}

#[test]
fn what_is_percent_encoded_stays_so() {
    let url = Url::parse("ws://a/%2f%2F?%3f=%23").unwrap();
    assert_eq!((url.path(), url.query()), ("/%2f%2F", Some("%3f=%23")));
    assert_eq!(url.to_string(), "ws://a/%2f%2F?%3f=%23");
}

#[test]
fn a_port_may_be_left_out_or_empty_and_is_then_the_schemes_own() {
    for (text, port) in [("ws://a", 80), ("ws://a:/b", 80), ("wss://a", 443), ("wss://a:?b", 443)] {
        assert_eq!(Url::parse(text).map(|url| url.port()), Ok(port), "{text}");
    }
}

#[test]
fn a_scheme_that_is_neither_ws_nor_wss_is_refused() {
    for text in
        ["", "a", "/a", "ws:a", "ws:/a", "http://a", "https://a", "wsss://a", "://a", "w%73://a"]
    {
        assert_eq!(error(text), Some(UrlError::Scheme), "{text}");
    }
    assert_eq!((error("ws://a"), error("WSS://a")), (None, None));
}

#[test]
fn a_host_that_is_missing_or_is_not_one_is_refused() {
    for host in [
        "",
        ":80",
        "[",
        "[]",
        "[::1",
        "[::g]",
        "::1]",
        "a[b]",
        "[::1]b",
        "a%",
        "a%4",
        "a%zz",
        "a%41",
        "[fe80::1%25eth0]",
        "a\\b",
        "a|b",
    ] {
        let refused = error(&format!("ws://{host}/"));
        // What stands behind the last colon is a port before it is part of a host.
        assert!(matches!(refused, Some(UrlError::Host | UrlError::Port)), "{host} {refused:?}");
    }
    for host in ["a", "a.example", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "x_y~z"] {
        assert_eq!(error(&format!("ws://{host}/")), None, "{host}");
    }
}

#[test]
fn a_port_that_is_not_a_number_from_1_to_65535_is_refused() {
    for port in ["0", "00", "65536", "99999999999999999999", "-1", "+1", "a", "8o", "1 ", "%31"] {
        let refused = error(&format!("ws://a:{port}/"));
        let expected = if port == "1 " { UrlError::Character } else { UrlError::Port };
        assert_eq!(refused, Some(expected), "{port}");
    }
    for port in ["1", "80", "65535", "0080"] {
        assert_eq!(error(&format!("ws://a:{port}/")), None, "{port}");
    }
}

#[test]
fn a_user_name_or_password_is_refused() {
    for user in ["u@", "u:p@", ":p@", "@", "u%40@"] {
        assert_eq!(error(&format!("wss://{user}a/")), Some(UrlError::User), "{user}");
    }
    assert_eq!(error("wss://a/u@b?u:p@c"), None, "there it is no user");
}

#[test]
fn a_fragment_is_refused_and_its_sign_encoded_is_not() {
    for text in ["ws://a#", "ws://a#b", "ws://a/#b", "ws://a/?b#c", "ws://a/b?#"] {
        assert_eq!(error(text), Some(UrlError::Fragment), "{text}");
    }
    assert_eq!(error("ws://a/%23?%23"), None);
}

/// RFC 3986 appendix A: `unreserved`, `sub-delims`, and what else a path and a query have.
const MAY_STAND: &str =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/?";

#[test]
fn a_character_of_a_path_or_query_that_must_be_percent_encoded_is_refused() {
    for c in (0..=0x17f).filter_map(char::from_u32).filter(|c| !"#%".contains(*c)) {
        let expected = (!MAY_STAND.contains(c)).then_some(UrlError::Character);
        for text in [format!("ws://a/{c}"), format!("ws://a/b?{c}"), format!("ws://a?b{c}d")] {
            assert_eq!(error(&text), expected, "{text:?}");
        }
    }
}

#[test]
fn a_percent_sign_without_two_hexadecimal_digits_behind_it_is_refused() {
    for bad in ["%", "%4", "%zz", "%4g", "%g4", "%%41", "%4%41", "100%/"] {
        for text in [format!("ws://a/{bad}"), format!("ws://a/?{bad}")] {
            assert_eq!(error(&text), Some(UrlError::Character), "{text}");
        }
    }
    assert_eq!(error("ws://a/%00%7F%fF?%41%41"), None);
}

#[test]
fn the_parts_of_a_url_are_what_stands_in_it() {
    for (text, host, authority, path, query) in [
        ("ws://a", "a", "a", "/", None),
        ("ws://a?", "a", "a", "/", Some("")),
        ("ws://a/?", "a", "a", "/", Some("")),
        ("WSS://A.b:443/c//d?e?f/g", "A.b", "A.b", "/c//d", Some("e?f/g")),
        ("wss://a:80/:@", "a", "a:80", "/:@", None),
        ("ws://a:/b", "a", "a", "/b", None),
        ("ws://[::1]", "::1", "[::1]", "/", None),
        ("ws://[::1]:80/", "::1", "[::1]", "/", None),
        ("wss://[2001:db8::7]:8443?x", "2001:db8::7", "[2001:db8::7]:8443", "/", Some("x")),
    ] {
        let url = Url::parse(text).unwrap();
        let parts = (url.host(), url.authority(), url.path(), url.query());
        assert_eq!(parts, (host, authority, path, query), "{text}");
    }
}

#[test]
fn a_url_displays_as_one_that_parses_to_an_equal_one_and_shows_its_query_there_alone() {
    for (text, shown) in [
        ("ws://a", "ws://a/"),
        ("WS://A:80?", "ws://A/?"),
        ("wss://a:0443/b?c", "wss://a/b?c"),
        ("ws://[::1]:443//b?c=d&e", "ws://[::1]:443//b?c=d&e"),
    ] {
        let url = Url::parse(text).unwrap();
        assert_eq!(url.to_string(), shown);
        assert_eq!(Url::parse(shown), Ok(url));
        assert_eq!(UrlBuf::from(url).to_string(), shown);
    }
    let url = Url::parse("wss://a/b?key=5ec7e7").unwrap();
    let owned: UrlBuf = "wss://a/b?key=5ec7e7".parse().unwrap();
    assert_eq!(url.redacted().to_string(), "wss://a/b?..");
    assert_eq!(Url::parse("ws://a").unwrap().redacted().to_string(), "ws://a/");
    assert_eq!(format!("{url:?} {owned:?}"), "Url(wss://a/b?..) UrlBuf(wss://a/b?..)");
}

#[test]
fn urls_are_equal_if_hosts_differ_in_case_or_form_or_the_default_port_is_left_out() {
    let url = |text| Url::parse(text).unwrap();
    for (one, other) in [
        ("ws://a", "WS://A/"),
        ("ws://a:80/", "ws://a/"),
        ("wss://a:/", "wss://a:443/"),
        ("ws://a:09001/", "ws://a:9001/"),
        ("ws://[::1]/", "ws://[0:0:0:0:0:0:0:1]/"),
    ] {
        assert_eq!(url(one), url(other));
        assert_eq!(UrlBuf::from(url(one)), UrlBuf::from(url(other)));
    }
    for other in ["wss://a/b?c", "wss://a:80/b?c", "ws://b/b?c", "ws://a:81/b?c", "ws://a/B?c"] {
        assert_ne!(url("ws://a/b?c"), url(other));
    }
    for other in ["ws://a/b", "ws://a/b?", "ws://a/b?C", "ws://a./b?c", "ws://[::1]/b?c"] {
        assert_ne!(url("ws://a/b?c"), url(other));
    }
}

#[test]
fn a_url_of_the_greatest_length_parses_and_one_byte_more_is_refused() {
    for start in ["wss://a/", "wss://a", "wss://a:443"] {
        let length = MAX_URL - start.len() - usize::from(!start.ends_with('/'));
        let of = |length| [start, "?", &"b".repeat(length)].concat();
        let text = of(length - 1);
        let url = Url::parse(&text).unwrap();
        assert_eq!(Url::parse(&url.to_string()), Ok(url), "{start}");
        assert_eq!(error(&of(length)), Some(UrlError::TooLong), "{start}");
        #[cfg(feature = "http")]
        {
            // It is longer than a line may be by default.
            let (head, line) = (usize::MAX, usize::MAX);
            let limits = patchcord::handshake::HeadLimits { head, line, ..Default::default() };
            let request = Request::new(url).with_limits(limits);
            assert!(request.to_http::<()>(&mut |_: &mut [u8]| {}).is_ok(), "{start}");
            assert!(request.to_http_connect::<()>().is_ok(), "{start}");
        }
    }
    let base = Url::parse("wss://a").unwrap();
    let path = "/".repeat(MAX_URL - 7);
    assert!(base.with_resource(&path, None).is_ok());
    assert_eq!(base.with_resource(&path, Some("")), Err(UrlError::TooLong));
}

#[test]
fn another_resource_stays_at_the_server_whatever_its_path_looks_like() {
    let base = Url::parse("ws://up.example:9001/old?old").unwrap();
    for path in ["/", "//evil.example/", "/..//a", "/@evil.example", "/ws://evil.example/"] {
        for query in [None, Some(""), Some("a?b//@")] {
            let url = base.with_resource(path, query).unwrap();
            let url = url.as_url();
            assert_eq!(url.authority(), "up.example:9001");
            assert_eq!((url.path(), url.query()), (path, query));
        }
    }
    for (path, query) in [
        ("", None),
        ("a", None),
        (".evil.example/", None),
        ("@evil.example/", None),
        (":80/", None),
    ] {
        assert_eq!(base.with_resource(path, query), Err(UrlError::Character), "{path}");
    }
    assert_eq!(base.with_resource("/a?b", None), Err(UrlError::Character));
    assert_eq!(base.with_resource("/a#b", None), Err(UrlError::Fragment));
    assert_eq!(base.with_resource("/a b", None), Err(UrlError::Character));
    assert_eq!(base.with_resource("/a", Some("b\r\nc: d")), Err(UrlError::Character));
}

/// Texts of which many are URLs: what divides their parts, what may stand in them, and what may not.
const PIECES: [&str; 44] = [
    "ws://",
    "wss://",
    "WSS://",
    "a",
    "Example.COM",
    "127.0.0.1",
    "[::1]",
    "[1:2:3:4:5:6:7::]",
    "x_y~z",
    ":",
    ":80",
    ":443",
    ":09001",
    ":65536",
    "@",
    "/",
    "//",
    "/.",
    "/..",
    "?",
    "#",
    "%",
    "%2F",
    "%4",
    "\"",
    "<",
    ">",
    "[",
    "]",
    "\\",
    "^",
    "`",
    "{",
    "|",
    "}",
    "~",
    "!",
    "$&'()*+,;=",
    "-._",
    "é",
    " ",
    "\t",
    "*",
    "",
];

fn any_text() -> impl Strategy<Value = String> {
    let piece =
        prop_oneof![select(&PIECES[..]).prop_map(String::from), "[ -~]".prop_map(String::from)];
    let authority = select(&PIECES[3..9]);
    (select(&PIECES[..3]), authority, vec(piece, 0..8))
        .prop_map(|(scheme, host, rest)| [scheme, host, &rest.concat()].concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..Default::default() })]

    #[test]
    fn every_url_is_what_its_display_parses_to(text in any_text()) {
        if let Ok(url) = Url::parse(&text) {
            let shown = url.to_string();
            prop_assert_eq!(Url::parse(&shown), Ok(url));
            prop_assert_eq!(Url::parse(&shown).unwrap().to_string(), shown);
            prop_assert_eq!(url.query(), text.split_once('?').map(|(_, query)| query));
        }
    }

    /// The `http` crate refuses no URL that parses here, and what it makes of one is what goes on the wire.
    #[cfg(feature = "http")]
    #[test]
    fn what_is_written_is_byte_for_byte_what_the_http_crate_has(text in any_text()) {
        let Ok(url) = Url::parse(&text) else { return Ok(()) };
        let headers = [("Origin", "https://a"), ("X-A", "\u{e9}"), ("User-Agent", "")];
        let offer = Offer::required().with_name("chat").unwrap().with_name("b").unwrap();
        let request = Request::new(url).with_offer(offer).with_headers(&headers).unwrap();
        let mut zeros = |bytes: &mut [u8]| bytes.fill(0);
        let mut wire = Vec::new();
        request.write(&mut zeros, &mut wire).unwrap();
        let (value, _) = request.to_http::<()>(&mut zeros).unwrap();
        prop_assert_eq!(&value.uri().to_string(), &target(&wire));
        prop_assert_eq!(fields(&value), lines(&wire));
        let (connect, _) = request.to_http_connect::<()>().unwrap();
        prop_assert_eq!(connect.uri().authority().unwrap().as_str(), url.authority());
        prop_assert_eq!(connect.uri().path(), url.path());
        prop_assert_eq!(connect.uri().query(), url.query());
        prop_assert_eq!(connect.uri().scheme_str() == Some("https"), url.is_secure());
    }
}

/// Between the first space of a head and the next.
#[cfg(feature = "http")]
fn target(head: &[u8]) -> String {
    String::from_utf8(head.split(|&byte| byte == b' ').nth(1).unwrap().to_vec()).unwrap()
}

/// Name and value of each field, in the order of names.
#[cfg(feature = "http")]
fn fields(request: &http::Request<()>) -> Vec<(String, Vec<u8>)> {
    let of = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        (name.to_string(), value.as_bytes().to_vec())
    };
    let mut fields: Vec<_> = request.headers().iter().map(of).collect();
    fields.sort();
    fields
}

/// The same of a head in bytes.
#[cfg(feature = "http")]
fn lines(head: &[u8]) -> Vec<(String, Vec<u8>)> {
    let text = std::str::from_utf8(head).unwrap().strip_suffix("\r\n\r\n").unwrap();
    let of = |line: &str| {
        let (name, value) = line.split_once(": ").unwrap();
        (name.to_ascii_lowercase(), value.as_bytes().to_vec())
    };
    let mut lines: Vec<_> = text.split("\r\n").skip(1).map(of).collect();
    lines.sort();
    lines
}
