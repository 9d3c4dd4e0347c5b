//! The page `docs/sockets.md`; beside it, in this package, the charts and a line of JSON for each case.

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
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::write(package.join("../../docs/sockets.md"), markdown::report(results, targets, machine)?)?;
    fs::write(package.join("results.json"), json::report(results, targets, machine))?;
    let charts = package.join("charts");
    fs::create_dir_all(&charts)?;
    charts::write(results, machine, &charts)
}
