//! patchcord, as its documentation shows: a connection, and a receive buffer and a send buffer for
//! all connections of a thread.

use super::{Candidate, Cell, Class, Exchange, each, masks};
use crate::case::{Accept, Case, Decode, Encode, Form, Role, Sizes};
use crate::sink::Sink;
use crate::stream::Source;
use bytes::Buf;
use patchcord::handshake::admission::Admission;
use patchcord::handshake::server::RequestReader;
use patchcord::payload::PayloadBytes;
use patchcord::{
    Config, Connection, Delivery, Encoder, Event, Fragment, Limits, MaskingKey, Message,
    MessageKind, ReceiveBuffer, SendBuffer, Server, State, ThreadEntropy,
};
use std::cell::RefCell;
use std::hint::black_box;
use std::io::{IoSlice, Read};

pub const CANDIDATES: &[Candidate] = &[
    Candidate {
        name: "patchcord",
        class: Class::Ours,
        driven: "`Connection::receive` from a `ReceiveBuffer`, one for all connections of a thread; \
        `send` into a `SendBuffer`, `send_borrowed`, `send_in_place`; `RequestReader`; keys from \
        `ThreadEntropy`",
        cell,
        connect: Some(connect),
    },
    Candidate {
        name: "patchcord (whole: the message)",
        class: Class::Ours,
        driven: "the same with `Limits::whole_frame` of the message's length, and the receive buffer that \
            goes with it: no frame is taken in pieces",
        cell: whole,
        connect: None,
    },
    Candidate {
        name: "patchcord (Delivery::Fragments)",
        class: Class::Ours,
        driven: "the same with `Delivery::Fragments`: frames of more than 16 KiB are handed on in \
            pieces, as they arrive",
        cell: in_pieces,
        connect: None,
    },
    Candidate {
        name: "patchcord (Encoder)",
        class: Class::Ours,
        driven: "the codec without a connection: `Encoder::encode` into a `Vec`, `encode_borrowed`, \
            `encode_in_place`; nothing notes what was written",
        cell: encoder,
        connect: None,
    },
    Candidate {
        name: "patchcord (keeping: the frame)",
        class: Class::Ours,
        driven: "the same with `SendBuffer::keeping` of twice the frame's length: the memory of a long frame is \
            not given back to the allocator once it is written",
        cell: keeping,
        connect: None,
    },
];

/// For long messages, where it makes a difference.
fn whole(case: &Case) -> Option<Box<dyn Cell>> {
    match case {
        Case::Decode(decode) => match decode.sizes {
            Sizes::Fixed(size @ 8192..) if decode.fragments == 1 => {
                let limits = Limits { whole_frame: size as u32, ..config().limits };
                Some(Box::new(Stream::new(decode, Config { limits, ..config() })))
            }
            _ => None,
        },
        _ => None,
    }
}

/// For messages that arrive in pieces.
fn in_pieces(case: &Case) -> Option<Box<dyn Cell>> {
    match case {
        Case::Decode(decode) if matches!(decode.sizes, Sizes::Fixed(65_536..)) => {
            let config = Config { delivery: Delivery::Fragments, ..config() };
            Some(Box::new(Stream::new(decode, config)))
        }
        _ => None,
    }
}

/// For frames that are longer than what a send buffer keeps by default.
fn keeping(case: &Case) -> Option<Box<dyn Cell>> {
    match case {
        Case::Encode(encode)
            if encode.form == Form::Contiguous && encode.size > SendBuffer::KEPT =>
        {
            send(encode, SendBuffer::keeping(2 * encode.frame()))
        }
        _ => None,
    }
}

fn cell(case: &Case) -> Option<Box<dyn Cell>> {
    match case {
        Case::Mask(mask) => masks::cell(mask, |bytes, key| MaskingKey::from(key).apply(bytes)),
        Case::Decode(decode) if decode.connections > 1 => receive_in_turn(decode),
        Case::Decode(decode) => Some(Box::new(Stream::new(decode, config()))),
        Case::Encode(encode) => send(encode, SendBuffer::new()),
        Case::Accept(accept) => accept_each(accept),
        Case::Deflate(_) => None, // in `deflate`
    }
}

/// Limits that nothing this harness sends exceeds.
pub(super) fn config() -> Config {
    let limits =
        Limits { frame: u64::MAX, message: u64::MAX, fragments: u32::MAX, ..Limits::default() };
    Config { limits, ..Config::default() }
}

/// One connection and its receive buffer.
struct Stream {
    connection: Connection<Server>,
    buffer: ReceiveBuffer,
    out: SendBuffer,
    source: Source,
}

impl Stream {
    fn new(decode: &Decode, config: Config) -> Self {
        let connection = Connection::server(config);
        let size = config.limits.buffer_size();
        let buffer = match config.limits == self::config().limits {
            true => ReceiveBuffer::default(),
            false => ReceiveBuffer::new(size),
        };
        let source = decode.sources().remove(0);
        Self { connection, buffer, out: SendBuffer::new(), source }
    }
}

impl Cell for Stream {
    fn run(&mut self, operations: u64, sink: &mut Sink) {
        let mut missing = operations;
        while missing > 0 {
            let mut input = self.buffer.unconsumed();
            while missing > 0
                && let Ok(Some(event)) = self.connection.receive(&mut input, &mut self.out)
            {
                missing -= u64::from(deliver(event, sink));
            }
            assert_eq!(self.connection.state(), State::Open, "legal frames");
            if missing > 0 {
                let read = self.source.read(self.buffer.space()).expect("an endless stream");
                self.buffer.filled(read);
            }
        }
    }
}

/// Hands an event to the sink, and returns whether it ended a message.
#[inline(always)]
fn deliver<P: PayloadBytes>(event: Event<P>, sink: &mut Sink) -> bool {
    match event {
        Event::Binary(payload) => sink.binary(payload.as_ref()),
        Event::Text(text) => sink.text(&text),
        Event::Fragment(Fragment { kind, last, payload, .. }) => {
            sink.part(kind == MessageKind::Text, payload.as_ref(), last);
            return last;
        }
        _ => unreachable!("only messages are sent"),
    }
    true
}

/// What the connections of a thread share.
#[derive(Default)]
pub(super) struct Shared {
    pub(super) buffer: ReceiveBuffer,
    pub(super) out: SendBuffer,
}

/// A connection that shares its thread's buffers, and keeps only what it left in the first.
pub(super) struct Peer {
    pub(super) connection: Connection<Server>,
    source: Source,
    rest: ReceiveBuffer,
}

impl Peer {
    fn new(source: Source) -> Self {
        Self::of(Connection::server(config()), source)
    }

    pub(super) fn of(connection: Connection<Server>, source: Source) -> Self {
        Self { connection, source, rest: ReceiveBuffer::new(0) }
    }

    /// Reads until a message has arrived, and takes everything that was read: here, one message.
    #[inline]
    pub(super) fn receive(&mut self, Shared { buffer, out }: &mut Shared, sink: &mut Sink) {
        let mut has_come = false;
        while !has_come {
            let parked = !self.rest.is_empty();
            let from = if parked { &mut self.rest } else { &mut *buffer };
            let read = self.source.read(from.space()).expect("an endless stream");
            from.filled(read);
            let mut input = from.unconsumed();
            while let Ok(Some(event)) = self.connection.receive(&mut input, out) {
                has_come |= deliver(event, sink);
            }
            assert_eq!(self.connection.state(), State::Open, "legal frames");
            // The buffer is needed for the next connection.
            if !parked || self.rest.is_empty() {
                self.rest = buffer.park();
            }
        }
    }
}

fn receive_in_turn(decode: &Decode) -> Option<Box<dyn Cell>> {
    let mut shared = Shared::default();
    let mut peers = decode.connections(Peer::new);
    each(move |sink| peers.turn().receive(&mut shared, sink))
}

/// Writes as the documentation shows: everything that waits, to a transport that takes it.
#[inline]
pub(super) fn write(out: &mut SendBuffer, sink: &mut Sink) {
    while out.has_remaining() {
        let chunk = out.chunk();
        sink.wire(chunk);
        let written = chunk.len();
        out.advance(written);
    }
}

/// Writes a header and the payload beside it in one go, in the loop that sends, as a driver does.
#[inline(always)]
fn write_vectored(mut frame: impl Buf, sink: &mut Sink) {
    let mut slices = [IoSlice::new(&[]); 2];
    let count = frame.chunks_vectored(&mut slices);
    let mut written = 0;
    for slice in &slices[..count] {
        sink.wire(slice);
        written += slice.len();
    }
    frame.advance(written);
}

fn send(encode: &Encode, mut out: SendBuffer) -> Option<Box<dyn Cell>> {
    let mut server = Connection::server(config());
    let mut client = Connection::client(ThreadEntropy, config());
    let mut payloads = encode.payloads::<Vec<u8>>();
    let mut fresh = encode.payloads::<Vec<u8>>();
    match (encode.role, encode.form) {
        (Role::Server, Form::Contiguous) => each(move |sink| {
            server.send(Message::Binary(payloads.turn()), &mut out).expect("open");
            write(&mut out, sink);
        }),
        (Role::Client, Form::Contiguous) => each(move |sink| {
            client.send(Message::Binary(payloads.turn()), &mut out).expect("open");
            write(&mut out, sink);
        }),
        (Role::Server, Form::Borrowed) => each(move |sink| {
            let message = Message::Binary(payloads.turn());
            write_vectored(server.send_borrowed(message, &mut out).expect("open"), sink);
        }),
        (Role::Client, Form::Borrowed) => each(move |sink| {
            let payload = payloads.turn();
            sink.restore(|| payload.copy_from_slice(fresh.turn()));
            let frame = client.send_in_place(MessageKind::Binary, payload, &mut out).expect("open");
            write_vectored(frame, sink);
        }),
    }
}

/// Without a connection, which would note what left.
fn encoder(case: &Case) -> Option<Box<dyn Cell>> {
    let Case::Encode(encode) = case else { return None };
    let (mut server, mut client) = (Encoder::server(), Encoder::client(ThreadEntropy));
    let mut out = Vec::with_capacity(encode.frame());
    let mut payloads = encode.payloads::<Vec<u8>>();
    let mut fresh = encode.payloads::<Vec<u8>>();
    match (encode.role, encode.form) {
        (Role::Server, Form::Contiguous) => each(move |sink| {
            out.clear();
            server.encode(Message::Binary(payloads.turn()), &mut out).expect("open");
            sink.wire(&out);
        }),
        (Role::Client, Form::Contiguous) => each(move |sink| {
            out.clear();
            client.encode(Message::Binary(payloads.turn()), &mut out).expect("open");
            sink.wire(&out);
        }),
        (Role::Server, Form::Borrowed) => each(move |sink| {
            let frame = server.encode_borrowed(Message::Binary(payloads.turn())).expect("open");
            let (header, payload) = frame.parts();
            sink.wire(header);
            sink.wire(payload);
        }),
        (Role::Client, Form::Borrowed) => each(move |sink| {
            let payload = payloads.turn();
            sink.restore(|| payload.copy_from_slice(fresh.turn()));
            let frame = client.encode_in_place(MessageKind::Binary, payload).expect("open");
            let (header, payload) = frame.parts();
            sink.wire(header);
            sink.wire(payload);
        }),
    }
}

fn accept_each(accept: &Accept) -> Option<Box<dyn Cell>> {
    let head = accept.head();
    let mut out = Vec::with_capacity(512);
    each(move |sink| {
        out.clear();
        let mut reader = RequestReader::new(Admission::any());
        let request = reader.read(&mut black_box(head)).expect("a legal head").expect("all of it");
        request.response().write(&mut out).expect("room");
        black_box(Connection::server(Config::default()));
        sink.wire(&out);
    })
}

thread_local! {
    pub(super) static SHARED: RefCell<Shared> = RefCell::default();
}

fn connect(source: Source) -> Box<dyn Exchange> {
    Box::new(Peer::new(source))
}

impl Exchange for Peer {
    fn exchange(&mut self, answer: &[u8], sink: &mut Sink) {
        SHARED.with_borrow_mut(|shared| {
            self.receive(shared, sink);
            self.connection.send(Message::Binary(answer), &mut shared.out).expect("open");
            write(&mut shared.out, sink);
        });
    }
}
