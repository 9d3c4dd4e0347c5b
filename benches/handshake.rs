//! The opening handshake, beside the parts that any implementation needs: parsing the head,
//! hashing the key and encoding the hash, on the same bytes and in the same run.

mod common;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::{BROWSER_HEAD, SMALL_HEAD};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use patchcord::handshake::Url;
use patchcord::handshake::admission::Admission;
use patchcord::handshake::client::Request;
use patchcord::handshake::server::RequestReader;
use patchcord::handshake::subprotocol::Offer;
use sha1::{Digest, Sha1};
use std::hint::black_box;
use std::mem::MaybeUninit;

const HEADS: [(&str, &[u8]); 2] = [("small", SMALL_HEAD), ("browser", BROWSER_HEAD)];

/// The work that cannot be avoided.
fn parts(head: &[u8]) -> [u8; 28] {
    let mut fields = [const { MaybeUninit::uninit() }; 100];
    let mut request = httparse::Request::new(&mut []);
    request.parse_with_uninit_headers(black_box(head), &mut fields).unwrap();
    let key = request.headers.iter().find(|field| field.name == "Sec-WebSocket-Key").unwrap();
    let mut hash = Sha1::new();
    hash.update(key.value);
    hash.update(b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    let mut accept = [0; 28];
    STANDARD.encode_slice(hash.finalize(), &mut accept).unwrap();
    accept
}

fn server(c: &mut Criterion) {
    let mut group = c.benchmark_group("handshake/server");
    for (name, head) in HEADS {
        group.throughput(Throughput::Bytes(head.len() as u64));
        group.bench_function(format!("{name}/parts"), |b| b.iter(|| parts(head)));
        let mut out = Vec::with_capacity(512);
        group.bench_function(format!("{name}/accept"), |b| {
            b.iter(|| {
                out.clear();
                common::accept(black_box(head), &mut out);
                out.len()
            });
        });
        group.bench_function(format!("{name}/negotiate"), |b| {
            b.iter(|| {
                out.clear();
                let mut input = black_box(head);
                let mut reader = RequestReader::new(Admission::any());
                let request = reader.read(&mut input).unwrap().unwrap();
                let subprotocol = request.offers().select(&["token"]).ok().flatten();
                request.response().with_subprotocol(subprotocol).unwrap().write(&mut out).unwrap();
                out.len()
            });
        });
    }
    group.finish();
}

fn client(c: &mut Criterion) {
    let mut group = c.benchmark_group("handshake/client");
    let url = Url::parse("wss://api.example.com/v1/listen?model=nova-3").unwrap();
    let offer = Offer::required().with_name("token").unwrap();
    let mut entropy = |bytes: &mut [u8]| bytes.fill(7);
    let mut request = Vec::new();
    let asked = Request::new(url).with_offer(offer.clone());
    let reader = asked.write(&mut entropy, &mut request).unwrap();
    let mut response = Vec::new();
    let seen = RequestReader::new(Admission::any()).read(&mut &request[..]).unwrap().unwrap();
    let subprotocol = seen.offers().select(&["token"]).unwrap();
    seen.response().with_subprotocol(subprotocol).unwrap().write(&mut response).unwrap();
    group.bench_function("request", |b| {
        b.iter(|| {
            request.clear();
            let asked = Request::new(url).with_offer(offer.clone());
            asked.write(&mut entropy, &mut request).unwrap()
        });
    });
    group.bench_function("response", |b| {
        b.iter(|| reader.clone().read(&mut black_box(&response[..])).unwrap().is_some());
    });
    group.finish();
}

/// Time per byte of heads from 1 to 16 KiB, whole and one byte at a time: flat if linear.
fn growth(c: &mut Criterion) {
    let mut group = c.benchmark_group("handshake/growth");
    for size in [1, 2, 4, 8, 16] {
        let head = padded(size * 1024);
        group.throughput(Throughput::Bytes(head.len() as u64));
        let read = |bytes: &[u8], step: usize| {
            let mut reader = RequestReader::new(Admission::any());
            (step..=bytes.len())
                .step_by(step)
                .any(|end| reader.read(&mut &bytes[..end]).unwrap().is_some())
        };
        group.bench_function(format!("{size} KiB/whole"), |b| {
            b.iter(|| assert!(read(black_box(&head), head.len())));
        });
        group.bench_function(format!("{size} KiB/byte by byte"), |b| {
            b.iter(|| assert!(read(black_box(&head), 1)));
        });
    }
    group.finish();
}

/// The small head with fields of 100 bytes added, up to `size` bytes.
fn padded(size: usize) -> Vec<u8> {
    let mut head = SMALL_HEAD[..SMALL_HEAD.len() - 2].to_vec();
    while head.len() + 102 < size {
        let value = "v".repeat((size - head.len() - 2).min(180) - 12);
        head.extend_from_slice(format!("X-Field: {value}\r\n").as_bytes());
    }
    head.extend_from_slice(b"\r\n");
    head
}

criterion_group!(name = benches; config = common::criterion(); targets = server, client, growth);
criterion_main!(benches);
