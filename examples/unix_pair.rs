//! Both ends of a Unix socket pair (elsewhere, of a TCP connection), a thread for each: blocking
//! sockets, and nothing but `std`.
//!
//! `cargo run --example unix_pair`

#[path = "common/clocks.rs"]
mod clocks;

use patchcord::handshake::client::{Answer, Request};
use patchcord::handshake::{Url, origin::OriginPolicy, server::RequestReader, subprotocol::Offer};
use patchcord::{Close, CloseCode, Config, Connection, Event, Message, Payload, Role};
use patchcord::{State, ThreadEntropy};
use std::io::{self, ErrorKind, Read, Write};
#[cfg(not(unix))]
use std::net::TcpStream as Socket;
#[cfg(unix)]
use std::os::unix::net::UnixStream as Socket;
use std::time::{Duration, Instant};
use std::{env, error::Error, net::Shutdown, thread};

/// The shortest wait that a socket takes.
const SOON: Duration = Duration::from_millis(1);

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

const USAGE: &str = "\
usage: unix_pair [OPTIONS]

Both ends of a socket pair, which talk and then close.

  --idle N               close after N pings of either end's";

fn main() -> Outcome {
    let Some((config, idle)) = options()? else { return Ok(()) };
    #[cfg(unix)]
    let (near, far) = Socket::pair()?;
    #[cfg(not(unix))]
    let (near, far) = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        (Socket::connect(listener.local_addr()?)?, listener.accept()?.0)
    };
    let server = thread::spawn(move || server(far, config));
    client(near, config, idle)?;
    server.join().expect("the server does not panic")
}

/// How the ends behave, and how many pings they idle for; `None` if help was asked for.
fn options() -> Outcome<Option<(Config, u32)>> {
    let (mut config, mut idle) = (Config::default(), 0);
    let mut args = env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.strip_prefix("--") {
            Some("help") => {
                println!("{USAGE}\n{}", clocks::USAGE);
                return Ok(None);
            }
            Some("idle") => {
                idle = args.next().ok_or("--idle takes a number of pings")?.parse()?;
            }
            Some(name) if clocks::set(&mut config.timeouts, name, || args.next())? => {}
            _ => return Err(format!("invalid argument '{arg}'; try --help").into()),
        }
    }
    Ok(Some((config, idle)))
}

fn client(socket: Socket, config: Config, idle: u32) -> Outcome {
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
    let connection = Connection::client(ThreadEntropy, config);
    let mut idled = None;
    run(socket, connection, out, open, |event, connection, _| {
        match event {
            Event::Binary(octets) => {
                println!("client  heard {} bytes of audio", octets.len());
                idled = Some(0);
            }
            Event::Ping(_) | Event::Pong(_) if idled.is_some() => idled = idled.map(|n| n + 1),
            other => println!("client  heard {other:?}"),
        }
        if idled == Some(idle) {
            idled = None;
            connection.close(Some(Close::new(CloseCode::NORMAL, "that was all")))?;
        }
        Ok(())
    })
}

fn server(socket: Socket, config: Config) -> Outcome {
    let mut reader = RequestReader::new(OriginPolicy::any());
    let open = |input: &mut &[u8], _: &mut Connection<_>, out: &mut Vec<u8>| {
        let Some(request) = reader.read(input)? else { return Ok(false) };
        request.accept(request.subprotocols(&[])?.server_preference(&["v1.audio"]), out)?;
        Ok(true)
    };
    let connection = Connection::server(config);
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
    let (mut is_open, start) = (false, Instant::now());
    while !connection.is_finished() {
        // Time comes before the write: a ping that is due leaves in this turn.
        let expired = is_open.then(|| connection.on_time(start.elapsed())).flatten();
        connection.flush(&mut out)?;
        socket.write_all(&out)?;
        out.clear();
        if let Some(expired) = expired {
            return Err(expired.into());
        }
        let wait = connection.next_deadline().filter(|_| is_open);
        let wait = wait.map(|at| at.saturating_sub(start.elapsed()).max(SOON));
        socket.set_read_timeout(wait)?;
        match socket.read(buffer.space()) {
            Ok(0) => return Ok(connection.end_of_stream(buffer.input())?),
            Ok(read) => buffer.filled(read),
            Err(error) if is_timeout(&error) => continue,
            Err(error) => return Err(error.into()),
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
    // After both Closes, how the stream ends is not an error.
    let _ = socket.set_read_timeout(None).and_then(|()| io::copy(&mut socket, &mut io::sink()));
    match connection.state() {
        State::Failed(error) => Err(error.into()),
        _ => Ok(()),
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}
