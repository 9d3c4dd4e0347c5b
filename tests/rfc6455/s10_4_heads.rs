//! The limits of heads are configuration, in both roles and for every carrier: what is larger is read
//! where that is allowed, and costs no more than it has bytes. Single rules are vectors, in
//! `vectors/handshake/limits.json`.
#![cfg(feature = "credentials")]

use allocation_counter::measure;
use bytes::Buf;
use patchcord::handshake::admission::Admission;
use patchcord::handshake::client::{Answer, Request, ResponseReader};
use patchcord::handshake::credential::vendor::KUBERNETES;
use patchcord::handshake::server::{Carrier, Request as Asked, RequestError, RequestReader};
use patchcord::handshake::{HeadLimits, Url};
use patchcord::{Config, Driver, Server, Step};
use std::time::Duration;

const REQUEST: &str = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
const RESPONSE: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";

/// Without a limit.
const NONE: HeadLimits =
    HeadLimits { head: usize::MAX, line: usize::MAX, lines: usize::MAX, fields: usize::MAX };

fn nonce(bytes: &mut [u8]) {
    bytes.copy_from_slice(b"the sample nonce");
}

fn head(start: &str, lines: &str) -> Vec<u8> {
    [start, lines, "\r\n"].concat().into_bytes()
}

fn url() -> Url<'static> {
    Url::parse("wss://a/").unwrap()
}

fn client(limits: HeadLimits) -> ResponseReader {
    Request::new(url()).with_limits(limits).write(&mut nonce, &mut Vec::new()).unwrap()
}

/// A token of the length that Kubernetes gives out to an account with many groups.
fn token() -> String {
    "k8s-token.".repeat(819)
}

fn has_token<C: Carrier>(request: &Asked<'_, C>) {
    let mut offers = request.offers();
    let key = offers.take(&KUBERNETES.scheme).unwrap();
    assert!(key.is_some_and(|key| key.matches(token())));
    assert!(offers.select(KUBERNETES.selected().as_slice()).unwrap().is_some());
}

#[test]
fn what_a_client_of_kubernetes_sends_is_read_by_default_whatever_carries_it() {
    let cookie = "c".repeat(8718 - "Cookie: \r\n".len());
    let headers = [("Cookie", cookie.as_str())];
    let request = || {
        Request::new(url())
            .with_offer(KUBERNETES.offer(token()).unwrap())
            .with_headers(&headers)
            .unwrap()
    };
    let mut bytes = Vec::new();
    request().write(&mut nonce, &mut bytes).unwrap();
    has_token(&RequestReader::new(Admission::any()).read(&mut &bytes[..]).unwrap().unwrap());
    let (fields, _) = request().to_fields().unwrap();
    let fields: Vec<_> = fields.iter().map(|f| (f.name, f.value.as_bytes())).collect();
    has_token(&RequestReader::new(Admission::any()).read_fields(&fields).unwrap());
    #[cfg(feature = "http")]
    {
        let (value, _) = request().to_http::<()>(&mut nonce).unwrap();
        let reader = RequestReader::new(Admission::any());
        has_token(&reader.read_http(&value).unwrap());
        let (value, _) = request().to_http_connect::<()>().unwrap();
        has_token(&reader.read_http_connect(&value, Some("websocket")).unwrap());
    }
}

/// Gives a driver what it asks for, piece by piece, and returns whether it is open then.
fn fed(driver: &mut Driver<Server>, admission: Admission<'_>, mut bytes: &[u8]) -> bool {
    let mut reader = RequestReader::new(admission);
    while !bytes.is_empty() {
        let space = driver.input.space();
        let count = space.len().min(bytes.len()).min(1000);
        bytes.copy_to_slice(&mut space[..count]);
        driver.handle_read(count);
        match driver.accept(&mut reader, |request| Ok(request.response())) {
            Ok(true) => return true,
            Ok(false) => assert!(matches!(driver.next(Duration::ZERO), Step::Wait { .. })),
            Err(refusal) => assert_eq!(refusal.status(), 431),
        }
        if driver.output.remaining() > 0 {
            return false;
        }
    }
    false
}

#[test]
fn a_driver_reads_a_head_of_the_size_that_its_admission_allows() {
    let lines = format!("Cookie: {}\r\n", "c".repeat(100_000)).repeat(10);
    let bytes = head(REQUEST, &lines);
    let mut driver = Driver::server(Config::default());
    assert!(fed(&mut driver, Admission::any().with_limits(NONE), &bytes));
    assert!(driver.input.is_empty());
    assert!(driver.output.chunk().starts_with(b"HTTP/1.1 101 "));
    let mut driver = Driver::server(Config::default());
    assert!(!fed(&mut driver, Admission::any(), &bytes));
    assert!(driver.output.chunk().starts_with(b"HTTP/1.1 431 "));
}

#[cfg(all(unix, feature = "getrandom"))]
#[test]
fn two_blocking_ends_open_with_heads_of_the_size_that_both_allow() {
    use patchcord::blocking::WebSocket;
    use std::os::unix::net::UnixStream;

    let limits = HeadLimits { head: 256 * 1024, line: 128 * 1024, ..HeadLimits::default() };
    let (ours, theirs) = UnixStream::pair().unwrap();
    let server = std::thread::spawn(move || {
        let mut reader = RequestReader::new(Admission::any().with_limits(limits));
        let driver = Driver::server(Config::default());
        let opened = WebSocket::open(theirs, driver, |input, out| match reader.read(input) {
            Ok(None) => Ok(None),
            Ok(Some(request)) => {
                let cookie = request.headers().get("Cookie").map_or(0, str::len);
                let more = format!("X-Long: {}\r\n\r\n", "y".repeat(100_000));
                request.response().write(out).unwrap();
                out.truncate(out.len() - 2);
                out.extend_from_slice(more.as_bytes());
                Ok(Some(cookie))
            }
            Err(error) => Err(std::io::Error::other(error)),
        });
        let (mut peer, cookie) = opened.unwrap();
        peer.run(|_, _, _| Ok(())).unwrap();
        cookie
    });
    let cookie = "c".repeat(100_000);
    let headers = [("Cookie", cookie.as_str())];
    let request = Request::new(Url::parse("ws://localhost/").unwrap());
    let request = request.with_headers(&headers).unwrap().with_limits(limits);
    let mut long = 0;
    let opened = WebSocket::connect(ours, Config::default(), &request, |open| {
        long = open.headers().get("X-Long").map_or(0, str::len);
    });
    let mut peer = opened.unwrap();
    peer.close(None).unwrap();
    peer.run(|_, _, _| Ok(())).unwrap();
    assert_eq!((server.join().unwrap(), long), (100_000, 100_000));
}

#[test]
fn lines_are_parsed_without_the_heap_up_to_the_default_and_with_one_piece_of_it_above() {
    for (lines, most) in [(HeadLimits::LINES, 0), (HeadLimits::LINES + 1, 1), (10_000, 1)] {
        let request = head(REQUEST, &"X: y\r\n".repeat(lines - 5));
        let response = head(RESPONSE, &"X: y\r\n".repeat(lines - 3));
        let mut client = client(NONE);
        let mut server = RequestReader::new(Admission::any().with_limits(NONE));
        let read = measure(|| assert!(matches!(server.read(&mut &request[..]), Ok(Some(_)))));
        assert_eq!(read.count_total, most, "a server, {lines} lines");
        assert!(read.bytes_total <= most * 32 * (1 + lines as u64), "{read:?}");
        let read = measure(|| {
            assert!(matches!(client.read(&mut &response[..]), Ok(Some(Answer::Accepted(_)))));
        });
        assert_eq!(read.count_total, most, "a client, {lines} lines");
        assert!(read.bytes_total <= most * 32 * (1 + lines as u64), "{read:?}");
    }
}

/// What is allocated follows what came, and not what is allowed.
#[test]
fn a_small_head_needs_no_heap_however_large_one_may_be() {
    let bytes = head(REQUEST, "");
    for split in [0, 10, bytes.len() - 1] {
        let mut reader = RequestReader::new(Admission::any().with_limits(NONE));
        let read = measure(|| {
            assert!(matches!(reader.read(&mut &bytes[..split]), Ok(None)));
            assert!(matches!(reader.read(&mut &bytes[..]), Ok(Some(_))));
        });
        assert_eq!(read.count_total, 0, "{split}");
    }
}

#[test]
fn a_limit_is_kept_at_the_byte_that_exceeds_it_however_the_head_is_cut() {
    let bytes = head(REQUEST, &format!("X: {}\r\n", "y".repeat(200)));
    for limit in [1, 16, 100, 150, bytes.len() - 1, bytes.len()] {
        let limits = HeadLimits { head: limit, ..NONE };
        for step in [1, 2, 7, bytes.len()] {
            let mut reader = RequestReader::new(Admission::any().with_limits(limits));
            let mut ends = (0..bytes.len()).step_by(step).chain([bytes.len()]);
            let decided = ends.find_map(|end| match reader.read(&mut &bytes[..end]) {
                Ok(None) => None,
                Ok(Some(_)) => Some((end, Ok(()))),
                Err(error) => Some((end, Err(error))),
            });
            let (end, outcome) = decided.expect("a decision");
            let expected =
                if limit < bytes.len() { Err(RequestError::HeadTooLong) } else { Ok(()) };
            assert_eq!(outcome, expected, "{limit} by {step}");
            assert!(end <= (limit + step).max(bytes.len().min(step)), "{limit} by {step}: {end}");
        }
    }
}
