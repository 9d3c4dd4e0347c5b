//! An open endpoint: the answers that it owes, its closing handshake, its deadlines.

mod ahead;
#[cfg(feature = "deflate")]
mod compressed;
mod deadlines;
mod failure;
mod next;
mod send;
mod state;
mod timeouts;

pub use failure::Failure;
pub use next::Next;
pub use state::{ClosedBy, ConnectionLost, State};
pub use timeouts::{Expired, Timeouts};

use crate::codec::{
    Client, Decoder, Delivery, Encoder, Event, Input, Limits, ProtocolError, Receive, Role,
    SendBuffer, Server,
};
use crate::entropy::Entropy;
use crate::frame::{Close, CloseCode};
use deadlines::Deadlines;
use state::{Phase, Said};

/// The settings of a connection; the defaults suit most programs.
#[doc(alias("WebSocketConfig", "max_message_size", "max_frame_size"))]
#[derive(Clone, Copy, Debug, Default)]
pub struct Config {
    /// The bounds on what the peer may send.
    pub limits: Limits,
    /// Whether messages are delivered complete or in fragments.
    pub delivery: Delivery,
    /// The deadlines.
    pub timeouts: Timeouts,
}

/// One end of a WebSocket connection whose opening handshake is complete.
///
/// It does no I/O. The caller does, in turns:
///
/// 1. read into a [`ReceiveBuffer`], and call [`receive`] until it returns `None`; at the end of
///    the stream, call [`end_of_stream`];
/// 2. call [`handle_timeout`], and do what it returns: write from the [`SendBuffer`], wait, or end.
///
/// Everything that this end sends goes into that [`SendBuffer`]: messages, pongs, pings and the
/// Close. There is no flush, and no frame counts as sent before it has left the buffer: the
/// connection reads from the buffer how much the transport has taken. Its deadlines run from that
/// moment, and it is finished when everything is written.
///
/// A [`blocking::WebSocket`](crate::blocking::WebSocket) does all of this for a thread and a socket
/// of `std`. A [`Driver`](crate::Driver) does it without I/O, and does the opening handshake first.
///
/// Each method takes effect completely before it returns, so a task may be dropped between two
/// calls. If the caller's [`Entropy`] panics, only the frame that could not be masked is missing:
/// the connection can still be used.
///
/// ```
/// use bytes::Buf;
/// use patchcord::{Config, Connection, Event, Message, Next, ReceiveBuffer, SendBuffer};
/// use std::io::{Read, Write};
/// use std::time::Instant;
///
/// fn echo(socket: &mut (impl Read + Write)) -> Result<(), Box<dyn std::error::Error>> {
///     let mut connection = Connection::server(Config::default());
///     let (mut buffer, mut out) = (ReceiveBuffer::default(), SendBuffer::new());
///     let start = Instant::now();
///     loop {
///         let mut input = buffer.unconsumed(); // half a frame stays in the buffer
///         // An error is final: the Close that reports it to the peer is in `out` by now.
///         while let Ok(Some(event)) = connection.receive(&mut input, &mut out) {
///             match event {
///                 Event::Text(text) => connection.send(Message::Text(&text), &mut out)?,
///                 Event::Binary(pcm) => connection.send(Message::Binary(&pcm), &mut out)?,
///                 _ => {} // pings and the Close are answered
///             }
///         }
///         match connection.handle_timeout(start.elapsed(), &mut out) {
///             Next::Write { .. } => {
///                 let written = socket.write(out.chunk())?;
///                 out.advance(written);
///             }
///             Next::Wait { .. } | Next::Look => match socket.read(buffer.space())? {
///                 0 => connection.end_of_stream(&buffer)?,
///                 read => buffer.filled(read),
///             },
///             Next::Expired(expired) => return Err(expired.into()),
///             Next::Finished => return Ok(()),
///         }
///     }
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
/// [`ReceiveBuffer`]: crate::ReceiveBuffer
/// [`receive`]: Self::receive
/// [`end_of_stream`]: Self::end_of_stream
/// [`handle_timeout`]: Self::handle_timeout
#[doc(alias("WebSocket", "WebSocketStream", "sans-io", "async", "tokio"))]
#[derive(Debug)]
pub struct Connection<R> {
    decoder: Decoder,
    encoder: Encoder<R>,
    deadlines: Deadlines,
    phase: Phase,
    sent: Said,
    received: Said,
}

impl Connection<Server> {
    /// Creates the server's end.
    #[must_use]
    pub fn server(config: Config) -> Self {
        Self::new(Encoder::server(), config)
    }
}

impl<E: Entropy> Connection<Client<E>> {
    /// Creates the client's end, which draws its masking keys from `entropy`.
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
            deadlines: Deadlines::new(config.timeouts),
            phase: Phase::Open,
            sent: Said::NOTHING,
            received: Said::NOTHING,
        }
    }

    /// Takes the next event from the front of `input`; returns `None` if more bytes are needed.
    ///
    /// Pass the bytes that are left in `input` again, with more bytes behind them. Pings and the
    /// peer's Close are answered: the answers go into `out`. After the peer's Close, and once the
    /// connection is lost, nothing is delivered, and the bytes in `input` are dropped.
    ///
    /// # Errors
    /// When the peer breaks a rule or exceeds a limit. A Close that reports it goes into `out`, and
    /// every later call returns the same error.
    #[inline(always)]
    pub fn receive<I: Input>(
        &mut self,
        input: &mut I,
        out: &mut SendBuffer,
    ) -> Result<Option<Event<I::Payload>>, ProtocolError> {
        self.next(input, out)
    }

    /// Notes that the stream from the peer ended, with `rest` not consumed: call it when
    /// [`receive`](Self::receive) has taken every event.
    ///
    /// Bytes that wait to be written are still owed, and [`handle_timeout`](Self::handle_timeout)
    /// asks for them: the peer may have ended only its own side.
    ///
    /// # Errors
    /// When the peer had not sent a Close (section 7.1.5), at this call and every later one; the
    /// error names what was cut short. After a protocol error or an expired deadline, it returns
    /// `Ok`: the connection is over already.
    pub fn end_of_stream(&mut self, rest: impl AsRef<[u8]>) -> Result<(), ConnectionLost> {
        match self.state() {
            State::Open | State::Closing { .. } => {}
            State::Lost(lost) => return Err(lost),
            State::Closed { .. } | State::Failed(_) | State::Expired(_) => return Ok(()),
        }
        let lost = match () {
            () if !rest.as_ref().is_empty() || self.decoder.is_inside_frame() => {
                ConnectionLost::InsideFrame
            }
            () if self.decoder.is_inside_message() => ConnectionLost::InsideMessage,
            () => ConnectionLost::BetweenMessages,
        };
        self.lose(Phase::Lost(lost));
        self.encoder.stop();
        Err(lost)
    }

    /// Returns the state of the connection, between open and closed.
    #[must_use]
    pub const fn state(&self) -> State {
        match (self.decoder.failed(), self.phase) {
            (Some(error), _) => State::Failed(error),
            (None, Phase::Open) => State::Open,
            (None, Phase::Closing) => State::Closing { code: self.sent.code() },
            (None, Phase::Closed(by)) => State::Closed { by, code: self.received.code() },
            (None, Phase::Expired(expired)) => State::Expired(expired),
            (None, Phase::Lost(lost)) => State::Lost(lost),
        }
    }

    /// Returns `Ok` unless the connection has failed.
    ///
    /// # Errors
    /// When the peer broke a rule or went away without a Close, or a deadline passed.
    pub const fn result(&self) -> Result<(), Failure> {
        match self.state() {
            State::Failed(error) => Err(Failure::Protocol(error)),
            State::Lost(lost) => Err(Failure::Lost(lost)),
            State::Expired(expired) => Err(Failure::Expired(expired)),
            State::Open | State::Closing { .. } | State::Closed { .. } => Ok(()),
        }
    }

    /// Returns the status code, if any, of the Close that this end sent; `None` if it sent none.
    ///
    /// The value is kept however the connection ends.
    #[must_use]
    pub const fn close_sent(&self) -> Option<Option<CloseCode>> {
        self.sent.get()
    }

    /// Returns the status code, if any, of the Close that was received; `None` if none was.
    ///
    /// The value is kept however the connection ends. Section 7.1.5 defines the codes that stand
    /// for the missing ones: 1006 if no Close was received, 1005 if the Close had no code.
    #[must_use]
    pub const fn close_received(&self) -> Option<Option<CloseCode>> {
        self.received.get()
    }

    /// Returns whether the peer may still send events; if not, there is no reason to read.
    ///
    /// This is for programs that read and write at the same time: bytes behind the peer's Close
    /// mean nothing, and a read would report the end of the stream again and again while that Close
    /// is being answered.
    ///
    /// ```
    /// use patchcord::{Config, Connection, SendBuffer};
    ///
    /// let mut connection = Connection::server(Config::default());
    /// let mut out = SendBuffer::new();
    /// connection.close(None, &mut out)?;
    /// assert!(connection.is_receiving()); // the peer may have more to say before its Close
    /// let mut bytes = *b"\x88\x80\0\0\0\0";
    /// connection.receive(&mut &mut bytes[..], &mut out)?;
    /// assert!(!connection.is_receiving());
    /// assert!(!out.is_empty()); // our own Close is still to be written
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn is_receiving(&self) -> bool {
        matches!(self.state(), State::Open | State::Closing { .. })
    }

    /// Ends receiving, and enters `phase`. If the decoder failed, its error is kept.
    fn lose(&mut self, phase: Phase) {
        self.phase = phase;
        self.decoder.stop();
    }

    /// Sends a Close whose status code reports the error.
    #[cold]
    fn refuse(&mut self, error: ProtocolError, out: &mut SendBuffer) {
        self.conclude(Some(Close::new(error.close_code(), "")), out);
    }

    #[cold]
    fn answer_ping(&mut self, payload: &[u8], out: &mut SendBuffer) {
        // This cannot fail: a `Vec` grows, and the pong's payload is a ping's, so it is short
        // enough.
        let _ = out.put_pong(|wire| self.encoder.encode_pong(payload, wire));
    }

    #[cold]
    fn answer_close(&mut self, code: Option<CloseCode>, out: &mut SendBuffer) {
        self.received = Said::close(code);
        if let Phase::Closing = self.phase {
            self.phase = Phase::Closed(ClosedBy::Local);
            return;
        }
        // Set the state first: masking the answer calls the caller's entropy source, which can
        // panic.
        self.phase = Phase::Closed(ClosedBy::Peer);
        // RFC 6455 section 5.5.1: the answer typically echoes the status code.
        self.conclude(code.map(|code| Close::new(code, "")), out);
    }
}

impl<R: Role> Receive for Connection<R> {
    type Answers = SendBuffer;

    #[inline(always)]
    fn decoder(&mut self) -> &mut Decoder {
        &mut self.decoder
    }

    #[inline(always)]
    fn took(&mut self, before: usize, after: usize) {
        self.deadlines.before(before);
        self.deadlines.after(after);
    }

    /// Fails the connection, and sends a Close that reports it.
    #[cold]
    #[inline(never)]
    fn not_utf8<T>(&mut self, bytes: &[u8], out: &mut SendBuffer) -> Result<T, ProtocolError> {
        let failed = self.decoder.not_utf8(bytes, &mut ());
        if let Err(error) = &failed {
            self.refuse(*error, out);
        }
        failed
    }

    #[inline(never)]
    fn slow_path<I: Input>(
        &mut self,
        input: &mut I,
        out: &mut SendBuffer,
    ) -> Result<Option<Event<I::Payload>>, ProtocolError> {
        self.deadlines.before(input.bytes().len());
        let received = self.decoder.slow_path(input, &mut ());
        self.deadlines.after(input.bytes().len());
        match &received {
            Ok(Some(Event::Ping(payload))) => self.answer_ping(payload.as_ref(), out),
            Ok(Some(Event::Close(close))) => self.answer_close(close.as_ref().map(|c| c.code), out),
            Ok(_) => {}
            Err(error) => self.refuse(*error, out),
        }
        received
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(bytes: &[u8]) -> Connection<Server> {
        let mut connection = Connection::server(Config::default());
        let mut bytes = bytes.to_vec();
        let (mut input, mut out) = (&mut bytes[..], SendBuffer::new());
        while let Ok(Some(_)) = connection.receive(&mut input, &mut out) {}
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
