//! Masking, in place and while copying, beside a copy of the same bytes.

mod common;

use common::{KEY, Lines, OPUS, PAYLOADS};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use patchcord::MaskingKey;
use std::hint::black_box;

/// Where the payload begins, past the start of a cache line: behind the header of a masked frame
/// of 126 to 65,535 bytes.
const BEHIND_HEADER: usize = 8;

const LONGEST: usize = 1 << 20;

/// Payloads of one size.
fn fixed_sizes(c: &mut Criterion) {
    let mut group = c.benchmark_group("mask/fixed sizes");
    let mut buffer = Lines::new(&vec![7; BEHIND_HEADER + LONGEST]);
    let payload = &mut buffer.bytes()[BEHIND_HEADER..];
    let mut out = Vec::with_capacity(LONGEST);
    for (size, name) in PAYLOADS {
        group.throughput(Throughput::Bytes(size as u64));
        group.bench_function(BenchmarkId::new("in place", name), |b| {
            b.iter(|| MaskingKey::from(black_box(KEY)).apply(black_box(&mut payload[..size])));
        });
        group.bench_function(BenchmarkId::new("copying", name), |b| {
            b.iter(|| copy_masked(black_box(&payload[..size]), &mut out));
        });
        group.bench_function(BenchmarkId::new("memcpy", name), |b| {
            b.iter(|| copy(black_box(&payload[..size]), &mut out));
        });
    }
    group.finish();
}

fn copy_masked(payload: &[u8], out: &mut Vec<u8>) {
    out.clear();
    MaskingKey::from(black_box(KEY)).put(payload, black_box(out));
}

fn copy(payload: &[u8], out: &mut Vec<u8>) {
    out.clear();
    black_box(out).extend_from_slice(payload);
}

/// Payloads whose lengths no branch predictor can learn.
fn random_sizes(c: &mut Criterion) {
    let mut group = c.benchmark_group("mask/random sizes");
    let mut buffer = Lines::new(&[7; BEHIND_HEADER + 1500]);
    let payload = &mut buffer.bytes()[BEHIND_HEADER..];
    let mut out = Vec::with_capacity(1500);
    let ranges =
        [("1 to 64 B", (1, 64)), ("60 to 180 B, Opus", OPUS), ("40 to 1500 B", (40, 1500))];
    for (name, range) in ranges {
        let lengths = common::lengths(range, 65_536);
        group.throughput(common::throughput(lengths.len(), lengths.iter().sum()));
        group.bench_function(BenchmarkId::new("in place", name), |b| {
            b.iter(|| {
                for &length in &lengths {
                    MaskingKey::from(black_box(KEY)).apply(black_box(&mut payload[..length]));
                }
            });
        });
        group.bench_function(BenchmarkId::new("copying", name), |b| {
            b.iter(|| {
                lengths.iter().for_each(|&n| copy_masked(black_box(&payload[..n]), &mut out))
            });
        });
        group.bench_function(BenchmarkId::new("memcpy", name), |b| {
            b.iter(|| lengths.iter().for_each(|&n| copy(black_box(&payload[..n]), &mut out)));
        });
    }
    group.finish();
}

/// In place, by the payload's position in a cache line, and by the byte of the key it begins with.
fn alignment_and_phase(c: &mut Criterion) {
    let mut group = c.benchmark_group("mask/alignment and phase");
    let mut buffer = Lines::new(&[7; 64 + 65_536]);
    let buffer = buffer.bytes();
    for (size, name) in [(160, "160 B"), (1920, "1920 B"), (65_536, "64 KiB")] {
        group.throughput(Throughput::Bytes(size as u64));
        for alignment in [0, 1, 14, 32] {
            let payload = &mut buffer[alignment..alignment + size];
            for phase in [0, 3] {
                let key = MaskingKey::from(KEY).rotated(phase);
                group.bench_function(format!("{name} at {alignment}, phase {phase}"), |b| {
                    b.iter(|| black_box(key).apply(black_box(&mut *payload)));
                });
            }
        }
    }
    group.finish();
}

/// A proxy's payload from one key to another: with the XOR of both keys, and with one key after the other.
fn re_masking(c: &mut Criterion) {
    let mut group = c.benchmark_group("mask/re-masking");
    let mut buffer = Lines::new(&vec![7; BEHIND_HEADER + LONGEST]);
    let payload = &mut buffer.bytes()[BEHIND_HEADER..];
    let keys = [KEY, [0x9d, 0x13, 0xe7, 0x52]].map(MaskingKey::from);
    for (size, name) in PAYLOADS {
        group.throughput(Throughput::Bytes(size as u64));
        group.bench_function(BenchmarkId::new("one pass", name), |b| {
            b.iter(|| {
                let [from, to] = black_box(keys);
                (from ^ to).apply(black_box(&mut payload[..size]));
            });
        });
        group.bench_function(BenchmarkId::new("two passes", name), |b| {
            b.iter(|| black_box(keys).map(|key| key.apply(black_box(&mut payload[..size]))));
        });
    }
    group.finish();
}

criterion_group!(
    name = benches;
    config = common::criterion();
    targets = fixed_sizes, random_sizes, alignment_and_phase, re_masking
);
criterion_main!(benches);
