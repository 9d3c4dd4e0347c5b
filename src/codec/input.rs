//! The cursor: bytes that were read and not yet consumed, in three kinds of memory.

use super::part::{Mark, OpenMessage, Part};
use super::{Event, ProtocolError, Unconsumed};
use crate::payload::{Delivered, Payload};
use bytes::{Buf, BytesMut};

/// Bytes to decode, which a decoder consumes from the front. Sealed.
///
/// | input | payloads | cost |
/// |---|---|---|
/// | `&mut [u8]` | [`Payload`]: borrowed parts of that slice | none |
/// | [`Unconsumed`] | the same, of a [`ReceiveBuffer`](super::ReceiveBuffer) | none |
/// | [`BytesMut`] | `BytesMut`: owned parts, split off | a reference count |
///
/// Bytes that are not consumed have to be passed again, with more bytes behind them. A [`BytesMut`]
/// and a [`ReceiveBuffer`](super::ReceiveBuffer) keep them; with a slice, that is up to the caller.
///
/// A message that does not arrive in one piece is joined inside a
/// [`ReceiveBuffer`](super::ReceiveBuffer), which therefore has to be the input until that message
/// ends. With the other two, it is joined on the heap.
#[doc(alias = "Bytes")]
pub trait Input: sealed::Sealed<<Self as Input>::Payload> {
    /// The type that holds the payload of an event.
    type Payload: Delivered + AsMut<[u8]>;

    /// Returns the unread bytes.
    fn bytes(&self) -> &[u8];

    /// Returns the unread bytes, to be changed before they are consumed.
    fn bytes_mut(&mut self) -> &mut [u8];

    /// Consumes the first `count` bytes, or all if there are fewer.
    fn skip(&mut self, count: usize);

    /// Consumes the first `header` bytes and the `payload` bytes behind them, and returns the
    /// latter. Returns `None` and consumes nothing if there are fewer bytes.
    fn take(&mut self, header: usize, payload: usize) -> Option<Self::Payload>;
}

/// The result of taking new bytes into a message that is held. It fits two registers: most calls
/// return no event, and a result in memory costs a wait for its stores.
pub(super) enum More {
    /// All of the bytes were taken.
    Taken,
    /// The text is invalid from this byte of the message on. The message is no longer held.
    InvalidUtf8 { at: u64 },
    /// The bytes are not, or not only, the middle of a frame: none were taken.
    Other,
}

mod sealed {
    use super::{Event, Mark, More, OpenMessage, Part, ProtocolError};
    use crate::payload::PayloadBytes;

    /// The methods of an input that only a decoder calls. The defaults are for an input that never
    /// holds a message.
    #[allow(unnameable_types, private_interfaces)] // only the decoder calls or implements it
    pub trait Sealed<P: PayloadBytes> {
        /// Whether the input can hold an unfinished message.
        const HOLDS: bool = false;

        /// Returns the bytes that a shortcut may take: the unread ones, or none while a message is
        /// held.
        fn front(&self) -> &[u8];

        /// As [`take`](super::Input::take), from [`front`](Self::front).
        fn take_front(&mut self, header: usize, payload: usize) -> Option<P>;

        /// As [`skip`](super::Input::skip), from [`front`](Self::front).
        fn skip_front(&mut self, count: usize);

        /// Returns whether there are no bytes to take.
        #[inline(always)]
        fn is_spent(&self) -> bool {
            self.front().is_empty()
        }

        /// Returns the number of unread bytes if all were examined before, and more are needed for
        /// the next event.
        #[inline(always)]
        fn waiting(&self) -> Option<usize> {
            None
        }

        /// Notes the number of unread bytes that the next event needs.
        #[inline(always)]
        fn wait_for(&mut self, _: usize) {}

        /// Forgets that number.
        #[inline(always)]
        fn wake(&mut self) {}

        /// Returns the message that is held.
        #[inline(always)]
        fn held(&self) -> Option<&OpenMessage> {
            None
        }

        /// Takes all unread bytes if they belong to the middle of the frame that is held in part,
        /// and `mark` is the mark of that message.
        #[inline(always)]
        fn more(&mut self, _: &mut Mark) -> More {
            More::Other
        }

        /// Consumes a part of a message, and appends it to the held message, or begins one.
        fn hold(&mut self, _: &Part) -> Result<Mark, ProtocolError> {
            Ok(Mark::NOTHING)
        }

        /// Takes out the held message, whose last part has been appended.
        fn release(&mut self) -> Result<Option<Event<P>>, ProtocolError> {
            Ok(None)
        }

        /// Discards the held message.
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

#[allow(private_interfaces)] // as for the trait
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
