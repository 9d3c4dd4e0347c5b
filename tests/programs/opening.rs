//! The opening handshake over HTTP/1.1, from both sides.

use crate::programs::frames::{Outcome, Wire};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha1::{Digest, Sha1};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Asks a server for a WebSocket.
pub(crate) fn ask(mut socket: TcpStream, path: &str, fields: &str) -> Outcome<Wire> {
    let host = socket.peer_addr().map_err(|error| error.to_string())?;
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{fields}\r\n"
    );
    socket.write_all(request.as_bytes()).map_err(|error| error.to_string())?;
    let (head, rest) = head(&mut socket)?;
    match head.starts_with("HTTP/1.1 101 ") {
        true => Ok(Wire::new(socket, true, rest)),
        false => Err(format!("refused: {head}")),
    }
}

/// Reads a client's request; returns it with what came behind it.
pub(crate) fn heed(socket: &mut TcpStream) -> Outcome<(String, Vec<u8>)> {
    head(socket)
}

/// Answers a client's request with an open WebSocket; selects `token` if that was offered.
pub(crate) fn accept(mut socket: TcpStream) -> Outcome<Wire> {
    let (head, rest) = head(&mut socket)?;
    let selected = match field(&head, "sec-websocket-protocol") {
        Some(offer) if offer.starts_with("token") => "Sec-WebSocket-Protocol: token\r\n",
        _ => "",
    };
    socket.write_all(open(&head, selected)?.as_bytes()).map_err(|error| error.to_string())?;
    Ok(Wire::new(socket, false, rest))
}

/// The head that opens a WebSocket, with these fields in addition.
pub(crate) fn open(request: &str, fields: &str) -> Outcome<String> {
    let key = field(request, "sec-websocket-key").ok_or(format!("no key: {request}"))?;
    let digest = Sha1::digest(format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
    let accept = STANDARD.encode(digest);
    Ok(format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n{fields}\r\n"
    ))
}

fn field<'head>(head: &'head str, name: &str) -> Option<&'head str> {
    let mut fields = head.lines().filter_map(|line| line.split_once(':'));
    fields.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

fn head(socket: &mut TcpStream) -> Outcome<(String, Vec<u8>)> {
    let patience = Some(Duration::from_secs(20));
    socket.set_read_timeout(patience).map_err(|error| error.to_string())?;
    let (mut bytes, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let rest = bytes.split_off(end + 4);
            return Ok((String::from_utf8_lossy(&bytes).into_owned(), rest));
        }
        match socket.read(&mut chunk) {
            Ok(0) => return Err("the stream ended in the opening handshake".to_owned()),
            Ok(read) => bytes.extend(&chunk[..read]),
            Err(error) => return Err(format!("no head: {error}")),
        }
    }
}
