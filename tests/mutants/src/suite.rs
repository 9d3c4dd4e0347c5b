//! Tests: how long each takes, which sites each reaches, and whether a mutant makes them fail.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::{BufRead, BufReader, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};
use std::{fs, str, thread};

use crate::Failure;

/// How much a mutant's tests may take beyond what they took without it: so many times as much CPU,
/// and seconds for what is slow at times.
const TIMES: u32 = 5;
const GRACE: Duration = Duration::from_secs(3);
/// And as long without any CPU, waiting for what does not come. Others may stop or crowd out a process.
const IDLE: Duration = Duration::from_secs(20);
/// A mutant that never stops to allocate, in KiB.
const MEMORY: u32 = 6 << 20;

/// Where one tier ends and the next begins.
const TIERS: [Duration; 3] =
    [Duration::from_millis(50), Duration::from_millis(300), Duration::from_millis(1500)];
/// All mutants meet the first of these tiers before one meets the second.
pub const PASSES: [Range<usize>; 3] = [0..2, 2..3, 3..4];

/// One test.
pub struct Test {
    pub binary: PathBuf,
    pub name: String,
    pub took: Duration,
    pub reaches: HashSet<u32>,
}

/// All tests that pass while no mutant is on.
pub struct Suite {
    pub tests: Vec<Test>,
    /// Those that fail in the copy: they read sources, which are woven there.
    pub failing: Vec<String>,
    tree: PathBuf,
    work: PathBuf,
}

/// What a run ended with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    Passed,
    /// The first test that failed.
    Failed(String),
    /// It took too long.
    Hung(String),
}

impl Suite {
    /// Runs each test alone, once, and notes what it reaches.
    pub fn record(binaries: &BTreeSet<PathBuf>, tree: &Path, work: &Path) -> Result<Self, Failure> {
        let (tree, work) = (tree.to_owned(), work.to_owned());
        let mut suite = Self { tests: Vec::new(), failing: Vec::new(), tree, work };
        fs::write(suite.work.join("switch"), "record")?;
        for binary in binaries {
            for name in suite.names(binary)? {
                suite.record_one(binary, name)?;
            }
        }
        suite.tests.sort_by_key(|test| test.took);
        Ok(suite)
    }

    fn names(&self, binary: &Path) -> Result<Vec<String>, Failure> {
        let listed = Command::new(binary).arg("--list").current_dir(&self.tree).output()?;
        let lines = str::from_utf8(&listed.stdout)?.lines();
        Ok(lines.filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect())
    }

    fn record_one(&mut self, binary: &Path, name: String) -> Result<(), Failure> {
        let reached = self.work.join("reached");
        fs::write(&reached, [])?;
        let start = Instant::now();
        let end = self.run(binary, &[&name], Duration::from_secs(60))?;
        if end != End::Passed {
            self.failing.push(format!("{}: {name}", stem(binary)));
            return Ok(());
        }
        let numbers = fs::read(&reached)?;
        let numbers = numbers.chunks_exact(4).map(|n| u32::from_le_bytes([n[0], n[1], n[2], n[3]]));
        let (binary, took) = (binary.to_owned(), start.elapsed());
        self.tests.push(Test { binary, name, took, reaches: numbers.collect() });
        Ok(())
    }

    /// Judges the mutant `number` of the site `first` by the tests of some tiers that reach the site:
    /// those of `hints` first, which caught its neighbours, then the quick ones.
    pub fn judge(
        &self,
        (first, number): (u32, u32),
        tiers: Range<usize>,
        hints: &[String],
    ) -> Result<End, Failure> {
        fs::write(self.work.join("switch"), number.to_string())?;
        let reaching = self.tests.iter().filter(|test| test.reaches.contains(&first));
        let reaching: Vec<&Test> = reaching.filter(|test| tiers.contains(&tier(test))).collect();
        let hinted = |hint: &String| reaching.iter().find(|test| test.name == *hint);
        let mut groups: Vec<Vec<&Test>> =
            hints.iter().filter_map(hinted).map(|test| vec![*test]).collect();
        groups.extend(grouped(&reaching));
        for group in groups {
            let names: Vec<&str> = group.iter().map(|test| test.name.as_str()).collect();
            let took = group.iter().map(|test| test.took).sum();
            let end = self.run(&group[0].binary, &names, took)?;
            if end != End::Passed {
                return Ok(end);
            }
        }
        Ok(End::Passed)
    }

    /// Runs tests of a binary until one fails.
    fn run(&self, binary: &Path, names: &[&str], took: Duration) -> Result<End, Failure> {
        let mut child = Command::new("sh")
            .args(["-c", &format!("ulimit -v {MEMORY}; exec \"$@\""), "sh"])
            .arg(binary)
            .args(["--exact", "--test-threads=1"])
            .args(names)
            .current_dir(&self.tree)
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let lines = reader(&mut child);
        let end = follow(&mut child, &lines, took * TIMES + GRACE)?;
        let _ = child.kill();
        let status = child.wait()?;
        Ok(match end {
            Some(End::Failed(name)) if name.is_empty() => crashed(binary, status),
            Some(End::Failed(name)) => End::Failed(name),
            Some(end) => end,
            None => crashed(binary, status),
        })
    }
}

/// The end of a run that named no test that failed.
fn crashed(binary: &Path, status: ExitStatus) -> End {
    if status.success() {
        return End::Passed;
    }
    End::Failed(format!("{} ({status})", stem(binary)))
}

/// Waits for a test that fails, the end, or too long; `None` for the end.
fn follow(
    child: &mut Child,
    lines: &Receiver<String>,
    limit: Duration,
) -> Result<Option<End>, Failure> {
    let (mut used, mut since) = (Duration::ZERO, Instant::now());
    let mut at = String::new();
    loop {
        match lines.recv_timeout(Duration::from_millis(200)) {
            Ok(line) => {
                if let Some(name) = line.strip_suffix(" ... FAILED") {
                    let name = name.trim_start_matches("test ").to_owned();
                    return Ok(Some(End::Failed(name)));
                }
                at = line;
                since = Instant::now();
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => {
                child.wait()?; // it closed its output, so it is about to end
                return Ok(None);
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
        let Some((now, stopped)) = cpu(child.id()) else { continue };
        if now > used || stopped {
            (used, since) = (now, Instant::now());
        }
        if used > limit || since.elapsed() > IDLE + limit {
            return Ok(Some(End::Hung(format!("after {at:?}"))));
        }
    }
}

/// The lines of a child's output.
fn reader(child: &mut Child) -> Receiver<String> {
    let (sender, lines) = channel();
    let output = child.stdout.take().expect("piped");
    thread::spawn(move || {
        for line in BufReader::new(output.take(1 << 20)).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    lines
}

/// The CPU that a process used, in user and kernel mode, and whether it is stopped: proc(5).
fn cpu(process: u32) -> Option<(Duration, bool)> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some((Duration::from_millis(ticks * 10), fields[0] == "T"))
}

/// How slow a test is, in steps: the last is for those that are run if nothing else catches a mutant.
fn tier(test: &Test) -> usize {
    TIERS.iter().take_while(|limit| test.took > **limit).count()
}

/// Tests of a tier and a binary together, the quick ones first.
fn grouped<'a>(tests: &[&'a Test]) -> Vec<Vec<&'a Test>> {
    let mut groups: BTreeMap<(usize, &Path), Vec<&Test>> = BTreeMap::new();
    for test in tests {
        groups.entry((tier(test), &test.binary)).or_default().push(test);
    }
    groups.into_values().collect()
}

fn stem(binary: &Path) -> String {
    binary.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}
