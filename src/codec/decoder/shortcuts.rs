//! The shortcuts: messages of one frame with nothing about them that needs a closer look. They
//! take nearly every frame, and nothing that the long way would refuse.

use super::Decoder;
use crate::codec::part::unmasked;
use crate::codec::run;
use crate::codec::{Delivery, Event, Input, Limits, ProtocolError};
use crate::frame::{FIN, Opcode, Short};
use crate::mask::MaskingKey;

impl Decoder {
    /// Takes no shortcut any more: what comes is dropped by the connection.
    pub(crate) const fn stop(&mut self) {
        self.direct = 0;
    }

    /// Takes a binary message, if one comes next in a frame of fewer than 64 KiB: nearly every
    /// frame of audio.
    #[inline(always)]
    pub(crate) fn binary<I: Input>(&mut self, input: &mut I) -> Option<I::Payload> {
        let (key, payload) = self.whole(Opcode::Binary, input)?;
        Some(unmasked(key, payload))
    }

    /// Takes such a message, whose payload is still masked.
    #[inline(always)]
    fn whole<I: Input>(
        &self,
        opcode: Opcode,
        input: &mut I,
    ) -> Option<(Option<MaskingKey>, I::Payload)> {
        let Short { first, size, length, key } = Short::parse(input.bytes(), self.masked)?;
        if first != FIN | opcode as u8 || u32::from(length) >= self.direct {
            return None;
        }
        Some((key, input.take(size, length.into())?))
    }

    /// Whether all was consumed, and nothing but more of it could change that: what ends most
    /// loops of a receiver.
    #[inline(always)]
    pub(crate) fn has_no_more<I: Input>(&self, input: &I) -> bool {
        input.bytes().is_empty() && self.direct > 0
    }

    /// Takes what comes next if it is no such binary message, which is text most often.
    #[inline(never)]
    pub(crate) fn other<I: Input>(
        &mut self,
        input: &mut I,
    ) -> Result<Option<Event<I::Payload>>, ProtocolError> {
        if let Some((key, payload)) = self.whole(Opcode::Text, input) {
            return self.message(Opcode::Text, key, payload);
        }
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
            first == FIN | Opcode::Binary as u8
                && u32::from(length) < self.direct
                && u32::from(length) <= self.limits.whole
                && usize::from(length) > bytes.len() - size
        })
    }
}

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
