//! Headers, checked in the order in which their bytes arrive, and the parts of frames.

use super::{Decoder, Phase};
use crate::codec::part::{OpenMessage, Part};
use crate::codec::{MessageKind, ProtocolError};
use crate::frame::{Header, Length, MAX_HEADER, Opcode, Rsv, Start};

impl Decoder {
    /// Returns the number of bytes that `input` has to hold before the next call of
    /// [`decode`](Self::decode) can consume any. It is more than `input` holds now if the last call
    /// returned `None`.
    ///
    /// It is at most [`Limits::buffer_size`](crate::Limits::buffer_size).
    #[must_use]
    pub fn needed(&self, input: &[u8]) -> usize {
        match self.announced(self.known().as_ref(), input) {
            _ if self.is_inside_frame() || matches!(self.phase, Phase::Stopped) => 1,
            Ok(Some((start, length))) => {
                let (size, payload) = (length.header_size(self.masked), length.value);
                let waits = self.waits(start.opcode, payload);
                size.saturating_add(if waits { payload as usize } else { (payload > 0).into() })
            }
            Ok(None) | Err(_) => (input.len() + 1).min(MAX_HEADER),
        }
    }

    /// Returns the unfinished message, as far as it is known without the input that holds it.
    fn known(&self) -> Option<OpenMessage> {
        match &self.phase {
            Phase::Joining(message) => Some(message.open),
            _ => self.mark().map(OpenMessage::of),
        }
    }

    /// Returns the part of a frame at the front of `bytes` that can be consumed now.
    pub(super) fn part(
        &self,
        open: Option<&OpenMessage>,
        bytes: &[u8],
    ) -> Result<Option<Part>, ProtocolError> {
        if let Some(open) = open
            && open.rest > 0
        {
            return Ok(open.rest(bytes));
        }
        let Some((start, length)) = self.announced(open, bytes)? else { return Ok(None) };
        let Some((header, size)) =
            Header::complete(start, length, bytes.get(1..).unwrap_or_default())
        else {
            return Ok(None);
        };
        let there = bytes.len() - size;
        let payload = header.length().min(there as u64);
        let rest = header.length() - payload;
        if rest > 0 && (there == 0 || self.waits(start.opcode, header.length())) {
            return Ok(None);
        }
        Ok(Some(Part {
            header: size,
            payload: payload as usize,
            opcode: header.opcode(),
            key: header.masking_key(),
            fin: header.fin(),
            compressed: header.rsv() != Rsv::NONE,
            rest,
        }))
    }

    /// Returns whether a frame is consumed only when it is complete.
    ///
    /// Text is taken as it arrives, so that a bad byte fails the connection at once and no byte is
    /// checked twice. A continuation of a message that the input holds is taken as it arrives, too,
    /// so that few bytes behind it have to be moved.
    fn waits(&self, opcode: Opcode, length: u64) -> bool {
        let is_waited_for = match &self.phase {
            Phase::Held(_) => false,
            Phase::Joining(message) => message.open.kind == MessageKind::Binary,
            _ => opcode == Opcode::Binary,
        };
        opcode.is_control() || length <= self.limits.whole_frame.into() && is_waited_for
    }

    /// Checks a header byte by byte in the order of arrival, so that the error does not depend on
    /// where reads split the bytes. Only the masking key may still be missing then, and it decides
    /// nothing.
    fn announced(
        &self,
        open: Option<&OpenMessage>,
        bytes: &[u8],
    ) -> Result<Option<(Start, Length)>, ProtocolError> {
        let Some((&first, rest)) = bytes.split_first() else { return Ok(None) };
        let start = Start::parse(first)?;
        self.admit_start(open, start)?;
        let Some(&second) = rest.first() else { return Ok(None) };
        // RFC 6455 section 5.1: a client masks every frame, a server none.
        if Length::is_masked(second) != self.masked {
            return Err(if self.masked { ProtocolError::NotMasked } else { ProtocolError::Masked });
        }
        let Some(length) = Length::parse(start.opcode, rest)? else { return Ok(None) };
        if !start.opcode.is_control() {
            self.admit_length(open, length.value)?;
        }
        Ok(Some((start, length)))
    }

    fn admit_start(&self, open: Option<&OpenMessage>, start: Start) -> Result<(), ProtocolError> {
        // RFC 6455 section 5.2: RSV bits are 0 unless an extension defines them. RFC 7692 section
        // 6: RSV1 on the first frame of a message says that it is compressed.
        let may_be_compressed = matches!(start.opcode, Opcode::Text | Opcode::Binary)
            && start.rsv == Rsv::RSV1
            && self.inflating.is_agreed();
        if start.rsv != Rsv::NONE && !may_be_compressed {
            return Err(ProtocolError::ReservedBits(start.rsv));
        }
        // RFC 6455 section 5.4: fragments follow one another; control frames may come between.
        let fragments = match (start.opcode, open) {
            (Opcode::Continuation, None) => return Err(ProtocolError::NothingToContinue),
            (Opcode::Continuation, Some(open)) => open.fragments,
            (Opcode::Text | Opcode::Binary, Some(_)) => {
                return Err(ProtocolError::MessageInsideMessage);
            }
            (Opcode::Text | Opcode::Binary, None) => 0,
            _ => return Ok(()),
        };
        if fragments >= self.limits.fragments {
            return Err(ProtocolError::TooManyFragments);
        }
        Ok(())
    }

    fn admit_length(&self, open: Option<&OpenMessage>, length: u64) -> Result<(), ProtocolError> {
        let declared = open.map_or(0, |open| open.declared);
        if length > self.limits.frame {
            return Err(ProtocolError::FrameTooLong);
        }
        if length > self.limits.message.saturating_sub(declared) {
            return Err(ProtocolError::MessageTooLong);
        }
        Ok(())
    }
}
