//! A send buffer against a list of bytes: whatever is said, and however short the writes are.

mod model;

use super::hold::hold;
use crate::common::{Side, octets};
use bytes::{Buf, BufMut};
use model::{Operation, Pair, Say, operations, slices};
use patchcord::{Config, Connection, Message, Prepared, SendBuffer, Server};
use std::mem::forget;

fn server() -> Connection<Server> {
    Connection::server(Config::default())
}

#[test]
fn any_sequence_of_frames_and_short_writes_puts_the_same_bytes_onto_the_wire() {
    for keeps in [0, 100, SendBuffer::KEPT] {
        hold(300, operations(), |operations| {
            let mut pair = Pair::new(SendBuffer::keeping(keeps));
            operations.iter().for_each(|operation| pair.perform(operation));
            pair.finish();
        });
    }
}

/// A frame of every kind, each before and behind each other, cut at every byte.
#[test]
fn two_frames_of_any_kinds_survive_two_writes_that_end_anywhere() {
    let kinds =
        [Say::Copied(3), Say::Shared(3), Say::Ping(2), Say::Pong(2), Say::Borrowed(3, 4, true)];
    for one in &kinds {
        for other in kinds.iter().chain([&Say::Close]) {
            for third in kinds.iter().chain([&Say::Close]) {
                for (first, second) in (0..12).flat_map(|one| (0..12).map(move |two| (one, two))) {
                    let mut pair = Pair::new(SendBuffer::new());
                    pair.perform(&Operation::Say(one.clone()));
                    pair.perform(&Operation::Say(other.clone()));
                    pair.perform(&Operation::Write(first));
                    pair.perform(&Operation::Say(third.clone()));
                    pair.perform(&Operation::Write(second));
                    pair.finish();
                }
            }
        }
    }
}

#[test]
fn more_than_remains_counts_as_all() {
    for shared in [false, true] {
        let (mut connection, mut out) = (server(), SendBuffer::new());
        let message = Message::Binary(b"pcm");
        connection.send(message, &mut out).unwrap();
        if shared {
            connection.send_prepared(&Prepared::new(message), &mut out).unwrap();
        }
        out.advance(1);
        out.advance(usize::MAX);
        assert_eq!((out.remaining(), out.chunk()), (0, &[][..]));
        out.advance(1);
        connection.send(message, &mut out).unwrap();
        assert_eq!(out.chunk(), b"\x82\x03pcm");
    }
}

/// What a copy of `bytes` in two parts has to be.
fn whole_wire(waits: usize, payload: &[u8]) -> Vec<u8> {
    let mut connection = server();
    let mut out = SendBuffer::new();
    fill(&mut connection, &mut out, waits);
    connection.send(Message::Binary(payload), &mut out).unwrap();
    connection.send(Message::Binary(b"behind"), &mut out).unwrap();
    out.copy_to_bytes(out.remaining()).to_vec()
}

/// So many frames wait: copied and shared ones in turn.
fn fill(connection: &mut Connection<Server>, out: &mut SendBuffer, waits: usize) {
    for frame in 0..waits {
        match frame % 2 {
            0 => connection.send(Message::Text("copied"), out).unwrap(),
            _ => connection.send_prepared(&Prepared::new(Message::Text("shared")), out).unwrap(),
        }
    }
}

#[test]
fn a_borrowed_frame_that_is_dropped_after_any_short_write_loses_nothing() {
    for waits in 0..4 {
        for length in [0, 1, 125, 126, 300] {
            let payload = octets(length);
            let whole = whole_wire(waits, &payload);
            for written in 0..=whole.len() - 8 {
                for step in [1, 7, usize::MAX] {
                    let (mut connection, mut out) = (server(), SendBuffer::new());
                    fill(&mut connection, &mut out, waits);
                    let message = Message::Binary(&payload);
                    let mut frame = connection.send_borrowed(message, &mut out).unwrap();
                    let mut wire = Vec::new();
                    while wire.len() < written {
                        let count = step.min(written - wire.len()).min(frame.chunk().len());
                        wire.extend_from_slice(&frame.chunk()[..count]);
                        frame.advance(count);
                    }
                    assert_eq!(frame.remaining(), whole.len() - 8 - written);
                    drop(frame);
                    connection.send(Message::Binary(b"behind"), &mut out).unwrap();
                    wire.extend(out.copy_to_bytes(out.remaining()));
                    assert_eq!(wire, whole, "{waits} frames before, {written} bytes written");
                }
            }
        }
    }
}

#[test]
fn a_borrowed_frame_advances_by_any_count_at_once_and_by_more_than_it_has() {
    for waits in 0..4 {
        let payload = octets(200);
        let whole = whole_wire(waits, &payload);
        for written in (0..=whole.len() - 8).chain([usize::MAX]) {
            let (mut connection, mut out) = (server(), SendBuffer::new());
            fill(&mut connection, &mut out, waits);
            let mut frame = connection.send_borrowed(Message::Binary(&payload), &mut out).unwrap();
            frame.advance(written);
            let rest = &whole[written.min(whole.len() - 8)..whole.len() - 8];
            assert_eq!(frame.remaining(), rest.len());
            drop(frame);
            assert_eq!(out.copy_to_bytes(out.remaining()), rest, "{written} bytes written");
        }
    }
}

#[test]
fn a_payload_that_a_client_masked_where_it_lies_is_not_lost_either() {
    let source = || |bytes: &mut [u8]| bytes.fill(0x5a);
    for written in 0..=6 + 20 {
        let mut connection = Connection::client(source(), Config::default());
        let (mut payload, mut out) = (octets(20), SendBuffer::new());
        let mut frame = connection
            .send_in_place(patchcord::MessageKind::Binary, &mut payload, &mut out)
            .unwrap();
        let mut wire = frame.copy_to_bytes(written).to_vec();
        drop(frame);
        wire.extend(out.copy_to_bytes(out.remaining()));
        assert_eq!(Side::Client.wrote(&wire), [(0x82, octets(20))]);
    }
}

/// A pong of those that are too many comes out of its place when the others left, but behind a frame
/// that is being written, wherever a write of that ends.
#[test]
fn a_pong_that_waits_apart_does_not_cut_a_borrowed_frame() {
    for written in 0..=20 {
        let (mut connection, mut out) = (server(), SendBuffer::new());
        for _ in 0..100 {
            let mut ping = Side::Server.frame(0x89, &[0; 125]);
            connection.receive(&mut &mut ping[..], &mut out).unwrap().unwrap();
        }
        let waits = out.remaining();
        let mut frame = connection.send_borrowed(Message::Text("borrowed"), &mut out).unwrap();
        let mut wire = slices(&frame, 4).concat();
        wire.truncate(waits + written);
        frame.advance(wire.len());
        drop(frame);
        wire.put(out);
        let frames = Side::Server.wrote(&wire);
        let texts =
            frames.iter().enumerate().filter(|(_, frame)| **frame == (0x81, b"borrowed".to_vec()));
        let texts: Vec<_> = texts.map(|(at, _)| at).collect();
        assert_eq!(
            (texts, frames.len()),
            (vec![waits / 127], waits / 127 + 2),
            "{written} bytes of it"
        );
    }
}

/// Memory stays safe, and what waited before is still there.
#[test]
fn a_borrowed_frame_that_is_leaked_leaves_what_waited() {
    let (mut connection, mut out) = (server(), SendBuffer::new());
    connection.send(Message::Text("waits"), &mut out).unwrap();
    let mut frame = connection.send_borrowed(Message::Text("lost"), &mut out).unwrap();
    frame.advance(2);
    forget(frame);
    assert_eq!(out.chunk(), b"waits");
}

#[test]
fn a_head_stands_between_what_was_and_what_is_said() {
    let (mut connection, mut out) = (server(), SendBuffer::new());
    connection.send_prepared(&Prepared::new(Message::Text("a")), &mut out).unwrap();
    let count = out.head(|head| {
        head.extend_from_slice(b"head");
        head.len()
    });
    assert_eq!(count, 4, "it sees nothing of what waits");
    connection.send_prepared(&Prepared::new(Message::Text("b")), &mut out).unwrap();
    assert_eq!(out.copy_to_bytes(out.remaining()), &b"\x81\x01ahead\x81\x01b"[..]);
}

#[test]
fn what_is_in_it_is_not_shown() {
    let (mut connection, mut out) = (server(), SendBuffer::new());
    connection.send(Message::Text("secret"), &mut out).unwrap();
    connection.send_prepared(&Prepared::new(Message::Text("secret")), &mut out).unwrap();
    assert_eq!(format!("{out:?}"), "SendBuffer(16 bytes)");
    let frame = connection.send_borrowed(Message::Text("secret"), &mut out).unwrap();
    assert!(!format!("{frame:?}").contains("secret"), "{frame:?}");
}
