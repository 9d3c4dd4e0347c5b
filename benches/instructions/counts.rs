//! The file of counts: what they depend on, and one line for each scenario.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::PathBuf;

/// How far a count may be from the stored one, in percent, up or down.
const TOLERANCE: f64 = 2.0;

const TITLE: &str = "\
# Instructions per operation, counted by `benches/instructions/run` and written by its `--update`.
# They depend on these:
";

/// Instructions per operation, and the conditions under which they were counted.
#[derive(Default)]
pub(crate) struct Counts {
    /// Compiler, C library and so on, each with its version.
    pub(crate) conditions: BTreeMap<String, String>,
    /// In the order of the file.
    pub(crate) counts: Vec<(String, f64)>,
}

impl Counts {
    pub(crate) fn read() -> Result<Self, String> {
        let text = fs::read_to_string(file()).map_err(|e| format!("{}: {e}", file().display()))?;
        let mut read = Self::default();
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (first, rest) =
                line.trim().split_once("  ").ok_or_else(|| format!("not a count: {line:?}"))?;
            let rest = rest.trim().to_owned();
            match first.parse() {
                Ok(count) => read.counts.push((rest, count)),
                Err(_) => drop(read.conditions.insert(first.to_owned(), rest)),
            }
        }
        Ok(read)
    }

    pub(crate) fn write(&self) -> Result<(), String> {
        fs::write(file(), self.to_string()).map_err(|e| format!("{}: {e}", file().display()))
    }

    /// Compares the counts of each scenario of `self` and `now`.
    pub(crate) fn compare(&self, now: &Self) -> Vec<Change> {
        let names = now.counts.iter().chain(&self.counts).map(|(name, _)| name);
        let mut changes: Vec<Change> = Vec::new();
        for name in names {
            if changes.iter().all(|change| change.name != *name) {
                let name = name.clone();
                changes.push(Change { stored: self.count(&name), now: now.count(&name), name });
            }
        }
        changes
    }

    fn count(&self, name: &str) -> Option<f64> {
        self.counts.iter().find(|(known, _)| known == name).map(|(_, count)| *count)
    }

    /// The conditions that differ from those of `now`, one per line.
    pub(crate) fn differences(&self, now: &Self) -> Vec<String> {
        let told = |value: Option<&String>| value.map_or("none", String::as_str).to_owned();
        let keys = now.conditions.keys();
        keys.filter(|key| self.conditions.get(*key) != now.conditions.get(*key))
            .map(|key| {
                let (stored, now) = (self.conditions.get(key), now.conditions.get(key));
                format!("{key} is {}, and was {} for the stored counts", told(now), told(stored))
            })
            .collect()
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(TITLE)?;
        for (key, value) in &self.conditions {
            writeln!(f, "{key:<9}  {value}")?;
        }
        writeln!(f)?;
        self.counts.iter().try_for_each(|(name, count)| writeln!(f, "{count:>9.1}  {name}"))
    }
}

/// One scenario, before and now; `None` where it is not known.
pub(crate) struct Change {
    pub(crate) name: String,
    stored: Option<f64>,
    now: Option<f64>,
}

impl Change {
    /// Returns whether the file has to be updated for it, or the code corrected.
    pub(crate) fn is_beyond_tolerance(&self) -> bool {
        self.percent().is_none_or(|percent| percent.abs() > TOLERANCE)
    }

    fn percent(&self) -> Option<f64> {
        Some((self.now? / self.stored? - 1.0) * 100.0)
    }
}

/// `   stored       now    change  name`.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = |count: Option<f64>| count.map_or("none".to_owned(), |n| format!("{n:.1}"));
        let change = self.percent().map_or("?".to_owned(), |percent| format!("{percent:+.2} %"));
        write!(f, "{:>9} {:>9} {change:>9}  {}", told(self.stored), told(self.now), self.name)?;
        f.write_str(if self.is_beyond_tolerance() { "  MOVED" } else { "" })
    }
}

fn file() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "benches", "instructions", "counts.txt"].iter().collect()
}
