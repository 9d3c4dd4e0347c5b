//! sockudo-ws: a `CompressedWebSocketStream`, and the `CompressedProtocol` within it.

use super::{Compressor, Session, cell, weigh};
use crate::deflate::{Deflate, LEVEL};
use crate::peers::sockudo_ws::{SHARED, SMALL, config, deliver, make_room};
use crate::peers::{Candidate, Class};
use crate::sink::Sink;
use crate::stream::{Source, now};
use bytes::{Bytes, BytesMut};
use futures_util::{SinkExt, StreamExt};
use sockudo_ws::protocol::Message;
use sockudo_ws::{CompressedProtocol, CompressedWebSocketStream, DeflateConfig, DeflateWindowBits};
use tokio::io::AsyncReadExt;

pub const CANDIDATES: &[Compressor] = &[
    Compressor {
        candidate: Candidate {
            name: "sockudo-ws (deflate)",
            class: Class::Peer,
            driven: "`CompressedWebSocketStream::server`, `next`, and `send` of a `Bytes`, without \
                heartbeat",
            cell: cell::<Stream>,
            connect: None,
        },
        weigh: weigh::<Stream>,
    },
    Compressor {
        candidate: Candidate {
            name: "sockudo-ws (CompressedProtocol)",
            class: Class::Peer,
            driven: "`process_into` from a `BytesMut` of 8 KiB for each connection, and \
                `encode_message` into one for all",
            cell: cell::<Parts>,
            connect: None,
        },
        weigh: weigh::<Parts>,
    },
];

fn agreed(deflate: &Deflate) -> Option<DeflateConfig> {
    let window = DeflateWindowBits::try_from(deflate.window).ok()?;
    Some(DeflateConfig {
        server_max_window_bits: window,
        client_max_window_bits: window,
        server_no_context_takeover: !deflate.takeover,
        client_no_context_takeover: !deflate.takeover,
        compression_level: LEVEL.into(),
        ..DeflateConfig::default()
    })
}

fn message(is_text: bool, bytes: Vec<u8>) -> Message {
    let kind: fn(Bytes) -> Message = if is_text { Message::Text } else { Message::Binary };
    kind(bytes.into())
}

struct Stream(CompressedWebSocketStream<Source>);

impl Session for Stream {
    type Shared = DeflateConfig;
    type Payload = Message;

    fn shared(deflate: &Deflate) -> Option<DeflateConfig> {
        agreed(deflate)
    }

    fn open(agreed: &DeflateConfig, source: Source) -> Self {
        Self(CompressedWebSocketStream::server(source, config(), agreed.clone()))
    }

    fn payload(is_text: bool, bytes: Vec<u8>) -> Message {
        message(is_text, bytes)
    }

    #[inline]
    fn receive(&mut self, sink: &mut Sink) {
        let message = now(self.0.next()).expect("an endless stream").expect("legal frames");
        deliver(&message, sink);
    }

    #[inline]
    fn send(&mut self, message: &mut Message, _: &mut Sink) {
        now(self.0.send(message.clone())).expect("open");
    }
}

/// A connection that does no I/O of its own.
struct Parts {
    protocol: CompressedProtocol,
    source: Source,
    buffer: BytesMut,
}

impl Session for Parts {
    type Shared = DeflateConfig;
    type Payload = Message;

    fn shared(deflate: &Deflate) -> Option<DeflateConfig> {
        agreed(deflate)
    }

    fn open(agreed: &DeflateConfig, source: Source) -> Self {
        let limits = config();
        let (frame, message) = (limits.max_frame_size, limits.max_message_size);
        let protocol = CompressedProtocol::server(frame, message, agreed.clone());
        Self { protocol, source, buffer: BytesMut::with_capacity(SMALL) }
    }

    fn payload(is_text: bool, bytes: Vec<u8>) -> Message {
        message(is_text, bytes)
    }

    /// A read brings a frame, or the rest of one.
    #[inline]
    fn receive(&mut self, sink: &mut Sink) {
        let Self { protocol, source, buffer } = self;
        SHARED.with_borrow_mut(|(messages, _)| {
            while messages.is_empty() {
                make_room(buffer, SMALL);
                now(source.read_buf(buffer)).expect("an endless stream");
                protocol.process_into(buffer, messages).expect("legal frames");
            }
            messages.drain(..).for_each(|message| deliver(&message, sink));
        });
    }

    #[inline]
    fn send(&mut self, message: &mut Message, sink: &mut Sink) {
        SHARED.with_borrow_mut(|(_, out)| {
            out.clear();
            self.protocol.encode_message(message, out).expect("room");
            sink.wire(out);
        });
    }
}
