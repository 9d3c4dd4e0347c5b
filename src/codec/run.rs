//! A message whose fragments are all there, one behind the other: joined where it lies.

use super::Input;
use crate::frame::{FIN, Opcode, Short};
use crate::mask;

/// Finds a message whose fragments are all at the front of `input`, none but they, at most `fragments`
/// of them, carrying fewer than `limit` bytes. They are joined behind the first header, and unmasked;
/// what of the frames is then behind them, means nothing.
///
/// What is returned fits two registers. The payload itself, returned through memory and on from there
/// to an event, would be waited for at each stop: 15 ns for a message.
#[inline(never)]
pub(super) fn join<I: Input>(
    input: &mut I,
    masked: bool,
    fragments: u32,
    limit: u32,
) -> Option<Joined> {
    let run = Run::find(input.bytes(), masked, fragments, limit)?;
    run.join(masked, input.bytes_mut())?;
    Some(Joined {
        first: run.first as u8, // of a short header
        is_text: run.opcode == Opcode::Text,
        length: u32::try_from(run.length).ok()?,
        behind: u32::try_from(run.frames - run.first - run.length).ok()?,
    })
}

/// Where a message lies that was joined.
#[derive(Clone, Copy)]
pub(super) struct Joined {
    /// How many bytes of header come before it.
    pub(super) first: u8,
    pub(super) is_text: bool,
    pub(super) length: u32,
    /// How many bytes come behind it that mean nothing.
    pub(super) behind: u32,
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
            if length >= limit as usize || frames > bytes.len().min(u32::MAX as usize) {
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

    /// Joins the payloads, and unmasks them.
    #[inline]
    fn join(&self, masked: bool, bytes: &mut [u8]) -> Option<()> {
        let (mut from, mut to) = (0, self.first);
        while from < self.frames {
            let Short { size, length, key, .. } = Short::parse(bytes.get(from..)?, masked)?;
            let length = usize::from(length);
            mask::shift(key, bytes, from + size, to, length);
            from += size + length;
            to += length;
        }
        Some(())
    }
}

// First bytes: FIN, no reserved bit, and an opcode.
const TEXT: u8 = Opcode::Text as u8;
const BINARY: u8 = Opcode::Binary as u8;
const CONTINUATION: u8 = Opcode::Continuation as u8;
const LAST: u8 = FIN | CONTINUATION;
