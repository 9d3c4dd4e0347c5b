//! A page to see a WebSocket work: its audio, its frames, its pings and its end.
//!
//! `cargo run --release --example studio`, then open the address that it prints.
//!
//! A connection has a thread. `opening` answers its request: with the page (`http`), or by opening
//! a WebSocket, which `session` then serves. What passes is dissected by the code of the example
//! `dissect`, recorded by `tap`, and told to the page on the same WebSocket.

#[path = "../common/clocks.rs"]
mod clocks;
#[path = "../common/compression.rs"]
mod compression;
mod ended;
#[path = "../dissect/head.rs"]
mod head;
mod http;
#[path = "../dissect/judge.rs"]
mod judge;
mod level;
#[path = "../dissect/line.rs"]
mod line;
mod opening;
mod options;
mod pings;
mod session;
#[path = "../dissect/sink.rs"]
mod sink;
#[allow(dead_code)] // no exit code is asked for here
#[path = "../dissect/stream.rs"]
mod stream;
mod tap;
mod text;
#[path = "../dissect/wire.rs"]
mod wire;

use ended::Ended;
use options::{Options, USAGE};
use patchcord::Timeouts;
use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::{thread, time::Duration};

/// The most connections at once: a page uses one or two, so this is for many windows.
const CONNECTIONS: usize = 64;

/// How long a write may wait for a peer that does not read.
const WRITE: Duration = Duration::from_secs(10);

/// What all connections share.
struct Studio {
    key: String,
    timeouts: Timeouts,
    /// What a `Host` may say: a name that another's name server gave to this address may not.
    hosts: [String; 2],
    /// The origins of its own page.
    origins: [String; 2],
    ended: Ended,
    sessions: AtomicU64,
    connections: AtomicUsize,
}

impl Studio {
    fn new(options: Options, port: u16) -> Self {
        let Options { key, timeouts, .. } = options;
        let hosts = ["127.0.0.1", "localhost"].map(|name| format!("{name}:{port}"));
        Self {
            key,
            timeouts,
            origins: hosts.clone().map(|host| format!("http://{host}")),
            hosts,
            ended: Ended::default(),
            sessions: AtomicU64::new(1),
            connections: AtomicUsize::new(0),
        }
    }

    fn is_host(&self, host: &str) -> bool {
        self.hosts.iter().any(|own| own.eq_ignore_ascii_case(host))
    }
}

fn main() -> ExitCode {
    let served = match Options::from_args() {
        Ok(Some(options)) => serve(options).map_err(|error| error.to_string()),
        Ok(None) => {
            println!("{USAGE}\n{}", clocks::USAGE);
            return ExitCode::SUCCESS;
        }
        Err(error) => Err(format!("{error}; try --help")),
    };
    if let Err(error) = served {
        eprintln!("studio: {error}");
    }
    ExitCode::from(2)
}

/// Serves until interrupted: what goes wrong with one connection ends that connection alone.
fn serve(options: Options) -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))?;
    let port = listener.local_addr()?.port();
    let studio = Arc::new(Studio::new(options, port));
    println!("open http://127.0.0.1:{port}/ in a browser; Ctrl+C ends this");
    loop {
        match listener.accept() {
            Ok((socket, _)) => start(socket, &studio),
            // Out of file descriptors, most likely: some connection will end.
            Err(_) => thread::sleep(Duration::from_millis(10)),
        }
    }
}

/// Gives the connection a thread; a connection for which there is none is dropped.
fn start(socket: TcpStream, studio: &Arc<Studio>) {
    if studio.connections.fetch_add(1, Ordering::Relaxed) >= CONNECTIONS {
        studio.connections.fetch_sub(1, Ordering::Relaxed);
        return;
    }
    let place = Place(Arc::clone(studio));
    let run = move || -> io::Result<()> {
        socket.set_nodelay(true)?;
        socket.set_write_timeout(Some(WRITE))?;
        opening::serve(&socket, &place.0)
    };
    // The peer sees its connection end; nobody else is to hear of it.
    let _ = thread::Builder::new().spawn(run);
}

/// One of the connections; free again once it is dropped.
struct Place(Arc<Studio>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Ordering::Relaxed);
    }
}
