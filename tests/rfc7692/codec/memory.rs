//! What a connection holds, counted by the allocator: bounded by its limits while a bomb goes
//! off, and nothing of what inflated once it failed.

use super::*;
use crate::common::{BOTH, Receive};
use allocation_counter::measure;
use patchcord::{Event, ProtocolError};

/// An inflating engine, and what else an end holds beside its message.
const ENGINE: u64 = 60 * 1024;

/// Gives an end a stream in pieces of this size, up to its end or an error.
fn feed(end: &mut impl Receive, bytes: &[u8], size: usize) -> Option<ProtocolError> {
    let mut held = Vec::with_capacity(bytes.len());
    for piece in bytes.chunks(size) {
        held.extend_from_slice(piece);
        let mut input = &mut held[..];
        loop {
            match end.receive(&mut input) {
                Ok(None) => break,
                Ok(Some(event)) => drop::<Event<_>>(event),
                Err(error) => return Some(error),
            }
        }
        let rest = input.len();
        held.drain(..held.len() - rest);
    }
    None
}

/// A bomb in one frame, and in fragments of this size.
fn bombs(side: Side, size: usize) -> [Vec<u8>; 2] {
    let bomb = deflated(&vec![b'a'; 64_000_000]);
    assert!(bomb.len() < 64_100, "a thousand to one: {}", bomb.len());
    let mut fragments = Vec::new();
    for (i, part) in bomb.chunks(size).enumerate() {
        fragments.extend(side.frame(if i == 0 { 0x41 } else { 0x00 }, part));
    }
    [side.frame(0xc1, &bomb), fragments]
}

#[test]
fn a_bomb_costs_a_connection_no_more_memory_than_its_limits_allow() {
    for side in BOTH {
        for bytes in bombs(side, 1000) {
            for message in [200_000, 2_000_000_u64] {
                for delivery in DELIVERIES {
                    for engines in &engines()[..2] {
                        let limits = Limits { message, ..Limits::default() };
                        let config = Config { limits, delivery, ..Config::default() };
                        let mut end = Endpoint::new(side, config).with_deflate(
                            agreed(15, true),
                            compression(1),
                            engines,
                        );
                        let mut error = None;
                        let held = measure(|| error = feed(&mut end, &bytes, 16_384));
                        assert_eq!(
                            error.map(ProtocolError::close_code),
                            Some(patchcord::CloseCode::TOO_BIG)
                        );
                        // A `Vec` that grows holds the old and the new, up to twice as large.
                        let most = 3 * message + bytes.len() as u64 + 2 * ENGINE;
                        assert!(held.bytes_max < most, "{} bytes for {message}", held.bytes_max);
                        assert!(held.bytes_max > message / 4, "it did inflate");
                    }
                }
            }
        }
    }
}

#[test]
fn a_flood_of_small_bombs_costs_no_more_than_one() {
    for side in BOTH {
        for delivery in DELIVERIES {
            let most = 900_000;
            let bytes = side.frame(0xc2, &deflated(&vec![0; most])).repeat(50);
            let config = Config { delivery, ..Config::default() };
            let mut end = Endpoint::new(side, config).with_deflate(
                agreed(15, false),
                compression(1),
                &Engines::Owned,
            );
            let mut error = None;
            let held = measure(|| error = feed(&mut end, &bytes, 5000));
            assert_eq!(error, None);
            let limit = 3 * most as u64 + bytes.len() as u64 + ENGINE;
            assert!(held.bytes_max < limit, "{} bytes", held.bytes_max);
        }
    }
}

#[test]
fn a_decoder_that_failed_holds_neither_engine_nor_window_nor_message() {
    let long = deflated(
        &(0..60_000_u32).map(|i| b"abcdefg "[(i * i % 97 % 8) as usize]).collect::<Vec<_>>(),
    );
    for side in BOTH {
        for engines in &engines()[..2] {
            for delivery in DELIVERIES {
                for last in [
                    side.frame(0xc1, b"\x07"),                                 // no DEFLATE
                    side.frame(0xc1, &stored(b"\xff")),                        // no UTF-8
                    side.frame(0xc1, b""),                                     // unfinished
                    side.frame(0xc1, &deflated(&[0; 70_000])),                 // too long
                    [side.frame(0x41, HELLO), side.frame(0xc0, b"")].concat(), // RSV1
                    [side.frame(0x41, HELLO), side.frame(0xc1, b"")].concat(), // order
                    vec![0x83],
                ] {
                    let first = side.frame(0xc1, &long);
                    let mut decoder = None;
                    let mut held = 0;
                    let all = measure(|| {
                        let limits = Limits { message: 60_000, ..Limits::default() };
                        let end = decoder.insert(self::decoder(side, limits, delivery, engines));
                        held = measure(|| assert_eq!(feed(end, &first, 1000), None)).bytes_current;
                        assert!(feed(end, &last, usize::MAX).is_some());
                    });
                    let least = if let Engines::Owned = engines { 40_000 } else { 32_000 };
                    assert!(held >= least, "the engine, or the window: {held}");
                    let is_pooled = matches!(engines, Engines::Pooled(_));
                    let pool = if is_pooled { ENGINE as i64 } else { 0 };
                    assert!(all.bytes_current <= pool, "{} bytes are left", all.bytes_current);
                    assert!(decoder.is_some());
                }
            }
        }
    }
}

/// What came uncompressed takes no engine, and neither does a header.
#[test]
fn an_end_that_compressed_nothing_yet_has_no_engine() {
    for side in BOTH {
        for engines in engines() {
            let opened = measure(|| {
                let mut end = endpoint(side, agreed(15, true), &engines);
                let bytes = [side.frame(0x81, b"plain"), vec![0xc1]].concat();
                assert_eq!(feed(&mut end, &bytes, usize::MAX), None);
            });
            assert!(opened.bytes_max < 1024, "{} bytes", opened.bytes_max);
        }
    }
}

#[test]
fn an_open_compressed_message_costs_a_connection_what_arrived() {
    for side in BOTH {
        for engines in engines() {
            for delivery in DELIVERIES {
                for arrived in 1..HELLO.len() {
                    let config = Config { delivery, ..Config::default() };
                    let mut end = Endpoint::new(side, config).with_deflate(
                        agreed(15, true),
                        compression(1),
                        &engines,
                    );
                    let bytes = side.frame(0x41, &HELLO[..arrived]);
                    let held = measure(|| assert_eq!(feed(&mut end, &bytes, usize::MAX), None));
                    assert!(held.bytes_max < 4096, "{} bytes of {arrived}", held.bytes_max);
                }
            }
        }
    }
}
