//! Sheets of four bar charts.

use crate::style::{Area, GRID, INK, sheet, text};
use crate::{Machine, figure};
use plotters::coord::ranged1d::{AsRangedCoord, ValueFormatter};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::error::Error;
use std::path::Path;

const SIZE: (u32, u32) = (1000, 900);

/// One bar for each name, the least on top.
pub struct Panel {
    title: String,
    axis: &'static str,
    scale: Scale,
    bars: Vec<Bar>,
}

enum Scale {
    /// By factors, from 1 on.
    Logarithmic,
    /// From 0 on.
    Linear,
}

pub struct Bar {
    pub name: &'static str,
    pub colour: RGBColor,
    pub value: f64,
}

/// Draws four panels on a sheet.
///
/// # Errors
/// When it cannot be drawn or written.
pub fn panels(
    path: &Path,
    title: &str,
    panels: [Panel; 4],
    machine: &Machine,
) -> Result<(), Box<dyn Error>> {
    let (sheet, area) = sheet(path, SIZE, title, machine)?;
    for (quarter, panel) in area.split_evenly((2, 2)).iter().zip(panels) {
        if !panel.bars.is_empty() {
            let area = quarter.titled(&panel.title, text(16))?;
            let high = panel.bars.first().map_or(1.0, |bar| bar.value);
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
    /// A panel with its least value on top, from 0 on.
    pub fn new(title: impl Into<String>, axis: &'static str, mut bars: Vec<Bar>) -> Self {
        bars.sort_by(|a, b| b.value.total_cmp(&a.value));
        Self { title: title.into(), axis, scale: Scale::Linear, bars }
    }

    /// The same with an axis by factors, from 1 on.
    #[must_use]
    pub fn by_factors(self) -> Self {
        Self { scale: Scale::Logarithmic, ..self }
    }

    fn draw<X>(&self, area: &Area<'_>, axis: X) -> Result<(), Box<dyn Error>>
    where
        X: AsRangedCoord<Value = f64>,
        X::CoordDescType: ValueFormatter<f64>,
    {
        let bars = &self.bars;
        let name = |at: &SegmentValue<usize>| match at {
            SegmentValue::CenterOf(index) => {
                bars.get(*index).map_or(String::new(), |bar| bar.name.into())
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
            .x_label_formatter(&|value| figure(*value))
            .x_desc(self.axis)
            .label_style(text(12))
            .axis_desc_style(text(12))
            .bold_line_style(GRID)
            .light_line_style(WHITE)
            .axis_style(INK)
            .draw()?;
        let start = chart.x_range().start;
        chart.draw_series(bars.iter().enumerate().map(|(at, bar)| {
            let (from, to) = (SegmentValue::Exact(at), SegmentValue::Exact(at + 1));
            let style = bar.colour.filled();
            let mut bar = Rectangle::new([(start, from), (bar.value, to)], style);
            bar.set_margin(2, 2, 0, 0);
            bar
        }))?;
        let behind = text(12).pos(Pos::new(HPos::Left, VPos::Center));
        chart.draw_series(bars.iter().enumerate().map(|(at, bar)| {
            let end = EmptyElement::at((bar.value, SegmentValue::CenterOf(at)));
            end + Text::new(figure(bar.value), (4, 0), behind.clone())
        }))?;
        Ok(())
    }
}
