//! Whether the time per byte, per fragment and per byte of a head stays the same as their number
//! grows. Only for patchcord.

use crate::case::{Case, Decode, request_of};
use crate::cases::in_fragments;
use crate::measure::measure;
use crate::peers::{self, Cell, each};
use crate::verify::verify;
use patchcord::handshake::admission::Admission;
use patchcord::handshake::server::RequestReader;
use std::hint::black_box;

/// What counts as flat: the ratio of the last figure to the first. Each series grows its work a thousandfold or
/// more (the heads: 16-fold), so quadratic work would show a factor of that size;
/// leaving the caches costs a factor of 2 to 3.
pub const FLAT: f64 = 3.0;

/// Time per unit of work, for more and more work.
pub struct Series {
    pub name: &'static str,
    pub unit: &'static str,
    /// The amount of work, and nanoseconds per unit.
    pub points: Vec<Point>,
}

#[derive(Clone, Copy)]
pub struct Point {
    pub amount: usize,
    pub time: f64,
    /// Nanoseconds per unit that the system takes for the least possible work, where that grows:
    /// fresh memory and a copy into it.
    pub floor: Option<f64>,
}

impl Series {
    /// Returns the ratio of the last figure to the first; of the multiples of the floor, if there is one.
    pub fn growth(&self) -> f64 {
        let time = |point: Option<&Point>| {
            point.map_or(f64::NAN, |point| point.time / point.floor.unwrap_or(1.0))
        };
        time(self.points.last()) / time(self.points.first())
    }

    pub fn is_flat(&self) -> bool {
        self.growth() <= FLAT
    }
}

/// The bytes per fragment in the series of fragments.
const FRAGMENT: usize = 16;

pub fn all(rounds: usize) -> Result<Vec<Series>, String> {
    let messages = [64, 256, 1024, 4096, 16_384, 65_536].map(|kibibytes| kibibytes * 1024);
    let fragments = [16, 64, 256, 1024, 4096, 16_384, 65_536];
    let heads = [1, 2, 4, 8, 16].map(|kibibytes| kibibytes * 1024);
    Ok(vec![
        Series {
            name: "a message in one frame",
            unit: "byte",
            points: with_copies(
                points(&messages, rounds, |size| cell(&Case::Decode(Decode::binary(size))))?,
                rounds,
            ),
        },
        Series {
            name: "a message in fragments of 16 bytes",
            unit: "fragment",
            points: points(&fragments, rounds, |count| {
                cell(&in_fragments(count * FRAGMENT, count))
            })?,
        },
        Series {
            name: "the head of a request, whole",
            unit: "byte",
            points: points(&heads, rounds, |size| head(size, size))?,
        },
        Series {
            name: "the head of a request, byte by byte",
            unit: "byte",
            points: points(&heads, rounds, |size| head(size, 1))?,
        },
    ])
}

fn points(
    amounts: &[usize],
    rounds: usize,
    cell: impl Fn(usize) -> Result<Box<dyn Cell>, String>,
) -> Result<Vec<Point>, String> {
    let point = |&amount: &usize| {
        let time = measure(&mut [cell(amount)?], 1, rounds)[0].median();
        Ok(Point { amount, time: time / amount as f64, floor: None })
    };
    amounts.iter().map(point).collect()
}

/// The same with the time of a copy into a new `Vec`: a message that is joined takes no less.
fn with_copies(points: Vec<Point>, rounds: usize) -> Vec<Point> {
    let floor = |point: Point| {
        let from = vec![7; point.amount];
        let copy = each(move |sink| sink.wire(&from.to_vec())).expect("a cell");
        let time = measure(&mut [copy], 1, rounds)[0].median();
        Point { floor: Some(time / point.amount as f64), ..point }
    };
    points.into_iter().map(floor).collect()
}

fn cell(case: &Case) -> Result<Box<dyn Cell>, String> {
    let ours = peers::all().next().ok_or("no candidate")?;
    let mut cell = (ours.cell)(case).ok_or("no cell")?;
    verify(case, &mut *cell).map_err(|error| format!("{case}: {error}"))?;
    Ok(cell)
}

/// A head of `size` bytes that arrives in steps.
fn head(size: usize, step: usize) -> Result<Box<dyn Cell>, String> {
    let head = request_of(size);
    let read = move || {
        let mut reader = RequestReader::new(Admission::any());
        let mut ends = (step..=head.len()).step_by(step);
        ends.any(|end| reader.read(&mut black_box(&head[..end])).is_ok_and(|read| read.is_some()))
    };
    match read() {
        true => each(move |_| assert!(read())).ok_or_else(String::new),
        false => Err(format!("a head of {size} bytes was not read")),
    }
}
