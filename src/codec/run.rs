//! A message whose fragments have all arrived, one behind the other: joined in place.

use super::Input;
use crate::frame::{FIN, Opcode, Short};
use crate::mask;

/// Joins a message whose fragments are all at the front of `input`, without other frames between
/// them: at most `fragments` of them, with fewer than `limit` bytes of payload. The payloads are
/// unmasked and moved together behind the first header; the bytes of the frames behind them are
/// then meaningless.
///
/// The result fits two registers. A payload that is returned in memory, and copied from there into
/// an event, costs a wait for stores at each copy: 15 ns per message.
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

/// The place of a joined message in the input.
#[derive(Clone, Copy)]
pub(super) struct Joined {
    /// The number of header bytes before it.
    pub(super) first: u8,
    pub(super) is_text: bool,
    pub(super) length: u32,
    /// The number of meaningless bytes behind it.
    pub(super) behind: u32,
}

/// A sequence of frames that are the fragments of one message; sizes in bytes.
struct Run {
    opcode: Opcode,
    /// The size of the first frame's header.
    first: usize,
    /// The size of all frames.
    frames: usize,
    /// The size of all payloads.
    length: usize,
}

impl Run {
    /// Finds the fragments at the front of `bytes`; returns `None` if the message is not complete,
    /// is too long, or needs the closer look of the slow path.
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

    /// Unmasks the payloads, and moves them together.
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
