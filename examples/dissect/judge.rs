//! What is illegal: the header's errors, and the rules that depend on earlier frames.

use crate::wire::WireHeader;
use patchcord::codec::ProtocolError;
use patchcord::frame::{Close, HeaderError, Opcode, Rsv};
use patchcord::{MessageKind, Utf8};
use std::fmt;

/// The sender of the bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sender {
    Client,
    Server,
}

/// A broken rule.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Protocol(ProtocolError),
    /// A data frame behind a Close.
    DataAfterClose,
}

impl Fault {
    /// Returns the section of RFC 6455 that has the rule.
    fn section(self) -> &'static str {
        match self {
            Self::Protocol(error) => error.section(),
            Self::DataAfterClose => "5.5.1",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Protocol(error) => error.fmt(f)?,
            Self::DataAfterClose => f.write_str("a data frame follows a close frame")?,
        }
        write!(f, " (RFC 6455 section {})", self.section())
    }
}

/// The state to keep from one frame to the next.
#[derive(Default)]
pub(crate) struct Judge {
    pub(crate) sender: Option<Sender>,
    /// The reserved bits that an extension uses in the first frame of a message.
    pub(crate) agreed: Rsv,
    open: Option<Message>,
    closed: bool,
}

/// The message whose last fragment has not ended.
struct Message {
    kind: MessageKind,
    /// The check of its text, until it fails.
    utf8: Option<Utf8>,
    length: u64,
}

impl Judge {
    /// Judges a header, and opens the message that it begins.
    pub(crate) fn header(&mut self, header: &WireHeader) -> Vec<Fault> {
        let mut errors: Vec<_> = header.errors().map(ProtocolError::Header).collect();
        if !self.allowed(header.opcode()).contains(header.rsv()) {
            errors.push(ProtocolError::ReservedBits(header.rsv()));
        }
        errors.extend(self.masking(header.raw.masking_key.is_some()));
        errors.extend(header.opcode().and_then(|opcode| self.order(opcode, header.rsv())));
        let mut faults: Vec<_> = errors.into_iter().map(Fault::Protocol).collect();
        let data = header.opcode().is_some_and(|opcode| !opcode.is_control());
        if data && self.closed {
            faults.push(Fault::DataAfterClose);
        }
        self.closed |= header.opcode() == Some(Opcode::Close);
        faults
    }

    fn allowed(&self, opcode: Option<Opcode>) -> Rsv {
        match opcode {
            Some(Opcode::Text | Opcode::Binary) => self.agreed,
            _ => Rsv::NONE,
        }
    }

    /// The first frame decides the sender, unless it is known.
    fn masking(&mut self, masked: bool) -> Option<ProtocolError> {
        let guess = if masked { Sender::Client } else { Sender::Server };
        match (*self.sender.get_or_insert(guess), masked) {
            (Sender::Client, false) => Some(ProtocolError::NotMasked),
            (Sender::Server, true) => Some(ProtocolError::Masked),
            _ => None,
        }
    }

    /// A message inside a message replaces the open one.
    fn order(&mut self, opcode: Opcode, rsv: Rsv) -> Option<ProtocolError> {
        let kind = match opcode {
            Opcode::Text => MessageKind::Text,
            Opcode::Binary => MessageKind::Binary,
            Opcode::Continuation if self.open.is_none() => {
                return Some(ProtocolError::NothingToContinue);
            }
            _ => return None,
        };
        // The effect of a reserved bit on the payload is unknown: it may be compressed.
        let checked = kind == MessageKind::Text && rsv == Rsv::NONE;
        let message = Message { kind, utf8: checked.then(Utf8::new), length: 0 };
        self.open.replace(message).map(|_| ProtocolError::MessageInsideMessage)
    }

    /// Returns the kind of the open message.
    pub(crate) fn kind(&self) -> Option<MessageKind> {
        self.open.as_ref().map(|message| message.kind)
    }

    /// Judges the next piece of a data frame's unmasked payload.
    pub(crate) fn piece(&mut self, piece: &[u8]) -> Option<Fault> {
        let message = self.open.as_mut()?;
        let before = message.length;
        message.length += piece.len() as u64;
        let error = message.utf8.as_mut()?.feed(piece).err()?;
        message.utf8 = None;
        Some(invalid_utf8(before + error.at as u64))
    }

    /// Ends the open message, like the end of its last fragment.
    pub(crate) fn end_message(&mut self) -> Option<Fault> {
        let message = self.open.take()?;
        message.utf8?.finish().err().map(|_| invalid_utf8(message.length))
    }
}

fn invalid_utf8(at: u64) -> Fault {
    Fault::Protocol(ProtocolError::InvalidUtf8 { at })
}

/// Judges the body of a Close, unless its length was illegal already.
pub(crate) fn close(header: &WireHeader, body: &[u8]) -> Option<Fault> {
    let is_of_length =
        |error| matches!(error, HeaderError::ControlTooLong | HeaderError::CloseTooShort);
    if header.errors().any(is_of_length) {
        return None;
    }
    Close::parse(body).err().map(|error| Fault::Protocol(error.into()))
}
