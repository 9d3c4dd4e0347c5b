//! Compressed messages (RFC 7692), with and without context takeover.

use crate::payload::{Content, Random};
use crate::sink::Digest;
use crate::stream::{Reads, Source};
use crate::turns::{Ring, Shuffled};
use crate::wire::Wire;
use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZFlush};
use std::fmt;
use std::sync::Arc;
use zlib_rs::DeflateFlush;

/// The level of every compressor: of the candidates, and of the messages they receive.
pub const LEVEL: u8 = 1;

/// How many bytes of messages are said before they repeat: far more than a window holds,
/// so that none is found in it.
const SAID: usize = 256 * 1024;

/// The end of every flush, which is omitted (RFC 7692 section 7.2.1).
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// A server sends messages, or receives those of a client, a frame each, as reads bring them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Deflate {
    pub direction: Direction,
    pub content: Content,
    pub size: usize,
    /// The bits of the window, in both directions.
    pub window: u8,
    /// Whether a message refers to those before it.
    pub takeover: bool,
    /// How many connections take turns, a message each.
    pub connections: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Direction {
    Send,
    Receive,
}

impl Deflate {
    pub fn is_text(&self) -> bool {
        self.content != Content::Binary
    }

    /// An odd number of messages, so that connections that take turns do not always say the same.
    pub const fn ring(&self) -> usize {
        (SAID / self.size) | 1
    }

    fn messages(&self) -> impl Iterator<Item = Vec<u8>> {
        (0..self.ring()).map(|index| self.content.payload(self.size, index as u64))
    }

    /// Returns the messages to send, in this order again and again.
    pub fn payloads<T>(&self, payload: impl FnMut(Vec<u8>) -> T) -> Ring<T> {
        Ring::new(self.messages().map(payload).collect())
    }

    /// Returns the frames of a client, which is not one of the candidates.
    ///
    /// Its first message refers to nothing, and later ones to nothing before it, so that the
    /// stream can be repeated.
    pub fn wire(&self) -> Wire {
        let mut wire = Wire::new();
        let mut stream = zlib_rs::Deflate::new(LEVEL.into(), false, self.window);
        let mut keys = Random::new(1);
        let opcode = if self.is_text() { 1 } else { 2 };
        for message in self.messages() {
            if !self.takeover {
                stream.reset();
            }
            wire.frame(FIN | RSV1 | opcode, &deflated(&mut stream, &message), &mut keys);
            wire.messages.push(Digest::of(self.is_text(), &message));
        }
        wire
    }

    /// Returns an endless stream of them.
    pub fn source(&self) -> Source {
        Source::new(Arc::new(self.wire()), Reads::Frame)
    }

    /// Returns connections that take turns, each with such a stream.
    pub fn connections<T>(&self, connect: impl FnMut(Source) -> T) -> Shuffled<T> {
        Shuffled::new(vec![self.source(); self.connections].into_iter().map(connect).collect())
    }

    /// The fewest operations in a batch: each connection once, and enough that in most of them the engine
    /// is back in the caches that other candidates took.
    pub const fn least(&self) -> u64 {
        if self.connections > 16 { self.connections as u64 } else { 16 }
    }

    /// The name without what the whole table has in common.
    pub fn column(&self) -> String {
        let window = format!("2^{}", self.window);
        match self.connections {
            1 => format!("{} {}, {window}", self.content.name(), self.size),
            count => format!("{count} connections, {window}"),
        }
    }
}

impl fmt::Display for Deflate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { direction, content, size, window, takeover, connections } = self;
        let direction = match direction {
            Direction::Send => "send",
            Direction::Receive => "receive",
        };
        write!(f, "deflate {direction} {} {size}, window 2^{window}", content.name())?;
        if !takeover {
            f.write_str(", no takeover")?;
        }
        match connections {
            1 => Ok(()),
            count => write!(f, ", {count} connections"),
        }
    }
}

const FIN: u8 = 0x80;
pub const RSV1: u8 = 0x40;

/// Returns the payload of a compressed message.
fn deflated(stream: &mut zlib_rs::Deflate, message: &[u8]) -> Vec<u8> {
    let mut data = vec![0; message.len() * 2 + 64];
    let before = (stream.total_in(), stream.total_out());
    let flushed = stream.compress(message, &mut data, DeflateFlush::SyncFlush);
    flushed.expect("a stream that is not finished");
    assert_eq!(stream.total_in() - before.0, message.len() as u64, "all of it");
    data.truncate((stream.total_out() - before.1) as usize);
    assert!(data.ends_with(&TAIL), "a whole flush");
    data.truncate(data.len() - TAIL.len());
    data
}

/// Inflates what one connection sent, with an engine that no candidate uses.
pub struct Reference {
    state: Box<InflateState>,
    takeover: bool,
}

impl Reference {
    pub fn new(takeover: bool) -> Self {
        Self { state: InflateState::new_boxed(DataFormat::Raw), takeover }
    }

    /// Inflates a message, of `length` bytes if it is right; `None` if it is not DEFLATE.
    pub fn inflated(&mut self, data: &[u8], length: usize) -> Option<Vec<u8>> {
        let mut message = vec![0; length + 1];
        let mut written = 0;
        for part in [data, &TAIL] {
            let result = inflate(&mut self.state, part, &mut message[written..], MZFlush::None);
            result.status.ok()?;
            if result.bytes_consumed != part.len() {
                return None;
            }
            written += result.bytes_written;
        }
        if !self.takeover {
            self.state.reset(DataFormat::Raw);
        }
        message.truncate(written);
        Some(message)
    }
}
