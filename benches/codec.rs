//! Frames through the decoder and the encoder, in memory.
//!
//! The decoder reads a stream of frames in a buffer, which is copied again for each pass, as a
//! read would fill it; `copy` is that copy alone.

mod common;

use common::{LETTERS, OPUS, PAYLOADS};
use criterion::measurement::WallTime;
use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main,
};
use patchcord::frame::Opcode;
use patchcord::{Decoder, Delivery, Encoder, Event, Limits, Message, ThreadEntropy};
use std::hint::black_box;

/// The size of a stream of frames, in bytes, unless one frame is longer.
const STREAM: usize = 64 * 1024;

fn decoder() -> Decoder {
    Decoder::server(Limits::default(), Delivery::Messages)
}

/// Decodes every message in `bytes`, and returns the sum of their lengths.
fn decode_all(decoder: &mut Decoder, mut bytes: &mut [u8]) -> usize {
    let mut heard = 0;
    while let Some(event) = decoder.decode(&mut bytes).expect("legal frames") {
        heard += match event {
            Event::Binary(octets) => black_box(&*octets).len(),
            Event::Text(text) => black_box(&*text).len(),
            _ => 0,
        };
    }
    heard
}

/// Benchmarks the decoding of messages with these payloads, one frame each.
fn decode(group: &mut BenchmarkGroup<'_, WallTime>, id: BenchmarkId, frames: &[Vec<u8>]) {
    let stream = frames.concat();
    let mut buffer = Vec::with_capacity(stream.len());
    let mut decoder = decoder();
    group.throughput(common::throughput(frames.len(), stream.len()));
    group.bench_function(id, |b| {
        b.iter(|| {
            buffer.clear();
            buffer.extend_from_slice(black_box(&stream));
            decode_all(&mut decoder, &mut buffer)
        });
    });
}

/// Returns as many equal frames as a stream holds.
fn equal(opcode: Opcode, payload: &[u8]) -> Vec<Vec<u8>> {
    let frame = common::frame(opcode, payload);
    vec![frame.clone(); (STREAM / frame.len()).max(1)]
}

fn decode_binary(c: &mut Criterion) {
    let mut group = c.benchmark_group("codec/decode binary");
    for (size, name) in PAYLOADS {
        let frames = equal(Opcode::Binary, &vec![7; size]);
        let stream = frames.concat();
        let mut buffer = Vec::with_capacity(stream.len());
        group.throughput(common::throughput(frames.len(), stream.len()));
        group.bench_function(BenchmarkId::new("copy", name), |b| {
            b.iter(|| {
                buffer.clear();
                buffer.extend_from_slice(black_box(&stream));
            });
        });
        decode(&mut group, BenchmarkId::new("copy and decode", name), &frames);
    }
    let frame = |length| common::frame(Opcode::Binary, &vec![7; length]);
    let frames: Vec<_> = common::lengths(OPUS, STREAM / 128).into_iter().map(frame).collect();
    decode(&mut group, BenchmarkId::new("copy and decode", "60 to 180 B, Opus"), &frames);
    group.finish();
}

fn decode_text(c: &mut Criterion) {
    let mut group = c.benchmark_group("codec/decode text");
    for (script, letter) in LETTERS {
        for (size, name) in [(64, "64 B"), (382, "382 B"), (1024, "1 KiB"), (16_384, "16 KiB")] {
            let frames = equal(Opcode::Text, common::text(letter, size).as_bytes());
            decode(&mut group, BenchmarkId::new(script, name), &frames);
        }
    }
    group.finish();
}

fn decode_fragments(c: &mut Criterion) {
    let mut group = c.benchmark_group("codec/decode fragments");
    let frames = [common::in_4_fragments()];
    let id = BenchmarkId::from_parameter("1920 B, 20 ms of PCM at 48 kHz, in 4");
    decode(&mut group, id, &frames);
    group.finish();
}

fn encode(c: &mut Criterion) {
    let mut group = c.benchmark_group("codec/encode");
    let mut out = Vec::with_capacity((1 << 20) + 14);
    let (mut client, mut server) = (Encoder::client(ThreadEntropy), Encoder::server());
    for (size, name) in PAYLOADS {
        let payload = vec![7; size];
        let message = Message::Binary(&payload);
        group.throughput(Throughput::Bytes(size as u64));
        group.bench_function(BenchmarkId::new("client", name), |b| {
            b.iter(|| {
                out.clear();
                client.encode(black_box(message), black_box(&mut out))
            });
        });
        group.bench_function(BenchmarkId::new("server", name), |b| {
            b.iter(|| {
                out.clear();
                server.encode(black_box(message), black_box(&mut out))
            });
        });
        group.bench_function(BenchmarkId::new("server, borrowed", name), |b| {
            b.iter(|| black_box(server.encode_borrowed(black_box(message))).is_ok());
        });
    }
    group.finish();
}

criterion_group!(
    name = benches;
    config = common::criterion();
    targets = decode_binary, decode_text, decode_fragments, encode
);
criterion_main!(benches);
