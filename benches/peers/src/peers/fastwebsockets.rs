//! fastwebsockets: a `WebSocket`, which reads and writes frames, and which a `FragmentCollector`
//! makes read messages.

use super::{Candidate, Cell, Class, Exchange, each, masks};
use crate::case::{Case, Decode, Encode, Form, Role};
use crate::sink::Sink;
use crate::stream::{Source, now};
use fastwebsockets::{FragmentCollector, Frame, OpCode, Payload, WebSocket, WebSocketError};

pub const CANDIDATES: &[Candidate] = &[Candidate {
    name: "fastwebsockets",
    class: Class::Peer,
    driven: "`WebSocket::read_frame`, for fragments `FragmentCollector::read_frame`; \
        `WebSocket::write_frame` of a borrowed payload, with `set_writev(false)` for one piece, \
        `set_writev_threshold(0)` by reference and in place",
    cell,
    connect: Some(connect),
}];

fn cell(case: &Case) -> Option<Box<dyn Cell>> {
    match case {
        Case::Mask(mask) => masks::cell(mask, fastwebsockets::unmask),
        Case::Decode(decode) => receive(decode),
        Case::Encode(encode) => send(encode),
        Case::Accept(_) => None,  // hyper's
        Case::Deflate(_) => None, // it has none
    }
}

fn open(source: Source) -> WebSocket<Source> {
    let mut socket = WebSocket::after_handshake(source, fastwebsockets::Role::Server);
    socket.set_max_message_size(usize::MAX);
    socket
}

fn receive(decode: &Decode) -> Option<Box<dyn Cell>> {
    if decode.fragments > 1 {
        let mut sockets = decode.connections(|source| FragmentCollector::new(open(source)));
        return each(move |sink| deliver(&now(sockets.turn().read_frame()), sink));
    }
    let mut sockets = decode.connections(open);
    each(move |sink| deliver(&now(sockets.turn().read_frame()), sink))
}

#[inline]
fn deliver(message: &Result<Frame<'_>, WebSocketError>, sink: &mut Sink) {
    let message = message.as_ref().expect("legal frames");
    sink.part(message.opcode == OpCode::Text, &message.payload, message.fin);
}

fn send(encode: &Encode) -> Option<Box<dyn Cell>> {
    let role = match encode.role {
        Role::Server => fastwebsockets::Role::Server,
        Role::Client => fastwebsockets::Role::Client,
    };
    let mut socket = WebSocket::after_handshake(Decode::binary(0).sources().remove(0), role);
    let mut payloads = encode.payloads::<Vec<u8>>();
    let mut fresh = encode.payloads::<Vec<u8>>();
    match (encode.role, encode.form) {
        (Role::Server, Form::Contiguous) => socket.set_writev(false),
        (Role::Client, Form::Contiguous) => {}
        (_, Form::Borrowed) => socket.set_writev_threshold(0),
    }
    match (encode.role, encode.form) {
        (Role::Server, _) | (Role::Client, Form::Contiguous) => {
            each(move |_| write(&mut socket, Payload::Borrowed(payloads.turn())))
        }
        (Role::Client, Form::Borrowed) => each(move |sink| {
            let payload = payloads.turn();
            sink.restore(|| payload.copy_from_slice(fresh.turn()));
            write(&mut socket, Payload::BorrowedMut(payload));
        }),
    }
}

#[inline]
fn write(socket: &mut WebSocket<Source>, payload: Payload<'_>) {
    now(socket.write_frame(Frame::binary(payload))).expect("open");
}

fn connect(source: Source) -> Box<dyn Exchange> {
    Box::new(open(source))
}

impl Exchange for WebSocket<Source> {
    fn exchange(&mut self, answer: &[u8], sink: &mut Sink) {
        deliver(&now(self.read_frame()), sink);
        write(self, Payload::Borrowed(answer));
    }
}
