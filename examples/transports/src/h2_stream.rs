//! A stream of HTTP/2 as one of tokio's.
//!
//! The stream's DATA is the transport: what was received is given back to the peer's window, what
//! is sent waits for ours, and END_STREAM stands for the end of TCP (RFC 8441 section 5). What is
//! dropped before that resets the stream, behind what was written.

use bytes::{Buf, Bytes};
use h2::{RecvStream, SendStream};
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

pub struct H2Stream {
    sender: SendStream<Bytes>,
    receiver: RecvStream,
    /// What came and was not read yet.
    data: Bytes,
    ended: bool,
}

impl H2Stream {
    #[must_use]
    pub fn new(sender: SendStream<Bytes>, receiver: RecvStream) -> Self {
        Self { sender, receiver, data: Bytes::new(), ended: false }
    }

    /// How many bytes may be sent, of as many as are wanted; waits until it is some.
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
        let sent = self.sender.send_data(Bytes::copy_from_slice(&from[..room]), false);
        Poll::Ready(sent.map(|()| room).map_err(io::Error::other))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(())) // the connection's task does
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        if std::mem::replace(&mut self.ended, true) {
            return Poll::Ready(Ok(()));
        }
        Poll::Ready(self.sender.send_data(Bytes::new(), true).map_err(io::Error::other))
    }
}
