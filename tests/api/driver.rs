//! A driver whose caller reads, hears and asks in every order that its methods allow.

use bytes::Buf;
use patchcord::handshake::admission::Admission;
use patchcord::handshake::server::{Refusal, RequestReader};
use patchcord::{
    CloseCode, Config, ConnectionLost, Driver, Event, Failure, Server, State, Step, Timeouts,
};
use std::time::Duration;

const REQUEST: &[u8] =
    b"GET /a HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

/// `x` and a Close with 1000, masked with keys of zeros.
const LAST_WORDS: &[u8] = b"\x81\x81\0\0\0\0x\x88\x82\0\0\0\0\x03\xe8";

/// A server's end with a clock that stands still.
struct Served {
    driver: Driver<Server>,
    reader: RequestReader<'static>,
    heard: usize,
    written: Vec<u8>,
}

impl Served {
    fn new() -> Self {
        Self {
            driver: Driver::server(Config::default()),
            reader: RequestReader::new(Admission::any()),
            heard: 0,
            written: Vec::new(),
        }
    }

    fn opened() -> Self {
        let mut served = Self::new();
        served.read(REQUEST);
        assert!(served.accept().unwrap());
        assert!(served.finish_writing());
        served.written.clear();
        served
    }

    fn read(&mut self, bytes: &[u8]) {
        self.driver.input.space()[..bytes.len()].copy_from_slice(bytes);
        self.driver.handle_read(bytes.len());
    }

    fn accept(&mut self) -> Result<bool, Refusal> {
        self.driver.accept(&mut self.reader, |request| Ok(request.response()))
    }

    fn hear(&mut self) {
        let Driver { connection, input, output, .. } = &mut self.driver;
        let mut input = input.unconsumed();
        while let Ok(Some(event)) = connection.receive(&mut input, output) {
            self.heard += usize::from(matches!(event, Event::Text(_)));
        }
    }

    fn next(&mut self) -> Step {
        self.driver.next(Duration::ZERO)
    }

    /// Writes until something else is to be done; returns whether that is to wait.
    fn finish_writing(&mut self) -> bool {
        loop {
            match self.next() {
                Step::Write { .. } => {
                    self.written.extend(self.driver.output.chunk());
                    let all = self.driver.output.remaining();
                    self.driver.output.advance(all);
                }
                step => return matches!(step, Step::Wait { .. }),
            }
        }
    }
}

/// A socket that is told to be readable once is read until it has no more, and that can be the end.
#[test]
fn what_was_read_along_with_the_end_of_the_stream_is_heard() {
    for cut in 1..LAST_WORDS.len() {
        let mut served = Served::opened();
        served.read(&LAST_WORDS[..cut]);
        served.hear();
        served.read(&LAST_WORDS[cut..]);
        served.driver.handle_read(0);
        served.hear();
        assert!(!served.finish_writing());
        assert_eq!((served.heard, served.driver.result()), (1, Ok(())), "cut at {cut}");
        assert_eq!(served.driver.connection.close_received(), Some(Some(CloseCode::NORMAL)));
        assert_eq!(served.written, b"\x88\x02\x03\xe8");
        assert_eq!(served.next(), Step::Finished);
    }
}

#[test]
fn a_request_that_was_read_along_with_the_end_of_the_stream_is_answered_before_the_end() {
    let mut served = Served::new();
    served.read(REQUEST);
    served.driver.handle_read(0);
    assert!(served.accept().unwrap());
    served.hear();
    assert!(!served.finish_writing(), "nothing can come any more");
    assert!(served.written.starts_with(b"HTTP/1.1 101 "));
    assert_eq!(served.driver.result(), Err(Failure::Lost(ConnectionLost::BetweenMessages)));
    assert_eq!(served.next(), Step::Finished);
}

#[test]
fn a_head_that_the_end_of_the_stream_cuts_is_lost() {
    for cut in 0..REQUEST.len() {
        let mut served = Served::new();
        served.read(&REQUEST[..cut]);
        served.driver.handle_read(0);
        assert!(!served.accept().unwrap(), "cut at {cut}");
        assert_eq!(served.next(), Step::Finished);
        assert_eq!(served.driver.result(), Err(Failure::Lost(ConnectionLost::InsideHandshake)));
    }
}

/// The documentation's loop asks `accept` whenever the connection is not open, and at the end it is
/// not, either.
#[test]
fn what_a_failed_connection_left_unread_is_not_taken_for_a_request() {
    let behind = [b"\x83\x80\0\0\0\0", REQUEST].concat();
    for rest in [&b"\x83\x80\0\0\0\0"[..], b"\x01\xfe\0", &behind] {
        let mut served = Served::opened();
        served.read(rest);
        served.hear();
        served.driver.handle_read(0);
        assert!(!served.finish_writing());
        let (result, written) = (served.driver.result(), served.written.clone());
        assert!(result.is_err());
        assert!(!served.accept().unwrap());
        served.finish_writing();
        assert_eq!((served.driver.result(), &served.written), (result, &written));
        assert_eq!(served.next(), Step::Finished);
    }
}

#[test]
fn a_refused_connection_answers_no_second_request() {
    let mut served = Served::new();
    served.read(&[REQUEST, REQUEST].concat());
    let refused = served.driver.accept(&mut served.reader, |_| Err(Refusal::UNAUTHORIZED));
    assert_eq!(refused.unwrap_err().status(), 401);
    assert!(!served.accept().unwrap());
    assert!(!served.finish_writing());
    assert_eq!(served.written.windows(9).filter(|w| w == b"HTTP/1.1 ").count(), 1);
    assert!(!served.accept().unwrap());
    assert!(!served.driver.is_open());
}

#[test]
fn a_request_after_the_deadline_opens_nothing() {
    let mut served = Served::new();
    let _ = served.next();
    assert!(matches!(served.driver.next(Duration::from_secs(11)), Step::Expired(_)));
    served.read(REQUEST);
    assert!(!served.accept().unwrap());
    assert!(served.driver.output.is_empty() && !served.driver.is_open());
}

#[test]
fn an_open_connection_stays_open_when_it_is_asked_again() {
    let mut served = Served::opened();
    served.read(REQUEST);
    assert!(served.accept().unwrap());
    assert_eq!(served.driver.input.as_ref(), REQUEST);
    assert_eq!(served.driver.connection.state(), State::Open);
}

/// An empty buffer is about no connection, so that many can take turns with one.
#[test]
fn what_left_of_a_refusal_is_no_sign_of_life_of_the_next_connection_of_the_buffer() {
    let s = Duration::from_secs;
    let ping_interval = Some(s(20));
    let timeouts = Timeouts { ping_interval, ..Timeouts::default() };
    let mut hangs = Served::opened();
    hangs.driver = Driver::server(Config { timeouts, ..Config::default() });
    hangs.read(REQUEST);
    assert!(hangs.accept().unwrap());
    assert!(hangs.finish_writing());
    assert!(matches!(hangs.driver.next(s(20)), Step::Write { .. }), "a ping");
    hangs.driver.output.advance(2);
    let _ = hangs.driver.next(s(20));

    let mut refused = Served::new();
    refused.read(REQUEST);
    let refusal = refused.driver.accept(&mut refused.reader, |_| Err(Refusal::UNAUTHORIZED));
    assert!(refusal.is_err());
    refused.driver.output.advance(1); // the transport is full, and then takes the rest
    assert_eq!(refused.next(), Step::Write { until: Some(Timeouts::OPENING) });
    refused.driver.output.advance(usize::MAX);
    assert_eq!(refused.next(), Step::Shutdown);

    hangs.driver.output = std::mem::take(&mut refused.driver.output);
    let _ = hangs.driver.next(s(30));
    assert_eq!(hangs.driver.next(s(40)), Step::Look, "the pong is late");
}
