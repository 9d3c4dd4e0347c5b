//! Two real connections, joined by pipes, in every state that they can come to in so many steps:
//! `tests/explore/README.md` says what holds in each, and how to go deeper.

#[path = "explore/src/connected.rs"]
mod connected;
#[path = "explore/src/end.rs"]
mod end;
#[path = "explore/src/ending.rs"]
mod ending;
#[path = "explore/src/fingerprint.rs"]
mod fingerprint;
#[path = "explore/src/readers.rs"]
mod readers;
#[path = "explore/src/scenarios.rs"]
mod scenarios;
#[path = "explore/src/search.rs"]
mod search;
#[path = "explore/src/wire.rs"]
mod wire;
#[path = "explore/src/world.rs"]
mod world;

use readers::{explore, heads};
use scenarios::SCENARIOS;
use search::search;
use world::Pair;

#[test]
fn two_connections_come_to_a_right_end_from_every_state() {
    for scenario in SCENARIOS {
        assert!(scenario.quick <= scenario.deep, "{}", scenario.name);
        let seen = search(scenario.name, || Pair::new(scenario), scenario.quick);
        println!("| {} {seen}", scenario.name);
        assert!(seen.is_whole || seen.depth == scenario.quick, "{}", scenario.name);
    }
}

#[test]
fn a_head_is_judged_at_the_same_byte_however_it_is_cut() {
    for heads in heads() {
        let seen = explore(&heads);
        println!("| {} {seen}", heads[0].name);
        assert!(seen.is_whole, "{}", heads[0].name);
    }
}
