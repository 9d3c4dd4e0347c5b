//! The README: what it quotes stands word for word where it comes from, and it stays short.

use std::fs;
use std::path::Path;

/// A first page that takes longer than ten minutes is not read.
const LONGEST: usize = 150;

fn page(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).expect("the page is there")
}

#[test]
fn the_readme_has_fewer_than_150_lines() {
    let lines = page("README.md").lines().count();
    assert!(lines < LONGEST, "it has {lines}");
}

#[test]
fn the_readmes_server_is_the_example() {
    let server = page("examples/server.rs");
    let (_, code) = server.split_once('\n').expect("a line of documentation, then code");
    assert!(page("README.md").contains(code), "README.md and examples/server.rs differ");
}

#[test]
fn the_readmes_figures_are_those_of_the_last_run_of_the_benchmark() {
    let (peers, readme) = (page("docs/peers.md"), page("README.md"));
    let (_, block) = peers.split_once("<!-- in short -->").expect("docs/peers.md begins the block");
    let (block, _) = block.split_once("<!-- end -->").expect("docs/peers.md ends the block");
    assert!(block.contains("patchcord"), "the block is empty");
    assert!(readme.contains(block), "README.md has other figures than docs/peers.md");
}
