//! The unit of decoding: what of the bytes that are there can be consumed.

use super::assembler::Assembler;
use super::{Delivery, Event, Input, Kind, ProtocolError};
use crate::frame::{Close, CloseCode, Opcode};
use crate::mask::MaskingKey;
use alloc::boxed::Box;

/// What can be consumed now: `header` bytes, and then `payload` bytes of data.
#[derive(Clone, Copy)]
pub(super) struct Part {
    pub(super) header: usize,
    pub(super) payload: usize,
    pub(super) opcode: Opcode,
    pub(super) key: Option<MaskingKey>,
    /// Whether the message ends with the frame that this is a part of.
    pub(super) fin: bool,
    /// Whether the message that begins with it is compressed.
    pub(super) compressed: bool,
    /// How many bytes of that frame come after this part.
    pub(super) left: u64,
}

impl Part {
    /// Whether its message ends here.
    pub(super) const fn is_last(&self) -> bool {
        self.fin && self.left == 0
    }

    /// What the message is that begins with it.
    pub(super) const fn kind(&self) -> Kind {
        match self.opcode {
            Opcode::Text => Kind::Text,
            _ => Kind::Binary,
        }
    }

    /// Consumes the part, all of which is there, and returns its payload as it lies.
    pub(super) fn take<I: Input>(&self, input: &mut I) -> I::Payload {
        input.take(self.header, self.payload).unwrap_or_default()
    }

    /// Consumes the part, all of which is there, and returns its payload, unmasked where it lies.
    pub(super) fn unmask<I: Input>(&self, input: &mut I) -> I::Payload {
        unmasked(self.key, self.take(input))
    }
}

/// The payload, unmasked where it lies if there is a key.
#[inline(always)]
pub(super) fn unmasked<P: AsMut<[u8]>>(key: Option<MaskingKey>, mut payload: P) -> P {
    if let Some(key) = key {
        unmask(key, payload.as_mut());
    }
    payload
}

/// Not inlined, so that the loop that calls it is short.
#[inline(never)]
fn unmask(key: MaskingKey, payload: &mut [u8]) {
    key.apply(payload);
}

pub(super) fn control<I: Input>(
    part: Part,
    input: &mut I,
) -> Result<Event<I::Payload>, ProtocolError> {
    Ok(match part.opcode {
        Opcode::Ping => Event::Ping(part.unmask(input)),
        Opcode::Pong => Event::Pong(part.unmask(input)),
        _ => Event::Close(close(part, input)?),
    })
}

fn close<I: Input>(part: Part, input: &mut I) -> Result<Option<Close<I::Payload>>, ProtocolError> {
    if part.payload == 0 {
        input.skip(part.header);
        return Ok(None);
    }
    let code = Part { payload: CloseCode::SIZE, ..part }.unmask(input);
    let key = part.key.map(|key| key.rotated(CloseCode::SIZE));
    let length = part.payload - CloseCode::SIZE;
    let reason = Part { header: 0, payload: length, key, ..part }.unmask(input);
    Ok(Some(Close::from_parts(code.as_ref(), reason)?))
}

/// A message whose last part has not come: on the heap, since an idle connection has none.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) assembler: Assembler,
    pub(super) compressed: bool,
    /// How many bytes and fragments its headers have declared.
    pub(super) declared: u64,
    pub(super) fragments: u32,
    /// How many bytes of it were taken, inflated if it is compressed.
    pub(super) taken: u64,
    /// How much is still to come of a frame that is taken in pieces, and that frame's fields.
    pub(super) rest: u64,
    pub(super) fin: bool,
    pub(super) key: Option<MaskingKey>,
}

impl Open {
    /// The message that begins with `part`, of which nothing was taken.
    pub(super) fn new(part: &Part, delivery: Delivery) -> Box<Self> {
        Box::new(Self {
            assembler: Assembler::new(part.kind(), delivery),
            compressed: part.compressed,
            declared: 0,
            fragments: 0,
            taken: 0,
            rest: 0,
            fin: false,
            key: None,
        })
    }

    /// Notes that `part` is being taken.
    pub(super) fn begin(&mut self, part: &Part) {
        if self.rest == 0 {
            self.declared += part.payload as u64 + part.left;
            self.fragments += 1;
        }
        self.rest = part.left;
        self.fin = part.fin;
        self.key = part.key.map(|key| key.rotated(part.payload));
    }

    /// The next piece of the frame that is taken in pieces.
    pub(super) fn rest(&self, bytes: &[u8]) -> Option<Part> {
        let payload = self.rest.min(bytes.len() as u64);
        (payload > 0).then_some(Part {
            header: 0,
            payload: payload as usize,
            opcode: Opcode::Continuation,
            key: self.key,
            fin: self.fin,
            compressed: self.compressed,
            left: self.rest - payload,
        })
    }
}
