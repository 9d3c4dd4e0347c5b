//! A source of keys, or an output buffer, that panics: the caller's code, called in the middle of
//! a verb. A caller that catches it finds a connection that says and hears nothing it must not.

use crate::common::{Outcome, Seen, run};
use bytes::buf::UninitSlice;
use bytes::{Buf, BufMut, BytesMut};
use patchcord::{
    Client, CloseCode, Config, Connection, Encoder, Entropy, Event, Expired, Fragment, Input,
    Message, MessageKind, Next, ProtocolError, SendBuffer, SendError, State, Timeouts,
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

/// A client, and what waits to be written.
struct Subject {
    connection: Connection<Client<Failing>>,
    out: SendBuffer,
}

impl Subject {
    fn hear<I: Input>(
        &mut self,
        input: &mut I,
    ) -> Result<Option<Event<I::Payload>>, ProtocolError> {
        self.connection.receive(input, &mut self.out)
    }

    fn message(&mut self) -> Result<(), SendError> {
        self.connection.send(Message::Binary(b"z"), &mut SendBuffer::new())
    }

    fn close(&mut self) -> Result<(), SendError> {
        self.connection.close(None, &mut self.out)
    }

    fn on_time(&mut self, now: Duration) -> Next {
        self.connection.handle_timeout(now, &mut self.out)
    }

    fn state(&self) -> State {
        self.connection.state()
    }

    fn pending(&self) -> &[u8] {
        self.out.chunk()
    }

    fn assert_finished(&mut self) {
        assert_eq!(self.on_time(Duration::ZERO), Next::Finished);
    }
}

fn client() -> (Failing, Subject) {
    let source = Failing::default();
    let timeouts = Timeouts { ping_interval: Some(SECOND), ..Timeouts::default() };
    let config = Config { timeouts, ..Config::default() };
    let connection = Connection::client(source.clone(), config);
    (source, Subject { connection, out: SendBuffer::new() })
}

const SECOND: Duration = Duration::from_secs(1);

fn part(first: bool, last: bool) -> Fragment<&'static [u8]> {
    Fragment { kind: MessageKind::Text, first, last, payload: b"z" }
}

/// What a client hears of these bytes, which panics on the way.
fn hear_and_panic(bytes: &[u8]) -> (Subject, Vec<u8>) {
    let (source, mut connection) = client();
    let mut input = BytesMut::from(bytes);
    source.panics(|| while let Ok(Some(_)) = connection.hear(&mut input) {});
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
            let heard = connection.hear(&mut &mut rest[..]);
            assert!(matches!(heard, Ok(None)), "{behind:02x?}");
            assert_eq!(connection.message(), Err(SendError::Closed));
            let ping = connection.connection.ping(b"", &mut SendBuffer::new());
            assert_eq!(ping, Err(SendError::Closed));
            assert_eq!(connection.connection.close_received(), Some(code));
            assert_eq!(connection.connection.close_sent(), None, "none left this end");
            assert!(connection.pending().is_empty());
            connection.assert_finished();
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
        assert_eq!(connection.message(), Err(SendError::Closed));
        connection.assert_finished();
    }
}

fn run_client(connection: &mut Subject, bytes: &[u8]) -> Outcome {
    struct Borrowed<'a>(&'a mut Subject);
    impl crate::common::Receive for Borrowed<'_> {
        fn receive<I: Input>(
            &mut self,
            input: &mut I,
        ) -> Result<Option<Event<I::Payload>>, ProtocolError> {
            self.0.hear(input)
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
fn the_latest_pong_that_waits_is_not_harmed_by_one_that_could_not_be_masked() {
    let (source, mut connection) = client();
    for _ in 0..100 {
        run_client(&mut connection, &[&b"\x89\x7d"[..], &[b'a'; 125]].concat());
    }
    run_client(&mut connection, b"\x89\x01b"); // waits apart, in the place of others
    source.panics(|| run_client(&mut connection, b"\x89\x01c"));
    connection.out.advance(connection.pending().len());
    assert_eq!(connection.pending(), b"\x8a\x81\0\0\0\0b");
}

#[test]
fn the_latest_pong_leaves_once_though_the_close_behind_it_could_not_be_masked() {
    let (source, mut connection) = client();
    for _ in 0..100 {
        run_client(&mut connection, &[&b"\x89\x7d"[..], &[b'a'; 125]].concat());
    }
    run_client(&mut connection, b"\x89\x01b"); // waits apart
    let before = connection.pending().len();
    source.panics(|| connection.close());
    assert_eq!(connection.pending().len(), before);
    connection.close().unwrap();
    assert_eq!(&connection.pending()[before..], b"\x8a\x81\0\0\0\0b\x88\x80\0\0\0\0");
}

#[test]
fn a_verb_that_could_not_mask_changed_nothing_and_can_be_called_again() {
    let (source, mut subject) = client();
    let (connection, out) = (&mut subject.connection, &mut subject.out);
    source.panics(|| connection.send(Message::Binary(b"z"), out));
    source.panics(|| connection.ping(b"z", out));
    let mut payload = *b"z";
    source.panics(|| connection.send_in_place(MessageKind::Binary, &mut payload, out).map(drop));
    assert_eq!(payload, *b"z");
    source.panics(|| connection.send_fragment(part(true, false), out));
    connection.send_fragment(part(true, false), out).unwrap();
    source.panics(|| connection.send_fragment(part(false, true), out));
    connection.send_fragment(part(false, true), out).unwrap();
    let fragments = b"\x01\x81\0\0\0\0z\x80\x81\0\0\0\0z";
    source.panics(|| connection.close(None, out));
    assert_eq!((subject.state(), subject.pending()), (State::Open, &fragments[..]));
    assert_eq!(subject.connection.close_sent(), None);
    assert_eq!(subject.message(), Ok(()));
    subject.close().unwrap();
    let expected = [&fragments[..], b"\x88\x80\0\0\0\0"].concat();
    assert_eq!(subject.pending(), expected);
}

#[test]
fn a_ping_that_could_not_be_sent_is_due_still_and_waits_for_no_pong() {
    let (source, mut connection) = client();
    assert_eq!(connection.on_time(Duration::ZERO), Next::Wait { until: Some(SECOND) });
    source.panics(|| connection.on_time(SECOND));
    assert!(connection.pending().is_empty());
    let late = 100 * SECOND;
    let next = connection.on_time(late);
    assert!(matches!(next, Next::Write { .. }), "no ping went unanswered: {next:?}");
    assert_eq!(connection.pending(), b"\x89\x80\0\0\0\0");
    connection.out.advance(usize::MAX);
    assert!(matches!(connection.on_time(late), Next::Wait { .. }));
    let answer = late + Timeouts::PONG;
    assert_eq!(connection.on_time(answer), Next::Look);
    assert_eq!(connection.on_time(answer), Next::Expired(Expired::Pong));
}

#[test]
fn a_peer_that_is_given_up_stays_given_up_though_it_could_not_be_told() {
    let (source, mut connection) = client();
    assert!(matches!(connection.on_time(Duration::ZERO), Next::Wait { .. }));
    assert!(matches!(connection.on_time(SECOND), Next::Write { .. }));
    connection.out.advance(usize::MAX);
    assert!(matches!(connection.on_time(SECOND), Next::Wait { .. }));
    assert_eq!(connection.on_time(100 * SECOND), Next::Look);
    source.panics(|| connection.on_time(100 * SECOND));
    assert_eq!(connection.state(), State::Expired(Expired::Pong));
    assert_eq!(connection.connection.close_sent(), None, "none left this end");
    assert!(matches!(connection.hear(&mut &mut b"\x82\x01z".to_owned()[..]), Ok(None)));
    assert_eq!(connection.message(), Err(SendError::Closed));
    assert!(connection.pending().is_empty());
    assert_eq!(connection.on_time(100 * SECOND), Next::Expired(Expired::Pong));
}

/// What a message refers to was sent: the peer inflates what comes after a panic.
#[cfg(feature = "deflate")]
#[test]
fn a_compressed_message_that_could_not_be_masked_is_not_referred_to() {
    use patchcord::deflate::{Agreed, Compression, Engines};

    let (engines, source) = (Engines::Owned, Failing::default());
    let compression = Compression { threshold: 0, ..Compression::default() };
    for fragments in [false, true] {
        let sender = Connection::client(source.clone(), Config::default());
        let mut sender = sender.with_deflate(Agreed::default(), compression, &engines);
        let receiver = Connection::server(Config::default());
        let mut receiver = receiver.with_deflate(Agreed::default(), compression, &engines);
        let text = "a text that is said once, and once again";
        let part = Fragment { payload: text.as_bytes(), ..part(true, true) };
        let mut out = SendBuffer::new();
        source.panics(|| match fragments {
            true => sender.send_compressed_fragment(part, &mut out),
            false => sender.send_compressed(Message::Text(text), &mut out),
        });
        assert!(out.is_empty());
        sender.send_compressed(Message::Text(text), &mut out).unwrap();
        let mut wire = out.chunk().to_vec();
        let mut input = &mut wire[..];
        let heard = receiver.receive(&mut input, &mut out);
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
