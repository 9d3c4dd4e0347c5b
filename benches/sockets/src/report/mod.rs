//! The files in `docs/`.

mod charts;
mod json;
mod markdown;

use crate::results::Results;
use bench_report::{Machine, Target};
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
    fs::write(folder.join("sockets.md"), markdown::report(results, targets, machine)?)?;
    fs::write(folder.join("sockets.json"), json::report(results, targets, machine))?;
    charts::write(results, machine, folder)
}
