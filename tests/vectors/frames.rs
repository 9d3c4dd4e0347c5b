//! The conformance vectors of `frames/`, each given in every way that a transport could cut it.

mod vector;

use super::json::kind_of;
use crate::common::{
    Endpoint, Outcome, Receive, assert_every_split_agrees, joined, run, run_buffered, run_owned,
};
use patchcord::{Config, ConnectionLost, Delivery, ProtocolError, State};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use vector::{Ending, Vector};

/// Each file, and the least number of vectors in it.
const FILES: [(&str, usize); 10] = [
    ("after_close.json", 70),
    ("close.json", 140),
    ("control.json", 95),
    ("end_of_stream.json", 50),
    ("fragments.json", 95),
    ("length.json", 120),
    ("limits.json", 150),
    ("masking.json", 65),
    ("opcode_rsv.json", 120),
    ("utf8.json", 360),
];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/frames")
}

fn vectors(file: &str) -> Vec<Vector> {
    let text = fs::read_to_string(folder().join(file)).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    json.as_array().unwrap().iter().map(Vector::parse).collect()
}

/// The end that the vector is about, its own Close sent if the vector says so.
fn endpoint(vector: &Vector, delivery: Delivery) -> Endpoint {
    let config = Config { limits: vector.limits, delivery, ..Config::default() };
    let mut endpoint = Endpoint::new(vector.side, config);
    match &vector.local_close {
        None => {}
        Some(None) => endpoint.close(None).unwrap(),
        Some(Some((code, reason))) => endpoint.close_with(*code, reason).unwrap(),
    }
    endpoint
}

fn assert_error(vector: &Vector, error: Option<ProtocolError>) {
    let name = &vector.name;
    let Some(expected) = &vector.error else {
        assert_eq!(error, None, "{name}");
        return;
    };
    let Some(error) = error else { panic!("{name}: no error") };
    assert_eq!(kind_of(error), expected.kind, "{name}");
    assert_eq!(error.close_code().get(), expected.close_code, "{name}");
    assert_eq!(error.section(), vector.section, "{name}");
    if let ProtocolError::InvalidUtf8 { at } = error {
        assert_eq!(Some(at), expected.at, "{name}");
    }
}

/// Frames as a server writes them: those of a client unmasked.
fn unmasked(vector: &Vector, wire: &[u8]) -> Vec<u8> {
    let frames = vector.side.wrote(wire);
    frames.iter().flat_map(|(first, payload)| crate::common::frame(*first, None, payload)).collect()
}

fn assert_outcome(vector: &Vector, outcome: &Outcome) {
    let name = &vector.name;
    assert_eq!(joined(&outcome.events).0, vector.expect, "{name}");
    assert_error(vector, outcome.error);
    assert_eq!(unmasked(vector, &outcome.pending), vector.pending, "{name}: pending");
    if vector.end_of_stream.is_none() {
        assert_eq!(name_of(outcome.state.unwrap()), vector.state, "{name}: state");
    }
}

fn name_of(state: State) -> &'static str {
    match state {
        State::Open => "open",
        State::Closing { .. } => "closing",
        State::Closed { .. } => "closed",
        State::Failed(_) => "failed",
        State::Lost(_) => "lost",
        state => panic!("no vector for {state:?}"),
    }
}

/// One byte less, and nothing is wrong; that byte, and it is: whole and byte by byte.
fn assert_decided(vector: &Vector) {
    let Some(expected) = &vector.error else { return };
    let (name, at) = (&vector.name, expected.decided_at);
    for delivery in [Delivery::Messages, Delivery::Fragments] {
        for (end, decided) in [(at - 1, false), (at, true)] {
            let bytes = &vector.bytes[..end];
            let single: Vec<&[u8]> = bytes.chunks(1).collect();
            for pieces in [&[bytes][..], &single] {
                let outcome = run(&mut endpoint(vector, delivery), pieces);
                assert_eq!(outcome.error.is_some(), decided, "{name}: {end} bytes");
                let outcome = run_buffered(&mut endpoint(vector, delivery), pieces);
                assert_eq!(outcome.error.is_some(), decided, "{name}: {end} bytes, buffered");
            }
        }
    }
}

fn assert_ending(vector: &Vector) {
    let Some(ending) = vector.end_of_stream else { return };
    let single: Vec<&[u8]> = vector.bytes.chunks(1).collect();
    for pieces in [&[&vector.bytes[..]][..], &single] {
        for given in [run, run_owned, run_buffered] {
            let mut endpoint = endpoint(vector, Delivery::Messages);
            let outcome = given(&mut endpoint, pieces);
            assert_ends(vector, ending, &mut endpoint, &outcome);
        }
    }
}

fn assert_ends(vector: &Vector, ending: Ending, endpoint: &mut Endpoint, outcome: &Outcome) {
    let rest = &vector.bytes[vector.bytes.len() - outcome.rest..];
    let ended = endpoint.end_of_stream(rest);
    let found = match ended {
        Ok(()) if outcome.error.is_some() => Ending::Failed,
        Ok(()) => Ending::Clean,
        Err(ConnectionLost::BetweenMessages) => Ending::BetweenMessages,
        Err(ConnectionLost::InsideMessage) => Ending::InsideMessage,
        Err(ConnectionLost::InsideFrame) => Ending::InsideFrame,
        Err(lost) => panic!("{}: {lost:?}", vector.name),
    };
    assert_eq!(found, ending, "{}", vector.name);
    assert_eq!(endpoint.end_of_stream(&[]), ended, "{}: again", vector.name);
    assert_eq!(name_of(endpoint.state()), vector.state, "{}: state", vector.name);
    assert_eq!(unmasked(vector, endpoint.pending()), vector.pending, "{}", vector.name);
    assert!(matches!(endpoint.receive(&mut &mut [0x81][..]), Ok(None) | Err(_)));
}

fn check(vector: &Vector) {
    let make = || endpoint(vector, Delivery::Messages);
    let whole = assert_every_split_agrees(make, &vector.bytes);
    assert_outcome(vector, &whole);
    let single: Vec<&[u8]> = vector.bytes.chunks(1).collect();
    for pieces in [&[&vector.bytes[..]][..], &single] {
        let parts = || endpoint(vector, Delivery::Fragments);
        assert_outcome(vector, &run(&mut parts(), pieces));
        assert_outcome(vector, &run_owned(&mut parts(), pieces));
        assert_outcome(vector, &run_buffered(&mut parts(), pieces));
    }
    assert_decided(vector);
    assert_ending(vector);
}

/// Checks a file; prints how many vectors it has.
fn check_file(file: &str) {
    let (_, least) = FILES.into_iter().find(|(name, _)| *name == file).unwrap();
    let vectors = vectors(file);
    println!("{file}: {} vectors", vectors.len());
    assert!(vectors.len() >= least, "{file} has {} vectors of {least}", vectors.len());
    vectors.iter().for_each(check);
}

#[test]
fn every_vector_has_a_name_of_its_own_and_every_file_is_checked() {
    let found: BTreeSet<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".json"))
        .collect();
    assert_eq!(found, FILES.iter().map(|(name, _)| (*name).to_owned()).collect());
    let mut names = BTreeSet::new();
    for vector in FILES.iter().flat_map(|(file, _)| vectors(file)) {
        assert!(names.insert(vector.name.clone()), "{} stands twice", vector.name);
    }
    println!("{} vectors in {} files", names.len(), FILES.len());
}

#[test]
fn after_close() {
    check_file("after_close.json");
}

#[test]
fn close() {
    check_file("close.json");
}

#[test]
fn control() {
    check_file("control.json");
}

#[test]
fn end_of_stream() {
    check_file("end_of_stream.json");
}

#[test]
fn fragments() {
    check_file("fragments.json");
}

#[test]
fn length() {
    check_file("length.json");
}

#[test]
fn limits() {
    check_file("limits.json");
}

#[test]
fn masking() {
    check_file("masking.json");
}

#[test]
fn opcode_rsv() {
    check_file("opcode_rsv.json");
}

#[test]
fn utf8() {
    check_file("utf8.json");
}
