//! The same for programs: one line per case, so that a change of one case is a change of one line.

use crate::growth::Point;
use crate::results::{Entry, Results, Row};
use crate::version;
use bench_report::{Machine, Target, round};
use serde_json::{Value, json};

pub fn report(results: &Results, targets: &[Target], machine: &Machine) -> String {
    let growth = results.growth.iter().map(|series| {
        json!({ "name": series.name, "unit": series.unit, "points": series.points.iter().map(point).collect::<Vec<_>>(),
            "flat": series.is_flat() })
    });
    let idle = results.weights.iter().map(|weight| {
        json!({ "candidate": weight.candidate.name, "open_bytes": weight.opened,
            "exchanged_bytes": weight.exchanged })
    });
    let compressing = results.compressing.iter().map(|weight| {
        json!({ "candidate": weight.candidate.name, "window_bits": weight.deflate.window,
            "takeover": weight.deflate.takeover, "connections": weight.deflate.connections,
            "bytes_each": round(weight.bytes) })
    });
    let lists = [
        ("cases", results.rows().map(row).collect::<Vec<_>>()),
        ("idle", idle.collect()),
        ("compressing", compressing.collect()),
        ("growth", growth.collect()),
        ("targets", targets.iter().map(Target::json).collect()),
    ];
    let mut text = format!("{{\n\"machine\": {}", machine.json());
    for (name, values) in lists {
        let lines: Vec<_> = values.iter().map(Value::to_string).collect();
        text += &format!(",\n\"{name}\": [\n{}\n]", lines.join(",\n"));
    }
    text += &format!(",\n\"million_idle_connections_bytes\": {}\n}}\n", json!(results.million));
    text
}

fn row(row: &Row) -> Value {
    json!({
        "case": row.case.to_string(),
        "candidates": row.entries.iter().map(entry).collect::<Vec<_>>(),
    })
}

fn entry(entry: &Entry) -> Value {
    json!({
        "name": entry.candidate.name,
        "version": version(entry.candidate.package()),
        "class": format!("{:?}", entry.candidate.class).to_lowercase(),
        "median_ns": round(entry.times.median()),
        "minimum_ns": round(entry.times.minimum()),
        "allocations": round(entry.allocations),
        "sent_by_said": entry.ratio.map(round),
    })
}

fn point(point: &Point) -> Value {
    json!({ "amount": point.amount, "ns_per_unit": point.time, "floor_ns_per_unit": point.floor })
}
