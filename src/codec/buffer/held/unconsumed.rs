//! The cursor of a receive buffer.

use super::{Held, Memory, Places};
use crate::codec::input::More;
use crate::codec::part::{Mark, OpenMessage, Part};
use crate::codec::{Event, Input, ProtocolError};
use crate::payload::{InvalidUtf8, Payload};
use alloc::boxed::Box;
use core::fmt;
use core::mem;
use core::ops::{Deref, Range};

/// A cursor over the unread bytes of a [`ReceiveBuffer`](crate::ReceiveBuffer): an
/// [`Input`](crate::Input) that also consumes them in the buffer.
///
/// It dereferences to a slice.
/// [`ReceiveBuffer::unconsumed`](crate::ReceiveBuffer::unconsumed) creates it.
pub struct Unconsumed<'buffer> {
    /// The unread bytes; empty while a message is held or the bytes wait for more.
    front: &'buffer mut [u8],
    /// The held bytes and all bytes behind them, or bytes that wait for more; otherwise empty.
    area: &'buffer mut [u8],
    places: &'buffer mut Places,
}

impl Memory {
    #[inline(always)]
    pub(in crate::codec) fn unconsumed(&mut self) -> Unconsumed<'_> {
        if self.places.message.is_some() {
            return self.holding();
        }
        let Range { start, end } = self.places.there;
        let unread = &mut self.bytes[start..end];
        let places = &mut self.places;
        if places.needed > 0 {
            // These bytes were examined before, and are still too few for an event: they wait.
            if unread.len() < places.needed {
                return Unconsumed { front: &mut [], area: unread, places };
            }
            places.needed = 0;
        }
        Unconsumed { front: unread, area: &mut [], places }
    }

    /// Creates a cursor with a held message. It is not inlined, so that the common path can store
    /// its constants at once.
    #[cold]
    #[inline(never)]
    fn holding(&mut self) -> Unconsumed<'_> {
        let range = self.start()..self.end();
        let area = self.bytes.get_mut(range).unwrap_or_default();
        Unconsumed { front: &mut [], area, places: &mut self.places }
    }
}

impl<'buffer> Unconsumed<'buffer> {
    /// Returns the unread bytes while no message is held.
    #[inline(always)]
    pub(in crate::codec) fn front(&self) -> &[u8] {
        self.front
    }

    /// Takes a frame from the front of the unread bytes, while no message is held.
    #[inline(always)]
    pub(in crate::codec) fn take_front(
        &mut self,
        header: usize,
        payload: usize,
    ) -> Option<Payload<'buffer>> {
        let taken = self.front.take(header, payload)?;
        self.places.there.start += header + payload;
        Some(taken)
    }

    /// Consumes `count` unread bytes, while no message is held.
    #[inline(always)]
    pub(in crate::codec) fn skip_front(&mut self, count: usize) {
        self.front.skip(count);
        self.places.there.start += count;
    }

    /// Returns whether there are no bytes for any decoder to take.
    #[inline(always)]
    pub(in crate::codec) fn is_spent(&self) -> bool {
        self.front.is_empty() && self.area.is_empty()
    }

    /// Returns the number of unread bytes if all were examined before, and more are needed for the
    /// next event.
    #[inline(always)]
    pub(in crate::codec) fn waiting(&self) -> Option<usize> {
        let there = self.area.len();
        let waits =
            self.front.is_empty() && self.places.message.is_none() && there < self.places.needed;
        waits.then_some(there)
    }

    /// Notes the number of unread bytes that the next event needs.
    #[inline(always)]
    pub(in crate::codec) fn wait_for(&mut self, needed: usize) {
        self.places.needed = needed;
    }

    /// Forgets that number, and makes waiting bytes available again.
    pub(in crate::codec) fn wake(&mut self) {
        if self.places.message.is_none() && self.front.is_empty() {
            self.front = mem::take(&mut self.area);
        }
        self.places.needed = 0;
    }

    /// Returns the message that is held.
    #[inline(always)]
    pub(in crate::codec) fn held(&self) -> Option<&OpenMessage> {
        self.places.message.as_ref().map(|held| &held.open)
    }

    /// Returns the index in the area at which the unread bytes begin.
    fn gap_end(&self) -> usize {
        self.area.len().saturating_sub(self.places.there.len())
    }

    pub(in crate::codec) fn unread_mut(&mut self) -> &mut [u8] {
        self.wake();
        match self.held() {
            None => self.front,
            Some(_) => {
                let end = self.gap_end();
                self.area.get_mut(end..).unwrap_or_default()
            }
        }
    }

    /// Consumes `count` unread bytes, or all if there are fewer.
    pub(in crate::codec) fn skip_unread(&mut self, count: usize) {
        self.wake();
        self.front.skip(count); // it is empty while a message is held
        self.skip_behind(count);
    }

    /// Moves the start of the unread bytes; while a message is held, that is all.
    fn skip_behind(&mut self, count: usize) {
        self.places.lent = 0..0; // there may be a gap now, and another length is best to read
        let there = &mut self.places.there;
        there.start = there.start.saturating_add(count).min(there.end);
    }

    /// Copies a payload out of the unread bytes, while a message is held: the next part of that
    /// message will be moved to the payload's place.
    pub(in crate::codec) fn copy_behind(
        &mut self,
        header: usize,
        payload: usize,
    ) -> Option<Payload<'buffer>> {
        let end = header.checked_add(payload)?;
        let payload = self.get(..end)?.get(header..)?.to_vec();
        self.skip_behind(end);
        Some(Payload::Joined(payload))
    }

    /// Takes all unread bytes if they lie right behind the held ones, belong to the middle of the
    /// same frame, and `mark` is the mark of that message. Most reads of a long frame bring such
    /// bytes.
    #[inline]
    pub(in crate::codec) fn more(&mut self, mark: &mut Mark) -> More {
        let there = &mut self.places.there;
        let Some(held) = &mut self.places.message else { return More::Other };
        let length = there.end - there.start;
        // Without a gap, the area contains only the unread bytes behind the held ones.
        let is_behind = held.lies.end == there.start;
        if !is_behind || length == 0 || length as u64 >= held.open.rest || held.open.mark() != *mark
        {
            return More::Other;
        }
        let Some(piece) = self.area.get_mut(held.lies.len()..) else { return More::Other };
        let before = held.open.taken;
        there.start = there.end;
        match held.extend(piece) {
            Ok(()) => {
                *mark = held.open.mark();
                More::Taken
            }
            Err(InvalidUtf8 { at }) => {
                self.discard();
                More::InvalidUtf8 { at: before + at as u64 }
            }
        }
    }

    /// Consumes a part of a message, and appends it to the held message, or begins one. If it makes
    /// a text invalid, the message is no longer held.
    pub(in crate::codec) fn hold(&mut self, part: &Part) -> Result<Mark, ProtocolError> {
        let (mut held, header) = match self.places.message.take() {
            Some(held) => (held, part.header),
            None => (self.begin(part), 0),
        };
        let from = self.gap_end().saturating_add(header);
        let before = held.open.taken;
        let appended = held.append(part, self.area, from);
        self.skip_behind(header.saturating_add(part.payload));
        let mark = held.open.mark();
        self.places.message = Some(held);
        if let Err(InvalidUtf8 { at }) = appended {
            self.discard();
            return Err(ProtocolError::InvalidUtf8 { at: before + at as u64 });
        }
        Ok(mark)
    }

    /// Consumes the header of a message's first part. The payload behind it already lies where it
    /// will be held.
    fn begin(&mut self, part: &Part) -> Box<Held> {
        self.skip_behind(part.header);
        self.area = mem::take(&mut self.front).get_mut(part.header..).unwrap_or_default();
        let start = self.places.there.start;
        let held = Held::new(part, start);
        match self.places.spare.take() {
            Some(mut spare) => {
                *spare = held;
                spare
            }
            None => Box::new(held),
        }
    }

    /// Ends the held message, whose last part was appended, and returns it.
    pub(in crate::codec) fn release(
        &mut self,
    ) -> Result<Option<Event<Payload<'buffer>>>, ProtocolError> {
        self.end().map(|(held, payload)| held.delivered(payload)).transpose()
    }

    /// Discards the held message.
    pub(in crate::codec) fn discard(&mut self) {
        self.end();
    }

    /// Takes out the held message with its payload, and leaves the unread bytes.
    fn end(&mut self) -> Option<(&Held, &'buffer mut [u8])> {
        let held = self.places.message.take()?;
        let behind = self.gap_end().saturating_sub(held.lies.len());
        let mut area = mem::take(&mut self.area);
        let payload = area.split_off_mut(..held.lies.len()).unwrap_or_default();
        self.front = area.get_mut(behind..).unwrap_or_default();
        Some((self.places.spare.insert(held), payload))
    }
}

impl Deref for Unconsumed<'_> {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match self.area.is_empty() {
            true => self.front,
            false => self.area.get(self.gap_end()..).unwrap_or_default(),
        }
    }
}

impl fmt::Debug for Unconsumed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unconsumed({} bytes)", self.len())
    }
}
