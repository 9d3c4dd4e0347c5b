use super::{Field, disguised, in_proportion, write};
use crate::stream::Cuts;
use patchcord::handshake::Url;
use patchcord::handshake::client::{Accepted, Answer, Request, ResponseError, ResponseReader};
use patchcord::handshake::credential::vendor::DEEPGRAM;
use patchcord::handshake::extension::Extensions;
use patchcord::handshake::subprotocol::Offer;

/// A response comes to the same in any cuts and in one piece. One that opens the connection
/// opens it again when its parts are rewritten, agrees to nothing that was not offered, and
/// no `Debug` shows a possible credential.
pub fn handshake_response(data: &[u8]) {
    let Some((&[choice, seed], bytes)) = data.split_first_chunk() else { return };
    let fresh = reader(choice);
    let whole = read(bytes, Cuts::None, fresh.clone());
    assert_eq!(read(bytes, Cuts::drawn(seed), fresh.clone()), whole, "cut, and whole");
    // A hundred reads take most of the time, so only some seeds ask for them.
    if seed.is_multiple_of(4) {
        let every = Cuts::Every(1 + bytes.len() / 100);
        assert_eq!(read(bytes, every, fresh.clone()), whole, "cut evenly, and whole");
    }
    let mut input = bytes;
    if let Ok(Some(Answer::Accepted(open))) = fresh.clone().read(&mut input) {
        opened(&open, &fresh, choice);
    }
}

/// Returns the reader of the response to a request with the chosen offers and the key of section 1.3.
pub(super) fn reader(choice: u8) -> ResponseReader {
    let url = Url::parse("wss://example.com/chat").expect("a URL");
    let offer = match choice % 4 {
        0 => Ok(Offer::optional()),
        1 => Offer::required().with_name("chat").and_then(|offer| offer.with_name("superchat")),
        2 => Offer::optional().with_name("chat"),
        _ => DEEPGRAM.offer("KEY"),
    };
    let mut request = Request::new(url).with_offer(offer.expect("tokens"));
    if choice & 0x04 != 0 {
        request = request.with_extensions(Extensions::parse(EXTENSIONS).expect("extensions"));
    }
    let mut nonce = |bytes: &mut [u8]| bytes.copy_from_slice(b"the sample nonce");
    request.write(&mut nonce, &mut Vec::new()).expect("a request")
}

const EXTENSIONS: &str = "permessage-deflate; client_max_window_bits, foo";
const OFFERED: [&str; 4] = ["chat", "superchat", "token", "KEY"];

/// What a response comes to.
#[derive(Debug, PartialEq)]
enum Outcome {
    Incomplete {
        left: usize,
    },
    Open {
        subprotocol: Option<String>,
        extensions: String,
        left: usize,
    },
    /// The status, and the length of the head that has it.
    Refused {
        status: u16,
        head: usize,
    },
    Failed(ResponseError),
}

fn read(bytes: &[u8], cuts: Cuts, reader: ResponseReader) -> Outcome {
    in_proportion(bytes.len(), || read_cut(bytes, cuts, reader))
}

fn read_cut(bytes: &[u8], cuts: Cuts, mut reader: ResponseReader) -> Outcome {
    let mut consumed = 0;
    for length in cuts.lengths(bytes.len()) {
        let exact = bytes[consumed..length].to_vec().into_boxed_slice();
        let mut input = &exact[..];
        match reader.read(&mut input) {
            Ok(None) => consumed = length - input.len(),
            Ok(Some(Answer::Accepted(open))) => {
                let subprotocol = open.subprotocol().map(str::to_owned);
                let extensions = open.extensions().to_string();
                let left = bytes.len() - (length - input.len());
                return Outcome::Open { subprotocol, extensions, left };
            }
            Ok(Some(Answer::Refused(response))) => {
                assert!(input.is_empty(), "the body is consumed with the head");
                let head = length - response.body().len();
                return Outcome::Refused { status: response.status(), head };
            }
            Err(error) => return Outcome::Failed(error),
        }
    }
    Outcome::Incomplete { left: bytes.len() - consumed }
}

/// RFC 6455 section 4.1, items 2 to 4: the fields that occur once, and `Upgrade` in a list.
fn proves(open: &Accepted<'_>) -> bool {
    let once = |name: &str, expected: &str| {
        let mut values = open.headers().all(name);
        let is = |value: &[u8]| value.eq_ignore_ascii_case(expected.as_bytes());
        values.next().is_some_and(is) && values.next().is_none()
    };
    let accept = open.headers().get("Sec-WebSocket-Accept");
    let mut connection =
        open.headers().all("Connection").flat_map(|value| value.split(|b| *b == b','));
    once("Upgrade", "websocket")
        && once("Sec-WebSocket-Accept", ACCEPT)
        && accept == Some(ACCEPT)
        && connection.any(|value| value.trim_ascii().eq_ignore_ascii_case(b"upgrade"))
}

/// The value that section 1.3 gives for its key.
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

fn opened(open: &Accepted<'_>, fresh: &ResponseReader, choice: u8) {
    assert!(proves(open), "a response that proves nothing opens");
    assert!(open.subprotocol().is_none_or(|name| OFFERED.contains(&name)));
    let known = |name: &str| choice & 0x04 != 0 && ["permessage-deflate", "foo"].contains(&name);
    assert!(open.extensions().iter().all(|extension| known(extension.name())));
    let fields: Vec<Field> =
        open.headers().iter().map(|(name, value)| (name.to_owned(), value.to_vec())).collect();
    let again = write("HTTP/1.1 101 Switching Protocols", &fields);
    let mut input = &again[..];
    let Ok(Some(Answer::Accepted(same))) = fresh.clone().read(&mut input) else {
        panic!("opened once, and not again");
    };
    assert!(input.is_empty());
    assert_eq!(same.subprotocol(), open.subprotocol());
    assert_eq!(same.extensions().to_string(), open.extensions().to_string());
    // A selected name is one of those offered, so it is left as it is.
    let (own, others): (Vec<Field>, Vec<Field>) = fields
        .into_iter()
        .partition(|(name, _)| name.eq_ignore_ascii_case("Sec-WebSocket-Protocol"));
    let other = write("HTTP/1.1 101 ", &[own, disguised(&others)].concat());
    let mut input = &other[..];
    let Ok(Some(Answer::Accepted(other))) = fresh.clone().read(&mut input) else {
        panic!("a cookie makes a difference");
    };
    let names = |open: &Accepted<'_>| {
        let mut names: Vec<String> =
            open.headers().iter().map(|(name, _)| name.to_owned()).collect();
        names.sort();
        names
    };
    assert_eq!(names(&other), names(open));
    let length = |open: &Accepted<'_>| format!("{open:?}").len();
    assert_eq!(length(&other), length(open), "Debug shows a value");
}
