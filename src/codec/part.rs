//! The unit of decoding: what of the bytes that are there can be consumed.

use super::{Event, Input, MessageKind, ProtocolError};
use crate::frame::{Close, CloseCode, Opcode};
use crate::mask::MaskingKey;

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
    pub(super) rest: u64,
}

impl Part {
    /// Whether its message ends here.
    pub(super) const fn is_last(&self) -> bool {
        self.fin && self.rest == 0
    }

    /// What the message is that begins with it.
    pub(super) const fn kind(&self) -> MessageKind {
        match self.opcode {
            Opcode::Text => MessageKind::Text,
            _ => MessageKind::Binary,
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

/// A message whose last part has not come: what its headers said, and how far it was taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct OpenMessage {
    pub(super) kind: MessageKind,
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

impl OpenMessage {
    /// The message that begins with `part`, of which nothing was taken.
    pub(super) const fn new(part: &Part) -> Self {
        Self {
            kind: part.kind(),
            compressed: part.compressed,
            declared: 0,
            fragments: 0,
            taken: 0,
            rest: 0,
            fin: false,
            key: None,
        }
    }

    /// A message of which no more is known: what it declared is what was taken.
    pub(super) const fn of(mark: Mark) -> Self {
        Self {
            kind: MessageKind::Binary,
            compressed: false,
            declared: mark.taken(),
            fragments: 0,
            taken: mark.taken(),
            rest: mark.is_inside_frame() as u64,
            fin: false,
            key: None,
        }
    }

    /// Notes that `part` is being taken.
    pub(super) fn begin(&mut self, part: &Part) {
        if self.rest == 0 {
            self.declared += part.payload as u64 + part.rest;
            self.fragments += 1;
        }
        self.rest = part.rest;
        self.fin = part.fin;
        self.key = part.key.map(|key| key.rotated(part.payload));
    }

    /// Notes that a piece of the frame was taken, of so many bytes, which are fewer than its rest.
    pub(super) fn advance(&mut self, length: usize) {
        self.rest -= length as u64;
        self.taken += length as u64;
        self.key = self.key.map(|key| key.rotated(length));
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
            rest: self.rest - payload,
        })
    }

    /// What a decoder knows of it while an input holds it.
    pub(super) const fn mark(&self) -> Mark {
        Mark(self.taken << 1 | (self.rest > 0) as u64)
    }
}

/// What a decoder knows of a message that its input holds: how much of it was taken, which tells it
/// from most others, and in the lowest bit whether a frame of it was taken in part. One word, since
/// no more fits beside what else a decoder may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark(u64);

impl Mark {
    /// That of a message of which nothing was taken.
    pub(super) const NOTHING: Self = Self(0);

    pub(super) const fn is_inside_frame(self) -> bool {
        self.0 & 1 != 0
    }

    const fn taken(self) -> u64 {
        self.0 >> 1
    }
}
