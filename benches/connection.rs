//! Whole endpoints, in memory: a copy takes the place of each read.

mod common;

use bytes::Buf;
use common::OPUS;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use patchcord::frame::Opcode;
use patchcord::{
    Config, Connection, Event, Message, Prepared, ReceiveBuffer, SendBuffer, Server, ThreadEntropy,
};
use std::hint::black_box;

fn server() -> Connection<Server> {
    Connection::server(Config::default())
}

fn servers(count: usize) -> Vec<Connection<Server>> {
    (0..count).map(|_| server()).collect()
}

/// The cadence of audio: each read brings one frame.
fn one_frame_per_read(c: &mut Criterion) {
    let mut group = c.benchmark_group("connection/one frame per read");
    let mut connection = server();
    let (mut buffer, mut out) = (ReceiveBuffer::default(), SendBuffer::new());
    for (size, name) in common::audio() {
        let frame = common::frame(Opcode::Binary, &vec![7; size]);
        group.throughput(Throughput::Bytes(size as u64));
        group.bench_function(name, |b| {
            b.iter(|| {
                common::read_and_receive(&mut connection, &mut buffer, &mut out, black_box(&frame))
            });
        });
    }
    let lengths = common::lengths(OPUS, 1024);
    let frame = |&length: &usize| common::frame(Opcode::Binary, &vec![7; length]);
    let frames: Vec<Vec<u8>> = lengths.iter().map(frame).collect();
    group.throughput(common::throughput(frames.len(), lengths.iter().sum()));
    group.bench_function("1024 of 60 to 180 B, Opus", |b| {
        b.iter(|| {
            let mut receive =
                |frame| common::read_and_receive(&mut connection, &mut buffer, &mut out, frame);
            frames.iter().map(|frame| receive(black_box(frame))).sum::<usize>()
        });
    });
    group.finish();
}

/// A frame that arrives byte by byte.
fn one_byte_per_read(c: &mut Criterion) {
    let mut group = c.benchmark_group("connection/one byte per read");
    let mut connection = server();
    let (mut buffer, mut out) = (ReceiveBuffer::default(), SendBuffer::new());
    let frame = common::frame(Opcode::Binary, &[7; 160]);
    group.throughput(Throughput::Bytes(frame.len() as u64));
    group.bench_function("160 B, 20 ms of mu-law", |b| {
        b.iter(|| {
            let mut receive =
                |byte| common::read_and_receive(&mut connection, &mut buffer, &mut out, byte);
            black_box(&frame).chunks(1).map(&mut receive).sum::<usize>()
        });
    });
    group.finish();
}

/// Many connections in turn, one frame each, with the buffers that they share.
fn round_robin(c: &mut Criterion) {
    let mut group = c.benchmark_group("connection/round robin, 160 B");
    let frame = common::frame(Opcode::Binary, &[7; 160]);
    for count in [64, 1024, 8192] {
        let mut connections = servers(count);
        let (mut buffer, mut out) = (ReceiveBuffer::default(), SendBuffer::new());
        group.throughput(common::throughput(count, count * 160));
        group.bench_function(format!("{count} connections"), |b| {
            b.iter(|| {
                let mut heard = 0;
                for connection in &mut connections {
                    let (buffer, out) = (&mut buffer, &mut out);
                    heard += common::read_and_receive(connection, buffer, out, black_box(&frame));
                }
                heard
            });
        });
    }
    group.finish();
}

/// From a client's bytes to the bytes that answer them.
fn answer(c: &mut Criterion) {
    let mut group = c.benchmark_group("connection/answer");
    let frames = [
        ("160 B, 20 ms of mu-law", common::frame(Opcode::Binary, &[7; 160])),
        ("1920 B, 20 ms of PCM at 48 kHz", common::frame(Opcode::Binary, &[7; 1920])),
        ("ping of 4 B", common::frame(Opcode::Ping, &[7; 4])),
    ];
    for (name, mut frame) in frames {
        let mut connection = server();
        let (mut out, mut answered) = (SendBuffer::new(), 0);
        group.throughput(Throughput::Bytes(frame.len() as u64));
        group.bench_function(name, |b| {
            b.iter(|| {
                let mut input = black_box(&mut frame[..]);
                while let Ok(Some(event)) = connection.receive(&mut input, &mut out) {
                    if let Event::Binary(octets) = event {
                        connection.send(Message::Binary(&octets), &mut out).expect("open");
                    }
                }
                answered = written(&mut out);
            });
        });
        assert!(answered >= 6, "nothing was answered");
    }
    group.finish();
}

/// Takes everything, as a transport that is never full does.
#[inline]
fn written(out: &mut impl Buf) -> usize {
    let mut written = 0;
    while out.has_remaining() {
        let count = black_box(out.chunk()).len();
        out.advance(count);
        written += count;
    }
    written
}

/// One message of 1 KiB to 1,024 clients, whose transports are never full.
fn broadcast(c: &mut Criterion) {
    let mut group = c.benchmark_group("connection/1 KiB to 1024 clients");
    let mut connections = servers(1024);
    let text = common::text("a", 1024);
    let (message, mut out) = (Message::Text(&text), SendBuffer::new());
    group.throughput(common::throughput(connections.len(), connections.len() * text.len()));
    group.bench_function("prepared", |b| {
        b.iter(|| {
            let prepared = Prepared::new(black_box(message));
            for connection in &mut connections {
                connection.send_prepared(&prepared, &mut out).expect("open");
                written(&mut out);
            }
        });
    });
    group.bench_function("borrowed", |b| {
        b.iter(|| {
            for connection in &mut connections {
                let message = black_box(message);
                written(&mut connection.send_borrowed(message, &mut out).expect("open"));
            }
        });
    });
    group.bench_function("copied", |b| {
        b.iter(|| {
            for connection in &mut connections {
                connection.send(black_box(message), &mut out).expect("open");
                written(&mut out);
            }
        });
    });
    group.finish();
}

fn make(c: &mut Criterion) {
    let mut group = c.benchmark_group("connection/make");
    group.bench_function("server", |b| b.iter(server));
    group.bench_function("client", |b| {
        b.iter(|| Connection::client(ThreadEntropy, black_box(Config::default())));
    });
    group.finish();
}

criterion_group!(
    name = benches;
    config = common::criterion();
    targets = one_frame_per_read, one_byte_per_read, round_robin, answer, broadcast, make
);
criterion_main!(benches);
