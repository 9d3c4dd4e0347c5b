//! websocket-sans-io: frames only, in buffers of its user's.

use super::{Candidate, Cell, Class, Exchange, each, masks};
use crate::case::{Case, Decode, Encode, Form, Role};
use crate::sink::Sink;
use crate::stream::Source;
use patchcord::{Entropy, ThreadEntropy};
use std::cell::RefCell;
use std::io::Read;
use std::str;
use websocket_sans_io::{
    FrameInfo, Opcode, WebsocketFrameDecoder, WebsocketFrameEncoder, WebsocketFrameEvent,
};

pub const CANDIDATES: &[Candidate] = &[Candidate {
    name: "websocket-sans-io",
    class: Class::Peer,
    driven: "`WebsocketFrameDecoder::add_data` on a buffer of 16 KiB, one for all connections of a \
        thread; the user's part is done as in its examples: headers are checked by \
        `is_reasonable`, a binary message that does not arrive whole is delivered in pieces, a text \
        is joined and checked by `str::from_utf8`; `WebsocketFrameEncoder`, keys from the \
        generator that patchcord uses",
    cell,
    connect: Some(connect),
}];

fn cell(case: &Case) -> Option<Box<dyn Cell>> {
    match case {
        Case::Mask(mask) => masks::cell(mask, |bytes, key| {
            websocket_sans_io::apply_mask(key, bytes, 0);
        }),
        Case::Decode(decode) => receive(decode),
        Case::Encode(encode) => send(encode),
        // It begins behind the opening handshake.
        Case::Accept(_) => None,
        Case::Deflate(_) => None, // it has none
    }
}

/// What was read, and how much of it was consumed.
struct Buffer {
    bytes: Box<[u8]>,
    at: usize,
    end: usize,
}

impl Buffer {
    fn new() -> Self {
        Self { bytes: vec![0; 16 * 1024].into(), at: 0, end: 0 }
    }
}

/// A connection.
struct Peer {
    decoder: WebsocketFrameDecoder,
    encoder: WebsocketFrameEncoder,
    source: Source,
    frame: FrameInfo,
    /// Whether a part of the message has arrived.
    is_open: bool,
    /// The text so far, if it does not arrive whole.
    text: Vec<u8>,
}

impl Peer {
    fn new(source: Source) -> Self {
        Self {
            decoder: WebsocketFrameDecoder::new(),
            encoder: WebsocketFrameEncoder::new(),
            source,
            frame: FrameInfo::default(),
            is_open: false,
            text: Vec::new(),
        }
    }

    /// Delivers a message.
    #[inline]
    fn receive(&mut self, buffer: &mut Buffer, sink: &mut Sink) {
        loop {
            let input = &mut buffer.bytes[buffer.at..buffer.end];
            let taken = self.decoder.add_data(input).expect("legal frames");
            buffer.at += taken.consumed_bytes;
            match taken.event {
                Some(WebsocketFrameEvent::Start { frame_info, .. }) => {
                    assert!(frame_info.is_reasonable() && frame_info.mask.is_some());
                    self.frame = frame_info;
                }
                Some(WebsocketFrameEvent::PayloadChunk { original_opcode }) => {
                    self.take(original_opcode, &input[..taken.consumed_bytes], sink);
                }
                Some(WebsocketFrameEvent::End { frame_info, original_opcode }) => {
                    if frame_info.fin {
                        return self.end(original_opcode, sink);
                    }
                }
                None if taken.consumed_bytes > 0 => {}
                None => {
                    buffer.at = 0;
                    buffer.end = self.source.read(&mut buffer.bytes).expect("an endless stream");
                }
            }
        }
    }

    /// Takes a piece of a message; the only one, if the message arrived whole.
    #[inline]
    fn take(&mut self, kind: Opcode, piece: &[u8], sink: &mut Sink) {
        let is_whole = self.frame.fin
            && self.frame.opcode == kind
            && self.frame.payload_length == piece.len() as u64;
        match (kind, is_whole) {
            (Opcode::Text, true) => sink.text(str::from_utf8(piece).expect("UTF-8")),
            (Opcode::Text, false) => self.text.extend_from_slice(piece),
            (_, _) => sink.part(false, piece, is_whole),
        }
        self.is_open = !is_whole;
    }

    #[inline]
    fn end(&mut self, kind: Opcode, sink: &mut Sink) {
        match (self.is_open, kind) {
            (false, _) => {}
            (true, Opcode::Text) => {
                sink.text(str::from_utf8(&self.text).expect("UTF-8"));
                self.text.clear();
            }
            (true, _) => sink.part(false, &[], true),
        }
        self.is_open = false;
    }
}

fn receive(decode: &Decode) -> Option<Box<dyn Cell>> {
    let mut buffer = Buffer::new();
    let mut peers = decode.connections(Peer::new);
    each(move |sink| peers.turn().receive(&mut buffer, sink))
}

/// The header of a binary message.
fn header(length: usize, mask: Option<[u8; 4]>) -> FrameInfo {
    let opcode = Opcode::Binary;
    FrameInfo { opcode, payload_length: length as u64, mask, fin: true, reserved: 0 }
}

fn send(encode: &Encode) -> Option<Box<dyn Cell>> {
    let mut encoder = WebsocketFrameEncoder::new();
    let mut payloads = encode.payloads::<Vec<u8>>();
    let mut fresh = encode.payloads::<Vec<u8>>();
    let mut out = Vec::with_capacity(encode.frame());
    let key = match encode.role {
        Role::Server => || None,
        Role::Client => || Some(ThreadEntropy.word()),
    };
    match encode.form {
        Form::Contiguous => each(move |sink| {
            put(&mut encoder, key(), payloads.turn(), &mut out);
            sink.wire(&out);
        }),
        Form::Borrowed => each(move |sink| {
            let payload = payloads.turn();
            sink.restore(|| payload.copy_from_slice(fresh.turn()));
            let header = encoder.start_frame(&header(payload.len(), key()));
            encoder.transform_frame_payload(payload);
            sink.wire(&header);
            sink.wire(payload);
        }),
    }
}

#[inline]
fn put(
    encoder: &mut WebsocketFrameEncoder,
    key: Option<[u8; 4]>,
    payload: &[u8],
    out: &mut Vec<u8>,
) {
    let header = encoder.start_frame(&header(payload.len(), key));
    out.clear();
    out.extend_from_slice(&header);
    out.extend_from_slice(payload);
    encoder.transform_frame_payload(&mut out[header.len()..]);
}

thread_local! {
    /// What the connections of a thread share.
    static SHARED: RefCell<(Buffer, Vec<u8>)> = RefCell::new((Buffer::new(), Vec::new()));
}

fn connect(source: Source) -> Box<dyn Exchange> {
    Box::new(Peer::new(source))
}

impl Exchange for Peer {
    fn exchange(&mut self, answer: &[u8], sink: &mut Sink) {
        SHARED.with_borrow_mut(|(buffer, out)| {
            self.receive(buffer, sink);
            assert_eq!(buffer.at, buffer.end, "the next message belongs to another connection");
            put(&mut self.encoder, None, answer, out);
            sink.wire(out);
        });
    }
}
