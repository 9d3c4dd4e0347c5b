//! A stream of HTTP/2 as one of tokio's.
//!
//! The stream's DATA is the transport: received bytes are returned to the peer's window, sent
//! bytes wait for ours, and END_STREAM stands for the end of TCP (RFC 8441 section 5). Dropping the
//! stream before that resets it, and h2 then throws away everything that has not left: so a
//! flush waits for that.

use bytes::{Buf, Bytes};
use h2::{RecvStream, SendStream};
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

pub struct H2Stream {
    sender: SendStream<Bytes>,
    receiver: RecvStream,
    /// What has arrived and was not read yet.
    data: Bytes,
    ended: bool,
    queued: Arc<Queued>,
}

/// How much h2 holds that it has not passed on to its connection.
#[derive(Default)]
struct Queued(Mutex<(usize, Option<Waker>)>);

/// One piece of that: h2 drops it once it is passed on.
struct Piece {
    bytes: Vec<u8>,
    queued: Arc<Queued>,
}

impl H2Stream {
    #[must_use]
    pub fn new(sender: SendStream<Bytes>, receiver: RecvStream) -> Self {
        Self { sender, receiver, data: Bytes::new(), ended: false, queued: Arc::default() }
    }

    /// Returns how many of `wanted` bytes may be sent; waits until there are some.
    fn poll_room(&mut self, wanted: usize, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        self.sender.reserve_capacity(wanted);
        while self.sender.capacity() == 0 {
            match ready!(self.sender.poll_capacity(context)) {
                Some(room) => room.map_err(io::Error::other)?,
                None => return Poll::Ready(Err(ErrorKind::BrokenPipe.into())),
            };
        }
        Poll::Ready(Ok(wanted.min(self.sender.capacity())))
    }
}

impl Queued {
    fn lock(&self) -> MutexGuard<'_, (usize, Option<Waker>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn piece(self: &Arc<Self>, bytes: &[u8]) -> Bytes {
        self.lock().0 += 1;
        Bytes::from_owner(Piece { bytes: bytes.to_vec(), queued: Arc::clone(self) })
    }

    /// Waits until nothing is held.
    fn poll_empty(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut held = self.lock();
        if held.0 == 0 {
            return Poll::Ready(());
        }
        held.1 = Some(context.waker().clone());
        Poll::Pending
    }
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        let mut held = self.queued.lock();
        held.0 -= 1;
        let waiting = if held.0 == 0 { held.1.take() } else { None };
        drop(held);
        if let Some(waiting) = waiting {
            waiting.wake();
        }
    }
}

impl AsyncRead for H2Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        to: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        while self.data.is_empty() {
            match ready!(self.receiver.poll_data(context)) {
                Some(data) => self.data = data.map_err(io::Error::other)?,
                None => return Poll::Ready(Ok(())),
            }
        }
        let count = self.data.len().min(to.remaining());
        to.put_slice(&self.data[..count]);
        self.data.advance(count);
        let released = self.receiver.flow_control().release_capacity(count);
        Poll::Ready(released.map_err(io::Error::other))
    }
}

impl AsyncWrite for H2Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        from: &[u8],
    ) -> Poll<io::Result<usize>> {
        let room = ready!(self.poll_room(from.len(), context))?;
        let piece = self.queued.piece(&from[..room]);
        let sent = self.sender.send_data(piece, false);
        Poll::Ready(sent.map(|()| room).map_err(io::Error::other))
    }

    /// Waits until the connection's task has taken what was sent; the task flushes by itself.
    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.queued.poll_empty(context).map(Ok)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        if std::mem::replace(&mut self.ended, true) {
            return Poll::Ready(Ok(()));
        }
        Poll::Ready(self.sender.send_data(Bytes::new(), true).map_err(io::Error::other))
    }
}
