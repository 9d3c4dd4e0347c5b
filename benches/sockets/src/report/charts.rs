//! Bars: time per message, and memory.

use crate::case::Case;
use crate::memory::Weight;
use crate::results::Results;
use crate::servers::{Class, Server};
use bench_report::style::{FLOOR, OURS, THEIRS};
use bench_report::{Bar, Machine, Panel, panels};
use std::error::Error;
use std::path::Path;

pub fn write(results: &Results, machine: &Machine, folder: &Path) -> Result<(), Box<dyn Error>> {
    let times = [
        Case::binary(160, 50, 1),
        Case::binary(160, 500, 1),
        Case::binary(1024, 50, 16),
        Case::binary(16 * 1024, 50, 1),
    ];
    let times = times.map(|case| panel(results, case));
    panels(&folder.join("messages.svg"), "CPU time of a server", times, machine)?;
    let memory = [
        weights(results, "open", |weight| weight.open),
        weights(results, "after a message", |weight| weight.exchanged),
        weights(results, "with half a frame", |weight| weight.half),
        panel(results, Case::binary(1 << 20, 50, 1)),
    ];
    let title = "Memory of each of 10,000 connections, and time of long messages";
    panels(&folder.join("memory.svg"), title, memory, machine)
}

fn panel(results: &Results, case: Case) -> Panel {
    let Case { connections, in_flight, .. } = case;
    let title = format!("{} bytes, {connections} connections, {in_flight} in flight", case.size);
    let row = results.rows.iter().find(|row| row.case == case);
    let entries = row.into_iter().flat_map(|row| &row.entries);
    let bars = entries.map(|entry| bar(entry.server, entry.times.median()));
    Panel::new(title, "median, ns per message", bars.collect())
}

fn weights(results: &Results, title: &str, of: impl Fn(&Weight) -> f64) -> Panel {
    // At less than one byte each, a process was as large as before: there is no bar for that.
    let bars = results.weights.iter().map(|weight| bar(weight.server, of(weight).max(1.0)));
    Panel::new(title, "bytes", bars.collect()).by_factors()
}

fn bar(server: &'static Server, value: f64) -> Bar {
    let colour = match server.class {
        Class::Ours => OURS,
        Class::Floor => FLOOR,
        Class::Rust | Class::Other => THEIRS,
    };
    Bar { name: server.name, colour, value }
}
