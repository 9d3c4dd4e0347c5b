//! What is to be written: the twin of the receive buffer.

mod control;
mod marks;

pub(crate) use marks::Progress;

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use bytes::{Buf, Bytes};
use core::fmt;
use marks::Marks;

/// The frames that a connection said and the transport did not take yet.
///
/// The verbs of a [`Connection`](crate::Connection) fill it: frames, pongs, pings and the Close, in
/// the order in which they go onto the wire. A transport writes from it: it is a
/// [`bytes::Buf`], so [`chunk`](Buf::chunk) is the next slice to write,
/// [`chunks_vectored`](Buf::chunks_vectored) are the next slices for a vectored write, and
/// [`advance`](Buf::advance) notes how much was taken. The connection reads from it what left, so
/// nothing else has to be reported.
///
/// Write until [`remaining`](Buf::remaining) is 0, and ask for it anew after each `advance`: a pong
/// for which there was no room (more than 4 KiB of others waited) moves up once those have left.
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
/// A buffer holds no heap before its first byte. Empty, it keeps at most [`KEPT`](Self::KEPT)
/// bytes, or what [`keeping`](Self::keeping) says, and frees the rest at once. One that is never
/// empty holds no more than four times that or what waits, once most of a long message left.
///
/// # Sharing one
///
/// An empty buffer is about no connection once its own was asked what is next, so one can serve all
/// the connections of a thread, in turn. After an error, or a write behind a deadline that passed,
/// nothing is asked any more: drop the buffer then. If some of its bytes stay unwritten when a turn
/// ends, move it into that connection's own state by [`core::mem::replace`], with a new one for the
/// others, and go on from there until it is empty.
pub struct SendBuffer {
    /// Frames that were copied; the first `written` bytes left.
    bytes: Vec<u8>,
    written: usize,
    /// Frames that are shared with other buffers, each before a byte of `bytes`.
    shared: VecDeque<Shared>,
    /// How many bytes the shared frames have.
    shared_length: usize,
    /// How many bytes were dropped from the front of `bytes` so far.
    dropped: usize,
    keeps: usize,
    /// Whether there is nothing to look after but copied frames, none of which left: nothing is shared
    /// or marked, no pong waits apart, and the transport was not full. So one branch tells that all
    /// of it leaves, and two stores note that. `false` is always right, and slower, until
    /// [`look`](Self::look) finds that it is true.
    is_plain: bool,
    marks: Marks,
    /// That of the frame whose payload is written from where it lies: see [`Outgoing`](super::Outgoing).
    pub(super) header: [u8; 16],
    /// The latest pong, while more than [`MAX_PONGS`](control::MAX_PONGS) bytes of others wait.
    late_pong: Vec<u8>,
}

/// A frame whose bytes others hold, too.
struct Shared {
    /// Which byte of all that were ever copied it stands before.
    before: usize,
    frame: Bytes,
}

/// The most shared frames that an empty buffer keeps room for, within what it may keep: 1.3 KB on
/// 64-bit targets.
const KEPT_SHARED: usize = 32;

impl SendBuffer {
    /// 16 KiB: what an empty buffer keeps by default. A turn of audio and answers fits, and ten
    /// thousand connections that were busy once keep 160 MB.
    pub const KEPT: usize = 16 * 1024;

    /// An empty buffer, without heap.
    #[must_use]
    pub const fn new() -> Self {
        Self::keeping(Self::KEPT)
    }

    /// An empty buffer that keeps up to `keeps` bytes of heap whenever it is empty: many for one
    /// that serves a whole thread, 0 for one that must cost nothing.
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

    /// Lets `write` append the head of an opening handshake.
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

    /// Where whole frames are appended.
    #[inline(always)]
    pub(crate) const fn frames(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Appends a frame that is shared.
    pub(crate) fn put_shared(&mut self, frame: Bytes) {
        self.is_plain = false;
        self.shared_length += frame.len();
        let before = self.dropped.wrapping_add(self.bytes.len());
        self.shared.push_back(Shared { before, frame });
    }

    /// The shared frame that is next, if one is.
    fn next_shared(&self) -> Option<&Shared> {
        let next = self.dropped.wrapping_add(self.written);
        self.shared.front().filter(|shared| shared.before == next)
    }

    /// How many copied bytes come before the next shared frame.
    fn run(&self) -> usize {
        let next = self.dropped.wrapping_add(self.written);
        match self.shared.front() {
            Some(shared) => shared.before.wrapping_sub(next),
            None => self.bytes.len() - self.written,
        }
    }

    /// What is to be written, in its order; parts can be empty.
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

    /// Drops the first `count` bytes of the chunk that is next.
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

    /// Whether nothing waits, and nothing but copied frames is to be looked after.
    #[inline(always)]
    pub(super) const fn is_idle(&self) -> bool {
        self.is_plain && self.bytes.is_empty()
    }

    /// Whether nothing but copied frames is to be looked after.
    #[inline(always)]
    pub(super) const fn is_plain(&self) -> bool {
        self.is_plain
    }

    /// Sees whether nothing but copied frames is to be looked after.
    pub(super) fn look(&mut self) {
        self.is_plain = self.written == 0 && self.shared.is_empty() && self.marks.is_none();
    }

    #[inline(never)]
    fn advance_slowly(&mut self, count: usize) {
        self.drop_front(count);
        self.release_late_pong();
        self.look();
    }

    /// Drops the first `count` bytes, and appends nothing in their place.
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

    /// Frees what left: all of it at the end, and before that as soon as it is half of the bytes,
    /// so that moving the others costs no more than writing them did.
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
            // A buffer that is never empty does not hold for ever what a long message took.
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
        // Copied bytes are dropped as soon as all have left.
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

    /// Notes that the first `count` bytes were written; more than remain count as all. A pong that
    /// waited for room may remain then, and is written next.
    #[inline]
    fn advance(&mut self, count: usize) {
        // Of nothing, nothing leaves: then this is as if it were more than can be counted.
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

// What is in it can be secret, and can be long.
impl fmt::Debug for SendBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SendBuffer({} bytes)", self.remaining())
    }
}
