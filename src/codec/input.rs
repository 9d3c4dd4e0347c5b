//! The cursor: bytes that were read and not yet consumed, in the two ways to own them.

use crate::payload::{Delivered, Payload};
use bytes::{Buf, BytesMut};
use core::mem;

/// Bytes to decode, which a decoder consumes from the front. Sealed.
///
/// | input | payloads are | costs |
/// |---|---|---|
/// | `&mut [u8]` | [`Payload`]: parts of that slice, borrowed | nothing |
/// | [`BytesMut`] | `BytesMut`: parts split off it, owned | a reference count |
///
/// What is not consumed is the caller's to keep, and to give again with more bytes behind it.
pub trait Input: sealed::Sealed {
    /// What the octets of an event lie in.
    type Payload: Delivered + AsMut<[u8]>;

    /// The bytes that are left.
    fn bytes(&self) -> &[u8];

    /// Consumes the first `count` bytes, or all if there are fewer.
    fn skip(&mut self, count: usize);

    /// Consumes the first `header` bytes and the `payload` bytes behind them, all of which are
    /// there, and returns the latter.
    fn take(&mut self, header: usize, payload: usize) -> Self::Payload;
}

mod sealed {
    #[allow(unnameable_types)]
    pub trait Sealed {}
    impl Sealed for &mut [u8] {}
    impl Sealed for bytes::BytesMut {}
}

impl<'buffer> Input for &'buffer mut [u8] {
    type Payload = Payload<'buffer>;

    #[inline]
    fn bytes(&self) -> &[u8] {
        self
    }

    #[inline]
    fn skip(&mut self, count: usize) {
        if self.split_off_mut(..count).is_none() {
            *self = &mut [];
        }
    }

    #[inline]
    fn take(&mut self, header: usize, payload: usize) -> Payload<'buffer> {
        let (frame, rest) =
            match mem::take(self).split_at_mut_checked(header.saturating_add(payload)) {
                Some(parts) => parts,
                None => return Payload::Borrowed(&mut []),
            };
        *self = rest;
        Payload::Borrowed(frame.get_mut(header..).unwrap_or_default())
    }
}

impl Input for BytesMut {
    type Payload = BytesMut;

    #[inline]
    fn bytes(&self) -> &[u8] {
        self
    }

    #[inline]
    fn skip(&mut self, count: usize) {
        self.advance(count.min(self.len()));
    }

    #[inline]
    fn take(&mut self, header: usize, payload: usize) -> BytesMut {
        self.skip(header);
        self.split_to(payload.min(self.len()))
    }
}
