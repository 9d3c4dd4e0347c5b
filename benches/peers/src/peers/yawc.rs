//! yawc: a `WebSocket`, whose `next_frame` brings whole messages, and which is a `Sink`.

use super::{Candidate, Cell, Class, Exchange, each, masks};
use crate::case::{Case, Decode, Encode, Form, Role};
use crate::sink::Sink;
use crate::stream::{Source, now};
use bytes::Bytes;
use futures_util::SinkExt;
use yawc::{Frame, OpCode, Options, WebSocket};

pub const CANDIDATES: &[Candidate] = &[
    Candidate {
        name: "yawc",
        class: Class::Peer,
        driven: "`WebSocket::next_frame` with `Options::with_utf8`, and `send` of a `Bytes`",
        cell: |case| cell(case, Options::default()),
        connect: Some(|source| connect(source, Options::default())),
    },
    Candidate {
        name: "yawc (128 KiB buffers)",
        class: Class::Peer,
        driven: "the same with `Options::with_read_buffer_capacity` of 128 KiB, as in its own \
            benchmarks, and `with_write_buffer_capacity` alike",
        cell: cell_of_one,
        connect: Some(|source| connect(source, large())),
    },
];

fn large() -> Options {
    const CAPACITY: usize = 128 * 1024;
    Options::default()
        .with_read_buffer_capacity(CAPACITY)
        .with_write_buffer_capacity(CAPACITY)
        .with_backpressure_boundary(CAPACITY / 2)
}

/// Nobody opens many connections with such buffers.
fn cell_of_one(case: &Case) -> Option<Box<dyn Cell>> {
    match case {
        Case::Decode(Decode { connections: 1, .. }) | Case::Encode(_) => cell(case, large()),
        _ => None,
    }
}

fn cell(case: &Case, options: Options) -> Option<Box<dyn Cell>> {
    match case {
        Case::Mask(mask) => masks::cell(mask, yawc::mask::apply_mask),
        Case::Decode(decode) => receive(decode, options),
        Case::Encode(encode) => send(encode, options),
        Case::Accept(_) => None,  // hyper's
        Case::Deflate(_) => None, // in `deflate`
    }
}

fn open(source: Source, role: Role, options: Options) -> WebSocket<Source> {
    let role = match role {
        Role::Server => yawc::Role::Server,
        Role::Client => yawc::Role::Client,
    };
    let options = options.with_limits(usize::MAX, usize::MAX).with_utf8();
    WebSocket::from_stream(source, role, options).expect("no extension")
}

fn receive(decode: &Decode, options: Options) -> Option<Box<dyn Cell>> {
    let mut sockets = decode.connections(|source| open(source, Role::Server, options.clone()));
    each(move |sink| deliver(sockets.turn(), sink))
}

#[inline]
pub(super) fn deliver(socket: &mut WebSocket<Source>, sink: &mut Sink) {
    let message = now(socket.next_frame()).expect("legal frames");
    sink.part(message.opcode() == OpCode::Text, message.payload(), message.is_fin());
}

fn send(encode: &Encode, options: Options) -> Option<Box<dyn Cell>> {
    if encode.form == Form::Borrowed {
        return None;
    }
    let mut socket = open(Decode::binary(0).sources().remove(0), encode.role, options);
    let mut payloads = encode.payloads::<Bytes>();
    each(move |_| now(socket.send(Frame::binary(payloads.turn().clone()))).expect("open"))
}

fn connect(source: Source, options: Options) -> Box<dyn Exchange> {
    Box::new(open(source, Role::Server, options))
}

impl Exchange for WebSocket<Source> {
    fn exchange(&mut self, answer: &[u8], sink: &mut Sink) {
        deliver(self, sink);
        now(self.send(Frame::binary(Bytes::copy_from_slice(answer)))).expect("open");
    }
}
