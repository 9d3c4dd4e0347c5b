//! The memory of a receive buffer, and the message that grows in it while its parts arrive.
//!
//! ```text
//! read and delivered | held | gap | unread | free
//! ```
//! A part that arrives is unmasked behind what is held, and checked if it is text. It lies there
//! already, unless something came between that was consumed, a header or a control frame: that is
//! the gap, over which the part is moved in the same pass.
//!
//! The invariant, kept by this module alone, which is this file and its cursor: the held bytes of a
//! text are those that its [`Utf8`] has seen, in that order. No type tells them from others, so no
//! method lends them before the message ends, and all that moves bytes is here.
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

/// The bytes of a buffer, and where in them lies what.
#[derive(Default)]
pub(super) struct Memory {
    bytes: Box<[u8]>,
    places: Places,
}

#[derive(Default)]
struct Places {
    /// The unread range. Invariant: `start <= end <= bytes.len()`.
    there: Range<usize>,
    /// On the heap, since most buffers never hold one.
    message: Option<Box<Held>>,
    /// What was allocated for the message before, for the next.
    spare: Option<Box<Held>>,
    /// How many bytes have to be unread for anything to come of them: 0 if that is not known.
    needed: usize,
    /// Where what was kept began when space was lent, and where that space ends.
    lent: Range<usize>,
}

/// A message whose last part has not come.
struct Held {
    open: OpenMessage,
    /// Where its payload lies. Invariant: `start <= end <= there.start`.
    lies: Range<usize>,
    /// What was seen of it, if it is a text.
    utf8: Option<Utf8>,
}

impl Memory {
    /// Whether nothing is kept: neither unread bytes nor a message.
    #[inline]
    pub(super) const fn is_empty(&self) -> bool {
        self.places.there.start >= self.places.there.end && self.places.message.is_none()
    }

    /// How many bytes there is room for.
    #[inline]
    pub(super) const fn room(&self) -> usize {
        self.bytes.len()
    }

    /// Where what is kept begins.
    #[inline]
    pub(super) fn start(&self) -> usize {
        match &self.places.message {
            None => self.places.there.start,
            Some(held) => held.lies.start,
        }
    }

    /// Where the bytes end that were read.
    pub(super) const fn end(&self) -> usize {
        self.places.there.end
    }

    /// How many bytes are kept: unread, and of a message.
    pub(super) fn kept(&self) -> usize {
        self.parts().iter().map(|part| part.len()).sum()
    }

    /// Whether a message is held.
    pub(super) const fn is_holding(&self) -> bool {
        self.places.message.is_some()
    }

    /// How many bytes the message lacks that is held, if its last frame has begun.
    pub(super) fn lacks(&self) -> Option<usize> {
        let open = &self.places.message.as_ref().filter(|held| held.open.fin)?.open;
        (open.rest > 0).then(|| open.rest.try_into().unwrap_or(usize::MAX))
    }

    pub(super) fn unread(&self) -> &[u8] {
        self.bytes.get(self.places.there.clone()).unwrap_or_default()
    }

    /// Lets `read` consume what it takes from the front of the unread bytes.
    pub(super) fn read<'a, T>(&'a mut self, read: impl FnOnce(&mut &'a [u8]) -> T) -> T {
        let Self { bytes, places: Places { there, needed, .. } } = self;
        *needed = 0;
        let mut input = bytes.get(there.clone()).unwrap_or_default();
        let taken = read(&mut input);
        there.start = there.end.saturating_sub(input.len()).max(there.start);
        taken
    }

    /// Notes that `count` bytes were read behind those that are there.
    #[inline]
    pub(super) fn filled(&mut self, count: usize) {
        let there = &mut self.places.there;
        there.end = there.end.saturating_add(count).min(self.bytes.len());
    }

    /// All of the memory if it is empty, or what is free.
    #[inline(always)]
    pub(super) fn all(&mut self) -> &mut [u8] {
        if !self.is_empty() {
            return self.free();
        }
        self.places.there = 0..0;
        &mut self.bytes
    }

    /// What is free behind the bytes that are there.
    #[inline]
    fn free(&mut self) -> &mut [u8] {
        self.bytes.get_mut(self.places.there.end..).unwrap_or_default()
    }

    /// Of what is free, `most` bytes or all.
    pub(super) fn lend(&mut self, most: usize) -> &mut [u8] {
        let end = self.places.there.end.saturating_add(most).min(self.bytes.len());
        self.places.lent = self.start()..end;
        self.lent()
    }

    /// Whether some of what was lent is free, and nothing was consumed since.
    #[inline]
    pub(super) fn has_lent(&self) -> bool {
        self.places.lent.end > self.places.there.end && self.places.lent.start == self.start()
    }

    /// What is free of what was lent.
    #[inline]
    pub(super) fn lent(&mut self) -> &mut [u8] {
        self.bytes.get_mut(self.places.there.end..self.places.lent.end).unwrap_or_default()
    }

    /// What is kept: of a message, and unread.
    fn parts(&self) -> [&[u8]; 2] {
        let held = self.places.message.as_ref().and_then(|held| self.bytes.get(held.lies.clone()));
        [held.unwrap_or_default(), self.unread()]
    }

    /// Gives up the gap behind what is held, if nothing is unread behind it.
    pub(super) fn close_gap(&mut self) {
        let Places { there, message, .. } = &mut self.places;
        if let Some(held) = message
            && there.start >= there.end
        {
            *there = held.lies.end..held.lies.end;
        }
    }

    /// Moves what is kept to the front, without the gap.
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

    /// Moves what is kept to the front of other memory, of `size` bytes if that is room enough.
    pub(super) fn resize(&mut self, size: usize) {
        if self.is_empty() {
            self.bytes = Box::default(); // so that there are not both at once
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

    /// Moves what is kept into memory of that size.
    pub(super) fn park(&mut self, size: usize) -> Self {
        let mut bytes = vec![0; size.max(self.kept())].into_boxed_slice();
        self.copy_to(&mut bytes);
        let mut places = self.places.take();
        places.moved_to_front();
        Self { bytes, places }
    }

    /// Moves what `other` keeps into this memory, if it is empty and has room for it, and frees what
    /// that lay in.
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
    /// Leaves nothing there.
    fn take(&mut self) -> Self {
        let spare = self.spare.take();
        mem::replace(self, Self { spare, ..Self::default() })
    }

    /// What is kept now lies at the front, without the gap.
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
    /// The message that begins with `part`, whose payload begins at `start`.
    fn new(part: &Part, start: usize) -> Self {
        let utf8 = (part.kind() == MessageKind::Text).then(Utf8::new);
        Self { open: OpenMessage::new(part), lies: start..start, utf8 }
    }

    /// Appends a part that lies at `from` in the area, and that is still masked, and checks it.
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
        let key = part.key.filter(|_| from == to); // or it is unmasked by now
        self.check(key, piece)
    }

    /// The same for what lies right behind what is held, and is of the middle of its frame.
    fn extend(&mut self, piece: &mut [u8]) -> Result<(), InvalidUtf8> {
        let key = self.open.key;
        self.open.advance(piece.len());
        self.lies.end += piece.len();
        self.check(key, piece)
    }

    /// Unmasks what was appended, if there is a key, and checks it.
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

    /// The message, whose payload is `octets`, now that its last part is in.
    fn delivered<'a>(&self, payload: &'a mut [u8]) -> Result<Event<Payload<'a>>, ProtocolError> {
        let payload = Payload::Borrowed(payload);
        match self.utf8 {
            None => Ok(Event::Binary(payload)),
            Some(utf8) if utf8.finish().is_ok() => {
                // SAFETY: `check` fed `utf8` with these bytes, and with no others, in this order,
                // and nothing has changed them since: see the invariant at the top of this file.
                // The guard has it that they end with a whole character.
                Ok(Event::Text(unsafe { Text::checked(payload) }))
            }
            Some(_) => Err(ProtocolError::InvalidUtf8 { at: self.open.taken }),
        }
    }
}
