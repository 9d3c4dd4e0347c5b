//! A stream that counts its octets behind the opening handshake, and keeps what that was answered.

use std::io;
use std::net::TcpStream;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The most that is kept of what was read first.
const HEAD: usize = 4096;

const EXTENSIONS: &str = "sec-websocket-extensions:";

pub(super) struct Counted {
    stream: tokio::net::TcpStream,
    /// Received, and sent.
    octets: [u64; 2],
    head: Vec<u8>,
}

impl Counted {
    /// In a runtime.
    pub(super) fn new(socket: TcpStream) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        let stream = tokio::net::TcpStream::from_std(socket)?;
        Ok(Self { stream, octets: [0; 2], head: Vec::new() })
    }

    /// Counts from here on.
    pub(super) fn begin(&mut self) {
        self.octets = [0; 2];
    }

    pub(super) fn counted(&self) -> [u64; 2] {
        self.octets
    }

    /// What the peer's head says of extensions.
    pub(super) fn extensions(&self) -> String {
        let head = String::from_utf8_lossy(&self.head).to_lowercase();
        let head = head.split("\r\n\r\n").next().unwrap_or_default();
        let named = head.lines().find_map(|line| line.strip_prefix(EXTENSIONS));
        named.unwrap_or_default().trim().to_owned()
    }
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        space: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = space.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, space);
        let came = &space.filled()[before..];
        self.octets[0] += came.len() as u64;
        let room = HEAD.saturating_sub(self.head.len()).min(came.len());
        self.head.extend_from_slice(&came[..room]);
        read
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        if let Poll::Ready(Ok(count)) = written {
            self.octets[1] += count as u64;
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
