//! Writing to the stream, reading from it, and its end.

use super::Session;
use super::buffers::Lent;
use crate::Error;
use crate::endpoint::{Listener, Received};
use bytes::Buf;
use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How long a peer that is at its end may take to take what TLS or HTTP/2 still hold for it.
const FAREWELL: Duration = Duration::from_secs(1);

/// How many parts are written at once; only shared payloads make more than one.
const SLICES: usize = 64;

impl<S> Session<S> {
    pub(super) fn is_written(&self) -> bool {
        self.endpoint.output().is_empty() && !self.unflushed
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// Writes as much as the stream takes.
    pub(super) fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<()> {
        while !self.endpoint.output().is_empty() {
            let output = self.endpoint.output();
            let stream = Pin::new(&mut self.stream);
            let written = match output.chunk().len() == output.remaining() {
                true => stream.poll_write(context, output.chunk()),
                false => {
                    let mut slices = [IoSlice::new(&[]); SLICES];
                    let count = output.chunks_vectored(&mut slices);
                    stream.poll_write_vectored(context, &slices[..count])
                }
            };
            match written {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(written) => self.wrote(written),
            }
        }
        Poll::Ready(())
    }

    fn wrote(&mut self, written: io::Result<usize>) {
        match written {
            Ok(0) => self.cannot_write(ErrorKind::WriteZero.into()),
            Ok(written) => {
                self.unflushed = true;
                self.endpoint.output_mut().advance(written);
            }
            Err(error) => self.cannot_write(error),
        }
    }

    #[cold]
    fn cannot_write(&mut self, error: io::Error) {
        let all = self.endpoint.output().remaining();
        self.endpoint.output_mut().advance(all);
        self.unflushed = false;
        // If the peer has said its last word, it may be gone.
        if !self.endpoint.is_heard_out() {
            self.broken.get_or_insert(error);
        }
    }

    /// Flushes and shuts down, when that is to be done. How it goes does not matter: what was lost
    /// is missed by the peer, and a stream that failed says so to whoever reads.
    pub(super) fn poll_end_of_output(&mut self, context: &mut Context<'_>) {
        if self.unflushed && Pin::new(&mut self.stream).poll_flush(context).is_ready() {
            self.unflushed = false;
        }
        if self.shutting && Pin::new(&mut self.stream).poll_shutdown(context).is_ready() {
            self.shutting = false;
        }
    }

    /// Waits for what the stream holds to leave, and for the end of TLS, if they do soon.
    pub(super) fn poll_last(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.poll_end_of_output(context);
        if !self.shutting && !self.unflushed {
            return Poll::Ready(());
        }
        let gone = *self.gone.get_or_insert_with(|| self.clock.now() + FAREWELL);
        self.clock.poll(Some(gone), context)
    }

    /// Reads once, if the connection wants to, and hands on what came. The thread's buffer is taken for
    /// that, unless this turn has it.
    pub(super) fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        listener: &mut impl Listener,
        lent: &mut Option<Lent>,
    ) -> Result<Poll<Received>, Error> {
        if !self.endpoint.wants_input() {
            return Ok(Poll::Pending);
        }
        lent.get_or_insert_with(|| Lent::new(self.endpoint.input()));
        let mut space = ReadBuf::new(self.endpoint.input().space());
        let read = Pin::new(&mut self.stream).poll_read(context, &mut space);
        let count = match (read, space.filled().len()) {
            (Poll::Ready(Ok(())), count) => count,
            // How the stream ends does not matter once both ends have said everything: a reset, or
            // TLS without its close_notify.
            (Poll::Ready(Err(_)), _) if self.endpoint.is_heard_out() => 0,
            (Poll::Ready(Err(error)), _) => return Err(error.into()),
            (Poll::Pending, _) => return Ok(Poll::Pending),
        };
        self.endpoint.read(count);
        self.take_output();
        Ok(Poll::Ready(self.endpoint.receive(listener)))
    }
}
