//! Explores every scenario, or those whose numbers are given, and prints what was seen; with `quick`,
//! only as deep as `cargo test` does.

mod connected;
mod end;
mod ending;
mod fingerprint;
mod readers;
mod scenarios;
mod search;
mod wire;
mod world;

use readers::{explore, heads};
use scenarios::SCENARIOS;
use search::search;
use world::Pair;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_quick = arguments.iter().any(|argument| argument == "quick");
    let chosen: Vec<usize> = arguments.iter().filter_map(|number| number.parse().ok()).collect();
    println!("| | scenario | depth | states | steps | in |\n|--:|---|--:|--:|--:|--:|");
    for (number, scenario) in (1..).zip(SCENARIOS) {
        if chosen.is_empty() || chosen.contains(&number) {
            let depth = if is_quick { scenario.quick } else { scenario.deep };
            println!(
                "| {number} | {} {}",
                scenario.name,
                search(scenario.name, || Pair::new(scenario), depth)
            );
        }
    }
    if chosen.is_empty() {
        for heads in heads() {
            println!("| | {}, 7 sets of limits {}", heads[0].name, explore(&heads));
        }
    }
}
