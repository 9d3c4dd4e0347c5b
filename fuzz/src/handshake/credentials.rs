use patchcord::handshake::Url;
use patchcord::handshake::admission::Admission;
use patchcord::handshake::client;
use patchcord::handshake::credential::{Authorization, CredentialError, Encoding, Scheme, vendor};
use patchcord::handshake::server::{Request, RequestReader};
use patchcord::handshake::subprotocol::{MAX_ENTRY, Offer, OfferError, Offers, SelectionError};

/// A secret that a client can send arrives unchanged, by every scheme. It cannot be selected and
/// is never sent back, unless the scheme has nothing else; no `Debug` shows it; and one that
/// cannot be sent is refused before anything is written. As a password it is any bytes.
pub fn credentials(data: &[u8]) {
    let Some((&choice, secret)) = data.split_first() else { return };
    password(secret);
    let scheme = scheme(choice);
    let name = (scheme.marker().is_none() && !scheme.is_sole()).then_some("app.v1");
    match offer(name).with_credential(&scheme, secret) {
        Ok(offer) => {
            assert_eq!(refusal(&scheme, secret), None);
            carried(&scheme, secret, name, offer);
        }
        Err(error) => assert_eq!(Some(error), refusal(&scheme, secret)),
    }
}

fn offer(name: Option<&str>) -> Offer {
    let offer = Offer::required();
    name.map_or(Ok(offer.clone()), |name| offer.with_name(name)).expect("a token")
}

fn scheme(choice: u8) -> Scheme<'static> {
    let encodings = [Encoding::Raw, Encoding::Base64Url, Encoding::Base64, Encoding::Percent];
    let encoding = encodings[usize::from(choice >> 4 & 3)];
    match choice & 0x0f {
        0..=2 => Scheme::pair("token").expect("a token"),
        3..=5 => Scheme::prefixed("bearer.", encoding).expect("a token"),
        6..=7 => Scheme::sole("client-secret.", encoding).expect("a token"),
        8 => Scheme::sole("", encoding).expect("an empty prefix"),
        9 => vendor::QUARKUS.scheme,
        10 => vendor::PHOENIX.scheme,
        11 => vendor::KUBERNETES.scheme,
        12 => vendor::OPENAI_REALTIME.scheme,
        13 => vendor::APPSYNC_EVENTS.scheme,
        14 => vendor::DEEPGRAM_BEARER.scheme,
        _ => vendor::XAI.scheme,
    }
}

/// The entry that holds the secret, encoded without the crate's encodings.
fn entry(scheme: &Scheme<'_>, secret: &[u8]) -> Vec<u8> {
    let mut entry = scheme.marker().map_or(scheme.name(), |_| "").as_bytes().to_vec();
    match scheme.encoding() {
        Encoding::Raw => entry.extend_from_slice(secret),
        Encoding::Percent => secret.iter().for_each(|&byte| match byte {
            b'%' => entry.extend_from_slice(b"%25"),
            _ if is_tchar(byte) => entry.push(byte),
            _ => entry.extend_from_slice(format!("%{byte:02X}").as_bytes()),
        }),
        Encoding::Base64Url => base64(secret, b"-_", &mut entry),
        Encoding::Base64 => base64(secret, b"+/", &mut entry),
        other => panic!("{other:?} has no rule here"),
    }
    entry
}

fn base64(secret: &[u8], last: &[u8; 2], to: &mut Vec<u8>) {
    let letters: Vec<u8> =
        (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9').chain(*last).collect();
    for three in secret.chunks(3) {
        let bits = three.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - three.len()));
        for at in 0..=three.len() {
            to.push(letters[(bits >> (18 - 6 * at) & 0x3f) as usize]);
        }
    }
}

/// RFC 9110 section 5.6.2.
fn is_tchar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Returns why this secret cannot be sent, if it cannot.
fn refusal(scheme: &Scheme<'_>, secret: &[u8]) -> Option<OfferError> {
    let entry = entry(scheme, secret);
    if scheme.encoding() == Encoding::Raw && core::str::from_utf8(secret).is_err() {
        return Some(OfferError::NotAToken);
    }
    if entry.len() > MAX_ENTRY {
        return Some(OfferError::TooLong);
    }
    if entry.is_empty() || !entry.iter().copied().all(is_tchar) {
        return Some(OfferError::NotAToken);
    }
    (scheme.marker().map(str::as_bytes) == Some(&entry)).then_some(OfferError::Duplicate)
}

fn carried(scheme: &Scheme<'_>, secret: &[u8], name: Option<&str>, given: Offer) {
    let shown = through(scheme, secret, given);
    // Another secret of the same shape: output that shows no secret shows no difference.
    let rotated = |byte: &u8| match byte {
        b'a'..=b'z' => b'a' + (byte - b'a' + 13) % 26,
        b'0'..=b'9' => b'0' + (byte - b'0' + 5) % 10,
        _ => *byte,
    };
    let other: Vec<u8> = secret.iter().map(rotated).collect();
    if let Ok(offer) = offer(name).with_credential(scheme, &other) {
        assert_eq!(through(scheme, &other, offer), shown, "Debug shows a secret");
    }
}

/// Sends a secret, and returns what a log could show of it.
fn through(scheme: &Scheme<'_>, secret: &[u8], offer: Offer) -> String {
    let url = Url::parse("wss://example.com/").expect("a URL");
    let mut zeros = |bytes: &mut [u8]| bytes.fill(0);
    let mut head = Vec::new();
    let request = client::Request::new(url).with_offer(offer);
    let debug = format!("{request:?}");
    let reader = request.write(&mut zeros, &mut head).expect("a request");
    let entry = String::from_utf8(entry(scheme, secret)).expect("a token");
    let written = core::str::from_utf8(&head).expect("ASCII");
    let line = written.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Protocol: "));
    assert!(line.expect("offers").split(", ").any(|offer| offer == entry), "as its scheme says");
    let mut server = RequestReader::new(Admission::any());
    let request = server.read(&mut &head[..]).expect("a legal request").expect("a whole head");
    let mut offers = request.offers();
    let found = offers.take(scheme);
    assert!(offers.iter().all(|offer| offer.as_str() != entry), "the secret can be selected");
    assert_eq!(offers.select(&[&entry]), Err(SelectionError::Hidden));
    if secret.is_empty() {
        assert_eq!(found, Err(CredentialError::Missing));
        return debug;
    }
    let credential = found.expect("a credential").expect("a credential");
    assert!(credential.matches(secret) && credential.expose() == secret);
    assert!(!credential.matches([secret, b"x"].concat()));
    let plain = core::str::from_utf8(secret).ok();
    let plain = plain.filter(|text| !text.bytes().any(|byte| byte.is_ascii_control()));
    assert_eq!(credential.expose_str().ok(), plain);
    let sole = offers.select(&[]).ok().flatten();
    assert_eq!(sole.map(|offer| offer.as_str()), scheme.is_sole().then_some(&*entry));
    sent_back(&request, &offers, &entry, scheme.is_sole());
    format!("{debug} {reader:?} {request:?} {offers:?} {credential:?} {sole:?}")
}

fn sent_back(request: &Request<'_>, offers: &Offers<'_>, entry: &str, sole: bool) {
    let mut response = Vec::new();
    let answer =
        request.response().with_subprotocol(offers.find(|_| true)).expect("of this request");
    answer.write(&mut response).expect("room");
    let response = core::str::from_utf8(&response).expect("ASCII");
    let line = response.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Protocol: "));
    assert!(line != Some(entry), "the secret was sent back");
    assert_eq!(line.is_none(), sole, "a selectable name is selected");
}

/// RFC 7617: a user and a password, divided by the first colon.
fn password(secret: &[u8]) {
    if secret.len() > 1024 {
        return;
    }
    let mut value = b"Basic ".to_vec();
    base64(&[b"user:", secret].concat(), b"+/", &mut value);
    let head = super::request_with(&[("Authorization", &value)]);
    let mut server = RequestReader::new(Admission::any());
    let request = server.read(&mut &head[..]).expect("a legal request").expect("a whole head");
    let found = request.authorization().expect("a good header").expect("a header");
    let Authorization::Basic { user, password } = &found else { panic!("{found:?}") };
    assert!(user.matches("user") && password.expose() == secret);
}
