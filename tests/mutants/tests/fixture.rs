//! The tool on a crate whose mutants' fates are known: `cargo mutants` has judged each of them, one build
//! for each. What it judged otherwise is beside it here.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, thread};

/// A folder of this test's own.
fn work(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixture")
}

/// Runs the tool with a list of accepted mutants, and returns its exit code with what it wrote.
fn judged(name: &str, accepted: &str, only: &[&str]) -> (Option<i32>, String) {
    let work = work(name);
    fs::create_dir_all(&work).unwrap();
    fs::write(work.join("accepted.txt"), accepted).unwrap();
    let ran = Command::new(env!("CARGO_BIN_EXE_patchcord-mutants"))
        .arg("--root")
        .arg(fixture())
        .arg("--list")
        .arg(fixture().join("mutants.json"))
        .arg("--work")
        .arg(&work)
        .arg("--accepted")
        .arg(work.join("accepted.txt"))
        .args(only)
        .env_remove("RUSTFLAGS")
        .output()
        .unwrap();
    let verdicts = fs::read_to_string(work.join("verdicts.tsv"));
    let errors = String::from_utf8_lossy(&ran.stderr).into_owned();
    (ran.status.code(), verdicts.unwrap_or(errors))
}

/// The names of the mutants of a verdict, without the file.
fn of<'a>(verdicts: &'a str, verdict: &str) -> BTreeSet<&'a str> {
    let fields = verdicts.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let same = fields.filter(|fields| fields[0] == verdict);
    same.map(|fields| fields[1].trim_start_matches("src/lib.rs: ")).collect()
}

const SURVIVORS: [&str; 8] = [
    "replace missed -> i32 with 0",
    "replace missed -> i32 with 1",
    "replace missed -> i32 with -1",
    "delete - in missed",
    "replace unreached -> bool with true",
    "replace unreached -> bool with false",
    "delete ! in unreached",
    "delete match arm 2 in name",
];

/// Decided at compile time, of a type without a name, or in a chain with `let`. Of these, `cargo mutants`
/// misses `*` in `room`, where two and two make four either way; `||` beside `let` does not compile.
const APART: [&str; 12] = [
    "replace * with +",
    "replace * with /",
    "replace doubled -> u32 with 0",
    "replace doubled -> u32 with 1",
    "replace + with - in doubled",
    "replace + with * in doubled",
    "replace + with - in room",
    "replace + with * in room",
    "replace evens -> impl Iterator<Item = u32> with ::std::iter::empty()",
    "replace evens -> impl Iterator<Item = u32> with ::std::iter::once(0)",
    "replace evens -> impl Iterator<Item = u32> with ::std::iter::once(1)",
    "replace && with || in larger",
];

#[test]
fn each_mutant_has_the_verdict_that_a_build_of_its_own_gives() {
    let (code, verdicts) = judged("verdicts", "", &[]);
    assert_eq!(code, Some(1), "survivors that are not accepted\n{verdicts}");
    assert_eq!(of(&verdicts, "Survived"), BTreeSet::from(SURVIVORS));
    assert_eq!(of(&verdicts, "Apart"), BTreeSet::from(APART));
    assert_eq!(of(&verdicts, "Hung"), BTreeSet::from(["replace += with *= in count"]));
    let unviable = ["replace Pair::with_left -> Self with Default::default()"];
    assert_eq!(of(&verdicts, "Unviable"), BTreeSet::from(unviable));
    assert_eq!((of(&verdicts, "Caught").len(), verdicts.lines().count()), (35, 57));
}

#[test]
fn a_survivor_is_accepted_by_its_name_with_a_reason() {
    let [one, two, three] = ["true", "false", ""].map(|value| match value {
        "" => "src/lib.rs: delete ! in unreached".to_owned(),
        value => format!("src/lib.rs: replace unreached -> bool with {value}"),
    });
    let list = |reason: &str| format!("# why\n{one} -- a\n{two} -- b\n{three}{reason}\n");
    let only = [one.as_str(), &two, &three];
    thread::scope(|scope| {
        let accepted = scope.spawn(|| judged("accepted", &list(" -- c"), &only));
        let (code, verdicts) =
            judged("survivors", &list(" -- c").replace("false -- b", "0 -- b"), &only);
        assert_eq!((code, of(&verdicts, "Survived").len()), (Some(1), 1), "{verdicts}");
        let (code, error) = judged("reasonless", &list(""), &only);
        assert_eq!(code, Some(2), "{error}");
        let (code, verdicts) = accepted.join().unwrap();
        assert_eq!((code, of(&verdicts, "Accepted").len()), (Some(0), 3), "{verdicts}");
    });
}
