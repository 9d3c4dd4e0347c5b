//! The connection that `on_upgrade` hands over.

use crate::hyper::Upgraded;
use crate::{CloseFrame, Error, Message};
use futures_core::stream::{FusedStream, Stream};
use futures_sink::Sink;
use http::HeaderValue;
use std::pin::Pin;
use std::task::{Context, Poll};

/// An open WebSocket: a [`Stream`] of messages and a [`Sink`] for them.
///
/// Its methods are axum's. All that this package has beside them, such as halves of its own and messages
/// that are lent, is behind [`into_inner`](Self::into_inner).
#[derive(Debug)]
pub struct WebSocket {
    inner: crate::WebSocket<Upgraded>,
    protocol: Option<HeaderValue>,
    ended: bool,
}

impl WebSocket {
    pub(super) const fn new(
        inner: crate::WebSocket<Upgraded>,
        protocol: Option<HeaderValue>,
    ) -> Self {
        Self { inner, protocol, ended: false }
    }

    /// Returns the next message; `None` when the connection is over.
    ///
    /// # Errors
    /// As [`recv`](crate::WebSocket::recv) of the connection below.
    pub async fn recv(&mut self) -> Option<Result<Message, Error>> {
        let received = self.inner.recv().await;
        self.ended = received.is_none();
        received
    }

    /// Sends a message: it was handed to the stream when this returns.
    ///
    /// # Errors
    /// As [`send`](crate::WebSocket::send) of the connection below.
    pub async fn send(&mut self, message: Message) -> Result<(), Error> {
        self.inner.send(message).await
    }

    /// Closes the connection, and waits for the peer's Close.
    ///
    /// # Errors
    /// As [`close`](crate::WebSocket::close) of the connection below.
    pub async fn close(&mut self, close: Option<CloseFrame>) -> Result<(), Error> {
        self.inner.close(close).await
    }

    /// The subprotocol that was selected. It may be the entry that carried a credential, so it is not for
    /// every log.
    #[must_use]
    pub const fn protocol(&self) -> Option<&HeaderValue> {
        self.protocol.as_ref()
    }

    /// The connection as this package has it.
    #[must_use]
    pub fn into_inner(self) -> crate::WebSocket<Upgraded> {
        self.inner
    }
}

impl Stream for WebSocket {
    type Item = Result<Message, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = Pin::new(&mut self.inner).poll_next(context);
        self.ended |= matches!(next, Poll::Ready(None));
        next
    }
}

impl FusedStream for WebSocket {
    /// Returns whether the stream has said that it is over.
    fn is_terminated(&self) -> bool {
        self.ended
    }
}

impl Sink<Message> for WebSocket {
    type Error = Error;

    fn poll_ready(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Pin::new(&mut self.inner).poll_ready(context)
    }

    fn start_send(mut self: Pin<&mut Self>, message: Message) -> Result<(), Error> {
        Pin::new(&mut self.inner).start_send(message)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Pin::new(&mut self.inner).poll_close(context)
    }
}
