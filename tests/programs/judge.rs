//! Makes a check of all its programs.

use crate::programs::frames::Outcome;
use std::sync::{PoisonError, RwLock};
use std::thread;

/// Held for reading by checks that run beside others, and for writing by one that measures time.
static QUIET: RwLock<()> = RwLock::new(());

/// Checks all programs at once.
#[track_caller]
pub(crate) fn each<P: Sync>(
    check: &str,
    programs: &[(&str, P)],
    made: impl Fn(&P) -> Outcome + Sync,
) {
    let _others = QUIET.read().unwrap_or_else(PoisonError::into_inner);
    let outcomes = thread::scope(|scope| {
        let made = &made;
        let threads: Vec<_> =
            programs.iter().map(|(_, program)| scope.spawn(move || made(program))).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    tell(check, programs, outcomes);
}

/// Checks one program after the other, while no other check runs.
#[track_caller]
pub(crate) fn each_alone<P>(check: &str, programs: &[(&str, P)], made: impl Fn(&P) -> Outcome) {
    let _alone = QUIET.write().unwrap_or_else(PoisonError::into_inner);
    let outcomes = programs.iter().map(|(_, program)| made(program)).collect();
    tell(check, programs, outcomes);
}

#[track_caller]
fn tell<P>(check: &str, programs: &[(&str, P)], outcomes: Vec<Outcome>) {
    let mut wrong = String::new();
    for ((name, _), outcome) in programs.iter().zip(outcomes) {
        println!("{check:<30}{name:<32}{}", if outcome.is_ok() { "pass" } else { "FAIL" });
        if let Err(why) = outcome {
            wrong += &format!("{name}: {why}\n");
        }
    }
    assert!(wrong.is_empty(), "{check}:\n{wrong}");
}
