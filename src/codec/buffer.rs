//! A receive buffer for transports that read into a slice.

use alloc::boxed::Box;
use alloc::vec;

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
///     let mut input = buffer.input();
///     while let Some(event) = connection.receive(&mut input)? {
///         if let Event::Binary(pcm) = event {
///             heard += pcm.len();
///         }
///     }
///     let rest = input.len();
///     buffer.keep(rest);
/// }
/// # Ok(heard)
/// # }
/// # assert_eq!(serve(&[0x82, 0x82, 0, 0, 0, 0, 1, 2][..]).unwrap(), 2);
/// ```
#[derive(Debug)]
pub struct ReceiveBuffer {
    bytes: Box<[u8]>,
    filled: usize,
}

impl ReceiveBuffer {
    /// An empty buffer of `size` bytes.
    #[must_use]
    pub fn new(size: usize) -> Self {
        Self { bytes: vec![0; size].into_boxed_slice(), filled: 0 }
    }

    /// The free space behind the bytes that are there, to read into.
    #[inline]
    pub fn space(&mut self) -> &mut [u8] {
        &mut self.bytes[self.filled..]
    }

    /// Notes that `count` bytes were read into [`space`](Self::space).
    #[inline]
    pub fn filled(&mut self, count: usize) {
        self.filled = self.filled.saturating_add(count).min(self.bytes.len());
    }

    /// The bytes that are there: the cursor to decode from. What was decoded is unmasked in
    /// place, so [`keep`](Self::keep) is to be called before the next cursor is made.
    #[inline]
    pub fn input(&mut self) -> &mut [u8] {
        &mut self.bytes[..self.filled]
    }

    /// Keeps the last `rest` of those bytes, the part that was not consumed.
    #[inline]
    pub fn keep(&mut self, rest: usize) {
        let rest = rest.min(self.filled);
        if rest > 0 && rest < self.filled {
            self.bytes.copy_within(self.filled - rest..self.filled, 0);
        }
        self.filled = rest;
    }
}
