//! A client from a URL alone.

use crate::{OpenError, Options, WebSocket};
use patchcord::handshake::Url;
use patchcord::handshake::client::Request;
use patchcord::handshake::subprotocol::Offer;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Connects to a `ws:` or `wss:` URL.
///
/// # Errors
/// When the URL is not one, there is no way to the server, or it refuses.
pub async fn connect(url: &str) -> Result<WebSocket<Transport>, OpenError> {
    Connect::new(url)?.open().await
}

/// A client that connects, as often as it has to.
#[derive(Clone, Debug)]
pub struct Connect {
    request: Request,
    options: Options,
}

impl Connect {
    /// A client of this URL.
    ///
    /// # Errors
    /// When it is not a `ws:` or `wss:` URL.
    pub fn new(url: &str) -> Result<Self, OpenError> {
        Ok(Self::to(Request::new(Url::parse(url)?)))
    }

    /// A client that makes this request.
    #[must_use]
    pub fn to(request: Request) -> Self {
        Self { request, options: Options::new() }
    }

    /// The same, offering subprotocols, and credentials among them.
    #[must_use]
    pub fn offer(self, offer: Offer) -> Self {
        Self { request: self.request.offer(offer), ..self }
    }

    /// The same with these options for the connection.
    #[must_use]
    pub fn options(self, options: Options) -> Self {
        Self { options, ..self }
    }

    /// Connects.
    ///
    /// # Errors
    /// When there is no way to the server, or it refuses.
    pub async fn open(&self) -> Result<WebSocket<Transport>, OpenError> {
        let url = self.request.url();
        if url.is_secure() {
            return Err(io::Error::from(io::ErrorKind::Unsupported).into());
        }
        let tcp = TcpStream::connect((url.host(), url.port())).await?;
        tcp.set_nodelay(true)?;
        self.options.connect(Transport::Plain(tcp), &self.request).await
    }
}

/// What a client's WebSocket goes over.
#[derive(Debug)]
#[non_exhaustive]
pub enum Transport {
    /// TCP.
    Plain(TcpStream),
}

impl Transport {
    fn inner(self: Pin<&mut Self>) -> Pin<&mut TcpStream> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp),
        }
    }
}

impl AsyncRead for Transport {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        space: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.inner().poll_read(context, space)
    }
}

impl AsyncWrite for Transport {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.inner().poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner().poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner().poll_shutdown(context)
    }
}
