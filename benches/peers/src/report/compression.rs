//! Bytes sent per byte of message, and the memory of connections that compress.

use super::markdown::{across, bold, entry};
use crate::deflate::LEVEL;
use crate::peers;
use crate::results::{Results, Row};
use crate::weigh::{COMPRESSING, windows};
use std::fmt::{self, Write};

pub fn report(out: &mut String, results: &Results) -> fmt::Result {
    writeln!(out, "## Compression\n")?;
    writeln!(
        out,
        "All compress at level {LEVEL}. Windows are the same in both directions, and are"
    )?;
    writeln!(out, "taken over from message to message unless noted. Times are above.")?;
    writeln!(out, "All use the engine of `zlib-rs` {}.\n", crate::version("zlib-rs"))?;
    writeln!(out, "### Bytes sent per byte of message\n")?;
    writeln!(out, "For connections whose windows are full, including frame headers.\n")?;
    for (heading, rows) in &results.tables {
        if rows.iter().flat_map(|row| &row.entries).any(|entry| entry.ratio.is_some()) {
            ratios(out, heading, rows)?;
        }
    }
    weights(out, results)
}

fn ratios(out: &mut String, heading: &str, rows: &[Row]) -> fmt::Result {
    writeln!(out, "| {heading} | {} |", across(rows, |row| row.case.column()))?;
    writeln!(out, "|---|{}", "--:|".repeat(rows.len()))?;
    for candidate in peers::deflate::all().map(|compressor| &compressor.candidate) {
        let ratio = |row: &Row| entry(row, candidate)?.ratio;
        if rows.iter().any(|row| ratio(row).is_some()) {
            let cell = |row: &Row| ratio(row).map_or("".into(), |ratio| format!("{ratio:.3}"));
            writeln!(out, "| {} | {} |", bold(candidate), across(rows, cell))?;
        }
    }
    writeln!(out)
}

fn weights(out: &mut String, results: &Results) -> fmt::Result {
    writeln!(out, "### Memory of {COMPRESSING} connections that compress\n")?;
    writeln!(out, "Bytes of each, counted by the allocator: its struct and its heap, without")?;
    writeln!(out, "the transport, with its share of a pool's engines, after as many messages of")?;
    writeln!(out, "1 KiB each way as fill both windows. Memory that the connections of a")?;
    writeln!(
        out,
        "thread share, whatever their number, is not included, such as a receive buffer.\n"
    )?;
    let columns = windows().map(|deflate| match deflate.takeover {
        true => format!("2^{}", deflate.window),
        false => format!("2^{}, no takeover", deflate.window),
    });
    writeln!(out, "| | {} |\n|---|{}", columns.join(" | "), "--:|".repeat(columns.len()))?;
    for candidate in peers::deflate::all().map(|compressor| &compressor.candidate) {
        let cells = windows().map(|deflate| {
            let mut weights = results.compressing.iter();
            let weight = weights.find(|weight| {
                weight.candidate.name == candidate.name && weight.deflate == deflate
            });
            weight.map_or(String::new(), |weight| format!("{:.0}", weight.bytes))
        });
        writeln!(out, "| {} | {} |", bold(candidate), cells.join(" | "))?;
    }
    writeln!(out)
}
