//! The mutants that may survive, each with its reason.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use crate::Failure;

/// The list: `NAME: REASON` ... one a line.
pub struct Accepted(HashSet<String>);

/// What is between a mutant's name and the reason: nothing that Rust has.
const BECAUSE: &str = " -- ";

impl Accepted {
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let text = fs::read_to_string(path)?;
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let name = |line: &str| -> Result<String, Failure> {
            let (name, reason) = line.split_once(BECAUSE).ok_or("a line without a reason")?;
            if reason.trim().is_empty() {
                return Err(format!("no reason: {name}").into());
            }
            Ok(name.to_owned())
        };
        Ok(Self(lines.map(name).collect::<Result<_, _>>()?))
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}
