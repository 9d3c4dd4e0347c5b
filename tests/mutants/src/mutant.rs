//! Mutants as cargo-mutants lists them.

use std::collections::HashMap;
use std::fs;
use std::ops::Range;
use std::path::Path;

use serde_json::Value;

use crate::Failure;

/// The kinds of cargo-mutants, by what has to be found in the source to weave one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Genre {
    /// The body of a function.
    Body,
    /// An operator with two operands.
    Binary,
    /// An operator with one operand, deleted.
    Unary,
    /// An arm of a `match`, deleted.
    Arm,
    /// The guard of an arm, true or false.
    Guard,
    /// A field of a struct expression with a base, deleted.
    Field,
}

/// A change to the source: the bytes of `range` become `replacement`.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// Unique, and without line numbers, so that it outlives changes elsewhere in the file.
    pub name: String,
    /// As cargo-mutants names it, with the place.
    pub place: String,
    /// The path of the file, below the package.
    pub file: String,
    pub genre: Genre,
    pub range: Range<usize>,
    pub replacement: String,
    /// What the function returns; `None` outside of functions.
    pub returns: Option<String>,
}

/// Reads what `cargo mutants --list --json` printed about the package at `root`, for the files that
/// `wanted` accepts.
pub fn list(
    json: &str,
    root: &Path,
    wanted: impl Fn(&str) -> bool,
) -> Result<Vec<Mutant>, Failure> {
    let listed: Vec<Value> = serde_json::from_str(json)?;
    let mut sources = HashMap::new();
    let mut mutants = Vec::new();
    for value in &listed {
        let file = text(value, "file")?;
        if !wanted(&file) {
            continue;
        }
        if !sources.contains_key(&file) {
            sources.insert(file.clone(), fs::read_to_string(root.join(&file))?);
        }
        mutants.push(mutant(value, &sources[&file])?);
    }
    mutants.sort_by(|a, b| (&a.file, a.range.start).cmp(&(&b.file, b.range.start)));
    number(&mut mutants);
    Ok(mutants)
}

fn mutant(value: &Value, source: &str) -> Result<Mutant, Failure> {
    let name = text(value, "name")?;
    // "src/frame/mod.rs:12:5: replace ..." without the place.
    let rule = name.splitn(4, ':').nth(3).ok_or("a name without a place")?;
    let file = text(value, "file")?;
    let start = &value["span"]["start"];
    Ok(Mutant {
        name: format!("{file}:{rule}"),
        genre: genre(&text(value, "genre")?)?,
        range: offset(source, start)?..offset(source, &value["span"]["end"])?,
        replacement: text(value, "replacement")?,
        returns: value["function"]["return_type"].as_str().map(str::to_owned),
        file,
        place: name,
    })
}

fn genre(name: &str) -> Result<Genre, Failure> {
    Ok(match name {
        "FnValue" => Genre::Body,
        "BinaryOperator" => Genre::Binary,
        "UnaryOperator" => Genre::Unary,
        "MatchArm" => Genre::Arm,
        "MatchArmGuard" => Genre::Guard,
        "StructField" => Genre::Field,
        _ => return Err(format!("cargo-mutants has a new genre: {name}").into()),
    })
}

fn text(value: &Value, key: &str) -> Result<String, Failure> {
    let found = value[key].as_str().ok_or_else(|| format!("no {key} in {value}"))?;
    Ok(found.to_owned())
}

/// The byte of a line and a column, both of which count from one, the latter in characters.
fn offset(source: &str, place: &Value) -> Result<usize, Failure> {
    let number = |key: &str| place[key].as_u64().and_then(|n| usize::try_from(n).ok());
    let (line, column) = number("line").zip(number("column")).ok_or("a span without a place")?;
    let line = source.split_inclusive('\n').nth(line - 1).ok_or("a line behind the end")?;
    let before: usize = line.chars().take(column - 1).map(char::len_utf8).sum();
    Ok(line.as_ptr().addr() - source.as_ptr().addr() + before)
}

/// The second of the same name is `NAME #2`: in the order of the file.
fn number(mutants: &mut [Mutant]) {
    let mut seen: HashMap<String, u32> = HashMap::new();
    for mutant in mutants {
        let count = seen.entry(mutant.name.clone()).or_default();
        *count += 1;
        if *count > 1 {
            mutant.name = format!("{} #{count}", mutant.name);
        }
    }
}
