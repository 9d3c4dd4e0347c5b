//! What the figures were measured on and with.

use std::fs;
use std::path::Path;
use std::process::Command;

/// Instruction sets that some candidate chooses its code by.
const FLAGS: [&str; 8] =
    ["sse2", "ssse3", "avx2", "avx512f", "avx512bw", "avx512vbmi", "sha_ni", "asimd"];

pub struct Machine {
    pub processor: String,
    pub flags: String,
    pub processors: usize,
    /// What was pinned to which CPU.
    pub pinned: String,
    pub system: String,
    pub compiler: String,
    pub commit: String,
    pub date: String,
    pub command: String,
}

impl Machine {
    /// Describes what a package's `run` runs on.
    #[must_use]
    pub fn describe(run: &str, pinned: String, package: &Path) -> Self {
        let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let field = |name: &str| {
            let line = info.lines().find(|line| line.starts_with(name));
            line.and_then(|line| line.split_once(": ")).map_or("unknown", |(_, value)| value)
        };
        let words: Vec<_> = field("flags").split(' ').collect();
        let flags: Vec<_> = FLAGS.into_iter().filter(|flag| words.contains(flag)).collect();
        let arguments: Vec<_> = std::env::args().skip(1).collect();
        let (family, model) = (field("cpu family"), field("model\t"));
        Self {
            processor: format!("{}, family {family}, model {model}", field("model name")),
            flags: flags.join(" "),
            // All of them: this thread may be pinned to one.
            processors: info.lines().filter(|line| line.starts_with("processor\t")).count(),
            pinned,
            system: output("uname", &["-sm"]),
            compiler: output("rustc", &["--version"]),
            commit: commit(package),
            date: output("date", &["-u", "+%Y-%m-%d %H:%M UTC"]),
            command: [run.into(), arguments.join(" ")].join(" ").trim().into(),
        }
    }
}

fn commit(package: &Path) -> String {
    let root = &*package.to_string_lossy();
    let head = output("git", &["-C", root, "rev-parse", "--short", "HEAD"]);
    let status = output("git", &["-C", root, "status", "--porcelain", "--", "../../src", "."]);
    if status.is_empty() { head } else { format!("{head}, with changes") }
}

fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map_or_else(
        |_| "unknown".into(),
        |output| String::from_utf8_lossy(&output.stdout).trim().into(),
    )
}

/// The version of a crate in a lock file.
#[must_use]
pub fn version<'lock>(lock: &'lock str, name: &str) -> &'lock str {
    let header = format!("name = \"{name}\"\nversion = \"");
    let found = lock.split_once(&header).and_then(|(_, rest)| rest.split_once('"'));
    found.map_or("unknown", |(version, _)| version)
}
