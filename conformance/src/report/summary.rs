//! The lines that end a run.

use super::Report;
use crate::case::{Level, Status};
use std::fmt::Write;

/// How many cases ended in each way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub passed: usize,
    pub must: usize,
    pub should: usize,
    pub otherwise: usize,
    pub skipped: usize,
}

impl Count {
    pub fn of(report: &Report) -> Self {
        let mut count = Self::default();
        for judged in &report.cases {
            let outcome = &judged.outcome;
            match (outcome.status, outcome.level) {
                (Status::Passed, _) => count.passed += 1,
                (Status::Failed, Level::Must) => count.must += 1,
                (Status::Failed, _) => count.should += 1,
                (Status::Otherwise, _) => count.otherwise += 1,
                (Status::Skipped, _) => count.skipped += 1,
            }
        }
        count
    }

    pub fn failed(&self) -> usize {
        self.must + self.should
    }
}

/// Writes each case that failed, choices that differ, and the line with the counts.
pub fn summary(report: &Report) -> String {
    let mut text = String::new();
    for judged in &report.cases {
        let outcome = &judged.outcome;
        let word = match outcome.status {
            Status::Passed | Status::Skipped => continue,
            Status::Failed => "FAILED",
            Status::Otherwise => "differs",
        };
        let _ = writeln!(
            text,
            "{word} ({}) {}: {} [{}]",
            outcome.level, outcome.id, outcome.detail, judged.why
        );
    }
    let count = Count::of(report);
    let Count { passed, must, should, otherwise, skipped } = count;
    let _ = writeln!(
        text,
        "{} as a {}: {must} of must and {should} of should failed, {otherwise} choices differ, {skipped} skipped, in {:.1} s",
        report.implementation, report.role, report.seconds
    );
    let _ = writeln!(text, "{passed} passed, {} failed", count.failed());
    text
}
