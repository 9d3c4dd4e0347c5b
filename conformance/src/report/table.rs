//! The matrix as Markdown: a line for each implementation, and then what each did not pass.

use super::{Count, Report};
use crate::case::{Level, Status};
use std::collections::BTreeMap;
use std::fmt::Write;

pub fn markdown(reports: &[Report]) -> String {
    let mut text = String::from(
        "| implementation | role | passed | must | should | choices that differ | skipped | s |\n|---|---|--:|--:|--:|--:|--:|--:|\n",
    );
    for report in reports {
        let Count { passed, must, should, otherwise, skipped } = Count::of(report);
        let name = &report.implementation;
        let _ = writeln!(
            text,
            "| {name} | {} | {passed} | {must} | {should} | {otherwise} | {skipped} | {:.0} |",
            report.role, report.seconds
        );
    }
    for report in reports {
        let _ = writeln!(text, "\n### {} as a {}\n", report.implementation, report.role);
        for (level, status, title) in [
            (Level::Must, Status::Failed, "must"),
            (Level::Should, Status::Failed, "should"),
            (Level::Choice, Status::Otherwise, "choice that differs"),
        ] {
            faults(&mut text, report, level, status, title);
        }
        if Count::of(report).failed() + Count::of(report).otherwise == 0 {
            text += "Nothing.\n";
        }
    }
    text
}

/// Writes each finding with its cases: a finding that many cases share appears once.
fn faults(text: &mut String, report: &Report, level: Level, status: Status, title: &str) {
    let mut found: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for judged in &report.cases {
        let outcome = &judged.outcome;
        if outcome.level == level && outcome.status == status {
            found.entry((&outcome.detail, &judged.why)).or_default().push(&outcome.id);
        }
    }
    for ((detail, why), cases) in found {
        let shown: Vec<String> = cases.iter().take(4).map(|id| format!("`{id}`")).collect();
        let more =
            if cases.len() > 4 { format!(" and {} more", cases.len() - 4) } else { String::new() };
        let _ = writeln!(text, "- {title}: {detail} ({why}): {}{more}", shown.join(", "));
    }
}
