//! Counts the instructions of hot paths, and compares them with `counts.txt`.
//!
//! `benches/instructions/run` is the command. What it calls here:
//!
//! ```text
//! instructions check | update      the driver: everything below, under callgrind
//! instructions path                prints which loop masks long payloads on this CPU
//! instructions repeat NAME COUNT   repeats the operation of one scenario
//! instructions                     repeats each a few times, as a test that they work
//! ```
//! A count is the difference between 2,000 and 1,000 repetitions, each in a process of its own,
//! divided by 1,000, so that the start of the process and first uses are not part of it. The loop that
//! repeats is, with a few instructions.
//!
//! Valgrind shows a program AVX2 at most: masking with AVX-512 and hashing with the SHA extensions
//! are not counted. The other benchmarks time them.
//!
//! This uses callgrind without gungraun, which adds 16 packages to the lock file and a runner that
//! takes three minutes to install, and keeps its baselines under target/, in callgrind's format.

mod callgrind;
#[path = "../common/mod.rs"]
mod common;
mod counts;
mod scenarios;

use counts::{Change, Counts};
use scenarios::{SCENARIOS, Scenario};
use std::process::ExitCode;

/// How many repetitions make a count; even, since masking twice gives the payload back.
const REPETITIONS: usize = 1000;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["check", ..] => check(),
        ["update", ..] => update(),
        ["path"] => tell_path(),
        ["repeat", name, count] => repeat(name, count),
        _ => repeat_each(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn repeat_each() -> Result<(), String> {
    for Scenario(_, repeat) in SCENARIOS {
        repeat(2);
    }
    Ok(())
}

fn repeat(name: &str, count: &str) -> Result<(), String> {
    let scenario = SCENARIOS.iter().find(|Scenario(known, _)| *known == name);
    let Scenario(_, repeat) = scenario.ok_or_else(|| format!("no scenario {name:?}"))?;
    repeat(count.parse().map_err(|_| format!("{count:?} is not a number"))?);
    Ok(())
}

fn tell_path() -> Result<(), String> {
    println!("{}", path());
    Ok(())
}

/// Names the loop that masks payloads of more than 256 bytes: the choice of `src/mask/dispatch.rs`.
fn path() -> &'static str {
    #[cfg(target_arch = "x86_64")]
    return match () {
        () if cfg!(target_feature = "avx2") => "a build for more than x86-64's baseline",
        () if is_x86_feature_detected!("avx512f") => "AVX-512",
        () if is_x86_feature_detected!("avx2") => "AVX2",
        () => "SSE2",
    };
    #[cfg(not(target_arch = "x86_64"))]
    std::env::consts::ARCH
}

fn check() -> Result<(), String> {
    let stored = Counts::read()?;
    let now = callgrind::count_all()?;
    let changes = stored.compare(&now);
    println!("   stored       now    change  instructions per operation");
    changes.iter().for_each(|change| println!("{change}"));
    for difference in stored.differences(&now) {
        println!("WARNING: {difference}: counts may have moved for that reason alone");
    }
    let moved: Vec<&Change> = changes.iter().filter(|c| c.is_beyond_tolerance()).collect();
    println!("{} of {} within tolerance", changes.len() - moved.len(), changes.len());
    if moved.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = moved.iter().map(|change| change.name.as_str()).collect();
    Err(format!(
        "these moved: {}. If they are meant to, run `benches/instructions/run --update`, and \
         commit counts.txt with the change and its reason",
        names.join("; ")
    ))
}

fn update() -> Result<(), String> {
    let now = callgrind::count_all()?;
    now.write()?;
    println!("{now}");
    Ok(())
}
