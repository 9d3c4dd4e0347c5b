//! One page with everything in it: implementations side by side, a row for each case; a cell that did not
//! pass shows the wire at a click.

use super::junit::escape;
use super::{Count, Judged, Report};
use crate::case::{Level, Status};
use std::collections::HashMap;
use std::fmt::Write;

const STYLE: &str = "body{font:14px system-ui,sans-serif;margin:2em}table{border-collapse:collapse}\
td,th{padding:2px 8px;border:1px solid #ddd;vertical-align:top;text-align:left}th{position:sticky;top:0;background:#fff}\
.p{background:#e6f4e6}.m{background:#f6caca}.s{background:#fbe3bd}.o{background:#dfe8f7}.k{color:#999}\
summary{cursor:pointer}pre{white-space:pre-wrap;max-width:60em;font-size:12px}tr.g th{background:#f2f2f2}";

pub fn html(reports: &[Report]) -> String {
    let mut text = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>WebSocket conformance</title><style>{STYLE}</style>"
    );
    text += "<h1>WebSocket conformance</h1><p>A failed must is red, a failed should orange, a choice that differs blue; click on one to see the wire. \
             Rows are cases, with the section that has the rule.</p><table><thead><tr><th>case";
    for report in reports {
        let _ = write!(text, "<th>{}<br>as a {}", escape(&report.implementation), report.role);
    }
    text += "<tbody><tr><td>passed / must / should / differs / skipped";
    for report in reports {
        let Count { passed, must, should, otherwise, skipped } = Count::of(report);
        let _ = write!(text, "<td>{passed} / {must} / {should} / {otherwise} / {skipped}");
    }
    rows(&mut text, reports);
    text + "</table></html>\n"
}

fn rows(text: &mut String, reports: &[Report]) {
    let by_id = |report: &Report| -> HashMap<String, Judged> {
        report.cases.iter().map(|judged| (judged.outcome.id.clone(), judged.clone())).collect()
    };
    let columns: Vec<_> = reports.iter().map(by_id).collect();
    let mut seen = std::collections::HashSet::new();
    let all = reports.iter().flat_map(|report| &report.cases);
    let mut cases: Vec<&Judged> =
        all.filter(|judged| seen.insert(judged.outcome.id.clone())).collect();
    let group =
        |judged: &Judged| judged.outcome.id.split('/').next().unwrap_or_default().to_owned();
    cases.sort_by_key(|judged| group(judged));
    let mut last = String::new();
    for judged in cases {
        if group(judged) != last {
            last = group(judged);
            let _ = write!(text, "<tr class=g><th colspan={}>{}", columns.len() + 1, escape(&last));
        }
        let _ = write!(
            text,
            "<tr><td title=\"{}\">{}<br><small>{}</small>",
            escape(&judged.what),
            escape(&judged.outcome.id),
            escape(&judged.why)
        );
        for column in &columns {
            cell(text, column.get(&judged.outcome.id));
        }
    }
}

fn cell(text: &mut String, judged: Option<&Judged>) {
    let Some(judged) = judged else {
        *text += "<td class=k>";
        return;
    };
    let outcome = &judged.outcome;
    let (class, word) = match (outcome.status, outcome.level) {
        (Status::Passed, _) => ("p", "pass"),
        (Status::Failed, Level::Must) => ("m", "must"),
        (Status::Failed, _) => ("s", "should"),
        (Status::Otherwise, _) => ("o", "otherwise"),
        (Status::Skipped, _) => ("k", "skipped"),
    };
    let _ = match outcome.status {
        Status::Passed => write!(text, "<td class={class}>{word}"),
        _ => write!(
            text,
            "<td class={class}><details><summary>{word}</summary>{}<pre>{}</pre></details>",
            escape(&outcome.detail),
            escape(&outcome.log.join("\n"))
        ),
    };
}
