//! mio: a server on one thread, with many connections in sockets that never block: see
//! `src/nonblocking.rs`. The clients are threads on sockets of `std`: see `src/blocking.rs`.

use mio::net::TcpListener;
use mio::{Events, Interest, Poll, Token};
use patchcord::handshake::Url;
use patchcord::{Config, End};
use patchcord_transports::command::Command;
use patchcord_transports::nonblocking::Session;
use patchcord_transports::talk::Talk;
use patchcord_transports::{Outcome, blocking, opening};
use std::collections::HashMap;
use std::time::Instant;
use std::{io, net, thread};

/// Larger than the buffers of a socket.
const LARGE: usize = 12 * 1024 * 1024;

const LISTENER: Token = Token(0);

fn main() -> Outcome {
    let (command, config) = Command::from_args()?;
    match command {
        Command::Both => {
            let listener = TcpListener::bind(([127, 0, 0, 1], 0).into())?;
            let url = format!("ws://{}/echo", listener.local_addr()?);
            thread::spawn(move || {
                serve(listener, config).inspect_err(|error| eprintln!("server  {error}"))
            });
            thread::scope(|scope| {
                let url = &url;
                let clients = [End::Local, End::Peer, End::Local]
                    .map(|first| scope.spawn(move || connect(url, first, config)));
                clients.into_iter().try_for_each(|client| client.join().expect("no panic"))
            })
        }
        Command::Serve(address) => {
            let listener = TcpListener::bind(address.parse()?)?;
            println!("listening on {}", listener.local_addr()?);
            serve(listener, config)
        }
        Command::Connect(url) => {
            [End::Local, End::Peer].into_iter().try_for_each(|first| connect(&url, first, config))
        }
    }
}

fn connect(url: &str, first: End, config: Config) -> Outcome {
    let url = Url::parse(url)?;
    let mut socket = net::TcpStream::connect(opening::address(&url))?;
    socket.set_nodelay(true)?;
    let wait = |socket: &net::TcpStream, span| socket.set_read_timeout(span);
    blocking::hold(&mut socket, wait, url, config, Talk::new(first), LARGE)
}

/// Waits for a socket that is ready or a deadline, and lets those connections go on.
fn serve(mut listener: TcpListener, config: Config) -> Outcome {
    let mut poll = Poll::new()?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    let mut sessions = HashMap::new();
    let mut last = LISTENER;
    let mut events = Events::with_capacity(1024);
    loop {
        let deadline = sessions.values().filter_map(Session::deadline).min();
        let patience = deadline.map(|at| at.saturating_duration_since(Instant::now()));
        match poll.poll(&mut events, patience) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            polled => polled?,
        }
        while let Ok((mut socket, _)) = listener.accept() {
            last.0 += 1;
            let both = Interest::READABLE | Interest::WRITABLE;
            if poll.registry().register(&mut socket, last, both).is_ok() {
                sessions.insert(last, Session::new(socket, config));
            }
        }
        for token in events.iter().map(|event| event.token()) {
            if sessions.get_mut(&token).is_some_and(|session| !goes_on(session)) {
                sessions.remove(&token);
            }
        }
        let now = Instant::now();
        let is_due = |session: &Session| session.deadline().is_some_and(|at| at <= now);
        sessions.retain(|_, session| !is_due(session) || goes_on(session));
    }
}

/// What goes wrong with one connection ends that one alone.
fn goes_on(session: &mut Session) -> bool {
    session.go_on().unwrap_or_else(|error| {
        eprintln!("server  {error}");
        false
    })
}
