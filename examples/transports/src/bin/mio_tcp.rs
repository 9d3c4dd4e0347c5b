//! mio: a server on one thread, with many connections in sockets that never block: see
//! `src/event_loop.rs` and `src/nonblocking.rs`. The clients are threads on sockets of `std`: see
//! `src/blocking.rs`.

use mio::net::TcpListener;
use patchcord::ClosedBy;
use patchcord_transports::command::{Command, Settings};
use patchcord_transports::event_loop::EventLoop;
use patchcord_transports::nonblocking::Session;
use patchcord_transports::talk::Talk;
use patchcord_transports::{Outcome, blocking, leaving};
use std::thread;

/// Larger than the buffers of a socket.
const LARGE: usize = 12 * 1024 * 1024;

fn main() -> Outcome {
    let (command, settings) = Command::from_args()?;
    match command {
        Command::Both => both(settings),
        Command::Serve(address) => {
            let listener = TcpListener::bind(address.parse()?)?;
            let address = listener.local_addr()?;
            let server = EventLoop::<Session>::new(listener, settings)?;
            println!("listening on {address}");
            server.run()
        }
        Command::Connect(url) => {
            leaving::watch(|| {})?;
            let mut ends = [ClosedBy::Local, ClosedBy::Peer].into_iter();
            ends.try_for_each(|first| connect(&url, first, settings))
        }
    }
}

fn both(settings: Settings) -> Outcome {
    let listener = TcpListener::bind(([127, 0, 0, 1], 0).into())?;
    let url = format!("ws://{}/echo", listener.local_addr()?);
    let server = EventLoop::<Session>::new(listener, settings)?;
    thread::spawn(move || server.run().inspect_err(|error| eprintln!("server  {error}")));
    thread::scope(|scope| {
        let url = &url;
        let clients = [ClosedBy::Local, ClosedBy::Peer, ClosedBy::Local]
            .map(|first| scope.spawn(move || connect(url, first, settings)));
        clients.into_iter().try_for_each(|client| client.join().expect("no panic"))
    })
}

fn connect(url: &str, first: ClosedBy, settings: Settings) -> Outcome {
    blocking::hold(url, settings, Talk::new(first), LARGE)
}
