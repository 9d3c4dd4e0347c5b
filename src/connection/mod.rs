//! A whole endpoint: what is owed in answer, how it closes, when to worry.

mod clock;
#[cfg(feature = "deflate")]
mod compressed;
mod deadlines;
mod replies;
mod send;
mod state;

pub use deadlines::{Expired, Timeouts};
pub use state::{End, Lost, State};

use crate::codec::{
    Client, Decoder, Delivery, Encoder, Event, Input, Limits, ProtocolError, Receive,
    ReceiveBuffer, Role, Server,
};
use crate::entropy::Entropy;
use crate::frame::{Close, CloseCode};
use alloc::boxed::Box;
use deadlines::Deadlines;
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
/// method takes effect at once and whole, so a task may be dropped between two. If the caller's
/// [`Entropy`] panics, the state is what it would be, but for the frame that could not be masked.
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
///         let mut input = buffer.unconsumed();
///         // After an error, the Close that tells the peer is pending, and `state` says why.
///         while let Ok(Some(event)) = connection.receive(&mut input) {
///             match event {
///                 Event::Text(text) => connection.send(Message::Text(&text), &mut out)?,
///                 Event::Binary(pcm) => connection.send(Message::Binary(&pcm), &mut out)?,
///                 _ => {} // a pong or a Close that is owed waits in `pending`
///             }
///         }
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
    /// How many bytes of the input were left when it was last seen: as many as fit.
    left: u32,
}

impl Connection<Server> {
    /// The server's end.
    #[must_use]
    pub fn server(config: Config) -> Self {
        Self::new(Encoder::server(), config)
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
    ///
    /// With a [`Limits::whole`](crate::Limits::whole) below 16 KiB it is too small for the head of the
    /// opening handshake: see [`handshake`](crate::handshake).
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
    #[inline(always)]
    pub fn receive<I: Input>(
        &mut self,
        input: &mut I,
    ) -> Result<Option<Event<I::Payload>>, ProtocolError> {
        if left(input) > self.left {
            self.deadlines.heard();
        }
        self.next(input)
    }

    /// How many bytes `input` has to hold before [`receive`](Self::receive) can consume any; at
    /// most [`Limits::buffer_size`](crate::Limits::buffer_size).
    #[must_use]
    pub fn needed(&self, input: &[u8]) -> usize {
        self.decoder.needed(input)
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

    /// Whether the peer may still say something: if not, there is nothing to read for.
    ///
    /// It is for drivers that read and write at the same time: what comes behind the peer's Close
    /// means nothing, and the end of the stream would be read again and again while the answer to
    /// that Close is being written.
    ///
    /// ```
    /// use patchcord::{Config, Connection};
    ///
    /// let mut connection = Connection::server(Config::default());
    /// connection.close(None)?;
    /// assert!(connection.is_receiving()); // the peer may have more to say before its Close
    /// let mut bytes = *b"\x88\x80\0\0\0\0";
    /// connection.receive(&mut &mut bytes[..])?;
    /// assert!(!connection.is_receiving());
    /// assert!(!connection.is_finished()); // our own Close is still to be written
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn is_receiving(&self) -> bool {
        matches!(self.state(), State::Open | State::Closing { .. })
    }

    /// Sends and receives no more; why it failed, if it did, stays known.
    fn lose(&mut self) {
        self.encoder.stop();
        self.lose_peer();
    }

    /// The same, but a Close may still be sent.
    fn lose_peer(&mut self) {
        self.decoder.stop();
        if let Phase::Open | Phase::Closing { .. } = self.phase {
            self.phase = Phase::Lost;
        }
    }

    /// Tells the peer which rule it broke.
    #[cold]
    fn refuse(&mut self, error: ProtocolError) {
        self.tell(error.close_code(), "");
    }

    #[cold]
    fn answer_ping(&mut self, payload: &[u8]) {
        // A `Vec` has room, and a pong is no longer than its ping.
        let _ = self.reply(Slot::Pong, |encoder, wire| encoder.encode_pong(payload, wire));
    }

    #[cold]
    fn answer_close(&mut self, code: Option<CloseCode>) {
        // The state comes first: to mask the answer, the caller's source is called, and can panic.
        self.phase = match self.phase {
            Phase::Closing { code } => Phase::Closed { by: End::Local, code },
            _ => Phase::Closed { by: End::Peer, code },
        };
        // RFC 6455 section 5.5.1: the answer typically echoes the status code.
        self.conclude(code.map(|code| Close::new(code, "")));
    }
}

impl<R: Role> Receive for Connection<R> {
    #[inline(always)]
    fn decoder(&mut self) -> &mut Decoder {
        &mut self.decoder
    }

    #[inline(always)]
    fn left<I: Input>(&mut self, input: &I) {
        self.left = left(input);
    }

    /// Fails, and tells the peer.
    #[cold]
    #[inline(never)]
    fn not_utf8<T>(&mut self, bytes: &[u8]) -> Result<T, ProtocolError> {
        let failed = self.decoder.not_utf8(bytes);
        if let Err(error) = &failed {
            self.refuse(*error);
        }
        failed
    }

    #[inline(never)]
    fn other<I: Input>(
        &mut self,
        input: &mut I,
    ) -> Result<Option<Event<I::Payload>>, ProtocolError> {
        let received = self.decoder.other(input);
        self.left = left(input);
        match &received {
            Ok(Some(Event::Ping(payload))) => self.answer_ping(payload.as_ref()),
            Ok(Some(Event::Close(close))) => self.answer_close(close.as_ref().map(|c| c.code)),
            Ok(_) => {}
            Err(error) => self.refuse(*error),
        }
        received
    }
}

#[inline(always)]
fn left<I: Input>(input: &I) -> u32 {
    input.bytes().len().try_into().unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(bytes: &[u8]) -> Connection<Server> {
        let mut connection = Connection::server(Config::default());
        let mut bytes = bytes.to_vec();
        let mut input = &mut bytes[..];
        while let Ok(Some(_)) = connection.receive(&mut input) {}
        connection
    }

    #[test]
    fn nothing_is_to_be_read_after_a_close_an_error_and_the_end() {
        assert!(after(b"\x82\x80\0\0\0\0").is_receiving());
        assert!(!after(b"\x88\x80\0\0\0\0").is_receiving());
        assert!(!after(b"\x83").is_receiving());
        let mut lost = after(b"");
        assert!(lost.end_of_stream(b"").is_err() && !lost.is_receiving());
    }
}
