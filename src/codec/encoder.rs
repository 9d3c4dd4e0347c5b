//! Messages into bytes, under the same rules as the decoder's.

use super::{Fragment, Kind, Message, Role, SendError, Server, Vectored};
use crate::frame::{Header, Opcode};
use crate::mask;
use crate::payload::Utf8;
use bytes::BufMut;

/// Turns what one end says into frames.
///
/// The verb says what it costs:
///
/// | verb | payload | for |
/// |---|---|---|
/// | [`encode`](Self::encode) | copied once, masked in the same pass | several frames in one write |
/// | [`encode_in_place`](Self::encode_in_place) | masked where it lies | a vectored write |
/// | [`encode_borrowed`](Encoder::encode_borrowed) | not touched | a vectored write, by a server |
///
/// ```
/// use patchcord::{Encoder, Message, Server};
///
/// let mut out = Vec::new();
/// Encoder::new(Server).encode(Message::Text("Hello"), &mut out)?;
/// assert_eq!(out, b"\x81\x05Hello"); // section 5.7
/// # Ok::<(), patchcord::SendError>(())
/// ```
#[derive(Debug)]
pub struct Encoder<R> {
    role: R,
    /// The message whose last fragment was not sent.
    open: Option<Open>,
}

#[derive(Clone, Copy, Debug)]
struct Open {
    kind: Kind,
    utf8: Utf8,
}

impl<R: Role> Encoder<R> {
    /// An encoder for this end of a connection.
    pub const fn new(role: R) -> Self {
        Self { role, open: None }
    }

    /// Appends a message to `out`, in one frame.
    ///
    /// A `Vec` or `BytesMut` grows as it needs; reserved space saves that.
    ///
    /// # Errors
    /// When `out` cannot hold the frame, or the last fragment of another message was not sent.
    #[inline]
    pub fn encode(&mut self, message: Message<'_>, out: &mut impl BufMut) -> Result<(), SendError> {
        let header = self.whole(message.kind(), message.payload())?;
        self.put(header, message.payload(), out)
    }

    /// Appends a part of a message to `out`, as one fragment (RFC 6455 section 5.4).
    ///
    /// # Errors
    /// When `out` cannot hold the frame, when the part does not follow on the one before, and
    /// when a part of a text makes it invalid UTF-8.
    pub fn encode_fragment(
        &mut self,
        fragment: Fragment<&[u8]>,
        out: &mut impl BufMut,
    ) -> Result<(), SendError> {
        let (opcode, mut open) = match self.open {
            None if fragment.first => {
                (fragment.kind.opcode(), Open { kind: fragment.kind, utf8: Utf8::new() })
            }
            Some(open) if !fragment.first && open.kind == fragment.kind => {
                (Opcode::Continuation, open)
            }
            _ => return Err(SendError::FragmentOrder),
        };
        if fragment.kind == Kind::Text {
            open.utf8.feed(fragment.payload).map_err(SendError::InvalidUtf8)?;
            if fragment.last {
                open.utf8.finish().map_err(SendError::InvalidUtf8)?;
            }
        }
        let mut header = header(opcode, fragment.payload)?;
        if !fragment.last {
            header = header.not_final().map_err(|_| SendError::FragmentOrder)?;
        }
        self.put(header, fragment.payload, out)?;
        self.open = (!fragment.last).then_some(open);
        Ok(())
    }

    /// Masks a message where it lies, and returns the frame for a vectored write.
    ///
    /// # Errors
    /// When `kind` is text and the payload is not UTF-8, or the last fragment of another
    /// message was not sent.
    #[inline]
    pub fn encode_in_place<'payload>(
        &mut self,
        kind: Kind,
        payload: &'payload mut [u8],
    ) -> Result<Vectored<'payload>, SendError> {
        if kind == Kind::Text {
            let mut utf8 = Utf8::new();
            utf8.feed(payload).and_then(|()| utf8.finish()).map_err(SendError::InvalidUtf8)?;
        }
        let key = self.role.masking_key();
        let header = self.whole(kind, payload)?.with_key(key);
        if let Some(key) = key {
            key.apply(payload);
        }
        Ok(Vectored::new(header.encode(), payload))
    }

    /// Appends a ping to `out` (section 5.5.2).
    ///
    /// # Errors
    /// When the payload has more than 125 bytes, or `out` cannot hold the frame.
    pub fn encode_ping(&mut self, payload: &[u8], out: &mut impl BufMut) -> Result<(), SendError> {
        self.control(Opcode::Ping, payload, out)
    }

    /// Appends a control frame.
    pub(crate) fn control(
        &mut self,
        opcode: Opcode,
        payload: &[u8],
        out: &mut impl BufMut,
    ) -> Result<(), SendError> {
        self.put(header(opcode, payload)?, payload, out)
    }

    /// The header of a message in one frame, if one may be sent now.
    #[inline]
    fn whole(&self, kind: Kind, payload: &[u8]) -> Result<Header, SendError> {
        // RFC 6455 section 5.4: the fragments of two messages are not interleaved.
        if self.open.is_some() {
            return Err(SendError::FragmentOrder);
        }
        header(kind.opcode(), payload)
    }

    #[inline]
    fn put(
        &mut self,
        header: Header,
        payload: &[u8],
        out: &mut impl BufMut,
    ) -> Result<(), SendError> {
        let key = self.role.masking_key();
        let header = header.with_key(key).encode();
        let needed = header.len() + payload.len();
        if out.remaining_mut() < needed {
            return Err(SendError::BufferTooSmall { needed });
        }
        out.put_slice(&header);
        mask::put(key, payload, out);
        Ok(())
    }
}

impl Encoder<Server> {
    /// Returns a message as a frame whose payload is not touched, for a vectored write.
    ///
    /// Only a server has this verb: a client must mask.
    ///
    /// # Errors
    /// When the last fragment of another message was not sent.
    #[inline]
    pub fn encode_borrowed<'payload>(
        &mut self,
        message: Message<'payload>,
    ) -> Result<Vectored<'payload>, SendError> {
        let header = self.whole(message.kind(), message.payload())?;
        Ok(Vectored::new(header.encode(), message.payload()))
    }
}

#[inline]
fn header(opcode: Opcode, payload: &[u8]) -> Result<Header, SendError> {
    // A slice is shorter than 2^63 bytes, so a control frame's length alone can be wrong.
    Header::new(opcode, payload.len() as u64)
        .map_err(|_| SendError::ControlTooLong { length: payload.len() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Client;
    use alloc::vec::Vec;

    #[test]
    fn each_frame_is_masked_with_a_key_of_its_own() {
        let mut drawn = 0;
        let mut encoder = Encoder::new(Client::new(|bytes: &mut [u8]| {
            drawn += 1;
            bytes.fill(drawn);
        }));
        let mut out = Vec::new();
        for _ in 0..2 {
            encoder.encode(Message::Binary(&[0; 3]), &mut out).unwrap();
        }
        assert_eq!(
            out,
            b"\x82\x83\x01\x01\x01\x01\x01\x01\x01\x82\x83\x02\x02\x02\x02\x02\x02\x02"
        );
    }
}
