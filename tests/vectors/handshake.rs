//! The opening handshake as `tests/vectors/handshake/*.json` says it: what each case is, and how another
//! implementation runs them, is in `tests/vectors/handshake/README.md`.
#![cfg(feature = "credentials")]

#[cfg(feature = "http")]
pub(crate) mod carried;
pub(crate) mod case;
mod client;
mod connect;
mod feed;
mod gateway;
mod mutant;
mod mutants;
mod outcome;
mod reading;
mod redirect;
mod server;
mod tunnel;

use case::{Case, load};

/// Runs a case; what is wrong, if something is.
pub(crate) fn run(case: &Case) -> Result<(), String> {
    match case.kind.as_str() {
        "read-request" => server::read_request(case),
        "read-response" => client::read_response(case),
        "write-request" => client::write_request(case),
        "parse-url" => client::parse_url(case),
        "read-connect" => connect::read_request(case),
        "read-connect-response" => connect::read_response(case),
        "write-connect" => connect::write_request(case),
        "read-redirect" => redirect::read(case),
        "write-tunnel" => tunnel::write(case),
        "read-tunnel" => tunnel::read(case),
        "forward" => gateway::forward(case),
        "forward-answer" => gateway::answer(case),
        kind => Err(format!("there is no kind {kind}")),
    }
}

use std::collections::BTreeSet;

/// Each file, and the fewest cases that it may have.
const FILES: [(&str, usize); 15] = [
    ("request", 229),
    ("response", 92),
    ("subprotocols", 114),
    ("credentials", 111),
    ("origin", 68),
    ("admission", 114),
    ("extensions", 76),
    ("extended_connect", 107),
    ("url", 118),
    ("redirect", 62),
    ("tunnel", 68),
    ("gateway", 38),
    ("limits", 94),
    ("recorded_requests", 66),
    ("recorded_responses", 32),
];

/// The files whose requests over HTTP/1.1 are also run as values of the `http` crate.
#[cfg(feature = "http")]
const AS_VALUES: [&str; 7] = [
    "request",
    "subprotocols",
    "credentials",
    "origin",
    "admission",
    "extensions",
    "recorded_requests",
];

/// Asserts that every case of a file has the outcome that it says.
fn assert_kept(file: &str) {
    let cases = load(file);
    let wrong: Vec<String> = cases.iter().filter_map(broken).collect();
    assert!(wrong.is_empty(), "{} of {}.json:\n{}", wrong.len(), file, wrong.join("\n"));
}

fn broken(case: &Case) -> Option<String> {
    let reason = run(case).err()?;
    Some(format!("- {} ({}, {:?})\n    {reason}", case.name, case.section, case.strictness))
}

#[test]
fn requests() {
    assert_kept("request");
}

#[test]
fn responses() {
    assert_kept("response");
}

#[test]
fn subprotocols() {
    assert_kept("subprotocols");
}

#[test]
fn credentials() {
    assert_kept("credentials");
}

#[test]
fn origins() {
    assert_kept("origin");
}

#[test]
fn admissions() {
    assert_kept("admission");
}

#[test]
fn extensions() {
    assert_kept("extensions");
}

#[test]
fn extended_connect() {
    assert_kept("extended_connect");
}

#[test]
fn urls() {
    assert_kept("url");
}

#[test]
fn redirects() {
    assert_kept("redirect");
}

#[test]
fn tunnels() {
    assert_kept("tunnel");
}

#[test]
fn gateways() {
    assert_kept("gateway");
}

#[test]
fn limits() {
    assert_kept("limits");
}

#[test]
fn recorded_requests() {
    assert_kept("recorded_requests");
}

#[test]
fn recorded_responses() {
    assert_kept("recorded_responses");
}

/// The requests once more, as values of the `http` crate instead of bytes.
#[cfg(feature = "http")]
#[test]
fn requests_as_values() {
    let mut wrong = Vec::new();
    let mut run = 0;
    for file in AS_VALUES {
        for case in load(file).iter().filter(|case| case.kind == "read-request") {
            match carried::read_request(case) {
                Ok(ran) => run += usize::from(ran),
                Err(reason) => wrong.push(format!("- {}\n    {reason}", case.name)),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(run >= 500, "only {run} requests could be values");
}

#[test]
fn every_file_has_its_cases_and_no_name_is_there_twice() {
    let mut names = BTreeSet::new();
    for (file, fewest) in FILES {
        let cases = load(file);
        assert!(cases.len() >= fewest, "{file}.json has {} cases, not {fewest}", cases.len());
        for case in cases {
            assert!(names.insert(case.name.clone()), "{file}.json: {} is there twice", case.name);
        }
    }
}

#[test]
fn the_readme_says_how_many_cases_there_are() {
    let readme = include_str!("../../README.md").split_whitespace().collect::<Vec<_>>().join(" ");
    let total: usize = FILES.iter().map(|(file, _)| load(file).len()).sum();
    let said = format!("{},{:03} handshake vectors", total / 1000, total % 1000);
    assert!(readme.contains(&said), "there are {said}");
}

#[test]
fn every_file_of_cases_is_run() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/handshake");
    for entry in folder.read_dir().expect("the folder is there").flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
            let known = FILES.iter().any(|(file, _)| *file == name);
            assert!(known, "{name}.json is not run");
        }
    }
}
