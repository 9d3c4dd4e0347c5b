//! Verifies, measures and counts; the results, by case.

use crate::case::Case;
use crate::cases::{Table, tables};
use crate::deflate::{Deflate, Direction};
use crate::growth::{self, Series};
use crate::heap::count;
use crate::measure::measure;
use crate::million;
use crate::options::Options;
use crate::peers::{self, Candidate, Cell, Class, FLOOR};
use crate::sink::{Sink, recording};
use crate::verify::{Delivered, verify};
use crate::weigh::{Compressing, Weight, weigh_all, weigh_compressing};
use bench_report::Times;

/// All results.
pub struct Results {
    pub tables: Vec<(&'static str, Vec<Row>)>,
    pub weights: Vec<Weight>,
    /// The weights of connections that compress.
    pub compressing: Vec<Compressing>,
    /// Bytes that a million idle connections took.
    pub million: Option<u64>,
    pub growth: Vec<Series>,
    /// Cells that did not do their work: if there are any, no result can be trusted.
    pub failures: Vec<String>,
}

/// The name that `--only` takes to weigh the connections that compress, and no others.
const WEIGHING: &str = "deflate memory";

/// A case, and every candidate that can do it.
pub struct Row {
    pub case: Case,
    pub entries: Vec<Entry>,
}

pub struct Entry {
    pub candidate: &'static Candidate,
    pub delivered: Delivered,
    pub times: Times,
    pub allocations: f64,
    /// Bytes sent per byte of messages, including frame headers, for candidates that compress.
    pub ratio: Option<f64>,
}

impl Results {
    pub fn find(options: &Options) -> Self {
        let mut failures = Vec::new();
        let tables = tables().into_iter().map(|table| {
            let Table { heading, mut cases } = table;
            cases.retain(|case| options.admits_case(case));
            let row = |case| Row::find(case, options, &mut failures);
            (heading, cases.into_iter().map(row).collect())
        });
        let tables = tables.collect();
        let mut results = Self {
            tables,
            weights: vec![],
            compressing: vec![],
            million: None,
            growth: vec![],
            failures,
        };
        if options.is_whole() {
            results.find_rest(options);
        } else if options.admits_name(WEIGHING) {
            results.compressing = weigh_compressing(|candidate| options.admits(candidate));
        }
        results
    }

    fn find_rest(&mut self, options: &Options) {
        for weight in weigh_all() {
            match weight {
                Ok(weight) => self.weights.push(weight),
                Err(error) => self.failures.push(error),
            }
        }
        self.compressing = weigh_compressing(|_| true);
        match million::resident() {
            Ok(bytes) => self.million = Some(bytes),
            Err(error) => self.failures.push(format!("a million connections: {error}")),
        }
        match growth::all(options.rounds()) {
            Ok(growth) => self.growth = growth,
            Err(error) => self.failures.push(format!("growth: {error}")),
        }
    }

    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.tables.iter().flat_map(|(_, rows)| rows)
    }

    pub fn row(&self, case: &Case) -> Option<&Row> {
        self.rows().find(|row| row.case == *case)
    }
}

impl Options {
    fn admits_case(&self, case: &Case) -> bool {
        self.admits_name(&case.to_string())
    }

    fn admits_name(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|only| name.contains(only))
    }

    fn admits(&self, candidate: &Candidate) -> bool {
        self.who.as_ref().is_none_or(|who| candidate.name.contains(who))
    }
}

impl Row {
    fn find(case: Case, options: &Options, failures: &mut Vec<String>) -> Self {
        eprintln!("{case}");
        let mut row = Self { case, entries: Vec::new() };
        for sitting in 0..options.sittings() {
            let candidates = peers::all().filter(|candidate| options.admits(candidate));
            let built = candidates.filter_map(|candidate| build(candidate, &case));
            let (mut able, mut cells) = (Vec::new(), Vec::new());
            for candidate_and_cell in built {
                match candidate_and_cell {
                    Ok((candidate, delivered, cell)) => {
                        able.push((candidate, delivered));
                        cells.push(cell);
                    }
                    Err(error) => failures.push(error),
                }
            }
            let times = measure(&mut cells, case.least(), options.rounds());
            for (((candidate, delivered), times), cell) in
                able.into_iter().zip(times).zip(&mut cells)
            {
                let entry = row.entry(candidate, delivered);
                entry.times.extend(times);
                if sitting == 0 {
                    entry.allocations = allocations(&case, &mut **cell);
                    entry.ratio = ratio(&case, &mut **cell);
                }
            }
        }
        row
    }

    fn entry(&mut self, candidate: &'static Candidate, delivered: Delivered) -> &mut Entry {
        let found = self.entries.iter().position(|entry| entry.candidate.name == candidate.name);
        let index = found.unwrap_or_else(|| {
            let times = Times::default();
            self.entries.push(Entry { candidate, delivered, times, allocations: 0.0, ratio: None });
            self.entries.len() - 1
        });
        &mut self.entries[index]
    }

    /// Returns patchcord's default configuration: what users get without setting anything.
    pub fn ours(&self) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.candidate.class == Class::Ours)
    }

    /// Returns the peer with the lowest median among those that do the same work, whatever its configuration.
    pub fn best_peer(&self) -> Option<&Entry> {
        self.best(|entry| self.is_rival(entry))
    }

    /// Returns whether this is a peer that does the same work: messages arrive whole, and texts are checked.
    pub fn is_rival(&self, entry: &Entry) -> bool {
        let Entry { candidate, delivered, .. } = entry;
        candidate.class == Class::Peer
            && *delivered == Delivered::Whole
            && candidate.leaves(&self.case).is_none()
    }

    /// Returns the least that the machine takes for the work: for reading, and for masking.
    pub fn floor(&self) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.candidate.name == FLOOR)
    }

    /// Returns the admitted entry with the lowest median.
    pub fn best(&self, admits: impl Fn(&Entry) -> bool) -> Option<&Entry> {
        let some = self.entries.iter().filter(|entry| admits(entry));
        some.min_by(|a, b| a.times.median().total_cmp(&b.times.median()))
    }

    /// Returns the ratio of our median to another's.
    pub fn by(&self, other: Option<&Entry>) -> Option<f64> {
        Some(self.ours()?.times.median() / other?.times.median())
    }
}

type Built = (&'static Candidate, Delivered, Box<dyn Cell>);

/// Builds a cell, and checks that it does its work.
fn build(candidate: &'static Candidate, case: &Case) -> Option<Result<Built, String>> {
    let mut cell = (candidate.cell)(case)?;
    let is_right = match candidate.class {
        Class::Floor => Ok(Delivered::Whole), // they do less than the work
        Class::Ours | Class::Peer => verify(case, &mut *cell),
    };
    let error = |error| format!("{}: {case}: {error}", candidate.name);
    Some(is_right.map(|delivered| (candidate, delivered, cell)).map_err(error))
}

/// Returns allocations per operation, for a cell that has worked for some time.
fn allocations(case: &Case, cell: &mut dyn Cell) -> f64 {
    let operations = 64.max(case.least());
    let ((), heap) = count(|| cell.run(operations, &mut Sink::default()));
    heap.allocations as f64 / operations as f64
}

/// Returns how much shorter messages became, sent by connections whose windows are full.
fn ratio(case: &Case, cell: &mut dyn Cell) -> Option<f64> {
    let Case::Deflate(deflate @ Deflate { direction: Direction::Send, .. }) = case else {
        return None;
    };
    let operations = deflate.ring().max(2 * deflate.connections);
    let written = recording(|| cell.run(operations as u64, &mut Sink::default()));
    Some(written.len() as f64 / (operations * deflate.size) as f64)
}
