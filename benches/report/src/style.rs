//! How charts look: dark on white, so that they are read on any background.

use crate::Machine;
use plotters::coord::Shift;
use plotters::prelude::*;
use std::error::Error;
use std::path::Path;

pub const FONT: &str = "sans-serif";
pub const INK: RGBColor = RGBColor(32, 32, 32);
pub const GRID: RGBColor = RGBColor(225, 225, 225);
pub const OURS: RGBColor = RGBColor(200, 16, 46);
/// Of bars.
pub const THEIRS: RGBColor = RGBColor(110, 140, 175);
pub const FLOOR: RGBColor = RGBColor(190, 190, 190);
/// Of copies, and of the instruction set's limit.
pub const FLOORS: [RGBColor; 2] = [RGBColor(165, 165, 165), RGBColor(0, 0, 0)];

/// Of the peers, in their order: told apart by those who see colours otherwise too, as far as
/// there are so many.
const PEERS: [RGBColor; 12] = [
    RGBColor(0, 114, 178),
    RGBColor(230, 159, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(213, 94, 0),
    RGBColor(140, 120, 0),
    RGBColor(75, 0, 130),
    RGBColor(0, 90, 60),
    RGBColor(139, 69, 19),
    RGBColor(255, 105, 180),
    RGBColor(60, 60, 160),
];

/// The colour of the peer at this place.
#[must_use]
pub fn peer(index: usize) -> RGBColor {
    PEERS[index % PEERS.len()]
}

#[must_use]
pub fn text(size: i32) -> TextStyle<'static> {
    (FONT, size).into_font().color(&INK)
}

pub type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// A white sheet with a title above what is drawn and, below it, where the figures are from:
/// the sheet, and the area between the two.
///
/// # Errors
/// When it cannot be drawn.
pub fn sheet<'a>(
    path: &'a Path,
    size: (u32, u32),
    title: &str,
    machine: &Machine,
) -> Result<(Area<'a>, Area<'a>), Box<dyn Error>> {
    let sheet = SVGBackend::new(path, size).into_drawing_area();
    sheet.fill(&WHITE)?;
    let (above, below) = sheet.titled(title, text(22))?.split_vertically(size.1 - 64);
    let Machine { processor, compiler, date, .. } = machine;
    below.draw_text(&format!("{processor}; {compiler}; {date}"), &text(12), (16, 8))?;
    Ok((sheet, above))
}
