//! The other end of a program: a client of a server, a server for a client.

use crate::programs::built::{self, Package};
use crate::programs::child::{PATIENCE, Running};
use crate::programs::frames::{Outcome, Wire};
use crate::programs::table::{Carrier, Client, Server, program};
use crate::programs::{opening, tunnel};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

/// A server that runs.
pub(crate) struct Serving {
    pub(crate) running: Running,
    row: &'static Server,
    /// Where to connect to: to the relay, if there is one.
    pub(crate) address: SocketAddr,
    _relay: Option<Running>,
}

impl Serving {
    /// Starts a server with these options.
    pub(crate) fn start(row: &'static Server, options: &[&str]) -> Outcome<Self> {
        Self::start_as(row, options, |_| {})
    }

    /// The same with a say in how.
    pub(crate) fn start_as(
        row: &'static Server,
        options: &[&str],
        how: impl FnOnce(&mut Command),
    ) -> Outcome<Self> {
        let pem = pem();
        let mut command = built::program(row.package, program(row.name));
        command.args(row.args.iter().map(|arg| arg.replace("{pem}", &pem))).args(options);
        how(&mut command);
        let running = Running::start(&mut command)?;
        let mut address = running.address()?;
        let mut relay = None;
        if row.carrier == Carrier::Tls {
            let started = start_relay(&["connect", &address.to_string(), &pem])?;
            address = started.address()?;
            relay = Some(started);
        }
        Ok(Self { running, row, address, _relay: relay })
    }

    /// Opens a WebSocket.
    pub(crate) fn connect(&self) -> Outcome<Wire> {
        let socket = TcpStream::connect(self.address).map_err(|error| error.to_string())?;
        socket.set_nodelay(true).map_err(|error| error.to_string())?;
        let fields = self.row.fields.replace("{host}", &self.address.to_string());
        match self.row.carrier {
            Carrier::H2 => tunnel::connect(socket, self.row.path, &fields),
            Carrier::Http1 | Carrier::Tls => opening::ask(socket, self.row.path, &fields),
        }
    }

    /// Asks something, and waits for the answer.
    pub(crate) fn ask(&self, wire: &mut Wire) -> Outcome {
        wire.send(&self.row.talk.question(0))?;
        let deadline = Instant::now() + PATIENCE;
        wire.await_frame("an answer", deadline, |frame| self.row.talk.is_answer(frame)).map(drop)
    }
}

/// A client that runs, and the server that it is to talk to.
pub(crate) struct Calling {
    pub(crate) running: Running,
    listener: TcpListener,
    carrier: Carrier,
    _relay: Option<Running>,
}

impl Calling {
    /// Starts a client with these options.
    pub(crate) fn start(row: &Client, options: &[&str]) -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
        let own = listener.local_addr().map_err(|error| error.to_string())?;
        let (mut url, mut relay, pem) = (format!("ws://{own}"), None, pem());
        if row.carrier == Carrier::Tls {
            let started = start_relay(&["serve", &own.to_string(), &pem])?;
            url = format!("wss://{}", started.address()?);
            relay = Some(started);
        }
        let fill = |arg: &&str| arg.replace("{pem}", &pem).replace("{url}", &url);
        let mut command = built::program(row.package, program(row.name));
        let running = Running::start(command.args(row.args.iter().map(fill)).args(options))?;
        Ok(Self { running, listener, carrier: row.carrier, _relay: relay })
    }

    /// The client's next connection to the server, before its request is read.
    pub(crate) fn socket(&self) -> Outcome<TcpStream> {
        self.listener.set_nonblocking(true).map_err(|error| error.to_string())?;
        let begin = Instant::now();
        loop {
            match self.listener.accept() {
                Ok((socket, _)) => {
                    let prepared = socket.set_nonblocking(false);
                    let prepared = prepared.and_then(|()| socket.set_nodelay(true));
                    return prepared.map(|()| socket).map_err(|error| error.to_string());
                }
                Err(_) if begin.elapsed() < PATIENCE => {
                    thread::sleep(crate::programs::child::OFTEN)
                }
                Err(_) => {
                    return Err(format!("it does not connect: {}", self.running.output()));
                }
            }
        }
    }

    /// The client's next connection, opened.
    pub(crate) fn accept(&self) -> Outcome<Wire> {
        let socket = self.socket()?;
        match self.carrier {
            Carrier::H2 => tunnel::accept(socket),
            Carrier::Http1 | Carrier::Tls => opening::accept(socket),
        }
    }
}

/// A file for a certificate.
fn pem() -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let name = format!("{}-{}.pem", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name).display().to_string()
}

fn start_relay(args: &[&str]) -> Outcome<Running> {
    Running::start(built::program(Package::Transports, "examples/tls_relay").args(args))
}
