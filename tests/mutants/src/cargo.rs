//! Builds the copy.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fs, str};

use serde_json::Value;

use crate::Failure;
use crate::loom::{Loom, write_changed};

/// More rounds than that say that errors are not understood.
const ROUNDS: usize = 60;

/// The package's tests, as far as mutants are judged by them.
pub struct Package {
    pub tree: PathBuf,
    pub target: PathBuf,
    /// Test binaries that are left out: those that call cargo, or read sources.
    pub skip: Vec<String>,
}

/// What cargo said.
#[derive(Default)]
pub struct Built {
    pub errors: Vec<Value>,
    pub binaries: BTreeSet<PathBuf>,
}

impl Package {
    /// Copies what git knows of, or would take, but for what is woven.
    pub fn copy(&self, root: &Path, woven: impl Fn(&str) -> bool) -> Result<(), Failure> {
        let listed = Command::new("git")
            .arg("-C")
            .arg(root)
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .output()?;
        for file in str::from_utf8(&listed.stdout)?.split_terminator('\0') {
            let from = root.join(file);
            if from.is_file() && !woven(file) {
                write_changed(&self.tree.join(file), &fs::read(from)?)?;
            }
        }
        Ok(())
    }

    /// Builds until all that does not compile is taken out, and returns the test binaries.
    pub fn weave(&self, loom: &mut Loom) -> Result<BTreeSet<PathBuf>, Failure> {
        for command in [self.check(), self.tests()?] {
            let mut rounds = 0;
            loop {
                loom.write()?;
                let built = self.cargo(&command)?;
                if built.errors.is_empty() {
                    if !built.binaries.is_empty() {
                        return Ok(built.binaries);
                    }
                    break;
                }
                rounds += 1;
                eprintln!("round {rounds}: {} errors", built.errors.len());
                if rounds > ROUNDS {
                    return Err("errors without an end".into());
                }
                for error in &built.errors {
                    loom.learn(error)?;
                }
            }
        }
        Err("no test binary was built".into())
    }

    fn check(&self) -> Vec<String> {
        ["check", "--lib"].map(str::to_owned).to_vec()
    }

    /// The unit tests and all files of `tests/` but those that are left out.
    pub fn tests(&self) -> Result<Vec<String>, Failure> {
        let mut arguments = ["test", "--no-run", "--lib"].map(str::to_owned).to_vec();
        let mut names = BTreeSet::new();
        for entry in fs::read_dir(self.tree.join("tests"))? {
            let path = entry?.path();
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            if path.extension().is_some_and(|ext| ext == "rs") || path.join("main.rs").is_file() {
                names.insert(stem);
            }
        }
        for name in names.into_iter().filter(|name| !self.skip.contains(name)) {
            arguments.extend(["--test".to_owned(), name]);
        }
        Ok(arguments)
    }

    /// Runs cargo. Optimized a little, because the tests run thousands of times, and with the checks
    /// of the tests' profile.
    pub fn cargo(&self, arguments: &[String]) -> Result<Built, Failure> {
        let output = Command::new("cargo")
            .args(arguments)
            .args(["--all-features", "--message-format=json", "--quiet"])
            .current_dir(&self.tree)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_PROFILE_DEV_OPT_LEVEL", "1")
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("RUSTFLAGS", "--cap-lints=allow")
            .stderr(Stdio::piped())
            .output()?;
        let mut built = Built::default();
        for line in str::from_utf8(&output.stdout)?.lines() {
            let Ok(value) = serde_json::from_str::<Value>(line) else { continue };
            let message = &value["message"];
            if message["level"] == "error" && !summary(message) {
                built.errors.push(message.clone());
            }
            if let Some(binary) =
                value["executable"].as_str().filter(|_| value["profile"]["test"] == true)
            {
                built.binaries.insert(binary.into());
            }
        }
        if !output.status.success() && built.errors.is_empty() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
        }
        Ok(built)
    }
}

/// "aborting due to 3 previous errors" points nowhere.
fn summary(message: &Value) -> bool {
    message["spans"].as_array().is_none_or(Vec::is_empty)
        && message["message"].as_str().is_some_and(|text| text.starts_with("aborting due"))
}
