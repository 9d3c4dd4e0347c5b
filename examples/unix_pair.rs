//! Both ends of a Unix socket pair (on other systems, of a TCP connection), a thread for each: blocking
//! sockets, and nothing but `std`.
//!
//! `cargo run --example unix_pair`

#[path = "common/clocks.rs"]
mod clocks;

use patchcord::blocking::WebSocket;
use patchcord::handshake::client::Request;
use patchcord::handshake::{Url, admission::Admission, server::RequestReader, subprotocol::Offer};
use patchcord::{Close, CloseCode, Config, Event, Message};
#[cfg(not(unix))]
use std::net::TcpStream as Socket;
#[cfg(unix)]
use std::os::unix::net::UnixStream as Socket;
use std::{env, error::Error, thread};

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

const USAGE: &str = "\
usage: unix_pair [OPTIONS]

Both ends of a socket pair, which talk and then close.

  --idle N               close after N pings from either end";

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

/// Returns how the ends behave, and how many pings they idle for; `None` if help was asked for.
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
    let offer = Offer::required().with_name("v2.audio")?.with_name("v1.audio")?;
    let request = Request::new(Url::parse("ws://localhost/echo")?).with_offer(offer);
    let mut peer = WebSocket::connect(socket, config, &request, |open| {
        println!("client  selected {:?}", open.subprotocol());
    })?;
    peer.send(Message::Text("Hello"))?;
    peer.driver.connection.ping(b"?", &mut peer.driver.output)?;
    peer.send(Message::Binary(&[0x55; 640]))?; // 20 ms of audio at 16 kHz
    let mut idled = None;
    peer.run(|event, connection, out| {
        match event {
            Event::Binary(payload) => {
                println!("client  heard {} bytes of audio", payload.len());
                idled = Some(0);
            }
            Event::Ping(_) | Event::Pong(_) if idled.is_some() => idled = idled.map(|n| n + 1),
            other => println!("client  heard {other:?}"),
        }
        if idled == Some(idle) {
            idled = None;
            connection.close(Some(Close::new(CloseCode::NORMAL, "that was all")), out)?;
        }
        Ok(())
    })?;
    Ok(())
}

fn server(socket: Socket, config: Config) -> Outcome {
    let reader = RequestReader::new(Admission::any());
    let mut peer = WebSocket::accept(socket, config, reader, |request| {
        let subprotocol = request.offers().select(&["v1.audio"])?;
        Ok(request.response().with_subprotocol(subprotocol)?)
    })?;
    peer.run(|event, connection, out| match event {
        Event::Text(text) => connection.send(Message::Text(&text), out),
        Event::Binary(payload) => connection.send(Message::Binary(&payload), out),
        other => {
            println!("server  heard {other:?}"); // and answers it
            Ok(())
        }
    })?;
    Ok(())
}
