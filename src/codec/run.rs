//! A message whose fragments are all there, one behind the other: joined where it lies.

use super::Input;
use crate::frame::{FIN, Opcode, Short};
use crate::mask;

/// Takes a message whose fragments are all at the front of `input`, none but they, at most
/// `fragments` of them, carrying fewer than `limit` bytes. They are joined and unmasked.
#[inline(never)]
pub(super) fn join<I: Input>(
    input: &mut I,
    masked: bool,
    fragments: u32,
    limit: u32,
) -> Option<(Opcode, I::Payload)> {
    let run = Run::find(input.bytes(), masked, fragments, limit)?;
    Some((run.opcode, run.take(masked, input)?))
}

/// Where the fragments of a message are, and how much they carry.
struct Run {
    opcode: Opcode,
    /// Of the first frame's header, in bytes.
    first: usize,
    /// Of all frames, in bytes.
    frames: usize,
    /// Of all payloads, in bytes.
    length: usize,
}

impl Run {
    /// `None` if that is not what is there, or not all of it: then nothing is known.
    #[inline]
    fn find(bytes: &[u8], masked: bool, fragments: u32, limit: u32) -> Option<Self> {
        let opcode = match *bytes.first()? {
            TEXT => Opcode::Text,
            BINARY => Opcode::Binary,
            _ => return None,
        };
        let (mut first, mut frames, mut length) = (0, 0, 0);
        for count in 0..fragments {
            let header = Short::parse(bytes.get(frames..)?, masked)?;
            frames += header.size + usize::from(header.length);
            length += usize::from(header.length);
            if length >= limit as usize || frames > bytes.len() {
                return None;
            }
            match header.first {
                _ if count == 0 => first = header.size,
                CONTINUATION => {}
                LAST => return Some(Self { opcode, first, frames, length }),
                _ => return None,
            }
        }
        None
    }

    /// Consumes the run, and returns the payloads, joined and unmasked.
    #[inline]
    fn take<I: Input>(&self, masked: bool, input: &mut I) -> Option<I::Payload> {
        let bytes = input.bytes_mut();
        let (mut from, mut to) = (0, self.first);
        while from < self.frames {
            let Short { size, length, key, .. } = Short::parse(bytes.get(from..)?, masked)?;
            let length = usize::from(length);
            mask::shift(key, bytes, from + size, to, length);
            from += size + length;
            to += length;
        }
        let payload = input.take(self.first, self.length);
        input.skip(self.frames - self.first - self.length);
        payload
    }
}

// First bytes: FIN, no reserved bit, and an opcode.
const TEXT: u8 = Opcode::Text as u8;
const BINARY: u8 = Opcode::Binary as u8;
const CONTINUATION: u8 = Opcode::Continuation as u8;
const LAST: u8 = FIN | CONTINUATION;
