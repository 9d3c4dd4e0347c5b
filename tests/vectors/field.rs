//! The field log: what people reported of other implementations, tried here. `field/README.md` says
//! what a report is.

mod play;

use crate::common::BOTH;
use play::{Cut, Report};
use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

/// The fewest reports that there may be.
const LEAST: usize = 60;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn reports() -> Vec<Report> {
    let text = fs::read_to_string(folder().join("vectors/field/reports.json")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    json.as_array().unwrap().iter().map(Report::parse).collect()
}

/// Every point of what is heard; of more than 400 bytes those near the ends, and some between.
fn cuts(length: usize) -> Vec<Cut> {
    let inner =
        (1..length).filter(|at| length <= 400 || *at < 150 || length - at < 150 || at % 97 == 0);
    inner.map(Cut::At).chain([Cut::Nowhere, Cut::Everywhere]).collect()
}

#[test]
fn every_report_comes_out_right_in_both_roles_at_every_cut() {
    let (mut played, mut wrong) = (0, Vec::new());
    for report in reports() {
        for side in BOTH {
            let cuts = cuts(report.length(side));
            let is_wrong =
                |cut: &&Cut| catch_unwind(AssertUnwindSafe(|| report.play(side, **cut))).is_err();
            let first = cuts.iter().find(is_wrong);
            wrong.extend(first.map(|cut| format!("{}: {side:?}, cut {cut:?}", report.id)));
            played += cuts.len();
        }
    }
    println!("{} reports, played {played} times", reports().len());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_report_says_where_it_comes_from_and_is_checked() {
    let mut ids = BTreeSet::new();
    for report in reports() {
        let Report { id, source, was, steps, checked_by, .. } = report;
        assert!(ids.insert(id.clone()), "{id} is there twice");
        assert!(!source.is_empty() && !was.is_empty(), "{id}");
        assert_ne!(steps.is_empty(), checked_by.is_empty(), "{id}: steps, or what checks it");
        let says_right = steps.iter().any(|step| step.get("then").is_some());
        assert!(steps.is_empty() || says_right, "{id}: nothing is looked at");
        for reference in &checked_by {
            let (file, name) = reference.split_once("::").expect("file::name");
            let text = fs::read_to_string(folder().join(file)).unwrap();
            let entry = format!("\"name\": {}", serde_json::to_string(name).unwrap());
            let is_there = text.contains(&format!("fn {name}(")) || text.contains(&entry);
            assert!(is_there, "{id}: no {reference}");
        }
    }
    assert!(ids.len() >= LEAST, "{} reports of {LEAST}", ids.len());
}
