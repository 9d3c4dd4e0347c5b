//! Builds the programs, once for all tests of this binary.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// Which package a program is of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Package {
    Examples,
    Transports,
}

/// Where the examples are built: with cargo's test command, they are there already.
static EXAMPLES: LazyLock<PathBuf> = LazyLock::new(|| {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target directory");
    cargo(&["--examples"], "Cargo.toml", target);
    target.join("debug/examples")
});

static TRANSPORTS: LazyLock<PathBuf> = LazyLock::new(|| {
    // With the packages that `packages` tests: much of what they need is the same.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("packages");
    cargo(&["--bins", "--examples"], "examples/transports/Cargo.toml", &target);
    target.join("debug")
});

/// Whether that package is there: it is not in the one that is published.
pub(crate) fn has_transports() -> bool {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/transports/Cargo.toml").exists()
}

/// A program, ready to be given arguments.
pub(crate) fn program(package: Package, name: &str) -> Command {
    Command::new(match package {
        Package::Examples => EXAMPLES.join(name),
        Package::Transports => TRANSPORTS.join(name),
    })
}

/// A sanitizer's flags are for the tests alone. What cargo tells a test of its package would be seen as
/// a change by a build script that watches it, as ring's does, and all above it would be built anew.
fn cargo(what: &[&str], manifest: &str, target: &Path) {
    let mut command = Command::new(env!("CARGO"));
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&*name);
        }
    }
    let status = command
        .args(["build", "--quiet", "--locked"])
        .args(what)
        .arg("--manifest-path")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(manifest))
        .env("CARGO_TARGET_DIR", target)
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("RUSTFLAGS")
        .status()
        .expect("cargo runs");
    assert!(status.success(), "{manifest}: {status}");
}
