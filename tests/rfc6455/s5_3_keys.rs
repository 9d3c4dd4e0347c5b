//! RFC 6455 sections 5.3 and 10.3: masking, and the keys of it.

use crate::common::{
    Endpoint, KEY, Seen, Side, binary, decode, decode_in_one_piece, frame, octets, text,
};
use bytes::{Buf, BufMut};
use patchcord::frame::Header;
use patchcord::{Config, Connection, Fragment, MaskingKey, Message, MessageKind, SendBuffer};
use std::cell::Cell;
use std::collections::HashSet;

fn part(kind: MessageKind, ends: (bool, bool), payload: &[u8]) -> Fragment<&[u8]> {
    Fragment { kind, first: ends.0, last: ends.1, payload }
}

const FIRST: (bool, bool) = (true, false);
const LAST: (bool, bool) = (false, true);

fn keys(wire: &[u8], frames: usize, payload: usize) -> Vec<[u8; 4]> {
    assert_eq!(wire.len(), frames * (2 + 4 + payload));
    wire.chunks(6 + payload).map(|frame| frame[2..6].try_into().unwrap()).collect()
}

#[test]
fn octet_i_of_a_masked_payload_is_unmasked_with_octet_i_mod_4_of_the_key() {
    for length in 0..150 {
        let bytes = frame(0x82, Some(KEY), &octets(length));
        for (i, (masked, plain)) in
            bytes[bytes.len() - length..].iter().zip(octets(length)).enumerate()
        {
            assert_eq!(masked ^ KEY[i % 4], plain);
        }
        assert_eq!(decode_in_one_piece(Side::Server, &bytes).events, [binary(&octets(length))]);
    }
}

#[test]
fn every_frame_is_unmasked_with_its_own_key() {
    let keys = [[0, 0, 0, 0], [1, 2, 3, 4], [0xff; 4], [0, 0xff, 0, 0x80]];
    let bytes = keys.map(|key| frame(0x82, Some(key), b"octets")).concat();
    let expected: [Seen; 4] = std::array::from_fn(|_| binary(b"octets"));
    assert_eq!(decode(Side::Server, &bytes).events, expected);
    let fragments = [
        frame(0x01, Some(keys[1]), b"frag"),
        frame(0x00, Some(keys[3]), b"men"),
        frame(0x80, Some(keys[2]), b"ts"),
    ];
    assert_eq!(decode(Side::Server, &fragments.concat()).events, [text("fragments")]);
}

/// OSV-2021-1727 (uWebSockets): the loop wrote past the end of the payload.
#[test]
fn masking_touches_no_byte_beside_the_payload() {
    const GUARD: u8 = 0xee;
    for length in 0..=256 {
        let payload = octets(length);
        let masked: Vec<u8> = payload.iter().zip(KEY.iter().cycle()).map(|(o, k)| o ^ k).collect();
        for start in 0..64 {
            let place = start..start + length;
            let guards = |buffer: &[u8]| {
                buffer[..start].iter().chain(&buffer[place.end..]).all(|byte| *byte == GUARD)
            };
            let mut buffer = vec![GUARD; length + 128];
            buffer[place.clone()].copy_from_slice(&payload);
            MaskingKey::from(KEY).apply(&mut buffer[place.clone()]);
            assert!(buffer[place.clone()] == masked && guards(&buffer), "{length} at {start}");
            let mut to = vec![GUARD; length + 128];
            let written = MaskingKey::from(KEY).put(&payload, &mut &mut to[place.clone()]);
            assert_eq!(written, length);
            assert!(to[place.clone()] == masked && guards(&to), "{length} at {start}, copied");
        }
    }
}

#[test]
fn every_frame_of_a_client_has_a_key_of_its_own() {
    let mut endpoint = Endpoint::open(Side::Client);
    let (mut out, mut payload) = (Vec::new(), *b"in place");
    for _ in 0..50 {
        endpoint.send(Message::Binary(b"same"), &mut out).unwrap();
        endpoint.send_fragment(part(MessageKind::Binary, FIRST, b"same"), &mut out).unwrap();
        endpoint.send_fragment(part(MessageKind::Binary, LAST, b"same"), &mut out).unwrap();
        endpoint.ping(b"same", &mut out).unwrap();
        let mut waits = SendBuffer::new();
        out.put(endpoint.send_in_place(MessageKind::Binary, &mut payload, &mut waits).unwrap());
        endpoint.hear(0x89, b"same").unwrap();
        endpoint.flush(&mut out);
    }
    endpoint.close(None).unwrap();
    endpoint.flush(&mut out);
    let (mut keys, mut rest) = (HashSet::new(), &out[..]);
    while let Some((header, size)) = Header::parse(rest).unwrap() {
        keys.insert(header.masking_key().unwrap().to_bytes());
        rest = &rest[size + header.length() as usize..];
    }
    assert_eq!(keys.len(), 50 * 6 + 1);
}

/// CVE-2025-10148 (curl): one key for the whole connection.
#[test]
fn each_frame_is_masked_with_a_key_that_is_drawn_when_it_is_encoded() {
    let drawn = Cell::new(0);
    let source = |bytes: &mut [u8]| {
        drawn.set(drawn.get() + 1);
        bytes.fill(drawn.get());
    };
    let mut connection = Connection::client(source, Config::default());
    let mut out = SendBuffer::new();
    for count in 1..=3 {
        connection.send(Message::Binary(b"same"), &mut out).unwrap();
        assert_eq!(drawn.get(), count);
    }
    connection.ping(b"same", &mut out).unwrap();
    assert_eq!(keys(out.chunk(), 4, 4), [[1; 4], [2; 4], [3; 4], [4; 4]]);
}

/// GO-2026-6278 (gorilla), WS-2017-0107 (ws): `math/rand`. The default source is the operating
/// system's, in each thread its own.
#[cfg(all(feature = "getrandom", feature = "std", not(target_family = "wasm")))] // no threads there
#[test]
fn the_default_source_repeats_itself_in_no_thread() {
    let draw = || {
        let mut connection = Connection::client(patchcord::ThreadEntropy, Config::default());
        let mut out = SendBuffer::new();
        (0..16).for_each(|_| connection.send(Message::Binary(b""), &mut out).unwrap());
        keys(out.chunk(), 16, 0)
    };
    let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(draw)).collect();
    let threads = threads.into_iter().map(|thread| thread.join().unwrap());
    let mut drawn: Vec<_> = threads.flatten().collect();
    drawn.sort();
    drawn.dedup();
    assert_eq!(drawn.len(), 64);
}
