//! The cursor: bytes that were read and not yet consumed, in the three ways to hold them.

use super::part::{Mark, OpenMessage, Part};
use super::{Event, ProtocolError, Unconsumed};
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
///
/// A message that does not come whole is joined in a [`ReceiveBuffer`](super::ReceiveBuffer)
/// itself, which therefore has to be the input until that message ends. With the two others it is
/// joined on the heap.
pub trait Input: sealed::Sealed<<Self as Input>::Payload> {
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

/// What became of what came while a message is held. It fits two registers: most calls for it bring no
/// event, and what is returned through memory would be waited for.
pub(super) enum More {
    /// All of it was taken.
    Taken,
    /// It is no longer text, from this byte of the message on, which is held no longer.
    InvalidUtf8 { at: u64 },
    /// It is not, or not only, the middle of a frame: nothing was taken.
    Other,
}

mod sealed {
    use super::{Event, Mark, More, OpenMessage, Part, ProtocolError};
    use crate::payload::PayloadBytes;

    /// What a decoder asks of an input besides. What has a default is of one that holds nothing.
    #[allow(unnameable_types, private_interfaces)] // nobody else calls or implements it
    pub trait Sealed<P: PayloadBytes> {
        /// Whether a message that is open can be held in it.
        const HOLDS: bool = false;

        /// What a shortcut may take from: the bytes that are left, or none while a message is held.
        fn front(&self) -> &[u8];

        /// As [`take`](super::Input::take), from there.
        fn take_front(&mut self, header: usize, payload: usize) -> Option<P>;

        /// As [`skip`](super::Input::skip), from there.
        fn skip_front(&mut self, count: usize);

        /// Whether there is nothing to take.
        #[inline(always)]
        fn is_spent(&self) -> bool {
            self.front().is_empty()
        }

        /// How many bytes there are, if all were looked at before, and more are needed for anything to
        /// come of them.
        #[inline(always)]
        fn waiting(&self) -> Option<usize> {
            None
        }

        /// Notes how many bytes have to be there for anything to come of them.
        #[inline(always)]
        fn wait_for(&mut self, _: usize) {}

        /// Waits no longer.
        #[inline(always)]
        fn wake(&mut self) {}

        /// The message that is held.
        #[inline(always)]
        fn held(&self) -> Option<&OpenMessage> {
            None
        }

        /// Takes all that is there, if it is of the middle of the frame that is held in part, and
        /// `mark` is that message's.
        #[inline(always)]
        fn more(&mut self, _: &mut Mark) -> More {
            More::Other
        }

        /// Consumes a part of a message, and appends it to what is held of it, which may be nothing.
        fn hold(&mut self, _: &Part) -> Result<Mark, ProtocolError> {
            Ok(Mark::NOTHING)
        }

        /// Takes out the message that is held, whose last part is.
        fn release(&mut self) -> Result<Option<Event<P>>, ProtocolError> {
            Ok(None)
        }

        /// Forgets the message that is held.
        fn discard(&mut self) {}
    }
}

impl<'buffer> sealed::Sealed<Payload<'buffer>> for &'buffer mut [u8] {
    #[inline(always)]
    fn front(&self) -> &[u8] {
        self
    }

    #[inline(always)]
    fn take_front(&mut self, header: usize, payload: usize) -> Option<Payload<'buffer>> {
        self.take(header, payload)
    }

    #[inline(always)]
    fn skip_front(&mut self, count: usize) {
        self.skip(count);
    }
}

impl sealed::Sealed<Self> for BytesMut {
    #[inline(always)]
    fn front(&self) -> &[u8] {
        self
    }

    #[inline(always)]
    fn take_front(&mut self, header: usize, payload: usize) -> Option<Self> {
        Input::take(self, header, payload)
    }

    #[inline(always)]
    fn skip_front(&mut self, count: usize) {
        self.skip(count);
    }
}

#[allow(private_interfaces)] // as there
impl<'buffer> sealed::Sealed<Payload<'buffer>> for Unconsumed<'buffer> {
    const HOLDS: bool = true;

    #[inline(always)]
    fn front(&self) -> &[u8] {
        self.front()
    }

    #[inline(always)]
    fn take_front(&mut self, header: usize, payload: usize) -> Option<Payload<'buffer>> {
        self.take_front(header, payload)
    }

    #[inline(always)]
    fn skip_front(&mut self, count: usize) {
        self.skip_front(count);
    }

    #[inline(always)]
    fn is_spent(&self) -> bool {
        self.is_spent()
    }

    #[inline(always)]
    fn waiting(&self) -> Option<usize> {
        self.waiting()
    }

    #[inline(always)]
    fn wait_for(&mut self, needed: usize) {
        self.wait_for(needed);
    }

    fn wake(&mut self) {
        self.wake();
    }

    #[inline(always)]
    fn held(&self) -> Option<&OpenMessage> {
        self.held()
    }

    #[inline(always)]
    fn more(&mut self, mark: &mut Mark) -> More {
        self.more(mark)
    }

    fn hold(&mut self, part: &Part) -> Result<Mark, ProtocolError> {
        self.hold(part)
    }

    fn release(&mut self) -> Result<Option<Event<Payload<'buffer>>>, ProtocolError> {
        self.release()
    }

    fn discard(&mut self) {
        self.discard();
    }
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
        self.unread_mut()
    }

    #[inline]
    fn skip(&mut self, count: usize) {
        self.skip_unread(count);
    }

    #[inline]
    fn take(&mut self, header: usize, payload: usize) -> Option<Payload<'buffer>> {
        self.wake();
        match self.held() {
            None => self.take_front(header, payload),
            Some(_) => self.copy_behind(header, payload),
        }
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
