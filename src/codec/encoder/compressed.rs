//! Compressed messages (RFC 7692).

use super::{Deflating, Encoder, Sending, header};
use crate::codec::{Fragment, Message, Role, SendError};
use crate::deflate::Deflater;
use crate::frame::{MAX_HEADER, Rsv};
use alloc::boxed::Box;
use alloc::vec::Vec;
use bytes::BufMut;

impl<R: Role> Encoder<R> {
    /// Returns the encoder with a deflater for its `encode_compressed` methods.
    #[doc(alias("permessage-deflate", "compression"))]
    #[must_use]
    pub fn with_deflater(self, deflater: Deflater) -> Self {
        Self { deflating: Deflating::by(deflater), ..self }
    }

    /// Appends a message to `out`, in one frame, compressed if that was agreed on and pays off.
    ///
    /// Messages shorter than [`Compression::threshold`](crate::deflate::Compression::threshold) are
    /// sent uncompressed, as by [`encode`](Self::encode).
    ///
    /// # Errors
    /// As for [`encode`](Self::encode). `out` needs room for the worst case, an eighth more than
    /// the message; this is checked before anything is compressed.
    pub fn encode_compressed(
        &mut self,
        message: Message<'_>,
        out: &mut impl BufMut,
    ) -> Result<(), SendError> {
        self.may_send_message()?;
        let payload = message.payload();
        let Some(deflater) = self.deflating.deflater_for(payload.len()) else {
            return self.encode(message, out);
        };
        let mut data = Vec::new();
        ask_room(payload, out)?;
        // Draw the key before the deflater's context changes: the source can panic, and the peer's
        // context would then lack this message.
        let key = self.role.masking_key();
        deflater.finish(payload, &mut data);
        let opcode = message.kind().opcode();
        if data.len() >= payload.len() && !deflater.context().takeover {
            // Without takeover, later messages do not refer to this one: it can go uncompressed.
            return self.put_and_enter(Sending::All, header(opcode, payload)?, key, payload, out);
        }
        let header = header(opcode, &data)?.with_rsv(Rsv::RSV1);
        self.put_and_enter(Sending::All, header, key, &data, out)
    }

    /// Appends a part of a message to `out`, as one fragment, compressed if that was agreed on.
    ///
    /// Send all fragments of a message by this method, or all by
    /// [`encode_fragment`](Self::encode_fragment): the first frame says for all of them whether the
    /// message is compressed (RFC 7692 section 6.1).
    ///
    /// # Errors
    /// As for [`encode_fragment`](Self::encode_fragment); `out` needs as much room as for
    /// [`encode_compressed`](Self::encode_compressed).
    pub fn encode_compressed_fragment(
        &mut self,
        fragment: Fragment<&[u8]>,
        out: &mut impl BufMut,
    ) -> Result<(), SendError> {
        if self.deflating.deflater.is_none() {
            return self.encode_fragment(fragment, out);
        }
        let (opcode, mut open) = self.next_fragment(&fragment, true)?;
        let Fragment { first, last, payload, .. } = fragment;
        open.check(payload, last).map_err(SendError::InvalidUtf8)?;
        ask_room(payload, out)?;
        let key = self.role.masking_key();
        let mut data = Vec::new();
        match &mut self.deflating.deflater {
            Some(deflater) if last => deflater.finish(payload, &mut data),
            Some(deflater) => deflater.deflate(payload, &mut data),
            None => {}
        }
        let header = header(opcode, &data)?;
        let header = if first { header.with_rsv(Rsv::RSV1) } else { header };
        self.put_fragment((header, key), &data, open, last, out)
    }
}

impl Deflating {
    fn deflater_for(&mut self, length: usize) -> Option<&mut Deflater> {
        self.deflater.as_deref_mut().filter(|deflater| deflater.is_worth(length))
    }

    fn by(deflater: Deflater) -> Self {
        Self { deflater: Some(Box::new(deflater)) }
    }
}

/// Checks for room before anything is compressed: data that was compressed has to be sent, since
/// the context has changed.
fn ask_room(payload: &[u8], out: &impl BufMut) -> Result<(), SendError> {
    // The longest literals of DEFLATE's fixed code have 9 bits (RFC 1951 section 3.2.6), and a
    // message takes no more than that, besides the headers of its blocks.
    let needed = MAX_HEADER + payload.len() + payload.len() / 8 + 64;
    if out.remaining_mut() < needed {
        return Err(SendError::BufferTooSmall { needed });
    }
    Ok(())
}
