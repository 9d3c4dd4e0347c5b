//! Runs this program under callgrind, so that nothing but the program affects the counts.

use crate::REPETITIONS;
use crate::counts::Counts;
use crate::scenarios::{SCENARIOS, Scenario};
use std::collections::BTreeMap;
use std::env;
use std::path::Path;
use std::process::{Command, Output};

/// The only path of `src/mask/dispatch.rs` whose counts are stored. A CPU without AVX2 cannot run
/// it, and on a CPU with AVX-512 valgrind shows no more than AVX2.
const MASKING: &str = "AVX2";

/// Counts every scenario.
pub(crate) fn count_all() -> Result<Counts, String> {
    let conditions = conditions()?;
    let count = |Scenario(name, _): &Scenario| Ok(((*name).to_owned(), count(name)?));
    let counts = SCENARIOS.iter().map(count).collect::<Result<_, String>>()?;
    Ok(Counts { conditions, counts })
}

/// Instructions per operation, to a tenth.
fn count(name: &str) -> Result<f64, String> {
    let once = collected(name, REPETITIONS)?;
    let twice = collected(name, 2 * REPETITIONS)?;
    let count = twice.checked_sub(once).ok_or_else(|| format!("{name:?} does not repeat"))?;
    Ok((count * 10 / REPETITIONS as u64) as f64 / 10.0)
}

/// Returns the instructions of a process that repeats an operation `repetitions` times.
fn collected(name: &str, repetitions: usize) -> Result<u64, String> {
    let output = under_callgrind(&["repeat", name, &repetitions.to_string()])?;
    let report = String::from_utf8_lossy(&output.stderr);
    let total = report.lines().find_map(|line| line.split_once("Collected :"));
    total
        .and_then(|(_, total)| total.trim().parse().ok())
        .ok_or_else(|| format!("callgrind gave no count for {name:?}:\n{report}"))
}

/// Returns what the counts depend on besides the code. Not the CPU's model: valgrind shows the program
/// one of its own making, with AVX2 if the real CPU has it.
fn conditions() -> Result<BTreeMap<String, String>, String> {
    let path = under_callgrind(&["path"])?;
    let masking = String::from_utf8_lossy(&path.stdout).trim().to_owned();
    if masking != MASKING {
        return Err(format!(
            "the counts are of masking by {MASKING}, and what runs here under valgrind is \
             {masking}: nothing was counted. It takes an x86-64 CPU with {MASKING}, and a build \
             that does not choose a CPU"
        ));
    }
    let conditions = [
        ("masking", masking),
        ("compiler", version("rustc", &["--version"])?),
        ("valgrind", version("valgrind", &["--version"])?),
        ("libc", version("getconf", &["GNU_LIBC_VERSION"])?),
    ];
    Ok(conditions.map(|(key, value)| (key.to_owned(), value)).into())
}

fn version(program: &str, arguments: &[&str]) -> Result<String, String> {
    let output = run(Command::new(program).args(arguments))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs this program in an environment that is the same everywhere, by a path of constant length:
/// both lie on the stack and the heap, and would move what lies there.
fn under_callgrind(arguments: &[&str]) -> Result<Output, String> {
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let (Some(folder), Some(name)) = (program.parent(), program.file_name()) else {
        return Err(format!("{} is not a program in a folder", program.display()));
    };
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind.arg(Path::new(".").join(name)).args(arguments);
    run(valgrind.current_dir(folder).env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin"))
}

fn run(command: &mut Command) -> Result<Output, String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if !output.status.success() {
        let report = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{command:?}: {}\n{report}", output.status));
    }
    Ok(output)
}
