//! The bytes to write: the counterpart of the receive buffer.

mod control;
mod marks;

pub(crate) use marks::Progress;

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use bytes::{Buf, Bytes};
use core::fmt;
use marks::Marks;

/// The frames of a connection that the transport has not taken yet.
///
/// The methods of a [`Connection`](crate::Connection) fill it with data frames, pongs, pings and
/// the Close, in the order in which they go onto the wire. The transport writes from it. It is a
/// [`bytes::Buf`]: [`chunk`](Buf::chunk) is the next slice to write,
/// [`chunks_vectored`](Buf::chunks_vectored) returns the next slices for a vectored write, and
/// [`advance`](Buf::advance) notes how much was written. The connection reads its progress from the
/// buffer, so nothing else has to be reported.
///
/// Write until [`remaining`](Buf::remaining) is 0, and check it again after each `advance`: a pong
/// that had to wait, behind more than 4 KiB of others, moves up once those have left.
///
/// ```
/// use bytes::Buf;
/// use patchcord::{Config, Connection, Message, SendBuffer};
/// use std::io::Write;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let mut socket = Vec::new();
/// let mut connection = Connection::server(Config::default());
/// let mut out = SendBuffer::new();
/// connection.send(Message::Text("Hello"), &mut out)?;
/// while out.has_remaining() {
///     let written = socket.write(out.chunk())?;
///     out.advance(written);
/// }
/// assert_eq!(socket, b"\x81\x05Hello");
/// # Ok(())
/// # }
/// ```
///
/// # Memory
///
/// A new buffer has no heap memory. An empty one keeps at most [`KEPT`](Self::KEPT) bytes, or the
/// size given to [`keeping`](Self::keeping), and frees the rest at once. A buffer that is never
/// empty holds at most four times that size, or four times the waiting bytes, once most of a long
/// message has left.
///
/// # Sharing one buffer
///
/// An empty buffer holds no state of a connection once that connection's `handle_timeout` was
/// called, so one buffer can serve all the connections of a thread, in turn. After an error, or
/// after a write behind an expired deadline, no such call follows: drop the buffer then. If bytes
/// are unwritten when a turn ends, move the buffer into that connection's own state by
/// [`core::mem::replace`], with a new one for the others, and use it there until it is empty.
#[doc(alias("backpressure", "outbox", "write buffer", "max_write_buffer_size", "slow client"))]
pub struct SendBuffer {
    /// Frames that were copied; the first `written` bytes have left.
    bytes: Vec<u8>,
    written: usize,
    /// Frames that are shared with other buffers, each placed before a byte of `bytes`.
    shared: VecDeque<Shared>,
    /// The number of bytes of all shared frames.
    shared_length: usize,
    /// The number of bytes dropped from the front of `bytes` so far.
    dropped: usize,
    keeps: usize,
    /// Whether the buffer holds only copied frames of which no byte has left: no frame is shared or
    /// marked, no pong waits apart, and the transport was not full. Then one branch finds that all
    /// bytes leave, and two stores note it. `false` is always correct but slower, until
    /// [`look`](Self::look) sets `true` again.
    is_plain: bool,
    marks: Marks,
    /// The header of the frame whose payload is borrowed: see [`Outgoing`](super::Outgoing).
    pub(super) header: [u8; 16],
    /// The latest pong, while more than [`MAX_PONGS`](control::MAX_PONGS) bytes of others wait.
    late_pong: Vec<u8>,
}

/// A frame whose bytes are shared with other buffers.
struct Shared {
    /// The position of the byte that it precedes, among all bytes ever copied.
    before: usize,
    frame: Bytes,
}

/// The most shared frames for which an empty buffer keeps room, within the size that it may keep:
/// 1.3 KB on 64-bit targets.
const KEPT_SHARED: usize = 32;

impl SendBuffer {
    /// 16 KiB: the memory that an empty buffer keeps by default. It fits a turn of audio and answers,
    /// and ten thousand connections that were busy once keep 160 MB.
    pub const KEPT: usize = 16 * 1024;

    /// Creates an empty buffer without heap memory.
    #[must_use]
    pub const fn new() -> Self {
        Self::keeping(Self::KEPT)
    }

    /// Creates an empty buffer that keeps up to `keeps` bytes of heap memory whenever it is empty:
    /// choose many for a buffer that serves a thread, and 0 for one that must cost nothing when
    /// idle.
    #[must_use]
    pub const fn keeping(keeps: usize) -> Self {
        Self {
            bytes: Vec::new(),
            written: 0,
            shared: VecDeque::new(),
            shared_length: 0,
            dropped: 0,
            keeps,
            is_plain: true,
            marks: Marks::NONE,
            header: [0; 16],
            late_pong: Vec::new(),
        }
    }

    /// Returns whether everything was written.
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        !self.has_remaining()
    }

    /// Calls `write` to append the head of an opening handshake.
    ///
    /// ```
    /// use patchcord::{SendBuffer, handshake::server::Refusal};
    ///
    /// let mut out = SendBuffer::new();
    /// out.head(|out| Refusal::UNAUTHORIZED.write(out))?;
    /// # use bytes::Buf;
    /// assert!(out.chunk().starts_with(b"HTTP/1.1 401 "));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn head<T>(&mut self, write: impl FnOnce(&mut Vec<u8>) -> T) -> T {
        let mut head = Vec::new();
        let written = write(&mut head);
        self.bytes.append(&mut head);
        written
    }

    /// Returns the `Vec` to which complete frames are appended.
    #[inline(always)]
    pub(crate) const fn frames(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Appends a shared frame.
    pub(crate) fn put_shared(&mut self, frame: Bytes) {
        self.is_plain = false;
        self.shared_length += frame.len();
        let before = self.dropped.wrapping_add(self.bytes.len());
        self.shared.push_back(Shared { before, frame });
    }

    /// Returns the shared frame at the front, if there is one.
    fn next_shared(&self) -> Option<&Shared> {
        let next = self.dropped.wrapping_add(self.written);
        self.shared.front().filter(|shared| shared.before == next)
    }

    /// Returns the number of copied bytes before the next shared frame.
    fn run(&self) -> usize {
        let next = self.dropped.wrapping_add(self.written);
        match self.shared.front() {
            Some(shared) => shared.before.wrapping_sub(next),
            None => self.bytes.len() - self.written,
        }
    }

    /// Returns the waiting bytes in order; parts can be empty.
    #[cfg(feature = "std")]
    fn parts(&self) -> impl Iterator<Item = &[u8]> {
        let mut from = self.written;
        let shared = self.shared.iter().flat_map(move |shared| {
            let to = shared.before.wrapping_sub(self.dropped);
            let run = self.bytes.get(from..to).unwrap_or_default();
            from = to;
            [run, &shared.frame[..]]
        });
        let last = self.shared.back().map(|shared| shared.before.wrapping_sub(self.dropped));
        let rest = self.bytes.get(last.unwrap_or(self.written)..).unwrap_or_default();
        shared.chain(core::iter::once(rest))
    }

    #[inline(never)]
    fn chunk_slowly(&self) -> &[u8] {
        match self.next_shared() {
            Some(shared) => &shared.frame,
            None => self.bytes.get(self.written..self.written + self.run()).unwrap_or_default(),
        }
    }

    /// Drops the first `count` bytes of the next chunk.
    fn advance_chunk(&mut self, count: usize) {
        if self.next_shared().is_none() {
            self.written += count;
        } else if let Some(shared) = self.shared.front_mut() {
            shared.frame.advance(count);
            self.shared_length -= count;
            if shared.frame.is_empty() {
                self.shared.pop_front();
            }
        }
    }

    /// Returns whether the buffer [is plain](Self::is_plain) and empty.
    #[inline(always)]
    pub(super) const fn is_idle(&self) -> bool {
        self.is_plain && self.bytes.is_empty()
    }

    /// Returns whether the buffer holds only copied frames of which no byte has left.
    #[inline(always)]
    pub(super) const fn is_plain(&self) -> bool {
        self.is_plain
    }

    /// Updates `is_plain`.
    pub(super) fn look(&mut self) {
        self.is_plain = self.written == 0 && self.shared.is_empty() && self.marks.is_none();
    }

    #[inline(never)]
    fn advance_slowly(&mut self, count: usize) {
        self.drop_front(count);
        self.release_late_pong();
        self.look();
    }

    /// Drops the first `count` bytes, and does not release a late pong.
    pub(super) fn drop_front(&mut self, count: usize) {
        let count = count.min(self.remaining());
        let mut left = count;
        while left > 0 {
            let chunk = self.chunk().len();
            let of_chunk = left.min(chunk);
            self.advance_chunk(of_chunk);
            self.note_progress(of_chunk, chunk);
            left -= of_chunk;
        }
        self.marks.pass(count);
        self.tidy();
    }

    /// Frees the bytes that have left: all at the end, and before that as soon as they are more
    /// than half, so that moving the others costs no more than writing them did.
    fn tidy(&mut self) {
        if self.remaining() == 0 {
            self.bytes.clear();
            (self.written, self.dropped) = (0, 0);
            if self.bytes.capacity() > self.keeps {
                self.bytes = Vec::new();
            }
            self.shared.shrink_to(KEPT_SHARED.min(self.keeps / size_of::<Shared>()));
        } else if self.written > self.bytes.len() / 2 {
            self.bytes.drain(..self.written);
            self.dropped = self.dropped.wrapping_add(self.written);
            self.written = 0;
            // Without this, a buffer that is never empty would keep a long message's memory for
            // ever.
            let needs = self.bytes.len().max(self.keeps).max(Self::KEPT);
            if self.bytes.capacity() / 4 > needs {
                self.bytes.shrink_to(2 * needs);
            }
        }
    }
}

impl Buf for SendBuffer {
    #[inline]
    fn remaining(&self) -> usize {
        self.bytes.len() - self.written + self.shared_length
    }

    #[inline]
    fn has_remaining(&self) -> bool {
        // Copied bytes are cleared as soon as all have left, so any in `bytes` means some remain.
        !self.bytes.is_empty() || !self.is_plain && self.shared_length > 0
    }

    #[inline]
    fn chunk(&self) -> &[u8] {
        match self.is_plain {
            true => &self.bytes,
            false => self.chunk_slowly(),
        }
    }

    #[cfg(feature = "std")]
    fn chunks_vectored<'a>(&'a self, to: &mut [std::io::IoSlice<'a>]) -> usize {
        let mut count = 0;
        for (part, place) in self.parts().filter(|part| !part.is_empty()).zip(to) {
            *place = std::io::IoSlice::new(part);
            count += 1;
        }
        count
    }

    /// Notes that the first `count` bytes were written; a count beyond the end means all. A pong
    /// that waited for room may remain, and is written next.
    #[inline]
    fn advance(&mut self, count: usize) {
        // If nothing remains, the subtraction wraps and `is_all` is false: no progress is noted.
        let is_all = count > self.bytes.len().wrapping_sub(1);
        if self.is_plain && is_all && self.bytes.capacity() <= self.keeps {
            self.note_all_written();
            self.bytes.clear();
        } else {
            self.advance_slowly(count);
        }
    }
}

impl Default for SendBuffer {
    fn default() -> Self {
        Self::new()
    }
}

// The bytes can be secret, and can be many.
impl fmt::Debug for SendBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SendBuffer({} bytes)", self.remaining())
    }
}
