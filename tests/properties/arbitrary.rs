//! Whatever the bytes: nothing panics, what is consumed comes from the front, a buffer of the
//! right size makes progress, `needed` tells the truth, and an error is final.

use crate::common::{Endpoint, Receive, Seen, Side};
use crate::properties::hold::hold;
use crate::properties::streams::{
    Stream, deliveries, hostile_bytes, legal_bytes, mutated_bytes, octets, sides, streams,
};
use bytes::BytesMut;
use patchcord::frame::{Header, MAX_HEADER};
use patchcord::{Config, Decoder, Delivery, Limits};
use proptest::collection::vec;
use proptest::prelude::*;
use std::time::Duration;

/// Noise, headers of every kind, and legal streams with and without errors.
fn bytes(side: Side) -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..80),
        hostile_bytes(side),
        mutated_bytes(side),
        legal_bytes(side),
    ]
}

/// Where a slice ends in memory: what is left after a call ends where it did before.
fn end(bytes: &[u8]) -> *const u8 {
    bytes.as_ptr_range().end
}

#[test]
fn what_is_consumed_comes_from_the_front() {
    hold(1000, streams(bytes), |stream: Stream| {
        let mut decoder = stream.side.decoder(stream.limits, stream.delivery);
        let mut held = stream.bytes.clone();
        let mut input = &mut held[..];
        let mut owned_decoder = stream.side.decoder(stream.limits, stream.delivery);
        let mut owned = BytesMut::from(&stream.bytes[..]);
        loop {
            let (before, limit) = (input.len(), end(input));
            let event = decoder.decode(&mut input).map(|event| event.map(Seen::from));
            let other = owned_decoder.decode(&mut owned).map(|event| event.map(Seen::from));
            assert_eq!(event, other);
            if event.is_ok() {
                // After an error nothing is left that could be decoded.
                assert_eq!(&input[..], &owned[..]);
                assert!(input.is_empty() || end(input) == limit);
                assert_eq!(&input[..], &stream.bytes[stream.bytes.len() - input.len()..]);
            }
            match event {
                Ok(Some(_)) => assert!(input.len() < before, "an event of no bytes"),
                Ok(None) | Err(_) => break,
            }
        }
    });
}

/// Gives a stream through an area that has the least size, `step` bytes at a time at most.
fn through_an_area(side: Side, limits: Limits, delivery: Delivery, stream: &[u8], step: usize) {
    let mut decoder = side.decoder(limits, delivery);
    let mut area = vec![0; limits.buffer_size()];
    let (mut later, mut held) = (stream, 0);
    while !later.is_empty() {
        let space = &mut area[held..];
        assert!(!space.is_empty(), "it is full, and no progress");
        let (read, rest) = later.split_at(step.min(space.len()).min(later.len()));
        space[..read.len()].copy_from_slice(read);
        later = rest;
        let end = held + read.len();
        let mut input = &mut area[..end];
        loop {
            match decoder.receive(&mut input) {
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(_) => return,
            }
        }
        let needed = decoder.needed(input);
        assert!(input.len() < needed && needed <= limits.buffer_size(), "{needed}");
        held = input.len();
        area.copy_within(end - held..end, 0);
    }
}

#[test]
fn an_area_of_exactly_the_size_that_is_asked_for_makes_progress() {
    let whole = prop_oneof![0..20_u32, 100..140_u32, 0..2000_u32, 65_500..65_560_u32];
    let step = prop_oneof![1..20_usize, Just(1460), Just(usize::MAX)];
    let inputs = sides().prop_flat_map(move |side| {
        (Just(side), whole.clone(), deliveries(), vec(bytes(side), 1..4), step.clone())
    });
    hold(1000, inputs, |(side, whole, delivery, streams, step)| {
        let limits = Limits { whole_frame: whole, ..Limits::default() };
        through_an_area(side, limits, delivery, &streams.concat(), step);
    });
}

/// Gives one byte after another, and compares what was said to be needed with what was.
fn assert_needed_is_true(decoder: &mut Decoder, stream: &[u8]) {
    let mut held: Vec<u8> = Vec::new();
    let mut needed = decoder.needed(&[]);
    for &byte in stream {
        let whole_header = Header::parse(&held).is_ok_and(|header| header.is_some());
        held.push(byte);
        let available = held.len();
        let mut input = &mut held[..];
        let mut delivered = 0;
        loop {
            match decoder.decode(&mut input) {
                Ok(Some(_)) => delivered += 1,
                Ok(None) => break,
                Err(_) => return,
            }
        }
        let rest = input.len();
        if rest < available || delivered > 0 {
            assert!(available >= needed, "{available} were enough, and {needed} said to be needed");
        } else if whole_header {
            assert!(available < needed, "{needed} are not enough");
        }
        held.drain(..available - rest);
        needed = decoder.needed(&held);
        assert!(needed > held.len(), "more is needed than {needed}");
        assert!(whole_header || needed <= MAX_HEADER.max(decoder.limits().buffer_size()));
    }
}

#[test]
fn needed_tells_the_truth() {
    hold(1000, streams(bytes), |stream: Stream| {
        let bytes = &stream.bytes[..stream.bytes.len().min(3000)];
        let mut decoder = stream.side.decoder(stream.limits, stream.delivery);
        assert_needed_is_true(&mut decoder, bytes);
    });
}

#[test]
fn after_an_error_nothing_is_delivered_and_the_error_repeats() {
    let inputs = sides().prop_flat_map(|side| {
        let failing = streams(move |_| prop_oneof![hostile_bytes(side), mutated_bytes(side)]);
        (Just(side), failing, vec(bytes(side), 0..4))
    });
    hold(800, inputs, |(side, Stream { bytes, delivery, limits, .. }, later)| {
        let config = Config { limits, delivery, ..Config::default() };
        let (mut endpoint, mut decoder) =
            (Endpoint::new(side, config), side.decoder(limits, delivery));
        let Some(error) = crate::common::run(&mut decoder, &[&bytes]).error else { return };
        crate::common::run(&mut endpoint, &[&bytes]);
        let (state, pending) = (endpoint.state(), endpoint.pending().to_vec());
        let closed = endpoint.receive(&mut &mut [][..]).is_ok();
        for mut more in later {
            assert_eq!(decoder.decode(&mut &mut more[..]).err(), Some(error));
            assert_eq!(decoder.decode(&mut BytesMut::from(&more[..])).err(), Some(error));
            let heard = endpoint.receive(&mut &mut more[..]);
            assert!(if closed { matches!(heard, Ok(None)) } else { heard.err() == Some(error) });
            endpoint.on_time(Duration::ZERO);
        }
        assert_eq!((endpoint.state(), endpoint.pending()), (state, &pending[..]));
    });
}

#[test]
fn no_declared_length_asks_for_more_than_the_buffer() {
    hold(300, (sides(), deliveries(), octets(), any::<u64>()), |(side, delivery, octets, more)| {
        let limits = Limits { frame: u64::MAX, message: u64::MAX, ..Limits::default() };
        let length = (octets.len() as u64).saturating_add(more).min(i64::MAX as u64);
        let mut bytes = [&side.header(0x82, length)[..], &octets].concat();
        let mut decoder = side.decoder(limits, delivery);
        let mut input = &mut bytes[..];
        let event = decoder.decode(&mut input);
        assert!(event.is_ok(), "{event:?}");
        let needed = decoder.needed(input);
        assert!(needed <= limits.buffer_size(), "{needed}");
    });
}
