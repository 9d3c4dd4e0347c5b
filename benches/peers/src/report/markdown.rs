//! The report as Markdown.

use super::{compression, short};
use crate::growth::{FLAT, Point};
use crate::million::CONNECTIONS;
use crate::peers::{self, Candidate, Class};
use crate::results::{Entry, Results, Row};
use crate::version;
use bench_report::{Machine, Target, figure};
use std::fmt::{self, Write};

pub fn report(
    results: &Results,
    targets: &[Target],
    machine: &Machine,
) -> Result<String, fmt::Error> {
    let mut out = String::new();
    head(&mut out, targets, machine)?;
    short::report(&mut out, results, machine)?;
    for (heading, rows) in &results.tables {
        table(&mut out, heading, rows)?;
    }
    compression::report(&mut out, results)?;
    allocations(&mut out, results)?;
    weights(&mut out, results)?;
    growth(&mut out, results)?;
    bench_report::list(&mut out, targets)?;
    candidates(&mut out)?;
    Ok(out)
}

fn head(out: &mut String, targets: &[Target], machine: &Machine) -> fmt::Result {
    let title = "patchcord beside other WebSocket crates";
    let origin = "Written by `benches/peers/run` in the repository. The README beside it says what is \
        measured,\nand how, and has charts of these figures.";
    bench_report::head(out, [title, origin], machine, targets)?;
    writeln!(out, "\nTimes are nanoseconds per message or payload: median, and minimum after it.")?;
    writeln!(
        out,
        "Names in brackets are not peers: they show what the machine and the harness allow."
    )?;
    writeln!(out, "Differences below a tenth are noise.\n")
}

/// Writes a table with candidates down and cases across.
fn table(out: &mut String, heading: &str, rows: &[Row]) -> fmt::Result {
    writeln!(out, "## {heading}\n")?;
    let columns: Vec<_> = rows.iter().map(|row| row.case.column()).collect();
    writeln!(out, "| | {} |", columns.join(" | "))?;
    writeln!(out, "|---|{}", "--:|".repeat(columns.len()))?;
    for candidate in peers::all() {
        let entries: Vec<_> = rows.iter().map(|row| entry(row, candidate)).collect();
        if entries.iter().any(Option::is_some) {
            let cells: Vec<_> =
                entries.into_iter().map(|entry| entry.map_or("".into(), times)).collect();
            writeln!(out, "| {} | {} |", bold(candidate), cells.join(" | "))?;
        }
    }
    let by_peer = |row: &Row| row.by(row.best_peer());
    let by_floor = |row: &Row| row.by(row.floor());
    for (name, by) in [("best peer", &by_peer as &dyn Fn(&Row) -> _), ("floor", &by_floor)] {
        if rows.iter().any(|row| by(row).is_some()) {
            writeln!(out, "| patchcord / {name} | {} |", across(rows, |row| ratio(by(row))))?;
        }
    }
    if rows.iter().any(|row| by_peer(row).is_some()) {
        writeln!(out, "| faster peer | {} |", across(rows, faster))?;
        let less = across(rows, less);
        if less.contains(char::is_alphabetic) {
            writeln!(out, "| peers that do less | {less} |")?;
        }
    }
    writeln!(out)
}

pub fn entry<'a>(row: &'a Row, candidate: &Candidate) -> Option<&'a Entry> {
    row.entries.iter().find(|entry| entry.candidate.name == candidate.name)
}

fn times(entry: &Entry) -> String {
    let (median, minimum) = (figure(entry.times.median()), figure(entry.times.minimum()));
    format!("{median} / {minimum}")
}

pub fn bold(candidate: &Candidate) -> String {
    match candidate.class {
        Class::Ours => format!("**{}**", candidate.name),
        Class::Peer | Class::Floor => candidate.name.into(),
    }
}

pub fn across(rows: &[Row], cell: impl Fn(&Row) -> String) -> String {
    rows.iter().map(cell).collect::<Vec<_>>().join(" | ")
}

fn ratio(ratio: Option<f64>) -> String {
    ratio.map_or(String::new(), |ratio| format!("**{ratio:.2}**"))
}

/// Peers that are not compared here, since they deliver in pieces or leave texts unchecked.
fn less(row: &Row) -> String {
    let peers = row.entries.iter().filter(|entry| entry.candidate.class == Class::Peer);
    let less = peers.filter(|entry| !row.is_rival(entry));
    less.map(|entry| entry.candidate.name).collect::<Vec<_>>().join(", ")
}

/// The peers that are faster than patchcord, the fastest first.
fn faster(row: &Row) -> String {
    let Some(ours) = row.ours() else { return String::new() };
    let is_faster =
        |entry: &&Entry| row.is_rival(entry) && entry.times.median() < ours.times.median();
    let mut faster: Vec<_> = row.entries.iter().filter(is_faster).collect();
    faster.sort_by(|a, b| a.times.median().total_cmp(&b.times.median()));
    match &faster[..] {
        [] => "none".into(),
        _ => faster.iter().map(|entry| entry.candidate.name).collect::<Vec<_>>().join(", "),
    }
}

fn allocations(out: &mut String, results: &Results) -> fmt::Result {
    writeln!(out, "## Allocations per message\n")?;
    writeln!(
        out,
        "Counted in a separate run; a candidate that is not named for a case makes none.\n"
    )?;
    writeln!(out, "| case | allocations |\n|---|---|")?;
    for row in results.rows() {
        let some = row.entries.iter().filter(|entry| entry.allocations > 0.0);
        let some: Vec<_> = some
            .map(|entry| format!("{} {:.1}", bold(entry.candidate), entry.allocations))
            .collect();
        if !some.is_empty() {
            writeln!(out, "| {} | {} |", row.case, some.join(", "))?;
        }
    }
    writeln!(out)
}

fn weights(out: &mut String, results: &Results) -> fmt::Result {
    writeln!(out, "## An idle connection\n")?;
    writeln!(out, "Bytes of the connection's struct and of its memory on the heap, without the")?;
    writeln!(out, "transport: when it is open, and after a message of 160 bytes each way. Peers")?;
    writeln!(out, "own their buffers; patchcord's are shared by the connections of a thread, and")?;
    writeln!(out, "the `Vec` in which its caller would keep an unfinished frame is counted.\n")?;
    writeln!(out, "| | open | after a message each way |\n|---|--:|--:|")?;
    for weight in &results.weights {
        let name = bold(weight.candidate);
        writeln!(out, "| {name} | {} | {} |", weight.opened, weight.exchanged)?;
    }
    if let Some(bytes) = results.million {
        let each = bytes as f64 / CONNECTIONS as f64;
        writeln!(out, "\n{CONNECTIONS} connections of patchcord in one process, each of which")?;
        writeln!(out, "received and sent a message: {bytes} bytes resident, {each:.1} each.")?;
    }
    writeln!(out)
}

fn growth(out: &mut String, results: &Results) -> fmt::Result {
    writeln!(out, "## Growth\n")?;
    writeln!(
        out,
        "Nanoseconds per unit for patchcord, as the number of units grows. A series is flat if"
    )?;
    writeln!(
        out,
        "it grows from the first to the last by a factor of at most {FLAT}. A message in one frame, which"
    )?;
    writeln!(
        out,
        "is joined in fresh memory, is measured in multiples of a copy into fresh memory.\n"
    )?;
    for series in &results.growth {
        let points = &series.points;
        let row = |cell: &dyn Fn(&Point) -> String| {
            points.iter().map(cell).collect::<Vec<_>>().join(" | ")
        };
        let amounts = row(&|point| point.amount.to_string());
        let times = row(&|point| format!("{:.3}", point.time));
        let flat = if series.is_flat() { "flat" } else { "**not flat**" };
        writeln!(out, "| {}, {}s | {amounts} | |", series.name, series.unit)?;
        writeln!(out, "|---|{}---|", "--:|".repeat(points.len()))?;
        writeln!(out, "| ns per {} | {times} | {flat} |", series.unit)?;
        if points.iter().any(|point| point.floor.is_some()) {
            let floors =
                row(&|point| point.floor.map_or(String::new(), |time| format!("{time:.3}")));
            writeln!(out, "| (a copy into new memory) | {floors} | |")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn candidates(out: &mut String) -> fmt::Result {
    writeln!(out, "## How each is driven\n")?;
    writeln!(out, "| | version | |\n|---|---|---|")?;
    for candidate in peers::all() {
        let version = match candidate.class {
            Class::Floor => "",
            _ => version(candidate.package()),
        };
        writeln!(out, "| {} | {version} | {} |", bold(candidate), candidate.driven)?;
    }
    Ok(())
}
