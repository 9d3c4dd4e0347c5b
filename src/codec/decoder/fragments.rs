//! Messages that cannot be delivered in place: those in fragments or pieces, which the input holds
//! or which are joined on the heap, and compressed ones.

use super::shortcuts::shortcut_below;
use super::{Decoder, Phase};
use crate::codec::assembler::Assembler;
use crate::codec::part::{OpenMessage, Part};
use crate::codec::{Delivery, Event, Fragment, Input, ProtocolError};
use crate::payload::{Delivered, InvalidUtf8};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::mem;

/// An unfinished message that no input holds.
#[derive(Debug)]
pub(super) struct Joining {
    pub(super) open: OpenMessage,
    assembler: Assembler,
}

impl Joining {
    /// Begins a message with `part`, which is not taken yet.
    fn new(part: &Part, delivery: Delivery) -> Box<Self> {
        let assembler = Assembler::new(part.kind(), delivery);
        Box::new(Self { open: OpenMessage::new(part), assembler })
    }
}

impl Decoder {
    /// Returns whether an input of type `I` holds the message to which `part` belongs.
    pub(super) fn is_held<I: Input>(&self, part: &Part) -> bool {
        let is_joined_elsewhere = part.compressed || matches!(self.phase, Phase::Joining(_));
        I::HOLDS && self.delivery == Delivery::Messages && !is_joined_elsewhere
    }

    /// Takes a part of a message that the input holds. After an error, the caller fails for good.
    pub(super) fn hold<I: Input>(
        &mut self,
        part: &Part,
        input: &mut I,
    ) -> Result<Option<Event<I::Payload>>, ProtocolError> {
        let mark = input.hold(part)?;
        if !part.is_last() {
            self.phase = Phase::Held(mark);
            self.shortcut_below = 0;
            return Ok(None);
        }
        self.phase = Phase::Ready;
        self.shortcut_below = shortcut_below(&self.limits, self.delivery);
        input.release()
    }

    /// Takes a compressed message in a single frame.
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

    /// Takes a part of a message that no input holds. After an error, the caller fails for good.
    pub(super) fn fragment<I: Input>(
        &mut self,
        part: Part,
        input: &mut I,
    ) -> Result<Option<Event<I::Payload>>, ProtocolError> {
        let (first, mut message) = match mem::replace(&mut self.phase, Phase::Ready) {
            Phase::Joining(message) => (false, message),
            _ => (true, Joining::new(&part, self.delivery)),
        };
        let Joining { open, assembler } = &mut *message;
        open.begin(&part);
        let before = open.taken;
        let at = |error: InvalidUtf8| ProtocolError::InvalidUtf8 { at: before + error.at as u64 };
        let payload = match (self.delivery, open.compressed) {
            (Delivery::Messages, false) => {
                let end = part.header + part.payload;
                let bytes = &input.bytes()[part.header..end];
                assembler.join(bytes, part.key, part.rest).map_err(at)?;
                input.skip(end);
                open.taken += part.payload as u64;
                None
            }
            (Delivery::Messages, true) => {
                let data = part.unmask(input);
                open.taken = assembler.inflate(data.as_ref(), before, &mut self.inflating)?;
                None
            }
            (Delivery::Fragments, false) => {
                let payload = part.unmask(input);
                assembler.check(payload.as_ref()).map_err(at)?;
                open.taken += part.payload as u64;
                Some(payload)
            }
            (Delivery::Fragments, true) => {
                let mut piece = Vec::new();
                let inflated = self.inflating.inflate(part.unmask(input).as_ref(), &mut piece);
                assembler.check(&piece).map_err(at)?; // bad text in it precedes the bad data
                inflated?;
                open.taken += piece.len() as u64;
                Some(I::Payload::joined(piece))
            }
        };
        let (kind, last) = (open.kind, part.is_last());
        let delivered =
            payload.map(|payload| Event::Fragment(Fragment { kind, first, last, payload }));
        if !last {
            self.phase = Phase::Joining(message);
            self.shortcut_below = 0;
            return Ok(delivered);
        }
        self.shortcut_below = shortcut_below(&self.limits, self.delivery);
        let Joining { open, assembler } = *message;
        if open.compressed {
            self.inflating.finish()?;
        }
        Ok(assembler.finish(open.taken)?.or(delivered))
    }
}
