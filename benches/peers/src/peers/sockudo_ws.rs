//! sockudo-ws: a `WebSocketStream` on tokio's streams, and the `Protocol` within it, which does
//! no I/O.

use super::{Candidate, Cell, Class, Exchange, each, masks};
use crate::case::{self, Accept, Case, Decode, Encode, Form, Sizes};
use crate::sink::Sink;
use crate::stream::{Source, now};
use bytes::{Bytes, BytesMut};
use futures_util::{SinkExt, StreamExt};
use sockudo_ws::cork::ZERO_COPY_MIN;
use sockudo_ws::frame::{OpCode, encode_frame_header};
use sockudo_ws::handshake::{build_response, generate_accept_key, parse_request};
use sockudo_ws::mask::{apply_mask, generate_mask};
use sockudo_ws::protocol::{Message, Protocol, Role};
use sockudo_ws::server::WebSocketServer;
use sockudo_ws::{Config, Http1, RECV_BUFFER_SIZE, WebSocketStream};
use std::cell::RefCell;
use std::hint::black_box;
use tokio::io::AsyncReadExt;

pub const CANDIDATES: &[Candidate] = &[
    Candidate {
        name: "sockudo-ws",
        class: Class::Peer,
        driven: "`WebSocketStream::next`, and `send` of a `Bytes`, without heartbeat, which would \
            read the clock for each message; `WebSocketServer::accept_raw`",
        cell: stream_cell,
        connect: Some(|source| Box::new(open(source, Role::Server))),
    },
    Candidate {
        name: "sockudo-ws (Protocol)",
        class: Class::Peer,
        driven: "`Protocol::process_into` from a `BytesMut` for each connection, of 8 KiB, or \
            of 64 KiB for messages from 320 bytes on; `Protocol::encode_message`, or \
            `encode_frame_header` beside a payload that a client masks with `apply_mask`; keys \
            from `fastrand`, its default; `parse_request`, `generate_accept_key` and \
            `build_response`",
        cell: protocol_cell,
        connect: Some(|source| Box::new(Peer::new(source, SMALL))),
    },
];

/// The receive buffer for short messages and for many connections. With 64 KiB a short message
/// takes at most a tenth less, but `process_into` would decode so many at once that there is no
/// batch to time.
pub(super) const SMALL: usize = 8 * 1024;

/// From this size on, the buffer is as long as that of a `WebSocketStream`.
const LONG: usize = 320;

fn stream_cell(case: &Case) -> Option<Box<dyn Cell>> {
    match case {
        Case::Mask(_) => None, // beside `Protocol`
        Case::Decode(decode) => {
            let mut sockets = decode.connections(|source| open(source, Role::Server));
            each(move |sink| receive(sockets.turn(), sink))
        }
        Case::Encode(encode) if encode.form == form(encode) => {
            let mut socket = open(Decode::binary(0).sources().remove(0), role(encode.role));
            let mut payloads = encode.payloads::<Bytes>();
            each(move |_| {
                now(socket.send(Message::Binary(payloads.turn().clone()))).expect("open");
            })
        }
        Case::Encode(_) => None,
        Case::Accept(accept) => accept_each(accept),
        Case::Deflate(_) => None, // in `deflate`
    }
}

fn protocol_cell(case: &Case) -> Option<Box<dyn Cell>> {
    match case {
        Case::Mask(mask) => masks::cell(mask, apply_mask),
        Case::Decode(decode) if decode.connections > 1 => receive_in_turn(decode),
        Case::Decode(decode) => {
            let size = match decode.sizes {
                Sizes::Fixed(LONG..) => RECV_BUFFER_SIZE,
                _ => SMALL,
            };
            let peer = Peer::new(decode.sources().remove(0), size);
            Some(Box::new(Stream { peer, messages: Vec::new(), next: 0 }))
        }
        Case::Encode(encode) => send(encode),
        Case::Accept(accept) => accept_in_parts(accept),
        Case::Deflate(_) => None, // in `deflate`
    }
}

/// A server's stream writes long payloads from where they lie.
fn form(encode: &Encode) -> Form {
    match encode.role {
        case::Role::Server if encode.size >= ZERO_COPY_MIN => Form::Borrowed,
        _ => Form::Contiguous,
    }
}

fn role(role: case::Role) -> Role {
    match role {
        case::Role::Server => Role::Server,
        case::Role::Client => Role::Client,
    }
}

pub(super) fn config() -> Config {
    Config::builder().auto_ping(false).idle_timeout(0).build()
}

fn open(source: Source, role: Role) -> WebSocketStream<Source> {
    WebSocketStream::from_raw(source, role, config())
}

#[inline]
fn receive(socket: &mut WebSocketStream<Source>, sink: &mut Sink) {
    let message = now(socket.next()).expect("an endless stream").expect("legal frames");
    deliver(&message, sink);
}

#[inline]
pub(super) fn deliver(message: &Message, sink: &mut Sink) {
    match message {
        Message::Binary(payload) => sink.binary(payload),
        // It is validated, and `as_text` would validate it again.
        Message::Text(text) => sink.part(true, text, true),
        _ => unreachable!("only messages are sent"),
    }
}

/// A connection that does no I/O of its own.
struct Peer {
    protocol: Protocol,
    source: Source,
    buffer: BytesMut,
    size: usize,
}

impl Peer {
    fn new(source: Source, size: usize) -> Self {
        let Config { max_frame_size, max_message_size, .. } = config();
        let protocol = Protocol::new(Role::Server, max_frame_size, max_message_size);
        Self { protocol, source, buffer: BytesMut::with_capacity(size), size }
    }

    /// Puts the next messages into `messages`, which must be empty, so that their place in
    /// the buffer is free again.
    #[inline]
    fn receive(&mut self, messages: &mut Vec<Message>) {
        messages.clear();
        while messages.is_empty() {
            make_room(&mut self.buffer, self.size);
            now(self.source.read_buf(&mut self.buffer)).expect("an endless stream");
            self.protocol.process_into(&mut self.buffer, messages).expect("legal frames");
        }
    }
}

/// Reuses the place that messages have left, or makes room for at least half of a buffer of this size.
#[inline]
pub(super) fn make_room(buffer: &mut BytesMut, size: usize) {
    let is_free = buffer.is_empty() && buffer.try_reclaim(size);
    if !is_free && buffer.capacity() - buffer.len() < size / 2 {
        buffer.reserve(size);
    }
}

/// One connection and the messages that came with its last read.
struct Stream {
    peer: Peer,
    messages: Vec<Message>,
    next: usize,
}

impl Cell for Stream {
    fn run(&mut self, operations: u64, sink: &mut Sink) {
        for _ in 0..operations {
            if self.next == self.messages.len() {
                self.peer.receive(&mut self.messages);
                self.next = 0;
            }
            deliver(&self.messages[self.next], sink);
            self.next += 1;
        }
    }
}

fn receive_in_turn(decode: &Decode) -> Option<Box<dyn Cell>> {
    let mut peers = decode.connections(|source| Peer::new(source, SMALL));
    let mut messages = Vec::new();
    each(move |sink| {
        peers.turn().receive(&mut messages);
        messages.iter().for_each(|message| deliver(message, sink));
        messages.clear();
    })
}

fn send(encode: &Encode) -> Option<Box<dyn Cell>> {
    let mut out = BytesMut::with_capacity(encode.frame());
    match encode.form {
        Form::Contiguous => {
            let mut protocol = Protocol::new(role(encode.role), usize::MAX, usize::MAX);
            let mut messages = encode.payloads::<Message>();
            each(move |sink| {
                out.clear();
                protocol.encode_message(messages.turn(), &mut out).expect("room");
                sink.wire(&out);
            })
        }
        Form::Borrowed => {
            let is_client = encode.role == case::Role::Client;
            let mut payloads = encode.payloads::<Vec<u8>>();
            let mut fresh = encode.payloads::<Vec<u8>>();
            each(move |sink| {
                let payload = payloads.turn();
                sink.restore(|| payload.copy_from_slice(fresh.turn()));
                let key = is_client.then(generate_mask);
                out.clear();
                encode_frame_header(&mut out, OpCode::Binary, payload.len(), true, key);
                if let Some(key) = key {
                    apply_mask(payload, key);
                }
                sink.wire(&out);
                sink.wire(payload);
            })
        }
    }
}

fn accept_each(accept: &Accept) -> Option<Box<dyn Cell>> {
    let source = accept.source();
    let server = WebSocketServer::<Http1>::new(config());
    each(move |_| drop(now(server.accept_raw(source.clone())).expect("a legal head")))
}

fn accept_in_parts(accept: &Accept) -> Option<Box<dyn Cell>> {
    let head = accept.head();
    each(move |sink| {
        let request = parse_request(black_box(head)).expect("a legal head");
        let (request, _) = request.expect("all of it");
        sink.wire(&build_response(&generate_accept_key(request.key), None, None));
    })
}

thread_local! {
    /// What the connections of a thread share.
    pub(super) static SHARED: RefCell<(Vec<Message>, BytesMut)> = RefCell::default();
}

impl Exchange for WebSocketStream<Source> {
    fn exchange(&mut self, answer: &[u8], sink: &mut Sink) {
        receive(self, sink);
        now(self.send(Message::from(answer))).expect("open");
    }
}

impl Exchange for Peer {
    fn exchange(&mut self, answer: &[u8], sink: &mut Sink) {
        SHARED.with_borrow_mut(|(messages, out)| {
            self.receive(messages);
            messages.drain(..).for_each(|message| deliver(&message, sink));
            out.clear();
            let answer = Message::from(answer);
            self.protocol.encode_message(&answer, out).expect("room");
            sink.wire(out);
        });
    }
}
