//! A frame in two parts, for a vectored write.

use crate::frame::HeaderBytes;
use bytes::Buf;
use core::fmt;

/// A frame to write: its header, and its payload borrowed from the caller.
///
/// It is a [`Buf`] that tracks how much is still to be written, so a short write needs no special
/// case: [`advance`](Buf::advance) by the number of bytes written, and write again.
///
/// ```
/// use bytes::Buf;
/// use patchcord::{Encoder, Message};
/// use std::io::{IoSlice, Write};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let mut socket = Vec::new();
/// let mut encoder = Encoder::server();
/// let mut frame = encoder.encode_borrowed(Message::Binary(b"pcm"))?;
/// while frame.has_remaining() {
///     let mut slices = [IoSlice::new(&[]); 2];
///     let count = frame.chunks_vectored(&mut slices);
///     let written = socket.write_vectored(&slices[..count])?;
///     frame.advance(written);
/// }
/// assert_eq!(socket, b"\x82\x03pcm");
/// # Ok(())
/// # }
/// ```
#[doc(alias("vectored", "writev", "IoSlice"))]
#[derive(Clone)]
#[must_use = "the frame is not sent until it is written"]
pub struct BorrowedFrame<'payload> {
    pub(super) header: [u8; 16],
    pub(super) rest: Rest<'payload>,
}

/// The unwritten rest of a frame whose header is stored elsewhere. An [`Outgoing`](super::Outgoing)
/// keeps it in registers on its inlined common path; to keep it there, the other paths take it by
/// value.
#[derive(Clone, Copy)]
pub(super) struct Rest<'payload> {
    header_size: usize,
    payload: &'payload [u8],
    /// The number of bytes of both that were written.
    written: usize,
}

impl<'payload> BorrowedFrame<'payload> {
    #[inline(always)]
    pub(super) fn new(header: HeaderBytes, payload: &'payload [u8]) -> Self {
        let rest = Rest { header_size: header.len(), payload, written: 0 };
        Self { header: *header.padded(), rest }
    }

    /// Returns the unwritten parts of the header and of the payload.
    #[must_use]
    #[inline]
    pub fn parts(&self) -> (&[u8], &'payload [u8]) {
        self.rest.parts(&self.header)
    }
}

impl<'payload> Rest<'payload> {
    /// Returns the unwritten parts of the header and of the payload.
    #[inline(always)]
    pub(super) fn parts<'a>(&self, header: &'a [u8; 16]) -> (&'a [u8], &'payload [u8]) {
        let &Self { header_size, payload, written } = self;
        let of_payload = payload.get(written.saturating_sub(header_size)..);
        (header.get(written..header_size).unwrap_or_default(), of_payload.unwrap_or_default())
    }

    #[inline(always)]
    pub(super) const fn remaining(&self) -> usize {
        self.header_size + self.payload.len() - self.written
    }

    /// Notes that `count` bytes were written, which must not be more than remain.
    #[inline(always)]
    pub(super) const fn advance(&mut self, count: usize) {
        self.written += count;
    }

    /// Fills `to` with the unwritten parts, and returns the number of slices used.
    #[cfg(feature = "std")]
    #[inline(always)]
    pub(super) fn slices<'a>(self, header: &'a [u8; 16], to: &mut [std::io::IoSlice<'a>]) -> usize
    where
        'payload: 'a,
    {
        let (header, payload) = self.parts(header);
        let mut count = 0;
        for part in [header, payload] {
            if !part.is_empty()
                && let Some(slice) = to.get_mut(count)
            {
                *slice = std::io::IoSlice::new(part);
                count += 1;
            }
        }
        count
    }
}

/// Shows no bytes: a client's header contains the key that unmasks the payload.
impl fmt::Debug for BorrowedFrame<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BorrowedFrame({} bytes)", self.remaining())
    }
}

impl Buf for BorrowedFrame<'_> {
    #[inline]
    fn remaining(&self) -> usize {
        self.rest.remaining()
    }

    #[inline]
    fn chunk(&self) -> &[u8] {
        let (header, payload) = self.parts();
        if header.is_empty() { payload } else { header }
    }

    #[cfg(feature = "std")]
    #[inline]
    fn chunks_vectored<'a>(&'a self, to: &mut [std::io::IoSlice<'a>]) -> usize {
        self.rest.slices(&self.header, to)
    }

    /// # Panics
    /// When `count` is more than remains, as [`Buf`] requires.
    #[inline]
    fn advance(&mut self, count: usize) {
        assert!(count <= self.remaining(), "out of range: more was written than remained");
        self.rest.advance(count);
    }
}
