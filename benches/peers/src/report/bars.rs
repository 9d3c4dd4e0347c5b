//! Figures without a size axis: many connections, a frame per read, handshakes,
//! compression.

use crate::case::{Case, Request};
use crate::cases::{SAID, accept, compressed, connections, frame_per_read, in_turn};
use crate::deflate::Direction;
use crate::peers::{Candidate, Class};
use crate::results::Results;
use crate::weigh::windows;
use bench_report::style::{FLOOR, OURS, THEIRS};
use bench_report::{Bar, Machine, Panel, panels};
use plotters::style::RGBColor;
use std::error::Error;
use std::path::Path;

pub fn write(results: &Results, machine: &Machine, folder: &Path) -> Result<(), Box<dyn Error>> {
    let connections = [
        times(results, connections(8192), "160 bytes on each of 8,192 connections"),
        times(results, frame_per_read(160), "160 bytes, a frame per read"),
        times(results, accept(Request::Small), "accepting a small handshake"),
        times(results, accept(Request::Browser), "accepting a browser's handshake"),
    ];
    let connections = connections.map(Panel::by_factors);
    let path = folder.join("connections.svg");
    panels(&path, "Connections and handshakes", connections, machine)?;
    let path = folder.join("compression.svg");
    panels(&path, "1 KiB of JSON, compressed, with windows of 2 KiB", compression(results), machine)
}

/// With windows of 2 KiB.
fn compression(results: &Results) -> [Panel; 4] {
    let one = |direction| {
        let mut cases = compressed(direction).into_iter();
        let found = cases.find(|case| case.window == 11 && (case.content, case.size) == SAID[0]);
        Case::Deflate(found.expect("one of them"))
    };
    let [.., many] = in_turn(Direction::Send);
    let [_, short, _] = windows();
    let weights = results.compressing.iter().filter(|weight| weight.deflate == short);
    let weights = weights.map(|weight| bar(weight.candidate, weight.bytes));
    [
        times(results, one(Direction::Send), "sending, on one connection"),
        times(results, one(Direction::Receive), "receiving, on one connection"),
        times(results, Case::Deflate(many), "sending on each of 512 connections"),
        Panel::new("memory of each of 10,000 connections", "bytes", weights.collect()),
    ]
}

fn times(results: &Results, case: Case, title: &'static str) -> Panel {
    let entries = results.row(&case).into_iter().flat_map(|row| &row.entries);
    let bars = entries.map(|entry| bar(entry.candidate, entry.times.median())).collect();
    Panel::new(title, "median, ns", bars)
}

fn bar(candidate: &'static Candidate, value: f64) -> Bar {
    Bar { name: candidate.name, colour: colour(candidate), value }
}

fn colour(candidate: &Candidate) -> RGBColor {
    match candidate.class {
        Class::Ours => OURS,
        Class::Peer => THEIRS,
        Class::Floor => FLOOR,
    }
}
