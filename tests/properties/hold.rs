//! How a property is run: the same inputs each time, and the failing one made small.
//!
//! `PROPTEST_RNG_SEED` draws other inputs, and `PROPTEST_CASES` more of them.

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, FileFailurePersistence, RngSeed, TestRunner};
use std::fmt::Debug;

/// Inputs that once failed: they come before the generated ones.
const REGRESSIONS: &str = "tests/properties/seeds.txt";

fn config(cases: u32) -> Config {
    let mut config = Config::default();
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    if let RngSeed::Random = config.rng_seed {
        config.rng_seed = RngSeed::Fixed(6455);
    }
    config.failure_persistence = Some(Box::new(FileFailurePersistence::Direct(REGRESSIONS)));
    config
}

/// The property, which panics if it does not hold, holds for `cases` inputs.
pub(crate) fn hold<S>(cases: u32, inputs: S, property: impl Fn(S::Value))
where
    S: Strategy<Value: Debug>,
{
    let checked = TestRunner::new(config(cases)).run(&inputs, |input| {
        property(input);
        Ok(())
    });
    if let Err(error) = checked {
        panic!("{error}");
    }
}
