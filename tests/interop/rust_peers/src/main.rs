//! A peer of patchcord in Rust, as a client and as a server.
//!
//! ```text
//! interop-peers client NAME < SESSIONS
//! interop-peers server NAME PORT
//! interop-peers echo NAME PORT      a server that obeys nothing
//! interop-peers version NAME
//! ```
//! NAME is that of a crate. What is read and said is described in `../peers/shared.py`.

mod fastwebsockets_peer;
mod line;
mod patchcord_tokio_peer;
mod server;
mod session;
mod tungstenite_peer;

use std::error::Error;
use std::process::ExitCode;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const LOCK: &str = include_str!("../Cargo.lock");

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["client", "tungstenite"] => session::run_all(false, tungstenite_peer::connect),
        ["client", "fastwebsockets"] => session::run_all(false, fastwebsockets_peer::connect),
        ["client", "patchcord-tokio"] => session::run_all(true, patchcord_tokio_peer::connect),
        ["server", "patchcord-tokio", port] => {
            server::run(port.parse()?, patchcord_tokio_peer::accept, true)
        }
        [role @ ("server" | "echo"), "tungstenite", port] => {
            server::run(port.parse()?, tungstenite_peer::accept, role == "server")
        }
        [role @ ("server" | "echo"), "fastwebsockets", port] => {
            server::run(port.parse()?, fastwebsockets_peer::accept, role == "server")
        }
        ["version", name] => {
            println!("{}", version(name).ok_or("no such peer")?);
            Ok(())
        }
        _ => Err("usage: interop-peers client|server|echo|version NAME [PORT]".into()),
    }
}

/// The version of a package in the lock file.
fn version(name: &str) -> Option<&'static str> {
    let (_, rest) = LOCK.split_once(&format!("name = \"{name}\"\nversion = \""))?;
    rest.split('"').next()
}
