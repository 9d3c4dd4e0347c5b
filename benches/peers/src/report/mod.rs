//! The files in `docs/`.

mod bars;
mod compression;
mod curves;
mod json;
mod markdown;
mod style;

use crate::machine::Machine;
use crate::results::Results;
use crate::targets::Target;
use std::error::Error;
use std::fs;
use std::path::Path;

/// Writes all of them.
pub fn write(
    results: &Results,
    targets: &[Target],
    machine: &Machine,
) -> Result<(), Box<dyn Error>> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs"));
    fs::create_dir_all(folder)?;
    fs::write(folder.join("peers.md"), markdown::report(results, targets, machine)?)?;
    fs::write(folder.join("peers.json"), json::report(results, targets, machine))?;
    curves::write(results, machine, folder)?;
    bars::write(results, machine, folder)
}

/// A number with as many digits as tell something.
fn figure(number: f64) -> String {
    match number {
        _ if number < 10.0 => format!("{number:.1}"),
        _ if number < 10_000.0 => format!("{number:.0}"),
        _ => format!("{:.1} k", number / 1000.0),
    }
}
