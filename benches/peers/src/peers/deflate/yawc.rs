//! yawc: the same `WebSocket`, with the extension that was agreed on.

use super::{Compressor, Session, cell, weigh};
use crate::deflate::{Deflate, LEVEL};
use crate::peers::yawc::deliver;
use crate::peers::{Candidate, Class};
use crate::sink::Sink;
use crate::stream::{Source, now};
use bytes::Bytes;
use futures_util::SinkExt;
use yawc::{CompressionLevel, DeflatePool, Frame, Options, Role, WebSocket};

pub const CANDIDATES: &[Compressor] = &[
    Compressor {
        candidate: Candidate {
            name: "yawc (deflate)",
            class: Class::Peer,
            driven: "`from_stream_with_extensions` and `with_compression_level`, of its feature \
                `zlib`; without takeover with a `DeflatePool` for all connections",
            cell: cell::<Default>,
            connect: None,
        },
        weigh: weigh::<Default>,
    },
    Compressor {
        candidate: Candidate {
            name: "yawc (deflate, 1 KiB buffers)",
            class: Class::Peer,
            driven: "the same with read and write buffers of 1 KiB, which its documentation names \
                for many idle connections",
            cell: cell::<Small>,
            connect: None,
        },
        weigh: weigh::<Small>,
    },
];

/// How many engines wait in a pool, as in patchcord's.
const KEPT: usize = 16;

type Default = Compressing<false>;
type Small = Compressing<true>;

struct Compressing<const IS_SMALL: bool>(WebSocket<Source>);

/// A message, whose bytes are not copied to send it.
struct Payload {
    is_text: bool,
    bytes: Bytes,
}

impl<const IS_SMALL: bool> Session for Compressing<IS_SMALL> {
    type Shared = (String, Options);
    type Payload = Payload;

    fn shared(deflate: &Deflate) -> Option<Self::Shared> {
        let window = deflate.window;
        let mut agreed = format!(
            "permessage-deflate; server_max_window_bits={window}; client_max_window_bits={window}"
        );
        let mut options = Options::default()
            .with_compression_level(CompressionLevel::new(LEVEL.into()))
            .with_limits(usize::MAX, usize::MAX)
            .with_utf8();
        if !deflate.takeover {
            agreed += "; server_no_context_takeover; client_no_context_takeover";
            options = options.with_deflate_pool(DeflatePool::new(KEPT));
        }
        if IS_SMALL {
            options = options.with_read_buffer_capacity(1024).with_write_buffer_capacity(1024);
        }
        Some((agreed, options))
    }

    fn open((agreed, options): &Self::Shared, source: Source) -> Self {
        let (agreed, options) = (Some(&**agreed), options.clone());
        let socket = WebSocket::from_stream_with_extensions(source, Role::Server, agreed, options);
        Self(socket.expect("the compression that was asked for"))
    }

    fn payload(is_text: bool, bytes: Vec<u8>) -> Payload {
        Payload { is_text, bytes: bytes.into() }
    }

    #[inline]
    fn receive(&mut self, sink: &mut Sink) {
        deliver(&mut self.0, sink);
    }

    #[inline]
    fn send(&mut self, Payload { is_text, bytes }: &mut Payload, _: &mut Sink) {
        let frame = if *is_text { Frame::text } else { Frame::binary };
        now(self.0.send(frame(bytes.clone()))).expect("open");
    }
}
