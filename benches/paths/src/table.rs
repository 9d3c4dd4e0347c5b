//! Medians, and the ratio of the widest path to the best of all.

use crate::cases::{CASES, SIZES};
use std::collections::BTreeMap;
use std::fmt::Write;

const PATHS: [&str; 4] = ["sse2", "avx2", "avx512", "avx512vbmi"];

/// All times of a cell: case, size, path.
type Times<'a> = BTreeMap<(&'a str, usize, &'a str), Vec<f64>>;

pub fn tables(figures: &str) -> String {
    let mut times = Times::new();
    for line in figures.lines() {
        let mut fields = line.split('\t');
        if let (Some(path), Some(case), Some(Ok(size)), Some(Ok(time))) = (
            fields.next(),
            fields.next(),
            fields.next().map(str::parse),
            fields.next().map(str::parse),
        ) {
            times.entry((case, size, path)).or_default().push(time);
        }
    }
    CASES.iter().map(|case| table(case, &times)).collect()
}

fn table(case: &str, times: &Times) -> String {
    let mut out = format!("\n### {case}\n\n| |");
    let columns = |cell: &dyn Fn(usize) -> String| -> String {
        SIZES.iter().map(|&size| format!(" {} |", cell(size))).collect()
    };
    let median = |path, size| median(times.get(&(case, size, path)));
    let _ = writeln!(out, "{}", columns(&|size| size.to_string()));
    let _ = writeln!(out, "|---|{}", "--:|".repeat(SIZES.len()));
    for path in PATHS {
        let row = columns(&|size| median(path, size).map_or("".into(), rounded));
        let _ = writeln!(out, "| {path} |{row}");
    }
    // The cost of the widest path, relative to the best that the CPU could have taken instead.
    let ratio = columns(&|size| {
        let all: Vec<f64> = PATHS.iter().filter_map(|path| median(path, size)).collect();
        let best = all.iter().copied().fold(f64::INFINITY, f64::min);
        let ratio = all.last().map_or(f64::NAN, |widest| widest / best);
        if ratio > 1.1 { format!("**{ratio:.2}**") } else { format!("{ratio:.2}") }
    });
    let _ = writeln!(out, "| widest / best |{ratio}");
    out
}

fn median(times: Option<&Vec<f64>>) -> Option<f64> {
    let mut times = times?.clone();
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied()
}

fn rounded(time: f64) -> String {
    if time < 10.0 { format!("{time:.1}") } else { format!("{time:.0}") }
}
