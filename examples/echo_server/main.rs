//! Echoes messages over TCP, one thread per connection: the server that conformance suites test.
//!
//! `cargo run --release --example echo_server -- 127.0.0.1:9001`

#[path = "../common/clocks.rs"]
mod clocks;
#[path = "../common/compression.rs"]
mod compression;
#[path = "../common/leaving.rs"]
mod leaving;
#[path = "../common/metered.rs"]
mod metered;
#[path = "../common/observed.rs"]
mod observed;
mod options;
mod order;
mod report;
#[path = "../common/scheme.rs"]
mod scheme;
mod session;
#[path = "../common/threads.rs"]
mod threads;

use options::{Options, USAGE};
use report::Report;
use std::net::TcpListener;
use std::process::ExitCode;
use std::{io, io::Write};

fn main() -> ExitCode {
    let options = match Options::from_args() {
        Ok(Some(options)) => options,
        Ok(None) => {
            println!("{USAGE}\n{}\n{}", clocks::USAGE, compression::USAGE);
            return ExitCode::SUCCESS;
        }
        Err(error) => return fail(&format!("{error}; try --help")),
    };
    let address = options.address;
    match TcpListener::bind(address) {
        Ok(listener) => match serve(listener, options) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(&error.to_string()),
        },
        Err(error) => fail(&format!("cannot listen on {address}: {error}")),
    }
}

fn fail(message: &str) -> ExitCode {
    eprintln!("echo_server: {message}");
    ExitCode::from(2)
}

/// Serves until asked to leave; a failing connection ends only itself.
fn serve(listener: TcpListener, mut options: Options) -> io::Result<()> {
    leaving::watch()?;
    options.address = listener.local_addr()?; // with the port that the system chose
    println!("listening on {}", options.address);
    threads::serve(listener, options.connections, move |socket, _| {
        let mut report = Report::default();
        report.failed = session::run(socket, &options, &mut report).err();
        if options.logs {
            let _ = writeln!(io::stdout(), "{report}");
        }
    })
}
