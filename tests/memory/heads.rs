//! A head that comes byte by byte is work for as many steps as it has bytes, and for no heap.
//!
//! Nothing in the crate counts steps, and time is no honest counter in a test. What can be
//! observed is *where* a reader looks: before each call, all bytes that it was given before are
//! replaced by a decoy, which is a whole head that it would take, and only the last byte it saw
//! and the new one are real. A reader that goes through old bytes again finds the decoy's end;
//! one that looks at each byte once finds nothing until the last line, and then parses once.
//! (The last byte seen stays, since a line can end with two bytes that come apart.)

use allocation_counter::measure;
use patchcord::handshake::admission::Admission;
use patchcord::handshake::client::{Answer, Request, ResponseReader};
use patchcord::handshake::server::{Refusal, RequestReader};
use patchcord::handshake::{HeadLimits, Url};

/// The lengths of heads.
const LENGTHS: [usize; 5] = [1024, 2048, 4096, 8192, 16 * 1024];

const REQUEST: &str = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
const RESPONSE: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";

/// A head of `length` bytes: `start`, fields of 1000 bytes, and the empty line.
fn head(start: &str, length: usize) -> Vec<u8> {
    let mut head = start.as_bytes().to_vec();
    while head.len() + 2 < length {
        let left = length - head.len() - 2;
        let line = if left < 1010 { left } else { 1000 };
        head.extend_from_slice(b"X: ");
        head.resize(head.len() + line - 5, b'x');
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
    assert_eq!(head.len(), length);
    head
}

/// What was there of `real` before, as a decoy, and the last two bytes as they are.
fn poison(real: &[u8], decoy: &[u8]) -> Vec<u8> {
    let seen = real.len().saturating_sub(2);
    let mut bytes: Vec<u8> = decoy.iter().copied().cycle().take(seen).collect();
    bytes.extend_from_slice(&real[seen..]);
    bytes
}

fn server() -> RequestReader<'static> {
    RequestReader::new(Admission::any())
}

fn client() -> ResponseReader {
    let url = Url::parse("ws://a/").expect("a URL");
    let mut nonce = |bytes: &mut [u8]| bytes.copy_from_slice(b"the sample nonce");
    Request::new(url).write(&mut nonce, &mut Vec::new()).expect("a request")
}

/// RUSTSEC-2023-0065 (tungstenite): a long head in short reads was parsed again from its start.
#[test]
fn a_server_looks_at_each_byte_of_a_growing_head_once() {
    let decoy = head(REQUEST, 160);
    assert!(matches!(server().read(&mut &decoy[..]), Ok(Some(_))), "the decoy is taken");
    for length in LENGTHS {
        let real = head(REQUEST, length);
        let mut reader = server();
        for end in 1..length {
            let bytes = poison(&real[..end], &decoy);
            let answer = reader.read(&mut &bytes[..]);
            assert!(matches!(answer, Ok(None)), "{end} of {length}: {answer:?}");
        }
        assert!(matches!(reader.read(&mut &real[..]), Ok(Some(_))), "{length}");
    }
}

#[test]
fn a_client_looks_at_each_byte_of_a_growing_head_once() {
    let decoy = head(RESPONSE, 160);
    assert!(matches!(client().read(&mut &decoy[..]), Ok(Some(Answer::Accepted(_)))));
    for length in LENGTHS {
        let real = head(RESPONSE, length);
        let mut reader = client();
        for end in 1..length {
            let bytes = poison(&real[..end], &decoy);
            let answer = reader.read(&mut &bytes[..]);
            assert!(matches!(answer, Ok(None)), "{end} of {length}: {answer:?}");
        }
        assert!(matches!(reader.read(&mut &real[..]), Ok(Some(Answer::Accepted(_)))), "{length}");
    }
}

#[test]
fn a_head_of_any_length_is_read_byte_by_byte_without_an_allocation() {
    // The last is the longest that is taken.
    for length in LENGTHS.into_iter().chain([HeadLimits::HEAD]) {
        let (request, response) = (head(REQUEST, length), head(RESPONSE, length));
        let mut reader = server();
        let read = measure(|| {
            for end in 0..length {
                assert!(matches!(reader.read(&mut &request[..end]), Ok(None)));
            }
            assert!(matches!(reader.read(&mut &request[..]), Ok(Some(_))));
        });
        assert_eq!(read.count_total, 0, "server, {length} bytes");
        let mut reader = client();
        let read = measure(|| {
            for end in 0..length {
                assert!(matches!(reader.read(&mut &response[..end]), Ok(None)));
            }
            assert!(matches!(reader.read(&mut &response[..]), Ok(Some(_))));
        });
        assert_eq!(read.count_total, 0, "client, {length} bytes");
    }
}

/// As Chromium sends it.
const BROWSER: &[u8] = b"GET /chat?room=1 HTTP/1.1\r\nHost: example.com\r\nConnection: Upgrade\r\n\
    Pragma: no-cache\r\nCache-Control: no-cache\r\nUser-Agent: Mozilla/5.0\r\n\
    Upgrade: websocket\r\nOrigin: https://example.com\r\nSec-WebSocket-Version: 13\r\n\
    Accept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-US,en;q=0.9\r\n\
    Cookie: session=1\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\
    Sec-WebSocket-Protocol: chat, superchat\r\n\r\n";

#[test]
fn a_server_accepts_the_request_of_a_browser_without_an_allocation() {
    let origins = ["https://*.example.org", "https://example.com"];
    let policy = Admission::origins(&origins).expect("a list of origins");
    let mut out = Vec::with_capacity(1024);
    let accepted = measure(|| {
        let mut reader = RequestReader::new(policy);
        let Ok(Some(request)) = reader.read(&mut &BROWSER[..]) else { panic!("not accepted") };
        assert_eq!((request.path(), request.query()), ("/chat", Some("room=1")));
        assert_eq!(request.extensions().iter().count(), 1);
        let Ok(selected) = request.offers().select(&["superchat"]) else { panic!("not offered") };
        let Ok(response) = request.response().with_subprotocol(selected) else { panic!("foreign") };
        assert!(response.write(&mut out).is_ok());
    });
    assert_eq!(accepted.count_total, 0);
    assert!(out.ends_with(b"Sec-WebSocket-Protocol: superchat\r\n\r\n"));
}

#[test]
fn a_server_refuses_a_request_without_an_allocation() {
    let policy = Admission::origins(&["https://example.org"]).expect("a list of origins");
    let mut out = Vec::with_capacity(1024);
    let refused = measure(|| {
        let Err(error) = RequestReader::new(policy).read(&mut &BROWSER[..]) else {
            panic!("not refused");
        };
        assert!(Refusal::from(error).write(&mut out).is_ok());
    });
    assert_eq!(refused.count_total, 0);
    assert!(out.starts_with(b"HTTP/1.1 403 Forbidden\r\nConnection: close\r\n"));
}
