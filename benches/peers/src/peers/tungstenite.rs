//! tungstenite: a `WebSocket` on a stream, `read` and `send`.

use super::{Candidate, Cell, Class, Exchange, each};
use crate::case::{Accept, Case, Decode, Encode, Form};
use crate::sink::Sink;
use crate::stream::Source;
use bytes::Bytes;
use tungstenite::protocol::{Role, WebSocketConfig};
use tungstenite::{Message, WebSocket};

pub const CANDIDATES: &[Candidate] = &[
    Candidate {
        name: "tungstenite",
        class: Class::Peer,
        driven: "`WebSocket::read`, and `send` of a `Bytes`; `accept`",
        cell: |case| cell(case, WebSocketConfig::default()),
        connect: Some(|source| connect(source, WebSocketConfig::default())),
    },
    Candidate {
        name: "tungstenite (4 KiB reads)",
        class: Class::Peer,
        driven: "the same with `read_buffer_size` of 4 KiB, which its documentation names for \
            many connections",
        cell: |case| matches!(case, Case::Decode(_)).then(|| cell(case, small()))?,
        connect: Some(|source| connect(source, small())),
    },
];

fn small() -> WebSocketConfig {
    WebSocketConfig::default().read_buffer_size(4 * 1024)
}

fn cell(case: &Case, config: WebSocketConfig) -> Option<Box<dyn Cell>> {
    match case {
        Case::Mask(_) => None, // private
        Case::Decode(decode) => receive(decode, config),
        Case::Encode(encode) => send(encode, config),
        Case::Accept(accept) => accept_each(accept),
        Case::Deflate(_) => None, // it has none
    }
}

fn open(source: Source, config: WebSocketConfig) -> WebSocket<Source> {
    let config = config.max_message_size(None).max_frame_size(None);
    WebSocket::from_raw_socket(source, Role::Server, Some(config))
}

fn receive(decode: &Decode, config: WebSocketConfig) -> Option<Box<dyn Cell>> {
    let mut sockets = decode.connections(|source| open(source, config));
    each(move |sink| deliver(sockets.turn(), sink))
}

#[inline]
fn deliver(socket: &mut WebSocket<Source>, sink: &mut Sink) {
    match socket.read().expect("legal frames") {
        Message::Binary(payload) => sink.binary(&payload),
        Message::Text(text) => sink.text(&text),
        _ => unreachable!("only messages are sent"),
    }
}

fn send(encode: &Encode, config: WebSocketConfig) -> Option<Box<dyn Cell>> {
    if encode.form == Form::Borrowed {
        return None;
    }
    let role = match encode.role {
        crate::case::Role::Server => Role::Server,
        crate::case::Role::Client => Role::Client,
    };
    let source = Decode::binary(0).sources().remove(0);
    let mut socket = WebSocket::from_raw_socket(source, role, Some(config));
    let mut payloads = encode.payloads::<Bytes>();
    each(move |_| socket.send(Message::Binary(payloads.turn().clone())).expect("open"))
}

fn accept_each(accept: &Accept) -> Option<Box<dyn Cell>> {
    let source = accept.source();
    each(move |_| drop(tungstenite::accept(source.clone()).expect("a legal head")))
}

fn connect(source: Source, config: WebSocketConfig) -> Box<dyn Exchange> {
    Box::new(open(source, config))
}

impl Exchange for WebSocket<Source> {
    fn exchange(&mut self, answer: &[u8], sink: &mut Sink) {
        deliver(self, sink);
        self.send(Message::Binary(Bytes::copy_from_slice(answer))).expect("open");
    }
}
