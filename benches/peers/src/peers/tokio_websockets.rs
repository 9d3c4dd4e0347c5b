//! tokio-websockets: a `WebSocketStream`, which is a `Stream` and a `Sink` of messages.

use super::{Candidate, Cell, Class, Exchange, each};
use crate::case::{Accept, Case, Decode, Encode, Form, Role};
use crate::sink::Sink;
use crate::stream::{Source, now};
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio_websockets::{ClientBuilder, Limits, Message, ServerBuilder, WebSocketStream};

pub const CANDIDATES: &[Candidate] = &[Candidate {
    name: "tokio-websockets",
    class: Class::Peer,
    driven: "`next`, and `send` of a `Bytes`, which it writes beside the header (a client masks a \
        copy); `ServerBuilder::accept`; AWS-LC's SHA-1, fastrand's keys",
    cell,
    connect: Some(connect),
}];

fn cell(case: &Case) -> Option<Box<dyn Cell>> {
    match case {
        Case::Mask(_) => None, // private
        Case::Decode(decode) => receive(decode),
        Case::Encode(encode) => send(encode),
        Case::Accept(accept) => accept_each(accept),
        Case::Deflate(_) => None, // it has none
    }
}

fn open(source: Source) -> WebSocketStream<Source> {
    ServerBuilder::new().limits(Limits::unlimited()).serve(source)
}

fn receive(decode: &Decode) -> Option<Box<dyn Cell>> {
    let mut sockets = decode.connections(open);
    each(move |sink| deliver(sockets.turn(), sink))
}

#[inline]
fn deliver(socket: &mut WebSocketStream<Source>, sink: &mut Sink) {
    let message = now(socket.next()).expect("an endless stream").expect("legal frames");
    match message.as_text() {
        Some(text) => sink.text(text),
        None => sink.binary(message.as_payload()),
    }
}

fn send(encode: &Encode) -> Option<Box<dyn Cell>> {
    let source = Decode::binary(0).sources().remove(0);
    let mut socket = match (encode.role, encode.form) {
        (Role::Server, Form::Borrowed) => open(source),
        (Role::Client, Form::Contiguous) => ClientBuilder::new().take_over(source),
        _ => return None,
    };
    let mut payloads = encode.payloads::<Bytes>();
    each(move |_| now(socket.send(Message::binary(payloads.turn().clone()))).expect("open"))
}

fn accept_each(accept: &Accept) -> Option<Box<dyn Cell>> {
    let source = accept.source();
    let server = ServerBuilder::new();
    each(move |_| drop(now(server.accept(source.clone())).expect("a legal head")))
}

fn connect(source: Source) -> Box<dyn Exchange> {
    Box::new(open(source))
}

impl Exchange for WebSocketStream<Source> {
    fn exchange(&mut self, answer: &[u8], sink: &mut Sink) {
        deliver(self, sink);
        now(self.send(Message::binary(Bytes::copy_from_slice(answer)))).expect("open");
    }
}
