//! What is not delivered as it lies: messages in fragments or in pieces, and compressed ones.

use super::shortcuts::shortcut_below;
use super::{Decoder, Phase};
use crate::codec::assembler::Assembler;
use crate::codec::part::{Open, Part};
use crate::codec::{Delivery, Event, Fragment, Input, ProtocolError};
use crate::payload::{Delivered, InvalidUtf8};
use alloc::vec::Vec;
use core::mem;

impl Decoder {
    /// Takes a compressed message that came in one frame.
    pub(super) fn inflate<I: Input>(
        &mut self,
        part: Part,
        input: &mut I,
    ) -> Result<Option<Event<I::Payload>>, ProtocolError> {
        let mut assembler = Assembler::new(part.kind(), Delivery::Messages);
        let data = part.unmask(input);
        self.inflating.comes_whole(data.as_ref().len());
        let inflated = assembler
            .inflate(data.as_ref(), 0, &mut self.inflating)
            .and_then(|length| self.inflating.finish().and_then(|()| assembler.finish(length)));
        match inflated {
            Ok(message) => Ok(message),
            Err(error) => self.fail(error),
        }
    }

    /// Takes a part of a message that is not delivered as it stands. The caller ends with an error.
    pub(super) fn fragment<I: Input>(
        &mut self,
        part: Part,
        input: &mut I,
    ) -> Result<Option<Event<I::Payload>>, ProtocolError> {
        let (first, mut open) = match mem::replace(&mut self.phase, Phase::Ready) {
            Phase::Message(open) => (false, open),
            _ => (true, Open::new(&part, self.delivery)),
        };
        open.begin(&part);
        let before = open.taken;
        let at = |error: InvalidUtf8| ProtocolError::InvalidUtf8 { at: before + error.at as u64 };
        let payload = match (self.delivery, open.compressed) {
            (Delivery::Messages, false) => {
                let end = part.header + part.payload;
                let bytes = &input.bytes()[part.header..end];
                open.assembler.join(bytes, part.key, part.left).map_err(at)?;
                input.skip(end);
                open.taken += part.payload as u64;
                None
            }
            (Delivery::Messages, true) => {
                let data = part.unmask(input);
                open.taken = open.assembler.inflate(data.as_ref(), before, &mut self.inflating)?;
                None
            }
            (Delivery::Fragments, false) => {
                let payload = part.unmask(input);
                open.assembler.check(payload.as_ref()).map_err(at)?;
                open.taken += part.payload as u64;
                Some(payload)
            }
            (Delivery::Fragments, true) => {
                let mut piece = Vec::new();
                let inflated = self.inflating.inflate(part.unmask(input).as_ref(), &mut piece);
                open.assembler.check(&piece).map_err(at)?; // what is bad in it came first
                inflated?;
                open.taken += piece.len() as u64;
                Some(I::Payload::joined(piece))
            }
        };
        let (kind, last) = (open.assembler.kind(), part.is_last());
        let delivered =
            payload.map(|payload| Event::Fragment(Fragment { kind, first, last, payload }));
        if !last {
            self.phase = Phase::Message(open);
            self.shortcut_below = 0;
            return Ok(delivered);
        }
        self.shortcut_below = shortcut_below(&self.limits, self.delivery);
        if open.compressed {
            self.inflating.finish()?;
        }
        Ok(open.assembler.finish(open.taken)?.or(delivered))
    }
}
