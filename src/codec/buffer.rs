//! A receive buffer for transports that read into a slice.

use alloc::boxed::Box;
use alloc::vec;
use core::fmt;
use core::ops::{Deref, Range};

/// The bytes that were read and not yet consumed, and room for more.
///
/// Made by [`Limits::buffer`](super::Limits::buffer) or by
/// [`Connection::buffer`](crate::Connection::buffer), it is as large as the decoder can ask for,
/// so [`space`](Self::space) is never empty between two calls of a loop like this one:
///
/// ```
/// # use patchcord::{Config, Connection, Event};
/// # use std::io::Read;
/// # fn serve(mut socket: impl Read) -> Result<usize, Box<dyn std::error::Error>> {
/// let mut connection = Connection::server(Config::default());
/// let mut buffer = connection.buffer();
/// let mut heard = 0;
/// loop {
///     let read = socket.read(buffer.space())?;
///     if read == 0 {
///         break;
///     }
///     buffer.filled(read);
///     let mut input = buffer.unconsumed();
///     while let Some(event) = connection.receive(&mut input)? {
///         if let Event::Binary(pcm) = event {
///             heard += pcm.len();
///         }
///     }
/// }
/// # Ok(heard)
/// # }
/// # assert_eq!(serve(&[0x82, 0x82, 0, 0, 0, 0, 1, 2][..]).unwrap(), 2);
/// ```
///
/// | what is there | taken by | what is left of it stays |
/// |---|---|---|
/// | frames | [`unconsumed`](Self::unconsumed), for `receive` and `decode` | when that cursor goes out of scope |
/// | the head of an opening handshake | [`input`](Self::input), as a `&[u8]` for its reader | by [`keep`](Self::keep) |
/// | what the end of the stream left | [`input`](Self::input), for `end_of_stream` | |
pub struct ReceiveBuffer {
    bytes: Box<[u8]>,
    /// Where those are that were read and not consumed: at the front, if there are none.
    there: Range<usize>,
}

impl ReceiveBuffer {
    /// An empty buffer of `size` bytes.
    #[must_use]
    pub fn new(size: usize) -> Self {
        Self { bytes: vec![0; size].into_boxed_slice(), there: 0..0 }
    }

    /// The free space behind the bytes that are there, to read into.
    ///
    /// Those bytes move to the front first, so all that is free is behind them.
    #[inline]
    pub fn space(&mut self) -> &mut [u8] {
        if self.there.start > 0 {
            self.move_to_front();
        }
        &mut self.bytes[self.there.end..]
    }

    /// Notes that `count` bytes were read into [`space`](Self::space): to be called before anything
    /// else is done with the buffer. No more counts than there was space for.
    #[inline]
    pub fn filled(&mut self, count: usize) {
        self.there.end = self.there.end.saturating_add(count).min(self.bytes.len());
    }

    /// The bytes that are there, as a cursor for `receive` and `decode`.
    ///
    /// When it goes out of scope, whatever it did not consume stays in the buffer: also if that is
    /// in the middle of a loop, by an error or by a `break`. What it did consume never comes again.
    /// (If the cursor is leaked, by `mem::forget`, it does, and unmasked: memory is safe, and
    /// messages are wrong.)
    ///
    /// ```
    /// use patchcord::{Config, Connection, Event};
    ///
    /// let mut connection = Connection::server(Config::default());
    /// let mut buffer = connection.buffer();
    /// let mut heard = 0;
    /// for read in [&b"\x82\x82\0\0"[..], b"\0\0\x01\x02\x82"] {
    ///     buffer.space()[..read.len()].copy_from_slice(read);
    ///     buffer.filled(read.len());
    ///     let mut input = buffer.unconsumed();
    ///     while let Some(event) = connection.receive(&mut input)? {
    ///         if let Event::Binary(pcm) = event {
    ///             heard += pcm.len();
    ///         }
    ///     }
    /// }
    /// assert_eq!((heard, buffer.input()), (2, &mut [0x82][..]));
    /// # Ok::<(), patchcord::ProtocolError>(())
    /// ```
    #[inline]
    #[must_use]
    pub fn unconsumed(&mut self) -> Unconsumed<'_> {
        Unconsumed { rest: &mut self.bytes[self.there.clone()], there: &mut self.there }
    }

    /// The same bytes as a slice, for what says by itself how many it left, as the readers of heads
    /// do: tell [`keep`](Self::keep). A frame that is decoded from the slice is unmasked in place,
    /// and would be once more if `keep` were forgotten.
    #[inline]
    pub fn input(&mut self) -> &mut [u8] {
        &mut self.bytes[self.there.clone()]
    }

    /// Keeps the last `rest` of those bytes, the part that was not consumed; all, if they are fewer.
    #[inline]
    pub fn keep(&mut self, rest: usize) {
        leave(&mut self.there, rest);
    }

    #[inline]
    fn move_to_front(&mut self) {
        let Range { start, end } = self.there;
        self.bytes.copy_within(start..end, 0);
        self.there = 0..end - start;
    }
}

/// Without the bytes: a peer's frames, with the keys that unmask them, and behind these what was
/// consumed and is not overwritten yet.
impl fmt::Debug for ReceiveBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReceiveBuffer({} of {} bytes)", self.there.len(), self.bytes.len())
    }
}

/// Leaves the last `rest` bytes of those that are there.
#[inline]
fn leave(there: &mut Range<usize>, rest: usize) {
    match rest {
        0 => *there = 0..0,
        _ => there.start = there.end.saturating_sub(rest).max(there.start),
    }
}

/// The bytes of a [`ReceiveBuffer`] that were not consumed yet: an [`Input`](super::Input) that
/// tells the buffer, when it is dropped, what is left of them.
///
/// It reads as a slice. Made by [`ReceiveBuffer::unconsumed`].
pub struct Unconsumed<'buffer> {
    pub(super) rest: &'buffer mut [u8],
    there: &'buffer mut Range<usize>,
}

impl Deref for Unconsumed<'_> {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        self.rest
    }
}

/// Without the bytes, as the buffer.
impl fmt::Debug for Unconsumed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unconsumed({} bytes)", self.rest.len())
    }
}

impl Drop for Unconsumed<'_> {
    #[inline]
    fn drop(&mut self) {
        leave(self.there, self.rest.len());
    }
}
