//! Two real connections, joined by pipes, in every state that they can come to in so many steps:
//! `tests/explore/README.md` says what holds in each, and how to go deeper.

mod explore {
    pub(crate) mod connected;
    pub(crate) mod end;
    pub(crate) mod ending;
    pub(crate) mod fingerprint;
    pub(crate) mod readers;
    pub(crate) mod scenarios;
    pub(crate) mod search;
    pub(crate) mod wire;
    pub(crate) mod world;
}

use explore::readers::{explore, heads};
use explore::scenarios::SCENARIOS;
use explore::search::search;
use explore::world::Pair;

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
