//! A receive buffer for transports that read into a slice.

use super::Limits;
use crate::frame::{MAX_CONTROL_PAYLOAD, MAX_HEADER};
use alloc::boxed::Box;
use alloc::vec;
use core::fmt;
use core::ops::{Deref, Range};

/// The bytes that were read and not yet consumed, and room for more.
///
/// Read into [`space`](Self::space), note with [`filled`](Self::filled) how much that was, and take
/// what is there. What is not consumed stays, and nobody counts bytes:
///
/// | what comes | is taken by |
/// |---|---|
/// | the head of an opening handshake | [`head`](Self::head), with the head's reader |
/// | frames, also those right behind the head | [`unconsumed`](Self::unconsumed), with `receive` or `decode` |
/// | what the end of the stream cut | `end_of_stream`, as a reference to the buffer |
///
/// ```
/// use patchcord::{Config, Connection, Event, ReceiveBuffer, SendBuffer};
/// # use std::io::Read;
/// # fn serve(mut socket: impl Read) -> Result<usize, Box<dyn std::error::Error>> {
/// let mut connection = Connection::server(Config::default());
/// let (mut buffer, mut out) = (ReceiveBuffer::default(), SendBuffer::new());
/// let mut heard = 0;
/// loop {
///     let read = socket.read(buffer.space())?;
///     if read == 0 {
///         break;
///     }
///     buffer.filled(read);
///     let mut input = buffer.unconsumed();
///     while let Some(event) = connection.receive(&mut input, &mut out)? {
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
/// # Memory
///
/// It has no heap before the first read, and then [`size`](Self::new) bytes. It grows beyond that
/// only when it is full, to twice the bytes that are there, so no frame or head is too large for
/// it, and a peer pays for at least half of it; when it is empty, the next read finds it as small as
/// before. Above 64 KiB, it is also made smaller when less than a quarter of it is needed.
///
/// # One for many connections
///
/// A large buffer makes reads cheap, and between two turns most connections have nothing in it. So
/// one can serve all the connections of a thread, in turn; 512 KiB is a good size. When a turn ends
/// and something is left, [`park`](Self::park) moves it out, into a buffer that has no more room
/// than it needs and belongs to that connection until it is empty.
pub struct ReceiveBuffer {
    bytes: Box<[u8]>,
    /// The unread range. Invariant: `start <= end <= bytes.len()`.
    there: Range<usize>,
    size: usize,
}

impl ReceiveBuffer {
    /// The least room for a read, so that every header and control frame is there after one.
    const LEAST: usize = MAX_HEADER + MAX_CONTROL_PAYLOAD;

    /// 64 KiB: up to which a buffer that is never empty stays as large as it once had to be.
    const LARGE: usize = 64 * 1024;

    /// An empty buffer that has `size` bytes of room for a read, and at least 139, the size of the
    /// longest control frame.
    ///
    /// The [default](Self::default) has room for a frame of [`Limits::WHOLE`] bytes.
    #[must_use]
    pub fn new(size: usize) -> Self {
        Self { bytes: Box::default(), there: 0..0, size: size.max(Self::LEAST) }
    }

    /// Returns whether everything that was read was consumed.
    #[must_use]
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.there.start >= self.there.end
    }

    /// The free space behind the bytes that are there, to read into: never empty.
    ///
    /// Those bytes move to the front first, so everything that is free is behind them.
    #[inline]
    pub fn space(&mut self) -> &mut [u8] {
        if self.is_empty() {
            self.there = 0..0;
            if self.bytes.len() == self.size {
                return &mut self.bytes; // nearly always
            }
        }
        self.make_space();
        &mut self.bytes[self.there.end..]
    }

    /// Notes that `count` bytes were read into [`space`](Self::space): to be called before anything
    /// else is done with the buffer. No more counts than there was space for.
    #[inline]
    pub fn filled(&mut self, count: usize) {
        self.there.end = self.there.end.saturating_add(count).min(self.bytes.len());
    }

    /// Lets `read` take the head of an opening handshake from the front of what is there.
    ///
    /// What it leaves in its slice stays in the buffer: the first frames may have come right behind
    /// the head.
    ///
    /// ```
    /// use patchcord::ReceiveBuffer;
    /// use patchcord::handshake::admission::Admission;
    /// use patchcord::handshake::server::RequestReader;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let bytes = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    /// #     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n\x82\x80";
    /// # let mut buffer = ReceiveBuffer::default();
    /// # buffer.space()[..bytes.len()].copy_from_slice(bytes);
    /// # buffer.filled(bytes.len());
    /// let mut reader = RequestReader::new(Admission::any());
    /// let request = buffer.head(|input| reader.read(input))?.ok_or("more is to be read")?;
    /// assert_eq!(request.path(), "/");
    /// # assert_eq!(&*buffer.unconsumed(), [0x82, 0x80]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn head<'buffer, T>(&'buffer mut self, read: impl FnOnce(&mut &'buffer [u8]) -> T) -> T {
        let mut input = self.bytes.get(self.there.clone()).unwrap_or_default();
        let taken = read(&mut input);
        self.there.start = self.there.end.saturating_sub(input.len()).max(self.there.start);
        taken
    }

    /// The bytes that are there, as a cursor for `receive` and `decode`: what it consumes is gone
    /// from the buffer, and what it does not consume stays.
    ///
    /// ```
    /// use patchcord::{Decoder, Delivery, Event, Limits, ReceiveBuffer};
    ///
    /// let mut decoder = Decoder::client(Limits::default(), Delivery::Messages);
    /// let mut buffer = ReceiveBuffer::default();
    /// let mut heard = 0;
    /// for read in [&b"\x82\x02\x01"[..], b"\x02\x82"] {
    ///     buffer.space()[..read.len()].copy_from_slice(read);
    ///     buffer.filled(read.len());
    ///     let mut input = buffer.unconsumed();
    ///     while let Some(event) = decoder.decode(&mut input)? {
    ///         if let Event::Binary(pcm) = event {
    ///             heard += pcm.len();
    ///         }
    ///     }
    /// }
    /// assert_eq!((heard, buffer.as_ref()), (2, &[0x82][..]));
    /// # Ok::<(), patchcord::ProtocolError>(())
    /// ```
    #[inline]
    #[must_use]
    pub fn unconsumed(&mut self) -> Unconsumed<'_> {
        let Range { start, end } = self.there;
        Unconsumed { rest: &mut self.bytes[start..end], start: &mut self.there.start, end }
    }

    /// Moves what is there into a buffer of its own, which has no more room than that until it is
    /// read into, and leaves this one empty for the next connection.
    ///
    /// The new buffer grows as all do, to twice what is there; once it is empty, drop it and read
    /// into the shared one again. Without anything there, the new one has no heap.
    ///
    /// ```
    /// use patchcord::ReceiveBuffer;
    ///
    /// let mut shared = ReceiveBuffer::new(512 * 1024);
    /// shared.space()[..3].copy_from_slice(b"\x82\xfe\x10"); // the start of a frame
    /// shared.filled(3);
    /// let parked = shared.park();
    /// assert!(shared.is_empty());
    /// assert_eq!(parked.as_ref(), b"\x82\xfe\x10");
    /// ```
    #[must_use]
    pub fn park(&mut self) -> Self {
        let there = core::mem::take(&mut self.there);
        let bytes: Box<[u8]> = self.bytes.get(there).unwrap_or_default().into();
        Self { there: 0..bytes.len(), bytes, size: Self::LEAST }
    }

    /// Moves what is there to the front. If that is nothing, the buffer gets its size again; if it
    /// is as much as there is room for, twice that, since sending it cost the peer as much as moving
    /// it does; and if it is little of what a long frame took, twice that, too.
    #[inline(never)]
    fn make_space(&mut self) {
        let Range { start, end } = self.there;
        if start > 0 {
            self.bytes.copy_within(start..end, 0);
            self.there = 0..end - start;
        }
        let there = self.there.end;
        let is_full = there == self.bytes.len();
        let is_large =
            self.bytes.len() > Self::LARGE && self.bytes.len() / 4 > there.max(self.size);
        if there == 0 && self.bytes.len() != self.size {
            self.bytes = vec![0; self.size].into_boxed_slice();
        } else if is_full || is_large {
            let mut bytes = vec![0; self.size.max(2 * there)];
            bytes[..there].copy_from_slice(&self.bytes[..there]);
            self.bytes = bytes.into_boxed_slice();
        }
    }
}

impl Default for ReceiveBuffer {
    fn default() -> Self {
        Self::new(Limits::default().buffer_size())
    }
}

/// What is there.
impl AsRef<[u8]> for ReceiveBuffer {
    fn as_ref(&self) -> &[u8] {
        self.bytes.get(self.there.clone()).unwrap_or_default()
    }
}

// What is in it can be secret, and can be long.
impl fmt::Debug for ReceiveBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let there = self.there.len();
        write!(f, "ReceiveBuffer({there} bytes, room for {})", self.bytes.len() - there)
    }
}

/// The bytes of a [`ReceiveBuffer`] that were not consumed yet: an [`Input`](super::Input) that
/// consumes them in the buffer, too.
///
/// It reads as a slice. Made by [`ReceiveBuffer::unconsumed`].
pub struct Unconsumed<'buffer> {
    rest: &'buffer mut [u8],
    /// Where the rest begins in the buffer, and where it ends.
    start: &'buffer mut usize,
    end: usize,
}

impl<'buffer> Unconsumed<'buffer> {
    #[inline(always)]
    pub(super) fn rest_mut(&mut self) -> &mut [u8] {
        self.rest
    }

    /// Consumes bytes of the rest, and notes in the buffer how many are left.
    #[inline(always)]
    pub(super) fn consume<T>(&mut self, take: impl FnOnce(&mut &'buffer mut [u8]) -> T) -> T {
        let taken = take(&mut self.rest);
        *self.start = self.end - self.rest.len();
        taken
    }
}

impl Deref for Unconsumed<'_> {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        self.rest
    }
}

impl fmt::Debug for Unconsumed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unconsumed({} bytes)", self.rest.len())
    }
}
