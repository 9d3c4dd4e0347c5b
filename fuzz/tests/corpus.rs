//! The properties on every seed of the corpus, without nightly and without a fuzzer. The crate's
//! own `tests/packages/corpus.rs` runs this.

use patchcord_fuzz::{KNOWN, Place, TARGETS, escape, mask_at, met, seeds};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The most bytes that the corpus may have.
const MOST: u64 = 1_000_000;

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every known disagreement is met on the way; otherwise the table excuses what no peer does.
#[test]
fn every_seed_keeps_its_property_and_meets_every_disagreement() {
    let mut count = 0;
    for (target, property) in TARGETS {
        let seeds = seeds(target).unwrap();
        assert!(seeds.len() >= 10, "{target} has {} seeds", seeds.len());
        for seed in &seeds {
            let kept = std::panic::catch_unwind(|| property(seed));
            assert!(kept.is_ok(), "{target} on {}", escape(seed));
        }
        count += seeds.len();
    }
    println!("{count} seeds of {} targets", TARGETS.len());
    for (known, times) in met() {
        assert!(times > 0, "no seed meets this: {known:?}");
    }
}

#[test]
fn the_corpus_is_small_and_each_file_of_it_is_a_targets() {
    let targets: BTreeSet<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
    let mut size = 0;
    for entry in fs::read_dir(folder().join("corpus")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            assert!(targets.contains(path.file_stem().unwrap().to_str().unwrap()), "{path:?}");
            size += path.metadata().unwrap().len();
        }
    }
    assert!(size <= MOST, "{size} bytes");
}

#[test]
fn every_target_and_every_disagreement_stands_in_the_readme() {
    let readme = fs::read_to_string(folder().join("README.md")).unwrap();
    for (target, _) in TARGETS {
        assert!(readme.contains(&format!("| `{target}` |")), "{target}");
        let program = folder().join("targets").join(target).with_extension("rs");
        assert!(fs::read_to_string(program).unwrap().contains(target));
    }
    let rows = readme.lines().skip_while(|line| *line != "| peer | does | this crate | section |");
    let rows = rows.skip(2).take_while(|line| line.starts_with('|'));
    let known = KNOWN.iter().map(|known| {
        format!("| {} | {} | {} | {} |", known.peer, known.does, known.instead, known.section)
    });
    assert!(rows.eq(known), "the table differs from src/peers/known.rs");
}

#[test]
fn no_length_of_masking_touches_the_page_beside_it() {
    let payload: Vec<u8> = (0..5000).map(|i| (i * 7) as u8).collect();
    for length in (0..=600).chain([1024, 4095, 4096, 4097, 5000]) {
        for place in [Place::Start, Place::End] {
            mask_at([0xa5, 0x5a, 0x3c, 0x01], &payload[..length], place);
        }
    }
}
