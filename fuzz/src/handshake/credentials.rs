use patchcord::handshake::Url;
use patchcord::handshake::admission::Admission;
use patchcord::handshake::client;
use patchcord::handshake::credential::{Codec, Scheme, vendor};
use patchcord::handshake::server::{Request, RequestReader};
use patchcord::handshake::subprotocol::{MAX_ENTRY, Offer, OfferError};

/// A secret that a client can send arrives as it was, by every scheme; it cannot be selected and
/// is never sent back, unless the scheme has nothing else; no `Debug` shows it; and one that
/// cannot be sent is refused before anything is written.
pub fn credentials(data: &[u8]) {
    let Some((&choice, rest)) = data.split_first() else { return };
    let Ok(secret) = core::str::from_utf8(rest) else { return };
    let scheme = scheme(choice);
    let name = match scheme {
        Scheme::Prefixed { .. } => Some("app.v1"),
        _ => None,
    };
    let offer = Offer::required();
    let offer = name.map_or(Ok(offer.clone()), |name| offer.name(name)).expect("a token");
    match offer.credential(scheme, secret) {
        Ok(offer) => {
            assert_eq!(refusal(scheme, secret), None);
            carried(scheme, secret, name, offer);
        }
        Err(error) => assert_eq!(Some(error), refusal(scheme, secret)),
    }
}

fn scheme(choice: u8) -> Scheme<'static> {
    let codecs = [Codec::Raw, Codec::Base64Url, Codec::Base64, Codec::Percent];
    let codec = codecs[usize::from(choice >> 4 & 3)];
    match choice & 0x0f {
        0..=2 => Scheme::Pair { marker: "token" },
        3..=5 => Scheme::Prefixed { prefix: "bearer.", codec },
        6..=8 => Scheme::Sole { prefix: "client-secret.", codec },
        9 => vendor::QUARKUS.scheme,
        10 => vendor::PHOENIX.scheme,
        11 => vendor::KUBERNETES.scheme,
        12 => vendor::OPENAI_REALTIME.scheme,
        13 => vendor::APPSYNC_EVENTS.scheme,
        14 => vendor::DEEPGRAM_BEARER.scheme,
        _ => vendor::XAI.scheme,
    }
}

/// The entry that holds the secret, encoded without the crate's codecs.
fn entry(scheme: Scheme<'_>, secret: &str) -> String {
    let (prefix, codec) = match scheme {
        Scheme::Pair { .. } => ("", Codec::Raw),
        Scheme::Prefixed { prefix, codec } | Scheme::Sole { prefix, codec } => (prefix, codec),
    };
    let mut entry = prefix.to_owned();
    match codec {
        Codec::Raw => entry.push_str(secret),
        Codec::Percent => secret.bytes().for_each(|byte| match byte {
            b'%' => entry.push_str("%25"),
            _ if is_tchar(byte.into()) => entry.push(byte.into()),
            _ => entry.push_str(&format!("%{byte:02X}")),
        }),
        Codec::Base64Url => base64(secret, b"-_", &mut entry),
        Codec::Base64 => base64(secret, b"+/", &mut entry),
    }
    entry
}

fn base64(secret: &str, last: &[u8; 2], to: &mut String) {
    let letters = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(last.map(char::from));
    let letters: Vec<char> = letters.collect();
    for three in secret.as_bytes().chunks(3) {
        let bits = three.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - three.len()));
        for at in 0..=three.len() {
            to.push(letters[(bits >> (18 - 6 * at) & 0x3f) as usize]);
        }
    }
}

/// RFC 9110 section 5.6.2.
fn is_tchar(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)
}

/// Why this secret cannot be sent, if it cannot.
fn refusal(scheme: Scheme<'_>, secret: &str) -> Option<OfferError> {
    let entry = entry(scheme, secret);
    let marker = if let Scheme::Pair { marker } = scheme { Some(marker) } else { None };
    if entry.len() > MAX_ENTRY {
        return Some(OfferError::TooLong);
    }
    if entry.is_empty() || !entry.chars().all(is_tchar) {
        return Some(OfferError::NotAToken);
    }
    (marker == Some(&entry)).then_some(OfferError::Duplicate)
}

fn carried(scheme: Scheme<'_>, secret: &str, name: Option<&str>, offer: Offer) {
    let shown = through(scheme, secret, offer);
    // Another secret of the same shape: what shows none shows no difference.
    let rotated = |c: char| match c {
        'a'..='z' => char::from(b'a' + (c as u8 - b'a' + 13) % 26),
        '0'..='9' => char::from(b'0' + (c as u8 - b'0' + 5) % 10),
        _ => c,
    };
    let other: String = secret.chars().map(rotated).collect();
    let offer = name.map_or(Ok(Offer::required()), |name| Offer::required().name(name));
    if let Ok(offer) = offer.and_then(|offer| offer.credential(scheme, &other)) {
        assert_eq!(through(scheme, &other, offer), shown, "Debug shows a secret");
    }
}

/// Sends a secret, and returns what can be seen of it in a log.
fn through(scheme: Scheme<'_>, secret: &str, offer: Offer) -> String {
    let url = Url::parse("wss://example.com/").expect("a URL");
    let mut zeros = |bytes: &mut [u8]| bytes.fill(0);
    let mut head = Vec::new();
    let request = client::Request::new(url).offer(offer);
    let debug = format!("{request:?}");
    let reader = request.write(&mut zeros, &mut head).expect("a request");
    let entry = entry(scheme, secret);
    let written = core::str::from_utf8(&head).expect("ASCII");
    let line = written.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Protocol: "));
    assert!(line.expect("offers").split(", ").any(|offer| offer == entry), "as its scheme says");
    let mut server = RequestReader::new(Admission::any());
    let request = server.read(&mut &head[..]).expect("a legal request").expect("a whole head");
    let found = request.subprotocols(&[scheme]);
    // An empty secret, or one with a control character in it, is no credential to a server.
    if secret.is_empty() || secret.bytes().any(|byte| byte.is_ascii_control()) {
        assert!(found.is_err(), "no credential");
        return debug;
    }
    let offers = found.expect("a credential");
    let credential = offers.credential(0).expect("a credential");
    assert!(credential.matches(secret) && credential.expose() == secret);
    assert!(!credential.matches(&format!("{secret}x")));
    assert!(offers.iter().all(|offer| offer.as_str() != entry), "the secret can be selected");
    assert!(offers.server_preference(&[&entry]).is_none());
    let sole = matches!(scheme, Scheme::Sole { .. });
    assert_eq!(offers.sole().map(|offer| offer.as_str()), sole.then_some(&*entry));
    sent_back(&request, &entry, offers.find(|_| true), sole);
    format!("{debug} {reader:?} {request:?} {offers:?} {credential:?} {:?}", offers.sole())
}

fn sent_back(
    request: &Request<'_>,
    entry: &str,
    selected: Option<patchcord::handshake::subprotocol::Subprotocol<'_>>,
    sole: bool,
) {
    let mut response = Vec::new();
    request.accept(selected, &mut response).expect("room");
    let response = core::str::from_utf8(&response).expect("ASCII");
    let line = response.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Protocol: "));
    assert!(line != Some(entry), "the secret was sent back");
    assert_eq!(line.is_none(), sole, "what can be selected is");
}
