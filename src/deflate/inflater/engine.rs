//! Single calls of an engine.

use crate::deflate::limits::InflateError;
use crate::deflate::{EMPTY, TAIL};
use zlib_rs::{Inflate, InflateFlush, Status};

/// The most and the least that room is made for in one step, in bytes.
pub(super) const STEP: usize = 16 * 1024;
pub(super) const SMALL_STEP: usize = 256;

/// What one call of an engine did.
#[derive(PartialEq, Eq)]
pub(super) struct Step {
    pub(super) read: usize,
    pub(super) written: usize,
    /// Whether it came to the end of a final block.
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

/// How the data of a message ends.
pub(super) enum End {
    /// At the four bytes that senders leave away, or inside them where a block ends.
    Flush,
    /// With a block that says that it is the last: all of it, or all but what was left away.
    Final,
}

impl End {
    pub(super) const fn of(is_final: bool) -> Self {
        if is_final { Self::Final } else { Self::Flush }
    }
}

/// How the data ends, by the bytes that senders leave away: they end a block, nothing comes out of
/// them, and none of their bits is left.
pub(super) fn end(stream: &mut Inflate) -> Option<End> {
    let mut probe = [0; TAIL.len() + 1];
    probe[..TAIL.len()].copy_from_slice(&TAIL);
    // Room, so that data which would come out of the probe is seen to.
    let step = call(stream, &probe, &mut [0; SMALL_STEP], InflateFlush::Block);
    if step != Ok(Step { read: TAIL.len(), written: 0, end: false }) {
        return None;
    }
    // An engine that is at its end reads no block more. Of others a bit that is left would make
    // something else of an empty block, and of the next message.
    let [a, b, c, d] = TAIL;
    let empty = [EMPTY, a, b, c, d];
    match call(stream, &empty, &mut [0], InflateFlush::NoFlush) {
        Ok(Step { read: 0, written: 0, end: true }) => Some(End::Final),
        Ok(Step { read: 5, written: 0, end: false }) => Some(End::Flush),
        _ => None,
    }
}
