//! The message that is open: its parts joined, or only its text checked.

use super::{Delivery, Event, Kind, ProtocolError};
use crate::mask::{self, MaskingKey};
use crate::payload::{Delivered, InvalidUtf8, TextBuffer, Utf8};
use alloc::vec::Vec;
use core::fmt;

/// The data of a message between its first fragment and its last; memory grows with the bytes
/// that arrived, never by a length that was declared.
pub(super) enum Assembler {
    JoinedText(TextBuffer),
    JoinedBinary(Vec<u8>),
    CheckedText(Utf8),
    UncheckedBinary,
}

impl Assembler {
    pub(super) fn new(kind: Kind, delivery: Delivery) -> Self {
        match (delivery, kind) {
            (Delivery::Messages, Kind::Text) => Self::JoinedText(TextBuffer::default()),
            (Delivery::Messages, Kind::Binary) => Self::JoinedBinary(Vec::new()),
            (Delivery::Fragments, Kind::Text) => Self::CheckedText(Utf8::new()),
            (Delivery::Fragments, Kind::Binary) => Self::UncheckedBinary,
        }
    }

    pub(super) const fn kind(&self) -> Kind {
        match self {
            Self::JoinedText(_) | Self::CheckedText(_) => Kind::Text,
            Self::JoinedBinary(_) | Self::UncheckedBinary => Kind::Binary,
        }
    }

    /// Appends a part that is still masked, unmasking it on the way.
    pub(super) fn join(&mut self, part: &[u8], key: Option<MaskingKey>) -> Result<(), InvalidUtf8> {
        match self {
            Self::JoinedText(text) => return text.push(part, key),
            Self::JoinedBinary(octets) => {
                octets.reserve(part.len());
                mask::put(key, part, octets);
            }
            Self::CheckedText(_) | Self::UncheckedBinary => {}
        }
        Ok(())
    }

    /// Checks a part that is handed on as it is.
    pub(super) fn check(&mut self, part: &[u8]) -> Result<(), InvalidUtf8> {
        match self {
            Self::CheckedText(utf8) => utf8.feed(part),
            _ => Ok(()),
        }
    }

    /// The message, if its parts were joined, now that the last of its `length` bytes is in.
    pub(super) fn finish<P: Delivered>(
        self,
        length: u64,
    ) -> Result<Option<Event<P>>, ProtocolError> {
        let cut = |_| ProtocolError::InvalidUtf8 { at: length };
        match self {
            Self::JoinedText(text) => text.finish().map(|text| Some(Event::Text(text))),
            Self::JoinedBinary(octets) => Ok(Some(Event::Binary(P::joined(octets)))),
            Self::CheckedText(utf8) => utf8.finish().map(|()| None),
            Self::UncheckedBinary => Ok(None),
        }
        .map_err(cut)
    }
}

// The data is the peer's, and can be long: neither belongs in a log.
impl fmt::Debug for Assembler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Assembler({:?})", self.kind())
    }
}
