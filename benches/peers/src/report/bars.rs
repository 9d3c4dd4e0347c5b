//! Figures that have no size on an axis: many connections, a frame per read, handshakes,
//! compression.

use super::style::{Area, GRID, INK, OURS, sheet, text};
use crate::case::{Case, Request};
use crate::cases::{SAID, accept, compressed, connections, frame_per_read, in_turn};
use crate::deflate::Direction;
use crate::machine::Machine;
use crate::peers::{Candidate, Class};
use crate::results::Results;
use crate::weigh::windows;
use plotters::coord::ranged1d::{AsRangedCoord, ValueFormatter};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::error::Error;
use std::path::Path;

const SIZE: (u32, u32) = (1000, 900);
const THEIRS: RGBColor = RGBColor(110, 140, 175);
const FLOOR: RGBColor = RGBColor(190, 190, 190);

/// One bar for each candidate, the least on top.
struct Panel {
    title: &'static str,
    axis: &'static str,
    scale: Scale,
    bars: Vec<(&'static Candidate, f64)>,
}

enum Scale {
    /// By factors, from 1 on.
    Logarithmic,
    /// From 0 on.
    Linear,
}

pub fn write(results: &Results, machine: &Machine, folder: &Path) -> Result<(), Box<dyn Error>> {
    let connections = [
        Panel::times(results, connections(8192), "160 bytes on each of 8,192 connections"),
        Panel::times(results, frame_per_read(160), "160 bytes, a frame per read"),
        Panel::times(results, accept(Request::Small), "accepting a small handshake"),
        Panel::times(results, accept(Request::Browser), "accepting a browser's handshake"),
    ];
    let connections = connections.map(|panel| Panel { scale: Scale::Logarithmic, ..panel });
    let path = folder.join("peers-connections.svg");
    panels(&path, "Connections and handshakes", connections, machine)?;
    let path = folder.join("peers-compression.svg");
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
    let weights = weights.map(|weight| (weight.candidate, weight.bytes));
    [
        Panel::times(results, one(Direction::Send), "sending, on one connection"),
        Panel::times(results, one(Direction::Receive), "receiving, on one connection"),
        Panel::times(results, Case::Deflate(many), "sending on each of 512 connections"),
        Panel::new("memory of each of 10,000 connections", "bytes", weights.collect()),
    ]
}

impl Panel {
    fn new(
        title: &'static str,
        axis: &'static str,
        mut bars: Vec<(&'static Candidate, f64)>,
    ) -> Self {
        bars.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        Self { title, axis, scale: Scale::Linear, bars }
    }

    fn times(results: &Results, case: Case, title: &'static str) -> Self {
        let entries = results.row(&case).into_iter().flat_map(|row| &row.entries);
        let bars = entries.map(|entry| (entry.candidate, entry.times.median())).collect();
        Self::new(title, "median, ns", bars)
    }
}

fn panels(
    path: &Path,
    title: &str,
    panels: [Panel; 4],
    machine: &Machine,
) -> Result<(), Box<dyn Error>> {
    let (sheet, area) = sheet(path, SIZE, title, machine)?;
    for (quarter, panel) in area.split_evenly((2, 2)).iter().zip(panels) {
        if !panel.bars.is_empty() {
            let area = quarter.titled(panel.title, text(16))?;
            let high = panel.bars.first().map_or(1.0, |(_, value)| *value);
            match panel.scale {
                Scale::Logarithmic => panel.draw(&area, (1.0..high * 3.0).log_scale())?,
                Scale::Linear => panel.draw(&area, 0.0..high * 1.25)?,
            }
        }
    }
    sheet.present()?;
    Ok(())
}

impl Panel {
    fn draw<X>(&self, area: &Area<'_>, axis: X) -> Result<(), Box<dyn Error>>
    where
        X: AsRangedCoord<Value = f64>,
        X::CoordDescType: ValueFormatter<f64>,
    {
        let bars = &self.bars;
        let name = |at: &SegmentValue<usize>| match at {
            SegmentValue::CenterOf(index) => {
                bars.get(*index).map_or(String::new(), |(candidate, _)| candidate.name.into())
            }
            _ => String::new(),
        };
        let mut chart = ChartBuilder::on(area)
            .margin(10)
            .x_label_area_size(44)
            .y_label_area_size(190)
            .build_cartesian_2d(axis, (0..bars.len() - 1).into_segmented())?;
        chart
            .configure_mesh()
            .disable_y_mesh()
            .x_labels(6)
            .y_labels(bars.len())
            .y_label_formatter(&name)
            .x_label_formatter(&|value| super::figure(*value))
            .x_desc(self.axis)
            .label_style(text(12))
            .axis_desc_style(text(12))
            .bold_line_style(GRID)
            .light_line_style(WHITE)
            .axis_style(INK)
            .draw()?;
        let start = chart.x_range().start;
        chart.draw_series(bars.iter().enumerate().map(|(at, (candidate, value))| {
            let (from, to) = (SegmentValue::Exact(at), SegmentValue::Exact(at + 1));
            let style = colour(candidate).filled();
            let mut bar = Rectangle::new([(start, from), (*value, to)], style);
            bar.set_margin(2, 2, 0, 0);
            bar
        }))?;
        let behind = text(12).pos(Pos::new(HPos::Left, VPos::Center));
        chart.draw_series(bars.iter().enumerate().map(|(at, (_, value))| {
            let end = EmptyElement::at((*value, SegmentValue::CenterOf(at)));
            end + Text::new(super::figure(*value), (4, 0), behind.clone())
        }))?;
        Ok(())
    }
}

fn colour(candidate: &Candidate) -> RGBColor {
    match candidate.class {
        Class::Ours => OURS,
        Class::Peer => THEIRS,
        Class::Floor => FLOOR,
    }
}
