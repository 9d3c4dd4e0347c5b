//! The page `docs/peers.md`, and in this package the charts and a line of JSON for each case.

mod bars;
mod compression;
mod curves;
mod json;
mod markdown;
mod short;

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
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = package.join("../../docs/peers.md");
    fs::write(page, markdown::report(results, targets, machine)?)?;
    fs::write(package.join("results.json"), json::report(results, targets, machine))?;
    let charts = package.join("charts");
    fs::create_dir_all(&charts)?;
    curves::write(results, machine, &charts)?;
    bars::write(results, machine, &charts)
}
