//! The targets that patchcord has to meet, as data, and whether it does.

use crate::case::LONG;
use crate::memory::{HALF, Weight};
use crate::results::{Entry, Results, Row};
use crate::servers::{Class, MIO, RAW_MIO, RAW_TOKIO, TOKIO, TOKIO_RUN, UWEBSOCKETS};
use bench_report::Target;

/// Above this, the cost of a copy or a second read shows, which a raw echo does not have.
const SHORT: usize = 1024;

/// Bounds the times of one server relative to another.
struct Bound {
    ours: &'static str,
    against: Against,
    bound: f64,
    /// The sizes of the cases it applies to.
    sizes: std::ops::RangeInclusive<usize>,
}

enum Against {
    Server(&'static str),
    BestCrate,
}

const BOUNDS: [Bound; 8] = [
    Bound { ours: MIO, against: Against::Server(RAW_MIO), bound: 1.05, sizes: 0..=SHORT },
    Bound { ours: MIO, against: Against::Server(UWEBSOCKETS), bound: 1.0, sizes: 0..=LONG },
    Bound { ours: TOKIO, against: Against::Server(RAW_TOKIO), bound: 1.1, sizes: 0..=SHORT },
    Bound { ours: TOKIO, against: Against::BestCrate, bound: 1.0, sizes: 0..=LONG - 1 },
    Bound { ours: TOKIO, against: Against::BestCrate, bound: 0.9, sizes: LONG..=LONG },
    Bound { ours: TOKIO_RUN, against: Against::Server(RAW_TOKIO), bound: 1.1, sizes: 0..=SHORT },
    Bound { ours: TOKIO_RUN, against: Against::BestCrate, bound: 1.0, sizes: 0..=LONG - 1 },
    Bound { ours: TOKIO_RUN, against: Against::BestCrate, bound: 0.9, sizes: LONG..=LONG },
];

/// Idle bytes of each connection: of our servers, when it is open or has exchanged a message.
const IDLE: [(&str, f64); 3] = [(MIO, 205.0), (TOKIO, 1500.0), (TOKIO_RUN, 1500.0)];

/// And those beyond what was sent, while half a frame waits for its other half.
const BESIDE_HALF: f64 = 600.0;

/// Returns all targets that were measured.
pub fn targets(results: &Results) -> Vec<Target> {
    let timed =
        BOUNDS.iter().flat_map(|bound| results.rows.iter().filter_map(|row| bound.judge(row)));
    timed.chain(results.weights.iter().flat_map(weights)).collect()
}

impl Bound {
    fn judge(&self, row: &Row) -> Option<Target> {
        if !self.sizes.contains(&row.case.size) {
            return None;
        }
        let rival = match self.against {
            Against::Server(name) => row.entry(name)?,
            Against::BestCrate => row.best(Class::Rust)?,
        };
        let (ours, theirs) = (median(row.entry(self.ours)?), median(rival));
        Some(Target {
            name: format!("{}, {}", self.ours, row.case),
            bound: self.bound,
            found: ours / theirs,
            unit: format!("of {} ({ours:.0} ns against {theirs:.0} ns)", rival.server.name),
        })
    }
}

fn median(entry: &Entry) -> f64 {
    entry.times.median()
}

fn weights(weight: &Weight) -> Vec<Target> {
    let Some((name, idle)) = IDLE.iter().find(|(name, _)| *name == weight.server.name) else {
        return Vec::new();
    };
    let target = |what: &str, bound, found| Target {
        name: format!("{name}, memory of a connection{what}"),
        bound,
        found,
        unit: "bytes".into(),
    };
    vec![
        target("", *idle, weight.open),
        target(" after a message", *idle, weight.exchanged),
        target(" with half a frame", HALF as f64 + BESIDE_HALF, weight.half),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Case;
    use crate::servers::ALL;
    use bench_report::Times;

    /// A row in which the servers have these times, in the order of [`ALL`].
    fn row(size: usize, time: impl Fn(&str) -> f64) -> Row {
        let entry = |server: &'static crate::servers::Server| {
            let mut times = Times::default();
            times.push(time(server.name));
            Entry { server, times, rates: Times::default() }
        };
        Row { case: Case::binary(size, 1, 1), entries: ALL.iter().map(entry).collect() }
    }

    fn missed(row: Row) -> Vec<String> {
        let all = targets(&Results { rows: vec![row], ..Results::default() });
        let missed = all.iter().filter(|target| !target.is_met());
        missed.map(|target| target.name.clone() + " " + &target.unit).collect()
    }

    #[test]
    fn as_fast_as_all_others_is_enough_but_for_long_messages() {
        assert_eq!(missed(row(160, |_| 100.0)), Vec::<String>::new());
        let long = missed(row(LONG, |_| 100.0));
        assert_eq!(long.len(), 2, "both ways to use patchcord-tokio: {long:?}");
        assert!(long.iter().all(|name| name.starts_with(TOKIO)));
    }

    #[test]
    fn each_server_that_is_held_against_counts() {
        for rival in [RAW_MIO, UWEBSOCKETS, RAW_TOKIO, "wtx", "yawc (batched)"] {
            let missed = missed(row(160, |name| if name == rival { 80.0 } else { 100.0 }));
            assert!(missed.iter().any(|name| name.contains(&format!("of {rival} "))), "{missed:?}");
        }
    }

    #[test]
    fn what_has_no_goal_does_not_count() {
        for other in ["bun", "deno"] {
            let missed = missed(row(160, |name| if name == other { 1.0 } else { 100.0 }));
            assert_eq!(missed, Vec::<String>::new(), "{other}");
        }
        // Above 1,024 bytes, a raw echo has nothing to unmask, and is not a goal.
        assert_eq!(
            missed(row(2048, |name| if name == RAW_MIO { 1.0 } else { 100.0 })),
            Vec::<String>::new()
        );
    }

    #[test]
    fn half_a_frame_may_hold_what_was_sent_and_600_bytes() {
        let server = ALL.iter().find(|server| server.name == MIO).expect("there");
        let weight = |half| weights(&Weight { server, open: 205.0, exchanged: 205.0, half });
        let met = |half| weight(half).iter().filter(|target| target.is_met()).count();
        assert_eq!((met(1120.0), met(1121.0)), (3, 2));
    }
}
