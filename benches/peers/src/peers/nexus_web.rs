//! nexus-web: `FrameReader` and `FrameWriter`, which do no I/O.

use super::{Candidate, Cell, Class, Exchange, each, masks};
use crate::case::{self, Accept, Case, Decode, Encode, Form};
use crate::payload::Content;
use crate::sink::Sink;
use crate::stream::Source;
use nexus_web::ws::{self, Client, FrameReader, FrameWriter, Message, Role, apply_mask};
use std::cell::RefCell;

pub const CANDIDATES: &[Candidate] = &[
    Candidate {
        name: "nexus-web",
        class: Class::Peer,
        driven: "`FrameReader::read_from` and `next`, a buffer of 1 MiB for each connection; \
            `FrameWriter::encode_binary`, or `build_header` beside a payload that a client masks \
            with `apply_mask`; `ClientBuilder::accept`; reads of text end with a frame, since it \
            checks no text that spans reads",
        cell: |case| cell(case, DEFAULT),
        connect: Some(|source| connect(source, DEFAULT)),
    },
    Candidate {
        name: "nexus-web (64 KiB buffers)",
        class: Class::Peer,
        driven: "the same with the `buffer_capacity` in the documentation of `FrameReader`",
        cell: |case| matches!(case, Case::Decode(_)).then(|| cell(case, DOCUMENTED))?,
        connect: Some(|source| connect(source, DOCUMENTED)),
    },
    Candidate {
        name: "nexus-web (8 KiB buffers)",
        class: Class::Peer,
        driven: "the same with a `buffer_capacity` and a `write_buffer_capacity` for many \
            connections",
        cell: |case| {
            matches!(case, Case::Decode(_) | Case::Accept(_)).then(|| cell(case, SMALL))?
        },
        connect: Some(|source| connect(source, SMALL)),
    },
];

/// The capacities of a connection's two buffers.
#[derive(Clone, Copy)]
struct Buffers {
    read: usize,
    write: usize,
}

const DEFAULT: Buffers = Buffers { read: 1024 * 1024, write: 64 * 1024 };
const DOCUMENTED: Buffers = Buffers { read: 64 * 1024, ..DEFAULT };
const SMALL: Buffers = Buffers { read: 8 * 1024, write: 8 * 1024 };

fn cell(case: &Case, buffers: Buffers) -> Option<Box<dyn Cell>> {
    match case {
        Case::Mask(mask) => masks::cell(mask, apply_mask),
        Case::Decode(decode) => receive(decode, buffers),
        Case::Encode(encode) => send(encode),
        Case::Accept(accept) => accept_each(accept, buffers),
        Case::Deflate(_) => None, // it has none
    }
}

/// A connection.
struct Peer {
    reader: FrameReader,
    writer: FrameWriter,
    source: Source,
}

impl Peer {
    fn new(source: Source, buffers: Buffers) -> Self {
        let builder = FrameReader::builder().buffer_capacity(buffers.read);
        let (reader, writer) = ws::pair_with(Role::Server, builder);
        Self { reader, writer, source }
    }

    /// Delivers a message.
    #[inline]
    fn receive(&mut self, sink: &mut Sink) {
        loop {
            match self.reader.next().expect("legal frames") {
                Some(Message::Binary(payload)) => return sink.binary(payload),
                Some(Message::Text(text)) => return sink.text(text),
                Some(_) => unreachable!("only messages are sent"),
                None => {}
            }
            self.reader.read_from(&mut self.source).expect("an endless stream");
        }
    }
}

fn receive(decode: &Decode, mut buffers: Buffers) -> Option<Box<dyn Cell>> {
    if decode.content != Content::Binary {
        // A text that spans reads would be delivered unchecked (nexus-web 0.8.0).
        let frame = decode.wire().ends[0];
        buffers.read = (buffers.read / frame).max(1) * frame;
    }
    let mut peers = decode.connections(|source| Peer::new(source, buffers));
    each(move |sink| peers.turn().receive(sink))
}

fn send(encode: &Encode) -> Option<Box<dyn Cell>> {
    /// FIN, and the opcode of binary data.
    const BINARY: u8 = 0x82;

    let mut writer = FrameWriter::new(match encode.role {
        case::Role::Server => Role::Server,
        case::Role::Client => Role::Client,
    });
    let mut payloads = encode.payloads::<Vec<u8>>();
    let mut fresh = encode.payloads::<Vec<u8>>();
    let mut out = vec![0; writer.max_encoded_len(encode.size)];
    match encode.form {
        Form::Contiguous => each(move |sink| {
            let length = writer.encode_binary(payloads.turn(), &mut out);
            sink.wire(&out[..length]);
        }),
        Form::Borrowed => each(move |sink| {
            let payload = payloads.turn();
            sink.restore(|| payload.copy_from_slice(fresh.turn()));
            let (header, key) = writer.build_header(BINARY, payload.len());
            if let Some(key) = key {
                apply_mask(payload, key);
            }
            sink.wire(header.as_bytes());
            sink.wire(payload);
        }),
    }
}

fn accept_each(accept: &Accept, buffers: Buffers) -> Option<Box<dyn Cell>> {
    let source = accept.source();
    each(move |_| {
        let builder = Client::builder().buffer_capacity(buffers.read);
        let builder = builder.write_buffer_capacity(buffers.write);
        drop(builder.accept(source.clone()).expect("a legal head"));
    })
}

thread_local! {
    /// The buffer in which the connections of a thread encode.
    static OUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

fn connect(source: Source, buffers: Buffers) -> Box<dyn Exchange> {
    Box::new(Peer::new(source, buffers))
}

impl Exchange for Peer {
    fn exchange(&mut self, answer: &[u8], sink: &mut Sink) {
        self.receive(sink);
        OUT.with_borrow_mut(|out| {
            out.resize(self.writer.max_encoded_len(answer.len()), 0);
            let length = self.writer.encode_binary(answer, out);
            sink.wire(&out[..length]);
        });
    }
}
