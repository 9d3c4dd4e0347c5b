//! The shortcuts: messages of one frame with nothing about them that needs a closer look. They
//! take nearly every frame, and nothing that the long way would refuse.

use super::Decoder;
use crate::codec::compression::Inflating;
use crate::codec::part::unmasked;
use crate::codec::run;
use crate::codec::{Delivery, Event, Input, Limits, ProtocolError};
use crate::frame::{FIN, Opcode, Short};
use crate::mask::MaskingKey;
use crate::payload::{Delivered, Text};

impl Decoder {
    /// Takes no shortcut any more: what comes is dropped by the connection.
    pub(crate) fn stop(&mut self) {
        self.direct = 0;
        self.inflating = Inflating::NO;
    }

    /// Takes a message of one frame of fewer than 64 KiB, if one comes next, still masked: nearly
    /// every frame.
    #[inline(always)]
    pub(crate) fn whole<I: Input>(&self, input: &mut I) -> Option<Whole<I::Payload>> {
        let Short { first, size, length, key } = Short::parse(input.bytes(), self.masked)?;
        let is_text = first == TEXT;
        if !(is_text || first == BINARY) || u32::from(length) >= self.direct {
            return None;
        }
        Some(Whole { is_text, key, payload: input.take(size, length.into())? })
    }

    /// Whether all was consumed, and nothing but more of it could change that: what ends most
    /// loops of a receiver.
    #[inline(always)]
    pub(crate) fn has_no_more<I: Input>(&self, input: &I) -> bool {
        input.bytes().is_empty() && self.direct > 0
    }

    /// Takes what comes next if it is no such message.
    #[inline(never)]
    pub(crate) fn other<I: Input>(
        &mut self,
        input: &mut I,
    ) -> Result<Option<Event<I::Payload>>, ProtocolError> {
        if self.awaits_binary(input.bytes()) {
            return Ok(None);
        }
        match run::join(input, self.masked, self.limits.fragments, self.direct) {
            Some((opcode, payload)) => self.message(opcode, None, payload),
            None => self.any(input),
        }
    }

    /// Whether a binary message comes next that is not there whole, and is waited for.
    fn awaits_binary(&self, bytes: &[u8]) -> bool {
        Short::parse(bytes, self.masked).is_some_and(|Short { first, size, length, .. }| {
            first == BINARY
                && u32::from(length) < self.direct
                && u32::from(length) <= self.limits.whole
                && usize::from(length) > bytes.len() - size
        })
    }
}

/// A message that came in one frame.
pub(crate) struct Whole<P> {
    pub(crate) is_text: bool,
    key: Option<MaskingKey>,
    payload: P,
}

impl<P: Delivered + AsMut<[u8]>> Whole<P> {
    /// The octets, unmasked, if the message is binary.
    #[inline(always)]
    pub(crate) fn binary(self) -> P {
        unmasked(self.key, self.payload)
    }

    /// The text, unmasked, if it is one.
    #[inline(always)]
    pub(crate) fn text(self) -> Result<Text<P>, P> {
        Text::unmask(self.key, self.payload)
    }
}

const TEXT: u8 = FIN | Opcode::Text as u8;
const BINARY: u8 = FIN | Opcode::Binary as u8;

/// How many lengths a message in one frame may have, up to those of 16 bits, to be delivered as
/// it is.
pub(super) const fn direct(limits: &Limits, delivery: Delivery) -> u32 {
    let longest = if limits.frame < limits.message { limits.frame } else { limits.message };
    match delivery {
        Delivery::Messages if limits.fragments > 0 && longest >= 0xffff => 0x1_0000,
        Delivery::Messages if limits.fragments > 0 => longest as u32 + 1,
        _ => 0,
    }
}
