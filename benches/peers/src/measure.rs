//! Time per operation, for all candidates of a case in turn.

use crate::peers::Cell;
use crate::sink::Sink;
use bench_report::Times;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// The approximate length of one batch of operations: long compared with the clock's resolution, short
/// compared with the time for which another program takes the processor away.
const BATCH: Duration = Duration::from_micros(100);

/// One part in this many of a batch runs before it, untimed, to bring back what other candidates
/// drove out of the caches.
const WARM_UP: u64 = 4;

/// Measures cells in rounds, each of which takes every cell once, in rotating order. A batch has at least
/// `least` operations.
pub fn measure(cells: &mut [Box<dyn Cell>], least: u64, rounds: usize) -> Vec<Times> {
    let batches: Vec<u64> = cells.iter_mut().map(|cell| calibrate(&mut **cell, least)).collect();
    let mut times = vec![Times::default(); cells.len()];
    for round in 0..rounds {
        for turn in 0..cells.len() {
            let index = (round + turn) % cells.len();
            let (cell, batch) = (&mut *cells[index], batches[index]);
            timed(cell, (batch / WARM_UP).max(least / 2));
            times[index].push(timed(cell, batch).as_nanos() as f64 / batch as f64);
        }
    }
    times
}

/// Returns how many operations a batch takes, from the shorter of two runs of half a batch: a single run may
/// have met the one read that serves many operations, or another program.
fn calibrate(cell: &mut dyn Cell, least: u64) -> u64 {
    let mut operations = least;
    timed(cell, operations);
    loop {
        let took = timed(cell, operations).min(timed(cell, operations));
        if took >= BATCH / 2 {
            let nanoseconds = took.as_nanos() as f64 / operations as f64;
            return ((BATCH.as_nanos() as f64 / nanoseconds) as u64).max(least);
        }
        operations *= 2;
    }
}

fn timed(cell: &mut dyn Cell, operations: u64) -> Duration {
    let mut sink = Sink::default();
    let start = Instant::now();
    cell.run(black_box(operations), &mut sink);
    let took = start.elapsed();
    black_box(sink.bytes());
    took
}
