//! The verdict on each mutant.

use std::fs;
use std::path::Path;

use crate::Failure;
use crate::accepted::Accepted;
use crate::loom::{Fate, Loom};
use crate::suite::{End, PASSES, Suite};

/// How many of the tests that caught the last mutants are tried first.
const HINTS: usize = 6;
/// The verdicts are written so often.
const OFTEN: usize = 50;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It may survive, with a reason; it was not tried.
    Accepted,
    /// It cannot be switched on, and wants a build of its own.
    Apart,
    /// A test failed.
    Caught,
    /// A test did not end.
    Hung,
    Survived,
    /// It does not compile.
    Unviable,
}

/// The verdicts so far, each with the test that it is owed to.
pub struct Verdicts<'a> {
    loom: &'a Loom,
    suite: &'a Suite,
    found: Vec<Option<(Verdict, String)>>,
    hints: Vec<String>,
}

impl<'a> Verdicts<'a> {
    pub fn new(loom: &'a Loom, suite: &'a Suite, accepted: &Accepted) -> Self {
        let early = |(mutant, fate): (&crate::mutant::Mutant, &Fate)| {
            let verdict = match fate {
                _ if accepted.has(&mutant.name) => Verdict::Accepted,
                Fate::Unviable => Verdict::Unviable,
                Fate::Apart => Verdict::Apart,
                Fate::Woven => return None,
            };
            Some((verdict, String::new()))
        };
        let found = loom.mutants.iter().zip(&loom.fates).map(early).collect();
        Self { loom, suite, found, hints: Vec::new() }
    }

    /// Judges all that are woven: by the quick tests, then those that survived by the slower ones.
    pub fn judge(&mut self, log: &Path) -> Result<(), Failure> {
        for (pass, tiers) in PASSES.into_iter().enumerate() {
            let left = (pass > 0).then_some(Verdict::Survived);
            for index in 0..self.found.len() {
                if self.verdict(index) != left {
                    continue;
                }
                let end = self.suite.judge(self.loom.numbers[index], tiers.clone(), &self.hints)?;
                if let End::Failed(name) = &end {
                    self.hints.retain(|hint| hint != name);
                    self.hints.insert(0, name.clone());
                    self.hints.truncate(HINTS);
                }
                self.found[index] = Some(match end {
                    End::Failed(name) => (Verdict::Caught, name),
                    End::Hung(at) => (Verdict::Hung, at),
                    End::Passed => (Verdict::Survived, String::new()),
                });
                if index % OFTEN == 0 {
                    self.write(log)?;
                }
            }
            self.write(log)?;
        }
        Ok(())
    }

    fn verdict(&self, index: usize) -> Option<Verdict> {
        self.found[index].as_ref().map(|(verdict, _)| *verdict)
    }

    /// Writes a line for each: the verdict, the mutant, its place, and the test.
    fn write(&self, log: &Path) -> Result<(), Failure> {
        let mut text = String::new();
        for (mutant, found) in self.loom.mutants.iter().zip(&self.found) {
            let Some((verdict, by)) = found else { continue };
            text.push_str(&format!("{verdict:?}\t{}\t{}\t{by}\n", mutant.name, mutant.place));
        }
        Ok(fs::write(log, text)?)
    }

    /// Prints what survived and how many there are of each, and returns whether none survived.
    pub fn report(&self) -> bool {
        for (index, mutant) in self.loom.mutants.iter().enumerate() {
            if self.verdict(index) == Some(Verdict::Survived) {
                println!("survived: {} ({})", mutant.name, mutant.place);
            }
        }
        use Verdict::{Accepted, Apart, Caught, Hung, Survived, Unviable};
        let count =
            |verdict| (0..self.found.len()).filter(|&at| self.verdict(at) == Some(verdict)).count();
        let counts = [Caught, Hung, Survived, Accepted, Unviable, Apart]
            .map(|verdict| format!("{} {}", count(verdict), format!("{verdict:?}").to_lowercase()));
        println!("{} mutants: {}", self.found.len(), counts.join(", "));
        count(Survived) == 0
    }
}
