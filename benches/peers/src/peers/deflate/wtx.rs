//! wtx: the same `WebSocket` with `Flate2`, which takes no window over.

use super::{Compressor, Session, cell, weigh};
use crate::deflate::{Deflate, LEVEL};
use crate::peers::wtx::{deliver, open};
use crate::peers::{Candidate, Class};
use crate::sink::Sink;
use crate::stream::{Source, now};
use wtx::collection::Vector;
use wtx::rng::Xorshift64;
use wtx::web_socket::compression::{Flate2, NegotiatedFlate2, WindowBits};
use wtx::web_socket::{
    Compression, CompressionLevel, DeflateConfig, Frame, FrameMut, OpCode, WebSocketOwned,
};

pub const CANDIDATES: &[Compressor] = &[Compressor {
    candidate: Candidate {
        name: "wtx (deflate)",
        class: Class::Peer,
        driven: "`Flate2::negotiate` with the field of a client, `read_frame` and `write_frame`; it \
            always resets its engines, and so has no row where windows are taken over",
        cell: cell::<Compressing>,
        connect: None,
    },
    weigh: weigh::<Compressing>,
}];

struct Compressing {
    socket: WebSocketOwned<NegotiatedFlate2, Xorshift64, Source, false>,
    fragments: Vector<u8>,
}

/// A payload to send, which sending leaves unchanged.
struct Payload {
    opcode: OpCode,
    bytes: Vec<u8>,
}

impl Session for Compressing {
    type Shared = DeflateConfig;
    type Payload = Payload;

    fn shared(deflate: &Deflate) -> Option<DeflateConfig> {
        if deflate.takeover {
            return None;
        }
        let window = WindowBits::try_from(deflate.window).ok()?;
        Some(DeflateConfig {
            client_max_window_bits: window,
            compression_level: CompressionLevel::try_from(LEVEL).ok()?,
            server_max_window_bits: window,
        })
    }

    fn open(config: &DeflateConfig, source: Source) -> Self {
        let offer: [&[u8]; 2] = [b"Sec-WebSocket-Extensions", b"permessage-deflate"];
        let flate2 = Flate2::from(*config);
        let agreed = Compression::<false>::negotiate(flate2, [offer].into_iter());
        let agreed = agreed.expect("a legal offer").expect("an offer");
        Self { socket: open(agreed, source), fragments: Vector::new() }
    }

    fn payload(is_text: bool, bytes: Vec<u8>) -> Payload {
        Payload { opcode: if is_text { OpCode::Text } else { OpCode::Binary }, bytes }
    }

    #[inline]
    fn receive(&mut self, sink: &mut Sink) {
        deliver(&mut self.socket, &mut self.fragments, sink);
    }

    #[inline]
    fn send(&mut self, Payload { opcode, bytes }: &mut Payload, _: &mut Sink) {
        let mut frame: FrameMut<'_, false> = Frame::new_fin(*opcode, bytes);
        now(self.socket.write_frame(&mut frame)).expect("open");
    }
}
