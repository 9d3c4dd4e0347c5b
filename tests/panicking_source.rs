//! A source of keys, or an output buffer, that panics: the caller's code, called in the middle of
//! a verb. A caller that catches it finds a connection that says and hears nothing it must not.

mod common;

use bytes::buf::UninitSlice;
use bytes::{BufMut, BytesMut};
use common::{Outcome, Seen, run};
use patchcord::{
    Client, CloseCode, Config, Connection, Encoder, Entropy, Event, Expired, Fragment, Kind,
    Message, SendError, State, Timeouts,
};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::Duration;

/// A source that panics while it is told to.
#[derive(Clone, Default)]
struct Failing(Rc<Cell<bool>>);

impl Entropy for Failing {
    fn fill(&mut self, bytes: &mut [u8]) {
        assert!(!self.0.get(), "no entropy");
        bytes.fill(0);
    }
}

impl Failing {
    /// Does what panics since the source does, and lets the source work again.
    fn panics<T>(&self, act: impl FnOnce() -> T) {
        self.0.set(true);
        assert!(catch_unwind(AssertUnwindSafe(act)).is_err(), "the source was not asked");
        self.0.set(false);
    }
}

type Subject = Connection<Client<Failing>>;

fn client() -> (Failing, Subject) {
    let source = Failing::default();
    let timeouts = Timeouts { ping_interval: Some(SECOND), ..Timeouts::default() };
    let config = Config { timeouts, ..Config::default() };
    (source.clone(), Connection::client(source, config))
}

const SECOND: Duration = Duration::from_secs(1);

fn message(connection: &mut Subject) -> Result<(), SendError> {
    connection.send(Message::Binary(b"z"), &mut Vec::new())
}

fn part(first: bool, last: bool) -> Fragment<&'static [u8]> {
    Fragment { kind: Kind::Text, first, last, payload: b"z" }
}

/// What a client hears of these bytes, which panics on the way.
fn hear_and_panic(bytes: &[u8]) -> (Subject, Vec<u8>) {
    let (source, mut connection) = client();
    let mut input = BytesMut::from(bytes);
    source.panics(|| while let Ok(Some(_)) = connection.receive(&mut input) {});
    (connection, input.to_vec())
}

/// RFC 6455 section 5.5.1.
#[test]
fn behind_a_close_nothing_is_heard_or_said_though_its_answer_could_not_be_masked() {
    let behind = [&b"\x82\x01z"[..], b"\x81\x01z", b"\x02\x01z", b"\x89\x00", b"\x88\x00", b"\xff"];
    for behind in behind {
        for open in [&b""[..], b"\x01\x01a"] {
            let bytes = [open, b"\x88\x02\x03\xe8", behind].concat();
            let (mut connection, mut rest) = hear_and_panic(&bytes);
            let State::Closed { code, .. } = connection.state() else { panic!("not closed") };
            assert_eq!(code, Some(CloseCode::NORMAL));
            let heard = connection.receive(&mut &mut rest[..]);
            assert!(matches!(heard, Ok(None)), "{behind:02x?}");
            assert_eq!(message(&mut connection), Err(SendError::Closed));
            assert_eq!(connection.ping(b"", &mut Vec::new()), Err(SendError::Closed));
            assert!(connection.pending().is_empty() && connection.is_finished());
        }
    }
}

#[test]
fn a_broken_rule_fails_the_connection_though_it_could_not_be_told() {
    let whole_text = [&b"\x81\x08\xff"[..], b"abcdefg"].concat();
    for bad in [&b"\x83\x00"[..], b"\x88\x01a", b"\x80\x00", b"\x81\x01\xff", &whole_text] {
        let (mut connection, _) = hear_and_panic(bad);
        let State::Failed(error) = connection.state() else { panic!("not failed: {bad:02x?}") };
        let Outcome { events, error: again, .. } = run_client(&mut connection, b"\x82\x01z");
        assert_eq!((events, again), (vec![], Some(error)));
        assert_eq!(message(&mut connection), Err(SendError::Closed));
        assert!(connection.is_finished());
    }
}

fn run_client(connection: &mut Subject, bytes: &[u8]) -> Outcome {
    struct Borrowed<'a>(&'a mut Subject);
    impl common::Receive for Borrowed<'_> {
        fn receive<I: patchcord::Input>(
            &mut self,
            input: &mut I,
        ) -> Result<Option<Event<I::Payload>>, patchcord::ProtocolError> {
            self.0.receive(input)
        }
    }
    run(&mut Borrowed(connection), &[bytes])
}

#[test]
fn a_ping_that_could_not_be_answered_changes_nothing_else() {
    let (mut connection, rest) = hear_and_panic(b"\x89\x01a\x82\x01z");
    assert_eq!(rest, b"\x82\x01z");
    assert_eq!(run_client(&mut connection, &rest).events, [Seen::Binary(b"z".to_vec())]);
    assert_eq!((connection.state(), connection.pending()), (State::Open, &b""[..]));
    run_client(&mut connection, b"\x89\x01b");
    assert_eq!(connection.pending(), b"\x8a\x81\0\0\0\0b");
}

#[test]
fn a_pong_that_waits_is_not_harmed_by_one_that_could_not_be_masked() {
    let (source, mut connection) = client();
    run_client(&mut connection, b"\x89\x01a");
    source.panics(|| run_client(&mut connection, b"\x89\x01b"));
    assert_eq!(connection.pending(), b"\x8a\x81\0\0\0\0a");
}

#[test]
fn a_verb_that_could_not_mask_changed_nothing_and_can_be_called_again() {
    let (source, mut connection) = client();
    let mut out = Vec::new();
    source.panics(|| connection.send(Message::Binary(b"z"), &mut out));
    source.panics(|| connection.ping(b"z", &mut out));
    let mut payload = *b"z";
    source.panics(|| connection.send_in_place(Kind::Binary, &mut payload).map(drop));
    assert_eq!(payload, *b"z");
    source.panics(|| connection.send_fragment(part(true, false), &mut out));
    connection.send_fragment(part(true, false), &mut out).unwrap();
    source.panics(|| connection.send_fragment(part(false, true), &mut out));
    connection.send_fragment(part(false, true), &mut out).unwrap();
    source.panics(|| connection.close(None));
    assert_eq!((connection.state(), connection.pending()), (State::Open, &b""[..]));
    assert_eq!(message(&mut connection), Ok(()));
    connection.close(None).unwrap();
    assert_eq!(connection.pending(), b"\x88\x80\0\0\0\0");
    assert_eq!(out, b"\x01\x81\0\0\0\0z\x80\x81\0\0\0\0z");
}

#[test]
fn a_ping_that_could_not_be_sent_is_due_still_and_waits_for_no_pong() {
    let (source, mut connection) = client();
    assert_eq!(connection.on_time(Duration::ZERO), None);
    source.panics(|| connection.on_time(SECOND));
    assert_eq!(connection.next_deadline(), Some(SECOND));
    assert_eq!(connection.on_time(100 * SECOND), None, "no ping went unanswered");
    assert_eq!(connection.pending(), b"\x89\x80\0\0\0\0");
    assert_eq!(connection.on_time(100 * SECOND + Timeouts::PONG), Some(Expired::Pong));
}

#[test]
fn a_peer_that_is_given_up_stays_given_up_though_it_could_not_be_told() {
    let (source, mut connection) = client();
    assert_eq!(connection.on_time(Duration::ZERO), None);
    assert_eq!(connection.on_time(SECOND), None);
    source.panics(|| connection.on_time(100 * SECOND));
    assert_eq!(connection.state(), State::Lost);
    assert!(matches!(connection.receive(&mut &mut b"\x82\x01z".to_owned()[..]), Ok(None)));
    assert_eq!(message(&mut connection), Err(SendError::Closed));
    assert!(connection.is_finished());
}

/// What a message refers to was sent: the peer inflates what comes after a panic.
#[cfg(feature = "deflate")]
#[test]
fn a_compressed_message_that_could_not_be_masked_is_not_referred_to() {
    use patchcord::deflate::{Agreed, Compression, Engines};

    let (engines, source) = (Engines::Live, Failing::default());
    let compression = Compression { threshold: 0, ..Compression::default() };
    for fragments in [false, true] {
        let sender = Connection::client(source.clone(), Config::default());
        let mut sender = sender.with_deflate(Agreed::default(), compression, &engines);
        let receiver = Connection::server(Config::default());
        let mut receiver = receiver.with_deflate(Agreed::default(), compression, &engines);
        let text = "a text that is said once, and once again";
        let part = Fragment { payload: text.as_bytes(), ..part(true, true) };
        let mut out = Vec::new();
        source.panics(|| match fragments {
            true => sender.send_compressed_fragment(part, &mut out),
            false => sender.send_compressed(Message::Text(text), &mut out),
        });
        assert!(out.is_empty());
        sender.send_compressed(Message::Text(text), &mut out).unwrap();
        let heard = receiver.receive(&mut &mut out[..]);
        assert!(matches!(heard, Ok(Some(Event::Text(heard))) if *heard == *text), "{fragments}");
    }
}

/// An output buffer that panics when the frame is in it.
struct Full(Vec<u8>);

// SAFETY: every method is that of `Vec`, up to the panic.
#[allow(unsafe_code)]
unsafe impl BufMut for Full {
    fn remaining_mut(&self) -> usize {
        self.0.remaining_mut()
    }

    unsafe fn advance_mut(&mut self, count: usize) {
        // SAFETY: the caller initialised that many bytes of the `Vec`.
        unsafe { self.0.advance_mut(count) };
        panic!("the caller's buffer");
    }

    fn chunk_mut(&mut self) -> &mut UninitSlice {
        self.0.chunk_mut()
    }
}

#[test]
fn no_data_follows_a_close_or_a_fragment_that_an_output_panicked_with() {
    type Verb = fn(&mut Encoder<patchcord::Server>, &mut Full) -> Result<(), SendError>;
    let verbs: [Verb; 2] = [
        |encoder, out| encoder.encode_close(None, out),
        |encoder, out| encoder.encode_fragment(part(true, false), out),
    ];
    for verb in verbs {
        let (mut encoder, mut out) = (Encoder::server(), Full(Vec::new()));
        assert!(catch_unwind(AssertUnwindSafe(|| verb(&mut encoder, &mut out))).is_err());
        assert!(!out.0.is_empty());
        let next = encoder.encode(Message::Binary(b"z"), &mut Vec::new());
        assert_eq!(next, Err(SendError::Closed));
    }
}
