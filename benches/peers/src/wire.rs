//! Frames as a client or a server sends them, written and read here by RFC 6455
//! section 5.2 to the letter, so that no candidate is checked against itself.

use crate::case::Sizes;
use crate::payload::{Content, Random};
use crate::sink::Digest;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Bytes that repeat.
#[derive(Debug)]
pub struct Wire {
    /// The bytes that repeat, behind `front` others that do not.
    all: Vec<u8>,
    front: usize,
    /// Where each frame ends, in the bytes that repeat.
    pub ends: Vec<usize>,
    /// The messages in it, in this order.
    pub messages: Vec<Digest>,
}

/// How many bytes of messages of one size come before they repeat: half of what the
/// nearest cache holds.
const FIXED: usize = 24 * 1024;

/// How many messages of random sizes come before they repeat.
const RANDOM: usize = 16 * 1024;

/// The distance within a page between two wires made one after the other. Where a copy begins and ends
/// within a page can double its time, and no candidate should gain by it.
const APART: usize = 1237;
const PAGE: usize = 4096;

impl Wire {
    pub fn new() -> Self {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let front = MADE.fetch_add(APART, Relaxed) % PAGE;
        Self { all: vec![0; front], front, ends: Vec::new(), messages: Vec::new() }
    }

    pub fn bytes(&self) -> &[u8] {
        &self.all[self.front..]
    }

    pub fn of_client(sizes: Sizes, content: Content, fragments: usize) -> Self {
        let mut wire = Self::new();
        let mut random = Random::new(1);
        let count = match sizes {
            Sizes::Fixed(size) => (FIXED / (size + 8)).max(1),
            Sizes::Random(..) => RANDOM,
        };
        for index in 0..count {
            let size = match sizes {
                Sizes::Fixed(size) => size,
                Sizes::Random(low, high) => low + random.below(high - low + 1),
            };
            wire.message(&content.payload(size, index as u64), content, fragments, &mut random);
        }
        wire
    }

    /// The head of a handshake instead of frames.
    pub fn of_head(head: &[u8]) -> Self {
        let mut wire = Self::new();
        wire.all.extend(head);
        wire.ends.push(head.len());
        wire
    }

    fn message(&mut self, payload: &[u8], content: Content, fragments: usize, keys: &mut Random) {
        let kind = if content == Content::Binary { 2 } else { 1 };
        let size = payload.len().div_ceil(fragments).max(1);
        for index in 0..fragments {
            let part =
                &payload[(index * size).min(payload.len())..payload.len().min((index + 1) * size)];
            let fin = if index + 1 == fragments { 0x80 } else { 0 };
            let opcode = if index == 0 { kind } else { 0 };
            self.frame(fin | opcode, part, keys);
        }
        self.messages.push(Digest::of(content != Content::Binary, payload));
    }

    /// Appends a masked frame with this first byte.
    pub fn frame(&mut self, first: u8, payload: &[u8], keys: &mut Random) {
        self.all.push(first);
        match payload.len() {
            short @ ..126 => self.all.push(0x80 | short as u8),
            long @ ..0x1_0000 => {
                self.all.push(0x80 | 126);
                self.all.extend((long as u16).to_be_bytes());
            }
            long => {
                self.all.push(0x80 | 127);
                self.all.extend((long as u64).to_be_bytes());
            }
        }
        let key = keys.bytes(4);
        self.all.extend(&key);
        self.all.extend(payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key));
        self.ends.push(self.bytes().len());
    }
}

/// A frame as it was found.
pub struct Frame {
    /// FIN, the reserved bits and the opcode.
    pub first: u8,
    pub key: Option<[u8; 4]>,
    /// The unmasked payload.
    pub payload: Vec<u8>,
}

/// Takes a frame from the front of `bytes`; `None` if it is incomplete, or its length is not
/// written in the fewest bytes.
pub fn take_frame(bytes: &mut &[u8]) -> Option<Frame> {
    let (&first, rest) = bytes.split_first()?;
    let (&second, rest) = rest.split_first()?;
    let (length, rest) = match second & 0x7f {
        126 => {
            let (length, rest) = rest.split_first_chunk()?;
            (u64::from(u16::from_be_bytes(*length)), rest)
        }
        127 => {
            let (length, rest) = rest.split_first_chunk()?;
            (u64::from_be_bytes(*length), rest)
        }
        short => (short.into(), rest),
    };
    let minimal = match second & 0x7f {
        126 => length >= 126,
        127 => length >= 0x1_0000,
        _ => true,
    };
    let (key, rest) = match second & 0x80 {
        0 => (None, rest),
        _ => rest.split_first_chunk().map(|(key, rest)| (Some(*key), rest))?,
    };
    let (payload, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    *bytes = rest;
    let key_bytes = key.unwrap_or_default();
    let payload = payload.iter().zip(key_bytes.iter().cycle()).map(|(a, b)| a ^ b).collect();
    minimal.then_some(Frame { first, key, payload })
}
