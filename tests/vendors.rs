//! The presets of services in use: both ends, and what nobody may see of the secret.
#![cfg(feature = "credentials")]

mod handshake {
    pub(crate) mod shown;
}

use handshake::shown::{assert_hidden, everything_shown};
use patchcord::handshake::Url;
use patchcord::handshake::admission::Admission;
use patchcord::handshake::client::{Answer, Request};
use patchcord::handshake::credential::vendor::{self, Vendor};
use patchcord::handshake::credential::{Codec, CredentialError, Scheme};
use patchcord::handshake::server::RequestReader;
use patchcord::handshake::subprotocol::{Offer, OfferError, OffersError};

/// Each preset, a secret as the service has them, and the entries that it offers.
const VENDORS: [(&str, Vendor, &str, &str); 17] = [
    ("Deepgram", vendor::DEEPGRAM, "S3cr3tK3y", "token, S3cr3tK3y"),
    ("Deepgram, JWT", vendor::DEEPGRAM_BEARER, "aaa.S3cr3tK3y._-", "bearer, aaa.S3cr3tK3y._-"),
    (
        "Deepgram, session",
        vendor::DEEPGRAM_SESSION,
        "S3cr3tK3y-1-2",
        "x-deepgram-session-id, S3cr3tK3y-1-2",
    ),
    (
        "OpenAI",
        vendor::OPENAI_REALTIME,
        "ek_S3cr3tK3y",
        "realtime, openai-insecure-api-key.ek_S3cr3tK3y",
    ),
    (
        "Deepgram, starters",
        vendor::DEEPGRAM_STARTERS,
        "aaa.S3cr3tK3y._-",
        "access_token.aaa.S3cr3tK3y._-",
    ),
    (
        "Quarkus, raw",
        vendor::QUARKUS_RAW,
        "Authorization#Bearer S3cr3tK3y",
        "bearer-token-carrier, quarkus-http-upgrade#Authorization#Bearer%20S3cr3tK3y",
    ),
    ("Feldera", vendor::FELDERA, "S3cr3tK3y??", "feldera-bearer.UzNjcjN0SzN5Pz8"),
    ("ElevenLabs", vendor::ELEVENLABS, "S3cr3tK3y", "convai, bearer.S3cr3tK3y"),
    ("xAI", vendor::XAI, "S3cr3tK3y", "xai-client-secret.S3cr3tK3y"),
    (
        "Kubernetes",
        vendor::KUBERNETES,
        "S3cr3tK3y:/+?",
        "v5.channel.k8s.io, base64url.bearer.authorization.k8s.io.UzNjcjN0SzN5Oi8rPw",
    ),
    (
        "AppSync Events",
        vendor::APPSYNC_EVENTS,
        "{\"x-api-key\":\"S3cr3tK3y\"}",
        "aws-appsync-event-ws, header-eyJ4LWFwaS1rZXkiOiJTM2NyM3RLM3kifQ",
    ),
    (
        "AppSync GraphQL",
        vendor::APPSYNC_GRAPHQL,
        "{\"x-api-key\":\"S3cr3tK3y\"}",
        "graphql-ws, header-eyJ4LWFwaS1rZXkiOiJTM2NyM3RLM3kifQ",
    ),
    ("Phoenix", vendor::PHOENIX, "S3cr3tK3y~~", "phoenix, base64url.bearer.phx.UzNjcjN0SzN5fn4"),
    (
        "Jupyter",
        vendor::JUPYTER,
        "S3cr3tK3y/=(1)",
        "v1.token.websocket.jupyter.org, v1.token.websocket.jupyter.org.S3cr3tK3y%2F%3D%281%29",
    ),
    (
        "Quarkus",
        vendor::QUARKUS,
        "Authorization#Bearer S3cr3tK3y",
        "bearer-token-carrier, quarkus-http-upgrade%23Authorization#Bearer%20S3cr3tK3y",
    ),
    (
        "openHAB",
        vendor::OPENHAB,
        "oh.S3cr3tK3y",
        "org.openhab.ws.protocol.default, org.openhab.ws.accessToken.base64.b2guUzNjcjN0SzN5",
    ),
    (
        "AnyCable",
        vendor::ANYCABLE,
        "a.S3cr3tK3y.b",
        "actioncable-v1-json, anycable-token.a.S3cr3tK3y.b",
    ),
];

const URL: &str = "wss://api.example.com/v1/listen";

fn nonce(bytes: &mut [u8]) {
    bytes.copy_from_slice(b"the sample nonce");
}

/// The head of a request with this header of offers.
fn head(offers: &str) -> Vec<u8> {
    format!(
        "GET /v1/listen HTTP/1.1\r\nHost: api.example.com\r\nUpgrade: websocket\r\n\
         Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: {offers}\r\n\r\n"
    )
    .into_bytes()
}

/// Whether the text `part` is among the bytes.
fn has(bytes: &[u8], part: &str) -> bool {
    bytes.windows(part.len()).any(|window| window == part.as_bytes())
}

#[test]
fn every_preset_goes_from_end_to_end() {
    for (name, vendor, secret, entries) in VENDORS {
        let (mut request, mut response) = (Vec::new(), Vec::new());
        let offer = vendor.offer(secret).expect(name);
        let url = Url::parse(URL).expect("a URL");
        let mut reader =
            Request::new(url).offer(offer).write(&mut nonce, &mut request).expect("a request");
        assert!(has(&request, &format!("\r\nSec-WebSocket-Protocol: {entries}\r\n")), "{name}");

        let mut input = &request[..];
        let seen = RequestReader::new(Admission::any()).read(&mut input);
        let seen = seen.expect("a good request").expect("a whole request");
        let offers = seen.subprotocols(&[vendor.scheme]).expect(name);
        let found = offers.credential(0).expect(name);
        assert!(found.matches(secret), "{name}");
        assert!(!found.matches("S3cr3tK3x") && !found.matches(""), "{name}");
        let selected = match vendor.selected() {
            Some(supported) => offers.server_preference(&[supported]),
            None => offers.sole(),
        };
        let selected = offers.require(selected).expect(name);
        seen.accept(selected, &mut response).expect("room");

        let answer = reader.read(&mut &response[..]).expect(name);
        let Some(Answer::Open(open)) = answer else { panic!("{name}: not open") };
        assert_eq!(open.subprotocol(), selected.map(|name| name.as_str()), "{name}");
        let sole = matches!(vendor.scheme, Scheme::Sole { .. });
        let shown = entries.split(", ").last().expect("an entry");
        assert_eq!(has(&response, shown), sole, "{name}: the secret is in the 101");
        let raw = sole && shown.ends_with(secret);
        assert_eq!(has(&response, secret), raw, "{name}: the secret is in the 101");
    }
}

#[test]
fn what_is_selected_is_what_the_preset_says() {
    for (name, vendor, _, entries) in VENDORS {
        let first = entries.split(", ").next().expect("an entry");
        let expected = (!matches!(vendor.scheme, Scheme::Sole { .. })).then_some(first);
        assert_eq!(vendor.selected(), expected, "{name}");
    }
}

#[test]
fn no_choice_of_a_server_sends_a_secret_back() {
    for (name, vendor, secret, entries) in VENDORS {
        let request = head(entries);
        let seen = RequestReader::new(Admission::any()).read(&mut &request[..]);
        let seen = seen.expect("a good request").expect("a whole request");
        let offers = seen.subprotocols(&[vendor.scheme]).expect(name);
        let hidden = entries.split(", ").last().expect("an entry");
        assert!(offers.iter().all(|offer| offer.as_str() != hidden), "{name}");
        assert_eq!(offers.server_preference(&[hidden, secret]), None, "{name}");
        assert_eq!(offers.client_preference(&[hidden, secret]), None, "{name}");
        assert_eq!(offers.find(|offer| offer == hidden || offer.contains(secret)), None, "{name}");
        let sole = offers.sole().map(|entry| entry.as_str().to_owned());
        let expected = matches!(vendor.scheme, Scheme::Sole { .. }).then(|| hidden.to_owned());
        assert_eq!(sole, expected, "{name}");
    }
}

#[test]
fn nothing_that_can_be_printed_shows_a_secret() {
    for (name, vendor, secret, entries) in VENDORS {
        let hidden = entries.split(", ").last().expect("an entry");
        let shown = everything_shown(&vendor, secret);
        assert!(shown.len() >= 25, "{name}: only {} texts", shown.len());
        for (what, text) in shown {
            assert!(!text.is_empty(), "{name}: {what} shows nothing at all");
            for secret in [secret, hidden, "S3cr3tK3y"] {
                assert_hidden(name, what, &text, secret);
            }
        }
    }
}

#[test]
fn two_pairs_at_once_are_told_apart() {
    let schemes = [vendor::DEEPGRAM.scheme, vendor::DEEPGRAM_SESSION.scheme];
    let offer = Offer::required()
        .credential(schemes[0], "KEY")
        .and_then(|offer| offer.credential(schemes[1], "ID"))
        .expect("an offer");
    let mut request = Vec::new();
    let url = Url::parse(URL).expect("a URL");
    let mut reader = Request::new(url).offer(offer).write(&mut nonce, &mut request).expect("room");
    let pairs = "Sec-WebSocket-Protocol: token, KEY, x-deepgram-session-id, ID\r\n";
    assert!(has(&request, pairs));
    for schemes in [schemes, [schemes[1], schemes[0]]] {
        let seen = RequestReader::new(Admission::any()).read(&mut &request[..]);
        let seen = seen.expect("a good request").expect("a whole request");
        let offers = seen.subprotocols(&schemes).expect("two pairs");
        let deepgram = usize::from(schemes[1] == vendor::DEEPGRAM.scheme);
        assert!(offers.credential(deepgram).is_some_and(|key| key.matches("KEY")));
        assert!(offers.credential(1 - deepgram).is_some_and(|id| id.matches("ID")));
        let names: Vec<_> = offers.iter().map(|offer| offer.as_str()).collect();
        assert_eq!(names, ["token", "x-deepgram-session-id"]);
        let mut response = Vec::new();
        seen.accept(offers.server_preference(&["token"]), &mut response).expect("room");
        assert!(!has(&response, "KEY") && !has(&response, "ID\r"));
        assert!(matches!(reader.read(&mut &response[..]), Ok(Some(Answer::Open(_)))));
    }
}

#[test]
fn what_is_ambiguous_is_refused() {
    let (token, bearer) = (vendor::DEEPGRAM.scheme, vendor::DEEPGRAM_BEARER.scheme);
    let (openai, xai) = (vendor::OPENAI_REALTIME.scheme, vendor::XAI.scheme);
    let kubernetes = vendor::KUBERNETES.scheme;
    let cases: [(&str, &[Scheme<'_>], CredentialError); 12] = [
        ("token", &[token], CredentialError::Missing),
        ("chat, token", &[token], CredentialError::Missing),
        ("token, bearer", &[token, bearer], CredentialError::Ambiguous),
        ("token, bearer, JWT", &[token, bearer], CredentialError::Ambiguous),
        ("bearer, token, KEY", &[token, bearer], CredentialError::Ambiguous),
        ("token, openai-insecure-api-key.K", &[token, openai], CredentialError::Ambiguous),
        ("a, openai-insecure-api-key.K", &[openai, openai], CredentialError::Ambiguous),
        (
            "realtime, openai-insecure-api-key.A, openai-insecure-api-key.B",
            &[openai],
            CredentialError::Ambiguous,
        ),
        ("realtime, openai-insecure-api-key.", &[openai], CredentialError::Missing),
        ("openai-insecure-api-key.K", &[openai], CredentialError::NothingElse),
        ("xai-client-secret.A, xai-client-secret.B", &[xai], CredentialError::Ambiguous),
        ("a, base64url.bearer.authorization.k8s.io.*", &[kubernetes], CredentialError::Encoding),
    ];
    for (offers, schemes, expected) in cases {
        let request = head(offers);
        let seen = RequestReader::new(Admission::any()).read(&mut &request[..]);
        let seen = seen.expect("a good request").expect("a whole request");
        let refused = seen.subprotocols(schemes).expect_err(offers);
        assert_eq!(refused, OffersError::Credential(expected), "{offers}");
        assert_eq!(refused.refusal().status(), 400, "{offers}");
    }
}

#[test]
fn a_client_does_not_offer_what_a_server_would_refuse() {
    let prefixed = Scheme::Prefixed { prefix: "key.", codec: Codec::Raw };
    for (offer, expected) in [
        (vendor::DEEPGRAM.offer("token"), OfferError::Duplicate),
        (vendor::DEEPGRAM.offer(""), OfferError::NotAToken),
        (vendor::DEEPGRAM.offer("a/b"), OfferError::NotAToken),
        (vendor::DEEPGRAM.offer("KEY\r\nX-Injected: 1"), OfferError::NotAToken),
        (vendor::PHOENIX.offer("ab?"), OfferError::NotAToken),
        (vendor::DEEPGRAM.offer(&"k".repeat(4097)), OfferError::TooLong),
        (
            Offer::required().name("key.A").and_then(|o| o.credential(prefixed, "A")),
            OfferError::Duplicate,
        ),
    ] {
        assert_eq!(offer.expect_err("a bad offer"), expected);
    }
}

/// CVE-2021-33880 (Python websockets): a secret was compared in variable time. The time is
/// `subtle`'s business; here, that both ways to compare look at every byte and at the length.
#[test]
fn a_credential_matches_itself_alone() {
    use patchcord::handshake::credential::Credential;

    let key = Credential::new("S3cr3tK3y".into());
    assert!(key.matches("S3cr3tK3y") && key == Credential::new("S3cr3tK3y".into()));
    for other in ["", "S", "S3cr3tK3", "S3cr3tK3x", "s3cr3tK3y", "S3cr3tK3yy", "x3cr3tK3y"] {
        assert!(!key.matches(other) && key != Credential::new(other.into()), "{other}");
    }
}
