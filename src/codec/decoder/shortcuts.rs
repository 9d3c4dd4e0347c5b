//! The shortcuts: short messages in a single frame, or in fragments that have all arrived. They
//! take nearly every frame, and none that the slow path would refuse.

use super::{Decoder, Phase};
use crate::codec::input::More;
use crate::codec::part::unmasked;
use crate::codec::run::{self, Joined};
use crate::codec::{Delivery, Event, Input, Limits, ProtocolError};
use crate::frame::{FIN, Opcode, Short};
use crate::mask::MaskingKey;
use crate::payload::{Delivered, InvalidUtf8, Text};

/// A receiver of a peer's bytes: a decoder or a connection. They have the shortcuts in common.
pub(crate) trait Receive {
    /// The buffer for answers.
    type Answers;

    fn decoder(&mut self) -> &mut Decoder;

    /// Notes the number of unread bytes before a shortcut and after it.
    #[inline(always)]
    fn took(&mut self, _before: usize, _after: usize) {}

    /// Fails: `bytes` are not valid UTF-8.
    fn not_utf8<T>(&mut self, bytes: &[u8], out: &mut Self::Answers) -> Result<T, ProtocolError>;

    /// Takes the next event that no shortcut took.
    fn slow_path<I: Input>(
        &mut self,
        input: &mut I,
        out: &mut Self::Answers,
    ) -> Result<Option<Event<I::Payload>>, ProtocolError>;

    /// Takes the next event.
    #[inline(always)]
    fn next<I: Input>(
        &mut self,
        input: &mut I,
        out: &mut Self::Answers,
    ) -> Result<Option<Event<I::Payload>>, ProtocolError> {
        let before = input.front().len();
        let mut message = self.decoder().single_frame(input);
        if message.is_none() {
            let is_ready = self.decoder().shortcut_below > 0;
            if is_ready && input.is_spent() {
                self.took(0, 0);
                return Ok(None); // the end of most receive loops
            }
            if is_ready && let Some(there) = input.waiting() {
                self.took(there, there);
                return Ok(None);
            }
            if before > 0
                && let Some(needed) = self.decoder().awaits_binary(input.front())
            {
                input.wait_for(needed);
                self.took(before, before);
                return Ok(None);
            }
            if I::HOLDS && !is_ready && before == 0 {
                let there = input.bytes().len();
                if self.decoder().goes_on(input) {
                    self.took(there, 0);
                    return Ok(None); // most reads of a long frame
                }
            }
            if is_ready && before > 0 {
                message = self.decoder().joined(input);
            }
        }
        let Some(message) = message else {
            input.wake();
            return self.slow_path(input, out);
        };
        self.took(before, input.front().len());
        if !message.is_text {
            return Ok(Some(Event::Binary(message.binary())));
        }
        match message.text() {
            Ok(text) => Ok(Some(Event::Text(text))),
            Err(bytes) => self.not_utf8(bytes.as_ref(), out),
        }
    }
}

impl Receive for Decoder {
    type Answers = ();

    #[inline(always)]
    fn decoder(&mut self) -> &mut Decoder {
        self
    }

    #[cold]
    #[inline(never)]
    fn not_utf8<T>(&mut self, bytes: &[u8], (): &mut ()) -> Result<T, ProtocolError> {
        let InvalidUtf8 { at } = InvalidUtf8::of(bytes);
        self.fail(ProtocolError::InvalidUtf8 { at: at as u64 })
    }

    #[inline(never)]
    fn slow_path<I: Input>(
        &mut self,
        input: &mut I,
        (): &mut (),
    ) -> Result<Option<Event<I::Payload>>, ProtocolError> {
        self.decode_slowly(input)
    }
}

impl Decoder {
    /// Takes a message in a single frame of less than 64 KiB, still masked, if one is next. Nearly
    /// every frame is one.
    #[inline(always)]
    fn single_frame<I: Input>(&self, input: &mut I) -> Option<SingleFrame<I::Payload>> {
        let Short { first, size, length, key } = Short::parse(input.front(), self.masked)?;
        let is_text = first == TEXT;
        if !(is_text || first == BINARY) || u32::from(length) >= self.shortcut_below {
            return None;
        }
        Some(SingleFrame { is_text, key, payload: input.take_front(size, length.into())? })
    }

    /// Takes a message whose fragments have all arrived, if one is next; it is joined and unmasked.
    #[inline(always)]
    fn joined<I: Input>(&self, input: &mut I) -> Option<SingleFrame<I::Payload>> {
        let Joined { first, is_text, length, behind } =
            run::join(input, self.masked, self.limits.fragments, self.shortcut_below)?;
        let payload = input.take_front(first.into(), length as usize)?;
        input.skip_front(behind as usize);
        Some(SingleFrame { is_text, key: None, payload })
    }

    /// Takes all unread bytes if they belong to the middle of a frame that the input holds in part,
    /// and returns whether it did. If they make a text invalid, the decoder fails, and
    /// [`slow_path`](Receive::slow_path) returns the error.
    #[inline(never)]
    fn goes_on<I: Input>(&mut self, input: &mut I) -> bool {
        let Phase::Held(mark) = &mut self.phase else { return false };
        match input.more(mark) {
            More::Taken => return true,
            More::Other => {}
            More::InvalidUtf8 { at } => {
                self.end(Phase::Failed(ProtocolError::InvalidUtf8 { at }));
            }
        }
        false
    }

    /// Returns the size of the next frame if it is an incomplete binary message for which the
    /// decoder waits.
    #[inline(never)]
    fn awaits_binary(&self, bytes: &[u8]) -> Option<usize> {
        let Short { first, size, length, .. } = Short::parse(bytes, self.masked)?;
        let is_waited_for = first == BINARY
            && u32::from(length) < self.shortcut_below
            && u32::from(length) <= self.limits.whole_frame;
        is_waited_for.then_some(size + usize::from(length))
    }
}

/// A message that arrived in a single frame, or was joined from fragments.
struct SingleFrame<P> {
    is_text: bool,
    key: Option<MaskingKey>,
    payload: P,
}

impl<P: Delivered + AsMut<[u8]>> SingleFrame<P> {
    /// Returns the payload of a binary message, unmasked.
    #[inline(always)]
    fn binary(self) -> P {
        unmasked(self.key, self.payload)
    }

    /// Returns the text, unmasked, or the payload if it is not valid UTF-8.
    #[inline(always)]
    fn text(self) -> Result<Text<P>, P> {
        Text::unmask(self.key, self.payload)
    }
}

const TEXT: u8 = FIN | Opcode::Text as u8;
const BINARY: u8 = FIN | Opcode::Binary as u8;

/// Returns one more than the longest payload that a shortcut accepts, which is at most what a
/// length of 16 bits can declare; 0 if there is no shortcut.
pub(super) const fn shortcut_below(limits: &Limits, delivery: Delivery) -> u32 {
    let longest = if limits.frame < limits.message { limits.frame } else { limits.message };
    match delivery {
        Delivery::Messages if limits.fragments > 0 && longest >= 0xffff => 0x1_0000,
        Delivery::Messages if limits.fragments > 0 => longest as u32 + 1,
        _ => 0,
    }
}
