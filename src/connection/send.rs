//! What this end says: messages, and the control frames that it owes.

use super::Connection;
use super::replies::Slot;
use super::state::Phase;
use crate::codec::{Encoder, Fragment, Kind, Message, Prepared, Role, SendError, Server, Vectored};
use crate::frame::{Close, CloseCode};
use alloc::vec::Vec;
use bytes::{BufMut, Bytes};

impl Connection<Server> {
    /// Sends a message without touching its payload: see [`Encoder::encode_borrowed`].
    ///
    /// # Errors
    /// When a Close was sent, the connection is lost, or the last fragment of another message
    /// was not sent.
    #[inline]
    pub fn send_borrowed<'payload>(
        &mut self,
        message: Message<'payload>,
    ) -> Result<Vectored<'payload>, SendError> {
        self.encoder.encode_borrowed(message)
    }

    /// Sends a message that was encoded before, for this and other connections.
    ///
    /// # Errors
    /// When a Close was sent, the connection is lost, or the last fragment of another message
    /// was not sent.
    pub fn send_prepared(&mut self, message: &Prepared) -> Result<Bytes, SendError> {
        self.encoder.encode_prepared(message)
    }
}

impl<R: Role> Connection<R> {
    /// Appends a message to `out`, in one frame.
    ///
    /// # Errors
    /// When a Close was sent, the connection is lost, `out` cannot hold the frame, or the last
    /// fragment of another message was not sent.
    #[inline]
    pub fn send(&mut self, message: Message<'_>, out: &mut impl BufMut) -> Result<(), SendError> {
        self.encoder.encode(message, out)
    }

    /// Masks a message where it lies, and returns the frame for a vectored write.
    ///
    /// # Errors
    /// When a Close was sent, the connection is lost, `kind` is text and the payload is not
    /// UTF-8, or the last fragment of another message was not sent.
    #[inline]
    pub fn send_in_place<'payload>(
        &mut self,
        kind: Kind,
        payload: &'payload mut [u8],
    ) -> Result<Vectored<'payload>, SendError> {
        self.encoder.encode_in_place(kind, payload)
    }

    /// Appends a part of a message to `out`, as one fragment (RFC 6455 section 5.4).
    ///
    /// # Errors
    /// When a Close was sent, the connection is lost, and as [`Encoder::encode_fragment`].
    pub fn send_fragment(
        &mut self,
        fragment: Fragment<&[u8]>,
        out: &mut impl BufMut,
    ) -> Result<(), SendError> {
        self.encoder.encode_fragment(fragment, out)
    }

    /// Appends a ping to `out` (section 5.5.2).
    ///
    /// # Errors
    /// When a Close was sent, the connection is lost, the payload has more than 125 bytes, or
    /// `out` cannot hold the frame.
    pub fn ping(&mut self, payload: &[u8], out: &mut impl BufMut) -> Result<(), SendError> {
        self.encoder.encode_ping(payload, out)
    }

    /// Begins the closing handshake (section 7.1.2): the Close waits in
    /// [`pending`](Self::pending), and no data is sent after it.
    ///
    /// # Errors
    /// When a Close was sent already, the connection is lost, or the reason has more than 123
    /// bytes.
    pub fn close(&mut self, close: Option<Close<&[u8]>>) -> Result<(), SendError> {
        self.reply(Slot::Close, |encoder, wire| encoder.encode_close(close, wire))?;
        self.phase = Phase::Closing { code: close.map(|close| close.code) };
        Ok(())
    }

    /// The control frames that are owed to the peer, to be written between two frames.
    ///
    /// At most one of each kind, since only the latest ping is owed a pong (section 5.5.3), and
    /// the rest of one that was written in part: that rest comes before anything else.
    #[must_use]
    pub fn pending(&self) -> &[u8] {
        self.replies.as_ref().map_or(&[], |replies| replies.pending())
    }

    /// Notes that the first `count` bytes of [`pending`](Self::pending) were written; to be
    /// called before any other method, since those may change what is pending.
    ///
    /// After a short write, the rest of [`pending`](Self::pending) is to be written before
    /// anything else, or flushed into an empty buffer: a frame must not stand inside another.
    pub fn sent(&mut self, count: usize) {
        if let Some(replies) = &mut self.replies {
            replies.sent(count);
        }
        self.replies.take_if(|replies| replies.pending().is_empty());
    }

    /// Moves what is [`pending`](Self::pending) to the end of `out`.
    ///
    /// From then on it counts as said: to write `out` in time is its owner's business, and
    /// [`is_finished`](Self::is_finished) can be true before it is written.
    ///
    /// # Errors
    /// When `out` cannot hold it; nothing was moved then.
    pub fn flush(&mut self, out: &mut impl BufMut) -> Result<(), SendError> {
        let needed = self.pending().len();
        if out.remaining_mut() < needed {
            return Err(SendError::BufferTooSmall { needed });
        }
        out.put_slice(self.pending());
        self.sent(needed);
        Ok(())
    }

    /// Tells the peer why the connection fails.
    #[cold]
    pub(super) fn tell(&mut self, code: CloseCode, reason: &str) {
        self.conclude(Some(Close::new(code, reason)));
    }

    /// Sends no more data, and a Close unless there was one before.
    pub(super) fn conclude(&mut self, close: Option<Close<&[u8]>>) {
        let _ = self.reply(Slot::Close, |encoder, wire| encoder.conclude(close, wire));
    }

    pub(super) fn reply(
        &mut self,
        slot: Slot,
        encode: impl FnOnce(&mut Encoder<R>, &mut Vec<u8>) -> Result<(), SendError>,
    ) -> Result<(), SendError> {
        let replies = self.replies.get_or_insert_default();
        let set = replies.set(slot, |wire| encode(&mut self.encoder, wire));
        self.sent(0); // what has nothing to say is not kept
        set
    }
}
