//! The first data of a message, inflated symbol by symbol and without an engine.
//!
//! An engine takes 48 KB, whatever it works on. So a message that is open and of which little has
//! arrived is read at a cost in proportion to what arrived; an engine takes over when there is
//! more. The result is the same as zlib's, byte for byte: the same plaintext, and the same error at
//! the same byte.

mod blocks;

use super::code::{Bits, Code};
use super::window::Window;
use super::{InflateError, TAIL};
use alloc::boxed::Box;
use alloc::vec::Vec;
use blocks::{
    BACK, Codes, DISTANCES, END, FIXED, FIXED_DISTANCES, LENGTHS, LITERALS, Next, Place, block,
    extended, length,
};

/// The data of a message as far as it has arrived, from its start or from its last final block on.
#[derive(Default)]
pub(super) struct Opening {
    /// The data so far; an engine that takes over reads it again.
    data: Vec<u8>,
    /// The number of bits read so far.
    at: usize,
    /// The plaintext so far.
    plain: Vec<u8>,
    /// True if the block is marked as the final one.
    is_final: bool,
    place: Place,
    /// The codes of the block, if it has its own.
    codes: Option<Box<Codes>>,
}

/// The reason why reading stopped.
pub(super) enum Stop {
    /// The end of the data so far.
    Data,
    /// The end of a final block.
    Final,
    /// More data or more output than is read without an engine.
    Much,
}

/// The result of one step.
enum Step {
    On,
    /// The next item has not arrived in full.
    Cut,
    Final,
}

impl Opening {
    /// The most data read without an engine, in bytes. An engine's cost is then spread over at
    /// least this many bytes.
    pub(super) const DATA: usize = 512;

    /// The most plaintext produced before an engine takes over, in bytes.
    const PLAIN: usize = 1024;

    /// Returns the plaintext so far.
    pub(super) fn plain(&self) -> &[u8] {
        &self.plain
    }

    /// Returns the data so far and its plaintext.
    pub(super) fn into_parts(self) -> (Vec<u8>, Vec<u8>) {
        (self.data, self.plain)
    }

    /// Starts again after a final block.
    pub(super) fn restart(&mut self) {
        self.data.clear();
        self.plain.clear();
        (self.at, self.is_final, self.place) = (0, false, Place::Block);
    }

    /// Checks whether the data is complete once the bytes that senders leave out are added, with no
    /// output from them: `Some(true)` if it ends with a final block. Nothing may be read after this
    /// call.
    pub(super) fn end(&mut self, window: &Window) -> Option<bool> {
        let length = self.plain.len();
        self.data.extend_from_slice(&TAIL);
        let stop = self.steps(window, length + 1, usize::MAX);
        let is_whole = self.at == self.data.len() * 8 && self.plain.len() == length;
        match stop {
            Ok(Stop::Final) if is_whole => Some(true),
            Ok(Stop::Data) if is_whole && matches!(self.place, Place::Block) => Some(false),
            _ => None,
        }
    }

    /// Reads data until nothing more comes out, or `room` bytes have come out, and returns how much
    /// was read. On an error, the output before it is in [`plain`](Self::plain), as always.
    pub(super) fn read(
        &mut self,
        data: &[u8],
        window: &Window,
        room: usize,
    ) -> (usize, Result<Stop, InflateError>) {
        // At most `DATA` bytes over all calls, which is what an open message may cost.
        let taken = data.len().min(Self::DATA - self.data.len());
        self.data.extend_from_slice(&data[..taken]);
        let end = self.plain.len().saturating_add(room);
        let stop = self.steps(window, end, Self::PLAIN);
        let unread = match stop {
            Ok(Stop::Final | Stop::Much) => (self.data.len() - self.at.div_ceil(8)).min(taken),
            _ => 0,
        };
        self.data.truncate(self.data.len() - unread);
        let stop = match stop {
            // Read to the last bit of what was taken, so that an engine does not find more output
            // in it.
            Ok(Stop::Much) => self.steps(window, end, usize::MAX),
            stop => stop,
        };
        match stop {
            Ok(Stop::Data) if taken - unread < data.len() => (taken - unread, Ok(Stop::Much)),
            _ => (taken - unread, stop),
        }
    }

    fn steps(&mut self, window: &Window, end: usize, most: usize) -> Result<Stop, InflateError> {
        while self.plain.len() < end {
            if self.plain.len() >= most {
                return Ok(Stop::Much);
            }
            match self.step(window, end)? {
                Step::On => {}
                Step::Cut => return Ok(Stop::Data),
                Step::Final => return Ok(Stop::Final),
            }
        }
        Ok(Stop::Data)
    }

    /// Reads the next item if it has arrived in full; otherwise reads nothing.
    fn step(&mut self, window: &Window, end: usize) -> Result<Step, InflateError> {
        let Self { data, at, plain, is_final, place, codes } = self;
        let mut bits = Bits { data, at: *at };
        let mut history = History { plain, window, end };
        let next = match *place {
            Place::Block => block(&mut bits, is_final)?,
            Place::Length => length(&mut bits)?,
            Place::Stored(left) => history.stored(&mut bits, left),
            Place::Fixed => history.symbol(&mut bits, &FIXED, &FIXED_DISTANCES)?,
            place => {
                let codes = codes.get_or_insert_default();
                match place {
                    Place::Dynamic => {
                        history.symbol(&mut bits, &codes.literals, &codes.distances)?
                    }
                    place => codes.header(&mut bits, place)?,
                }
            }
        };
        match next {
            None => return Ok(Step::Cut),
            Some(Next::Same) => {}
            Some(Next::Place(next)) => *place = next,
            Some(Next::End) => *place = Place::Block,
        }
        let is_over = *is_final && matches!(next, Some(Next::End));
        if is_over {
            bits.align(); // RFC 7692 section 7.2.1: the next block follows at the next byte
        }
        *at = bits.at;
        Ok(if is_over { Step::Final } else { Step::On })
    }
}

/// The plaintext that data may refer to, and the plaintext it inflates to.
struct History<'opening> {
    plain: &'opening mut Vec<u8>,
    window: &'opening Window,
    /// The length that `plain` may reach.
    end: usize,
}

impl History<'_> {
    /// Copies bytes of a block without compression.
    fn stored(&mut self, bits: &mut Bits<'_>, left: usize) -> Option<Next> {
        if left == 0 {
            return Some(Next::End);
        }
        let there = &bits.data[bits.at / 8..];
        let length = left.min(there.len()).min(self.end - self.plain.len());
        self.plain.extend_from_slice(&there[..length]);
        bits.at += length * 8;
        (length > 0).then_some(Next::Place(Place::Stored(left - length)))
    }

    /// Reads a literal, a match or the end of the block (RFC 1951 section 3.2.5).
    fn symbol(
        &mut self,
        bits: &mut Bits<'_>,
        literals: &Code<LITERALS>,
        distances: &Code<DISTANCES>,
    ) -> Result<Option<Next>, InflateError> {
        let Some(symbol) = literals.symbol(bits)? else { return Ok(None) };
        let Some(at) = symbol.checked_sub(END + 1) else {
            if symbol == END {
                return Ok(Some(Next::End));
            }
            self.plain.push(symbol as u8);
            return Ok(Some(Next::Same));
        };
        let Some(length) = extended(bits, &LENGTHS, at)? else { return Ok(None) };
        let Some(symbol) = distances.symbol(bits)? else { return Ok(None) };
        let Some(distance) = extended(bits, &BACK, symbol)? else { return Ok(None) };
        self.copy(length, distance).map(|()| Some(Next::Same))
    }

    fn copy(&mut self, length: usize, distance: usize) -> Result<(), InflateError> {
        if distance > self.plain.len() + self.window.len() {
            return Err(InflateError::Data);
        }
        let end = self.end.min(self.plain.len() + length);
        // The beginning of the match lies in the window, before this message.
        while self.plain.len() < end && self.plain.len() < distance {
            self.plain.push(self.window.back(distance - self.plain.len()));
        }
        // A repeated sequence doubles as it is copied: a run of one byte takes only a few rounds.
        let start = self.plain.len().saturating_sub(distance);
        while self.plain.len() < end {
            let more = (end - self.plain.len()).min(self.plain.len() - start);
            self.plain.extend_from_within(start..start + more);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
