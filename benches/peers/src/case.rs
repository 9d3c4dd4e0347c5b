//! One row of the tables: the work and its input.

use crate::deflate::Deflate;
use crate::payload::Content;
use crate::stream::{Reads, Source};
use crate::turns::{Ring, Shuffled};
use crate::wire::Wire;
use std::fmt;
use std::sync::Arc;

/// A kind of work. A candidate that cannot do it has no cell in that row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Case {
    Mask(Mask),
    Decode(Decode),
    Encode(Encode),
    Accept(Accept),
    Deflate(Deflate),
}

/// XOR with a masking key, in place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mask {
    pub sizes: Sizes,
    /// The position of the first byte, from a multiple of 64.
    pub offset: usize,
}

/// A server receives a client's messages: masked frames, as `reads` brings them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decode {
    pub sizes: Sizes,
    pub content: Content,
    /// The number of frames in each message.
    pub fragments: usize,
    pub reads: Reads,
    /// How many connections take turns, a message each.
    pub connections: usize,
}

/// A message of binary data is encoded, in one frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Encode {
    pub role: Role,
    pub size: usize,
    pub form: Form,
}

/// A server reads a request, checks it and writes its `101 Switching Protocols`; it selects no
/// subprotocol and accepts no extension.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Accept {
    pub request: Request,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sizes {
    Fixed(usize),
    /// Evenly distributed lengths from a list too long for a branch predictor to learn.
    Random(usize, usize),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Role {
    Server,
    Client,
}

/// How the frame leaves the encoder.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Form {
    /// The payload is copied behind its header (and masked, by a client).
    Contiguous,
    /// A header beside the caller's payload, which is not copied: a client masks it in
    /// place.
    Borrowed,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Request {
    /// 5 fields, as a minimal client sends them.
    Small,
    /// 14 fields, as Chromium sends them.
    Browser,
}

impl Decode {
    /// Masked binary messages of this size in a frame each, on one connection.
    pub const fn binary(size: usize) -> Self {
        Self {
            sizes: Sizes::Fixed(size),
            content: Content::Binary,
            fragments: 1,
            reads: Reads::Any,
            connections: 1,
        }
    }

    pub fn wire(&self) -> Wire {
        Wire::of_client(self.sizes, self.content, self.fragments)
    }

    /// Returns one endless stream for each connection.
    pub fn sources(&self) -> Vec<Source> {
        let wire = Arc::new(self.wire());
        vec![Source::new(wire, self.reads); self.connections]
    }

    /// Returns connections that take turns, made from [`sources`](Self::sources).
    pub fn connections<T>(&self, connect: impl FnMut(Source) -> T) -> Shuffled<T> {
        Shuffled::new(self.sources().into_iter().map(connect).collect())
    }
}

impl Encode {
    /// Returns the payloads to encode, in this order again and again.
    pub fn payloads<T: From<Vec<u8>>>(&self) -> Ring<T> {
        let payload = |index| Content::Binary.payload(self.size, index as u64);
        Ring::new((0..self.ring()).map(|index| payload(index).into()).collect())
    }

    /// An odd number of payloads, which together fit the nearest cache.
    pub const fn ring(&self) -> usize {
        (16 * 1024 / (self.size + 1)) | 1
    }

    /// The most bytes that a frame has.
    pub const fn frame(&self) -> usize {
        self.size + 14
    }
}

impl Accept {
    /// Returns a stream that brings this request, whole, and then nothing else.
    pub fn source(&self) -> Source {
        Source::new(Arc::new(Wire::of_head(self.head())), Reads::Frame)
    }

    pub const fn head(&self) -> &'static [u8] {
        match self.request {
            Request::Small => SMALL,
            Request::Browser => BROWSER,
        }
    }
}

impl Case {
    /// The fewest operations in a batch. Short operations: each connection twice. Long ones: enough that
    /// a batch does not depend on how soon the previous candidate's data is out of the caches.
    pub const fn least(&self) -> u64 {
        match self {
            Self::Decode(decode) if decode.connections > 1 => 2 * decode.connections as u64,
            Self::Decode(Decode { sizes: Sizes::Fixed(65_536..), .. }) => 16,
            Self::Deflate(deflate) => deflate.least(),
            _ => 1,
        }
    }

    /// The name without what the whole table has in common.
    pub fn column(&self) -> String {
        match self {
            Self::Mask(mask) => mask.sizes.to_string(),
            Self::Decode(decode) => {
                let name = decode.to_string();
                name.trim_start_matches("decode ").trim_start_matches("binary ").into()
            }
            Self::Encode(encode) => encode.size.to_string(),
            Self::Accept(accept) => {
                format!("{}, {} bytes", accept.request.name(), accept.head().len())
            }
            Self::Deflate(deflate) => deflate.column(),
        }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mask(mask) => write!(f, "mask {}", mask.sizes),
            Self::Decode(decode) => decode.fmt(f),
            Self::Encode(Encode { role, size, form }) => {
                let form = match (form, role) {
                    (Form::Contiguous, _) => "contiguous",
                    (Form::Borrowed, Role::Server) => "by reference",
                    (Form::Borrowed, Role::Client) => "in place",
                };
                write!(f, "encode {} {form} {size}", role.name())
            }
            Self::Accept(Accept { request }) => write!(f, "accept {}", request.name()),
            Self::Deflate(deflate) => deflate.fmt(f),
        }
    }
}

impl fmt::Display for Decode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "decode {} {}", self.content.name(), self.sizes)?;
        if self.fragments > 1 {
            write!(f, " in {}", self.fragments)?;
        }
        match self.reads {
            Reads::Any => {}
            Reads::Frame if self.connections > 1 => {}
            Reads::Frame => f.write_str(", a frame per read")?,
            Reads::Bytes(count) => write!(f, ", reads of {count}")?,
        }
        match self.connections {
            1 => Ok(()),
            count => write!(f, ", {count} connections"),
        }
    }
}

impl fmt::Display for Sizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(size) => size.fmt(f),
            Self::Random(low, high) => write!(f, "{low} to {high}"),
        }
    }
}

impl Role {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Client => "client",
        }
    }
}

impl Request {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Browser => "browser",
        }
    }
}

/// Returns a request with a head of `size` bytes: the small one, with fields of up to 200 bytes added.
pub fn request_of(size: usize) -> Vec<u8> {
    const NAME: &str = "X-Field: ";
    let least = NAME.len() + 3;
    let mut head = SMALL[..SMALL.len() - 2].to_vec();
    let mut missing = size.saturating_sub(SMALL.len());
    while missing >= least {
        let mut field = missing.min(200);
        if (1..least).contains(&(missing - field)) {
            field -= least;
        }
        head.extend(NAME.bytes());
        head.resize(head.len() + field - NAME.len() - 2, b'v');
        head.extend(b"\r\n");
        missing -= field;
    }
    head.extend(b"\r\n");
    head
}

const SMALL: &[u8] = b"GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Version: 13\r\n\r\n";

const BROWSER: &[u8] = b"GET /v1/listen?model=nova-3&encoding=linear16 HTTP/1.1\r\n\
    Host: api.example.com\r\nConnection: Upgrade\r\nPragma: no-cache\r\nCache-Control: no-cache\r\n\
    User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36\r\n\
    Upgrade: websocket\r\nOrigin: https://app.example.com\r\nSec-WebSocket-Version: 13\r\n\
    Accept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-US,en;q=0.9\r\n\
    Cookie: session=7d1f0c2b9a; theme=dark\r\nDNT: 1\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n";
