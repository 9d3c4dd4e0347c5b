//! Echo servers over real sockets: see README.md.

mod calls;
mod case;
mod frames;
mod load;
mod memory;
mod opening;
mod options;
mod peer;
mod process;
mod report;
mod results;
mod servers;
mod targets;
mod verify;

use bench_report::{Machine, tell};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use options::Options;
use process::{CLIENTS, SERVERS, pin};
use results::Results;
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use targets::targets;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Returns whether all is right, and the targets met if that was asked.
fn run() -> Result<bool, Box<dyn Error>> {
    let options = Options::parse(std::env::args().skip(1))?;
    raise_limit(options.idle())?;
    pin(CLIENTS)?;
    let pinned = format!("servers pinned to CPU {SERVERS}, clients to CPU {CLIENTS}");
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let machine = Machine::describe("benches/sockets/run", pinned, package);
    let results = Results::find(&options);
    results.failures.iter().for_each(|failure| eprintln!("wrong: {failure}"));
    if options.smoke {
        println!("servers that echo, answer pings and close: {} passed", results.servers.len());
        return Ok(results.failures.is_empty());
    }
    let targets = targets(&results);
    if options.is_whole() {
        report::write(&results, &targets, &machine)?;
    }
    let is_met = tell(&targets);
    Ok(results.failures.is_empty() && (is_met || !options.check))
}

/// Raises the limits so that this process and the servers it starts can have this many connections.
fn raise_limit(connections: usize) -> Result<(), Box<dyn Error>> {
    const BESIDE: u64 = 2000; // a row's connections to all servers, and files
    let needed = connections as u64 + BESIDE;
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    if soft < needed {
        let raised = setrlimit(Resource::RLIMIT_NOFILE, needed, hard.max(needed));
        raised.map_err(|error| format!("{needed} open files are needed (ulimit -n): {error}"))?;
    }
    Ok(())
}
