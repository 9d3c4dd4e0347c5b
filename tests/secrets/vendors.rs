//! The presets of services in use: both ends, and what nobody may see of the secret.
#![cfg(feature = "credentials")]

mod shown;
mod table;

use patchcord::handshake::Url;
use patchcord::handshake::admission::Admission;
use patchcord::handshake::client::{Answer, Request};
use patchcord::handshake::credential::vendor;
use patchcord::handshake::credential::{CredentialError, Encoding, Scheme};
use patchcord::handshake::server::{Refusal, Request as Asked, RequestReader};
use patchcord::handshake::subprotocol::{Offer, OfferError, SelectionError};
use shown::{assert_hidden, everything_shown};
use table::VENDORS;

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

fn read(head: &[u8]) -> Asked<'_> {
    let mut reader = RequestReader::new(Admission::any());
    reader.read(&mut &head[..]).expect("a good request").expect("a whole request")
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
            Request::new(url).with_offer(offer).write(&mut nonce, &mut request).expect("a request");
        assert!(has(&request, &format!("\r\nSec-WebSocket-Protocol: {entries}\r\n")), "{name}");

        let seen = read(&request);
        let mut offers = seen.offers();
        let found = offers.take(&vendor.scheme).expect(name).expect(name);
        assert!(found.matches(secret), "{name}");
        assert!(!found.matches("S3cr3tK3x") && !found.matches(""), "{name}");
        let supported: Vec<&str> = vendor.selected().into_iter().collect();
        let selected = match offers.select(&supported) {
            // What is no credential itself comes beside one.
            Err(error) => {
                assert_eq!(error, SelectionError::NothingElse, "{name}");
                assert!(vendor.name.is_none() && !vendor.scheme.is_sole(), "{name}");
                continue;
            }
            Ok(selected) => selected,
        };
        let answer = seen.response().with_subprotocol(selected).expect("of this request");
        answer.write(&mut response).expect("room");

        let answer = reader.read(&mut &response[..]).expect(name);
        let Some(Answer::Accepted(open)) = answer else { panic!("{name}: not open") };
        assert_eq!(open.subprotocol(), selected.map(|name| name.as_str()), "{name}");
        let sole = vendor.scheme.is_sole();
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
        let expected = entries.contains(", ").then_some(first);
        assert_eq!(vendor.selected(), expected, "{name}");
    }
}

#[test]
fn no_choice_of_a_server_sends_a_secret_back() {
    for (name, vendor, secret, entries) in VENDORS {
        let request = head(entries);
        let seen = read(&request);
        let mut offers = seen.offers();
        offers.take(&vendor.scheme).expect(name).expect(name);
        let hidden = entries.split(", ").last().expect("an entry");
        assert!(offers.iter().all(|offer| offer.as_str() != hidden), "{name}");
        for supported in [&[hidden][..], &[hidden, secret], &[secret, hidden]] {
            assert_eq!(offers.select(supported), Err(SelectionError::Hidden), "{name}");
            assert_eq!(offers.select_by_client(supported), Err(SelectionError::Hidden), "{name}");
        }
        assert_eq!(offers.find(|offer| offer == hidden || offer.contains(secret)), None, "{name}");
        let alone = offers.select(&[]).ok().flatten().map(|entry| entry.as_str().to_owned());
        assert_eq!(alone, vendor.scheme.is_sole().then(|| hidden.to_owned()), "{name}");
    }
}

/// Microvms: `new WebSocket(url, ["lambda-microvms", AUTHENTICATION, PORT])`.
#[test]
fn a_value_beside_a_credential_is_taken_like_one() {
    let request =
        head("lambda-microvms, lambda-microvms.authentication.eyJ.T, lambda-microvms.port.8082");
    let seen = read(&request);
    let mut offers = seen.offers();
    let token = offers.take(&vendor::LAMBDA_MICROVMS.scheme).unwrap().unwrap();
    let port = offers.take(&vendor::LAMBDA_MICROVMS_PORT.scheme).unwrap().unwrap();
    assert_eq!((token.expose_str(), port.expose_str()), (Ok("eyJ.T"), Ok("8082")));
    let selected = offers.select(&["lambda-microvms"]).unwrap();
    assert_eq!(selected.map(|name| name.as_str()), Some("lambda-microvms"));
    assert_eq!(offers.iter().count(), 1);
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
        .with_credential(&schemes[0], "KEY")
        .and_then(|offer| offer.with_credential(&schemes[1], "ID"))
        .expect("an offer");
    let mut request = Vec::new();
    let url = Url::parse(URL).expect("a URL");
    let mut reader =
        Request::new(url).with_offer(offer).write(&mut nonce, &mut request).expect("room");
    let pairs = "Sec-WebSocket-Protocol: token, KEY, x-deepgram-session-id, ID\r\n";
    assert!(has(&request, pairs));
    for schemes in [schemes, [schemes[1], schemes[0]]] {
        let seen = read(&request);
        let mut offers = seen.offers();
        for scheme in schemes {
            let secret = if scheme == vendor::DEEPGRAM.scheme { "KEY" } else { "ID" };
            assert!(offers.take(&scheme).unwrap().is_some_and(|key| key.matches(secret)));
        }
        let names: Vec<_> = offers.iter().map(|offer| offer.as_str()).collect();
        assert_eq!(names, ["token", "x-deepgram-session-id"]);
        let mut response = Vec::new();
        let selected = offers.select(&["token"]).unwrap();
        seen.response().with_subprotocol(selected).unwrap().write(&mut response).expect("room");
        assert!(!has(&response, "KEY") && !has(&response, "ID\r"));
        assert!(matches!(reader.read(&mut &response[..]), Ok(Some(Answer::Accepted(_)))));
    }
}

/// What comes of taking these schemes out, one after the other, and then selecting.
fn taken(
    offers: &str,
    schemes: &[Scheme<'_>],
) -> (Option<CredentialError>, Option<SelectionError>) {
    let request = head(offers);
    let seen = read(&request);
    let mut offers = seen.offers();
    let failed = schemes.iter().find_map(|scheme| offers.take(scheme).err());
    (failed, offers.select(&["chat", "realtime"]).err())
}

#[test]
fn what_is_ambiguous_is_refused() {
    let (token, bearer) = (vendor::DEEPGRAM.scheme, vendor::DEEPGRAM_BEARER.scheme);
    let (openai, xai) = (vendor::OPENAI_REALTIME.scheme, vendor::XAI.scheme);
    let (kubernetes, ivs) = (vendor::KUBERNETES.scheme, vendor::IVS_CHAT.scheme);
    let cases: [(&str, &[Scheme<'_>], CredentialError); 14] = [
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
        ("xai-client-secret.A, xai-client-secret.B", &[xai], CredentialError::Ambiguous),
        ("a, base64url.bearer.authorization.k8s.io.*", &[kubernetes], CredentialError::Encoding),
        ("chat, TOKEN", &[ivs], CredentialError::Ambiguous),
        ("token, KEY", &[token, ivs], CredentialError::Ambiguous),
        ("xai-client-secret.A", &[xai, ivs], CredentialError::Ambiguous),
    ];
    for (offers, schemes, expected) in cases {
        // Whatever the order in which a server asks.
        let mut reversed = schemes.to_vec();
        reversed.reverse();
        assert_eq!(taken(offers, schemes).0, Some(expected), "{offers}");
        assert!(taken(offers, &reversed).0.is_some(), "{offers}");
        assert_eq!(Refusal::from(expected).status(), 400);
    }
}

#[test]
fn a_credential_that_is_all_there_is_leaves_nothing_to_select() {
    let openai = vendor::OPENAI_REALTIME.scheme;
    let alone = Some(SelectionError::NothingElse);
    assert_eq!(taken("openai-insecure-api-key.K", &[openai]), (None, alone));
    assert_eq!(taken("realtime, openai-insecure-api-key.K", &[openai]), (None, None));
    assert_eq!(Refusal::from(SelectionError::NothingElse).status(), 400);
}

/// There is no cap: a server may know as many schemes as it likes.
#[test]
fn any_number_of_schemes_can_be_taken() {
    let names: Vec<String> = (0..16).map(|i| format!("k{i:02}.")).collect();
    let entries: Vec<String> = names.iter().map(|name| format!("{name}SECRET{name}")).collect();
    let request = head(&format!("chat, {}", entries.join(", ")));
    let seen = read(&request);
    let mut offers = seen.offers();
    for name in &names {
        let scheme = Scheme::prefixed(name, Encoding::Raw).unwrap();
        let key = offers.take(&scheme).unwrap();
        assert!(key.is_some_and(|key| key.matches(format!("SECRET{name}"))), "{name}");
    }
    assert_eq!(offers.iter().map(|offer| offer.as_str()).collect::<Vec<_>>(), ["chat"]);
}

/// A caller that goes on after an error cannot send back what was found in part.
#[test]
fn what_could_not_be_taken_cannot_be_selected_either() {
    let kubernetes = vendor::KUBERNETES.scheme;
    let request = head("chat, base64url.bearer.authorization.k8s.io.S3cr3tK3y*");
    let seen = read(&request);
    let mut offers = seen.offers();
    assert_eq!(offers.take(&kubernetes), Err(CredentialError::Encoding));
    assert!(offers.iter().all(|offer| offer.as_str() == "chat"));
}

#[test]
fn a_client_does_not_offer_what_a_server_would_refuse() {
    let prefixed = Scheme::prefixed("key.", Encoding::Raw).unwrap();
    for (offer, expected) in [
        (vendor::DEEPGRAM.offer("token"), OfferError::Duplicate),
        (vendor::DEEPGRAM.offer(""), OfferError::NotAToken),
        (vendor::DEEPGRAM.offer("a/b"), OfferError::NotAToken),
        (vendor::DEEPGRAM.offer([0xff]), OfferError::NotAToken),
        (vendor::DEEPGRAM.offer("KEY\r\nX-Injected: 1"), OfferError::NotAToken),
        (vendor::PHOENIX.offer("ab?"), OfferError::NotAToken),
        (vendor::DEEPGRAM.offer("k".repeat(12 * 1024 + 1)), OfferError::TooLong),
        (
            Offer::required().with_name("key.A").and_then(|o| o.with_credential(&prefixed, "A")),
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

    let key = Credential::new("S3cr3tK3y");
    assert!(key.matches("S3cr3tK3y") && key == Credential::new("S3cr3tK3y"));
    for other in ["", "S", "S3cr3tK3", "S3cr3tK3x", "s3cr3tK3y", "S3cr3tK3yy", "x3cr3tK3y"] {
        assert!(!key.matches(other) && key != Credential::new(other), "{other}");
    }
}
