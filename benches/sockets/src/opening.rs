//! Connections of clients, opened one after the other.

use crate::process::Process;
use crate::servers::Opening;
use socket2::SockRef;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// How long a server may be silent, or accept nothing.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest head of a response.
const HEAD: usize = 4096;

/// Opens a connection. When it is dropped it is reset, so that it leaves no port behind.
pub fn open(process: &Process) -> io::Result<TcpStream> {
    let mut tcp = TcpStream::connect(process.address)?;
    tcp.set_nodelay(true)?;
    tcp.set_read_timeout(Some(PATIENCE))?;
    tcp.set_write_timeout(Some(PATIENCE))?;
    SockRef::from(&tcp).set_linger(Some(Duration::ZERO))?;
    if let Opening::Request(fields) = process.server.opening {
        let host = process.address;
        // The nonce of RFC 6455 section 1.3.
        let request = format!(
            "GET / HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\
             {fields}\r\n"
        );
        tcp.write_all(request.as_bytes())?;
        let head = head(&mut tcp)?.to_ascii_lowercase();
        if !head.starts_with("http/1.1 101 ") || !head.contains("s3pplmbitxaq9kygzzhzrbk+xoo=") {
            return Err(io::Error::other(format!("the handshake was answered: {head}")));
        }
    }
    Ok(tcp)
}

/// Reads a response's head. Nothing follows it, since servers do not speak first.
fn head(tcp: &mut TcpStream) -> io::Result<String> {
    let mut head = [0; HEAD];
    let mut length = 0;
    while !head[..length].ends_with(b"\r\n\r\n") {
        match tcp.read(&mut head[length..]) {
            Ok(0) => return Err(io::Error::other("the response ended inside its head")),
            Ok(count) => length += count,
            // A read with a time limit is interrupted if this process was stopped for some time.
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(String::from_utf8_lossy(&head[..length]).into_owned())
}
