//! Heads of HTTP/1.1 messages: those of an opening handshake, legal and faulty.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use arbitrary::{Arbitrary, Result, Unstructured};

/// A request that a server can accept (RFC 6455 section 4.1), with varying order of fields, case of
/// names, offers and further fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestHead {
    /// The head, with nothing after it.
    pub bytes: Vec<u8>,
}

/// The response that opens a connection (section 4.2.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponseHead {
    /// The head, with nothing after it.
    pub bytes: Vec<u8>,
}

/// A request or a response with up to three faults: fields omitted, repeated, swapped or damaged, a
/// different start line, bytes replaced. A third of them are cut short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnyHead {
    /// The bytes.
    pub bytes: Vec<u8>,
}

type Fields = Vec<(String, String)>;

const TARGETS: [&str; 6] =
    ["/", "/chat", "/v1/listen?model=nova&rate=16000", "/a%20b", "http://example.com/x", "/?"];
const HOSTS: [&str; 6] =
    ["example.com", "example.com:8080", "127.0.0.1", "[::1]:9001", "localhost", "a.b-c.example"];
const NAMES: [&str; 8] =
    ["chat", "superchat", "token", "KEY", "realtime", "openai-insecure-api-key.ek_1", "v1.a", "x"];
const EXTENSIONS: [&str; 5] = [
    "permessage-deflate",
    "permessage-deflate; client_max_window_bits",
    "permessage-deflate; server_max_window_bits=\"10\"",
    "x-webkit-deflate-frame",
    "foo; a=1; b, bar",
];
const OTHERS: [(&str, &str); 8] = [
    ("Origin", "https://example.com"),
    ("Origin", "null"),
    ("User-Agent", "Mozilla/5.0"),
    ("Cookie", "session=secret"),
    ("Authorization", "Bearer secret"),
    ("Content-Length", "0"),
    ("Accept-Encoding", "gzip, deflate"),
    ("X-Empty", ""),
];
/// Values that break some rule wherever they stand.
const SPOILED: [&str; 12] =
    ["", " ", ",", "\u{0}", "websocket", "13, 13", "\"", "a b", "keep-alive", "=", "\u{7f}", "8"];

fn field(name: &str, value: &str) -> (String, String) {
    (name.into(), value.into())
}

/// Makes a list of some of `names`, none of them twice.
fn list(names: &[&str], u: &mut Unstructured<'_>) -> Result<String> {
    let mut chosen: Vec<&str> = Vec::new();
    for name in names {
        // Negated, since `ratio` is true once the fuzzer's bytes are used up.
        if !u.ratio(2, 3)? {
            chosen.push(name);
        }
    }
    Ok(chosen.join(if u.arbitrary()? { ", " } else { "," }))
}

fn key(u: &mut Unstructured<'_>) -> Result<String> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut key = String::new();
    for _ in 0..22 {
        key.push(char::from(*u.choose(LETTERS)?));
    }
    Ok(key + "==")
}

fn request(u: &mut Unstructured<'_>) -> Result<(String, Fields)> {
    let start = format!("GET {} HTTP/1.1", u.choose(&TARGETS)?);
    let mut fields = vec![
        field("Host", u.choose(&HOSTS)?),
        field("Upgrade", "websocket"),
        field("Connection", u.choose(&["Upgrade", "keep-alive, Upgrade", "upgrade"])?),
        field("Sec-WebSocket-Version", "13"),
    ];
    fields.push(field("Sec-WebSocket-Key", &key(u)?));
    let offered = list(&NAMES, u)?;
    if !offered.is_empty() {
        fields.push(field("Sec-WebSocket-Protocol", &offered));
    }
    if u.arbitrary()? {
        fields.push(field("Sec-WebSocket-Extensions", u.choose(&EXTENSIONS)?));
    }
    if u.arbitrary()? {
        let (name, value) = u.choose(&OTHERS)?;
        fields.push(field(name, value));
    }
    vary(&mut fields, u)?;
    Ok((start, fields))
}

fn response(accept: &str, u: &mut Unstructured<'_>) -> Result<(String, Fields)> {
    let start = *u.choose(&["HTTP/1.1 101 Switching Protocols", "HTTP/1.1 101 "])?;
    let mut fields = vec![
        field("Upgrade", "websocket"),
        field("Connection", u.choose(&["Upgrade", "upgrade"])?),
        field("Sec-WebSocket-Accept", accept),
    ];
    if u.arbitrary()? {
        fields.push(field("Server", "x"));
    }
    vary(&mut fields, u)?;
    Ok((start.into(), fields))
}

/// Changes the order of the fields and the case of their names.
fn vary(fields: &mut Fields, u: &mut Unstructured<'_>) -> Result<()> {
    let first = u.choose_index(fields.len())?;
    fields.rotate_left(first);
    if u.arbitrary()? {
        fields.iter_mut().for_each(|(name, _)| name.make_ascii_lowercase());
    }
    Ok(())
}

fn write(start: &str, fields: &Fields) -> Vec<u8> {
    let mut head = format!("{start}\r\n");
    for (name, value) in fields {
        head += &format!("{name}: {value}\r\n");
    }
    (head + "\r\n").into_bytes()
}

/// Damages one field or the start line.
fn spoil(start: &mut String, fields: &mut Fields, u: &mut Unstructured<'_>) -> Result<()> {
    let at = u.choose_index(fields.len().max(1))?;
    let other = u.choose_index(fields.len().max(1))?;
    match (u.int_in_range(0..=5)?, fields.get(at).cloned()) {
        (0, Some(_)) => drop(fields.remove(at)),
        (1, Some(field)) => fields.push(field),
        (2, Some(_)) => fields.swap(at, other),
        (3, Some((name, _))) => fields.push((name, (*u.choose(&SPOILED)?).into())),
        (4, _) => {
            let starts = ["POST / HTTP/1.1", "GET / HTTP/1.0", "HTTP/1.1 200 OK", "GET  /", ""];
            *start = (*u.choose(&starts)?).into();
        }
        _ => {
            if let Some((_, value)) = fields.get_mut(at) {
                *value = (*u.choose(&SPOILED)?).into();
            }
        }
    }
    Ok(())
}

impl ResponseHead {
    /// Makes the response to a request whose key requires `accept` in `Sec-WebSocket-Accept`.
    ///
    /// # Errors
    /// When the fuzzer's bytes run out.
    fn with_accept(accept: &str, u: &mut Unstructured<'_>) -> Result<Self> {
        response(accept, u).map(|(start, fields)| Self { bytes: write(&start, &fields) })
    }
}

impl<'a> Arbitrary<'a> for RequestHead {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        request(u).map(|(start, fields)| Self { bytes: write(&start, &fields) })
    }
}

/// Uses the `Sec-WebSocket-Accept` of RFC 6455 section 1.3.
impl<'a> Arbitrary<'a> for ResponseHead {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Self::with_accept("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", u)
    }
}

impl<'a> Arbitrary<'a> for AnyHead {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let (mut start, mut fields) = match u.arbitrary()? {
            true => request(u)?,
            false => response("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", u)?,
        };
        for _ in 0..u.int_in_range(0..=3)? {
            spoil(&mut start, &mut fields, u)?;
        }
        let mut bytes = write(&start, &fields);
        let (at, byte) = (u.choose_index(bytes.len())?, u.arbitrary()?);
        if !u.ratio(3, 4)?
            && let Some(place) = bytes.get_mut(at)
        {
            *place = byte;
        }
        if !u.ratio(2, 3)? {
            bytes.truncate(at);
        }
        Ok(Self { bytes })
    }
}
