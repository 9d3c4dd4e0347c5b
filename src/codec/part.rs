//! The unit of decoding: a part of a frame that can be consumed.

use super::{Event, Input, MessageKind, ProtocolError};
use crate::frame::{Close, CloseCode, Opcode};
use crate::mask::MaskingKey;

/// A part of a frame that can be consumed now: `header` bytes, and then `payload` bytes.
#[derive(Clone, Copy)]
pub(super) struct Part {
    pub(super) header: usize,
    pub(super) payload: usize,
    pub(super) opcode: Opcode,
    pub(super) key: Option<MaskingKey>,
    /// Whether the message ends with this frame.
    pub(super) fin: bool,
    /// Whether the message is compressed, if it begins with this part.
    pub(super) compressed: bool,
    /// The number of bytes of the frame behind this part.
    pub(super) rest: u64,
}

impl Part {
    /// Returns whether the message ends with this part.
    pub(super) const fn is_last(&self) -> bool {
        self.fin && self.rest == 0
    }

    /// Returns the kind of the message that begins with this part.
    pub(super) const fn kind(&self) -> MessageKind {
        match self.opcode {
            Opcode::Text => MessageKind::Text,
            _ => MessageKind::Binary,
        }
    }

    /// Consumes the part, and returns its payload, still masked.
    pub(super) fn take<I: Input>(&self, input: &mut I) -> I::Payload {
        input.take(self.header, self.payload).unwrap_or_default()
    }

    /// Consumes the part, and returns its payload, unmasked in place.
    pub(super) fn unmask<I: Input>(&self, input: &mut I) -> I::Payload {
        unmasked(self.key, self.take(input))
    }
}

/// Returns the payload, unmasked in place if there is a key.
#[inline(always)]
pub(super) fn unmasked<P: AsMut<[u8]>>(key: Option<MaskingKey>, mut payload: P) -> P {
    if let Some(key) = key {
        unmask(key, payload.as_mut());
    }
    payload
}

/// Unmasks a payload. It is not inlined, so that the loop that calls it stays short.
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

/// An unfinished message: the sums over its headers, and the progress in its payload.
#[derive(Clone, Copy, Debug)]
pub(super) struct OpenMessage {
    pub(super) kind: MessageKind,
    pub(super) compressed: bool,
    /// The number of bytes and of fragments that its headers have declared.
    pub(super) declared: u64,
    pub(super) fragments: u32,
    /// The number of bytes taken, inflated if it is compressed.
    pub(super) taken: u64,
    /// The number of bytes still to come of a frame that is taken in pieces, and its other fields.
    pub(super) rest: u64,
    pub(super) fin: bool,
    pub(super) key: Option<MaskingKey>,
}

impl OpenMessage {
    /// Begins a message with `part`, which is not taken yet.
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

    /// Rebuilds a message from its mark alone: the bytes taken stand for those declared.
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

    /// Notes that a piece of the frame was taken, of `length` bytes, which is less than its rest.
    pub(super) fn advance(&mut self, length: usize) {
        self.rest -= length as u64;
        self.taken += length as u64;
        self.key = self.key.map(|key| key.rotated(length));
    }

    /// Returns the next piece of the frame that is taken in pieces.
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

    /// Returns the mark that the decoder keeps while an input holds the message.
    pub(super) const fn mark(&self) -> Mark {
        Mark(self.taken << 1 | (self.rest > 0) as u64)
    }
}

/// A decoder's record of the message that its input holds: the number of bytes taken, which
/// distinguishes it from most other messages, and in the lowest bit whether a frame was taken in
/// part. It is one word, so that it does not enlarge the decoder's `Phase`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark(u64);

impl Mark {
    /// The mark of a message of which no byte was taken.
    pub(super) const NOTHING: Self = Self(0);

    pub(super) const fn is_inside_frame(self) -> bool {
        self.0 & 1 != 0
    }

    const fn taken(self) -> u64 {
        self.0 >> 1
    }
}
