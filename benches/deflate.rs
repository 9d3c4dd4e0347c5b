//! Messages compressed and inflated, with engines of their own and from a pool.
//!
//! Each of 64 connections says 64 messages in a circle, and each neighbour begins at a different
//! one. `in turn` goes from connection to connection, as on a busy server: a pooled
//! connection finds that its engine worked for another, and has to restore its window. `alone` stays with
//! one connection, whose engine is still there. The ratio of bytes sent to bytes said is printed to
//! standard error.

#[path = "../tests/rfc7692/blocks.rs"]
#[allow(dead_code)] // not all of its blocks are written here
mod blocks;
#[path = "../tests/rfc7692/messages.rs"]
#[allow(dead_code)] // not all of its messages are sent here
mod messages;
#[path = "deflate/shapes.rs"]
mod shapes;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use messages::{Numbers, transcript};
use patchcord::deflate::{
    Compression, Context, Deflater, Engines, InflateLimits, Inflater, Level, Pool, WindowBits,
};
use std::hint::black_box;

const CONNECTIONS: usize = 64;
const MESSAGES: usize = 64;

/// What is compressed, and how.
struct Scenario {
    name: String,
    messages: Vec<Vec<u8>>,
    context: Context,
    level: Level,
}

/// Sources of engines, and how many connections take turns with each.
fn modes() -> [(&'static str, Engines, usize); 4] {
    let pool = || Engines::Pooled(Pool::new(1));
    [
        ("live, alone", Engines::Owned, 1),
        ("live, in turn", Engines::Owned, CONNECTIONS),
        ("pooled, alone", pool(), 1),
        ("pooled, in turn", pool(), CONNECTIONS),
    ]
}

impl Scenario {
    fn new(kind: &str, size: usize, bits: u8, level: u8, takeover: bool) -> Self {
        let mut numbers = Numbers(41);
        let message = |_| match kind {
            "json" => transcript(&mut numbers, size),
            _ => numbers.octets(size),
        };
        let kept = if takeover { "" } else { ", no takeover" };
        Self {
            name: format!("{kind} {size} B, 2^{bits}, level {level}{kept}"),
            messages: (0..MESSAGES).map(message).collect(),
            context: Context { window: WindowBits::new(bits).expect("a window"), takeover },
            level: Level::new(level).expect("a level"),
        }
    }

    fn deflater(&self, engines: &Engines) -> Deflater {
        let compression = Compression { level: self.level, ..Compression::default() };
        Deflater::new(self.context, compression, engines).expect("more than 256 bytes")
    }

    /// The data of the first and of the second time around. The window at the end of the second
    /// is that at its beginning, so it can be inflated again and again.
    fn data(&self) -> [Vec<Vec<u8>>; 2] {
        let mut deflater = self.deflater(&Engines::Owned);
        [(); 2].map(|()| self.messages.iter().map(|m| deflated(&mut deflater, m)).collect())
    }

    fn bytes(&self) -> u64 {
        self.messages.iter().map(|message| message.len() as u64).sum::<u64>() / MESSAGES as u64
    }
}

fn deflated(deflater: &mut Deflater, message: &[u8]) -> Vec<u8> {
    let mut data = Vec::new();
    deflater.finish(message, &mut data);
    data
}

/// Whose turn it is, and how many messages each had.
struct Turn {
    connections: usize,
    connection: usize,
    message: usize,
}

impl Turn {
    const fn new(connections: usize) -> Self {
        Self { connections, connection: 0, message: 0 }
    }

    /// Returns the connection, and the number of its next message.
    fn next(&mut self) -> (usize, usize) {
        let turn = (self.connection, (self.message + offset(self.connection)) % MESSAGES);
        self.connection = (self.connection + 1) % self.connections;
        if self.connection == 0 {
            self.message = (self.message + 1) % MESSAGES;
        }
        turn
    }
}

/// The message that a connection begins with.
const fn offset(connection: usize) -> usize {
    connection * 27 % MESSAGES
}

fn compare(c: &mut Criterion, scenario: &Scenario) {
    let [first, data] = scenario.data();
    let sent: usize = data.iter().map(Vec::len).sum();
    let ratio = sent as f64 / (scenario.bytes() * MESSAGES as u64) as f64;
    eprintln!("{}: ratio {ratio:.3}, {} B on average", scenario.name, scenario.bytes());
    let mut group = c.benchmark_group(format!("deflate/{}", scenario.name));
    group.throughput(Throughput::Bytes(scenario.bytes()));
    for (mode, engines, connections) in modes() {
        let mut all: Vec<_> = (0..connections).map(|_| scenario.deflater(&engines)).collect();
        let mut turn = Turn::new(connections);
        let mut out = Vec::new();
        group.bench_function(BenchmarkId::new("deflate", mode), |b| {
            b.iter(|| {
                let (connection, message) = turn.next();
                out.clear();
                all[connection].finish(black_box(&scenario.messages[message]), &mut out);
                out.len()
            });
        });
        let inflater = |connection| {
            let mut inflater = Inflater::new(scenario.context, InflateLimits::default(), &engines);
            let before = first.iter().chain(&data[..offset(connection)]);
            scenario.messages.iter().cycle().zip(before).for_each(|(message, data)| {
                inflate(&mut inflater, data, &mut out);
                assert_eq!(&out, message);
            });
            inflater
        };
        let mut all: Vec<_> = (0..connections).map(inflater).collect();
        let mut turn = Turn::new(connections);
        group.bench_function(BenchmarkId::new("inflate", mode), |b| {
            b.iter(|| {
                let (connection, message) = turn.next();
                inflate(&mut all[connection], black_box(&data[message]), &mut out);
                out.len()
            });
        });
    }
    group.finish();
}

fn inflate(inflater: &mut Inflater, data: &[u8], out: &mut Vec<u8>) {
    out.clear();
    inflater.message(data, out).expect("a whole message of ours");
}

/// The default policy, on compressible and incompressible payloads.
fn payloads(c: &mut Criterion) {
    for (kind, size) in [("json", 1024), ("json", 16 * 1024), ("random", 1024)] {
        compare(c, &Scenario::new(kind, size, 11, 1, true));
    }
}

/// Measures the cost of windows, levels and takeover, and prints what they save.
fn settings(c: &mut Criterion) {
    for (bits, level) in [(9, 1), (12, 1), (15, 1), (11, 6), (15, 6)] {
        compare(c, &Scenario::new("json", 1024, bits, level, true));
    }
    compare(c, &Scenario::new("json", 1024, 15, 1, false));
}

/// Measures hostile data, timed per byte on the wire: for a pooled connection with the
/// largest window, full.
fn hostile(c: &mut Criterion) {
    let mut group = c.benchmark_group("deflate/hostile");
    for shapes::Shape { name, data, part } in shapes::shapes() {
        group.throughput(Throughput::Bytes(data.len() as u64));
        let bounds =
            InflateLimits { length: u64::MAX, floor: u64::MAX, ..InflateLimits::default() };
        let engines = Engines::Pooled(Pool::new(1));
        let mut inflater = Inflater::new(Context::default(), bounds, &engines);
        let mut out = Vec::new();
        inflate(&mut inflater, &filler(), &mut out);
        group.bench_function(format!("{name}, {part} B at a time"), |b| {
            b.iter(|| {
                for part in black_box(&data).chunks(part) {
                    out.clear();
                    inflater.inflate(part, &mut out).expect("legal data");
                }
                inflater.finish().expect("a whole message");
            });
        });
    }
    group.finish();
}

/// 32 KiB without compression.
fn filler() -> Vec<u8> {
    let block = [&[0x00, 0x00, 0x80, 0xff, 0x7f][..], &[b'x'; 32 * 1024]].concat();
    [&block[..], &[0x00]].concat()
}

criterion_group!(benches, payloads, settings, hostile);
criterion_main!(benches);
