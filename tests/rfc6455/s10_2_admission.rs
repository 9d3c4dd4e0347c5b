//! Who may open is judged alike whatever carried the request, and in no spelling is more let in than
//! was listed. Single rules are vectors: `vectors/handshake/admission.json` and `vectors/handshake/origin.json`.

use patchcord::handshake::admission::Admission;
use patchcord::handshake::server::{Refusal, RequestError, RequestReader};
use proptest::prelude::*;

/// What a browser or a program says: each as it stands in its field.
#[derive(Clone, Copy, Debug)]
struct Said<'text> {
    host: &'text str,
    origin: Option<&'text str>,
    mode: Option<&'text str>,
    site: Option<&'text str>,
}

impl<'text> Said<'text> {
    fn fields(&self) -> Vec<(&'static str, &'text str)> {
        [("origin", self.origin), ("sec-fetch-mode", self.mode), ("sec-fetch-site", self.site)]
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .chain([("sec-websocket-version", "13")])
            .collect()
    }

    fn upgrade(&self) -> Vec<(&'static str, &'text str)> {
        let own = [
            ("host", self.host),
            ("upgrade", "websocket"),
            ("connection", "Upgrade"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ];
        own.into_iter().chain(self.fields()).collect()
    }

    fn in_bytes(&self, admission: Admission<'_>) -> Result<(), RequestError> {
        let lines = self.upgrade().into_iter().map(|(name, value)| format!("{name}: {value}\r\n"));
        let head = format!("GET / HTTP/1.1\r\n{}\r\n", lines.collect::<String>());
        let mut reader = RequestReader::new(admission);
        reader.read(&mut head.as_bytes()).map(|request| assert!(request.is_some()))
    }

    fn in_a_list(&self, admission: Admission<'_>) -> Result<(), RequestError> {
        let own = [
            (":method", "CONNECT"),
            (":protocol", "websocket"),
            (":scheme", "https"),
            (":path", "/"),
            (":authority", self.host),
        ];
        let fields: Vec<_> = own
            .into_iter()
            .chain(self.fields())
            .map(|(name, value)| (name, value.as_bytes()))
            .collect();
        RequestReader::new(admission).read_fields(&fields).map(drop)
    }
}

#[cfg(feature = "http")]
mod values {
    use super::*;

    impl Said<'_> {
        pub(super) fn in_a_value(&self, admission: Admission<'_>) -> Result<(), RequestError> {
            let mut request = http::Request::new(());
            for (name, value) in self.upgrade() {
                request.headers_mut().append(name, value.parse().unwrap());
            }
            RequestReader::new(admission).read_http(&request).map(drop)
        }

        pub(super) fn in_a_connect(&self, admission: Admission<'_>) -> Result<(), RequestError> {
            let uri = format!("https://{}/", self.host);
            let mut request = http::Request::connect(uri).body(()).unwrap();
            for (name, value) in self.fields() {
                request.headers_mut().append(name, value.parse().unwrap());
            }
            RequestReader::new(admission).read_http_connect(&request, Some("websocket")).map(drop)
        }
    }
}

/// The judgement of all carriers, which is one.
fn judged(said: Said<'_>, admission: Admission<'_>) -> Result<(), RequestError> {
    let judged = said.in_bytes(admission);
    assert_eq!(said.in_a_list(admission), judged, "{said:?}");
    #[cfg(feature = "http")]
    {
        assert_eq!(said.in_a_value(admission), judged, "{said:?}");
        assert_eq!(said.in_a_connect(admission), judged, "{said:?}");
    }
    judged
}

const HOSTS: [&str; 3] = ["localhost:9001", "127.0.0.1:9001", "evil.example:9001"];
const ORIGINS: [Option<&str>; 6] = [
    None,
    Some("http://localhost:9001"),
    Some("http://localhost:3000"),
    Some("http://evil.example:9001"),
    Some("app://-"),
    Some("null"),
];
const MODES: [Option<&str>; 3] = [None, Some("websocket"), Some("cors")];
const SITES: [Option<&str>; 4] = [None, Some("same-origin"), Some("cross-site"), Some("none")];

fn everything_said() -> Vec<Said<'static>> {
    let mut all = Vec::new();
    for (host, origin) in HOSTS.into_iter().flat_map(|host| ORIGINS.map(|origin| (host, origin))) {
        for (mode, site) in MODES.into_iter().flat_map(|mode| SITES.map(|site| (mode, site))) {
            all.push(Said { host, origin, mode, site });
        }
    }
    all
}

/// What the documentation says, in the words of this test: by texts, not by parts of origins.
fn expected(said: Said<'_>, pages: &[&str]) -> Result<(), RequestError> {
    if said.host == "evil.example:9001" {
        return Err(RequestError::Misdirected);
    }
    if said.origin.is_some_and(|origin| !pages.contains(&origin)) {
        return Err(RequestError::Origin);
    }
    let own = said.origin.is_none() || said.origin == Some(&format!("http://{}", said.host));
    if said.mode == Some("cors") || own && said.site == Some("cross-site") {
        return Err(RequestError::FetchMetadata);
    }
    Ok(())
}

#[test]
fn the_loopback_is_judged_alike_by_all_carriers() {
    for pages in
        [&[][..], &["http://localhost:9001"], &["app://-", "null", "http://localhost:3000"]]
    {
        let admission = Admission::loopback(9001, pages).unwrap();
        for said in everything_said() {
            assert_eq!(judged(said, admission), expected(said, pages), "{said:?} of {pages:?}");
        }
    }
}

#[test]
fn a_server_that_takes_any_takes_all_of_it() {
    for said in everything_said() {
        assert_eq!(judged(said, Admission::any()), Ok(()), "{said:?}");
    }
}

#[test]
fn each_judge_has_its_answer() {
    for (error, status) in [
        (RequestError::Misdirected, 421),
        (RequestError::Origin, 403),
        (RequestError::FetchMetadata, 403),
    ] {
        assert_eq!(Refusal::from(error).status(), status);
    }
}

/// Hosts and origins that look like those that are let in.
fn look_alike() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "localhost",
        "LOCALHOST",
        "127.0.0.1",
        "127.8.0.1",
        "[::1]",
        "[0::1]",
        "[::2]",
        "good.example",
        "evil.example",
        "*",
        ".",
        "..",
        ":",
        ":9001",
        ":9002",
        ":09001",
        ":80",
        "%2e",
        "0",
        "-",
        "a",
    ]);
    prop::collection::vec(part, 1..4).prop_map(|parts| parts.concat())
}

fn origin() -> impl Strategy<Value = Option<String>> {
    let scheme =
        prop::sample::select(vec!["http://", "HTTP://", "https://", "app://", "null", "//"]);
    prop::option::of((scheme, look_alike()).prop_map(|(scheme, rest)| [scheme, &rest].concat()))
}

/// The name and the port of what is let in, in the one form that a browser gives it.
fn canonical(host: &str) -> Option<(String, u16)> {
    let (name, port) = host.rsplit_once(':').filter(|(_, port)| !port.ends_with(']'))?;
    let name = name.to_ascii_lowercase();
    let name = if name == "[0::1]" { "[::1]".to_owned() } else { name };
    Some((name, port.parse().ok()?))
}

/// Four numbers below 256 without a zero before them, and the first is 127.
fn is_address_of_loopback(name: &str) -> bool {
    let parts: Vec<&str> = name.split('.').collect();
    let is_number =
        |part: &&str| part.parse::<u8>().is_ok_and(|number| number.to_string() == *part);
    parts.len() == 4 && parts[0] == "127" && parts.iter().all(is_number)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_spelling_of_a_host_is_let_in_but_those_of_the_loopback(host in look_alike()) {
        let said = Said { host: &host, origin: None, mode: None, site: None };
        let is_known =
            |name: &str| ["localhost", "[::1]"].contains(&name) || is_address_of_loopback(name);
        let listed = canonical(&host).is_some_and(|(name, port)| port == 9001 && is_known(&name));
        let judged = said.in_bytes(Admission::loopback(9001, &[]).unwrap());
        // What is not a host at all is refused before it is judged.
        let refused = [RequestError::Misdirected, RequestError::Host];
        prop_assert_eq!(judged.is_ok(), listed, "{}", &host);
        prop_assert!(judged.err().is_none_or(|error| refused.contains(&error)));
    }

    #[test]
    fn no_spelling_of_an_origin_is_let_in_but_those_that_are_listed(origin in origin()) {
        let pages = ["http://localhost:9001", "http://*.good.example:9001", "app://a"];
        let said = Said {
            host: "localhost:9001", origin: origin.as_deref(), mode: None, site: None,
        };
        let text = origin.as_deref().unwrap_or("http://localhost:9001").to_ascii_lowercase();
        let listed = match text.split_once("://") {
            Some(("app", rest)) => rest == "a",
            Some(("http", rest)) => canonical(rest).is_some_and(|(name, port)| {
                let labels: Vec<&str> = name.split('.').collect();
                let below = labels.len() > 2 && name.ends_with(".good.example");
                let is_name = |label: &&str| {
                    !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                };
                port == 9001 && (name == "localhost" || below && labels.iter().all(is_name))
            }),
            _ => false,
        };
        let judged = said.in_bytes(Admission::loopback(9001, &pages).unwrap());
        let expected = if listed { Ok(()) } else { Err(RequestError::Origin) };
        prop_assert_eq!(judged, expected, "{:?}", origin);
    }
}
