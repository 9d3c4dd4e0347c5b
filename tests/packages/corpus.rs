//! The properties that `fuzz/` checks, on every seed of its corpus: without nightly, and without a
//! fuzzer.
//!
//! They are built by a cargo of their own. As a dependency of these tests the package would turn on
//! the features that it needs for all of them, and `cargo test --no-default-features` would test
//! nothing of the kind.

use std::path::Path;
use std::process::Command;

/// What a sanitizer's flags must not reach, as macros that the compiler loads, is told from what
/// is tested by naming the target.
fn target() -> String {
    let rustc = Command::new("rustc").args(["--print", "host-tuple"]).output().unwrap();
    String::from_utf8(rustc.stdout).unwrap().trim().to_owned()
}

#[test]
fn every_seed_of_every_target_keeps_its_property() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/Cargo.toml");
    let status = Command::new(env!("CARGO"))
        .args(["test", "--quiet", "--locked", "--test", "corpus", "--target", &target()])
        .arg("--manifest-path")
        .arg(package)
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("packages"))
        .status()
        .unwrap();
    assert!(status.success(), "the seeds of fuzz/corpus: {status}");
}
