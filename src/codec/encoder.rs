//! Messages into bytes, under the rules that the decoder enforces.

#[cfg(feature = "deflate")]
mod compressed;
mod control;
mod put;

use super::compression::Deflating;
use super::{
    BorrowedFrame, Client, Fragment, Message, MessageKind, Prepared, Role, SendError, Server,
};
use crate::entropy::Entropy;
use crate::frame::{Header, Opcode};
use crate::mask::MaskingKey;
use crate::payload::{InvalidUtf8, Utf8};
use alloc::vec::Vec;
use bytes::{BufMut, Bytes};
use core::mem;
use put::{append, put};

/// Turns the messages of one end into frames.
///
/// The methods differ in what they do with the payload:
///
/// | method | payload | use |
/// |---|---|---|
/// | [`encode`](Self::encode) | copied once, masked in the same pass | several frames in one write |
/// | [`encode_in_place`](Self::encode_in_place) | masked in place | a vectored write |
/// | [`encode_borrowed`](Encoder::encode_borrowed) | not touched | a vectored write by a server |
/// | [`encode_prepared`](Encoder::encode_prepared) | shared | a server's message to many peers |
///
/// ```
/// use patchcord::{Encoder, Message};
///
/// let mut out = Vec::new();
/// Encoder::server().encode(Message::Text("Hello"), &mut out)?;
/// assert_eq!(out, b"\x81\x05Hello"); // section 5.7
/// # Ok::<(), patchcord::SendError>(())
/// ```
///
/// If the [`Entropy`] panics during a call, nothing has changed, and the call can be repeated. If
/// `out` panics, it may hold a part of a frame and must not be sent.
#[doc(alias("split", "FrameWriter"))]
#[derive(Debug)]
pub struct Encoder<R> {
    role: R,
    sending: Sending,
    deflating: Deflating,
}

/// The state of the stream: it decides which frames may be sent next.
#[derive(Clone, Copy, Debug)]
enum Sending {
    /// Any frame.
    All,
    /// Control frames, and the next fragment of this message.
    Fragments(FragmentedMessage),
    /// Pongs only: a Close was sent.
    Pongs,
}

/// A message whose last fragment was not sent yet.
#[derive(Clone, Copy, Debug)]
struct FragmentedMessage {
    kind: MessageKind,
    utf8: Utf8,
    compressed: bool,
}

impl<E: Entropy> Encoder<Client<E>> {
    /// Creates a client's encoder, which draws its masking keys from `entropy`.
    pub const fn client(entropy: E) -> Self {
        Self { role: Client { entropy }, sending: Sending::All, deflating: Deflating::NO }
    }
}

impl<R: Role> Encoder<R> {
    /// Appends a message to `out`, in one frame.
    ///
    /// A `Vec` or `BytesMut` grows as needed; reserve space to avoid that.
    ///
    /// # Errors
    /// When `out` cannot hold the frame, the last fragment of another message was not sent, or a
    /// Close was sent.
    #[inline(always)]
    pub fn encode(&mut self, message: Message<'_>, out: &mut impl BufMut) -> Result<(), SendError> {
        let header = self.message_header(message.kind(), message.payload())?;
        self.put(header, message.payload(), out)
    }

    /// As [`encode`](Self::encode), into a `Vec` that grows at most once: masking appends in
    /// pieces, and each could make it grow again.
    #[inline(always)]
    pub(crate) fn append(
        &mut self,
        message: Message<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), SendError> {
        let payload = message.payload();
        let header = self.message_header(message.kind(), payload)?;
        append(header, self.role.masking_key(), payload, out)
    }

    /// Appends a part of a message to `out`, as one fragment (RFC 6455 section 5.4).
    ///
    /// # Errors
    /// When `out` cannot hold the frame, the part does not continue the previous one, a part of a
    /// text makes it invalid UTF-8, or a Close was sent.
    pub fn encode_fragment(
        &mut self,
        fragment: Fragment<&[u8]>,
        out: &mut impl BufMut,
    ) -> Result<(), SendError> {
        let (opcode, mut open) = self.next_fragment(&fragment, false)?;
        let Fragment { last, payload, .. } = fragment;
        open.check(payload, last).map_err(SendError::InvalidUtf8)?;
        let header = header(opcode, payload)?;
        let key = self.role.masking_key();
        self.put_fragment((header, key), payload, open, last, out)
    }

    /// Masks a message in place, and returns the frame for a vectored write.
    ///
    /// # Errors
    /// When `kind` is text and the payload is not UTF-8, the last fragment of another message
    /// was not sent, or a Close was sent.
    #[inline(always)] // a result in memory would be stored in pieces, and its load wait for them
    pub fn encode_in_place<'payload>(
        &mut self,
        kind: MessageKind,
        payload: &'payload mut [u8],
    ) -> Result<BorrowedFrame<'payload>, SendError> {
        if kind == MessageKind::Text {
            check_text(payload)?;
        }
        let header = self.message_header(kind, payload)?;
        let key = self.role.masking_key();
        let header = header.with_masking_key(key);
        if let Some(key) = key {
            key.apply(payload);
        }
        Ok(BorrowedFrame::new(header.encode(), payload))
    }

    /// Refuses data from now on, whether a Close was sent or not.
    pub(crate) fn stop(&mut self) {
        self.sending = Sending::Pongs;
        self.deflating = Deflating::NO;
    }

    /// Returns the header of a message in a single frame, if a message may be sent now.
    #[inline]
    fn message_header(&self, kind: MessageKind, payload: &[u8]) -> Result<Header, SendError> {
        self.may_send_message()?;
        header(kind.opcode(), payload)
    }

    #[inline(always)]
    const fn may_send_message(&self) -> Result<(), SendError> {
        match self.sending {
            Sending::All => Ok(()), // one comparison here: the cold function tells the rest apart
            _ => self.may_not_send(),
        }
    }

    #[cold]
    #[inline(never)]
    const fn may_not_send(&self) -> Result<(), SendError> {
        match self.sending {
            Sending::All => Ok(()),
            // RFC 6455 section 5.4: the fragments of two messages are not interleaved.
            Sending::Fragments(_) => Err(SendError::FragmentOrder),
            // RFC 6455 section 5.5.1: no data follows a Close.
            Sending::Pongs => Err(SendError::Closed),
        }
    }

    /// Returns the opcode of a fragment, if it may be sent now, and its message.
    fn next_fragment(
        &self,
        fragment: &Fragment<&[u8]>,
        compressed: bool,
    ) -> Result<(Opcode, FragmentedMessage), SendError> {
        let &Fragment { kind, first, .. } = fragment;
        match self.sending {
            Sending::All if first => {
                Ok((kind.opcode(), FragmentedMessage { kind, utf8: Utf8::new(), compressed }))
            }
            Sending::Fragments(open)
                if !first && open.kind == kind && open.compressed == compressed =>
            {
                Ok((Opcode::Continuation, open))
            }
            Sending::Pongs => Err(SendError::Closed),
            _ => Err(SendError::FragmentOrder),
        }
    }

    fn put_fragment(
        &mut self,
        (header, key): (Header, Option<MaskingKey>),
        payload: &[u8],
        open: FragmentedMessage,
        last: bool,
        out: &mut impl BufMut,
    ) -> Result<(), SendError> {
        // This cannot fail: any data frame can be a fragment.
        let header = header.with_fin(last).unwrap_or(header);
        let then = if last { Sending::All } else { Sending::Fragments(open) };
        self.put_and_enter(then, header, key, payload, out)
    }

    /// Appends a frame, and enters the state `then`. During the call, data is refused: `out` is the
    /// caller's code, and can panic when it already holds a part of the frame.
    fn put_and_enter(
        &mut self,
        then: Sending,
        header: Header,
        key: Option<MaskingKey>,
        payload: &[u8],
        out: &mut impl BufMut,
    ) -> Result<(), SendError> {
        let before = mem::replace(&mut self.sending, Sending::Pongs);
        let put = put(header, key, payload, out);
        self.sending = if put.is_ok() { then } else { before };
        put
    }

    #[inline(always)]
    fn put(
        &mut self,
        header: Header,
        payload: &[u8],
        out: &mut impl BufMut,
    ) -> Result<(), SendError> {
        put(header, self.role.masking_key(), payload, out)
    }
}

impl FragmentedMessage {
    fn check(&mut self, part: &[u8], last: bool) -> Result<(), InvalidUtf8> {
        if self.kind == MessageKind::Text {
            self.utf8.feed(part)?;
            if last {
                self.utf8.finish()?;
            }
        }
        Ok(())
    }
}

impl Encoder<Server> {
    /// Creates a server's encoder.
    #[must_use]
    pub const fn server() -> Self {
        Self { role: Server, sending: Sending::All, deflating: Deflating::NO }
    }

    /// Returns the frame of a message that was encoded before, sharing its bytes. It is the
    /// compressed frame if there is one that this connection's peer can inflate.
    ///
    /// # Errors
    /// When the last fragment of another message was not sent, or a Close was sent.
    pub fn encode_prepared(&mut self, message: &Prepared) -> Result<Bytes, SendError> {
        self.may_send_message()?;
        Ok(message.frame(&self.deflating))
    }

    /// Returns the frame of a message without touching its payload, for a vectored write.
    ///
    /// It is for servers only: a client must mask.
    ///
    /// # Errors
    /// When the last fragment of another message was not sent, or a Close was sent.
    #[inline(always)]
    pub fn encode_borrowed<'payload>(
        &mut self,
        message: Message<'payload>,
    ) -> Result<BorrowedFrame<'payload>, SendError> {
        let header = self.message_header(message.kind(), message.payload())?;
        Ok(BorrowedFrame::new(header.encode(), message.payload()))
    }
}

#[inline(never)]
fn check_text(payload: &[u8]) -> Result<(), SendError> {
    let mut utf8 = Utf8::new();
    utf8.feed(payload).and_then(|()| utf8.finish()).map_err(SendError::InvalidUtf8)
}

#[inline]
fn header(opcode: Opcode, payload: &[u8]) -> Result<Header, SendError> {
    // A slice is shorter than 2^63 bytes, so only the length of a control frame can be wrong.
    Header::new(opcode, payload.len() as u64)
        .map_err(|_| SendError::ControlTooLong { length: payload.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_frame_is_masked_with_a_key_of_its_own() {
        let mut drawn = 0;
        let mut encoder = Encoder::client(|bytes: &mut [u8]| {
            drawn += 1;
            bytes.fill(drawn);
        });
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
