//! A whole endpoint: what is owed in answer, how it closes, when to worry.

mod deadlines;
mod replies;
mod state;

pub use deadlines::{Expired, Timeouts};
pub use state::{End, Lost, State};

use crate::codec::{
    Client, Decoder, Delivery, Encoder, Event, Fragment, Input, Kind, Limits, Message,
    ProtocolError, ReceiveBuffer, Role, SendError, Server, Vectored,
};
use crate::entropy::Entropy;
use crate::frame::{Close, CloseCode, Opcode};
use bytes::BufMut;
use core::time::Duration;
use deadlines::{Deadlines, Due};
use replies::{Replies, Slot};

/// How a connection behaves; the default suits most.
#[derive(Clone, Copy, Debug, Default)]
pub struct Config {
    /// What the peer may send.
    pub limits: Limits,
    /// Whether messages come whole or in fragments.
    pub delivery: Delivery,
    /// How long to wait for what.
    pub timeouts: Timeouts,
}

/// One end of a WebSocket connection, from the end of the opening handshake on.
///
/// It does no I/O. Its driver does, in this order, for as long as [`is_finished`] is false:
///
/// 1. read into a buffer, and call [`receive`] until it returns `None`;
/// 2. write what the `send` verbs put into the output buffer, if anything;
/// 3. write [`pending`] and report it with [`sent`]: pongs and the Close, which come after the
///    frames encoded before them;
/// 4. at the end of the stream, call [`end_of_stream`];
/// 5. with deadlines: call [`on_time`] after reading, and when [`next_deadline`] passes.
///
/// A server then closes the transport; a client waits for the server to do so (RFC 6455 section
/// 7.1.1). Each method takes effect at once and whole, so a task may be dropped between two.
///
/// ```
/// use patchcord::{Config, Connection, Event, Message};
/// use std::io::{Read, Write};
///
/// fn echo(socket: &mut (impl Read + Write)) -> Result<(), Box<dyn std::error::Error>> {
///     let mut connection = Connection::server(Config::default());
///     let mut buffer = connection.buffer();
///     let mut out = Vec::new();
///     while !connection.is_finished() {
///         let read = socket.read(buffer.space())?;
///         if read == 0 {
///             return Ok(connection.end_of_stream(buffer.input())?);
///         }
///         buffer.filled(read);
///         let mut input = buffer.input();
///         while let Ok(Some(event)) = connection.receive(&mut input) {
///             match event {
///                 Event::Text(text) => connection.send(Message::Text(&text), &mut out)?,
///                 Event::Binary(pcm) => connection.send(Message::Binary(&pcm), &mut out)?,
///                 _ => {} // a pong or a Close that is owed now waits in `pending`
///             }
///         }
///         let rest = input.len();
///         buffer.keep(rest);
///         connection.flush(&mut out)?; // pending frames, behind those that were sent
///         socket.write_all(&out)?;
///         out.clear();
///     }
///     Ok(())
/// }
/// # struct Loop<'a>(&'a [u8], Vec<u8>);
/// # impl Read for Loop<'_> {
/// #     fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> { self.0.read(to) }
/// # }
/// # impl Write for Loop<'_> {
/// #     fn write(&mut self, from: &[u8]) -> std::io::Result<usize> { self.1.write(from) }
/// #     fn flush(&mut self) -> std::io::Result<()> { Ok(()) }
/// # }
/// # let bytes = b"\x82\x81\0\0\0\0\x2a\x89\x80\0\0\0\0\x88\x82\0\0\0\0\x03\xe8";
/// # let mut socket = Loop(bytes, Vec::new());
/// # echo(&mut socket).unwrap();
/// # assert_eq!(socket.1, b"\x82\x01\x2a\x8a\x00\x88\x02\x03\xe8");
/// ```
///
/// [`is_finished`]: Self::is_finished
/// [`receive`]: Self::receive
/// [`pending`]: Self::pending
/// [`sent`]: Self::sent
/// [`end_of_stream`]: Self::end_of_stream
/// [`on_time`]: Self::on_time
/// [`next_deadline`]: Self::next_deadline
#[derive(Debug)]
pub struct Connection<R> {
    decoder: Decoder,
    encoder: Encoder<R>,
    limits: Limits,
    replies: Replies,
    state: State,
    deadlines: Deadlines,
}

impl Connection<Server> {
    /// The server's end.
    #[must_use]
    pub fn server(config: Config) -> Self {
        Self::new(Server, config)
    }

    /// Sends a message without touching its payload: see [`Encoder::encode_borrowed`].
    ///
    /// # Errors
    /// As [`send`](Self::send).
    #[inline]
    pub fn send_borrowed<'payload>(
        &mut self,
        message: Message<'payload>,
    ) -> Result<Vectored<'payload>, SendError> {
        self.open()?.encode_borrowed(message)
    }
}

impl<E: Entropy> Connection<Client<E>> {
    /// The client's end, which draws its masking keys from `entropy`.
    #[must_use]
    pub fn client(entropy: E, config: Config) -> Self {
        Self::new(Client::new(entropy), config)
    }
}

impl<R: Role> Connection<R> {
    fn new(role: R, config: Config) -> Self {
        Self {
            decoder: Decoder::new::<R>(config.limits, config.delivery),
            encoder: Encoder::new(role),
            limits: config.limits,
            replies: Replies::default(),
            state: State::Open,
            deadlines: Deadlines::new(config.timeouts),
        }
    }

    /// A receive buffer that is large enough for this connection's limits.
    #[must_use]
    pub fn buffer(&self) -> ReceiveBuffer {
        self.limits.buffer()
    }

    /// Takes the next event from the front of `input`; `None` if it is not all there.
    ///
    /// A ping is answered and a Close is too: the answer waits in [`pending`](Self::pending).
    /// After the peer's Close, and once the connection is lost, nothing is delivered: what
    /// `input` still holds is dropped.
    ///
    /// # Errors
    /// When the peer breaks a rule or exceeds a limit. A Close that tells it so then waits in
    /// [`pending`](Self::pending), and every later call returns the same error.
    #[inline]
    pub fn receive<I: Input>(
        &mut self,
        input: &mut I,
    ) -> Result<Option<Event<I::Payload>>, ProtocolError> {
        if let State::Closed { .. } | State::Lost = self.state {
            input.skip(usize::MAX);
            return Ok(None);
        }
        let before = input.bytes().len();
        let received = self.decoder.decode(input);
        if input.bytes().len() < before {
            self.deadlines.heard();
        }
        match &received {
            Ok(Some(Event::Ping(payload))) => self.answer_ping(payload.as_ref()),
            Ok(Some(Event::Close(close))) => self.answer_close(close.as_ref().map(|c| c.code)),
            Ok(_) => {}
            Err(error) => self.fail(*error),
        }
        received
    }

    /// Appends a message to `out`, in one frame.
    ///
    /// # Errors
    /// When the connection is no longer open, when `out` cannot hold the frame, and when the
    /// last fragment of another message was not sent.
    #[inline]
    pub fn send(&mut self, message: Message<'_>, out: &mut impl BufMut) -> Result<(), SendError> {
        self.open()?.encode(message, out)
    }

    /// Masks a message where it lies, and returns the frame for a vectored write.
    ///
    /// # Errors
    /// When the connection is no longer open, when `kind` is text and the payload is not UTF-8,
    /// and when the last fragment of another message was not sent.
    #[inline]
    pub fn send_in_place<'payload>(
        &mut self,
        kind: Kind,
        payload: &'payload mut [u8],
    ) -> Result<Vectored<'payload>, SendError> {
        self.open()?.encode_in_place(kind, payload)
    }

    /// Appends a part of a message to `out`, as one fragment (RFC 6455 section 5.4).
    ///
    /// # Errors
    /// When the connection is no longer open, and as [`Encoder::encode_fragment`].
    pub fn send_fragment(
        &mut self,
        fragment: Fragment<&[u8]>,
        out: &mut impl BufMut,
    ) -> Result<(), SendError> {
        self.open()?.encode_fragment(fragment, out)
    }

    /// Appends a ping to `out` (section 5.5.2).
    ///
    /// # Errors
    /// When the connection is no longer open, when the payload has more than 125 bytes, and when
    /// `out` cannot hold the frame.
    pub fn ping(&mut self, payload: &[u8], out: &mut impl BufMut) -> Result<(), SendError> {
        self.open()?.encode_ping(payload, out)
    }

    /// Begins the closing handshake (section 7.1.2): the Close waits in
    /// [`pending`](Self::pending), and nothing is sent after it.
    ///
    /// # Errors
    /// When it has begun already, and when the reason has more than 123 bytes.
    pub fn close(&mut self, close: Option<Close<&[u8]>>) -> Result<(), SendError> {
        self.open()?;
        if let Some(Close { reason, .. }) = close
            && reason.len() > Close::MAX_REASON
        {
            return Err(SendError::ControlTooLong { length: reason.len() });
        }
        self.reply_close(close);
        self.state = State::Closing { code: close.map(|close| close.code) };
        Ok(())
    }

    /// The control frames that are owed to the peer, to be written between two frames.
    ///
    /// At most one of each kind, since only the latest ping is owed a pong (section 5.5.3).
    #[must_use]
    pub fn pending(&self) -> &[u8] {
        self.replies.pending()
    }

    /// Notes that the first `count` bytes of [`pending`](Self::pending) were written.
    pub fn sent(&mut self, count: usize) {
        self.replies.sent(count);
    }

    /// Moves what is [`pending`](Self::pending) to the end of `out`.
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

    /// Notes that the stream from the peer ended, with `rest` not consumed.
    ///
    /// # Errors
    /// When the peer had not sent a Close (section 7.1.5). The error tells whether a frame was
    /// cut short, as it also looks when a receive buffer is full and has no room to read into.
    pub fn end_of_stream(&mut self, rest: &[u8]) -> Result<(), Lost> {
        match self.state {
            State::Closed { .. } => Ok(()),
            State::Lost | State::Failed(_) => Err(Lost { needed: 0 }),
            State::Open | State::Closing { .. } => {
                self.state = State::Lost;
                let between = rest.is_empty() && !self.decoder.is_inside_frame();
                Err(Lost { needed: if between { 0 } else { self.decoder.needed(rest) } })
            }
        }
    }

    /// Lets time pass: `now` is the time since a fixed point of the caller's.
    ///
    /// To be called after reading, with the time at which that was, and when
    /// [`next_deadline`](Self::next_deadline) has come. A ping that is due waits in
    /// [`pending`](Self::pending) afterwards. With `Some`, the connection is lost: write what is
    /// pending if that is possible, and close the transport.
    pub fn on_time(&mut self, now: Duration) -> Option<Expired> {
        if self.is_finished() {
            return None;
        }
        match self.deadlines.on_time(now, self.state != State::Open)? {
            Due::Ping => {
                self.reply(Slot::Ping, Opcode::Ping, &[]);
                None
            }
            Due::Expired(expired) => {
                if expired == Expired::Pong {
                    let reason = "no answer to a ping";
                    self.reply_close(Some(Close::new(CloseCode::INTERNAL_ERROR, reason)));
                }
                self.state = State::Lost;
                Some(expired)
            }
        }
    }

    /// When [`on_time`](Self::on_time) is next to be called, on the same scale; a time that has
    /// passed means at once, and `None` that there is nothing to wait for.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Duration> {
        if self.is_finished() {
            return None;
        }
        self.deadlines.next(self.state != State::Open)
    }

    /// Where the connection is on its way from open to closed.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// Whether all is said: nothing more will be received, and nothing is pending.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        let ended = !matches!(self.state, State::Open | State::Closing { .. });
        ended && self.pending().is_empty()
    }

    /// The encoder, unless a Close was sent: nothing follows it (section 5.5.1).
    #[inline]
    fn open(&mut self) -> Result<&mut Encoder<R>, SendError> {
        match self.state {
            State::Open => Ok(&mut self.encoder),
            _ => Err(SendError::Closed),
        }
    }

    #[cold]
    fn answer_ping(&mut self, payload: &[u8]) {
        if self.state == State::Open {
            self.reply(Slot::Pong, Opcode::Pong, payload);
        }
    }

    #[cold]
    fn answer_close(&mut self, code: Option<CloseCode>) {
        self.state = match self.state {
            State::Closing { code } => State::Closed { by: End::Local, code },
            _ => {
                // RFC 6455 section 5.5.1: the answer typically echoes the status code.
                self.reply_close(code.map(|code| Close::new(code, "")));
                State::Closed { by: End::Peer, code }
            }
        };
    }

    #[cold]
    fn fail(&mut self, error: ProtocolError) {
        if self.state == State::Open {
            self.reply_close(Some(Close::new(error.close_code(), "")));
        }
        self.state = State::Failed(error);
    }

    fn reply_close(&mut self, close: Option<Close<&[u8]>>) {
        let mut body = [0; crate::frame::MAX_CONTROL_PAYLOAD];
        let length = close.map_or(0, |close| close.encode(&mut body));
        self.reply(Slot::Close, Opcode::Close, &body[..length]);
    }

    fn reply(&mut self, slot: Slot, opcode: Opcode, payload: &[u8]) {
        let encoder = &mut self.encoder;
        self.replies.set(slot, |wire| {
            // Neither error can be: a `Vec` has room, and the payload fits a control frame.
            let _ = encoder.control(opcode, payload, wire);
        });
    }
}
