//! Makes a check of all its programs, and compares what fails with what is known to.

use crate::expected::is_expected;
use crate::frames::Outcome;
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
    compare(check, programs, outcomes);
}

/// Checks one program after the other, while no other check runs.
#[track_caller]
pub(crate) fn each_alone<P>(check: &str, programs: &[(&str, P)], made: impl Fn(&P) -> Outcome) {
    let _alone = QUIET.write().unwrap_or_else(PoisonError::into_inner);
    let outcomes = programs.iter().map(|(_, program)| made(program)).collect();
    compare(check, programs, outcomes);
}

#[track_caller]
fn compare<P>(check: &str, programs: &[(&str, P)], outcomes: Vec<Outcome>) {
    let mut wrong = String::new();
    for ((name, _), outcome) in programs.iter().zip(outcomes) {
        let is_expected = is_expected(check, name);
        println!(
            "{check:<30}{name:<32}{}",
            match (&outcome, is_expected) {
                (Ok(()), _) => "pass",
                (Err(_), true) => "fail, as expected",
                (Err(_), false) => "FAIL",
            }
        );
        match outcome {
            Ok(()) if is_expected => {
                wrong += &format!("{name} passes now: take it off the list in expected.rs\n");
            }
            Err(why) if !is_expected => wrong += &format!("{name}: {why}\n"),
            Err(why) => println!("    {why}"),
            Ok(()) => {}
        }
    }
    assert!(wrong.is_empty(), "{check}:\n{wrong}");
}
