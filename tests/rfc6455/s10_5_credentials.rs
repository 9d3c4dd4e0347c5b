//! Where a credential stands is told as it is: the scheme of an `Authorization`, which fields are
//! never to be indexed, and which do not cross a network unencrypted.
#![cfg(feature = "credentials")]

use patchcord::handshake::Url;
use patchcord::handshake::admission::Admission;
use patchcord::handshake::client::{self, WriteError};
use patchcord::handshake::credential::{Authorization, Credential, CredentialError, vendor};
use patchcord::handshake::server::{Refusal, RequestReader};
use patchcord::handshake::subprotocol::Offer;

const FIELDS: [(&str, &str); 5] = [
    ("Authorization", "Bearer KEY"),
    ("Proxy-Authorization", "Basic KEY"),
    ("Cookie", "session=KEY"),
    ("Origin", "https://a"),
    ("X-Other", "KEY"),
];

/// Headers in which services take their keys, by their documentation.
const SECRET: [&str; 6] = [
    "xi-api-key",
    "api-key",
    "x-api-key",
    "X-Gladia-Key",
    "Ocp-Apim-Subscription-Key",
    "X-Amz-Security-Token",
];

fn is_secret(name: &str) -> bool {
    ["authorization", "proxy-authorization", "cookie", "sec-websocket-protocol"].contains(&name)
        || SECRET.iter().any(|secret| secret.eq_ignore_ascii_case(name))
}

fn request() -> client::Request {
    let offer = vendor::DEEPGRAM.offer("KEY").unwrap();
    let request = client::Request::new(Url::parse("wss://a/").unwrap()).with_offer(offer);
    SECRET.iter().fold(request.with_headers(&FIELDS).unwrap(), |request, name| {
        request.with_secret_header(name, "KEY").unwrap()
    })
}

/// A scheme, a credential or a user, and a password.
type Shown = (String, Vec<u8>, Vec<u8>);

/// What a server finds in a request with these lines.
fn authorization(lines: &[&[u8]]) -> Result<Option<Shown>, CredentialError> {
    let mut head = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        .to_vec();
    for line in lines {
        head.extend_from_slice(&[b"Authorization: ", *line, b"\r\n"].concat());
    }
    head.extend_from_slice(b"\r\n");
    let mut reader = RequestReader::new(Admission::any());
    let request = reader.read(&mut &head[..]).unwrap().unwrap();
    let bytes = |credential: &Credential| credential.expose().to_vec();
    Ok(request.authorization()?.map(|authorization| match &authorization {
        Authorization::Bearer(key) => ("Bearer".into(), bytes(key), vec![]),
        Authorization::Token(key) => ("Token".into(), bytes(key), vec![]),
        Authorization::Basic { user, password } => ("Basic".into(), bytes(user), bytes(password)),
        Authorization::Other { scheme, credential } => {
            (scheme.unwrap_or("-").into(), bytes(credential), vec![])
        }
        other => panic!("{other:?} is not known"),
    }))
}

#[test]
fn an_authorization_is_of_the_scheme_that_it_names_in_whatever_case() {
    for (value, scheme, secret, more) in [
        ("Bearer KEY", "Bearer", "KEY", ""),
        ("bearer KEY", "Bearer", "KEY", ""),
        ("Token KEY", "Token", "KEY", ""),
        ("TOKEN  KEY ", "Token", "KEY", ""),
        ("Basic dTpw", "Basic", "u", "p"),
        ("bASIC dTpw", "Basic", "u", "p"),
        ("Basic Og==", "Basic", "", ""),
        ("Basic dTpwOnE=", "Basic", "u", "p:q"),
        ("Key KEY", "Key", "KEY", ""),
        ("ApiKey id:secret", "ApiKey", "id:secret", ""),
        ("Negotiate YII=", "Negotiate", "YII=", ""),
        (
            "AWS4-HMAC-SHA256 Credential=a, Signature=b",
            "AWS4-HMAC-SHA256",
            "Credential=a, Signature=b",
            "",
        ),
        ("0123456789abcdef", "-", "0123456789abcdef", ""),
        ("Negotiate", "-", "Negotiate", ""),
        ("a/b c", "-", "a/b c", ""),
    ] {
        let found = authorization(&[value.as_bytes()]).unwrap().unwrap();
        assert_eq!(found, (scheme.into(), secret.into(), more.into()), "{value}");
    }
    assert_eq!(authorization(&[]), Ok(None));
}

/// Charging stations that speak OCPP have passwords of 20 arbitrary bytes; RFC 7617 has no charset.
#[test]
fn a_password_is_any_bytes() {
    let bytes: [u8; 20] = [
        0xff, 0x00, 0x3a, 0x80, 0x0a, 0xc3, 0x28, 0x7f, 0xfe, 0x3a, 0x01, 0xed, 0xa0, 0x80, 0x20,
        0x0d, 0xf4, 0x90, 0x99, 0xfb,
    ];
    // "CP-1:" and these bytes.
    let value = b"Basic Q1AtMTr/ADqACsMof/46Ae2ggCAN9JCZ+w==";
    let found = authorization(&[value]).unwrap().unwrap();
    assert_eq!(found, ("Basic".into(), b"CP-1".to_vec(), bytes.to_vec()));
    let password = Credential::new(bytes);
    assert!(password.matches(bytes) && !password.matches([0xff; 20]));
    assert!(password.expose_str().is_err());
}

#[test]
fn an_authorization_that_is_empty_twice_or_not_encoded_is_refused() {
    for (lines, error) in [
        (&[&b""[..]][..], CredentialError::Missing),
        (&[b"Bearer"], CredentialError::Missing),
        (&[b"token "], CredentialError::Missing),
        (&[b"Basic"], CredentialError::Missing),
        (&[b"Basic dXA="], CredentialError::Encoding),
        (&[b"Basic *"], CredentialError::Encoding),
        (&[b"Basic \xff"], CredentialError::Encoding),
        (&[b"Bearer a", b"Bearer a"], CredentialError::Ambiguous),
    ] {
        assert_eq!(authorization(lines), Err(error), "{lines:?}");
        assert_eq!(Refusal::from(error).status(), 400);
    }
}

#[test]
fn a_credential_is_text_for_a_header_if_no_line_can_end_in_it() {
    for text in ["KEY", "a b", "ключ", "\u{a0}"] {
        assert_eq!(Credential::new(text).expose_str(), Ok(text));
    }
    for bad in [&b"a\r\nb"[..], b"a\n", b"\0", b"\x7f", b"\xff", b"\xed\xa0\x80"] {
        let error = Credential::new(bad).expose_str().unwrap_err();
        assert_eq!(Refusal::from(error).status(), 400, "{bad:?}");
    }
}

#[test]
fn each_field_that_can_hold_a_credential_is_sensitive_and_no_other_is() {
    let (fields, _) = request().to_fields().unwrap();
    assert!(fields.iter().count() > 15);
    for field in fields.iter() {
        assert_eq!(field.sensitive, is_secret(field.name), "{}", field.name);
    }
    let (fields, _) =
        request().with_offer(Offer::optional().with_name("chat").unwrap()).to_fields().unwrap();
    let offer = fields.iter().find(|field| field.name == "sec-websocket-protocol");
    assert!(!offer.unwrap().sensitive, "names alone are no secret");
}

#[test]
fn a_header_that_was_declared_secret_is_shown_by_its_name_alone() {
    for name in SECRET {
        let request = client::Request::new(Url::parse("wss://a/").unwrap());
        let shown = format!("{:?}", request.with_secret_header(name, "S3cr3t").unwrap());
        assert!(shown.contains(name) && !shown.contains("S3cr3t"), "{shown}");
    }
}

fn written(request: &client::Request) -> Result<(), WriteError> {
    let mut zeros = |bytes: &mut [u8]| bytes.fill(0);
    request.write(&mut zeros, &mut Vec::new()).map(drop)
}

#[test]
fn a_header_with_a_credential_does_not_cross_a_network_unencrypted_unless_asked_to() {
    let to = |url| client::Request::new(Url::parse(url).unwrap());
    for name in SECRET.into_iter().chain(["Authorization", "proxy-authorization", "cookie"]) {
        let request = to("ws://example.com/").with_secret_header(name, "KEY").unwrap();
        assert_eq!(written(&request), Err(WriteError::PlaintextCredential), "{name}");
        assert_eq!(request.to_fields().map(drop), Err(WriteError::PlaintextCredential), "{name}");
        assert_eq!(written(&request.allow_plaintext_credential()), Ok(()), "{name}");
        for url in ["wss://example.com/", "ws://127.0.0.1/", "ws://[::1]/", "ws://localhost/"] {
            assert_eq!(written(&to(url).with_secret_header(name, "KEY").unwrap()), Ok(()), "{url}");
        }
    }
    // By their names, without being declared; what a cookie is for is not known.
    let plain = |name| written(&to("ws://example.com/").with_headers(&[(name, "KEY")]).unwrap());
    assert_eq!(plain("Authorization"), Err(WriteError::PlaintextCredential));
    assert_eq!((plain("Cookie"), plain("X-Other")), (Ok(()), Ok(())));
}

/// The message is all that a user of a command line sees.
#[test]
fn the_refusal_to_send_a_credential_names_the_method_that_allows_it() {
    let said = WriteError::PlaintextCredential.to_string();
    assert!(said.contains("allow_plaintext_credential"), "{said}");
}

#[cfg(feature = "http")]
#[test]
fn a_value_that_can_hold_a_credential_is_sensitive_for_the_http_crate_too() {
    let mut zeros = |bytes: &mut [u8]| bytes.fill(0);
    let upgrade = request().to_http::<()>(&mut zeros).unwrap().0;
    for request in [upgrade, request().to_http_connect().unwrap().0] {
        assert!(request.headers().len() >= 13);
        for (name, value) in request.headers() {
            assert_eq!(value.is_sensitive(), is_secret(name.as_str()), "{name}");
        }
    }
}

/// As `Authorization` is, by whatever name the caller of a gateway calls it.
#[test]
fn a_gateway_sends_no_credential_that_it_passes_on_over_a_network_in_the_clear() {
    use patchcord::handshake::gateway::forward_request;
    use patchcord::handshake::server::RequestReader;

    let head = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        xi-api-key: S3cr3t\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
        Sec-WebSocket-Version: 13\r\n\r\n";
    let mut reader = RequestReader::new(patchcord::handshake::admission::Admission::any());
    let request = reader.read(&mut &head[..]).unwrap().unwrap();
    for (url, is_sent) in [("ws://up.example/", false), ("wss://up.example/", true)] {
        let url = patchcord::handshake::Url::parse(url).unwrap();
        let fields = forward_request(&request, url, &["xi-api-key"]).unwrap().to_fields();
        assert_eq!(fields.is_ok(), is_sent);
        let Ok((fields, _)) = fields else { continue };
        assert!(fields.iter().any(|field| field.name == "xi-api-key" && field.sensitive));
    }
}
