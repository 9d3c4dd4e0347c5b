//! The payload of an unfinished message: joined on the heap, or only checked as text.

use super::compression::Inflating;
use super::{Delivery, Event, MessageKind, ProtocolError};
use crate::mask::{self, MaskingKey};
use crate::payload::{Delivered, InvalidUtf8, TextBuffer, Utf8};
use alloc::vec::Vec;
use core::convert::Infallible;
use core::fmt;

/// The payload of a message between its first fragment and its last. Whatever length is declared,
/// it takes at most four times the bytes that arrived, even while it moves to larger memory: see
/// [`grow`].
pub(super) enum Assembler {
    JoinedText(TextBuffer),
    JoinedBinary(Vec<u8>),
    CheckedText(Utf8),
    UncheckedBinary,
}

impl Assembler {
    pub(super) fn new(kind: MessageKind, delivery: Delivery) -> Self {
        match (delivery, kind) {
            (Delivery::Messages, MessageKind::Text) => Self::JoinedText(TextBuffer::default()),
            (Delivery::Messages, MessageKind::Binary) => Self::JoinedBinary(Vec::new()),
            (Delivery::Fragments, MessageKind::Text) => Self::CheckedText(Utf8::new()),
            (Delivery::Fragments, MessageKind::Binary) => Self::UncheckedBinary,
        }
    }

    pub(super) const fn kind(&self) -> MessageKind {
        match self {
            Self::JoinedText(_) | Self::CheckedText(_) => MessageKind::Text,
            Self::JoinedBinary(_) | Self::UncheckedBinary => MessageKind::Binary,
        }
    }

    /// Appends a part that is still masked, and unmasks it in the same pass; `rest` bytes of its
    /// frame are still to come.
    pub(super) fn join(
        &mut self,
        part: &[u8],
        key: Option<MaskingKey>,
        rest: u64,
    ) -> Result<(), InvalidUtf8> {
        match self {
            Self::JoinedText(text) => {
                let Ok(checked) = text.append(|bytes| {
                    push(bytes, part, key, rest);
                    Ok::<(), Infallible>(())
                });
                checked.map(drop)
            }
            Self::JoinedBinary(bytes) => {
                push(bytes, part, key, rest);
                Ok(())
            }
            Self::CheckedText(_) | Self::UncheckedBinary => Ok(()),
        }
    }

    /// Inflates a part, and appends the result behind the `before` bytes of the message. Returns
    /// the new length of the message.
    pub(super) fn inflate(
        &mut self,
        part: &[u8],
        before: u64,
        inflating: &mut Inflating,
    ) -> Result<u64, ProtocolError> {
        match self {
            Self::JoinedText(text) => {
                let checked = text.append(|bytes| inflating.inflate(part, bytes))?;
                let at = |error: InvalidUtf8| before + error.at as u64;
                let appended =
                    checked.map_err(|error| ProtocolError::InvalidUtf8 { at: at(error) });
                Ok(before + appended? as u64)
            }
            Self::JoinedBinary(bytes) => {
                inflating.inflate(part, bytes)?;
                Ok(bytes.len() as u64)
            }
            Self::CheckedText(_) | Self::UncheckedBinary => Ok(before),
        }
    }

    /// Checks a part that is delivered without joining.
    pub(super) fn check(&mut self, part: &[u8]) -> Result<(), InvalidUtf8> {
        match self {
            Self::CheckedText(utf8) => utf8.feed(part),
            _ => Ok(()),
        }
    }

    /// Returns the message, if its parts were joined. All of its `length` bytes have been appended.
    pub(super) fn finish<P: Delivered>(
        self,
        length: u64,
    ) -> Result<Option<Event<P>>, ProtocolError> {
        let cut = |_| ProtocolError::InvalidUtf8 { at: length };
        match self {
            Self::JoinedText(text) => text.finish().map(|text| Some(Event::Text(text))),
            Self::JoinedBinary(bytes) => Ok(Some(Event::Binary(P::joined(bytes)))),
            Self::CheckedText(utf8) => utf8.finish().map(|()| None),
            Self::UncheckedBinary => Ok(None),
        }
        .map_err(cut)
    }
}

/// Appends a part, and unmasks it in the same pass; `rest` bytes of its frame are still to come.
fn push(bytes: &mut Vec<u8>, part: &[u8], key: Option<MaskingKey>, rest: u64) {
    if part.len() > bytes.capacity() - bytes.len() {
        grow(bytes, part.len(), rest);
    }
    mask::put(key, part, bytes);
}

/// Makes room for `part` bytes that do not fit, and for the `rest` behind them as far as [`AHEAD`]
/// allows. A length that a peer only declares costs no memory: the bytes that it sent pay for the
/// rest.
///
/// ```text
/// old memory   | bytes ..... |             less than what arrived, or the part would fit
/// new memory   | bytes ..... | part | ahead ................. |   at most AHEAD times that
/// ```
/// Both exist while the bytes move, and this is where a message takes the most memory. The new
/// memory is at least twice the old, so each byte moves once on average, however many parts arrive.
fn grow(bytes: &mut Vec<u8>, part: usize, rest: u64) {
    let arrived = bytes.len().saturating_add(part);
    let declared = arrived.saturating_add(rest.try_into().unwrap_or(usize::MAX));
    let size = declared.min(arrived.saturating_mul(AHEAD)).max(bytes.capacity().saturating_mul(2));
    bytes.reserve_exact(size.saturating_sub(bytes.len()));
}

/// The most new memory for an unfinished message when it grows, as a multiple of the bytes that
/// arrived. The old memory is at most once those bytes: together, the factor of four that the crate
/// promises.
const AHEAD: usize = 3;

// The payload is the peer's and can be long: it does not belong in a log.
impl fmt::Debug for Assembler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Assembler({:?})", self.kind())
    }
}
