//! wtx: a `WebSocket` on a stream of its own kind.

use super::{Candidate, Cell, Class, Exchange, each};
use crate::case::{Accept, Case, Decode, Encode, Form, Role};
use crate::sink::{Sink, written};
use crate::stream::{Reads, Source, now};
use std::io::Read;
use std::sync::Arc;
use wtx::collection::Vector;
use wtx::rng::{Xorshift64, simple_seed};
use wtx::stream::{Stream, StreamReader, StreamWriter};
use wtx::web_socket::compression::NegotiatedCompression;
use wtx::web_socket::{
    Frame, FrameMut, OpCode, WebSocket, WebSocketAcceptor, WebSocketBuffer, WebSocketOwned,
    WebSocketPayloadOrigin,
};

pub const CANDIDATES: &[Candidate] = &[Candidate {
    name: "wtx",
    class: Class::Peer,
    driven: "`read_frame` with `WebSocketPayloadOrigin::Adaptive`, where reads as large as it \
        asks for come in pieces that end with a frame; `write_frame`, in which a client masks in place, \
        with Xorshift's keys; `WebSocketAcceptor` with a reused buffer and AWS-LC's SHA-1",
    cell,
    connect: Some(connect),
}];

fn cell(case: &Case) -> Option<Box<dyn Cell>> {
    match case {
        Case::Mask(_) => None, // private
        Case::Decode(decode) => receive(decode),
        Case::Encode(encode) => send(encode),
        Case::Accept(accept) => accept_each(accept),
        Case::Deflate(_) => None, // in `deflate`
    }
}

type Socket<S, const IS_CLIENT: bool, C = ()> = WebSocketOwned<C, Xorshift64, S, IS_CLIENT>;

/// With a receive buffer of the size that a handshake leaves behind.
pub(super) fn open<C: NegotiatedCompression, S: Stream, const IS_CLIENT: bool>(
    compression: C,
    stream: S,
) -> Socket<S, IS_CLIENT, C> {
    let buffer = WebSocketBuffer::with_capacity(2 * 1024, 0, 0).expect("room");
    let mut socket =
        WebSocket::new(compression, false, Xorshift64::from(simple_seed()), stream, buffer);
    socket.set_max_payload_len(usize::MAX);
    socket
}

/// A server's connection, and the buffer in which it joins fragments.
struct Peer<S> {
    socket: Socket<S, false>,
    fragments: Vector<u8>,
}

impl<S: Stream> Peer<S> {
    fn new(stream: S) -> Self {
        Self { socket: open((), stream), fragments: Vector::new() }
    }

    #[inline]
    fn deliver(&mut self, sink: &mut Sink) {
        deliver(&mut self.socket, &mut self.fragments, sink);
    }
}

#[inline]
pub(super) fn deliver<C: NegotiatedCompression, S: Stream>(
    socket: &mut Socket<S, false, C>,
    fragments: &mut Vector<u8>,
    sink: &mut Sink,
) {
    let read = socket.read_frame(fragments, WebSocketPayloadOrigin::Adaptive);
    let message = now(read).expect("legal frames");
    match message.text_payload() {
        Some(text) => sink.text(text),
        None => sink.binary(message.payload()),
    }
}

fn receive(decode: &Decode) -> Option<Box<dyn Cell>> {
    if decode.reads == Reads::Any {
        return receive_from(decode, pausing(decode));
    }
    receive_from(decode, |source| source)
}

fn receive_from<S: Stream + 'static>(
    decode: &Decode,
    stream: impl Fn(Source) -> S,
) -> Option<Box<dyn Cell>> {
    let mut peers = decode.connections(|source| Peer::new(stream(source)));
    each(move |sink| peers.turn().deliver(sink))
}

fn send(encode: &Encode) -> Option<Box<dyn Cell>> {
    match (encode.role, encode.form) {
        (_, Form::Contiguous) => None,
        (Role::Server, Form::Borrowed) => send_as::<false>(encode),
        (Role::Client, Form::Borrowed) => send_as::<true>(encode),
    }
}

fn send_as<const IS_CLIENT: bool>(encode: &Encode) -> Option<Box<dyn Cell>> {
    let mut payloads = encode.payloads::<Vec<u8>>();
    let mut fresh = encode.payloads::<Vec<u8>>();
    let mut socket: Socket<_, IS_CLIENT> = open((), Decode::binary(0).sources().remove(0));
    each(move |sink| {
        let payload = payloads.turn();
        sink.restore(|| payload.copy_from_slice(fresh.turn()));
        write(&mut socket, payload);
    })
}

#[inline]
fn write<const IS_CLIENT: bool>(socket: &mut Socket<Source, IS_CLIENT>, payload: &mut [u8]) {
    let mut frame: FrameMut<'_, IS_CLIENT> = Frame::new_fin(OpCode::Binary, payload);
    now(socket.write_frame(&mut frame)).expect("open");
}

fn accept_each(accept: &Accept) -> Option<Box<dyn Cell>> {
    let source = accept.source();
    // Its own server takes them from a pool.
    let mut buffer = WebSocketBuffer::new();
    each(move |_| {
        let accepting = WebSocketAcceptor::default().wsb(&mut buffer).accept(source.clone());
        drop(now(accepting).expect("a legal head"));
    })
}

fn connect(source: Source) -> Box<dyn Exchange> {
    Box::new(Peer::new(source))
}

impl Exchange for Peer<Source> {
    fn exchange(&mut self, answer: &[u8], sink: &mut Sink) {
        self.deliver(sink);
        write(&mut self.socket, &mut answer.to_vec());
    }
}

/// How much a read of several frames brings: as much as peers with a fixed size ask for.
const READ: usize = 8 * 1024;

/// A transport that pauses, as real ones do: a read ends at the end of a
/// frame, if it contains one. wtx makes room in its receive buffer only when it has used up all of
/// it; from a transport that always fills it, the buffer grows for ever.
struct Pausing {
    source: Source,
    /// Where each frame ends.
    ends: Arc<[usize]>,
    /// The frame that comes next, or of which some was read.
    frame: usize,
    at: usize,
}

fn pausing(decode: &Decode) -> impl Fn(Source) -> Pausing {
    let ends: Arc<[usize]> = decode.wire().ends.into();
    move |source| Pausing { source, ends: Arc::clone(&ends), frame: 0, at: 0 }
}

impl Pausing {
    /// Returns how much of `room` a read fills.
    #[inline]
    fn fill(&mut self, room: usize) -> usize {
        let (start, rest) = (self.at, &self.ends[self.frame..]);
        let limit = start + room.min(READ.max(rest[0] - start));
        let fitting = rest.iter().take_while(|&&end| end <= limit).count();
        self.frame += fitting;
        self.at = if fitting > 0 { self.ends[self.frame - 1] } else { limit };
        let filled = self.at - start;
        if self.frame == self.ends.len() {
            (self.frame, self.at) = (0, 0);
        }
        filled
    }
}

impl StreamReader for Pausing {
    #[inline]
    async fn read(&mut self, bytes: &mut [u8]) -> wtx::Result<usize> {
        let filled = self.fill(bytes.len());
        StreamReader::read(&mut self.source, &mut bytes[..filled]).await
    }
}

impl StreamWriter for Pausing {
    #[inline]
    async fn write_all(&mut self, bytes: &[u8]) -> wtx::Result<()> {
        self.source.write_all(bytes).await
    }

    #[inline]
    async fn write_all_vectored(&mut self, bytes: &[&[u8]]) -> wtx::Result<()> {
        self.source.write_all_vectored(bytes).await
    }
}

impl StreamReader for Source {
    #[inline]
    async fn read(&mut self, bytes: &mut [u8]) -> wtx::Result<usize> {
        Ok(Read::read(self, bytes).expect("an endless stream"))
    }
}

impl StreamWriter for Source {
    #[inline]
    async fn write_all(&mut self, bytes: &[u8]) -> wtx::Result<()> {
        written(bytes);
        Ok(())
    }

    #[inline]
    async fn write_all_vectored(&mut self, bytes: &[&[u8]]) -> wtx::Result<()> {
        bytes.iter().for_each(|bytes| written(bytes));
        Ok(())
    }
}
