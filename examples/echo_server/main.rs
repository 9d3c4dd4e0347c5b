//! Echoes messages over TCP, one thread per connection: the server that conformance suites test.
//!
//! `cargo run --release --example echo_server -- 127.0.0.1:9001`

#[path = "../common/clocks.rs"]
mod clocks;
#[path = "../common/compression.rs"]
mod compression;
mod options;
mod order;
mod report;
#[path = "../common/scheme.rs"]
mod scheme;
mod session;

use options::{Options, USAGE};
use report::Report;
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::Arc;
use std::{io, io::Write, thread, time::Duration};

fn main() -> ExitCode {
    let options = match Options::from_args() {
        Ok(Some(options)) => Arc::new(options),
        Ok(None) => {
            println!("{USAGE}\n{}\n{}", clocks::USAGE, compression::USAGE);
            return ExitCode::SUCCESS;
        }
        Err(error) => return fail(&format!("{error}; try --help")),
    };
    match TcpListener::bind(options.address) {
        Ok(listener) => serve(&listener, &options),
        Err(error) => fail(&format!("cannot listen on {}: {error}", options.address)),
    }
}

fn fail(message: &str) -> ExitCode {
    eprintln!("echo_server: {message}");
    ExitCode::from(2)
}

/// Serves until interrupted: what goes wrong with one connection ends that connection alone.
fn serve(listener: &TcpListener, options: &Arc<Options>) -> ExitCode {
    match listener.local_addr() {
        Ok(address) => println!("listening on {address}"),
        Err(error) => return fail(&error.to_string()),
    }
    loop {
        match listener.accept() {
            Ok((socket, _)) => start(socket, Arc::clone(options)),
            // Out of file descriptors, most likely: some connection will end.
            Err(_) => thread::sleep(Duration::from_millis(10)),
        }
    }
}

/// Gives the connection a thread; a connection for which there is none is dropped.
fn start(socket: TcpStream, options: Arc<Options>) {
    let run = move || -> io::Result<()> {
        socket.set_nodelay(true)?;
        socket.set_write_timeout(Some(session::PATIENCE))?;
        let mut report = Report::default();
        let ended = session::run(&socket, &options, &mut report);
        if options.logs {
            let _ = writeln!(io::stdout(), "{report}");
        }
        ended.and_then(|()| session::end(&socket))
    };
    // The peer sees its connection end; nobody else is to hear of it.
    let _ = thread::Builder::new().spawn(run);
}
