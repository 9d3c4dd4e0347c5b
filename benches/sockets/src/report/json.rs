//! The same for programs: one line for the machine, and one for each case of each server, for each
//! weight, for each count of system calls, and for each target.

use crate::memory::Weight;
use crate::results::{Entry, Results, Row};
use crate::servers::Server;
use bench_report::{Machine, Target, round};
use serde_json::{Value, json};

pub fn report(results: &Results, targets: &[Target], machine: &Machine) -> String {
    let mut lines = vec![machine.json()];
    for row in &results.rows {
        lines.extend(row.entries.iter().map(|entry| line(row, entry)));
    }
    lines.extend(results.weights.iter().map(weight));
    lines.extend(results.calls.iter().map(|(case, server, calls)| {
        let most: Vec<_> =
            calls.most.iter().map(|(name, each)| json!([name, round(*each)])).collect();
        json!({ "calls_of": case.to_string(), "server": server.name, "each": round(calls.all),
            "most": most })
    }));
    lines.extend(results.missing.iter().map(|server| json!({ "missing": server.name })));
    lines.extend(targets.iter().map(Target::json));
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn line(row: &Row, entry: &Entry) -> Value {
    json!({
        "case": row.case.to_string(),
        "bytes": row.case.size,
        "connections": row.case.connections,
        "in_flight": row.case.in_flight,
        "server": entry.server.name,
        "version": entry.server.version(),
        "class": class(entry.server),
        "median_ns": round(entry.times.median()),
        "minimum_ns": round(entry.times.minimum()),
        "messages_per_second": entry.rates.median().round(),
    })
}

fn class(server: &Server) -> String {
    format!("{:?}", server.class).to_lowercase()
}

fn weight(weight: &Weight) -> Value {
    json!({
        "memory_of": weight.server.name,
        "open_bytes": round(weight.open),
        "exchanged_bytes": round(weight.exchanged),
        "half_bytes": round(weight.half),
    })
}
