//! What patchcord has to reach, as data, and whether it does.

use crate::case::LONG;
use crate::memory::{HALF, Weight};
use crate::results::{Entry, Results, Row};
use crate::servers::{Class, MIO, RAW_MIO, RAW_TOKIO, TOKIO, UWEBSOCKETS};
use bench_report::Target;

/// Above this, what a copy or a second read costs shows, which a raw echo has not.
const SHORT: usize = 1024;

/// Times of one server by those of another.
struct Bound {
    ours: &'static str,
    against: Against,
    bound: f64,
    /// In which cases, by their size.
    sizes: std::ops::RangeInclusive<usize>,
}

enum Against {
    Server(&'static str),
    BestCrate,
}

const BOUNDS: [Bound; 5] = [
    Bound { ours: MIO, against: Against::Server(RAW_MIO), bound: 1.05, sizes: 0..=SHORT },
    Bound { ours: MIO, against: Against::Server(UWEBSOCKETS), bound: 1.0, sizes: 0..=LONG },
    Bound { ours: TOKIO, against: Against::Server(RAW_TOKIO), bound: 1.1, sizes: 0..=SHORT },
    Bound { ours: TOKIO, against: Against::BestCrate, bound: 1.0, sizes: 0..=LONG - 1 },
    Bound { ours: TOKIO, against: Against::BestCrate, bound: 0.9, sizes: LONG..=LONG },
];

/// Idle bytes of each connection: of our servers, when it is open or has exchanged a message.
const IDLE: [(&str, f64); 2] = [(MIO, 205.0), (TOKIO, 1500.0)];

/// And those beyond what was sent, while half a frame waits for its other half.
const BESIDE_HALF: f64 = 600.0;

/// All targets that were measured.
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
            unit: format!("of {} ({ours:.0} ns by {theirs:.0} ns)", rival.server.name),
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
