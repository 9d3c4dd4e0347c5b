//! A connection in two halves, which tasks of their own may hold.

use crate::endpoint::{Answers, Handle};
use crate::session::Session;
use crate::{CloseFrame, Error, Message};
use futures_core::Stream;
use futures_sink::Sink;
use patchcord::payload::Payload;
use patchcord::{Event, Prepared, State};
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite};

/// The half that sends.
///
/// Its methods are those of [`WebSocket`](crate::WebSocket). What was fed leaves as soon as the other
/// half has its turn, if that is waited for: all that was fed until then in one write.
#[doc(alias = "SplitSink")]
#[doc(alias = "WriteHalf")]
pub struct Sender<S>(Arc<Shared<S>>);

/// The half that receives.
///
/// Its methods are those of [`WebSocket`](crate::WebSocket). Once it is dropped, what the peer says is
/// dropped.
#[doc(alias = "SplitStream")]
#[doc(alias = "ReadHalf")]
pub struct Receiver<S>(Arc<Shared<S>>);

/// Locked for one poll at a time, which never waits.
struct Shared<S>(Mutex<Session<S>>);

impl<S> Shared<S> {
    fn lock(&self) -> MutexGuard<'_, Session<S>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn of<S>(session: Session<S>) -> (Sender<S>, Receiver<S>) {
    let shared = Arc::new(Shared(Mutex::new(session)));
    (Sender(Arc::clone(&shared)), Receiver(shared))
}

impl<S> Sender<S> {
    /// As [`WebSocket::try_feed`](crate::WebSocket::try_feed).
    ///
    /// # Errors
    /// [`Error::Full`] when the peer is behind, and as [`send`](Self::send).
    pub fn try_feed(&self, message: impl Into<Message>) -> Result<(), Error> {
        let mut session = self.0.lock();
        session.try_say(&message.into())?;
        session.wake_receiver();
        Ok(())
    }

    /// As [`WebSocket::skipped`](crate::WebSocket::skipped).
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.0.lock().skipped
    }

    /// As [`WebSocket::state`](crate::WebSocket::state).
    #[must_use]
    pub fn state(&self) -> State {
        self.0.lock().endpoint.state()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Sender<S> {
    /// As [`WebSocket::send`](crate::WebSocket::send).
    ///
    /// # Errors
    /// When a Close was sent, the connection is over or does not go on, or the message is not one
    /// that may be sent.
    pub fn send(&mut self, message: impl Into<Message>) -> impl Future<Output = Result<(), Error>> {
        let mut message = Some(message.into());
        poll_fn(move |context| self.0.lock().poll_send(context, &mut message))
    }

    /// As [`WebSocket::feed`](crate::WebSocket::feed).
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn feed(&mut self, message: impl Into<Message>) -> impl Future<Output = Result<(), Error>> {
        let mut message = Some(message.into());
        poll_fn(move |context| {
            let mut session = self.0.lock();
            ready!(session.poll_feed(context, &mut message))?;
            session.wake_receiver(); // who writes it, with all that is fed until then
            Poll::Ready(Ok(()))
        })
    }

    /// As [`WebSocket::feed_prepared`](crate::WebSocket::feed_prepared).
    ///
    /// # Errors
    /// As [`send`](Self::send), and [`Error::Invalid`] at a client's end.
    pub async fn feed_prepared(&mut self, message: &Prepared) -> Result<(), Error> {
        poll_fn(|context| self.0.lock().poll_room(context)).await?;
        let mut session = self.0.lock();
        session.say_prepared(message)?;
        session.wake_receiver();
        Ok(())
    }

    /// As [`WebSocket::flush`](crate::WebSocket::flush).
    ///
    /// # Errors
    /// When the connection is over or does not go on.
    pub async fn flush(&mut self) -> Result<(), Error> {
        poll_fn(|context| self.0.lock().poll_written(context)).await
    }

    /// Sends a Close, unless one was sent. The other half hears the peer's, and then the end.
    ///
    /// # Errors
    /// When the status code is one that is never sent, and as [`flush`](Self::flush).
    pub async fn close(&mut self, close: Option<CloseFrame>) -> Result<(), Error> {
        self.0.lock().say_close(close.as_ref())?;
        poll_fn(|context| self.0.lock().poll_close(context)).await
    }
}

impl<S> Receiver<S> {
    /// As [`WebSocket::state`](crate::WebSocket::state).
    #[must_use]
    pub fn state(&self) -> State {
        self.0.lock().endpoint.state()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Receiver<S> {
    /// As [`WebSocket::recv`](crate::WebSocket::recv).
    ///
    /// # Errors
    /// When the peer broke a rule or went away without a Close, a deadline passed, or the stream
    /// failed: once, and then it is over.
    pub async fn recv(&mut self) -> Option<Result<Message, Error>> {
        poll_fn(|context| self.0.lock().poll_message(context)).await
    }

    /// As [`WebSocket::run`](crate::WebSocket::run). The connection is locked while `handle` runs: it
    /// must not use the other half, and has no need to.
    ///
    /// # Errors
    /// Those of [`recv`](Self::recv) and of `handle`.
    pub async fn run(
        &mut self,
        handle: impl FnMut(Event<Payload<'_>>, &mut Answers<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut handle = Handle::new(handle);
        while poll_fn(|context| self.0.lock().poll_events(context, &mut handle.by())).await? {
            handle.check()?;
        }
        Ok(())
    }
}

impl<S> Drop for Sender<S> {
    fn drop(&mut self) {
        self.0.lock().silence();
    }
}

impl<S> Drop for Receiver<S> {
    fn drop(&mut self) {
        self.0.lock().deafen();
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Stream for Receiver<S> {
    type Item = Result<Message, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.lock().poll_message(context)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Sink<Message> for Sender<S> {
    type Error = Error;

    fn poll_ready(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.0.lock().poll_room(context)
    }

    fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), Error> {
        let mut session = self.0.lock();
        session.say(&message)?;
        session.wake_receiver();
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.0.lock().poll_written(context)
    }

    /// Sends a Close, unless one was sent; the peer's is for the other half.
    fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.0.lock().poll_close(context)
    }
}

impl<S> fmt::Debug for Sender<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").field("state", &self.state()).finish_non_exhaustive()
    }
}

impl<S> fmt::Debug for Receiver<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").field("state", &self.state()).finish_non_exhaustive()
    }
}
