//! The five rows and the chart that the README also shows.

use crate::case::{Accept, Case, Decode, Encode, Form, Request, Role};
use crate::cases::frame_per_read;
use crate::payload::Content;
use crate::results::{Entry, Results, Row};
use bench_report::{Machine, figure};
use std::fmt::{self, Write};

/// The width of the best peer's bar, in characters.
const WIDTH: usize = 40;

/// The README repeats what lies between these two lines, word for word; a test compares.
const BEGIN: &str = "<!-- in short -->";
const END: &str = "<!-- end -->";

pub fn report(out: &mut String, results: &Results, machine: &Machine) -> fmt::Result {
    let rows = cases().map(|(name, case)| Some((name, results.row(&case)?)));
    let found: Vec<_> = rows.into_iter().flatten().filter_map(pair).collect();
    if found.is_empty() {
        return Ok(());
    }
    writeln!(out, "## In short\n\n{BEGIN}")?;
    writeln!(
        out,
        "Nanoseconds per message, in memory, with the default configuration, beside the best of ten other crates that"
    )?;
    writeln!(
        out,
        "does the same work ({}, {}; `benches/peers/run`):\n",
        machine.processor,
        day(machine)
    )?;
    writeln!(out, "| | patchcord | best peer | |\n|---|--:|--:|---|")?;
    for (name, ours, theirs) in &found {
        let [own, other] = [ours, theirs].map(|entry| figure(entry.times.median()));
        writeln!(out, "| {name} | {own} | {other} | {} |", theirs.candidate.name)?;
    }
    writeln!(out, "\n```text\n{:<26}{:>width$} best peer", "", "|", width = WIDTH + 1)?;
    for (name, ours, theirs) in &found {
        let ratio = ours.times.median() / theirs.times.median();
        let bar = "█".repeat((ratio * WIDTH as f64).round() as usize);
        writeln!(out, "{name:<26}{bar} {ratio:.2}")?;
    }
    writeln!(out, "```\n{END}\n")
}

/// What a real-time audio service does most; a row that patchcord loses stays in.
fn cases() -> [(&'static str, Case); 5] {
    let text = Decode { content: Content::Ascii, ..Decode::binary(1024) };
    let client = Encode { role: Role::Client, size: 160, form: Form::Contiguous };
    [
        ("decode 160 B of audio", frame_per_read(160)),
        ("decode 64 KiB", Case::Decode(Decode::binary(65536))),
        ("decode 1 KiB of text", Case::Decode(text)),
        ("encode 160 B as a client", Case::Encode(client)),
        ("accept Chromium's request", Case::Accept(Accept { request: Request::Browser })),
    ]
}

fn pair<'a>((name, row): (&'static str, &'a Row)) -> Option<(&'static str, &'a Entry, &'a Entry)> {
    Some((name, row.ours()?, row.best_peer()?))
}

fn day(machine: &Machine) -> &str {
    machine.date.split(' ').next().unwrap_or_default()
}
