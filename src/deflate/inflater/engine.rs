//! Single calls of an engine.

use crate::deflate::limits::InflateError;
use crate::deflate::{EMPTY, TAIL};
use zlib_rs::{Inflate, InflateFlush, Status};

/// The most and the least room that is made for one step, in bytes.
pub(super) const STEP: usize = 16 * 1024;
pub(super) const SMALL_STEP: usize = 256;

/// The result of one call to an engine.
#[derive(PartialEq, Eq)]
pub(super) struct Step {
    pub(super) read: usize,
    pub(super) written: usize,
    /// True if the call reached the end of a final block.
    pub(super) end: bool,
}

pub(super) fn call(
    stream: &mut Inflate,
    data: &[u8],
    room: &mut [u8],
    flush: InflateFlush,
) -> Result<Step, InflateError> {
    let (read, written) = (stream.total_in(), stream.total_out());
    let status = stream.decompress(data, room, flush).map_err(|_| InflateError::Data)?;
    Ok(Step {
        read: (stream.total_in() - read) as usize,
        written: (stream.total_out() - written) as usize,
        end: status == Status::StreamEnd,
    })
}

/// The two ways in which the data of a message may end.
pub(super) enum End {
    /// At the four bytes that senders leave out, or inside them where a block ends.
    Flush,
    /// With a block that is marked as the final one: all of it, or all but the bytes that were left
    /// out.
    Final,
}

impl End {
    pub(super) const fn from_final(is_final: bool) -> Self {
        if is_final { Self::Final } else { Self::Flush }
    }
}

/// Returns how the data ends, by reading the bytes that senders leave out: they must end a block,
/// produce no output, and leave no bits over.
pub(super) fn end(stream: &mut Inflate) -> Option<End> {
    let mut probe = [0; TAIL.len() + 1];
    probe[..TAIL.len()].copy_from_slice(&TAIL);
    // Room, so that data whose output only the probe brings out is noticed.
    let step = call(stream, &probe, &mut [0; SMALL_STEP], InflateFlush::Block);
    if step != Ok(Step { read: TAIL.len(), written: 0, end: false }) {
        return None;
    }
    // An engine at the end of its stream reads no further block. In any other engine, a leftover
    // bit would turn an empty block, and the next message, into something else.
    let [a, b, c, d] = TAIL;
    let empty = [EMPTY, a, b, c, d];
    match call(stream, &empty, &mut [0], InflateFlush::NoFlush) {
        Ok(Step { read: 0, written: 0, end: true }) => Some(End::Final),
        Ok(Step { read: 5, written: 0, end: false }) => Some(End::Flush),
        _ => None,
    }
}
