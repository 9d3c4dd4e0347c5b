//! The same work through patchcord and other WebSocket crates: see README.md.

mod case;
mod cases;
mod deflate;
mod growth;
mod heap;
mod hide;
mod measure;
mod million;
mod options;
mod payload;
mod peers;
mod report;
mod results;
mod sink;
mod stream;
mod targets;
mod transcript;
mod turns;
mod verify;
mod weigh;
mod wire;

use bench_report::{Machine, tell};
use options::Options;
use results::Results;
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use targets::targets;
use weigh::Compressing;

fn main() -> ExitCode {
    let is_idle = std::env::args().nth(1).is_some_and(|first| first == million::ARGUMENT);
    let done = match is_idle {
        true => million::main().map(|()| true).map_err(Into::into),
        false => run(),
    };
    match done {
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
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let machine = Machine::describe("benches/peers/run", pin(), package);
    let results = Results::find(&options);
    let targets = targets(&results);
    if options.is_whole() {
        report::write(&results, &targets, &machine)?;
    } else {
        print(&results);
    }
    results.failures.iter().for_each(|failure| eprintln!("wrong: {failure}"));
    let is_met = tell(&targets);
    Ok(results.failures.is_empty() && (is_met || !options.check))
}

fn print(results: &Results) {
    for row in results.rows() {
        println!("{}", row.case);
        for entry in &row.entries {
            let (median, minimum) = (entry.times.median(), entry.times.minimum());
            let name = entry.candidate.name;
            let ratio = entry.ratio.map_or(String::new(), |ratio| format!("{ratio:6.3}"));
            println!("  {name:32} {median:12.2} {minimum:12.2} {:6.2} {ratio}", entry.allocations);
        }
    }
    for Compressing { candidate, deflate, bytes } in &results.compressing {
        println!("{:32} {bytes:12.0} bytes: {deflate}", candidate.name);
    }
}

/// Pins this thread to the last CPU, since the first handles most interrupts, and returns a description.
fn pin() -> String {
    let last = core_affinity::get_core_ids().and_then(|all| all.into_iter().next_back());
    match last.filter(|last| core_affinity::set_for_current(*last)) {
        Some(last) => format!("pinned to CPU {}", last.id),
        None => "not pinned".into(),
    }
}

/// Returns the version of a crate that was measured.
fn version(name: &str) -> &'static str {
    bench_report::version(include_str!("../Cargo.lock"), name)
}
