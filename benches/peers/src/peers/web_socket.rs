//! web-socket: a `WebSocket` on tokio's streams, `recv` and `send`.

use super::{Candidate, Cell, Class, Exchange, each};
use crate::case::{Case, Decode, Encode, Form, Role};
use crate::sink::Sink;
use crate::stream::{Source, now};
use std::str;
use tokio::io::BufReader;
use web_socket::{DataType, Event, MessageType, Stream, WebSocket};

pub const CANDIDATES: &[Candidate] = &[Candidate {
    name: "web-socket",
    class: Class::Peer,
    driven: "`WebSocket::recv` on a `BufReader`, as in its examples; `send`, as a server into \
        a `Vec` or vectored; texts checked by `str::from_utf8`, which it leaves to its user; \
        fragments are delivered one by one",
    cell,
    connect: Some(connect),
}];

fn cell(case: &Case) -> Option<Box<dyn Cell>> {
    match case {
        // Its loops are within `recv` and `send`.
        Case::Mask(_) => None,
        Case::Decode(decode) => receive(decode),
        Case::Encode(encode) => send(encode),
        // It begins behind the opening handshake.
        Case::Accept(_) => None,
        Case::Deflate(_) => None, // it has none
    }
}

type Socket = WebSocket<BufReader<Source>>;

fn open(source: Source) -> Socket {
    WebSocket::server(BufReader::new(source))
}

fn receive(decode: &Decode) -> Option<Box<dyn Cell>> {
    let mut sockets = decode.connections(open);
    each(move |sink| deliver(sockets.turn(), sink))
}

/// Delivers a message, in as many pieces as it has fragments.
#[inline]
fn deliver(socket: &mut Socket, sink: &mut Sink) {
    loop {
        let Event::Data { ty, data } = now(socket.recv()).expect("an endless stream") else {
            unreachable!("only messages are sent");
        };
        match ty {
            DataType::Complete(MessageType::Binary) => return sink.binary(&data),
            DataType::Complete(MessageType::Text) => {
                return sink.text(str::from_utf8(&data).expect("UTF-8"));
            }
            DataType::Stream(Stream::End(_)) => return sink.part(false, &data, true),
            DataType::Stream(_) => sink.part(false, &data, false),
        }
    }
}

fn send(encode: &Encode) -> Option<Box<dyn Cell>> {
    let mut payloads = encode.payloads::<Vec<u8>>();
    let source = Decode::binary(0).sources().remove(0);
    match (encode.role, encode.form) {
        (Role::Server, Form::Contiguous) => {
            let mut socket = WebSocket::server(Vec::with_capacity(encode.frame()));
            each(move |sink| {
                socket.stream.clear();
                now(socket.send(&payloads.turn()[..])).expect("room");
                sink.wire(&socket.stream);
            })
        }
        (Role::Server, Form::Borrowed) => {
            let mut socket = WebSocket::server(source);
            each(move |_| now(socket.send(&payloads.turn()[..])).expect("open"))
        }
        (Role::Client, Form::Contiguous) => {
            let mut socket = WebSocket::client(source);
            each(move |_| now(socket.send(&payloads.turn()[..])).expect("open"))
        }
        (Role::Client, Form::Borrowed) => None,
    }
}

fn connect(source: Source) -> Box<dyn Exchange> {
    Box::new(open(source))
}

impl Exchange for Socket {
    fn exchange(&mut self, answer: &[u8], sink: &mut Sink) {
        deliver(self, sink);
        now(self.send(answer)).expect("open");
    }
}
