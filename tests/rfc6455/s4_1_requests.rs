//! A client that was cut off writes its request again: it keeps the request, which borrows nothing.

use patchcord::Entropy;
use patchcord::handshake::Url;
use patchcord::handshake::admission::Admission;
#[cfg(feature = "credentials")]
use patchcord::handshake::client::Redirect;
use patchcord::handshake::client::{Request, ResponseReader, WriteError};
#[cfg(feature = "credentials")]
use patchcord::handshake::credential::vendor::DEEPGRAM;
use patchcord::handshake::extension::Extensions;
use patchcord::handshake::server::RequestReader;
use patchcord::handshake::subprotocol::Offer;
use std::error::Error;

/// Nonces that count, so that two are never the same.
struct Counter(u8);

impl Entropy for Counter {
    fn fill(&mut self, bytes: &mut [u8]) {
        self.0 += 1;
        bytes.fill(self.0);
    }
}

/// What a caller makes of words that it does not keep.
struct Agent {
    request: Request,
    entropy: Counter,
}

impl Agent {
    fn new(host: &str, key: &str) -> Result<Self, Box<dyn Error>> {
        let url = format!("wss://{host}/v1/stream?model=m");
        let extensions = String::from("permessage-deflate; client_max_window_bits");
        let cookie = format!("session={key}");
        let request = Request::new(Url::parse(&url)?)
            .with_offer(Offer::required().with_name(&format!("{host}.v1"))?)
            .with_extensions(Extensions::parse(&extensions)?)
            .with_headers(&[("Cookie", &cookie)])?
            .with_secret_header("xi-api-key", &format!("key-{key}"))?;
        Ok(Self { request, entropy: Counter(0) })
    }

    fn write(&mut self) -> Result<(Vec<u8>, ResponseReader), WriteError> {
        let mut out = Vec::new();
        let reader = self.request.write(&mut self.entropy, &mut out)?;
        Ok((out, reader))
    }
}

/// The values of the fields but the key, which is another each time.
fn said(head: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(head).unwrap();
    text.lines().filter(|line| !line.starts_with("Sec-WebSocket-Key")).map(String::from).collect()
}

fn answered(head: &[u8]) -> Vec<u8> {
    let mut server = RequestReader::new(Admission::any());
    let request = server.read(&mut &*head).unwrap().unwrap();
    let selected = request.offers().select(&["a.example.v1"]).unwrap();
    let mut out = Vec::new();
    request.response().with_subprotocol(selected).unwrap().write(&mut out).unwrap();
    out
}

#[cfg(not(target_family = "wasm"))] // no threads there
#[test]
fn a_request_says_the_same_each_time_it_is_written_with_a_new_key() {
    let mut agent = Agent::new("a.example", "K").unwrap();
    // Moved to where the connection is to live.
    let agent = std::thread::spawn(move || {
        let (first, mut first_reader) = agent.write().unwrap();
        let (second, mut second_reader) = agent.write().unwrap();
        assert_eq!(said(&first), said(&second));
        assert_ne!(first, second);
        // The answer to one is none to the other.
        assert!(second_reader.clone().read(&mut &answered(&first)[..]).is_err());
        assert!(first_reader.read(&mut &answered(&first)[..]).unwrap().is_some());
        assert!(second_reader.read(&mut &answered(&second)[..]).unwrap().is_some());
        agent
    });
    let agent = agent.join().unwrap();
    let url = agent.request.url();
    assert_eq!((url.host(), url.port(), url.is_secure()), ("a.example", 443, true));
}

#[test]
fn the_fields_of_a_request_can_be_made_again_too() {
    let agent = Agent::new("a.example", "K").unwrap();
    let fields = || -> Vec<(String, String)> {
        let (fields, _) = agent.request.to_fields().unwrap();
        fields.iter().map(|field| (field.name.to_owned(), field.value.to_owned())).collect()
    };
    assert_eq!(fields(), fields());
    assert!(fields().contains(&("xi-api-key".to_owned(), "key-K".to_owned())));
}

#[cfg(feature = "credentials")]
#[test]
fn what_is_secret_follows_a_redirect_to_the_same_server_alone() {
    let url = "wss://a.example/feed";
    let key = Offer::optional().with_name("chat").unwrap();
    let plain = Request::new(Url::parse(url).unwrap()).with_offer(key.clone());
    let with_header = plain.clone().with_headers(&[("Cookie", "5ec7e7")]).unwrap();
    let with_secret = plain.clone().with_secret_header("X-Key", "5ec7e7").unwrap();
    let with_offer = plain.with_offer(DEEPGRAM.offer("5ec7e7").unwrap());
    let said = |request: &Request, location: &str| {
        let to = Redirect::resolve(request.url(), location).unwrap();
        let mut out = Vec::new();
        request.follow(&to).write(&mut Counter(0), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    for request in [&with_header, &with_secret, &with_offer] {
        let here = said(request, "/other");
        assert!(here.starts_with("GET /other ") && here.contains("5ec7e7"), "{here}");
        for other in ["wss://b.example/other", "wss://a.example:444/other", "//c.a.example/other"] {
            let there = said(request, other);
            assert!(there.starts_with("GET /other ") && !there.contains("5ec7e7"), "{there}");
        }
    }
    // A subprotocol that is not a secret is what the client speaks, wherever.
    assert!(said(&with_header, "wss://b.example/other").contains("Sec-WebSocket-Protocol: chat"));
}
