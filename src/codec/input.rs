//! The cursor: bytes that were read and not yet consumed, in the three ways to hold them.

use super::Unconsumed;
use crate::payload::{Delivered, Payload};
use bytes::{Buf, BytesMut};

/// Bytes to decode, which a decoder consumes from the front. Sealed.
///
/// | input | payloads are | costs |
/// |---|---|---|
/// | `&mut [u8]` | [`Payload`]: parts of that slice, borrowed | nothing |
/// | [`Unconsumed`] | the same, of a [`ReceiveBuffer`](super::ReceiveBuffer) | nothing |
/// | [`BytesMut`] | `BytesMut`: parts split off it, owned | a reference count |
///
/// What is not consumed is to be given again with more bytes behind it: a [`BytesMut`] and a
/// [`ReceiveBuffer`](super::ReceiveBuffer) keep it; of a slice, that is the caller's part.
pub trait Input: sealed::Sealed {
    /// What the octets of an event lie in.
    type Payload: Delivered + AsMut<[u8]>;

    /// The bytes that are left.
    fn bytes(&self) -> &[u8];

    /// The same, to be changed before they are consumed.
    fn bytes_mut(&mut self) -> &mut [u8];

    /// Consumes the first `count` bytes, or all if there are fewer.
    fn skip(&mut self, count: usize);

    /// Consumes the first `header` bytes and the `payload` bytes behind them, and returns the
    /// latter; `None`, and nothing is consumed, if they are not all there.
    fn take(&mut self, header: usize, payload: usize) -> Option<Self::Payload>;
}

mod sealed {
    #[allow(unnameable_types)]
    pub trait Sealed {}
    impl Sealed for &mut [u8] {}
    impl Sealed for super::Unconsumed<'_> {}
    impl Sealed for bytes::BytesMut {}
}

impl<'buffer> Input for &'buffer mut [u8] {
    type Payload = Payload<'buffer>;

    #[inline]
    fn bytes(&self) -> &[u8] {
        self
    }

    #[inline]
    fn bytes_mut(&mut self) -> &mut [u8] {
        self
    }

    #[inline]
    fn skip(&mut self, count: usize) {
        if self.split_off_mut(..count).is_none() {
            *self = &mut [];
        }
    }

    #[inline]
    fn take(&mut self, header: usize, payload: usize) -> Option<Payload<'buffer>> {
        let frame = self.split_off_mut(..header.checked_add(payload)?)?;
        frame.get_mut(header..).map(Payload::Borrowed)
    }
}

impl<'buffer> Input for Unconsumed<'buffer> {
    type Payload = Payload<'buffer>;

    #[inline]
    fn bytes(&self) -> &[u8] {
        self
    }

    #[inline]
    fn bytes_mut(&mut self) -> &mut [u8] {
        self.rest_mut()
    }

    #[inline]
    fn skip(&mut self, count: usize) {
        self.consume(|rest| rest.skip(count));
    }

    #[inline]
    fn take(&mut self, header: usize, payload: usize) -> Option<Payload<'buffer>> {
        self.consume(|rest| rest.take(header, payload))
    }
}

impl Input for BytesMut {
    type Payload = BytesMut;

    #[inline]
    fn bytes(&self) -> &[u8] {
        self
    }

    #[inline]
    fn bytes_mut(&mut self) -> &mut [u8] {
        self
    }

    #[inline]
    fn skip(&mut self, count: usize) {
        self.advance(count.min(self.len()));
    }

    #[inline]
    fn take(&mut self, header: usize, payload: usize) -> Option<BytesMut> {
        if header.checked_add(payload)? > self.len() {
            return None;
        }
        self.advance(header);
        Some(self.split_to(payload))
    }
}
