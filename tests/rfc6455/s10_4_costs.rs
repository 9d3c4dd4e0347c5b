//! RFC 6455 section 10.4: what a hostile peer can make this end hold, or do. Where the damage to
//! others was memory or work, that is counted.

use super::s10_4_limits::OPEN;
use crate::common::{BOTH, Endpoint, Receive, Side, assert_fails_at, letters, octets, run};
use allocation_counter::measure;
use patchcord::frame::LengthForm;
use patchcord::{Config, Decoder, Delivery, Input, Limits, ProtocolError, State};

/// What is known of an open message, with some room: it does not grow with what a peer sends.
pub(super) const SMALL: u64 = 512;

fn decoder(side: Side) -> Decoder {
    side.decoder(Limits::default(), Delivery::Messages)
}

/// Feeds frames until one is refused, and returns how many passed and the error.
fn until_refused(
    subject: &mut impl Receive,
    frames: impl Iterator<Item = Vec<u8>>,
) -> (u32, ProtocolError) {
    let mut passed = 0;
    for mut frame in frames {
        let mut input = &mut frame[..];
        match subject.receive(&mut input) {
            Ok(None) => assert!(input.is_empty()),
            Ok(Some(event)) => panic!("{event:?} was delivered"),
            Err(error) => return (passed, error),
        }
        passed += 1;
    }
    panic!("{passed} frames passed");
}

/// CVE-2014-0193 (Netty), CVE-2026-42786 (Bandit), fastwebsockets: only frames were limited.
#[test]
fn endless_continuations_are_stopped_at_the_limit_of_the_message() {
    let limits = Limits { message: 100_000, ..Limits::default() };
    for side in BOTH {
        let mut subject = side.decoder(limits, Delivery::Messages);
        let first = [side.frame(0x01, letters(1000).as_bytes())];
        let next = side.frame(0x00, letters(1000).as_bytes());
        let mut end = None;
        let info = measure(|| {
            let frames = first.into_iter().chain(std::iter::repeat_n(next, 10_000));
            end = Some(until_refused(&mut subject, frames));
        });
        assert_eq!(end, Some((100, ProtocolError::MessageTooLong)));
        assert!(info.bytes_max <= 3 * limits.message + 4 * 1024, "{} bytes", info.bytes_max);
        assert!(info.count_total < 200, "{} allocations", info.count_total);
    }
}

/// CVE-2026-12151 (undici): bytes were counted, fragments were not. CVE-2026-62389 (ws): the
/// limit was too high to matter; here none of the fragments that it lets pass costs memory.
#[test]
fn endless_empty_continuations_are_stopped_and_cost_no_memory() {
    let every = |side| [Delivery::Messages, Delivery::Fragments].map(|delivery| (side, delivery));
    for (side, delivery) in BOTH.into_iter().flat_map(every) {
        let mut endpoint = Endpoint::new(side, Config { delivery, ..Config::default() });
        let mut next = side.frame(0x00, b"");
        let mut passed = 0;
        run(&mut endpoint, &[&side.frame(0x02, b"")]);
        let info = measure(|| {
            while passed < 2 * Limits::FRAGMENTS
                && let Ok(_) = endpoint.receive(&mut &mut next[..])
            {
                passed += 1;
            }
        });
        assert_eq!(passed, Limits::FRAGMENTS - 1);
        assert_eq!(endpoint.state(), State::Failed(ProtocolError::TooManyFragments));
        assert!(info.bytes_max <= SMALL, "{} bytes", info.bytes_max);
    }
}

/// CVE-2026-48779 (ws): what was held for each fragment was far more than its payload.
#[test]
fn a_tiny_fragment_costs_its_payload_and_no_more() {
    const COUNT: u64 = 50_000;
    for side in BOTH {
        let mut subject = decoder(side);
        let (mut first, next) = (side.frame(0x02, b"a"), side.frame(0x00, b"b"));
        let mut copy = next.clone();
        let info = measure(|| {
            assert!(subject.decode(&mut &mut first[..]).unwrap().is_none());
            for _ in 1..COUNT {
                copy.copy_from_slice(&next);
                assert!(subject.decode(&mut &mut copy[..]).unwrap().is_none());
            }
        });
        assert!(info.bytes_max <= 3 * COUNT + SMALL, "{} bytes for {COUNT}", info.bytes_max);
        assert!(info.count_total < 100, "{} allocations", info.count_total);
    }
}

/// CVE-2026-54274 (aiohttp): a frame above the limit, never finished, was buffered for ever.
#[test]
fn a_frame_above_the_limit_is_refused_before_its_payload() {
    let limits = Limits { frame: 1000, ..Limits::default() };
    for side in BOTH {
        let header = side.length(0x81, 1001, LengthForm::Sixteen);
        assert_fails_at(side, limits, &header, ProtocolError::FrameTooLong);
        let longer = [side.header(0x82, 1 << 20), octets(100_000)].concat();
        let mut subject = decoder(side);
        assert_eq!(run(&mut subject, &[&longer]).rest, 0, "the caller has nothing to keep");
    }
}

/// First bytes, and lengths that no memory has.
const DECLARED: [(u8, u64); 6] = [
    (0x01, 1 << 62),
    (0x02, 1 << 62),
    (0x81, 1 << 62),
    (0x82, 1 << 62),
    (0x02, i64::MAX as u64),
    (0x81, i64::MAX as u64),
];

/// RUSTSEC-2022-0035 (rust-websocket); fastwebsockets, tungstenite and tokio-websockets too.
#[test]
fn nothing_is_allocated_by_a_length_that_was_only_declared() {
    for side in BOTH {
        for whole in [0, Limits::WHOLE_FRAME, u32::MAX] {
            for (first, length) in DECLARED {
                let limits = Limits { whole_frame: whole, ..OPEN };
                let mut bytes = side.header(first, length);
                bytes.push(b'a' ^ if side == Side::Server { crate::common::KEY[0] } else { 0 });
                let mut decoder = side.decoder(limits, Delivery::Messages);
                let info = allocation_counter::measure(|| {
                    let mut input = &mut bytes[..];
                    assert!(matches!(decoder.decode(&mut input), Ok(None)));
                    assert!(decoder.needed(input.bytes()) > 0);
                });
                assert!(info.bytes_max <= 256, "{} bytes for one", info.bytes_max);
            }
        }
    }
}
