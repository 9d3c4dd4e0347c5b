//! patchcord: `Connection::with_deflate`, and the verbs that compress.

use super::{Compressor, LIVE, POOLED, Session, cell, weigh};
use crate::deflate::{Deflate, LEVEL};
use crate::peers::patchcord::{Peer, SHARED, Shared, config, write};
use crate::peers::{Candidate, Class};
use crate::sink::Sink;
use crate::stream::Source;
use patchcord::deflate::{Agreed, Compression, Context, Engines, Level, Pool, WindowBits};
use patchcord::{Connection, Message};

pub const CANDIDATES: &[Compressor] = &[
    Compressor {
        candidate: Candidate {
            name: POOLED,
            class: Class::Ours,
            driven: "`Connection::with_deflate` and a `Pool` for all connections; `receive` as \
                above, `send_compressed` into a `SendBuffer`",
            cell: cell::<Pooled>,
            connect: None,
        },
        weigh: weigh::<Pooled>,
    },
    Compressor {
        candidate: Candidate {
            name: LIVE,
            class: Class::Ours,
            driven: "the same with `Engines::Owned`",
            cell: cell::<Live>,
            connect: None,
        },
        weigh: weigh::<Live>,
    },
];

type Pooled = Compressing<true>;
type Live = Compressing<false>;

struct Compressing<const IS_POOLED: bool>(Peer);

/// A message that does not borrow.
enum Payload {
    Text(String),
    Binary(Vec<u8>),
}

impl<const IS_POOLED: bool> Session for Compressing<IS_POOLED> {
    type Shared = (Agreed, Engines);
    type Payload = Payload;

    fn shared(deflate: &Deflate) -> Option<Self::Shared> {
        let window = WindowBits::new(deflate.window)?;
        let context = Context { window, takeover: deflate.takeover };
        let engines = if IS_POOLED { Engines::Pooled(Pool::default()) } else { Engines::Owned };
        Some((Agreed { own: context, peer: context }, engines))
    }

    fn open((agreed, engines): &Self::Shared, source: Source) -> Self {
        let level = Level::new(LEVEL).expect("1 to 9");
        let compression = Compression { level, ..Compression::default() };
        let connection = Connection::server(config());
        Self(Peer::of(connection.with_deflate(*agreed, compression, engines), source))
    }

    fn payload(is_text: bool, bytes: Vec<u8>) -> Payload {
        match is_text {
            true => Payload::Text(String::from_utf8(bytes).expect("text")),
            false => Payload::Binary(bytes),
        }
    }

    #[inline]
    fn receive(&mut self, sink: &mut Sink) {
        SHARED.with_borrow_mut(|shared| self.0.receive(shared, sink));
    }

    #[inline]
    fn send(&mut self, payload: &mut Payload, sink: &mut Sink) {
        let message = match payload {
            Payload::Text(text) => Message::Text(text),
            Payload::Binary(bytes) => Message::Binary(bytes),
        };
        SHARED.with_borrow_mut(|Shared { out, .. }| {
            self.0.connection.send_compressed(message, out).expect("open");
            write(out, sink);
        });
    }
}
