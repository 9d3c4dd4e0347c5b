//! Validation of text, beside the standard library's, whole and in pieces.

mod common;

use common::LETTERS;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;

/// 382 bytes: vector code has to handle the last ones separately.
const SIZES: [(usize, &str); 4] =
    [(64, "64 B"), (382, "382 B"), (1024, "1 KiB"), (65_536, "64 KiB")];

fn whole(c: &mut Criterion) {
    let mut group = c.benchmark_group("utf8/whole");
    for (script, letter) in LETTERS {
        for (size, name) in SIZES {
            let text = common::text(letter, size);
            group.throughput(Throughput::Bytes(size as u64));
            group.bench_function(BenchmarkId::new(script, name), |b| {
                b.iter(|| common::check(black_box(text.as_bytes()), size));
            });
            group.bench_function(BenchmarkId::new(format!("{script}, std"), name), |b| {
                b.iter(|| std::str::from_utf8(black_box(text.as_bytes())).is_ok());
            });
        }
    }
    group.finish();
}

/// A text that arrives in TCP segments, in frames without a length of their own, in scraps. At
/// odd sizes every second cut is inside a Cyrillic letter.
fn pieces(c: &mut Criterion) {
    let mut group = c.benchmark_group("utf8/64 KiB in pieces");
    group.throughput(Throughput::Bytes(65_536));
    for (script, letter) in LETTERS {
        let text = common::text(letter, 65_536);
        for size in [1460, 125, 16, 1] {
            group.bench_function(BenchmarkId::new(script, format!("{size} B")), |b| {
                b.iter(|| common::check(black_box(text.as_bytes()), size));
            });
        }
    }
    group.finish();
}

criterion_group!(name = benches; config = common::criterion(); targets = whole, pieces);
criterion_main!(benches);
