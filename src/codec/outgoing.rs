//! A message on its way to the transport, whose payload lies where the caller has it.

use super::{SendBuffer, Vectored};
use bytes::Buf;

/// A frame whose payload was not copied, behind everything that waits in a [`SendBuffer`].
///
/// Write from it: it is a [`Buf`] of what waits, the header, and the payload. When it is dropped,
/// whatever the transport did not take is copied into the buffer, so nothing is lost if that
/// is in the middle of the payload, or at once. Even when all of it was written, look at the buffer
/// afterwards: a pong that waited for room moves up behind the frame.
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
/// (If it is leaked, by `mem::forget`, after a part of the frame was written, the peer gets half a
/// frame: memory is safe, and the connection is broken.)
#[derive(Debug)]
#[must_use = "dropping it copies the payload: write from it first"]
pub struct Outgoing<'message> {
    out: &'message mut SendBuffer,
    frame: Vectored<'message>,
}

impl<'message> Outgoing<'message> {
    pub(crate) const fn new(out: &'message mut SendBuffer, frame: Vectored<'message>) -> Self {
        Self { out, frame }
    }
}

impl Buf for Outgoing<'_> {
    #[inline]
    fn remaining(&self) -> usize {
        self.out.remaining() + self.frame.remaining()
    }

    #[inline]
    fn chunk(&self) -> &[u8] {
        if self.out.is_empty() { self.frame.chunk() } else { self.out.chunk() }
    }

    #[cfg(feature = "std")]
    #[inline]
    fn chunks_vectored<'a>(&'a self, to: &mut [std::io::IoSlice<'a>]) -> usize {
        let before = if self.out.is_empty() { 0 } else { self.out.chunks_vectored(to) };
        before + self.frame.chunks_vectored(to.get_mut(before..).unwrap_or_default())
    }

    /// Notes that the first `count` bytes were written; more than remain count as all.
    #[inline]
    fn advance(&mut self, count: usize) {
        let left = self.frame.remaining();
        if self.out.is_empty() && count >= left {
            self.out.note_progress(left, left);
            self.frame.finish();
        } else {
            self.advance_any(count);
        }
    }
}

impl Outgoing<'_> {
    #[inline(never)]
    fn advance_any(&mut self, count: usize) {
        let before = self.out.remaining().min(count);
        if before > 0 {
            self.out.leave(before); // a late pong comes behind the frame, however that is written
        }
        let mut left = (count - before).min(self.frame.remaining());
        while left > 0 {
            let chunk = self.frame.chunk().len();
            let of_chunk = left.min(chunk);
            self.frame.advance(of_chunk);
            self.out.note_progress(of_chunk, chunk);
            left -= of_chunk;
        }
    }

    /// Keeps what was not written.
    #[cold]
    #[inline(never)]
    fn keep(&mut self) {
        let (header, payload) = self.frame.parts();
        if !(header.is_empty() && payload.is_empty()) {
            let frames = self.out.frames();
            frames.reserve(header.len() + payload.len());
            frames.extend_from_slice(header);
            frames.extend_from_slice(payload);
        }
        self.out.release_late_pong();
    }
}

impl Drop for Outgoing<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.frame.has_remaining() || self.out.has_pongs() {
            self.keep();
        }
    }
}
