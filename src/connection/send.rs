//! The sending half: messages, and the control frames of this end.

use super::Connection;
use super::state::{Phase, Said};
use crate::codec::{
    Fragment, Message, MessageKind, Outgoing, Prepared, Role, SendBuffer, SendError, Server,
    SharedMessage,
};
use crate::frame::Close;

impl Connection<Server> {
    /// Sends a message without copying its payload: see [`Encoder::encode_borrowed`].
    ///
    /// Write from the returned value; whatever the transport does not take is copied into `out`.
    ///
    /// # Errors
    /// When a Close was sent, the connection is over, or the last fragment of another message was
    /// not sent. To use `out` after an error, write `let Ok(frame) = .. else` or `if let`: a
    /// `match` keeps `out` borrowed to its end.
    ///
    /// [`Encoder::encode_borrowed`]: crate::Encoder::encode_borrowed
    #[inline(always)]
    pub fn send_borrowed<'message>(
        &mut self,
        message: Message<'message>,
        out: &'message mut SendBuffer,
    ) -> Result<Outgoing<'message>, SendError> {
        Ok(Outgoing::new(out, self.encoder.encode_borrowed(message)?))
    }

    /// Sends a message that was encoded once for many connections: `out` shares its bytes, which
    /// are never copied.
    ///
    /// # Errors
    /// When a Close was sent, the connection is over, or the last fragment of another message
    /// was not sent.
    #[doc(alias = "broadcast")]
    pub fn send_prepared(
        &mut self,
        message: &Prepared,
        out: &mut SendBuffer,
    ) -> Result<(), SendError> {
        out.put_shared(self.encoder.encode_prepared(message)?);
        Ok(())
    }

    /// Sends a message whose payload is reference-counted: `out` shares its bytes, which are never
    /// copied. It suits long payloads, since each becomes a slice of its own in a vectored write.
    ///
    /// ```
    /// use bytes::{Buf, Bytes};
    /// use patchcord::{Config, Connection, SendBuffer, SharedMessage};
    ///
    /// let photo = Bytes::from(vec![7; 100_000]);
    /// let mut viewers = [0; 3].map(|_| Connection::server(Config::default()));
    /// for viewer in &mut viewers {
    ///     let mut out = SendBuffer::new(); // each viewer has one
    ///     viewer.send_shared(SharedMessage::Binary(photo.clone()), &mut out)?;
    ///     assert_eq!(out.remaining(), 10 + photo.len());
    ///     out.advance(10);
    ///     assert_eq!(out.chunk().as_ptr(), photo.as_ptr());
    /// }
    /// # Ok::<(), patchcord::SendError>(())
    /// ```
    ///
    /// # Errors
    /// When a Close was sent, the connection is over, or the last fragment of another message
    /// was not sent.
    pub fn send_shared(
        &mut self,
        message: SharedMessage,
        out: &mut SendBuffer,
    ) -> Result<(), SendError> {
        let frame = self.encoder.encode_borrowed(message.as_message())?;
        out.frames().extend_from_slice(frame.parts().0);
        let payload = message.into_payload();
        if !payload.is_empty() {
            out.put_shared(payload);
        }
        Ok(())
    }
}

impl<R: Role> Connection<R> {
    /// Appends a message to `out`, in one frame.
    ///
    /// # Errors
    /// When a Close was sent, the connection is over, or the last fragment of another message was
    /// not sent.
    #[inline]
    pub fn send(&mut self, message: Message<'_>, out: &mut SendBuffer) -> Result<(), SendError> {
        self.encoder.append(message, out.frames())
    }

    /// Sends a message without copying its payload: a client masks it in place.
    ///
    /// Write from the returned value; whatever the transport does not take is copied into `out`.
    ///
    /// # Errors
    /// When a Close was sent, the connection is over, `kind` is text and the payload is not
    /// UTF-8, or the last fragment of another message was not sent.
    #[inline(always)]
    pub fn send_in_place<'message>(
        &mut self,
        kind: MessageKind,
        payload: &'message mut [u8],
        out: &'message mut SendBuffer,
    ) -> Result<Outgoing<'message>, SendError> {
        Ok(Outgoing::new(out, self.encoder.encode_in_place(kind, payload)?))
    }

    /// Appends a part of a message to `out`, as one fragment (RFC 6455 section 5.4).
    ///
    /// # Errors
    /// When a Close was sent, the connection is over, or for the reasons of
    /// [`Encoder::encode_fragment`](crate::Encoder::encode_fragment).
    pub fn send_fragment(
        &mut self,
        fragment: Fragment<&[u8]>,
        out: &mut SendBuffer,
    ) -> Result<(), SendError> {
        self.encoder.encode_fragment(fragment, out.frames())
    }

    /// Appends a ping to `out` (section 5.5.2).
    ///
    /// # Errors
    /// When a Close was sent, the connection is over, or the payload has more than 125 bytes.
    pub fn ping(&mut self, payload: &[u8], out: &mut SendBuffer) -> Result<(), SendError> {
        self.encoder.encode_ping(payload, out.frames())
    }

    /// Appends an unsolicited pong to `out`: a heartbeat that needs no answer (section 5.5.3).
    ///
    /// It is not needed to answer pings: [`receive`](Self::receive) does that.
    ///
    /// ```
    /// use bytes::Buf;
    /// use patchcord::{Config, Connection, SendBuffer};
    ///
    /// let mut connection = Connection::server(Config::default());
    /// let mut out = SendBuffer::new();
    /// connection.pong(b"still here", &mut out)?;
    /// assert_eq!(out.chunk(), b"\x8a\x0astill here");
    /// # Ok::<(), patchcord::SendError>(())
    /// ```
    ///
    /// # Errors
    /// When a Close was sent, the connection is over, or the payload has more than 125 bytes.
    pub fn pong(&mut self, payload: &[u8], out: &mut SendBuffer) -> Result<(), SendError> {
        self.encoder.encode_unsolicited_pong(payload, out.frames())
    }

    /// Begins the closing handshake (section 7.1.2): appends a Close to `out`; no data can be sent
    /// after it.
    ///
    /// # Errors
    /// When a Close was sent already, the connection is over, or the reason has more than 123
    /// bytes: [`Close::cut`] shortens it to fit.
    pub fn close(
        &mut self,
        close: Option<Close<&[u8]>>,
        out: &mut SendBuffer,
    ) -> Result<(), SendError> {
        out.put_close(|wire| self.encoder.encode_close(close, wire))?;
        self.sent = Said::close(close.map(|close| close.code));
        self.phase = Phase::Closing;
        Ok(())
    }

    /// Sends the last frame of this end, unless a Close was sent before. No data follows it, even
    /// if the entropy source panics.
    #[cold]
    pub(super) fn conclude(&mut self, close: Option<Close<&[u8]>>, out: &mut SendBuffer) {
        let concluded = out.put_close(|wire| self.encoder.conclude(close, wire));
        if concluded.is_ok() {
            self.sent = Said::close(close.map(|close| close.code));
        }
    }
}
