//! Both ends of a Unix socket pair (elsewhere, of a TCP connection), a thread for each: blocking
//! sockets, and nothing but `std`.
//!
//! `cargo run --example unix_pair`

use patchcord::handshake::client::{Answer, Request};
use patchcord::handshake::{Url, origin::OriginPolicy, server::RequestReader, subprotocol::Offer};
use patchcord::{Close, CloseCode, Config, Connection, Event, Message, Payload, Role};
use patchcord::{State, ThreadEntropy};
use std::io::{self, Read, Write};
#[cfg(not(unix))]
use std::net::TcpStream as Socket;
#[cfg(unix)]
use std::os::unix::net::UnixStream as Socket;
use std::{error::Error, net::Shutdown, thread};

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Outcome {
    #[cfg(unix)]
    let (near, far) = Socket::pair()?;
    #[cfg(not(unix))]
    let (near, far) = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        (Socket::connect(listener.local_addr()?)?, listener.accept()?.0)
    };
    let server = thread::spawn(|| server(far));
    client(near)?;
    server.join().expect("the server does not panic")
}

fn client(socket: Socket) -> Outcome {
    let mut out = Vec::new();
    let offer = Offer::required().name("v2.audio")?.name("v1.audio")?;
    let request = Request::new(Url::parse("ws://localhost/echo")?).offer(offer);
    let mut reader = request.write(&mut ThreadEntropy, &mut out)?;
    let open = |input: &mut &[u8], connection: &mut Connection<_>, out: &mut Vec<u8>| {
        match reader.read(input)? {
            None => return Ok(false),
            Some(Answer::Refused(answer)) => return Err(format!("{}", answer.status()).into()),
            Some(Answer::Open(open)) => println!("client  selected {:?}", open.subprotocol()),
        }
        connection.send(Message::Text("Hello"), out)?;
        connection.ping(b"?", out)?;
        connection.send(Message::Binary(&[0x55; 640]), out)?; // 20 ms of audio at 16 kHz
        Ok(true)
    };
    let connection = Connection::client(ThreadEntropy, Config::default());
    run(socket, connection, out, open, |event, connection, _| {
        match event {
            Event::Binary(octets) => {
                println!("client  heard {} bytes of audio", octets.len());
                connection.close(Some(Close::new(CloseCode::NORMAL, "that was all")))?;
            }
            other => println!("client  heard {other:?}"),
        }
        Ok(())
    })
}

fn server(socket: Socket) -> Outcome {
    let mut reader = RequestReader::new(OriginPolicy::any());
    let open = |input: &mut &[u8], _: &mut Connection<_>, out: &mut Vec<u8>| {
        let Some(request) = reader.read(input)? else { return Ok(false) };
        request.accept(request.subprotocols(&[])?.server_preference(&["v1.audio"]), out)?;
        Ok(true)
    };
    let connection = Connection::server(Config::default());
    run(socket, connection, Vec::new(), open, |event, connection, out| {
        match event {
            Event::Text(text) => connection.send(Message::Text(&text), out)?,
            Event::Binary(octets) => connection.send(Message::Binary(&octets), out)?,
            other => println!("server  heard {other:?}"), // `run` flushes the answer
        }
        Ok(())
    })
}

/// Runs one end, from the opening handshake to the end of the stream.
fn run<R: Role>(
    mut socket: Socket,
    mut connection: Connection<R>,
    mut out: Vec<u8>,
    mut open: impl FnMut(&mut &[u8], &mut Connection<R>, &mut Vec<u8>) -> Outcome<bool>,
    mut hear: impl FnMut(Event<Payload<'_>>, &mut Connection<R>, &mut Vec<u8>) -> Outcome,
) -> Outcome {
    let mut buffer = connection.buffer();
    let mut is_open = false;
    while !connection.is_finished() {
        socket.write_all(&out)?;
        out.clear();
        match socket.read(buffer.space())? {
            0 => return Ok(connection.end_of_stream(buffer.input())?),
            read => buffer.filled(read),
        }
        if !is_open {
            let mut head = &*buffer.input();
            is_open = open(&mut head, &mut connection, &mut out)?;
            let rest = head.len();
            buffer.keep(rest);
        }
        let mut input = if is_open { buffer.unconsumed() } else { continue };
        while let Ok(Some(event)) = connection.receive(&mut input) {
            hear(event, &mut connection, &mut out)?;
        }
        connection.flush(&mut out)?;
    }
    socket.write_all(&out)?;
    if !R::MASKS {
        socket.shutdown(Shutdown::Write)?; // RFC 6455 section 7.1.1: the server is the first
    }
    io::copy(&mut socket, &mut io::sink())?;
    match connection.state() {
        State::Failed(error) => Err(error.into()),
        _ => Ok(()),
    }
}
