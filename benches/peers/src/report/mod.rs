//! The files in `docs/`.

mod bars;
mod compression;
mod curves;
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
    fs::create_dir_all(folder)?;
    fs::write(folder.join("peers.md"), markdown::report(results, targets, machine)?)?;
    fs::write(folder.join("peers.json"), json::report(results, targets, machine))?;
    curves::write(results, machine, folder)?;
    bars::write(results, machine, folder)
}
