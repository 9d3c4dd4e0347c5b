//! Every reader of a head takes steps in proportion to its bytes, whatever is repeated in it.

#[cfg(feature = "http")]
#[path = "maps/tests.rs"]
mod maps;

use super::counted;
use crate::handshake::admission::Admission;
use crate::handshake::client::{Answer, Request, ResponseReader};
#[cfg(feature = "credentials")]
use crate::handshake::credential::{Scheme, vendor};
use crate::handshake::extension::Extensions;
use crate::handshake::server::{self, Carrier, RequestReader, Response};
use crate::handshake::subprotocol::Offer;
use crate::handshake::{HeadLimits, Url};
use alloc::string::String;
use alloc::vec::Vec;
use alloc::{format, vec};

/// How often each byte of a head may be looked at. Nothing of a head is gone through more than 24
/// times between the first byte and the answer; 16 more are 32 offers that are each compared with each,
/// half of them at a time.
const MOST: usize = 40;

/// Steps that do not depend on the head.
const ALWAYS: usize = 2048;

const NAMES: [&str; 12] = [
    "sec-websocket-protocol",
    "sec-websocket-extensions",
    "connection",
    "upgrade",
    "expect",
    "host",
    "origin",
    "sec-websocket-key",
    "sec-websocket-accept",
    "sec-websocket-version",
    "authorization",
    "x-other",
];

/// What a line says, again and again, and what is said behind it: an element, and then the same in
/// one line as often as there is room.
const LINES: [&str; 7] = ["", ",", "a", " , ", "a;b", "a;b=\"c\"", "permessage-deflate"];
const LISTS: [&str; 11] = [
    ",",
    " ",
    "\t,",
    "a,",
    "a;b=\"\\c\",",
    "permessage-deflate;client_max_window_bits=99,",
    "permessage-deflate;server_no_context_takeover,",
    ";b",
    ";b=c",
    "\\c",
    "%41",
];
/// What stands before a list: the start of an element of which the rest is repeated.
const STARTS: [&str; 4] = ["", "a", "a;b=\"", "Basic "];

type Fields = Vec<(&'static str, String)>;

/// Every header that has a meaning, repeated as lines, and as one list.
fn shapes() -> Vec<Fields> {
    let mut shapes = Vec::new();
    for name in NAMES {
        for line in LINES {
            for count in [2, 8, 30, 60] {
                let mut fields = vec![(name, String::from(line)); count];
                fields.extend((0..31).map(|i| (name, format!("x{i}"))));
                shapes.push(fields);
                shapes.push(vec![(name, String::from(line)); count + 30]);
            }
        }
        for (start, part) in STARTS.iter().flat_map(|start| LISTS.map(|part| (start, part))) {
            for size in [500, 2000, 8000] {
                let list = format!("{start}{}", part.repeat(size / part.len()));
                shapes.push(vec![(name, list.clone())]);
                shapes.push(vec![(name, list), (name, String::from("z"))]);
            }
        }
        // As many as may be offered, as long as may be, that differ at their ends.
        for size in [30, 100, 250] {
            let long = "l".repeat(size);
            shapes.push((0..32).map(|i| (name, format!("{long}{i:02}"))).collect());
        }
    }
    shapes
}

fn size(fields: &[(&str, String)]) -> usize {
    fields.iter().map(|(name, value)| name.len() + value.len() + 4).sum()
}

/// These fields, and those of `own` that they do not name.
fn completed(fields: &Fields, own: &[(&'static str, &str)]) -> Fields {
    let is_there = |name: &str| fields.iter().any(|(other, _)| *other == name);
    // A list keeps what was there: `Connection` and `Upgrade` may have both.
    let missing = own.iter().filter(|(name, _)| {
        !is_there(name) || matches!(*name, "connection" | "upgrade" | "sec-websocket-extensions")
    });
    let missing = missing.map(|&(name, value)| (name, String::from(value)));
    fields.iter().cloned().chain(missing).collect()
}

fn head(start: &str, fields: &Fields) -> Vec<u8> {
    let mut head = format!("{start}\r\n");
    fields.iter().for_each(|(name, value)| head += &format!("{name}: {value}\r\n"));
    (head + "\r\n").into_bytes()
}

const REQUEST: [(&str, &str); 5] = [
    ("host", "a"),
    ("upgrade", "websocket"),
    ("connection", "Upgrade"),
    ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ("sec-websocket-version", "13"),
];

const RESPONSE: [(&str, &str); 3] = [
    ("upgrade", "websocket"),
    ("connection", "Upgrade"),
    ("sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
];

const CONNECT: [(&str, &str); 6] = [
    (":method", "CONNECT"),
    (":protocol", "websocket"),
    (":scheme", "https"),
    (":path", "/"),
    (":authority", "a"),
    ("sec-websocket-version", "13"),
];

fn in_proportion(steps: usize, fields: &Fields) {
    let bytes = size(fields);
    let first = fields.iter().find(|(name, _)| !name.starts_with(':'));
    assert!(steps > 0, "what reads {first:?} does not count");
    assert!(steps <= ALWAYS + MOST * bytes, "{steps} for {bytes} bytes of {first:?} and more");
}

/// Everything that a server asks a request.
fn asked<'head, C: Carrier>(request: &server::Request<'head, C>) -> Response<'head, C> {
    #[allow(unused_mut, reason = "credentials are taken out with a feature alone")]
    let mut offers = request.offers();
    #[cfg(feature = "credentials")]
    {
        let pair = Scheme::pair("a").unwrap();
        for scheme in [pair, vendor::PHOENIX.scheme, vendor::JUPYTER.scheme] {
            let _ = offers.take(&scheme);
        }
        let _ = request.authorization();
    }
    let selected = offers.select_by_client(&["x30"]).or_else(|_| offers.select(&["x29", "z"]));
    read(&request.extensions());
    let response = request.response().with_subprotocol(selected.ok().flatten()).unwrap();
    response.with_extensions(request.extensions()).unwrap()
}

fn read(extensions: &Extensions<'_>) {
    extensions.iter().for_each(|extension| extension.parameters().for_each(drop));
    #[cfg(feature = "deflate")]
    {
        use crate::handshake::extension::deflate::Policy;
        let _ = Policy::default().accept(extensions);
        let _ = Policy::default().offer().verify(extensions);
    }
}

fn borrowed(fields: &Fields) -> Vec<(&str, &[u8])> {
    fields.iter().map(|(name, value)| (*name, value.as_bytes())).collect()
}

#[test]
fn a_server_reads_bytes_in_steps_in_proportion_to_them() {
    let mut accepted = 0;
    for shape in shapes() {
        let fields = completed(&shape, &REQUEST);
        let bytes = head("GET / HTTP/1.1", &fields);
        let steps = counted(|| {
            let mut reader = RequestReader::new(Admission::any());
            if let Ok(Some(request)) = reader.read(&mut &bytes[..]) {
                accepted += 1;
                let _ = asked(&request).write(&mut Vec::new());
            }
        });
        in_proportion(steps, &fields);
    }
    assert!(accepted > 500, "{accepted}");
}

#[test]
fn a_server_reads_bytes_that_come_one_by_one_in_steps_in_proportion_to_them() {
    for shape in shapes().iter().step_by(7) {
        let fields = completed(shape, &REQUEST);
        let bytes = head("GET / HTTP/1.1", &fields);
        let steps = counted(|| {
            let mut reader = RequestReader::new(Admission::any());
            let mut ends = 0..=bytes.len();
            let _ = ends.find(|&end| !matches!(reader.read(&mut &bytes[..end]), Ok(None)));
        });
        in_proportion(steps, &fields);
    }
}

#[test]
fn a_server_reads_a_list_of_fields_in_steps_in_proportion_to_its_bytes() {
    let mut accepted = 0;
    for shape in shapes() {
        let mut fields = completed(&shape, &CONNECT);
        fields.sort_by_key(|(name, _)| !name.starts_with(':'));
        let list = borrowed(&fields);
        let steps = counted(|| {
            if let Ok(request) = RequestReader::new(Admission::any()).read_fields(&list) {
                accepted += 1;
                let _ = asked(&request).to_fields();
            }
        });
        in_proportion(steps, &fields);
    }
    assert!(accepted > 300, "{accepted}");
}

/// The request of a client that offers what the shapes have in them, and the answer's reader.
fn client() -> Request {
    let offer = Offer::optional().with_name("a").and_then(|offer| offer.with_name("z")).unwrap();
    let extensions = Extensions::parse("permessage-deflate, a").unwrap();
    Request::new(Url::parse("wss://a/").unwrap()).with_offer(offer).with_extensions(extensions)
}

fn reader() -> ResponseReader {
    let mut nonce = |bytes: &mut [u8]| bytes.copy_from_slice(b"the sample nonce");
    client().write(&mut nonce, &mut Vec::new()).unwrap()
}

/// Reads a response whole, or byte by byte; how often bytes were consumed.
fn answer(bytes: &[u8], step: usize) -> usize {
    let (mut reader, mut taken, mut times) = (reader(), 0, 0);
    for end in (1..bytes.len()).step_by(step).chain([bytes.len()]) {
        let mut input = &bytes[taken..end];
        let read = reader.read(&mut input);
        times += usize::from(end - input.len() > taken);
        taken = end - input.len();
        match read {
            Ok(None) => {}
            Ok(Some(Answer::Accepted(open))) => self::read(&open.extensions()),
            _ => break,
        }
    }
    times
}

#[test]
fn a_client_reads_bytes_in_steps_in_proportion_to_them() {
    for (i, shape) in shapes().iter().enumerate() {
        let fields = completed(shape, &RESPONSE);
        let bytes = head("HTTP/1.1 101 Switching Protocols", &fields);
        in_proportion(counted(|| _ = answer(&bytes, bytes.len())), &fields);
        if i % 7 == 0 {
            in_proportion(counted(|| _ = answer(&bytes, 1)), &fields);
        }
    }
}

#[test]
fn interim_responses_before_the_final_one_are_read_in_steps_in_proportion_to_their_bytes() {
    let last = head("HTTP/1.1 101 Switching Protocols", &completed(&Vec::new(), &RESPONSE));
    for count in [0, 10, 100, 1000, 4000] {
        let mut bytes = b"HTTP/1.1 100 Continue\r\n\r\n".repeat(count);
        bytes.extend(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".repeat(count));
        bytes.extend(&last);
        for step in [1, bytes.len()] {
            let mut times = 0;
            let steps = counted(|| times = answer(&bytes, step));
            assert_eq!(times, if step == 1 { 2 * count + 1 } else { 1 });
            assert!(steps <= ALWAYS + MOST * bytes.len(), "{steps} for {}", bytes.len());
        }
    }
}

#[test]
fn a_client_reads_a_list_of_fields_in_steps_in_proportion_to_its_bytes() {
    let (_, reader) = client().to_fields().unwrap();
    for fields in shapes() {
        let list = borrowed(&fields);
        let steps = counted(|| {
            if let Ok(Answer::Accepted(open)) = reader.read_fields(200, &list) {
                read(&open.extensions());
            }
        });
        in_proportion(steps, &fields);
    }
}

#[test]
fn a_list_beyond_the_limits_of_a_head_costs_no_more_than_one_within() {
    let most = ALWAYS + MOST * HeadLimits::HEAD;
    let (_, reader) = client().to_fields().unwrap();
    for name in NAMES {
        for value in ["", ",", &"v".repeat(1000)] {
            let mut fields: Vec<_> =
                CONNECT.iter().map(|&(name, value)| (name, value.as_bytes())).collect();
            fields.resize(10 * HeadLimits::FIELDS, (name, value.as_bytes()));
            let steps = counted(|| {
                assert!(RequestReader::new(Admission::any()).read_fields(&fields).is_err());
                assert!(reader.read_fields(200, &fields).is_err());
            });
            assert!(steps <= most, "{steps} for {name}");
        }
    }
}

/// The limits are configuration, and what they bound is room, not work for each byte.
#[test]
fn two_thousand_lines_are_read_in_steps_in_proportion_to_their_bytes_where_they_are_allowed() {
    let (head, line, lines) = (usize::MAX, usize::MAX, usize::MAX);
    let limits = HeadLimits { head, line, lines, ..HeadLimits::default() };
    for (name, value) in NAMES.into_iter().flat_map(|name| ["", ",", "a;b"].map(|v| (name, v))) {
        let fields = completed(&vec![(name, String::from(value)); 2000], &REQUEST);
        let bytes = self::head("GET / HTTP/1.1", &fields);
        for step in [7, bytes.len()] {
            let steps = counted(|| {
                let mut reader = RequestReader::new(Admission::any().with_limits(limits));
                let mut ends = (0..bytes.len()).step_by(step).chain([bytes.len()]);
                let _ = ends.find(|&end| match reader.read(&mut &bytes[..end]) {
                    Ok(Some(request)) => asked(&request).write(&mut Vec::new()).is_ok(),
                    Ok(None) => false,
                    Err(_) => true,
                });
            });
            in_proportion(steps, &fields);
        }
    }
}
