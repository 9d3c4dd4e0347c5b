//! Reports as JSON, for keeping and combining.

use super::{Judged, Report};
use crate::case::{Level, Outcome, Role, Status};
use serde_json::{Value, json};

pub fn to_json(report: &Report) -> Value {
    json!({
        "implementation": report.implementation,
        "role": report.role.to_string(),
        "seconds": report.seconds,
        "cases": report.cases.iter().map(case).collect::<Vec<_>>(),
    })
}

fn case(judged: &Judged) -> Value {
    let outcome = &judged.outcome;
    json!({
        "id": outcome.id,
        "level": outcome.level.to_string(),
        "status": status(outcome.status),
        "detail": outcome.detail,
        "why": judged.why,
        "what": judged.what,
        "autobahn": judged.autobahn,
        "seconds": (outcome.seconds * 1e4).round() / 1e4,
        "log": outcome.log,
    })
}

const STATUSES: [(Status, &str); 4] = [
    (Status::Passed, "passed"),
    (Status::Failed, "failed"),
    (Status::Otherwise, "otherwise"),
    (Status::Skipped, "skipped"),
];

fn status(status: Status) -> &'static str {
    STATUSES.iter().find(|(other, _)| *other == status).map_or("", |(_, name)| name)
}

/// Reads a report back; `None` if this is not one.
pub fn from_json(value: &Value) -> Option<Report> {
    let cases = value["cases"].as_array()?.iter().map(judged).collect::<Option<_>>()?;
    Some(Report {
        implementation: value["implementation"].as_str()?.to_owned(),
        role: if value["role"] == "server" { Role::Server } else { Role::Client },
        seconds: value["seconds"].as_f64()?,
        cases,
    })
}

fn judged(value: &Value) -> Option<Judged> {
    let text = |name: &str| value[name].as_str().map(str::to_owned);
    let texts = |name: &str| {
        value[name]
            .as_array()
            .map(|all| all.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect())
    };
    let level = match value["level"].as_str()? {
        "must" => Level::Must,
        "should" => Level::Should,
        _ => Level::Choice,
    };
    let status = STATUSES.iter().find(|(_, name)| value["status"] == *name)?.0;
    let outcome = Outcome {
        id: text("id")?,
        level,
        status,
        detail: text("detail")?,
        log: texts("log")?,
        seconds: value["seconds"].as_f64()?,
    };
    Some(Judged { outcome, why: text("why")?, what: text("what")?, autobahn: texts("autobahn")? })
}
