//! The type that people use.

use crate::endpoint::{Answers, Handle};
use crate::session::Session;
use crate::{CloseFrame, Error, Message, Receiver, Sender, halves};
use futures_core::Stream;
use futures_sink::Sink;
use patchcord::payload::Payload;
use patchcord::{Event, Prepared, State};
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite};

/// An open WebSocket over a stream, in either role.
///
/// It is a [`Stream`] of messages and a [`Sink`] for them, and has the same as plain methods. While
/// one of them is waited for, it does everything else that a connection asks for: it answers pings
/// and the Close, keeps the deadlines, writes what waits and reads what comes, within bounds. No
/// task is spawned, and no message goes through a channel.
///
/// | method | says |
/// |---|---|
/// | [`recv`](Self::recv) | the next message; what was fed leaves before it waits |
/// | [`feed`](Self::feed) | a message that may wait for others: answers, in a loop that receives |
/// | [`send`](Self::send) | a message that leaves now |
/// | [`close`](Self::close) | the last word, and waits for the peer's |
///
/// ```
/// use patchcord_tokio::{Error, WebSocket};
/// use tokio::net::TcpStream;
///
/// async fn echo(mut socket: WebSocket<TcpStream>) -> Result<(), Error> {
///     while let Some(message) = socket.recv().await {
///         let message = message?;
///         if message.is_data() {
///             socket.feed(message).await?;
///         }
///     }
///     Ok(())
/// }
/// ```
///
/// # Cancel safety
///
/// Every method may lose a race in `select!`: what was received is delivered by the next call, and a
/// message is either taken as a whole or not at all. `send` that was cancelled may have taken its
/// message; then it leaves later.
#[doc(alias = "WebSocketStream")]
#[doc(alias = "async")]
#[doc(alias = "tokio")]
pub struct WebSocket<S> {
    session: Box<Session<S>>,
}

impl<S> WebSocket<S> {
    pub(crate) const fn new(session: Box<Session<S>>) -> Self {
        Self { session }
    }

    /// The subprotocol that was agreed on, if one was. It may be the entry that carried a
    /// credential, so it is not for every log.
    #[must_use]
    pub fn subprotocol(&self) -> Option<&str> {
        self.session.subprotocol.as_deref()
    }

    /// Where the connection is on its way from open to closed.
    #[must_use]
    pub fn state(&self) -> State {
        self.session.endpoint.state()
    }

    /// How many messages were skipped because the peer was behind: see [`Behind::Skip`].
    ///
    /// [`Behind::Skip`]: crate::Behind::Skip
    #[must_use]
    pub const fn skipped(&self) -> u64 {
        self.session.skipped
    }

    /// Divides the connection, so that one task can send while another receives.
    ///
    /// Whichever half is polled keeps the whole connection going: pongs, deadlines, and what waits to
    /// be written. Nothing is spawned. Once both are dropped, so is the stream.
    #[must_use]
    #[doc(alias = "halves")]
    #[doc(alias = "duplex")]
    pub fn split(self) -> (Sender<S>, Receiver<S>) {
        halves::of(*self.session)
    }

    /// The stream below.
    #[must_use]
    pub const fn get_ref(&self) -> &S {
        &self.session.stream
    }

    /// The stream below, for its options: what is read or written past the connection breaks it.
    #[must_use]
    pub const fn get_mut(&mut self) -> &mut S {
        &mut self.session.stream
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocket<S> {
    /// Returns the next message; `None` when the connection is over, which after a Close is once both
    /// ends have sent one and the stream has ended.
    ///
    /// What was [fed](Self::feed) leaves before this waits. Cancel safe.
    ///
    /// # Errors
    /// When the peer broke a rule or went away without a Close, a deadline passed, or the stream
    /// failed: once, and then it is over.
    #[doc(alias = "read")]
    #[doc(alias = "next")]
    pub async fn recv(&mut self) -> Option<Result<Message, Error>> {
        poll_fn(|context| self.session.poll_message(context)).await
    }

    /// Sends a message: it was handed to the stream when this returns.
    ///
    /// [`Message::Close`] begins the closing handshake; go on to receive until the end then, or
    /// [`close`](Self::close).
    ///
    /// # Errors
    /// When a Close was sent, the connection is over or does not go on, or the message is not one
    /// that may be sent.
    pub fn send(&mut self, message: impl Into<Message>) -> impl Future<Output = Result<(), Error>> {
        let mut message = Some(message.into());
        poll_fn(move |context| self.session.poll_send(context, &mut message))
    }

    /// Sends a message that may wait for others: it leaves with the next [`recv`](Self::recv) that has
    /// to wait, with [`flush`](Self::flush), or when a [backlog](crate::Options::backlog) is full, all
    /// in one write.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn feed(&mut self, message: impl Into<Message>) -> impl Future<Output = Result<(), Error>> {
        let mut message = Some(message.into()); // as an `async fn`, it would be held three times
        poll_fn(move |context| self.session.poll_feed(context, &mut message))
    }

    /// Sends a message that was encoded before, for this and other connections: its bytes are shared.
    /// It may wait for others, as with [`feed`](Self::feed).
    ///
    /// # Errors
    /// As [`send`](Self::send), and [`Error::Invalid`] at a client's end, which masks each frame with a
    /// key of its own.
    #[doc(alias = "broadcast")]
    #[doc(alias = "fan-out")]
    pub async fn feed_prepared(&mut self, message: &Prepared) -> Result<(), Error> {
        poll_fn(|context| self.session.poll_room(context)).await?;
        self.session.say_prepared(message)
    }

    /// Sends a message if there is room for it, and never waits: for broadcasts. It leaves as with
    /// [`feed`](Self::feed).
    ///
    /// # Errors
    /// [`Error::Full`] when the peer is behind and the message was not taken; and as
    /// [`send`](Self::send).
    pub fn try_feed(&mut self, message: impl Into<Message>) -> Result<(), Error> {
        self.session.try_say(&message.into())
    }

    /// Hands everything that was fed to the stream.
    ///
    /// # Errors
    /// When the connection is over or does not go on.
    pub async fn flush(&mut self) -> Result<(), Error> {
        poll_fn(|context| self.session.poll_written(context)).await
    }

    /// Closes the connection, and waits for the peer's Close and the end of the stream. What the peer
    /// still says is dropped: to hear it, send [`Message::Close`] and [receive](Self::recv) until
    /// the end.
    ///
    /// # Errors
    /// When the status code is one that is never sent, and those of [`recv`](Self::recv).
    pub async fn close(&mut self, close: Option<CloseFrame>) -> Result<(), Error> {
        self.session.say_close(close.as_ref())?;
        poll_fn(|context| self.session.poll_end(context)).await
    }

    /// Hands each event to `handle` until the connection is over, with what answers it: the fastest
    /// way, since a message is lent where it was received, and all the answers to one read leave in
    /// one write.
    ///
    /// Cancel safe: between two events.
    ///
    /// # Errors
    /// Those of [`recv`](Self::recv), and those of `handle`, but for [`Error::Closed`]: what comes
    /// behind an own Close cannot be answered.
    pub async fn run(
        &mut self,
        handle: impl FnMut(Event<Payload<'_>>, &mut Answers<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut handle = Handle::new(handle);
        while poll_fn(|context| self.session.poll_events(context, &mut handle.by())).await? {
            handle.check()?;
        }
        Ok(())
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Stream for WebSocket<S> {
    type Item = Result<Message, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().session.poll_message(context)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Sink<Message> for WebSocket<S> {
    type Error = Error;

    fn poll_ready(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.get_mut().session.poll_room(context)
    }

    fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), Error> {
        self.get_mut().session.say(&message)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.get_mut().session.poll_written(context)
    }

    /// Sends a Close, unless one was sent; the peer's is for whoever receives.
    fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.get_mut().session.poll_close(context)
    }
}

/// Without what is read or written: it can be secret.
impl<S> fmt::Debug for WebSocket<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocket").field("state", &self.state()).finish_non_exhaustive()
    }
}
