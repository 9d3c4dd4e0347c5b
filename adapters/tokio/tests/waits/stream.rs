//! A stream that can break, and that can hold back what it took, as TLS and HTTP/2 do.

use crate::script::Script;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use tokio::time::{Instant, Sleep, sleep, sleep_until};

pub(crate) struct Fickle {
    inner: DuplexStream,
    breaks: Option<Pin<Box<Sleep>>>,
    holds: Duration,
    held: Option<Pin<Box<Sleep>>>,
}

impl Fickle {
    pub(crate) fn new(inner: DuplexStream, start: Instant, script: &Script) -> Self {
        let at = |step| start + Duration::from_millis(10 * step + 8);
        let breaks = script.breaks.map(|step| Box::pin(sleep_until(at(step))));
        Self { inner, breaks, holds: Duration::from_millis(script.holds), held: None }
    }

    fn poll_broken(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        let Some(breaks) = &mut self.breaks else { return Ok(()) };
        match breaks.is_elapsed() || breaks.as_mut().poll(context).is_ready() {
            true => Err(ErrorKind::BrokenPipe.into()),
            false => Ok(()),
        }
    }
}

impl AsyncRead for Fickle {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        space: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(context, space)
    }
}

impl AsyncWrite for Fickle {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_broken(context)?;
        let written = ready!(Pin::new(&mut self.inner).poll_write(context, bytes))?;
        if !self.holds.is_zero() && self.held.is_none() {
            self.held = Some(Box::pin(sleep(self.holds)));
        }
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some(held) = &mut self.held {
            ready!(held.as_mut().poll(context));
            self.held = None;
        }
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.as_mut().poll_flush(context))?;
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}
