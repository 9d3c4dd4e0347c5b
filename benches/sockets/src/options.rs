//! The command line.

use std::time::Duration;

/// The options.
#[derive(Default)]
pub struct Options {
    /// Fewer and shorter rounds.
    pub quick: bool,
    /// Only check that everything works: few cases, no meaningful figures, no files.
    pub smoke: bool,
    /// Fail if a target is missed.
    pub check: bool,
    /// Only the cases whose name contains this; nothing is written.
    pub only: Option<String>,
    /// Only the servers whose name contains this; nothing is written.
    pub who: Option<String>,
}

pub const USAGE: &str = "usage: run [--quick | --smoke] [--check] [--only CASE] [--who SERVER]

    --quick         fewer and shorter rounds
    --smoke         verify the servers in Rust and pass through few cases; judge and write nothing
    --check         name each target that is missed, and exit with 1 if there is one
    --only CASE     only the cases whose name contains CASE; write no files
    --who SERVER    only the servers whose name contains SERVER; write no files";

impl Options {
    pub fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self::default();
        while let Some(argument) = arguments.next() {
            match &*argument {
                "--quick" => options.quick = true,
                "--smoke" => options.smoke = true,
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
        self.only.is_none() && self.who.is_none() && !self.smoke
    }

    pub fn admits_case(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|only| name.contains(only))
    }

    pub fn admits_server(&self, name: &str) -> bool {
        self.who.as_ref().is_none_or(|who| name.contains(who))
    }

    /// Returns how many rounds each case has.
    pub const fn rounds(&self) -> usize {
        match (self.smoke, self.quick) {
            (true, _) => 1,
            (_, true) => 5,
            (_, false) => 15,
        }
    }

    /// Returns how long a server is under load in a round while its time is taken.
    pub const fn round(&self) -> Duration {
        Duration::from_millis(match (self.smoke, self.quick) {
            (true, _) => 10,
            (_, true) => 40,
            (_, false) => 100,
        })
    }

    /// Returns how many connections are open at once to be weighed.
    pub const fn idle(&self) -> usize {
        if self.smoke { 200 } else { 10_000 }
    }
}
