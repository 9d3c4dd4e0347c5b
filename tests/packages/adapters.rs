//! The tests of the packages under `adapters/`, by a cargo of their own: as dependencies of these
//! tests the packages would turn on the features that they need for all of them, and bring a runtime.

use std::path::Path;
use std::process::Command;

#[test]
fn every_test_of_the_adapter_for_tokio_passes() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters/tokio/Cargo.toml");
    let status = Command::new(env!("CARGO"))
        .args(["test", "--quiet", "--locked", "--features", "axum,deflate,http2,rustls"])
        .arg("--manifest-path")
        .arg(package)
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("packages"))
        .status()
        .unwrap();
    assert!(status.success(), "adapters/tokio: {status}");
}
