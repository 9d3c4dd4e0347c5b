//! What is inflated is bounded, and what comes over the wire is too; a message that is refused
//! leaves nothing behind.

use super::*;
use crate::common::{BOTH, assert_every_split_agrees, binary, run, run_owned};
use patchcord::deflate::InflateError;
use patchcord::{CloseCode, ProtocolError, State};

/// What a decoder says of a stream whatever its split, its delivery and its engines.
fn error(side: Side, limits: Limits, bounds: InflateLimits, bytes: &[u8]) -> Option<ProtocolError> {
    let mut errors = Vec::new();
    for delivery in DELIVERIES {
        for engines in &engines()[..2] {
            let make = || bounded(side, limits, delivery, bounds, engines);
            errors.push(assert_every_split_agrees(make, bytes).error);
        }
    }
    assert!(errors.iter().all(|error| *error == errors[0]), "{errors:?}");
    errors[0]
}

/// Compressed messages in one frame and in three.
fn cut(side: Side, kind: MessageKind, data: &[u8]) -> [Vec<u8>; 2] {
    let third = data.len() / 3;
    let first = whole(kind);
    let frames = [
        (first & 0x7f, &data[..third]),
        (0x00, &data[third..2 * third]),
        (0x80, &data[2 * third..]),
    ];
    [side.frame(first, data), side.frames(&frames)]
}

/// CVE-2026-54464: the limit was compared with the length on the wire.
#[test]
fn a_small_frame_that_inflates_beyond_the_limit_is_refused() {
    for length in [0, 1, 100, 1000, 20_000] {
        let limits = Limits { message: length.max(200), ..Limits::default() };
        let bounds = InflateLimits { length, ..NO_BOUNDS };
        let most = deflated(&vec![b'a'; length as usize]);
        let more = deflated(&vec![b'a'; length as usize + 1]);
        assert!(more.len() < 200, "within every limit on the wire: {}", more.len());
        for side in BOTH {
            for kind in [MessageKind::Text, MessageKind::Binary] {
                for bytes in cut(side, kind, &most) {
                    assert_eq!(error(side, limits, bounds, &bytes), None, "{length}");
                }
                for bytes in cut(side, kind, &more) {
                    let refused = error(side, limits, bounds, &bytes);
                    assert_eq!(refused, Some(ProtocolError::MessageTooLong), "{length}");
                }
            }
        }
    }
}

#[test]
fn a_connection_has_its_limit_of_messages_for_what_is_inflated() {
    for side in BOTH {
        for engines in engines() {
            for message in [1000, 20_000] {
                let limits = Limits { message, ..Limits::default() };
                let config = Config { limits, ..Config::default() };
                let make = || {
                    let endpoint = Endpoint::new(side, config);
                    endpoint.with_deflate(agreed(15, true), compression(1), &engines)
                };
                let most = vec![0; message as usize];
                let bytes = side.frame(0xc2, &deflated(&most));
                let outcome = run(&mut make(), &[&bytes]);
                assert_eq!((outcome.events, outcome.error), (vec![binary(&most)], None));
                let bytes = side.frame(0xc2, &deflated(&vec![0; message as usize + 1]));
                let outcome = assert_every_split_agrees(make, &bytes);
                let error = ProtocolError::MessageTooLong;
                assert_eq!((outcome.events, outcome.error), (vec![], Some(error)));
                assert_eq!(outcome.state, Some(State::Failed(error)));
                assert_eq!(side.wrote(&outcome.pending), [(0x88, 1009_u16.to_be_bytes().to_vec())]);
            }
        }
    }
}

#[test]
fn the_ratio_holds_beyond_the_floor() {
    let unit = 4096; // in which data is counted
    for (floor, ratio, most) in [(1000, 0, 1000), (0, 1, unit), (5000, 1, 5000), (0, 2, 2 * unit)] {
        let bounds = InflateLimits { length: 1 << 30, floor: floor as u64, ratio, ..NO_BOUNDS };
        for side in BOTH {
            for bytes in cut(side, MessageKind::Text, &deflated(&vec![b'a'; most])) {
                assert_eq!(error(side, Limits::default(), bounds, &bytes), None);
            }
            for bytes in cut(side, MessageKind::Binary, &deflated(&vec![b'a'; most + 1])) {
                let refused = error(side, Limits::default(), bounds, &bytes);
                assert_eq!(refused, Some(ProtocolError::Inflate(InflateError::Ratio)));
            }
        }
    }
}

/// The default bounds: a bomb that no limit of messages would stop.
#[test]
fn a_connection_refuses_a_bomb_by_its_ratio() {
    let bomb = deflated(&vec![0; 2_000_000]);
    assert!(bomb.len() < 2000 + 100);
    for side in BOTH {
        let mut endpoint = endpoint(side, agreed(15, true), &Engines::Owned);
        let error = ProtocolError::Inflate(InflateError::Ratio);
        assert_eq!(endpoint.hear(0xc2, &bomb), Err(error));
        assert_eq!(endpoint.say(), [(0x88, 1009_u16.to_be_bytes().to_vec())]);
    }
}

#[test]
fn a_connection_has_the_bounds_that_it_is_told_and_its_limit_of_messages_beside_them() {
    let zeros = |length: usize| (deflated(&vec![0; length]), length);
    let none = |data: &[u8]| (data.repeat(5000), 0);
    let ratio = ProtocolError::Inflate(InflateError::Ratio);
    let idle = ProtocolError::Inflate(InflateError::Idle);
    for (bounds, message, (data, length), refused) in [
        (Compression::default().limits, 1 << 30, zeros(1 << 20), None),
        (Compression::default().limits, 1 << 30, zeros((1 << 20) + 1), Some(ratio)),
        (NO_BOUNDS, 1 << 30, zeros(20 << 20), None),
        (NO_BOUNDS, 20 << 20, zeros((20 << 20) + 1), Some(ProtocolError::MessageTooLong)),
        (
            InflateLimits { length: 100, ..NO_BOUNDS },
            1 << 30,
            zeros(101),
            Some(ProtocolError::MessageTooLong),
        ),
        (InflateLimits { floor: 5000, ratio: 0, ..NO_BOUNDS }, 1 << 30, zeros(5000), None),
        (InflateLimits { floor: 5000, ratio: 0, ..NO_BOUNDS }, 1 << 30, zeros(5001), Some(ratio)),
        (InflateLimits { floor: 0, ratio: 2, ..NO_BOUNDS }, 1 << 30, zeros(2 * 4096), None),
        (
            InflateLimits { floor: 0, ratio: 2, ..NO_BOUNDS },
            1 << 30,
            zeros(2 * 4096 + 1),
            Some(ratio),
        ),
        (InflateLimits { idle: 8192, ..NO_BOUNDS }, 1 << 30, none(b"\x03\x00"), None),
        (InflateLimits { idle: 8191, ..NO_BOUNDS }, 1 << 30, none(b"\x03\x00"), Some(idle)),
    ] {
        for side in BOTH {
            let limits = Limits { message, ..Limits::default() };
            let mut endpoint = Endpoint::new(side, Config { limits, ..Config::default() })
                .with_deflate(
                    agreed(15, true),
                    Compression { limits: bounds, ..compression(1) },
                    &Engines::Owned,
                );
            let heard = endpoint.hear(0xc2, &data);
            assert_eq!(heard.err(), refused, "{bounds:?}, {length} of {}", data.len());
        }
    }
}

/// The default bounds, in one frame and in fragments without end.
#[test]
fn a_connection_refuses_data_that_comes_to_nothing() {
    let empty = b"\x03\x00".repeat(2048); // a unit of final blocks with nothing in them
    let error = ProtocolError::Inflate(InflateError::Idle);
    for side in BOTH {
        for engines in engines() {
            let mut endpoint = endpoint(side, agreed(15, true), &engines);
            assert_eq!(endpoint.hear(0x42, &empty), Ok(()));
            for _ in 0..15 {
                assert_eq!(endpoint.hear(0x00, &empty), Ok(()));
            }
            assert_eq!(endpoint.hear(0x00, &empty), Err(error), "beyond 64 KiB");
            assert_eq!(endpoint.say(), [(0x88, 1009_u16.to_be_bytes().to_vec())]);
        }
    }
}

#[test]
fn what_comes_over_the_wire_has_its_limits_at_the_header() {
    let limits = Limits { frame: 200, message: 300, fragments: 3, ..Limits::default() };
    let data = stored(&[b'a'; 190]);
    for side in BOTH {
        for first in [0xc1, 0x41, 0xc2, 0x42] {
            let one = side.frame(first & 0x7f, &data);
            for (bytes, refused) in [
                (side.header(first, 200), None),
                (side.header(first, 201), Some(ProtocolError::FrameTooLong)),
                ([&one[..], &side.header(0x80, 104)].concat(), None),
                ([&one[..], &side.header(0x80, 105)].concat(), Some(ProtocolError::MessageTooLong)),
                ([&one[..], &side.frame(0x00, b"").repeat(2)].concat(), None),
                (
                    [&one[..], &side.frame(0x00, b"").repeat(2), &[0x80]].concat(),
                    Some(ProtocolError::TooManyFragments),
                ),
            ] {
                assert_eq!(error(side, limits, NO_BOUNDS, &bytes), refused, "{bytes:x?}");
            }
        }
    }
}

/// What is counted is on the wire what is on the wire, and inflated what is inflated.
#[test]
fn data_that_is_longer_than_its_message_counts_as_what_came() {
    let message = [b'a'; 10];
    let empty = b"\x00\x00\x00\xff\xff".repeat(20);
    let data = [&empty[..], &stored(&message)].concat(); // 100 bytes and more for 10
    for side in BOTH {
        let bytes = side.frame(0xc2, &data);
        let bounds = InflateLimits { length: 10, ..NO_BOUNDS };
        let limits = |message| Limits { message, ..Limits::default() };
        let length = data.len() as u64;
        assert_eq!(error(side, limits(length), bounds, &bytes), None);
        let refused = error(side, limits(length - 1), bounds, &bytes);
        assert_eq!(refused, Some(ProtocolError::MessageTooLong));
    }
}

/// Each way in which a compressed message is refused, by a decoder with these bounds.
fn refusals() -> [(Vec<u8>, ProtocolError, CloseCode); 6] {
    let bad_block = [&stored(b"a")[..6], b"\x07"].concat();
    [
        (deflated(&[0; 5001]), ProtocolError::MessageTooLong, CloseCode::TOO_BIG),
        (deflated(&[b'a'; 2001]), InflateError::Ratio.into(), CloseCode::TOO_BIG),
        (bad_block, InflateError::Data.into(), CloseCode::INVALID_PAYLOAD),
        (AGAIN.to_vec(), InflateError::Data.into(), CloseCode::INVALID_PAYLOAD),
        (HELLO[..5].to_vec(), InflateError::Unfinished.into(), CloseCode::INVALID_PAYLOAD),
        (stored(b"a\xff"), ProtocolError::InvalidUtf8 { at: 1 }, CloseCode::INVALID_PAYLOAD),
    ]
}

fn bounds(error: ProtocolError) -> InflateLimits {
    match error {
        ProtocolError::MessageTooLong => InflateLimits { length: 5000, ..NO_BOUNDS },
        _ => InflateLimits { length: 5000, floor: 2000, ratio: 0, ..NO_BOUNDS },
    }
}

#[test]
fn a_message_that_is_refused_delivers_nothing_and_ends_all() {
    for side in BOTH {
        for (data, error, code) in refusals() {
            for bytes in cut(side, MessageKind::Text, &data) {
                let bytes =
                    [&bytes[..], &side.frame(0xc1, HELLO), &side.frame(0x81, b"a")].concat();
                for delivery in DELIVERIES {
                    let make = || {
                        bounded(side, Limits::default(), delivery, bounds(error), &Engines::Owned)
                    };
                    let outcome = assert_every_split_agrees(make, &bytes);
                    assert_eq!((outcome.events, outcome.error), (vec![], Some(error)));
                }
            }
            assert_eq!(error.close_code(), code, "{error}");
        }
    }
}

#[test]
fn a_connection_tells_its_peer_what_was_wrong() {
    for side in BOTH {
        for (data, error, code) in refusals().into_iter().skip(2) {
            let mut endpoint = endpoint(side, agreed(15, true), &Engines::Owned);
            assert_eq!(endpoint.hear(0xc1, &data), Err(error));
            assert_eq!(endpoint.state(), State::Failed(error));
            assert_eq!(endpoint.say(), [(0x88, code.get().to_be_bytes().to_vec())]);
            assert_eq!(endpoint.hear(0xc1, HELLO), Err(error), "it is final");
            assert!(endpoint.pending().is_empty(), "it is told once");
        }
    }
}

#[test]
fn what_was_delivered_before_a_failure_stays_delivered() {
    for side in BOTH {
        let bytes = side.frames(&[(0xc2, HELLO), (0xc2, AGAIN), (0xc2, b"\x07")]);
        let make = || decoder(side, Limits::default(), Delivery::Messages, &Engines::Owned);
        for outcome in [run(&mut make(), &[&bytes]), run_owned(&mut make(), &[&bytes])] {
            assert_eq!(outcome.events, [binary(b"Hello"), binary(b"Hello")]);
            assert_eq!(outcome.error, Some(InflateError::Data.into()));
        }
    }
}
