//! soketto: a `Receiver`, which appends to the caller's `Vec`, and a `Sender`.

use super::{Candidate, Cell, Class, Exchange, each, masks};
use crate::case::{Accept, Case, Decode, Encode, Form, Mask, Role};
use crate::sink::Sink;
use crate::stream::{Source, now};
use bytes::BytesMut;
use soketto::base::{Codec, Header, OpCode};
use soketto::connection::Builder;
use soketto::handshake::Server;
use soketto::handshake::server::Response;
use soketto::{Data, Mode, Receiver, Sender};
use std::mem;

pub const CANDIDATES: &[Candidate] = &[Candidate {
    name: "soketto",
    class: Class::Peer,
    driven: "`Receiver::receive_data`, and for text the `str::from_utf8` that it leaves to the \
        caller; `Sender::send_binary` (a client masks a copy), `send_binary_mut` in \
        place; `Server` with a reused buffer",
    cell,
    connect: Some(|source| Box::new(Peer::new(source))),
}];

fn cell(case: &Case) -> Option<Box<dyn Cell>> {
    match case {
        Case::Mask(mask) => mask_each(mask),
        Case::Decode(decode) => receive(decode),
        Case::Encode(encode) => send(encode),
        Case::Accept(accept) => accept_each(accept),
        Case::Deflate(_) => None, // see README.md
    }
}

fn mask_each(mask: &Mask) -> Option<Box<dyn Cell>> {
    masks::cell(mask, |bytes, key| {
        let mut header = Header::new(OpCode::Binary);
        header.set_masked(true);
        header.set_mask(u32::from_be_bytes(key));
        Codec::apply_mask(&header, bytes);
    })
}

/// Both halves of a server's connection, and the message that is being received.
struct Peer {
    sender: Sender<Source>,
    receiver: Receiver<Source>,
    message: Vec<u8>,
}

impl Peer {
    fn new(source: Source) -> Self {
        let mut builder = Builder::new(source, Mode::Server);
        builder.set_max_message_size(usize::MAX);
        builder.set_max_frame_size(usize::MAX);
        let (sender, receiver) = builder.finish();
        Self { sender, receiver, message: Vec::new() }
    }

    #[inline]
    fn deliver(&mut self, sink: &mut Sink) {
        self.message.clear();
        match now(self.receiver.receive_data(&mut self.message)).expect("legal frames") {
            Data::Binary(_) => sink.binary(&self.message),
            Data::Text(_) => sink.text(str::from_utf8(&self.message).expect("legal text")),
        }
    }
}

fn receive(decode: &Decode) -> Option<Box<dyn Cell>> {
    let mut peers = decode.connections(Peer::new);
    each(move |sink| peers.turn().deliver(sink))
}

fn send(encode: &Encode) -> Option<Box<dyn Cell>> {
    let mode = match encode.role {
        Role::Server => Mode::Server,
        Role::Client => Mode::Client,
    };
    let (mut sender, _) = Builder::new(Decode::binary(0).sources().remove(0), mode).finish();
    let mut payloads = encode.payloads::<Vec<u8>>();
    let mut fresh = encode.payloads::<Vec<u8>>();
    match (encode.role, encode.form) {
        (Role::Server, Form::Contiguous) => None,
        (Role::Server, Form::Borrowed) | (Role::Client, Form::Contiguous) => {
            each(move |_| now(sender.send_binary(payloads.turn())).expect("open"))
        }
        (Role::Client, Form::Borrowed) => each(move |sink| {
            let payload = payloads.turn();
            sink.restore(|| payload.copy_from_slice(fresh.turn()));
            now(sender.send_binary_mut(payload)).expect("open");
        }),
    }
}

fn accept_each(accept: &Accept) -> Option<Box<dyn Cell>> {
    let source = accept.source();
    let mut buffer = BytesMut::new();
    each(move |_| {
        let mut server = Server::new(source.clone());
        server.set_buffer(mem::take(&mut buffer));
        let key = now(server.receive_request()).expect("a legal head").key();
        now(server.send_response(&Response::Accept { key, protocol: None })).expect("open");
        buffer = server.take_buffer();
        drop(server.into_builder().finish());
    })
}

impl Exchange for Peer {
    fn exchange(&mut self, answer: &[u8], sink: &mut Sink) {
        self.deliver(sink);
        now(self.sender.send_binary(answer)).expect("open");
    }
}
