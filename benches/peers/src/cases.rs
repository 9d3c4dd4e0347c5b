//! The rows of the tables.

use crate::case::{Accept, Case, Decode, Encode, Form, Mask, Request, Role, Sizes};
use crate::deflate::{Deflate, Direction};
use crate::payload::Content;
use crate::stream::Reads;

/// A table: its heading, and its rows.
pub struct Table {
    pub heading: &'static str,
    pub cases: Vec<Case>,
}

pub const MASK_SIZES: [usize; 17] =
    [1, 2, 4, 8, 16, 32, 64, 125, 160, 320, 640, 960, 1920, 3840, 8192, 65_536, 1 << 20];
pub const RANDOM_SIZES: [Sizes; 4] =
    [Sizes::Random(60, 180), Sizes::Random(1, 64), Sizes::Random(1, 125), Sizes::Random(40, 1500)];
/// 160 B is 20 ms of mu-law, 320 to 3,840 B are PCM.
pub const DECODE_SIZES: [usize; 12] =
    [16, 80, 125, 160, 320, 640, 960, 1920, 3840, 8192, 65_536, 1 << 20];
pub const ENCODE_SIZES: [usize; 9] = [16, 80, 160, 320, 640, 960, 1920, 3840, 65_536];
pub const TEXT_SIZES: [usize; 5] = [64, 382, 1024, 16_384, 65_536];
/// What is compressed: a result of a few words, one of many, and incompressible bytes.
pub const SAID: [(Content, usize); 3] =
    [(Content::Json, 1024), (Content::Json, 16_384), (Content::Binary, 1024)];
pub const CONNECTIONS: [usize; 3] = [64, 1024, 8192];

pub fn tables() -> Vec<Table> {
    vec![
        Table {
            heading: "Masking in place, fixed sizes",
            cases: MASK_SIZES.map(|size| mask(Sizes::Fixed(size))).into(),
        },
        Table { heading: "Masking in place, random sizes", cases: RANDOM_SIZES.map(mask).into() },
        Table {
            heading: "Decoding masked binary messages, reads as large as the candidate asks for",
            cases: DECODE_SIZES
                .map(Decode::binary)
                .into_iter()
                .chain([Decode { sizes: Sizes::Random(60, 180), ..Decode::binary(0) }])
                .map(Case::Decode)
                .collect(),
        },
        Table { heading: "Decoding, reads of other sizes", cases: reads() },
        Table {
            heading: "Decoding 160 bytes of each connection in turn, a frame per read",
            cases: CONNECTIONS.map(connections).into(),
        },
        Table { heading: "Decoding text", cases: text() },
        Table { heading: "Decoding fragmented messages", cases: fragments() },
        Table {
            heading: "Encoding as a server, by reference",
            cases: encode(Role::Server, Form::Borrowed),
        },
        Table {
            heading: "Encoding as a server, into one piece",
            cases: encode(Role::Server, Form::Contiguous),
        },
        Table {
            heading: "Encoding as a client, into one piece",
            cases: encode(Role::Client, Form::Contiguous),
        },
        Table {
            heading: "Encoding as a client, masking in place",
            cases: encode(Role::Client, Form::Borrowed),
        },
        Table {
            heading: "Accepting an opening handshake",
            cases: [Request::Small, Request::Browser].map(accept).into(),
        },
        Table {
            heading: "Sending compressed messages",
            cases: compressed(Direction::Send).map(Case::Deflate).into(),
        },
        Table {
            heading: "Receiving compressed messages",
            cases: compressed(Direction::Receive).map(Case::Deflate).into(),
        },
        Table {
            heading: "Sending 1 KiB of JSON, compressed, on each connection in turn",
            cases: in_turn(Direction::Send).map(Case::Deflate).into(),
        },
        Table {
            heading: "Receiving 1 KiB of JSON, compressed, on each connection in turn",
            cases: in_turn(Direction::Receive).map(Case::Deflate).into(),
        },
        Table {
            heading: "Sending compressed messages without context takeover",
            cases: SAID.map(|said| alone(Direction::Send, said)).map(Case::Deflate).into(),
        },
        Table {
            heading: "Receiving compressed messages without context takeover",
            cases: SAID.map(|said| alone(Direction::Receive, said)).map(Case::Deflate).into(),
        },
    ]
}

/// At offset 4: the position of a payload whose header has only 4 bytes in its cache line.
pub const fn mask(sizes: Sizes) -> Case {
    Case::Mask(Mask { sizes, offset: 4 })
}

pub const fn connections(count: usize) -> Case {
    let reads = Reads::Frame;
    Case::Decode(Decode { reads, connections: count, ..Decode::binary(160) })
}

pub const fn frame_per_read(size: usize) -> Case {
    Case::Decode(Decode { reads: Reads::Frame, ..Decode::binary(size) })
}

pub const fn text_per_read() -> Case {
    let (reads, content) = (Reads::Frame, Content::Ascii);
    Case::Decode(Decode { reads, content, ..Decode::binary(1024) })
}

/// Messages of one size, in reads of another.
pub const fn reads_of((size, count): (usize, usize)) -> Case {
    Case::Decode(Decode { reads: Reads::Bytes(count), ..Decode::binary(size) })
}

pub const fn text_of(content: Content, size: usize) -> Case {
    Case::Decode(Decode { content, ..Decode::binary(size) })
}

pub const fn in_fragments(size: usize, fragments: usize) -> Case {
    Case::Decode(Decode { fragments, ..Decode::binary(size) })
}

pub const fn accept(request: Request) -> Case {
    Case::Accept(Accept { request })
}

/// On one connection, with the largest window and that of patchcord's default policy.
pub fn compressed(direction: Direction) -> [Deflate; 6] {
    let with = |window| move |said| Deflate { window, takeover: true, ..alone(direction, said) };
    let [a, b, c] = SAID.map(with(15));
    let [d, e, f] = SAID.map(with(11));
    [a, b, c, d, e, f]
}

/// A message that refers to no other.
pub const fn alone(direction: Direction, (content, size): (Content, usize)) -> Deflate {
    Deflate { direction, content, size, window: 15, takeover: false, connections: 1 }
}

pub fn in_turn(direction: Direction) -> [Deflate; 4] {
    [(64, 15), (512, 15), (64, 11), (512, 11)].map(|(connections, window)| {
        let alone = alone(direction, (Content::Json, 1024));
        Deflate { window, takeover: true, connections, ..alone }
    })
}

fn reads() -> Vec<Case> {
    let per_read = [160, 960].map(frame_per_read).into_iter().chain([text_per_read()]);
    per_read.chain([(160, 1), (160, 7), (65_536, 1460)].map(reads_of)).collect()
}

fn text() -> Vec<Case> {
    let of = |content| TEXT_SIZES.map(|size| text_of(content, size));
    [of(Content::Ascii), of(Content::Cyrillic)].concat()
}

fn fragments() -> Vec<Case> {
    [(1920, 4), (65_536, 16), (1 << 20, 16)].map(|(size, count)| in_fragments(size, count)).into()
}

fn encode(role: Role, form: Form) -> Vec<Case> {
    ENCODE_SIZES.map(|size| Case::Encode(Encode { role, size, form })).into()
}
