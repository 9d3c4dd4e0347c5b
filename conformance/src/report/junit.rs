//! JUnit's XML, as continuous integration reads it.

use super::{Count, Report};
use crate::case::Status;
use std::fmt::Write;

pub fn junit(report: &Report) -> String {
    let count = Count::of(report);
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let name = escape(&format!("{} as a {}", report.implementation, report.role));
    let _ = writeln!(
        text,
        "<testsuite name=\"{name}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\" time=\"{:.3}\">",
        report.cases.len(),
        count.failed(),
        count.skipped,
        report.seconds
    );
    for judged in &report.cases {
        let outcome = &judged.outcome;
        let (group, name) = outcome.id.split_once('/').unwrap_or(("", &outcome.id));
        let _ = write!(
            text,
            "  <testcase classname=\"{}\" name=\"{}\" time=\"{:.4}\"",
            escape(group),
            escape(name),
            outcome.seconds
        );
        let detail = escape(&outcome.detail);
        let _ = match outcome.status {
            Status::Passed => writeln!(text, "/>"),
            Status::Skipped => writeln!(text, "><skipped message=\"{detail}\"/></testcase>"),
            Status::Otherwise => {
                writeln!(text, "><system-out>a choice: {detail}</system-out></testcase>")
            }
            Status::Failed => {
                let log = escape(&outcome.log.join("\n"));
                let level = outcome.level;
                writeln!(
                    text,
                    "><failure type=\"{level}\" message=\"{detail}\">{}\n{log}</failure></testcase>",
                    escape(&judged.why)
                )
            }
        };
    }
    text + "</testsuite>\n"
}

/// Escapes text for XML and HTML.
pub fn escape(text: &str) -> String {
    let legal = text.chars().filter(|&c| c >= ' ' || c == '\n' || c == '\t');
    let mut escaped = String::new();
    for c in legal {
        match c {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            c => escaped.push(c),
        }
    }
    escaped
}
