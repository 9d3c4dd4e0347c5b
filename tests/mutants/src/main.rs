//! Weaves the mutants that cargo-mutants lists into one build of the package, and judges each by the
//! tests that reach it. The README beside this says how to read what it prints.

mod accepted;
mod cargo;
mod loom;
mod mutant;
mod sites;
mod suite;
mod verdict;
mod weave;

use std::collections::HashMap;
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::{env, fs};

use accepted::Accepted;
use cargo::Package;
use loom::Loom;
use suite::Suite;
use verdict::Verdicts;

pub type Failure = Box<dyn Error + Send + Sync>;

/// What the command line says.
struct Order {
    root: PathBuf,
    list: PathBuf,
    work: PathBuf,
    accepted: PathBuf,
    skip: Vec<String>,
    /// Files, folders or names of mutants; all if there are none.
    only: Vec<String>,
}

const USAGE: &str = "usage: patchcord-mutants --root DIR --list JSON --work DIR --accepted FILE \
                     [--skip TEST]... [FILE, FOLDER or NAME]...";

fn main() -> ExitCode {
    match order().and_then(|order| run(&order)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn order() -> Result<Order, Failure> {
    let mut values: HashMap<String, Vec<String>> = HashMap::new();
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument.starts_with("--") {
            values.entry(argument).or_default().push(arguments.next().ok_or(USAGE)?);
        } else {
            values.entry("only".into()).or_default().push(argument);
        }
    }
    let mut path = |key: &str| -> Result<PathBuf, Failure> {
        Ok(values.remove(key).and_then(|mut all| all.pop()).ok_or(USAGE)?.into())
    };
    let (root, list) = (path("--root")?, path("--list")?);
    let (work, accepted) = (path("--work")?, path("--accepted")?);
    let skip = values.remove("--skip").unwrap_or_default();
    let only = values.remove("only").unwrap_or_default();
    if !values.is_empty() {
        return Err(USAGE.into());
    }
    Ok(Order { root, list, work, accepted, skip, only })
}

/// Whether a file, or a mutant of it, was asked for.
fn wanted(only: &[String], name: &str) -> bool {
    only.is_empty() || only.iter().any(|want| name.starts_with(want.as_str()))
}

/// Runs all, and returns whether every survivor is accepted.
fn run(order: &Order) -> Result<bool, Failure> {
    fs::create_dir_all(&order.work)?;
    let work = order.work.canonicalize()?;
    let (tree, target) = (work.join("tree"), work.join("target"));
    let package = Package { tree: tree.clone(), target, skip: order.skip.clone() };
    let json = fs::read_to_string(&order.list)?;
    let file = |file: &str| {
        order.only.iter().any(|want| want.starts_with(file)) || wanted(&order.only, file)
    };
    let mut mutants = mutant::list(&json, &order.root, file)?;
    mutants.retain(|mutant| wanted(&order.only, &mutant.name));
    let turn = |name: &str| order.only.iter().position(|want| name.starts_with(want.as_str()));
    mutants.sort_by_cached_key(|mutant| turn(&mutant.name));
    let mut loom = Loom::new(mutants, &order.root, tree.clone(), &work)?;
    package.copy(&order.root, |file| loom.weaves(file))?;
    let learned = work.join("learned");
    loom.load(&learned);
    let binaries = package.weave(&mut loom)?;
    loom.save(&learned)?;
    eprintln!("{} test binaries are built", binaries.len());
    let suite = Suite::record(&binaries, &tree, &work)?;
    for name in &suite.failing {
        eprintln!("fails without a mutant, and is left out: {name}");
    }
    eprintln!("{} tests pass without a mutant", suite.tests.len());
    let accepted = Accepted::read(&order.accepted)?;
    let mut verdicts = Verdicts::new(&loom, &suite, &accepted);
    verdicts.judge(&work.join("verdicts.tsv"))?;
    Ok(verdicts.report())
}
