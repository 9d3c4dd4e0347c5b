//! Time by size, both axes logarithmic.

use crate::case::{Case, Form, Role, Sizes};
use crate::peers::{self, Candidate, Class, LIMIT};
use crate::results::{Results, Row};
use crate::stream::Reads;
use bench_report::style::{self, Area, FLOORS, GRID, INK, OURS, sheet, text};
use bench_report::{Machine, figure};
use plotters::prelude::*;
use std::error::Error;
use std::path::Path;

const SIZE: (u32, u32) = (1000, 620);

pub fn write(results: &Results, machine: &Machine, folder: &Path) -> Result<(), Box<dyn Error>> {
    let masks = rows(results, |case| match case {
        Case::Mask(mask) => matches!(mask.sizes, Sizes::Fixed(_)),
        _ => false,
    });
    one(folder, "mask.svg", "Masking in place", &masks, machine)?;
    let decodes = rows(results, |case| match case {
        Case::Decode(decode) => decode.is_plain(),
        _ => false,
    });
    one(folder, "decode.svg", "Decoding masked binary messages", &decodes, machine)?;
    encode(results, machine, folder)
}

impl crate::case::Decode {
    /// Returns whether only the size differs from case to case.
    fn is_plain(&self) -> bool {
        let Sizes::Fixed(size) = self.sizes else { return false };
        *self == Self { reads: Reads::Any, ..Self::binary(size) }
    }
}

fn rows(results: &Results, admits: impl Fn(&Case) -> bool) -> Vec<&Row> {
    results.rows().filter(|row| admits(&row.case)).collect()
}

fn one(
    folder: &Path,
    file: &str,
    title: &str,
    rows: &[&Row],
    machine: &Machine,
) -> Result<(), Box<dyn Error>> {
    let path = folder.join(file);
    let (sheet, area) = sheet(&path, SIZE, title, machine)?;
    panel(&area, rows)?;
    sheet.present()?;
    Ok(())
}

fn encode(results: &Results, machine: &Machine, folder: &Path) -> Result<(), Box<dyn Error>> {
    let path = folder.join("encode.svg");
    let size = (SIZE.0, 2 * SIZE.1);
    let (sheet, area) = sheet(&path, size, "Encoding a binary message", machine)?;
    let quarters = area.split_evenly((2, 2));
    let kinds = [
        (Role::Server, Form::Borrowed, "server, by reference"),
        (Role::Server, Form::Contiguous, "server, into one piece"),
        (Role::Client, Form::Borrowed, "client, masking in place"),
        (Role::Client, Form::Contiguous, "client, into one piece"),
    ];
    for (quarter, (role, form, title)) in quarters.iter().zip(kinds) {
        let rows = rows(results, |case| match case {
            Case::Encode(encode) => encode.role == role && encode.form == form,
            _ => false,
        });
        panel(&quarter.titled(title, text(17))?, &rows)?;
    }
    sheet.present()?;
    Ok(())
}

/// One line for each candidate in its default configuration.
fn panel(area: &Area<'_>, rows: &[&Row]) -> Result<(), Box<dyn Error>> {
    let times = || rows.iter().flat_map(|row| &row.entries).map(|entry| entry.times.median());
    let low = times().fold(f64::INFINITY, f64::min).max(0.2);
    let high = times().fold(low, f64::max);
    // Room for the legend above lines that do not rise.
    let above = if high / low < 100.0 { 40.0 } else { 1.5 };
    let labels: Vec<_> = rows.iter().map(|row| size_label(&row.case)).collect();
    let mut chart = ChartBuilder::on(area)
        .margin(12)
        .x_label_area_size(46)
        .y_label_area_size(64)
        .build_cartesian_2d(
        0.0..labels.len() as f64 - 0.9,
        (low * 0.7..high * above).log_scale(),
    )?;
    chart
        .configure_mesh()
        .x_labels(labels.len())
        .x_label_formatter(&|at| labels.get(at.round() as usize).cloned().unwrap_or_default())
        .y_label_formatter(&|time| figure(*time))
        .x_desc("payload, bytes")
        .y_desc("median, ns per message")
        .label_style(text(12))
        .axis_desc_style(text(12))
        .bold_line_style(GRID)
        .light_line_style(WHITE)
        .axis_style(INK)
        .draw()?;
    for (candidate, style) in styled(rows) {
        let points = rows.iter().enumerate().filter_map(|(at, row)| {
            let entry = row.entries.iter().find(|entry| entry.candidate.name == candidate.name)?;
            Some((at as f64, entry.times.median()))
        });
        chart
            .draw_series(LineSeries::new(points, style))?
            .label(candidate.name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], style));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE.mix(0.85))
        .border_style(GRID)
        .label_font(text(12))
        .draw()?;
    Ok(())
}

fn size_label(case: &Case) -> String {
    let size = match case {
        Case::Mask(mask) => mask.sizes,
        Case::Decode(decode) => decode.sizes,
        Case::Encode(encode) => Sizes::Fixed(encode.size),
        Case::Accept(_) | Case::Deflate(_) => return case.column(),
    };
    match size {
        Sizes::Fixed(size) if size >= 1 << 20 => format!("{} Mi", size >> 20),
        Sizes::Fixed(size) if size >= 8192 => format!("{} Ki", size >> 10),
        sizes => sizes.to_string(),
    }
}

/// Floors first, patchcord last, on top of all.
fn styled(rows: &[&Row]) -> Vec<(&'static Candidate, ShapeStyle)> {
    let is_there = |candidate: &&Candidate| {
        let mut entries = rows.iter().flat_map(|row| &row.entries);
        entries.any(|entry| entry.candidate.name == candidate.name)
    };
    let of = |class| peers::all().filter(move |candidate| candidate.class == class);
    let defaults = |class| of(class).filter(|candidate| candidate.is_default());
    let widest = of(Class::Floor).filter(|floor| floor.name.starts_with(LIMIT)).find(is_there);
    let copies =
        of(Class::Floor).filter(|floor| ["(memcpy)", "(read alone)"].contains(&floor.name));
    let floors = copies.chain(widest).filter(is_there).zip(FLOORS);
    let peers = defaults(Class::Peer).enumerate().map(|(index, peer)| (peer, style::peer(index)));
    let thin = floors.map(|(floor, colour)| (floor, colour.stroke_width(1)));
    let lines = peers.map(|(peer, colour)| (peer, colour.stroke_width(2)));
    let thick = defaults(Class::Ours).map(|ours| (ours, OURS.stroke_width(4)));
    thin.chain(lines).chain(thick).filter(|(candidate, _)| is_there(candidate)).collect()
}
