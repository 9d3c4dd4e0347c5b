//! Headers and Close bodies, as values and as bytes.

mod common;

use common::{KEY, OPUS};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use patchcord::MaskingKey;
use patchcord::frame::{Close, Header, Opcode, RawHeader};
use std::hint::black_box;

/// Binary frames: a name, the length of the payload, and whether it is masked.
const HEADERS: [(&str, u64, bool); 5] = [
    ("2 B, of 16 B", 16, false),
    ("4 B, of 160 B", 160, false),
    ("6 B, masked, of 16 B", 16, true),
    ("8 B, masked, of 160 B", 160, true),
    ("14 B, masked, of 64 KiB", 65_536, true),
];

fn header(length: u64, masked: bool) -> Header {
    let key = masked.then(|| MaskingKey::from(KEY));
    Header::new(Opcode::Binary, length).expect("a legal header").with_masking_key(key)
}

fn headers(c: &mut Criterion) {
    let mut group = c.benchmark_group("frame/header");
    for (name, length, masked) in HEADERS {
        let header = header(length, masked);
        let bytes = header.encode();
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function(BenchmarkId::new("parse", name), |b| {
            b.iter(|| Header::parse(black_box(&bytes)));
        });
        group.bench_function(BenchmarkId::new("parse raw", name), |b| {
            b.iter(|| RawHeader::parse(black_box(&bytes)));
        });
        group.bench_function(BenchmarkId::new("encode", name), |b| {
            b.iter(|| black_box(header).encode());
        });
    }
    group.finish();
}

/// Walks from header to header through 64 KiB of frames, like a proxy that leaves payloads alone.
fn walk(c: &mut Criterion) {
    let lengths = common::lengths(OPUS, 512);
    let frame = |&length: &usize| common::frame(Opcode::Binary, &vec![7; length]);
    let stream: Vec<u8> = lengths.iter().flat_map(frame).collect();
    let count = |mut bytes: &[u8]| {
        let mut count = 0;
        while let Ok(Some((header, size))) = Header::parse(bytes) {
            bytes = &bytes[size + header.length() as usize..];
            count += 1;
        }
        count
    };
    assert_eq!(count(&stream), lengths.len());
    let mut group = c.benchmark_group("frame/walk");
    group.throughput(common::throughput(lengths.len(), stream.len()));
    group.bench_function("60 to 180 B, Opus", |b| b.iter(|| count(black_box(&stream))));
    group.finish();
}

fn close(c: &mut Criterion) {
    let mut group = c.benchmark_group("frame/parse a Close's body");
    let longest = [&b"\x03\xe8"[..], &[b'a'; Close::MAX_REASON]].concat();
    for (name, body) in [("2 B", &longest[..2]), ("125 B", &longest[..])] {
        group.throughput(Throughput::Bytes(body.len() as u64));
        group.bench_function(name, |b| b.iter(|| Close::parse(black_box(body)).is_ok()));
    }
    group.finish();
}

criterion_group!(name = benches; config = common::criterion(); targets = headers, walk, close);
criterion_main!(benches);
