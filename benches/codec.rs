//! Frames through the decoder, the encoder and a connection, in memory.
//!
//! `decode` reads a stream of equal frames from a buffer of 64 KiB, which is copied anew for each
//! pass, since decoding unmasks in place; `copy` is that copy alone.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use patchcord::{
    Config, Connection, Decoder, Delivery, Encoder, Event, Fragment, Kind, Limits, Message,
    ThreadEntropy,
};
use std::hint::black_box;

const SIZES: [usize; 8] = [16, 80, 160, 320, 640, 1920, 3840, 8192];
const STREAM: usize = 64 * 1024;

/// Masked frames with this payload, up to the size of a stream, and their number.
fn stream(payload: &Message<'_>, size: usize) -> (Vec<u8>, u64) {
    let count = (STREAM / (size + 14)).max(1);
    let mut encoder = Encoder::client(ThreadEntropy);
    let mut bytes = Vec::new();
    for _ in 0..count {
        encoder.encode(*payload, &mut bytes).expect("a message");
    }
    (bytes, count as u64)
}

fn decode(c: &mut Criterion) {
    let mut group = c.benchmark_group("codec/decode binary");
    let mut buffer = Vec::new();
    for size in SIZES {
        let (bytes, count) = stream(&Message::Binary(&vec![7; size]), size);
        group.throughput(Throughput::Elements(count));
        group.bench_function(BenchmarkId::new("copy", size), |b| {
            b.iter(|| {
                buffer.clear();
                buffer.extend_from_slice(black_box(&bytes));
            });
        });
        let mut decoder = Decoder::server(Limits::default(), Delivery::Messages);
        group.bench_function(BenchmarkId::new("copy and decode", size), |b| {
            b.iter(|| {
                buffer.clear();
                buffer.extend_from_slice(black_box(&bytes));
                let mut input = &mut buffer[..];
                let mut heard = 0;
                while let Some(Event::Binary(pcm)) = decoder.decode(&mut input).expect("frames") {
                    heard += black_box(pcm).len();
                }
                heard
            });
        });
    }
    group.finish();
}

fn decode_text(c: &mut Criterion) {
    let mut group = c.benchmark_group("codec/decode text");
    let mut buffer = Vec::new();
    for (name, letter) in [("ascii", "a"), ("cyrillic", "д")] {
        for size in [64, 382, 1024, 16_384] {
            let text = letter.repeat(size / letter.len());
            let (bytes, count) = stream(&Message::Text(&text), size);
            group.throughput(Throughput::Elements(count));
            let mut decoder = Decoder::server(Limits::default(), Delivery::Messages);
            group.bench_function(BenchmarkId::new(name, size), |b| {
                b.iter(|| {
                    buffer.clear();
                    buffer.extend_from_slice(black_box(&bytes));
                    let mut input = &mut buffer[..];
                    let mut heard = 0;
                    while let Some(Event::Text(text)) = decoder.decode(&mut input).expect("text") {
                        heard += black_box(&*text).len();
                    }
                    heard
                });
            });
        }
    }
    group.finish();
}

/// 1,920 bytes in 4 fragments.
fn decode_fragments(c: &mut Criterion) {
    let mut encoder = Encoder::client(ThreadEntropy);
    let mut bytes = Vec::new();
    for i in 0..4 {
        let payload = &[7; 480][..];
        let part = Fragment { kind: Kind::Binary, first: i == 0, last: i == 3, payload };
        encoder.encode_fragment(part, &mut bytes).expect("a fragment");
    }
    let mut decoder = Decoder::server(Limits::default(), Delivery::Messages);
    let mut buffer = Vec::new();
    c.bench_function("codec/decode fragments/1920 in 4", |b| {
        b.iter(|| {
            buffer.clear();
            buffer.extend_from_slice(black_box(&bytes));
            decoder.decode(&mut &mut buffer[..]).expect("fragments").is_some()
        });
    });
}

fn encode(c: &mut Criterion) {
    let mut group = c.benchmark_group("codec/encode");
    let mut out = Vec::with_capacity(16 * 1024);
    for size in SIZES {
        let payload = vec![7; size];
        group.throughput(Throughput::Bytes(size as u64));
        let mut client = Encoder::client(ThreadEntropy);
        group.bench_function(BenchmarkId::new("client", size), |b| {
            b.iter(|| {
                out.clear();
                client.encode(Message::Binary(black_box(&payload)), &mut out)
            });
        });
        let mut server = Encoder::server();
        group.bench_function(BenchmarkId::new("server", size), |b| {
            b.iter(|| {
                out.clear();
                server.encode(Message::Binary(black_box(&payload)), &mut out)
            });
        });
        group.bench_function(BenchmarkId::new("server, borrowed", size), |b| {
            b.iter(|| {
                black_box(server.encode_borrowed(Message::Binary(black_box(&payload)))).is_ok()
            });
        });
    }
    group.finish();
}

/// One audio frame per read, into a receive buffer.
fn connection(c: &mut Criterion) {
    let mut group = c.benchmark_group("connection/one frame per read");
    for size in [160, 640, 960] {
        let mut frame = Vec::new();
        let payload = vec![7; size];
        Encoder::client(ThreadEntropy).encode(Message::Binary(&payload), &mut frame).expect("room");
        let mut connection = Connection::server(Config::default());
        let mut buffer = connection.buffer();
        group.bench_function(BenchmarkId::from_parameter(size), |b| {
            b.iter(|| {
                buffer.space()[..frame.len()].copy_from_slice(black_box(&frame));
                buffer.filled(frame.len());
                let mut input = buffer.input();
                let heard = connection.receive(&mut input).expect("a frame").is_some();
                let rest = input.len();
                buffer.keep(rest);
                heard
            });
        });
    }
    group.finish();
}

criterion_group!(benches, decode, decode_text, decode_fragments, encode, connection);
criterion_main!(benches);
