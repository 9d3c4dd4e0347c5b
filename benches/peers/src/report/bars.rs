//! Figures that have no size on an axis: many connections, a frame per read, handshakes.

use super::style::{Area, GRID, INK, OURS, sheet, text};
use crate::case::{Case, Request};
use crate::cases::{accept, connections, frame_per_read};
use crate::machine::Machine;
use crate::peers::Class;
use crate::results::{Entry, Results, Row};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::error::Error;
use std::path::Path;

const SIZE: (u32, u32) = (1000, 900);
const THEIRS: RGBColor = RGBColor(110, 140, 175);
const FLOOR: RGBColor = RGBColor(190, 190, 190);

pub fn write(results: &Results, machine: &Machine, folder: &Path) -> Result<(), Box<dyn Error>> {
    let panels: [(Case, &str); 4] = [
        (connections(8192), "160 bytes on each of 8,192 connections"),
        (frame_per_read(160), "160 bytes, a frame per read"),
        (accept(Request::Small), "accepting a small handshake"),
        (accept(Request::Browser), "accepting a browser's handshake"),
    ];
    let path = folder.join("peers-connections.svg");
    let (sheet, area) = sheet(&path, SIZE, "Connections and handshakes", machine)?;
    for (quarter, (case, title)) in area.split_evenly((2, 2)).iter().zip(panels) {
        if let Some(row) = results.row(&case) {
            panel(&quarter.titled(title, text(16))?, row)?;
        }
    }
    sheet.present()?;
    Ok(())
}

/// One bar for each candidate, the fastest on top.
fn panel(area: &Area<'_>, row: &Row) -> Result<(), Box<dyn Error>> {
    let mut entries: Vec<&Entry> = row.entries.iter().collect();
    entries.sort_by(|a, b| b.times.median().total_cmp(&a.times.median()));
    let high = entries.first().map_or(1.0, |entry| entry.times.median());
    let name = |at: &SegmentValue<usize>| match at {
        SegmentValue::CenterOf(index) => {
            entries.get(*index).map_or(String::new(), |entry| entry.candidate.name.into())
        }
        _ => String::new(),
    };
    let mut chart = ChartBuilder::on(area)
        .margin(10)
        .x_label_area_size(44)
        .y_label_area_size(170)
        .build_cartesian_2d(
            (1.0..high * 3.0).log_scale(),
            (0..entries.len() - 1).into_segmented(),
        )?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .y_labels(entries.len())
        .y_label_formatter(&name)
        .x_label_formatter(&|time| super::figure(*time))
        .x_desc("median, ns")
        .label_style(text(12))
        .axis_desc_style(text(12))
        .bold_line_style(GRID)
        .light_line_style(WHITE)
        .axis_style(INK)
        .draw()?;
    chart.draw_series(entries.iter().enumerate().map(|(at, entry)| {
        let (from, to) = (SegmentValue::Exact(at), SegmentValue::Exact(at + 1));
        let mut bar =
            Rectangle::new([(1.0, from), (entry.times.median(), to)], colour(entry).filled());
        bar.set_margin(2, 2, 0, 0);
        bar
    }))?;
    let behind = text(12).pos(Pos::new(HPos::Left, VPos::Center));
    chart.draw_series(entries.iter().enumerate().map(|(at, entry)| {
        let time = entry.times.median();
        let place = (time * 1.1, SegmentValue::CenterOf(at));
        Text::new(super::figure(time), place, behind.clone())
    }))?;
    Ok(())
}

fn colour(entry: &Entry) -> RGBColor {
    match entry.candidate.class {
        Class::Ours => OURS,
        Class::Peer => THEIRS,
        Class::Floor => FLOOR,
    }
}
