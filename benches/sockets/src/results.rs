//! The results.

use crate::calls::{self, Calls};
use crate::case::Case;
use crate::load::Load;
use crate::memory::{Weight, weigh};
use crate::options::Options;
use crate::process::Process;
use crate::servers::{ALL, Class, Server, failure};
use crate::verify::verify;
use bench_report::Times;
use std::io;
use std::time::Duration;

#[derive(Default)]
pub struct Results {
    pub rows: Vec<Row>,
    pub weights: Vec<Weight>,
    pub calls: Vec<(Case, &'static Server, Calls)>,
    /// Servers that were verified.
    pub servers: Vec<&'static Server>,
    /// Servers that are not installed.
    pub missing: Vec<&'static Server>,
    /// What went wrong.
    pub failures: Vec<String>,
}

/// All servers in one case.
pub struct Row {
    pub case: Case,
    pub entries: Vec<Entry>,
}

pub struct Entry {
    pub server: &'static Server,
    /// Nanoseconds of the server's CPU time per message, in each round.
    pub times: Times,
    /// Messages per second, in each round.
    pub rates: Times,
}

/// One part in this many of a round precedes it, untimed.
const WARM_UP: u32 = 4;

/// The time in which a server finishes its work after its last answer.
const REST: Duration = Duration::from_millis(1);

impl Results {
    pub fn find(options: &Options) -> Self {
        let mut results = Self::default();
        results.verify_all(options);
        let cases = if options.smoke { Case::few() } else { Case::all() };
        for case in cases.into_iter().filter(|case| options.admits_case(&case.to_string())) {
            let row = results.row(case, options);
            row.print();
            results.rows.push(row);
        }
        if options.admits_case("memory") {
            results.weigh_all(options);
        }
        if options.admits_case("calls") && (options.check || !options.is_whole()) {
            results.count_all(options);
        }
        results
    }

    /// Each server has a session before it is measured; one that fails is not measured.
    fn verify_all(&mut self, options: &Options) {
        let admitted = ALL.iter().filter(|server| options.admits_server(server.name));
        for server in admitted.filter(|server| server.is_here() || !options.smoke) {
            if !server.is_there() {
                eprintln!("SKIPPED, because it is not installed: {}", server.name);
                self.missing.push(server);
                continue;
            }
            let verified = self.with(server, "verified", verify);
            self.servers.extend(verified.map(|()| server));
        }
    }

    /// Does something with a server that is started only for that.
    fn with<T>(
        &mut self,
        server: &'static Server,
        what: &str,
        work: impl FnOnce(&Process) -> io::Result<T>,
    ) -> Option<T> {
        let process = Process::start(server);
        let process = process.map_err(|error| failure(server, what, &error, None));
        let done = process.and_then(|process| {
            work(&process).map_err(|error| failure(server, what, &error, Some(&process)))
        });
        done.map_err(|failure| {
            eprintln!("wrong: {failure}");
            self.failures.push(failure);
        })
        .ok()
    }

    fn row(&mut self, case: Case, options: &Options) -> Row {
        let mut cells = Vec::new();
        for server in self.servers.clone() {
            let cell = Process::start(server).and_then(|process| Cell::new(process, &case));
            match cell {
                Ok(cell) => cells.push(cell),
                Err(error) => self.fail(server, &case, &error, None),
            }
        }
        for round in 0..options.rounds() {
            for turn in 0..cells.len() {
                let index = (round + turn) % cells.len();
                self.each(&mut cells, &case, |cell| cell.load.attend());
                self.each(&mut cells[index..=index], &case, |cell| cell.round(options.round()));
            }
        }
        let entries = cells.into_iter().filter(|cell| !cell.failed).map(|cell| cell.entry);
        Row { case, entries: entries.collect() }
    }

    /// Does something with each of these that did not fail before.
    fn each(
        &mut self,
        cells: &mut [Cell],
        case: &Case,
        work: impl Fn(&mut Cell) -> io::Result<()>,
    ) {
        for cell in cells.iter_mut().filter(|cell| !cell.failed) {
            if let Err(error) = work(cell) {
                cell.failed = true;
                self.fail(cell.entry.server, case, &error, Some(&cell.process));
            }
        }
    }

    fn fail(&mut self, server: &Server, case: &Case, error: &io::Error, process: Option<&Process>) {
        let failure = failure(server, &case.to_string(), error, process);
        eprintln!("wrong: {failure}");
        self.failures.push(failure);
    }

    fn weigh_all(&mut self, options: &Options) {
        for server in self.servers.clone() {
            let weight = self.with(server, "memory", |process| weigh(process, options.idle()));
            if let Some(weight) = weight {
                weight.print();
                self.weights.push(weight);
            }
        }
    }

    fn count_all(&mut self, options: &Options) {
        if !calls::can_count() {
            eprintln!("SKIPPED, because there is no strace that may trace: system calls");
            return;
        }
        let cases = if options.smoke { &Case::counted()[..1] } else { &Case::counted()[..] };
        for server in self.servers.clone() {
            for case in cases {
                let name = format!("calls of {case}");
                let calls = self.with(server, &name, |process| calls::count(process, case));
                if let Some(calls) = calls {
                    println!("{:36} {name:24} {:6.2} {:?}", server.name, calls.all, calls.most);
                    self.calls.push((*case, server, calls));
                }
            }
        }
    }
}

/// A server in a case, with its connections.
struct Cell {
    process: Process,
    load: Load,
    entry: Entry,
    failed: bool,
}

impl Cell {
    /// Has each connection exchange messages once, and compares every byte.
    fn new(process: Process, case: &Case) -> io::Result<Self> {
        let mut load = Load::open(&process, case)?;
        load.run(Duration::ZERO)?;
        let (times, rates) = Default::default();
        let entry = Entry { server: process.server, times, rates };
        Ok(Self { process, load, entry, failed: false })
    }

    fn round(&mut self, time: Duration) -> io::Result<()> {
        self.load.run(time / WARM_UP)?;
        std::thread::sleep(REST);
        let (before, start) = (self.process.cpu()?, std::time::Instant::now());
        let messages = self.load.run(time)? as f64;
        let took = start.elapsed();
        std::thread::sleep(REST);
        let spent = self.process.cpu()? - before;
        self.entry.times.push(spent.as_nanos() as f64 / messages);
        self.entry.rates.push(messages / took.as_secs_f64());
        Ok(())
    }
}

impl Row {
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.server.name == name)
    }

    /// Returns the entry of this class with the lowest median.
    pub fn best(&self, class: Class) -> Option<&Entry> {
        let some = self.entries.iter().filter(|entry| entry.server.class == class);
        some.min_by(|a, b| a.times.median().total_cmp(&b.times.median()))
    }

    fn print(&self) {
        println!("{}", self.case);
        for Entry { server, times, rates } in &self.entries {
            let (median, minimum) = (times.median(), times.minimum());
            println!("  {:36} {median:12.0} {minimum:12.0} {:12.0}/s", server.name, rates.median());
        }
    }
}

impl Weight {
    fn print(&self) {
        let Self { server, open, exchanged, half } = self;
        println!("{:36} bytes each: {open:8.0} {exchanged:8.0} {half:8.0}", server.name);
    }
}
