//! Masking, beside a copy of the same bytes.
//!
//! The sizes are those of audio: 160 B is 20 ms of mu-law, 320 to 3840 B are 10 to 40 ms of PCM,
//! 60 to 180 B is Opus at a variable rate.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use patchcord::MaskingKey;
use std::hint::black_box;

const SIZES: [usize; 12] = [4, 16, 64, 125, 160, 320, 640, 1920, 3840, 8192, 65_536, 1 << 20];
const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// At offset 4 of an aligned buffer, as behind a header.
fn in_place(c: &mut Criterion) {
    let mut group = c.benchmark_group("mask/in place");
    let mut buffer = vec![7; 64 + (1 << 20)];
    for size in SIZES {
        group.throughput(Throughput::Bytes(size as u64));
        group.bench_with_input(BenchmarkId::from_parameter(size), &size, |b, &size| {
            b.iter(|| MaskingKey::from(black_box(KEY)).apply(black_box(&mut buffer[4..4 + size])));
        });
    }
    group.finish();
}

fn copying(c: &mut Criterion) {
    let mut group = c.benchmark_group("mask/copying");
    let from = vec![7; 1 << 20];
    let mut to = Vec::with_capacity(1 << 20);
    for size in SIZES {
        group.throughput(Throughput::Bytes(size as u64));
        group.bench_with_input(BenchmarkId::new("mask", size), &size, |b, &size| {
            b.iter(|| {
                to.clear();
                MaskingKey::from(black_box(KEY)).put(black_box(&from[..size]), &mut to)
            });
        });
        group.bench_with_input(BenchmarkId::new("memcpy", size), &size, |b, &size| {
            b.iter(|| {
                to.clear();
                to.extend_from_slice(black_box(&from[..size]));
            });
        });
    }
    group.finish();
}

/// Where alignment and phase could matter: 640 and 8192 bytes.
fn alignment_and_phase(c: &mut Criterion) {
    let mut group = c.benchmark_group("mask/alignment and phase");
    let mut buffer = vec![7; 8192 + 64];
    for size in [640, 8192] {
        group.throughput(Throughput::Bytes(size as u64));
        for alignment in [0, 1, 14, 32] {
            for phase in [0, 3] {
                let name = format!("{size} at {alignment}, phase {phase}");
                let place = alignment..alignment + size;
                group.bench_function(name, |b| {
                    let key = MaskingKey::from(KEY).rotated(phase);
                    b.iter(|| black_box(key).apply(black_box(&mut buffer[place.clone()])));
                });
            }
        }
    }
    group.finish();
}

/// Lengths that no branch predictor can learn: per batch of 65,536 payloads.
fn random_sizes(c: &mut Criterion) {
    let mut group = c.benchmark_group("mask/random sizes");
    let mut buffer = vec![7; 2048];
    for (low, high) in [(1, 64), (60, 180), (40, 1500)] {
        let sizes = sizes(low, high);
        group.throughput(Throughput::Elements(sizes.len() as u64));
        group.bench_function(format!("{low} to {high}"), |b| {
            b.iter(|| {
                for &size in &sizes {
                    MaskingKey::from(black_box(KEY)).apply(black_box(&mut buffer[4..4 + size]));
                }
            });
        });
    }
    group.finish();
}

fn sizes(low: usize, high: usize) -> Vec<usize> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        low + (state >> 33) as usize % (high - low + 1)
    };
    (0..65_536).map(|_| next()).collect()
}

criterion_group!(benches, in_place, copying, alignment_and_phase, random_sizes);
criterion_main!(benches);
