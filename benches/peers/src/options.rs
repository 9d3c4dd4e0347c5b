//! The command line.

/// The options.
pub struct Options {
    /// Fewer rounds.
    pub quick: bool,
    /// Fail if a target is missed.
    pub check: bool,
    /// Only the cases whose name contains this; nothing is written.
    pub only: Option<String>,
    /// Only the candidates whose name contains this; nothing is written.
    pub who: Option<String>,
}

pub const USAGE: &str = "usage: run [--quick] [--check] [--only CASE] [--who CANDIDATE]

    --quick            fewer rounds
    --check            name each target that is missed, and exit with 1 if there is one
    --only CASE        only the cases whose name contains CASE; write no files
    --who CANDIDATE    only the candidates whose name contains CANDIDATE; write no files";

impl Options {
    pub fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self { quick: false, check: false, only: None, who: None };
        while let Some(argument) = arguments.next() {
            match &*argument {
                "--quick" => options.quick = true,
                "--check" => options.check = true,
                "--only" => options.only = Some(arguments.next().ok_or(USAGE)?),
                "--who" => options.who = Some(arguments.next().ok_or(USAGE)?),
                _ => return Err(USAGE.into()),
            }
        }
        Ok(options)
    }

    /// Returns whether everything in the report is measured.
    pub const fn is_whole(&self) -> bool {
        self.only.is_none() && self.who.is_none()
    }

    /// Returns how often all cells are built anew, at other addresses.
    pub const fn sittings(&self) -> usize {
        if self.quick { 6 } else { 15 }
    }

    /// Returns how many rounds are measured in each sitting.
    pub const fn rounds(&self) -> usize {
        if self.quick { 5 } else { 13 }
    }
}
