//! A tunnel through an HTTP proxy, before everything else.

use crate::Result;
use crate::options::Options;
use patchcord::ReceiveBuffer;
use patchcord::handshake::Url;
use patchcord::handshake::client::proxy::{TunnelAnswer, TunnelReader, TunnelRequest};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

/// Returns the request for a tunnel to the server of the URL.
///
/// # Errors
/// When the options have a user that cannot be sent.
pub(crate) fn request<'text>(options: &Options, url: Url<'text>) -> Result<TunnelRequest<'text>> {
    let request = TunnelRequest::new(url);
    match options.proxy_user.as_deref().map(|user| user.split_once(':')) {
        None => Ok(request),
        Some(None) => Err("--proxy-user takes NAME:PASSWORD".into()),
        Some(Some((name, password))) => {
            Ok(request.with_basic(name.as_bytes(), password.as_bytes())?)
        }
    }
}

/// Asks a proxy for a tunnel to the server of the URL: from then on the socket leads there.
///
/// # Errors
/// When the proxy refuses, or does not answer in the socket's time.
pub(crate) fn open(socket: &mut TcpStream, options: &Options, url: Url<'_>) -> Result<()> {
    let mut out = Vec::new();
    let mut reader = request(options, url)?.write(&mut out)?;
    socket.write_all(&out)?;
    let mut input = ReceiveBuffer::default();
    while !is_open(&mut reader, &mut input)? {
        match socket.read(input.space())? {
            0 => return Err(std::io::Error::from(ErrorKind::UnexpectedEof).into()),
            read => input.filled(read),
        }
    }
    // In HTTP and in TLS the client speaks first, so nothing can arrive before the server heard it.
    if input.is_empty() { Ok(()) } else { Err("the server spoke first".into()) }
}

fn is_open(reader: &mut TunnelReader, input: &mut ReceiveBuffer) -> Result<bool> {
    let response = match input.head(|input| reader.read(input))? {
        None => return Ok(false),
        Some(TunnelAnswer::Tunnel(_)) => return Ok(true),
        Some(TunnelAnswer::Refused(response)) => response,
    };
    let schemes: Vec<&str> = response.challenges().map(|challenge| challenge.scheme()).collect();
    let asking = if schemes.is_empty() { "" } else { ", asking for " };
    let status = response.status();
    Err(format!("the proxy answered {status}{asking}{}", schemes.join(" or ")).into())
}
