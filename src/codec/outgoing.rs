//! A message to write whose payload is borrowed from the caller.

use super::borrowed_frame::Rest;
use super::{BorrowedFrame, SendBuffer};
use bytes::Buf;
use core::fmt;

/// A frame whose payload was not copied, behind all bytes that wait in a [`SendBuffer`].
///
/// Write from it: it is a [`Buf`] of the waiting bytes, the header and the payload. On drop,
/// whatever the transport did not take is copied into the buffer, so no byte is lost after a short
/// write. Check the buffer afterwards even if all of it was written: a pong that waited for room
/// may have moved up behind the frame.
///
/// ```
/// use bytes::Buf;
/// use patchcord::{Config, Connection, Message, SendBuffer};
/// use std::io::{IoSlice, Write};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let mut socket = Vec::new();
/// let mut connection = Connection::server(Config::default());
/// let mut out = SendBuffer::new();
/// let mut frame = connection.send_borrowed(Message::Binary(b"pcm"), &mut out)?;
/// let mut slices = [IoSlice::new(&[]); 8];
/// let count = frame.chunks_vectored(&mut slices);
/// let written = socket.write_vectored(&slices[..count])?;
/// frame.advance(written);
/// drop(frame); // the rest, if there is one, waits in `out`
/// # socket.extend_from_slice(out.chunk());
/// assert_eq!(socket, b"\x82\x03pcm");
/// # Ok(())
/// # }
/// ```
///
/// (If it is leaked by `mem::forget` after a part of the frame was written, the peer gets half a
/// frame. Memory stays safe, but the connection is broken.)
#[must_use = "dropping it copies the payload: write from it first"]
pub struct Outgoing<'message> {
    /// It also stores the header. A slice of the header then does not borrow this value, so the
    /// value needs no address and stays in registers as far as the caller's code is inlined.
    out: &'message mut SendBuffer,
    rest: Rest<'message>,
}

impl<'message> Outgoing<'message> {
    #[inline(always)]
    pub(crate) const fn new(out: &'message mut SendBuffer, frame: BorrowedFrame<'message>) -> Self {
        out.header = frame.header;
        Self { out, rest: frame.rest }
    }
}

impl Buf for Outgoing<'_> {
    #[inline]
    fn remaining(&self) -> usize {
        self.out.remaining() + self.rest.remaining()
    }

    #[inline]
    fn has_remaining(&self) -> bool {
        self.rest.remaining() > 0 || self.out.has_remaining()
    }

    #[inline]
    fn chunk(&self) -> &[u8] {
        match self.rest.parts(&self.out.header) {
            _ if self.out.has_remaining() => self.out.chunk(),
            ([], payload) => payload,
            (header, _) => header,
        }
    }

    #[cfg(feature = "std")]
    #[inline]
    fn chunks_vectored<'a>(&'a self, to: &mut [std::io::IoSlice<'a>]) -> usize {
        match self.out.is_idle() {
            true => self.rest.slices(&self.out.header, to),
            false => slices_behind(self.out, self.rest, to),
        }
    }

    /// Notes that the first `count` bytes were written; a count beyond the end means all.
    #[inline]
    fn advance(&mut self, count: usize) {
        // If nothing remains, the subtraction wraps and `is_all` is false: no progress is noted.
        let is_all = count > self.rest.remaining().wrapping_sub(1);
        if self.out.is_idle() && is_all {
            self.out.note_all_written();
            self.rest.advance(self.rest.remaining());
        } else {
            self.rest = advance(self.out, self.rest, count);
        }
    }
}

/// Fills `to` with the waiting bytes and the frame behind them.
#[cfg(feature = "std")]
#[cold]
#[inline(never)]
fn slices_behind<'a>(
    out: &'a SendBuffer,
    rest: Rest<'a>,
    to: &mut [std::io::IoSlice<'a>],
) -> usize {
    let before = out.chunks_vectored(to);
    before + rest.slices(&out.header, to.get_mut(before..).unwrap_or_default())
}

/// Notes that `count` bytes were written, of the waiting bytes and then of the frame. Returns the
/// unwritten rest of the frame.
#[cold]
#[inline(never)]
fn advance<'a>(out: &mut SendBuffer, mut rest: Rest<'a>, count: usize) -> Rest<'a> {
    let before = out.remaining().min(count);
    if before > 0 {
        out.drop_front(before); // which releases no late pong: that has to come behind the frame
    }
    let mut left = (count - before).min(rest.remaining());
    while left > 0 {
        let chunk = match rest.parts(&out.header) {
            ([], payload) => payload.len(),
            (header, _) => header.len(),
        };
        let of_chunk = left.min(chunk);
        rest.advance(of_chunk);
        out.note_progress(of_chunk, chunk);
        left -= of_chunk;
    }
    rest
}

/// Copies the unwritten rest of the frame into the buffer.
#[cold]
#[inline(never)]
fn keep(out: &mut SendBuffer, rest: Rest<'_>) {
    let header = out.header;
    let (header, payload) = rest.parts(&header);
    if !(header.is_empty() && payload.is_empty()) {
        let frames = out.frames();
        frames.reserve(header.len() + payload.len());
        frames.extend_from_slice(header);
        frames.extend_from_slice(payload);
    }
    out.release_late_pong();
    out.look();
}

impl Drop for Outgoing<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.rest.remaining() > 0 || !self.out.is_plain() {
            keep(self.out, self.rest);
        }
    }
}

// The waiting bytes can be secret, and the header contains the key of a masked payload.
impl fmt::Debug for Outgoing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outgoing({} bytes)", self.remaining())
    }
}
