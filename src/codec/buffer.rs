//! A receive buffer for transports that read into a slice.

mod held;

pub use held::Unconsumed;

use super::Limits;
use crate::frame::{MAX_CONTROL_PAYLOAD, MAX_HEADER};
use core::fmt;
use core::mem;
use held::Memory;

/// The bytes that were read and not yet consumed, and room for more.
///
/// Read into [`space`](Self::space), note the number of bytes with [`filled`](Self::filled), and
/// take what was read. Unconsumed bytes stay in the buffer, so the caller counts none:
///
/// | bytes | taken by |
/// |---|---|
/// | the head of an opening handshake | [`head`](Self::head), with the head's reader |
/// | frames, including those right behind the head | [`unconsumed`](Self::unconsumed), with `receive` or `decode` |
/// | the rest at the end of the stream | `end_of_stream`, as a reference to the buffer |
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
/// # Unfinished messages
///
/// The parts of an unfinished message, be they fragments or pieces of a long frame or of a text,
/// stay in the buffer. Each is unmasked and checked once, as it arrives, so that a message of any
/// size is delivered as a part of the buffer. Until the message ends, the buffer
/// [is not empty](Self::is_empty) and belongs to that connection: using it for another connection,
/// or another input for this one, is an [error](super::ProtocolError::MessageElsewhere). A buffer
/// with the start of a frame belongs to its connection, too: bytes that one connection has checked
/// are not checked again by another.
///
/// # Memory
///
/// A new buffer has no heap memory; the first read gives it [`size`](Self::new) bytes. When it is
/// full, it grows to twice the bytes that it keeps, or to a little more than a message if that is
/// at most three times as much. So no message or head is too large for it, and a peer has to send
/// at least a third of what it takes; while bytes are moved, it takes at most four times the bytes
/// that arrived. When it is empty or nearly so, [`space`](Self::space) shrinks it to at most twice
/// its size, unless it had to be larger twice in a row: long messages that follow one another need
/// no allocation. So call `space` before you wait for more bytes, or [`park`](Self::park) the rest.
///
/// # One buffer for many connections
///
/// A large buffer makes reads cheap, and most connections have no bytes in it between two turns. So
/// one buffer can serve all the connections of a thread, in turn; 512 KiB is a good size. When a
/// turn ends and bytes are left, [`park`](Self::park) moves them into a buffer of their own.
/// It belongs to that connection until it is empty, or until it is [moved back](Self::unpark).
#[doc(alias("read buffer", "read_buffer_size"))]
pub struct ReceiveBuffer {
    memory: Memory,
    size: usize,
    /// The number of bytes consumed before the last look, if that was more than the size.
    before: usize,
    /// Whether the memory needs no change once it is empty.
    is_settled: bool,
}

impl ReceiveBuffer {
    /// The least room for a read: one read can bring any header and any control frame completely.
    const LEAST: usize = MAX_HEADER + MAX_CONTROL_PAYLOAD;

    /// 256 KiB: the longest read, unless the buffer was made larger. Longer reads save few calls,
    /// and the bytes would have left the second-level cache before they are unmasked.
    const AT_ONCE: usize = 256 * 1024;

    /// 16 KiB: the most bytes that are moved back, since a turn may bring a single byte, after which
    /// all of them are parked again. A buffer with more bytes has room for long reads of its own.
    const MOVED_BACK: usize = 16 * 1024;

    /// Creates an empty buffer that has `size` bytes of room for a read, and at least 139, the size
    /// of the longest control frame.
    ///
    /// The [default](Self::default) has room for a frame of [`Limits::WHOLE_FRAME`] bytes, or for
    /// two of half of that, with another's header behind them.
    #[must_use]
    pub fn new(size: usize) -> Self {
        Self::of(Memory::default(), size.max(Self::LEAST))
    }

    const fn of(memory: Memory, size: usize) -> Self {
        Self { memory, size, before: 0, is_settled: false }
    }

    /// Returns whether everything that was read was consumed, and no message is unfinished.
    #[must_use]
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.memory.is_empty()
    }

    /// Returns free space to read into, behind the bytes in the buffer. It is never empty.
    ///
    /// The bytes move to the front first, if that makes room. A buffer that grew lends at most
    /// 256 KiB at once, and inside a long frame at most what the frame lacks.
    #[inline]
    pub fn space(&mut self) -> &mut [u8] {
        if self.is_settled && self.memory.is_empty() {
            return self.memory.all(); // nearly always
        }
        match self.memory.has_lent() {
            true => self.memory.lent(), // after most short reads
            false => self.make_space(),
        }
    }

    /// Notes that `count` bytes were read into [`space`](Self::space). Call it right after the
    /// read; a count beyond the room of the buffer means all of it.
    #[inline]
    pub fn filled(&mut self, count: usize) {
        self.memory.filled(count);
    }

    /// Calls `read` to take the head of an opening handshake from the front of the unread bytes.
    ///
    /// The bytes that it leaves in its slice stay in the buffer: the first frames may have arrived
    /// right behind the head.
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
        self.memory.read(read)
    }

    /// Returns a cursor over the unread bytes, for `receive` and `decode`: the bytes that it
    /// consumes are gone from the buffer, and the others stay.
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
        self.memory.unconsumed()
    }

    /// Moves all bytes into a new buffer without further room, and leaves this one empty for the
    /// next connection. For a message of which more than 16 KiB arrived, the new buffer has room
    /// for the rest if that is at most twice as long.
    ///
    /// The new buffer grows when it is read into, to twice its bytes. Once it is empty, drop it and
    /// read into the shared one again. If there are no bytes to move, the new one has no heap
    /// memory.
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
    #[inline]
    pub fn park(&mut self) -> Self {
        let memory = match self.memory.is_empty() {
            true => Memory::default(), // nearly always
            false => self.memory.park(self.parked_room()),
        };
        Self::of(memory, Self::LEAST)
    }

    /// Returns the room for parked bytes: no more than they take, unless they are a long message,
    /// which is then read in the parked buffer.
    fn parked_room(&self) -> usize {
        let kept = self.memory.kept();
        let is_long = kept > Self::MOVED_BACK;
        self.whole_message().filter(|_| is_long).unwrap_or(kept)
    }

    /// Moves [parked](Self::park) bytes back, so that the next read has the room of this buffer,
    /// and returns whether it did.
    ///
    /// It does not if this buffer is not empty, or if the parked bytes would take more than half of
    /// it or are more than 16 KiB: a peer that sends byte by byte would make it move a long message
    /// for each byte. Read into `parked` then; it grows.
    ///
    /// After the move, `parked` has no heap memory.
    ///
    /// ```
    /// use patchcord::ReceiveBuffer;
    ///
    /// let mut shared = ReceiveBuffer::new(512 * 1024);
    /// shared.space()[..3].copy_from_slice(b"\x82\xfe\x10"); // the start of a frame
    /// shared.filled(3);
    /// let mut parked = shared.park();
    /// assert!(shared.unpark(&mut parked));
    /// assert!(parked.is_empty());
    /// assert_eq!(shared.as_ref(), b"\x82\xfe\x10");
    /// ```
    pub fn unpark(&mut self, parked: &mut Self) -> bool {
        if !self.is_empty() || parked.memory.kept() > Self::MOVED_BACK.min(self.size / 2) {
            return false;
        }
        let _ = self.space(); // allocates at least `size` bytes
        self.memory.take_over(&mut parked.memory);
        parked.is_settled = false; // it has no memory now
        true
    }

    /// Makes space when the buffer is not empty, or its memory has the wrong size.
    #[inline(never)]
    fn make_space(&mut self) -> &mut [u8] {
        self.memory.close_gap();
        let (start, room) = (self.memory.start(), self.memory.room());
        let (is_held, is_full) = (self.memory.is_holding(), self.memory.end() == room);
        // Before a held message, its header is consumed: only more than that is worth a move.
        let was_consumed = start > if is_held { MAX_HEADER } else { 0 };
        if !was_consumed && !is_full {
            return self.free();
        }
        let kept = self.memory.kept();
        // Each byte of a message should move at most once: move if that frees as many bytes as it
        // moves, or if it moves no more than a read brings.
        let is_moved = !is_held || is_full && (kept <= start || kept + Self::LEAST <= self.size);
        if kept <= room / 4 && was_consumed || room < self.size {
            self.settle();
        } else if is_moved {
            self.memory.compact();
        }
        if self.memory.end() == self.memory.room() {
            self.memory.resize(self.size.max(self.grown()));
        }
        let usual = self.size..=self.size.saturating_mul(2);
        self.is_settled = self.before == 0 && usual.contains(&self.memory.room());
        self.free()
    }

    /// Returns the size to grow to: twice the kept bytes, of which the peer has then sent half; or
    /// more if all of a message fits then.
    fn grown(&self) -> usize {
        self.whole_message().unwrap_or_default().max(2 * self.memory.kept())
    }

    /// Returns the room for all of a message whose end is known, if that is at most three times the
    /// kept bytes: its bytes then move only once.
    fn whole_message(&self) -> Option<usize> {
        let kept = self.memory.kept();
        let whole = self.memory.lacks()?.saturating_add(kept + Self::LEAST);
        Some(whole).filter(|whole| *whole <= 3 * kept)
    }

    /// Moves the few bytes that are kept to the front, and gives the buffer its size again, unless
    /// it had to be larger twice in a row. So the memory of a single long message is freed at once,
    /// and in a row of long messages only the first two make the buffer grow.
    fn settle(&mut self) {
        let came = self.memory.start();
        let before = mem::replace(&mut self.before, if came > self.size { came } else { 0 });
        let twice = came.min(before).max(self.memory.kept());
        let most = self.size.saturating_mul(2).max(twice.saturating_mul(4));
        match self.memory.room() {
            room if (self.size..=most).contains(&room) => self.memory.compact(),
            _ => self.memory.resize(self.size.max(twice.saturating_mul(2))),
        }
    }

    /// Returns the part of the free space that one read should fill. A buffer that grew does not
    /// lend all of it, since a second message would then have to move in its middle. Behind a long
    /// message, it lends what the message lacks, and room for a header. A message is long if it
    /// does not fit the buffer's size together with its header.
    fn free(&mut self) -> &mut [u8] {
        let grown = (self.memory.room() / 2).min(Self::AT_ONCE);
        let most = match self.memory.lacks() {
            Some(lacks) if lacks.saturating_add(self.memory.end() + MAX_HEADER) > self.size => {
                lacks.saturating_add(Self::LEAST).min(self.size.max(grown))
            }
            _ => self.size.max(grown),
        };
        self.memory.lend(most)
    }
}

impl Default for ReceiveBuffer {
    fn default() -> Self {
        Self::new(Limits::default().buffer_size() + Self::LEAST)
    }
}

/// The unread bytes.
impl AsRef<[u8]> for ReceiveBuffer {
    fn as_ref(&self) -> &[u8] {
        self.memory.unread()
    }
}

// The bytes can be secret, and can be many.
impl fmt::Debug for ReceiveBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept = self.memory.kept();
        write!(f, "ReceiveBuffer({kept} bytes, room for {})", self.memory.room() - kept)
    }
}
