//! The message that is open: its fragments joined, or only its text checked.

use super::{Delivery, Event, Kind, ProtocolError};
use crate::mask::{self, MaskingKey};
use crate::payload::{Delivered, InvalidUtf8, TextBuffer, Utf8};
use alloc::vec::Vec;

/// The data of a message between its first fragment and its last; memory grows with the bytes
/// that arrived, never by a length that was declared.
#[derive(Debug)]
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
            Self::JoinedText(text) => text.push(part, key),
            Self::JoinedBinary(octets) => {
                octets.reserve(part.len());
                mask::put(key, part, octets);
                Ok(())
            }
            Self::CheckedText(_) | Self::UncheckedBinary => Ok(()),
        }
    }

    /// Checks a part that is handed on as it is.
    pub(super) fn check(&mut self, part: &[u8], last: bool) -> Result<(), InvalidUtf8> {
        let Self::CheckedText(utf8) = self else { return Ok(()) };
        utf8.feed(part)?;
        if last {
            utf8.finish().map_err(|_| InvalidUtf8 { at: part.len() })?;
        }
        Ok(())
    }

    /// The message, now that its last part is in.
    pub(super) fn finish<P: Delivered>(self) -> Result<Option<Event<P>>, ProtocolError> {
        Ok(match self {
            Self::JoinedText(text) => {
                let at = text.len() as u64;
                let text = text.finish().map_err(|_| ProtocolError::InvalidUtf8 { at })?;
                Some(Event::Text(text))
            }
            Self::JoinedBinary(octets) => Some(Event::Binary(P::joined(octets))),
            Self::CheckedText(_) | Self::UncheckedBinary => None,
        })
    }
}
