//! A way through a proxy of HTTP: `CONNECT` (RFC 9110 section 9.3.6).

use super::dial;
use crate::OpenError;
use patchcord::ReceiveBuffer;
use patchcord::handshake::client::proxy::{TunnelAnswer, TunnelRequest};
use patchcord::handshake::{Url, UrlBuf};
use std::fmt;
use std::io::{self, ErrorKind};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A proxy that makes a tunnel to the server. Which one to take is the program's choice: neither
/// `https_proxy` nor a script is looked at.
///
/// ```
/// use patchcord_tokio::{Connect, Proxy};
///
/// # fn client(password: &str) -> Result<Connect, Box<dyn std::error::Error>> {
/// let proxy = Proxy::new("proxy.example:3128")?.basic("me", password)?;
/// let client = Connect::new("wss://example.com/feed")?.proxy(proxy);
/// # Ok(client)
/// # }
/// # client("5ec7e7").unwrap();
/// ```
#[derive(Clone)]
pub struct Proxy {
    /// Its address, in the form of a URL.
    address: UrlBuf,
    credential: Option<Credential>,
}

#[derive(Clone)]
struct Credential {
    user: String,
    password: String,
}

/// How much of an answer is read at once.
const READ: usize = 4096;

impl Proxy {
    /// A proxy at a host and a port; without a port, it is 80.
    ///
    /// # Errors
    /// When that is not a host and a port.
    pub fn new(authority: &str) -> Result<Self, OpenError> {
        let address: UrlBuf = format!("ws://{authority}").parse()?;
        Ok(Self { address, credential: None })
    }

    /// The same with a user's name and password for it. Between the program and the proxy,
    /// everybody on the way can read them.
    ///
    /// # Errors
    /// When either has a control character, or the name a colon.
    pub fn basic(self, user: &str, password: &str) -> Result<Self, OpenError> {
        let check = TunnelRequest::new(self.address.as_url());
        check.with_basic(user.as_bytes(), password.as_bytes()).map_err(OpenError::Proxy)?;
        let credential = Credential { user: user.to_owned(), password: password.to_owned() };
        Ok(Self { credential: Some(credential), ..self })
    }

    /// Connects to the proxy, and through it to the host of a URL.
    pub(super) async fn tunnel(&self, url: Url<'_>) -> Result<TcpStream, OpenError> {
        let proxy = self.address.as_url();
        let mut tcp = dial::connect(proxy.host(), proxy.port()).await?;
        let mut request = TunnelRequest::new(url);
        if let Some(Credential { user, password }) = &self.credential {
            let basic = request.with_basic(user.as_bytes(), password.as_bytes());
            request = basic.map_err(OpenError::Proxy)?;
        }
        let mut out = Vec::new();
        let mut reader = request.write(&mut out).map_err(OpenError::Proxy)?;
        tcp.write_all(&out).await?;
        let mut buffer = ReceiveBuffer::new(READ);
        loop {
            match tcp.read(buffer.space()).await? {
                0 => return Err(io::Error::from(ErrorKind::UnexpectedEof).into()),
                read => buffer.filled(read),
            }
            match buffer.head(|input| reader.read(input)).map_err(OpenError::Response)? {
                None => {}
                Some(TunnelAnswer::Tunnel(_)) => break,
                Some(TunnelAnswer::Refused(response)) => {
                    return Err(OpenError::ProxyRefused(response.status()));
                }
            }
        }
        match buffer.is_empty() {
            true => Ok(tcp),
            // A server of HTTP or TLS never speaks first, and this would be lost.
            false => Err(io::Error::from(ErrorKind::InvalidData).into()),
        }
    }
}

/// Without the credential.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({})", self.address.as_url().authority())
    }
}
