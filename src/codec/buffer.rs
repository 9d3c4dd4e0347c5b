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
/// # Messages that do not come whole
///
/// What came of a message, in parts of a long frame or of a text or in fragments, stays in the
/// buffer, unmasked and checked once, as it arrives. So a message of any size is delivered as a part
/// of the buffer. Until it ends, that buffer [is not empty](Self::is_empty) and belongs to that
/// connection: another one, or another input for this one, is an
/// [error](super::ProtocolError::MessageElsewhere). So does the start of a frame: what one connection
/// has judged is not judged again by another.
///
/// # Memory
///
/// It has no heap before the first read, and then [`size`](Self::new) bytes. It grows beyond that
/// when there is no room for more, to twice the bytes that it keeps, so no message or head is too
/// large for it, and a peer pays for at least half of it: at the most, while bytes are moved, it
/// takes four times what came. When it is empty or nearly so, [`space`](Self::space) leaves it twice
/// its size at most, unless it had to be larger twice in a row: then long messages follow one another,
/// and need no allocation. So ask for the space before you wait for more, or [`park`](Self::park) what
/// is left.
///
/// # One for many connections
///
/// A large buffer makes reads cheap, and between two turns most connections have nothing in it. So
/// one can serve all the connections of a thread, in turn; 512 KiB is a good size. When a turn ends
/// and something is left, [`park`](Self::park) moves it out, into a buffer that has no more room
/// than it needs and belongs to that connection until it is empty, or until it is
/// [moved back](Self::unpark).
pub struct ReceiveBuffer {
    memory: Memory,
    size: usize,
    /// How much was consumed the time before, if that was more than the size.
    before: usize,
    /// Whether there is nothing to do about the memory once it is empty.
    is_settled: bool,
}

impl ReceiveBuffer {
    /// The least room for a read, so that every header and control frame is there after one.
    const LEAST: usize = MAX_HEADER + MAX_CONTROL_PAYLOAD;

    /// 256 KiB: the most that is read at once, unless the buffer was made larger. More saves few
    /// calls, and what was read is no longer in the second cache when it is unmasked.
    const AT_ONCE: usize = 256 * 1024;

    /// 16 KiB: the most that is moved back, since a turn may bring one byte, and then all of it is
    /// parked again. More than that makes room for long reads where it is.
    const MOVED_BACK: usize = 16 * 1024;

    /// An empty buffer that has `size` bytes of room for a read, and at least 139, the size of the
    /// longest control frame.
    ///
    /// The [default](Self::default) has room for a frame of [`Limits::WHOLE_FRAME`] bytes, or for two of half of
    /// that, with another's header behind them.
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

    /// Free space behind the bytes that are there, to read into: never empty.
    ///
    /// Those bytes move to the front first, where that makes room. Of a buffer that grew, no more than
    /// 256 KiB are lent at once, and inside a long frame no more than that lacks.
    #[inline]
    pub fn space(&mut self) -> &mut [u8] {
        if self.is_settled && self.memory.is_empty() {
            return self.memory.all(); // nearly always
        }
        match self.memory.has_lent() {
            true => self.memory.lent(), // of short reads, most
            false => self.make_space(),
        }
    }

    /// Notes that `count` bytes were read into [`space`](Self::space): to be called before anything
    /// else is done with the buffer. No more counts than the buffer has room for.
    #[inline]
    pub fn filled(&mut self, count: usize) {
        self.memory.filled(count);
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
        self.memory.read(read)
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
        self.memory.unconsumed()
    }

    /// Moves what is there into a buffer of its own, which has no more room than that until it is
    /// read into, and leaves this one empty for the next connection. Of a message of more than 16 KiB,
    /// it has room for the rest, if that is no more than twice what came.
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
    #[inline]
    pub fn park(&mut self) -> Self {
        let memory = match self.memory.is_empty() {
            true => Memory::default(), // nearly always
            false => self.memory.park(self.parked_room()),
        };
        Self::of(memory, Self::LEAST)
    }

    /// How much room to give what is parked: none, but to a long message, which is read where it is then.
    fn parked_room(&self) -> usize {
        let kept = self.memory.kept();
        let is_long = kept > Self::MOVED_BACK;
        self.whole().filter(|_| is_long).unwrap_or(kept)
    }

    /// Moves back what was [parked](Self::park), for the next read to bring as much as this buffer has
    /// room for, and returns whether it did: not if this buffer has something in it, or if what was
    /// parked would take more than half of it, or is more than 16 KiB. Then read into that, which grows:
    /// a peer that sends byte by byte would have a long message moved for each of them.
    ///
    /// Once it is moved back, `parked` has no heap.
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
        let _ = self.space(); // which is at least its size
        self.memory.take_over(&mut parked.memory);
        parked.is_settled = false; // it has no memory now
        true
    }

    /// Makes space where not all of the buffer is.
    #[inline(never)]
    fn make_space(&mut self) -> &mut [u8] {
        self.memory.close_gap();
        let (start, room) = (self.memory.start(), self.memory.room());
        let (is_held, is_full) = (self.memory.is_holding(), self.memory.end() == room);
        // More than the header of what is held.
        let was_consumed = start > if is_held { MAX_HEADER } else { 0 };
        if !was_consumed && !is_full {
            return self.free();
        }
        let kept = self.memory.kept();
        // So that each byte of a message is moved once: if it makes as much room as is moved, or if
        // no more is moved than is read at once.
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

    /// How large to grow: to twice what is kept, since sending that cost the peer as much; or so that
    /// all of a message fits.
    fn grown(&self) -> usize {
        self.whole().unwrap_or_default().max(2 * self.memory.kept())
    }

    /// How much a message takes whose end is known, if that is no more than three times what is kept:
    /// so it is moved once.
    fn whole(&self) -> Option<usize> {
        let kept = self.memory.kept();
        let whole = self.memory.lacks()?.saturating_add(kept + Self::LEAST);
        Some(whole).filter(|whole| *whole <= 3 * kept)
    }

    /// Moves the little that is kept to the front, and gives the buffer its size again, unless it
    /// had to be larger twice in a row: so one long message is forgotten at once, and of many that
    /// follow one another only the first two make the buffer grow.
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

    /// What is free behind the bytes that are there, as far as it is good to read at once: of a buffer
    /// that grew, not all, since a second message would have to be moved in its middle; and behind
    /// a long message what that lacks, and a header. It is long if one read does not bring it with its own.
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

/// What is there and unread.
impl AsRef<[u8]> for ReceiveBuffer {
    fn as_ref(&self) -> &[u8] {
        self.memory.unread()
    }
}

// What is in it can be secret, and can be long.
impl fmt::Debug for ReceiveBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept = self.memory.kept();
        write!(f, "ReceiveBuffer({kept} bytes, room for {})", self.memory.room() - kept)
    }
}
