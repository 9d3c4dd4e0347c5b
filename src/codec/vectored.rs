//! A frame in two parts, for one vectored write.

use crate::frame::{HeaderBytes, MAX_HEADER};
use bytes::Buf;
use core::fmt;

/// A frame to be written: its header, on the stack, and its payload, where the caller has it.
///
/// It is a [`Buf`] that knows how much of it is still to be written, so a short write is no
/// special case: [`advance`](Buf::advance) by what was written and write again.
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
#[derive(Clone)]
#[must_use = "the frame is not sent until it is written"]
pub struct Vectored<'payload> {
    header: HeaderBytes,
    written: usize,
    payload: &'payload [u8],
}

impl<'payload> Vectored<'payload> {
    pub(super) const fn new(header: HeaderBytes, payload: &'payload [u8]) -> Self {
        Self { header, written: 0, payload }
    }

    /// Notes that all was written.
    #[inline]
    pub(super) const fn finish(&mut self) {
        self.written = MAX_HEADER;
        self.payload = &[];
    }

    /// What is left to write of the header, and of the payload.
    #[must_use]
    #[inline]
    pub fn parts(&self) -> (&[u8], &'payload [u8]) {
        (self.header.get(self.written..).unwrap_or_default(), self.payload)
    }
}

/// Without the bytes: a client's header has the key that unmasks the payload.
impl fmt::Debug for Vectored<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vectored({} bytes)", self.remaining())
    }
}

impl Buf for Vectored<'_> {
    #[inline]
    fn remaining(&self) -> usize {
        let (header, payload) = self.parts();
        header.len() + payload.len()
    }

    #[inline]
    fn chunk(&self) -> &[u8] {
        let (header, payload) = self.parts();
        if header.is_empty() { payload } else { header }
    }

    #[cfg(feature = "std")]
    #[inline]
    fn chunks_vectored<'a>(&'a self, to: &mut [std::io::IoSlice<'a>]) -> usize {
        let (header, payload) = self.parts();
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

    /// # Panics
    /// As [`Buf`] asks, when `count` is more than remains.
    #[inline]
    fn advance(&mut self, count: usize) {
        let of_header = count.min(self.parts().0.len());
        self.written += of_header;
        self.payload = &self.payload[count - of_header..];
    }
}
