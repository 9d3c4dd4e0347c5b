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
use crate::frame::{Close, CloseCode};
use alloc::boxed::Box;
use alloc::vec::Vec;
use bytes::BufMut;
use core::time::Duration;
use deadlines::{Deadlines, Due};
use replies::{Replies, Slot};
use state::Phase;

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
/// 1. read into a buffer, and call [`receive`] until it returns `None`; at the end of the
///    stream, call [`end_of_stream`];
/// 2. with deadlines, call [`on_time`];
/// 3. write what the `send` verbs put into the output buffer;
/// 4. write [`pending`] and report it with [`sent`]: pings, pongs and the Close, which come after
///    the frames encoded before them. Or let [`flush`] move it into the output buffer before
///    step 3, after each event if each ping is to have its own pong.
///
/// Reading waits until [`next_deadline`] at most. At the end a server closes the transport; a
/// client waits for the server to do so, as long as it likes (RFC 6455 section 7.1.1). Each
/// method takes effect at once and whole, so a task may be dropped between two.
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
///         // After an error, the Close that tells the peer is pending, and `state` says why.
///         while let Ok(Some(event)) = connection.receive(&mut input) {
///             match event {
///                 Event::Text(text) => connection.send(Message::Text(&text), &mut out)?,
///                 Event::Binary(pcm) => connection.send(Message::Binary(&pcm), &mut out)?,
///                 _ => {} // a pong or a Close that is owed waits in `pending`
///             }
///         }
///         let rest = input.len();
///         buffer.keep(rest);
///         connection.flush(&mut out)?;
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
/// [`flush`]: Self::flush
/// [`end_of_stream`]: Self::end_of_stream
/// [`on_time`]: Self::on_time
/// [`next_deadline`]: Self::next_deadline
#[derive(Debug)]
pub struct Connection<R> {
    decoder: Decoder,
    encoder: Encoder<R>,
    replies: Option<Box<Replies>>,
    phase: Phase,
    deadlines: Deadlines,
    /// How many bytes of the input were left when it was last seen.
    left: usize,
}

impl Connection<Server> {
    /// The server's end.
    #[must_use]
    pub fn server(config: Config) -> Self {
        Self::new(Encoder::server(), config)
    }

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
}

impl<E: Entropy> Connection<Client<E>> {
    /// The client's end, which draws its masking keys from `entropy`.
    #[must_use]
    pub fn client(entropy: E, config: Config) -> Self {
        Self::new(Encoder::client(entropy), config)
    }
}

impl<R: Role> Connection<R> {
    fn new(encoder: Encoder<R>, config: Config) -> Self {
        Self {
            decoder: Decoder::new::<R>(config.limits, config.delivery),
            encoder,
            replies: None,
            phase: Phase::Open,
            deadlines: Deadlines::new(config.timeouts),
            left: 0,
        }
    }

    /// A receive buffer that is large enough for this connection's limits.
    #[must_use]
    pub fn buffer(&self) -> ReceiveBuffer {
        self.decoder.limits().buffer()
    }

    /// Takes the next event from the front of `input`; `None` if it is not all there.
    ///
    /// What is left in `input` is to be given again, with more bytes behind it. A ping is
    /// answered and a Close is too: the answer waits in [`pending`](Self::pending). After the
    /// peer's Close, and once the connection is lost, nothing is delivered: what `input` still
    /// holds is dropped.
    ///
    /// # Errors
    /// When the peer breaks a rule or exceeds a limit. A Close that tells it so then waits in
    /// [`pending`](Self::pending), and every later call returns the same error.
    #[inline]
    pub fn receive<I: Input>(
        &mut self,
        input: &mut I,
    ) -> Result<Option<Event<I::Payload>>, ProtocolError> {
        if let State::Closed { .. } | State::Lost = self.state() {
            input.skip(usize::MAX);
            return Ok(None);
        }
        if input.bytes().len() > self.left {
            self.deadlines.heard();
        }
        let received = self.decoder.decode(input);
        self.left = input.bytes().len();
        match &received {
            Ok(Some(Event::Ping(payload))) => self.answer_ping(payload.as_ref()),
            Ok(Some(Event::Close(close))) => self.answer_close(close.as_ref().map(|c| c.code)),
            Ok(_) => {}
            Err(error) => self.tell(error.close_code(), ""),
        }
        received
    }

    /// How many bytes `input` has to hold before [`receive`](Self::receive) can consume any; at
    /// most [`Limits::buffer_size`](crate::Limits::buffer_size).
    #[must_use]
    pub fn needed(&self, input: &[u8]) -> usize {
        self.decoder.needed(input)
    }

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

    /// Notes that the stream from the peer ended, with `rest` not consumed.
    ///
    /// # Errors
    /// When the peer had not sent a Close (section 7.1.5). The error tells whether a frame was
    /// cut short, as it also looks when a receive buffer is full and has no room to read into.
    pub fn end_of_stream(&mut self, rest: &[u8]) -> Result<(), Lost> {
        if let Phase::Closed { .. } = self.phase {
            return Ok(());
        }
        let between = rest.is_empty() && !self.decoder.is_inside_frame();
        let needed = if between || !self.is_receiving() { 0 } else { self.needed(rest) };
        self.lose();
        Err(Lost { needed })
    }

    /// Lets time pass: `now` is the time since a fixed point of the caller's.
    ///
    /// To be called after reading, with the time at which that was, and when
    /// [`next_deadline`](Self::next_deadline) has come. A ping that is due waits in
    /// [`pending`](Self::pending) afterwards. With `Some`, close the transport, if possible after
    /// writing what is pending.
    ///
    /// A whole loop, with a socket that can wait as long as it is told:
    ///
    /// ```no_run
    /// use patchcord::{Config, Connection, Event, Timeouts};
    /// use std::io::{ErrorKind, Read, Write};
    /// use std::net::TcpStream;
    /// use std::time::{Duration, Instant};
    ///
    /// fn listen(mut socket: TcpStream) -> Result<(), Box<dyn std::error::Error>> {
    ///     let ping_interval = Some(Duration::from_secs(20));
    ///     let timeouts = Timeouts { ping_interval, ..Timeouts::default() };
    ///     let mut connection = Connection::server(Config { timeouts, ..Config::default() });
    ///     let mut buffer = connection.buffer();
    ///     let start = Instant::now();
    ///     loop {
    ///         if let Some(expired) = connection.on_time(start.elapsed()) {
    ///             return Err(expired.into());
    ///         }
    ///         socket.write_all(connection.pending())?;
    ///         connection.sent(connection.pending().len());
    ///         if connection.is_finished() {
    ///             return Ok(());
    ///         }
    ///         let wait = connection.next_deadline().map(|at| at.saturating_sub(start.elapsed()));
    ///         // A socket takes no timeout of zero.
    ///         socket.set_read_timeout(wait.map(|wait| wait.max(Duration::from_millis(1))))?;
    ///         match socket.read(buffer.space()) {
    ///             Ok(0) => return Ok(connection.end_of_stream(buffer.input())?),
    ///             Ok(read) => buffer.filled(read),
    ///             Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
    ///             Err(error) => return Err(error.into()),
    ///         }
    ///         let mut input = buffer.input();
    ///         while let Ok(Some(event)) = connection.receive(&mut input) {
    ///             if let Event::Binary(pcm) = event {
    ///                 println!("{} bytes of audio", pcm.len());
    ///             }
    ///         }
    ///         let rest = input.len();
    ///         buffer.keep(rest);
    ///     }
    /// }
    /// ```
    pub fn on_time(&mut self, now: Duration) -> Option<Expired> {
        if self.is_finished() {
            return None;
        }
        if self.state() != State::Open {
            return self.deadlines.closing(now).then(|| {
                self.lose();
                self.replies = None;
                Expired::Close
            });
        }
        match self.deadlines.keep_alive(now)? {
            Due::Ping => {
                // A `Vec` has room, and no Close was sent.
                let _ = self.reply(Slot::Ping, |encoder, wire| encoder.encode_ping(&[], wire));
                None
            }
            Due::Expired => {
                self.tell(CloseCode::INTERNAL_ERROR, "no answer to a ping");
                self.lose();
                Some(Expired::Pong)
            }
        }
    }

    /// When [`on_time`](Self::on_time) is next to be called, on the same scale; a time that has
    /// passed means at once, and `None` that there is nothing to wait for.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Duration> {
        match self.state() {
            _ if self.is_finished() => None,
            State::Open => self.deadlines.next_keep_alive(),
            _ => self.deadlines.next_closing(),
        }
    }

    /// Where the connection is on its way from open to closed.
    #[must_use]
    pub const fn state(&self) -> State {
        match (self.decoder.failed(), self.phase) {
            (Some(error), _) => State::Failed(error),
            (None, Phase::Open) => State::Open,
            (None, Phase::Closing { code }) => State::Closing { code },
            (None, Phase::Closed { by, code }) => State::Closed { by, code },
            (None, Phase::Lost) => State::Lost,
        }
    }

    /// Whether all is said: nothing more will be received, and nothing has to be written.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        match self.phase {
            Phase::Lost => true,
            _ => !self.is_receiving() && self.pending().is_empty(),
        }
    }

    const fn is_receiving(&self) -> bool {
        matches!(self.state(), State::Open | State::Closing { .. })
    }

    /// Sends and receives no more; why it failed, if it did, stays known.
    fn lose(&mut self) {
        self.encoder.stop();
        if let Phase::Open | Phase::Closing { .. } = self.phase {
            self.phase = Phase::Lost;
        }
    }

    #[cold]
    fn answer_ping(&mut self, payload: &[u8]) {
        // A `Vec` has room, and a pong is no longer than its ping.
        let _ = self.reply(Slot::Pong, |encoder, wire| encoder.encode_pong(payload, wire));
    }

    #[cold]
    fn answer_close(&mut self, code: Option<CloseCode>) {
        self.phase = match self.phase {
            Phase::Closing { code } => Phase::Closed { by: End::Local, code },
            _ => {
                // RFC 6455 section 5.5.1: the answer typically echoes the status code.
                let close = code.map(|code| Close::new(code, ""));
                let _ = self.reply(Slot::Close, |encoder, wire| encoder.encode_close(close, wire));
                Phase::Closed { by: End::Peer, code }
            }
        };
    }

    /// Tells the peer why the connection fails, unless it was sent a Close before.
    #[cold]
    fn tell(&mut self, code: CloseCode, reason: &str) {
        let close = Some(Close::new(code, reason));
        let _ = self.reply(Slot::Close, |encoder, wire| encoder.encode_close(close, wire));
    }

    fn reply(
        &mut self,
        slot: Slot,
        encode: impl FnOnce(&mut Encoder<R>, &mut Vec<u8>) -> Result<(), SendError>,
    ) -> Result<(), SendError> {
        let replies = self.replies.get_or_insert_default();
        replies.set(slot, |wire| encode(&mut self.encoder, wire))
    }
}
