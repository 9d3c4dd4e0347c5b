//! A page that shows a WebSocket at work: its audio, its frames, its pings and its end.
//!
//! `cargo run --release --example studio`, then open the address that it prints.
//!
//! A connection has a thread. `opening` answers its request: with the page (`http`), or by opening
//! a WebSocket, which `session` then serves. A `tap` sees what passes through the socket, has it dissected by
//! the code of the example `dissect`, and reports it to the page on the same WebSocket.

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
#[path = "../common/leaving.rs"]
mod leaving;
mod level;
#[path = "../dissect/line.rs"]
mod line;
#[path = "../common/observed.rs"]
mod observed;
mod opening;
mod options;
mod pings;
mod session;
#[path = "../dissect/sink.rs"]
mod sink;
#[allow(dead_code)] // this example asks for no exit code
#[path = "../dissect/stream.rs"]
mod stream;
mod tap;
mod text;
#[path = "../common/threads.rs"]
mod threads;
#[path = "../dissect/wire.rs"]
mod wire;

use ended::Ended;
use options::{Options, USAGE};
use patchcord::Timeouts;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::process::ExitCode;
use std::sync::atomic::AtomicU64;

/// What all connections share.
struct Studio {
    key: String,
    timeouts: Timeouts,
    /// The values that `Host` may have: a foreign name that resolves to this address is not among them.
    hosts: [String; 2],
    /// The origins of its own page.
    origins: [String; 2],
    ended: Ended,
    sessions: AtomicU64,
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
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("studio: {error}");
            ExitCode::from(2)
        }
    }
}

/// Serves until asked to leave; a failing connection ends only itself.
fn serve(options: Options) -> io::Result<()> {
    leaving::watch()?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))?;
    let (port, connections) = (listener.local_addr()?.port(), options.connections);
    let studio = Studio::new(options, port);
    println!("open http://127.0.0.1:{port}/ in a browser; Ctrl+C ends this");
    threads::serve(listener, connections, move |socket, _| {
        // The peer sees its connection end; nobody else needs to hear of it.
        let _ = opening::serve(socket, &studio);
    })
}
