//! The operations that are counted. Each restores the state that it began with, and shows at
//! the end, uncounted, that it still does its work: a repetition that failed would be cheap.

use crate::common::{self, KEY, Lines, OPUS};
use bytes::Buf;
use patchcord::frame::{Header, Opcode};
use patchcord::{
    Client, Config, Connection, Decoder, Delivery, Encoder, Entropy, Event, Limits, MaskingKey,
    Message, Payload, ProtocolError, ReceiveBuffer, Role, SendBuffer, ThreadEntropy,
};
use std::hint::black_box;
use std::io::IoSlice;

/// A name, and a function that repeats an operation a given number of times.
pub(crate) struct Scenario(pub(crate) &'static str, pub(crate) fn(usize));

pub(crate) const SCENARIOS: [Scenario; 27] = [
    Scenario("mask in place, 16 B", |n| mask(n, 16)),
    Scenario("mask in place, 160 B", |n| mask(n, 160)),
    Scenario("mask in place, 1920 B", |n| mask(n, 1920)),
    Scenario("mask in place, 60 to 180 B", mask_lengths),
    Scenario("receive binary, 16 B", |n| receive(n, Opcode::Binary, &[7; 16])),
    Scenario("receive binary, 160 B", |n| receive(n, Opcode::Binary, &[7; 160])),
    Scenario("receive binary, 1920 B", |n| receive(n, Opcode::Binary, &[7; 1920])),
    Scenario("receive binary, 160 B, one frame per read", receive_reads),
    Scenario("receive binary, 64 KiB in reads of 1460 B", |n| {
        receive_cut(n, common::frame(Opcode::Binary, &[7; 65_536]), 65_536, 1460)
    }),
    Scenario("receive binary, 1920 B in 4 fragments, in reads of 700 B", |n| {
        receive_cut(n, common::in_4_fragments(), 1920, 700)
    }),
    Scenario("receive text, 1 KiB of ASCII in 2 reads", |n| {
        let text = common::text("a", 1024);
        receive_cut(n, common::frame(Opcode::Text, text.as_bytes()), 1024, 700)
    }),
    Scenario("receive binary, 160 B in reads of 1 B", |n| {
        receive_cut(n, common::frame(Opcode::Binary, &[7; 160]), 160, 1)
    }),
    Scenario("receive text, 1 KiB of ASCII", |n| receive_text(n, "a")),
    Scenario("receive text, 1 KiB of Cyrillic", |n| receive_text(n, "д")),
    Scenario("copy and decode binary, 160 B", |n| {
        decode(n, common::frame(Opcode::Binary, &[7; 160]), 160)
    }),
    Scenario("copy and decode binary, 1920 B in 4 fragments", |n| {
        decode(n, common::in_4_fragments(), 1920)
    }),
    Scenario("send as server, 160 B", |n| send(n, Connection::server(Config::default()), 160)),
    Scenario("encode as server, 160 B, borrowed", encode_borrowed),
    Scenario("send as server, 160 B, borrowed and written", send_borrowed),
    Scenario("send as server, 160 B, and written", send_written),
    Scenario("send as client, 160 B", |n| send(n, client(Counter(0)), 160)),
    Scenario("send as client, 1920 B", |n| send(n, client(Counter(0)), 1920)),
    Scenario("send as client, 160 B, unpredictable key", |n| send(n, client(ThreadEntropy), 160)),
    Scenario("accept a small request", |n| accept(n, common::SMALL_HEAD)),
    Scenario("accept a browser's request", |n| accept(n, common::BROWSER_HEAD)),
    Scenario("make an idle connection", make),
    Scenario("check text, 1 KiB of Cyrillic in pieces of 125 B", check),
];

/// Large enough that the allocator maps it, so that its address has the same low bits in every process.
const MAPPED: usize = 256 * 1024;

#[inline(always)]
fn again(repetitions: usize, mut operation: impl FnMut()) {
    for _ in 0..repetitions {
        operation();
    }
}

fn mask(repetitions: usize, size: usize) {
    let mut payload = Lines::new(&vec![7; size]);
    let payload = payload.bytes();
    let mut operation = || MaskingKey::from(black_box(KEY)).apply(black_box(&mut *payload));
    operation();
    again(repetitions, operation);
    assert!(payload.iter().all(|&octet| octet == after(repetitions + 1, 7)));
}

/// Exact if the repetitions are a multiple of the number of lengths.
fn mask_lengths(repetitions: usize) {
    let lengths = common::lengths(OPUS, crate::REPETITIONS);
    let mut lengths = lengths.into_iter().cycle();
    let mut payload = Lines::new(&[7; OPUS.1]);
    let payload = payload.bytes();
    again(repetitions, || {
        let length = lengths.next().unwrap_or_default();
        MaskingKey::from(black_box(KEY)).apply(black_box(&mut payload[..length]));
    });
    assert!(payload[..OPUS.0].iter().all(|&octet| octet == after(repetitions, 7)));
}

/// Returns what a byte becomes when it is masked this many times.
fn after(repetitions: usize, octet: u8) -> u8 {
    if repetitions.is_multiple_of(2) { octet } else { octet ^ KEY[0] }
}

fn receive(repetitions: usize, opcode: Opcode, payload: &[u8]) {
    let mut connection = Connection::server(Config::default());
    let mut out = SendBuffer::new();
    let mut frame = Lines::new(&common::frame(opcode, payload));
    let frame = frame.bytes();
    again(repetitions, || {
        let mut input = black_box(&mut *frame);
        let _ = black_box(connection.receive(&mut input, &mut out));
    });
    let expected: Vec<u8> = payload.iter().map(|&octet| after(repetitions, octet)).collect();
    assert_eq!(octets(connection.receive(&mut &mut *frame, &mut out)), expected);
}

fn receive_text(repetitions: usize, letter: &str) {
    receive(repetitions, Opcode::Text, common::text(letter, 1024).as_bytes());
}

/// Receives each frame of audio as a server does: the loop in the documentation of `Connection`,
/// with a copy instead of the read.
fn receive_reads(repetitions: usize) {
    let mut connection = Connection::server(Config::default());
    let (mut buffer, mut out) = (ReceiveBuffer::default(), SendBuffer::new());
    let frame = common::frame(Opcode::Binary, &[7; 160]);
    let mut operation =
        || common::read_and_receive(&mut connection, &mut buffer, &mut out, black_box(&frame));
    again(repetitions, || {
        black_box(operation());
    });
    assert_eq!(operation(), 160);
}

/// The same for a message of that size that arrives in reads of at most `step` bytes.
fn receive_cut(repetitions: usize, frames: Vec<u8>, size: usize, step: usize) {
    let mut connection = Connection::server(Config::default());
    let (mut buffer, mut out) = (ReceiveBuffer::default(), SendBuffer::new());
    let mut operation = || {
        let mut heard = 0;
        let mut later = black_box(&frames[..]);
        while !later.is_empty() {
            let space = buffer.space();
            let (read, rest) = later.split_at(step.min(space.len()).min(later.len()));
            space[..read.len()].copy_from_slice(read);
            buffer.filled(read.len());
            later = rest;
            let mut input = buffer.unconsumed();
            while let Ok(Some(event)) = connection.receive(&mut input, &mut out) {
                heard += match black_box(event) {
                    Event::Text(text) => text.len(),
                    Event::Binary(octets) => octets.len(),
                    _ => 0,
                };
            }
        }
        heard
    };
    assert_eq!((operation(), operation()), (size, size));
    again(repetitions, || {
        black_box(operation());
    });
    assert_eq!(operation(), size);
}

/// The frames are copied again for each repetition, as a read would bring them: a message in
/// fragments is changed by decoding.
fn decode(repetitions: usize, frames: Vec<u8>, size: usize) {
    let mut decoder = Decoder::server(Limits::default(), Delivery::Messages);
    let mut buffer = Lines::new(&frames);
    let buffer = buffer.bytes();
    again(repetitions, || {
        buffer.copy_from_slice(black_box(&frames));
        let mut input = black_box(&mut *buffer);
        let _ = black_box(decoder.decode(&mut input));
    });
    buffer.copy_from_slice(&frames);
    assert_eq!(octets(decoder.decode(&mut &mut *buffer)), vec![7; size]);
}

fn octets(heard: Result<Option<Event<Payload<'_>>>, ProtocolError>) -> Vec<u8> {
    match heard {
        Ok(Some(Event::Text(text))) => text.as_bytes().to_vec(),
        Ok(Some(Event::Binary(octets))) => octets.into_vec(),
        other => panic!("{other:?} is not a message"),
    }
}

/// A buffer with room for all frames that are ever sent into it.
fn roomy() -> SendBuffer {
    let mut out = SendBuffer::keeping(usize::MAX);
    out.head(|out| out.resize(2 * crate::REPETITIONS * 2000, 0));
    out.advance(usize::MAX);
    out
}

/// The verb alone.
fn send<R: Role>(repetitions: usize, mut connection: Connection<R>, size: usize) {
    let mut payload = Lines::new(&vec![7; size]);
    let payload = &*payload.bytes();
    let mut out = roomy();
    let mut operation =
        || connection.send(Message::Binary(black_box(payload)), black_box(&mut out));
    assert_eq!(operation(), Ok(()));
    again(repetitions, || {
        let _ = black_box(operation());
    });
    let key = if R::MASKS { 4 } else { 0 };
    let size = Header::new(Opcode::Binary, size as u64).unwrap().size() + key + size;
    assert_eq!(out.remaining(), (repetitions + 1) * size);
}

/// The verb, and what the buffer notes once the transport took the frame.
fn send_written(repetitions: usize) {
    let mut connection = Connection::server(Config::default());
    let mut payload = Lines::new(&[7; 160]);
    let payload = &*payload.bytes();
    let mut out = roomy();
    let mut operation = || {
        let _ = connection.send(Message::Binary(black_box(payload)), black_box(&mut out));
        let written = black_box(out.chunk()).len();
        out.advance(written);
        written
    };
    again(repetitions, || {
        black_box(operation());
    });
    assert_eq!(operation(), 164);
}

fn encode_borrowed(repetitions: usize) {
    let mut encoder = Encoder::server();
    let payload = [7; 160];
    let frame = encoder.encode_borrowed(Message::Binary(&payload));
    assert_eq!(frame.unwrap().parts(), (&[0x82, 126, 0, 160][..], &payload[..]));
    again(repetitions, || {
        let _ = black_box(encoder.encode_borrowed(Message::Binary(black_box(&payload))));
    });
}

/// A server that writes a message from where it lies, to a transport that takes all of it.
fn send_borrowed(repetitions: usize) {
    let mut connection = Connection::server(Config::default());
    let (payload, mut out) = ([7; 160], SendBuffer::new());
    let mut operation = || {
        let message = Message::Binary(black_box(&payload));
        let Ok(mut frame) = connection.send_borrowed(message, &mut out) else { return 0 };
        let mut slices = [IoSlice::new(&[]); 2];
        let count = black_box(&frame).chunks_vectored(&mut slices);
        let written = black_box(&slices[..count]).iter().map(|slice| slice.len()).sum();
        frame.advance(written);
        written
    };
    again(repetitions, || {
        black_box(operation());
    });
    assert_eq!(operation(), 164);
    assert!(out.is_empty());
}

/// Keys that cost nothing to make, and that the compiler cannot predict.
struct Counter(u32);

impl Entropy for Counter {
    fn fill(&mut self, bytes: &mut [u8]) {
        bytes.fill_with(|| self.word()[0]);
    }

    #[inline]
    fn word(&mut self) -> [u8; 4] {
        self.0 = self.0.wrapping_add(1);
        self.0.to_ne_bytes()
    }
}

fn client<E: Entropy>(entropy: E) -> Connection<Client<E>> {
    Connection::client(entropy, Config::default())
}

fn accept(repetitions: usize, head: &[u8]) {
    let mut head = Lines::new(head); // searched by vectors, in steps that depend on its alignment
    let head = &*head.bytes();
    let mut out = Vec::with_capacity(MAPPED);
    let mut operation = || {
        out.clear();
        common::accept(black_box(head), black_box(&mut out));
    };
    operation();
    again(repetitions, operation);
    assert!(out.starts_with(b"HTTP/1.1 101 ") && out.ends_with(b"\r\n\r\n"));
}

fn make(repetitions: usize) {
    again(repetitions, || {
        drop(black_box(Connection::server(black_box(Config::default()))));
    });
}

fn check(repetitions: usize) {
    let mut text = Lines::new(common::text("д", 1024).as_bytes());
    let text = &*text.bytes();
    let operation = || common::check(black_box(text), 125);
    assert_eq!(operation(), Ok(()));
    again(repetitions, || {
        let _ = black_box(operation());
    });
}
