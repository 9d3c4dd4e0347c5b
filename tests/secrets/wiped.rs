//! No memory that the crate frees has a secret in it: an allocator looks at each block before it goes.
#![cfg(feature = "credentials")]

use super::watching::{NEEDLES, found};
use patchcord::handshake::admission::Admission;
use patchcord::handshake::client;
use patchcord::handshake::credential::{Authorization, Credential, Encoding, Scheme, vendor};
use patchcord::handshake::gateway;
use patchcord::handshake::server::{Carrier, Refusal, Request, RequestReader};
use patchcord::handshake::subprotocol::{MAX_ENTRY, Offer};
use patchcord::handshake::{Url, UrlBuf};
use std::sync::LazyLock;

/// 21 bytes, so that each third of them is whole in base64, and what is wrong can come behind.
const SECRET: &str = "abcneedle-in-hay12xyz";
const BASE64: &str = "YWJjbmVlZGxlLWluLWhheTEyeHl6";

#[test]
fn a_secret_that_is_freed_is_found_whole_and_in_what_a_growing_text_leaves_behind() {
    assert_eq!(NEEDLES.map(|needle| SECRET.contains(needle)), [true, false]);
    assert_eq!(NEEDLES.map(|needle| BASE64.contains(needle)), [false, true]);
    for text in [SECRET, BASE64] {
        assert_eq!(found(|| drop(String::from(text))), 1, "freed");
        assert_eq!(found(|| String::from(text) + "and more, so that it moves"), 1, "moved");
        assert_eq!(found(|| String::from(text)), 0, "handed out");
    }
}

fn head(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut head = String::from(
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n",
    );
    fields.iter().for_each(|(name, value)| head += &format!("{name}: {value}\r\n"));
    (head + "\r\n").into_bytes()
}

fn read(head: &[u8]) -> Request<'_> {
    RequestReader::new(Admission::any()).read(&mut &head[..]).unwrap().unwrap()
}

const PAIR: Scheme<'_> = vendor::DEEPGRAM.scheme;
const ENCODINGS: [Encoding; 4] =
    [Encoding::Raw, Encoding::Base64Url, Encoding::Base64, Encoding::Percent];

/// The two schemes with a prefix.
fn prefixed(encoding: Encoding) -> [Scheme<'static>; 2] {
    [Scheme::prefixed("p.", encoding).unwrap(), Scheme::sole("p.", encoding).unwrap()]
}

/// What is behind a prefix, for each encoding: whole, with bytes behind it that are not its, that are
/// not text, and that are control characters, in the last place that is looked at.
const ENCODED: [(Encoding, &[&str]); 4] = [
    (Encoding::Raw, &["abcneedle-in-hay12xyz"]),
    (Encoding::Base64Url, BASE64S),
    (Encoding::Base64, BASE64S),
    (
        Encoding::Percent,
        &[
            "abcneedle-in-hay12xyz",
            "%61bcneedle-in-hay12%20xyz",
            "abcneedle-in-hay12xyz%",
            "abcneedle-in-hay12xyz%4",
            "abcneedle-in-hay12xyz%zz",
            "abcneedle-in-hay12xyz%ff",
            "abcneedle-in-hay12xyz%0a",
        ],
    ),
];

const BASE64S: &[&str] = &[
    "YWJjbmVlZGxlLWluLWhheTEyeHl6",
    "YWJjbmVlZGxlLWluLWhheTEyeHl",
    "YWJjbmVlZGxlLWluLWhheTEyeHl6YQ",
    "YWJjbmVlZGxlLWluLWhheTEyeHl6Y",
    "YWJjbmVlZGxlLWluLWhheTEyeHl6*",
    "YWJjbmVlZGxlLWluLWhheTEyeHl6Y*",
    "YWJjbmVlZGxlLWluLWhheTEyeHl6YWJ%",
    "YWJjbmVlZGxlLWluLWhheTEyeHl6_w",
    "YWJjbmVlZGxlLWluLWhheTEyeHl6Cg",
    "YWJjbmVlZGxlLWluLWhheTEyeHl6+_",
];

/// All that a server may do with the credentials of a request.
fn use_all<C: Carrier>(request: &Request<'_, C>, schemes: &[Scheme<'_>]) {
    let mut offers = request.offers();
    for scheme in schemes {
        let Ok(Some(key)) = offers.take(scheme) else { continue };
        let copy = key.clone();
        assert!(key == copy && key.matches(copy.expose()) && !key.matches("other"));
        let _ = (format!("{key:?}"), key.expose_str().is_ok());
    }
    let selected = offers.select(&[]).ok().flatten();
    let response = request.response().with_subprotocol(selected).unwrap();
    let cookie = response.with_headers(&[("Set-Cookie", SECRET)]).unwrap();
    drop(cookie.clone());
}

/// The same request as an extended CONNECT.
fn use_all_connect(request: &Request<'_>, schemes: &[Scheme<'_>]) {
    let lines = request.headers().all("Sec-WebSocket-Protocol");
    let mut fields: Vec<(&str, &[u8])> = vec![
        (":method", b"CONNECT"),
        (":protocol", b"websocket"),
        (":scheme", b"https"),
        (":path", b"/"),
        (":authority", b"a"),
        ("sec-websocket-version", b"13"),
    ];
    fields.extend(lines.map(|line| ("sec-websocket-protocol", line)));
    let request = RequestReader::new(Admission::any()).read_fields(&fields).unwrap();
    use_all(&request, schemes);
    let mut offers = request.offers();
    let _ = schemes.iter().find_map(|scheme| offers.take(scheme).err());
    let selected = offers.select(&[]).ok().flatten();
    let (_, fields) = request.response().with_subprotocol(selected).unwrap().to_fields();
    drop(fields.clone());
}

#[test]
fn a_server_wipes_what_it_decodes_of_an_offer_good_or_bad() {
    for (encoding, texts) in ENCODED {
        let [part, sole] = prefixed(encoding);
        let alone = Scheme::sole("", encoding).unwrap();
        for text in texts {
            for (scheme, offer) in [
                (PAIR, format!("token, {text}")),
                (part, format!("a, p.{text}")),
                (sole, format!("p.{text}")),
                (alone, text.to_string()),
            ] {
                let head = head(&[("Sec-WebSocket-Protocol", &offer)]);
                let Ok(Some(request)) = RequestReader::new(Admission::any()).read(&mut &head[..])
                else {
                    continue; // this is not a token, and so nothing was decoded
                };
                assert_eq!(found(|| use_all(&request, &[scheme])), 0, "{encoding:?} {offer}");
                let found = found(|| use_all_connect(&request, &[scheme]));
                assert_eq!(found, 0, "{encoding:?} {offer}");
            }
        }
    }
}

#[test]
fn a_server_wipes_what_it_found_before_another_scheme_fails() {
    let good = Scheme::prefixed("p.", Encoding::Base64Url).unwrap();
    let bad = Scheme::prefixed("q.", Encoding::Percent).unwrap();
    let all = [good, bad, PAIR];
    for offer in [
        format!("a, p.{BASE64}, q.{SECRET}"),
        format!("a, p.{BASE64}, q.{SECRET}%zz"),
        format!("p.{BASE64}, token, {SECRET}, q.{SECRET}"),
        format!("p.{BASE64}, q.{SECRET}, token"),
        format!("p.{BASE64}, p.x{SECRET}"),
        format!("p.{BASE64}"),
    ] {
        let head = head(&[("Sec-WebSocket-Protocol", &offer)]);
        assert_eq!(found(|| use_all(&read(&head), &all)), 0, "{offer}");
    }
}

#[test]
fn a_server_wipes_what_it_reads_of_an_authorization_good_or_bad() {
    let mut values = vec![format!("Bearer {SECRET}"), format!("Token {SECRET}\u{e9}")];
    values.push(format!("Token {SECRET}"));
    values.extend([format!("Key {SECRET}"), String::from(SECRET), format!("/ {SECRET}")]);
    // "user:", and the secret.
    values.push(format!("Basic dXNlcjph{BASE64}"));
    values.extend(BASE64S.iter().map(|text| format!("Basic {text}")));
    for value in &values {
        for more in [&[][..], &[("Authorization", "Bearer other")]] {
            let fields = [&[("Authorization", &**value)], more].concat();
            let head = head(&fields);
            let request = read(&head);
            let used = || {
                let Ok(Some(authorization)) = request.authorization() else { return };
                let _ = format!("{authorization:?}");
                if let Authorization::Basic { user, password } = authorization.clone() {
                    let _ = (user == password, password.expose_str().is_ok());
                }
            };
            assert_eq!(found(used), 0, "{value}");
        }
    }
}

#[test]
fn a_credential_wipes_all_the_memory_that_it_took_over() {
    let wiped = || {
        let mut text = String::with_capacity(100);
        text.push_str(SECRET);
        text.truncate(3); // the rest is still there
        drop(Credential::new(text));
        let key = Credential::new(SECRET);
        let copies = Vec::from([key.clone(), key]);
        assert!(copies[0] == copies[1]);
    };
    assert_eq!(found(wiped), 0);
}

/// Secrets with more behind them, of which the memory is the caller's, and stays.
static LONGER: LazyLock<[String; 2]> =
    LazyLock::new(|| [" b?", "/"].map(|more| [SECRET, more].concat()));
static HUGE: LazyLock<String> = LazyLock::new(|| SECRET.repeat(MAX_ENTRY));

/// Offers that can be made, and what becomes of those that cannot.
fn offers() -> Vec<Offer> {
    let new = || Offer::required().with_name("a").unwrap();
    let mut offers = Vec::new();
    for scheme in ENCODINGS.into_iter().flat_map(prefixed) {
        offers.extend(new().with_credential(&scheme, SECRET));
        offers.extend(new().with_credential(&scheme, &*LONGER[0]));
        assert!(new().with_credential(&scheme, &**HUGE).is_err());
        let twice = new().with_credential(&scheme, SECRET).unwrap();
        assert!(twice.with_credential(&scheme, SECRET).is_err());
    }
    assert!(new().with_credential(&PAIR, &*LONGER[1]).is_err());
    offers.extend(new().with_credential(&PAIR, SECRET));
    offers.push(vendor::KUBERNETES.offer(SECRET).unwrap());
    offers
}

#[test]
fn a_client_wipes_the_offers_that_it_makes_clones_and_writes() {
    let url = ["wss://a/?key=", SECRET].concat();
    let url = Url::parse(&url).unwrap();
    let authorization = ["Bearer ", SECRET].concat();
    let headers = [("Authorization", &*authorization), ("Cookie", SECRET)];
    let mut out = Vec::with_capacity(1 << 16);
    let used = || {
        for offer in offers() {
            let _ = format!("{offer:?}");
            let request =
                client::Request::new(url).with_offer(offer.clone()).with_headers(&headers).unwrap();
            let request = request.with_secret_header("api-key", SECRET).unwrap();
            assert!(request.clone().with_headers(&[("Host", SECRET)]).is_err());
            assert!(request.clone().with_secret_header("api key", SECRET).is_err());
            let mut zeros = |bytes: &mut [u8]| bytes.fill(0);
            let mut reader = request.write(&mut zeros, &mut out).unwrap();
            assert!(reader.clone().read(&mut &b"HTTP/1.1 101 a\r\n\r\n"[..]).is_err());
            let _ = reader.read(&mut &b"HTTP/1.1 200 a\r\n\r\n"[..]);
            let mut full = [0_u8; 8];
            assert!(request.write(&mut zeros, &mut &mut full[..]).is_err());
            let (fields, reader) = request.to_fields().unwrap();
            drop(fields.clone());
            let _ = reader.read_fields(200, &[("sec-websocket-protocol", b"a")]);
        }
    };
    assert_eq!(found(used), 0);
}

#[test]
fn a_server_wipes_what_a_refusal_repeats() {
    let refused = || {
        let refusal = Refusal::FORBIDDEN.with_headers(&[("Set-Cookie", SECRET)]).unwrap();
        let refusal = refusal.with_body(SECRET);
        drop(refusal.clone().to_fields());
        refusal.write(&mut [0_u8; 512].as_mut_slice()).unwrap();
    };
    assert_eq!(found(refused), 0);
}

/// What the `http` crate's types hold is theirs, and is not wiped: see `SECURITY.md`.
#[cfg(feature = "http")]
#[test]
fn a_client_wipes_what_it_makes_the_types_of_the_http_crate_of() {
    let text = ["wss://a/?key=", SECRET].concat();
    let url = Url::parse(&text).unwrap();
    let offer = Offer::required().with_name("a").unwrap().with_credential(&PAIR, SECRET).unwrap();
    let headers = [("Cookie", SECRET)];
    let request = client::Request::new(url).with_offer(offer).with_headers(&headers).unwrap();
    let mut zeros = |bytes: &mut [u8]| bytes.fill(0);
    assert_eq!(found(|| request.to_http::<()>(&mut zeros).unwrap()), 0, "an upgrade");
    assert_eq!(found(|| request.to_http_connect::<()>().unwrap()), 0, "an extended CONNECT");
}

#[test]
fn a_client_wipes_what_it_shows_to_a_proxy() {
    let url = Url::parse("wss://a/").unwrap();
    let value = ["Bearer ", SECRET].concat();
    let mut out = Vec::with_capacity(1 << 12);
    // For which a text has to grow behind the needle, by each remainder of what base64 takes at once.
    for behind in [97, 98, 99] {
        let password = [SECRET, &"z".repeat(behind)].concat();
        assert_eq!(found(|| show(url, &password, &value, &mut out)), 0);
    }
    let has = |needle: &str| out.windows(needle.len()).any(|at| at == needle.as_bytes());
    assert!(NEEDLES.into_iter().all(has), "both were written");
}

fn show(url: Url<'_>, password: &str, value: &str, out: &mut Vec<u8>) {
    let basic =
        client::proxy::TunnelRequest::new(url).with_basic(b"ab", password.as_bytes()).unwrap();
    assert!(client::proxy::TunnelRequest::new(url).with_basic(b":", SECRET.as_bytes()).is_err());
    let again = basic.clone().with_authorization(value);
    for request in [basic, again] {
        let _ = format!("{request:?}");
        let _ = request.write(out).unwrap();
        let mut full = [0_u8; 8];
        assert!(request.write(&mut &mut full[..]).is_err());
    }
}

#[test]
fn a_url_that_owns_its_text_wipes_it() {
    let text = ["wss://a/b?key=", SECRET].concat();
    let location = ["/c/../d?key=", SECRET].concat();
    let downgrade = ["ws://b?", SECRET].concat();
    let used = || {
        let url: UrlBuf = text.parse().unwrap();
        let _ = format!("{url:?}");
        let other = url.as_url().with_resource("/", Some(SECRET)).unwrap();
        assert!(url.as_url().with_resource("/ ", Some(SECRET)).is_err());
        let next = client::Redirect::resolve(other.as_url(), &location).unwrap();
        assert_eq!(next.url().path(), "/d");
        assert!(client::Redirect::resolve(url.as_url(), &downgrade).is_err());
        let _ = (url.clone(), UrlBuf::from(next.url()));
    };
    assert_eq!(found(used), 0);
}

#[test]
fn a_gateway_wipes_the_cookies_that_it_joins() {
    let mut fields: Vec<(&str, &[u8])> = vec![
        (":method", b"CONNECT"),
        (":protocol", b"websocket"),
        (":scheme", b"https"),
        (":path", b"/"),
        (":authority", b"a"),
        ("sec-websocket-version", b"13"),
        ("cookie", b"a=b"),
        ("cookie", SECRET.as_bytes()),
    ];
    fields.extend([("cookie", &b"c"[..]); 99]); // what is joined has to grow behind the needle
    let request = RequestReader::new(Admission::any()).read_fields(&fields).unwrap();
    let mut out = Vec::with_capacity(1 << 12);
    let used = || {
        let url = Url::parse("wss://a/").unwrap();
        let forwarded = gateway::forward_request(&request, url, &["cookie"]).unwrap();
        let mut zeros = |bytes: &mut [u8]| bytes.fill(0);
        forwarded.write(&mut zeros, &mut out).unwrap();
        drop(forwarded.to_fields().unwrap());
    };
    assert_eq!(found(used), 0);
}
