//! Judges a program that speaks JSON lines by the vectors of `tests/vectors/frames` and
//! `tests/vectors/handshake`: for implementations without sockets. README.md has the contract.

mod bytes;
mod frames;
mod handshake;
mod shim;

use crate::case::{Level, Outcome, Role, Status};
use crate::options::Options;
use crate::report::{Judged, Report};
use serde_json::Value;
use shim::Shim;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Where this repository has them.
const HERE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors");

/// The outcome of a question.
pub enum Answer {
    Fine,
    Skipped(String),
    /// The rule of the vector is broken, or one of another level.
    Wrong(Option<Level>, String),
}

/// Runs all vectors, in both roles.
pub fn judge(options: &Options) -> Result<Vec<Report>> {
    let command = options.shim.as_deref().ok_or("--shim is missing")?;
    let directory = PathBuf::from(options.vectors.as_deref().unwrap_or(HERE));
    let mut shim = Shim::start(command)?;
    let start = Instant::now();
    let mut all = [(Role::Server, Vec::new()), (Role::Client, Vec::new())];
    for (kind, ask) in [("frames", frames::ask as Ask), ("handshake", handshake::ask as Ask)] {
        for vector in read(&directory.join(kind))? {
            let role = usize::from(vector["role"] == "client");
            let name = vector["name"].as_str().unwrap_or_default().replace(' ', "-");
            let id = format!("vectors/{kind}/{name}");
            if options.wants(&id)
                && let Some(judged) = hold(&mut shim, id, &vector, ask)?
            {
                all[role].1.push(judged);
            }
        }
    }
    let implementation = options.name.clone().unwrap_or_else(|| command.to_owned());
    let seconds = start.elapsed().as_secs_f64();
    let report =
        |(role, cases)| Report { implementation: implementation.clone(), role, seconds, cases };
    Ok(all.map(report).into())
}

/// Asks one vector; `None` if shims are not asked vectors of its kind.
type Ask = fn(&mut Shim, &Value) -> Result<Option<Answer>>;

fn hold(shim: &mut Shim, id: String, vector: &Value, ask: Ask) -> Result<Option<Judged>> {
    let start = Instant::now();
    let Some(answer) = ask(shim, vector)? else { return Ok(None) };
    let own = if vector["strictness"] == "choice" || !vector["limits"].is_null() {
        Level::Choice
    } else {
        Level::Must
    };
    let (status, level, detail) = match answer {
        Answer::Fine => (Status::Passed, own, String::new()),
        Answer::Skipped(why) => (Status::Skipped, own, why),
        Answer::Wrong(level, what) => {
            let level = level.unwrap_or(own).max(own);
            (if level == Level::Choice { Status::Otherwise } else { Status::Failed }, level, what)
        }
    };
    let log = if status == Status::Passed { Vec::new() } else { shim.take_log() };
    let seconds = start.elapsed().as_secs_f64();
    let outcome = Outcome { id, level, status, detail, log, seconds };
    let why = vector["section"].as_str().unwrap_or_default().to_owned();
    let what = vector["name"].as_str().unwrap_or_default().to_owned();
    Ok(Some(Judged { outcome, why, what, autobahn: Vec::new() }))
}

/// Reads the vectors in all files of a directory, in order.
fn read(directory: &Path) -> Result<Vec<Value>> {
    let entries =
        fs::read_dir(directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    let mut files: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let mut vectors = Vec::new();
    for file in files {
        let list: Vec<Value> = serde_json::from_str(&fs::read_to_string(file)?)?;
        vectors.extend(list);
    }
    Ok(vectors)
}
