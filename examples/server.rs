//! A complete server: echoes every message, with deadlines and an orderly end.
use patchcord::handshake::{admission::Admission, server::RequestReader};
use patchcord::{Config, Event, Message, blocking::WebSocket};
use std::net::{TcpListener, TcpStream};
use std::{env, io, sync::atomic::AtomicBool, thread};

static LEAVING: AtomicBool = AtomicBool::new(false); // set by a signal, say

fn serve(socket: TcpStream) -> io::Result<()> {
    let pages = RequestReader::new(Admission::any()); // or a list of yours
    let peer = WebSocket::accept(socket, Config::default(), pages, |asks| Ok(asks.response()))?;
    peer.leave_when(&LEAVING).run(|event, connection, out| match event {
        Event::Text(text) => connection.send(Message::Text(&text), out),
        Event::Binary(bytes) => connection.send(Message::Binary(&bytes), out),
        _ => Ok(()), // pings and the Close are answered
    })
}

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:9001".to_owned());
    for socket in TcpListener::bind(address)?.incoming().flatten() {
        thread::spawn(|| serve(socket).unwrap_or_else(|error| eprintln!("{error}")));
    }
    Ok(())
}
