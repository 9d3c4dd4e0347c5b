//! A client from a URL alone: name, TCP, proxy, TLS, opening handshake, redirects.

mod dial;
mod proxy;
#[cfg(feature = "rustls")]
mod tls;
mod transport;

pub use proxy::Proxy;
pub use transport::Transport;

use crate::{OpenError, Options, WebSocket};
use patchcord::Expired;
use patchcord::handshake::client::{MAX_REDIRECTS, Request};
use patchcord::handshake::subprotocol::Offer;
use patchcord::handshake::{FieldError, Url};
use std::fmt;
use std::time::Duration;
#[cfg(feature = "rustls")]
use {std::sync::Arc, tokio_rustls::rustls::ClientConfig};

/// Connects to a `ws:` or `wss:` URL.
///
/// ```
/// use patchcord_tokio::{Error, connect};
///
/// # async fn ask() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// let mut socket = connect("ws://127.0.0.1:9001/").await?;
/// socket.send("Hello").await?;
/// let answer = socket.recv().await.ok_or(Error::Closed)??;
/// socket.close(None).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// When the URL is not one, there is no way to the server, or it refuses.
#[doc(alias = "connect_async")]
#[doc(alias = "client")]
pub async fn connect(url: &str) -> Result<WebSocket<Transport>, OpenError> {
    Connect::new(url)?.open().await
}

/// A client that knows all that it needs to connect, and can do so again and again.
///
/// ```
/// use patchcord_tokio::handshake::credential::vendor::DEEPGRAM;
/// use patchcord_tokio::{Connect, Options};
/// use std::time::Duration;
///
/// # async fn listen(key: &str) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// let client = Connect::new("wss://api.deepgram.com/v1/listen?model=nova-3")?
///     .offer(DEEPGRAM.offer(key)?)
///     .options(Options::new().ping_interval(Duration::from_secs(20)));
/// let socket = client.open().await?;
/// # drop(socket);
/// # Ok(())
/// # }
/// ```
///
/// Addresses are tried one after another; with the feature `happy-eyeballs`, those of the other
/// family as well after 300 ms (RFC 8305). All of it has [`Timeouts::opening`] of time.
///
/// [`Timeouts::opening`]: crate::Timeouts::opening
#[derive(Clone)]
#[must_use = "it connects when it is told to open"]
#[doc(alias = "reconnect")]
#[doc(alias = "TLS")]
#[doc(alias = "wss")]
pub struct Connect {
    request: Request,
    options: Options,
    redirects: usize,
    proxy: Option<Proxy>,
    #[cfg(feature = "rustls")]
    tls: Option<Arc<ClientConfig>>,
}

impl Connect {
    /// A client of this URL.
    ///
    /// # Errors
    /// When it is not a `ws:` or `wss:` URL.
    pub fn new(url: &str) -> Result<Self, OpenError> {
        Ok(Self::request(Request::new(Url::parse(url)?)))
    }

    /// A client that makes this request.
    pub fn request(request: Request) -> Self {
        Self {
            request,
            options: Options::new(),
            redirects: 0,
            proxy: None,
            #[cfg(feature = "rustls")]
            tls: None,
        }
    }

    /// The same, offering subprotocols, and credentials among them.
    #[doc(alias = "Sec-WebSocket-Protocol")]
    #[doc(alias = "subprotocol")]
    #[doc(alias = "credential")]
    pub fn offer(self, offer: Offer) -> Self {
        Self { request: self.request.with_offer(offer), ..self }
    }

    /// The same with these header fields, such as `Origin`, `Cookie` or `Authorization`.
    ///
    /// # Errors
    /// When one cannot be sent; the error says which and why.
    pub fn headers(self, fields: &[(&str, &str)]) -> Result<Self, FieldError> {
        Ok(Self { request: self.request.with_headers(fields)?, ..self })
    }

    /// The same with a header field that holds a credential, such as `xi-api-key`.
    ///
    /// # Errors
    /// When it cannot be sent.
    #[doc(alias = "Authorization")]
    #[doc(alias = "bearer")]
    pub fn secret_header(self, name: &str, value: &str) -> Result<Self, FieldError> {
        Ok(Self { request: self.request.with_secret_header(name, value)?, ..self })
    }

    /// The same with these options for the connection.
    pub fn options(self, options: Options) -> Self {
        Self { options, ..self }
    }

    /// The same, going through a proxy.
    pub fn proxy(self, proxy: Proxy) -> Self {
        Self { proxy: Some(proxy), ..self }
    }

    /// The same, following so many redirects, and [`MAX_REDIRECTS`] at most; without this, none is, as
    /// in browsers. What is secret goes to the same scheme, host and port alone: see
    /// [`Request::follow`].
    pub fn redirects(self, most: usize) -> Self {
        Self { redirects: most.min(MAX_REDIRECTS), ..self }
    }

    /// The same with TLS of one's own: other roots, or a client's certificate.
    #[cfg(feature = "rustls")]
    pub fn tls(self, config: Arc<ClientConfig>) -> Self {
        Self { tls: Some(config), ..self }
    }

    /// Connects.
    ///
    /// # Errors
    /// When there is no way to the server, it refuses, or all of it took too long.
    pub async fn open(&self) -> Result<WebSocket<Transport>, OpenError> {
        let opening = self.options.config.timeouts.opening.unwrap_or(FOR_EVER);
        let opened = tokio::time::timeout(opening, self.follow()).await;
        opened.unwrap_or(Err(OpenError::Ended(Expired::Opening.into())))
    }

    async fn follow(&self) -> Result<WebSocket<Transport>, OpenError> {
        let mut request = self.request.clone();
        for _ in 0..self.redirects {
            match self.reach(&request).await {
                Err(OpenError::Redirected(redirect)) => request = request.follow(&redirect),
                reached => return reached,
            }
        }
        self.reach(&request).await
    }

    async fn reach(&self, request: &Request) -> Result<WebSocket<Transport>, OpenError> {
        let url = request.url();
        let tcp = match &self.proxy {
            None => dial::connect(url.host(), url.port()).await?,
            Some(proxy) => proxy.tunnel(url).await?,
        };
        let transport = match url.is_secure() {
            false => Transport::Plain(tcp),
            #[cfg(feature = "rustls")]
            true => tls::wrap(self.tls.clone(), url.host(), tcp).await?,
            #[cfg(not(feature = "rustls"))]
            true => return Err(OpenError::NoTls),
        };
        self.options.connect(transport, request).await
    }
}

/// A time that does not pass.
const FOR_EVER: Duration = Duration::from_secs(u32::MAX as u64);

/// Without what is secret in it.
impl fmt::Debug for Connect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connect")
            .field("request", &self.request)
            .field("proxy", &self.proxy)
            .field("redirects", &self.redirects)
            .finish_non_exhaustive()
    }
}
