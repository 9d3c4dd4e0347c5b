//! The report as Markdown.

use crate::case::Case;
use crate::memory::HALF;
use crate::results::{Entry, Results, Row};
use crate::servers::{Class, Server};
use bench_report::{Machine, Target, figure};
use std::fmt::{self, Write};

pub fn report(
    results: &Results,
    targets: &[Target],
    machine: &Machine,
) -> Result<String, fmt::Error> {
    let mut out = String::new();
    head(&mut out, results, targets, machine)?;
    for rows in results.rows.chunk_by(|a, b| a.case.payload() == b.case.payload()) {
        table(&mut out, results, rows)?;
    }
    weights(&mut out, results)?;
    calls(&mut out, results)?;
    bench_report::list(&mut out, targets)?;
    servers(&mut out, results)?;
    Ok(out)
}

fn head(out: &mut String, results: &Results, targets: &[Target], machine: &Machine) -> fmt::Result {
    let title = "Echo servers over sockets";
    let origin = "Written by `benches/sockets/run` in the repository. The README beside it says what is measured,\n\
        and how, and has charts of these figures.";
    bench_report::head(out, [title, origin], machine, targets)?;
    if !results.missing.is_empty() {
        let names: Vec<_> = results.missing.iter().map(|server| server.name).collect();
        writeln!(out, "| not installed | {} |", names.join(", "))?;
    }
    for failure in &results.failures {
        let first: String = failure.lines().next().unwrap_or_default().chars().take(120).collect();
        writeln!(out, "| failed | {} |", first.replace('|', " "))?;
    }
    writeln!(
        out,
        "\nTimes are nanoseconds of the server's own CPU time per message, including the"
    )?;
    writeln!(
        out,
        "kernel's part: median, and minimum after it. Names in brackets are not WebSocket"
    )?;
    writeln!(out, "servers: they show what the loop allows. Differences below a tenth are noise.\n")
}

/// Writes a table with servers down and cases across.
fn table(out: &mut String, results: &Results, rows: &[Row]) -> fmt::Result {
    let payload = rows.first().map(|row| row.case.payload()).unwrap_or_default();
    writeln!(out, "## {payload}\n")?;
    let column = |row: &Row| {
        let Case { connections, in_flight, .. } = row.case;
        format!("{connections} conn., {in_flight} in flight")
    };
    writeln!(out, "| | {} |", across(rows, column))?;
    writeln!(out, "|---|{}", "--:|".repeat(rows.len()))?;
    for server in &results.servers {
        let cell = |row: &Row| row.entry(server.name).map_or(String::new(), times);
        writeln!(out, "| {} | {} |", bold(server), across(rows, cell))?;
    }
    writeln!(out)
}

fn across(rows: &[Row], cell: impl Fn(&Row) -> String) -> String {
    rows.iter().map(cell).collect::<Vec<_>>().join(" | ")
}

fn times(entry: &Entry) -> String {
    format!("{} / {}", figure(entry.times.median()), figure(entry.times.minimum()))
}

fn bold(server: &Server) -> String {
    match server.class {
        Class::Ours => format!("**{}**", server.name),
        _ => server.name.into(),
    }
}

fn weights(out: &mut String, results: &Results) -> fmt::Result {
    writeln!(out, "## Memory of a connection\n")?;
    writeln!(
        out,
        "Bytes by which the server's process grew in memory for each of 10,000 connections:"
    )?;
    writeln!(out, "open; after a message of 1,024 bytes each way; while half of such a frame,")?;
    writeln!(
        out,
        "{HALF} bytes, waits for its other half. The kernel's memory is not included.\n"
    )?;
    writeln!(out, "| | open | after a message | with half a frame |\n|---|--:|--:|--:|")?;
    for weight in &results.weights {
        let name = bold(weight.server);
        writeln!(
            out,
            "| {name} | {:.0} | {:.0} | {:.0} |",
            weight.open, weight.exchanged, weight.half
        )?;
    }
    writeln!(out)
}

fn calls(out: &mut String, results: &Results) -> fmt::Result {
    if results.calls.is_empty() {
        return Ok(());
    }
    writeln!(out, "## System calls per message\n")?;
    writeln!(
        out,
        "Counted by strace, which changes a server's timing: all, and the most frequent.\n"
    )?;
    writeln!(out, "| | {} |", Case::counted().map(|case| case.to_string()).join(" | "))?;
    writeln!(out, "|---|{}", "---|".repeat(Case::counted().len()))?;
    for server in &results.servers {
        let cells = Case::counted().map(|case| {
            let mut all = results.calls.iter();
            let found = all.find(|(of, who, _)| *of == case && who.name == server.name);
            found.map_or(String::new(), |(_, _, calls)| {
                let most = calls.most.iter().map(|(name, each)| format!("{name} {each:.2}"));
                format!("{:.2}: {}", calls.all, most.collect::<Vec<_>>().join(", "))
            })
        });
        writeln!(out, "| {} | {} |", bold(server), cells.join(" | "))?;
    }
    writeln!(out)
}

fn servers(out: &mut String, results: &Results) -> fmt::Result {
    writeln!(out, "## How each is driven\n")?;
    writeln!(out, "| | version | |\n|---|---|---|")?;
    for server in &results.servers {
        writeln!(out, "| {} | {} | {} |", bold(server), server.version(), server.driven)?;
    }
    Ok(())
}
