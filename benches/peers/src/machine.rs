//! What the figures were measured on and with.

use std::fs;
use std::process::Command;

/// Instruction sets that some candidate chooses its code by.
const FLAGS: [&str; 8] =
    ["sse2", "ssse3", "avx2", "avx512f", "avx512bw", "avx512vbmi", "sha_ni", "asimd"];

pub struct Machine {
    pub processor: String,
    pub flags: String,
    pub processors: usize,
    /// The CPU that all was pinned to, if it could be.
    pub pinned: Option<usize>,
    pub system: String,
    pub compiler: String,
    pub commit: String,
    pub date: String,
    pub command: String,
}

impl Machine {
    /// Pins this thread, and describes what it runs on.
    pub fn settle() -> Self {
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
            processors: std::thread::available_parallelism().map_or(0, Into::into),
            pinned: pin(),
            system: output("uname", &["-sm"]),
            compiler: output("rustc", &["--version"]),
            commit: commit(),
            date: output("date", &["-u", "+%Y-%m-%d %H:%M UTC"]),
            command: ["benches/peers/run".into(), arguments.join(" ")].join(" ").trim().into(),
        }
    }
}

/// The last CPU: the first has most interrupts to handle.
fn pin() -> Option<usize> {
    let last = core_affinity::get_core_ids()?.into_iter().next_back()?;
    core_affinity::set_for_current(last).then_some(last.id)
}

fn commit() -> String {
    let root = env!("CARGO_MANIFEST_DIR");
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

/// The version of a crate, as the lock file has it.
pub fn version(name: &str) -> &'static str {
    let lock = include_str!("../Cargo.lock");
    let header = format!("name = \"{name}\"\nversion = \"");
    let found = lock.split_once(&header).and_then(|(_, rest)| rest.split_once('"'));
    found.map_or("unknown", |(version, _)| version)
}
