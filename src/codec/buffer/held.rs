//! The memory of a receive buffer, and the message that grows in it while its parts arrive.
//!
//! ```text
//! read and delivered | held | gap | unread | free
//! ```
//! A part that arrives is unmasked behind the held bytes, and checked if it is text. It lies there
//! already unless a header or a control frame was consumed in between. That is the gap, over which
//! the part is moved in the same pass.
//!
//! Invariant, upheld by this module alone (this file and its cursor): the held bytes of a text are
//! exactly those that its [`Utf8`] has seen, in that order. No type distinguishes them from other
//! bytes, so no method lends them before the message ends, and all code that moves bytes is here.
#![allow(unsafe_code)]

mod unconsumed;

pub use unconsumed::Unconsumed;

use crate::codec::part::{OpenMessage, Part};
use crate::codec::{Event, MessageKind, ProtocolError};
use crate::mask::{self, MaskingKey};
use crate::payload::{InvalidUtf8, Payload, Text, Utf8, unmask_piece};
use alloc::boxed::Box;
use alloc::vec;
use core::mem;
use core::ops::Range;

/// The bytes of a buffer, and the places of its parts.
#[derive(Default)]
pub(super) struct Memory {
    bytes: Box<[u8]>,
    places: Places,
}

#[derive(Default)]
struct Places {
    /// The unread range. Invariant: `start <= end <= bytes.len()`.
    there: Range<usize>,
    /// The unfinished message. It is on the heap, since most buffers never hold one.
    message: Option<Box<Held>>,
    /// The allocation of the previous message, for the next.
    spare: Option<Box<Held>>,
    /// The number of unread bytes that the next event needs; 0 if unknown.
    needed: usize,
    /// The start of the kept bytes when space was lent, and the end of that space.
    lent: Range<usize>,
}

/// An unfinished message in the buffer.
struct Held {
    open: OpenMessage,
    /// The range of its payload. Invariant: `start <= end <= there.start`.
    lies: Range<usize>,
    /// The validator that has seen the payload, if it is text.
    utf8: Option<Utf8>,
}

impl Memory {
    /// Returns whether there are no unread bytes and no message.
    #[inline]
    pub(super) const fn is_empty(&self) -> bool {
        self.places.there.start >= self.places.there.end && self.places.message.is_none()
    }

    /// Returns the size of the memory.
    #[inline]
    pub(super) const fn room(&self) -> usize {
        self.bytes.len()
    }

    /// Returns the start of the kept bytes.
    #[inline]
    pub(super) fn start(&self) -> usize {
        match &self.places.message {
            None => self.places.there.start,
            Some(held) => held.lies.start,
        }
    }

    /// Returns the end of the bytes that were read.
    pub(super) const fn end(&self) -> usize {
        self.places.there.end
    }

    /// Returns the number of kept bytes: those of a message, and the unread ones.
    pub(super) fn kept(&self) -> usize {
        self.parts().iter().map(|part| part.len()).sum()
    }

    /// Returns whether a message is held.
    pub(super) const fn is_holding(&self) -> bool {
        self.places.message.is_some()
    }

    /// Returns the number of bytes that the held message lacks, if its last frame has begun.
    pub(super) fn lacks(&self) -> Option<usize> {
        let open = &self.places.message.as_ref().filter(|held| held.open.fin)?.open;
        (open.rest > 0).then(|| open.rest.try_into().unwrap_or(usize::MAX))
    }

    pub(super) fn unread(&self) -> &[u8] {
        self.bytes.get(self.places.there.clone()).unwrap_or_default()
    }

    /// Calls `read` with the unread bytes, and consumes those that it takes from the front.
    pub(super) fn read<'a, T>(&'a mut self, read: impl FnOnce(&mut &'a [u8]) -> T) -> T {
        let Self { bytes, places: Places { there, needed, .. } } = self;
        *needed = 0;
        let mut input = bytes.get(there.clone()).unwrap_or_default();
        let taken = read(&mut input);
        there.start = there.end.saturating_sub(input.len()).max(there.start);
        taken
    }

    /// Notes that `count` bytes were read behind the unread ones.
    #[inline]
    pub(super) fn filled(&mut self, count: usize) {
        let there = &mut self.places.there;
        there.end = there.end.saturating_add(count).min(self.bytes.len());
    }

    /// Returns all of the memory if it is empty, or else the free part.
    #[inline(always)]
    pub(super) fn all(&mut self) -> &mut [u8] {
        if !self.is_empty() {
            return self.free();
        }
        self.places.there = 0..0;
        &mut self.bytes
    }

    /// Returns the free memory behind the unread bytes.
    #[inline]
    fn free(&mut self) -> &mut [u8] {
        self.bytes.get_mut(self.places.there.end..).unwrap_or_default()
    }

    /// Lends at most `most` bytes of the free memory.
    pub(super) fn lend(&mut self, most: usize) -> &mut [u8] {
        let end = self.places.there.end.saturating_add(most).min(self.bytes.len());
        self.places.lent = self.start()..end;
        self.lent()
    }

    /// Returns whether some of the lent memory is still free, and no byte was consumed since.
    #[inline]
    pub(super) fn has_lent(&self) -> bool {
        self.places.lent.end > self.places.there.end && self.places.lent.start == self.start()
    }

    /// Returns the lent memory that is still free.
    #[inline]
    pub(super) fn lent(&mut self) -> &mut [u8] {
        self.bytes.get_mut(self.places.there.end..self.places.lent.end).unwrap_or_default()
    }

    /// Returns the kept bytes: those of a message, and the unread ones.
    fn parts(&self) -> [&[u8]; 2] {
        let held = self.places.message.as_ref().and_then(|held| self.bytes.get(held.lies.clone()));
        [held.unwrap_or_default(), self.unread()]
    }

    /// Frees the gap behind the held bytes, if no byte behind it is unread.
    pub(super) fn close_gap(&mut self) {
        let Places { there, message, .. } = &mut self.places;
        if let Some(held) = message
            && there.start >= there.end
        {
            *there = held.lies.end..held.lies.end;
        }
    }

    /// Moves the kept bytes to the front, without the gap.
    pub(super) fn compact(&mut self) {
        let mut to = 0;
        if let Some(held) = &self.places.message {
            to = held.lies.len();
            if held.lies.start > 0 {
                self.bytes.copy_within(held.lies.clone(), 0);
            }
        }
        if self.places.there.start > to {
            self.bytes.copy_within(self.places.there.clone(), to);
        }
        self.places.moved_to_front();
    }

    /// Moves the kept bytes to the front of new memory of `size` bytes, or more if they need it.
    pub(super) fn resize(&mut self, size: usize) {
        if self.is_empty() {
            self.bytes = Box::default(); // free the old memory before the new is allocated
        }
        let mut bytes = vec![0; size.max(self.kept())].into_boxed_slice();
        self.copy_to(&mut bytes);
        self.bytes = bytes;
        self.places.moved_to_front();
    }

    fn copy_to(&self, mut bytes: &mut [u8]) {
        for part in self.parts() {
            if let Some(to) = bytes.split_off_mut(..part.len()) {
                to.copy_from_slice(part);
            }
        }
    }

    /// Moves the kept bytes into new memory of `size` bytes, or more if they need it.
    pub(super) fn park(&mut self, size: usize) -> Self {
        let mut bytes = vec![0; size.max(self.kept())].into_boxed_slice();
        self.copy_to(&mut bytes);
        let mut places = self.places.take();
        places.moved_to_front();
        Self { bytes, places }
    }

    /// Moves the kept bytes of `other` into this memory, if it is empty and has room for them, and
    /// frees their old memory.
    pub(super) fn take_over(&mut self, other: &mut Self) {
        if !self.is_empty() || other.kept() > self.room() {
            return;
        }
        let other = mem::take(other);
        other.copy_to(&mut self.bytes);
        let spare = self.places.spare.take();
        self.places = Places { spare, ..other.places };
        self.places.moved_to_front();
    }
}

impl Places {
    /// Takes the places, and leaves an empty memory.
    fn take(&mut self) -> Self {
        let spare = self.spare.take();
        mem::replace(self, Self { spare, ..Self::default() })
    }

    /// Notes that the kept bytes were moved to the front, without the gap.
    fn moved_to_front(&mut self) {
        self.lent = 0..0;
        let mut to = 0;
        if let Some(held) = &mut self.message {
            to = held.lies.len();
            held.lies = 0..to;
        }
        self.there = to..to + self.there.len();
    }
}

impl Held {
    /// Begins a message with `part`, whose payload begins at `start`.
    fn new(part: &Part, start: usize) -> Self {
        let utf8 = (part.kind() == MessageKind::Text).then(Utf8::new);
        Self { open: OpenMessage::new(part), lies: start..start, utf8 }
    }

    /// Appends a part that lies at `from` in the area, still masked; unmasks and checks it.
    fn append(&mut self, part: &Part, area: &mut [u8], from: usize) -> Result<(), InvalidUtf8> {
        let length = part.payload.min(area.len().saturating_sub(from));
        let to = self.lies.len();
        self.open.begin(part);
        self.open.taken += length as u64;
        self.lies.end += length;
        if from != to {
            mask::shift(part.key, area, from, to, length);
        }
        let piece = area.get_mut(to..).and_then(|area| area.get_mut(..length)).unwrap_or_default();
        let key = part.key.filter(|_| from == to); // otherwise the move has unmasked it
        self.check(key, piece)
    }

    /// Appends a piece that lies right behind the held bytes, in the middle of its frame.
    fn extend(&mut self, piece: &mut [u8]) -> Result<(), InvalidUtf8> {
        let key = self.open.key;
        self.open.advance(piece.len());
        self.lies.end += piece.len();
        self.check(key, piece)
    }

    /// Unmasks a piece that was appended, if there is a key, and checks it.
    #[inline]
    fn check(&mut self, key: Option<MaskingKey>, piece: &mut [u8]) -> Result<(), InvalidUtf8> {
        match (&mut self.utf8, key) {
            (Some(utf8), key) => unmask_piece(key, piece, utf8),
            (None, Some(key)) => {
                key.apply(piece);
                Ok(())
            }
            (None, None) => Ok(()),
        }
    }

    /// Returns the message with this payload; its last part was appended.
    fn delivered<'a>(&self, payload: &'a mut [u8]) -> Result<Event<Payload<'a>>, ProtocolError> {
        let payload = Payload::Borrowed(payload);
        match self.utf8 {
            None => Ok(Event::Binary(payload)),
            Some(utf8) if utf8.finish().is_ok() => {
                // SAFETY: `check` fed exactly these bytes to `utf8`, in this order, and nothing has
                // changed them since: see the invariant at the top of this file. The guard proves
                // that they end with a complete character.
                Ok(Event::Text(unsafe { Text::checked(payload) }))
            }
            Some(_) => Err(ProtocolError::InvalidUtf8 { at: self.open.taken }),
        }
    }
}
