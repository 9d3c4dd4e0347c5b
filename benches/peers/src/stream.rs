//! The transport in memory: it always has more to read, takes everything that is written, and never
//! waits.

use crate::sink::written;
use crate::wire::Wire;
use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use tokio::io::ReadBuf;

/// How much one read brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// As much as was asked for.
    Any,
    /// At most the rest of a frame.
    Frame,
    /// At most this many bytes.
    Bytes(usize),
}

/// One connection's transport, for candidates that read from [`std::io::Read`], from
/// [`tokio::io::AsyncRead`] or from [`futures_io::AsyncRead`].
#[derive(Clone, Debug)]
pub struct Source {
    wire: Arc<Wire>,
    at: usize,
    frame: usize,
    reads: Reads,
}

impl Source {
    pub const fn new(wire: Arc<Wire>, reads: Reads) -> Self {
        Self { wire, at: 0, frame: 0, reads }
    }

    /// Fills in what a read of up to `room` bytes brings.
    #[inline]
    fn read(&mut self, room: usize, mut put: impl FnMut(&[u8])) {
        let mut room = match self.reads {
            Reads::Any => room,
            Reads::Frame => return put(self.rest_of_frame(room)),
            Reads::Bytes(count) => room.min(count),
        };
        while room > 0 {
            let wire = &self.wire.bytes()[self.at..];
            let now = &wire[..room.min(wire.len())];
            put(now);
            room -= now.len();
            self.at = if now.len() == wire.len() { 0 } else { self.at + now.len() };
        }
    }

    #[inline]
    fn rest_of_frame(&mut self, room: usize) -> &[u8] {
        let (start, end) = (self.at, self.wire.ends[self.frame]);
        self.at = end.min(start + room);
        let now = start..self.at;
        if self.at == end {
            self.frame += 1;
            if self.frame == self.wire.ends.len() {
                (self.frame, self.at) = (0, 0);
            }
        }
        &self.wire.bytes()[now]
    }

    #[inline]
    fn read_slice(&mut self, to: &mut [u8]) -> usize {
        let mut filled = 0;
        self.read(to.len(), |bytes| {
            to[filled..filled + bytes.len()].copy_from_slice(bytes);
            filled += bytes.len();
        });
        filled
    }

    #[inline]
    fn write_slices(slices: &[IoSlice<'_>]) -> usize {
        slices.iter().for_each(|slice| written(slice));
        slices.iter().map(|slice| slice.len()).sum()
    }
}

/// Polls a future that never waits, as no work on a [`Source`] does, without a runtime.
#[inline]
pub fn now<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

impl io::Read for Source {
    #[inline]
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        Ok(self.read_slice(to))
    }
}

impl io::Write for Source {
    #[inline]
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        written(from);
        Ok(from.len())
    }

    #[inline]
    fn write_vectored(&mut self, from: &[IoSlice<'_>]) -> io::Result<usize> {
        Ok(Self::write_slices(from))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl tokio::io::AsyncRead for Source {
    #[inline]
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        to: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Source::read(&mut self, to.remaining(), |bytes| to.put_slice(bytes));
        Poll::Ready(Ok(()))
    }
}

impl tokio::io::AsyncWrite for Source {
    #[inline]
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        from: &[u8],
    ) -> Poll<io::Result<usize>> {
        written(from);
        Poll::Ready(Ok(from.len()))
    }

    #[inline]
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        from: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(Self::write_slices(from)))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl futures_io::AsyncRead for Source {
    #[inline]
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        to: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(self.read_slice(to)))
    }
}

impl futures_io::AsyncWrite for Source {
    #[inline]
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        from: &[u8],
    ) -> Poll<io::Result<usize>> {
        written(from);
        Poll::Ready(Ok(from.len()))
    }

    #[inline]
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        from: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(Self::write_slices(from)))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
