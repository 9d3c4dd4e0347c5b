//! The layers below the WebSocket: TCP, and TLS for `wss:`.

use crate::Result;
use crate::options::Options;
use crate::proxy;
use crate::tls::{Tls, Trust};
use patchcord::blocking::Socket;
use patchcord::handshake::Url;
use std::io::{self, IoSlice, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

pub(crate) enum Stream {
    Plain(TcpStream),
    Secure(Box<Tls>),
}

impl Stream {
    /// Connects, through a proxy if there is one; with TLS if `trust` is given.
    pub(crate) fn connect(
        options: &Options,
        url: Url<'_>,
        patience: Duration,
        trust: Option<Trust>,
    ) -> Result<Self> {
        let socket = match &options.proxy {
            None => connect((url.host(), url.port()), patience)?,
            Some(proxy) => {
                let mut socket = connect(proxy.as_str(), patience)?;
                socket.set_read_timeout(Some(patience))?;
                proxy::open(&mut socket, options, url)?;
                socket
            }
        };
        match trust {
            None => Ok(Self::Plain(socket)),
            Some(trust) => Ok(Self::Secure(Box::new(Tls::new(socket, url.host(), trust)?))),
        }
    }

    fn get(&mut self) -> &mut dyn Socket {
        match self {
            Self::Plain(socket) => socket,
            Self::Secure(tls) => tls.as_mut(),
        }
    }
}

/// Tries all addresses of a host.
fn connect(host: impl ToSocketAddrs, patience: Duration) -> io::Result<TcpStream> {
    let mut failed = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    for address in host.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, patience) {
            Ok(socket) => return Ok(socket),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

impl Read for Stream {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        self.get().read(to)
    }
}

impl Write for Stream {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        self.get().write(from)
    }

    fn write_vectored(&mut self, from: &[IoSlice<'_>]) -> io::Result<usize> {
        self.get().write_vectored(from)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.get().flush()
    }
}

impl Socket for Stream {
    fn prepare(&self) -> io::Result<()> {
        match self {
            Self::Plain(socket) => socket.prepare(),
            Self::Secure(tls) => tls.prepare(),
        }
    }

    fn read_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        match self {
            Self::Plain(socket) => Socket::read_timeout(socket, timeout),
            Self::Secure(tls) => tls.read_timeout(timeout),
        }
    }

    fn write_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        match self {
            Self::Plain(socket) => Socket::write_timeout(socket, timeout),
            Self::Secure(tls) => tls.write_timeout(timeout),
        }
    }

    fn shutdown(&mut self) -> io::Result<()> {
        self.get().shutdown()
    }
}
