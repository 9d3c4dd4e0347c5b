//! Defects that other implementations had, as advisories describe them: each test has the name
//! of the rule that was broken. Where the damage was memory or work, that is counted.

use crate::common::{
    BOTH, Endpoint, Receive, Side, assert_every_split_agrees, assert_fails_at, binary, letters,
    octets, run, text,
};
use allocation_counter::measure;
use bytes::Buf;
use patchcord::frame::{CloseError, HeaderError, LengthForm, Rsv};
use patchcord::{
    Config, Connection, Decoder, Delivery, Event, Expired, Limits, Message, Next, ProtocolError,
    SendBuffer, SendError, State, Timeouts,
};
use std::cell::Cell;
use std::time::Duration;

/// What is known of an open message, with some room: it does not grow with what a peer sends.
pub(crate) const SMALL: u64 = 512;

pub(crate) fn decoder(side: Side) -> Decoder {
    side.decoder(Limits::default(), Delivery::Messages)
}

pub(crate) fn refused(side: Side, bytes: &[u8], error: impl Into<ProtocolError>) {
    assert_fails_at(side, Limits::default(), bytes, error.into());
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
    for side in BOTH {
        let mut endpoint = Endpoint::open(side);
        let mut next = side.frame(0x00, b"");
        let mut passed = 0;
        run(&mut endpoint, &[&side.frame(0x02, b"")]);
        let info = measure(|| {
            while passed < 2 * Limits::FRAGMENTS
                && let Ok(None) = endpoint.receive(&mut &mut next[..])
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

/// aiohttp 3.14.5: what was open was inferred from the bytes that were buffered.
#[test]
fn a_message_inside_a_message_that_began_empty_is_refused() {
    for side in BOTH {
        for first in [0x01, 0x02] {
            let bytes = [side.frame(first, b""), vec![0x81]].concat();
            refused(side, &bytes, ProtocolError::MessageInsideMessage);
        }
    }
}

/// nexus-web 0.8: a text that came in two reads was not validated, and was no `str`.
#[test]
fn a_text_is_validated_wherever_its_reads_are_cut() {
    for side in BOTH {
        let good = side.frame(0x81, "añ€🎧".as_bytes());
        let outcome = assert_every_split_agrees(|| decoder(side), &good);
        assert_eq!(outcome.events, [text("añ€🎧")]);
        let bad = side.frame(0x81, b"ab\xf0\x9f\x8e(");
        let outcome = assert_every_split_agrees(|| decoder(side), &bad);
        assert_eq!(outcome.error, Some(ProtocolError::InvalidUtf8 { at: 5 }));
    }
}

/// fastwebsockets: after a cancelled read, payload was taken for headers.
#[test]
fn a_read_that_is_given_up_loses_no_place_in_the_stream() {
    let payload = [0x88, 0x00, 0x83, 0xff].repeat(6); // every four bytes look like bad headers
    for side in BOTH {
        for whole in [0, 10, 100] {
            let limits = Limits { whole, ..Limits::default() };
            let make = || side.decoder(limits, Delivery::Messages);
            let stream = side.frames(&[(0x02, &payload), (0x80, &payload), (0x81, b"next")]);
            let outcome = assert_every_split_agrees(make, &stream);
            assert_eq!(outcome.events, [binary(&payload.repeat(2)), text("next")]);
        }
    }
}

/// GHSA-9fm3-97px-rjf6 (undici), RUSTSEC-2020-0043 (ws-rs): replies to a peer that never reads.
#[test]
fn replies_to_a_peer_that_does_not_read_are_bounded() {
    for side in BOTH {
        let mut endpoint = Endpoint::open(side);
        run(&mut endpoint, &[&side.frame(0x89, &octets(125))]);
        endpoint.sent(1); // one is begun, and stuck
        let ping = side.frame(0x89, &octets(125));
        let mut copy = ping.clone();
        let info = measure(|| {
            for _ in 0..10_000 {
                copy.copy_from_slice(&ping);
                assert!(matches!(endpoint.receive(&mut &mut copy[..]), Ok(Some(Event::Ping(_)))));
            }
        });
        // Pongs up to 4 KiB, the one that reaches that, and a buffer that doubles meanwhile.
        assert!(endpoint.pending().len() <= 4096 + 131, "{} bytes", endpoint.pending().len());
        assert!(info.bytes_max <= 3 * 4096 + SMALL, "{} bytes held", info.bytes_max);
    }
}

/// Netty checks only pings on the way out; cowlib's client sent an unmasked Close.
#[test]
fn what_is_sent_keeps_the_rules_of_control_frames() {
    for side in BOTH {
        let mut endpoint = Endpoint::open(side);
        let mut out = Vec::new();
        let refused = Err(SendError::ControlTooLong { length: 126 });
        assert_eq!(endpoint.ping(&[0; 126], &mut out), refused);
        assert_eq!(endpoint.close_with(1000, &"x".repeat(126)), refused);
        assert!(out.is_empty() && endpoint.pending().is_empty());
        endpoint.close_with(1000, "bye").unwrap();
        assert_eq!(endpoint.pending()[1] & 0x80 != 0, side == Side::Client, "{side:?}");
        assert_eq!(endpoint.say(), [(0x88, b"\x03\xe8bye".to_vec())]);
    }
}

/// websockets and tungstenite wait for the payload of `89 fe` and of `a1 85`.
#[test]
fn a_bad_header_is_refused_before_its_payload() {
    for side in BOTH {
        refused(side, &[0x89, side.mask() | 126], HeaderError::ControlTooLong);
        refused(side, &[0xa1], ProtocolError::ReservedBits(Rsv::RSV2));
    }
}

/// CVE-2026-59881 (aiohttp), uWebSockets: RSV1 where no compression was negotiated.
#[test]
fn rsv1_is_refused_on_every_frame_without_an_extension() {
    for side in BOTH {
        for first in [0xc1, 0xc2, 0x41, 0xc8, 0xc9, 0xca] {
            refused(side, &[first], ProtocolError::ReservedBits(Rsv::RSV1));
        }
        let open = side.frame(0x01, b"a");
        refused(side, &[open, vec![0xc0]].concat(), ProtocolError::ReservedBits(Rsv::RSV1));
    }
}

/// uWebSockets, wslay and curl accept it.
#[test]
fn a_close_of_one_byte_is_refused() {
    for side in BOTH {
        refused(side, &[0x88, side.mask() | 1], HeaderError::CloseOfOneByte);
    }
}

/// uWebSockets, tungstenite and nexus-web refuse some of the second list.
#[test]
fn a_close_code_that_may_not_be_sent_is_refused_and_no_other() {
    for side in BOTH {
        for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535] {
            let error = CloseError::InvalidCode(code);
            assert_eq!(Endpoint::open(side).hear(0x88, &code.to_be_bytes()), Err(error.into()));
        }
        for code in [1012_u16, 1013, 1014, 3000] {
            assert_eq!(Endpoint::open(side).hear(0x88, &code.to_be_bytes()), Ok(()), "{code}");
        }
    }
}

/// CVE-2017-2670 (Undertow): a busy loop when the stream ended without a Close.
#[test]
fn the_end_of_the_stream_ends_the_connection_in_every_state() {
    for side in BOTH {
        let (half, message) = (side.header(0x82, 9), side.frame(0x01, b"open"));
        for (heard, closing) in [(&b""[..], false), (&half, false), (&message, false), (b"", true)]
        {
            let mut endpoint = Endpoint::open(side);
            if closing {
                endpoint.close_with(1000, "").unwrap();
            }
            let rest = run(&mut endpoint, &[heard]).rest;
            assert!(endpoint.end_of_stream(&heard[heard.len() - rest..]).is_err());
            assert_eq!(endpoint.is_finished(), !closing, "what was said is owed still");
            endpoint.say();
            let finished = endpoint.handle_timeout(Duration::ZERO);
            assert_eq!(finished, Next::Finished, "nothing is left to wait for");
            assert!(matches!(endpoint.state(), State::Lost(_)));
            assert!(matches!(endpoint.receive(&mut &mut [0x82][..]), Ok(None)));
        }
    }
}

/// CVE-2024-23672 (Tomcat): the peer never finished the closing handshake.
#[test]
fn a_closing_handshake_that_is_not_finished_has_a_deadline() {
    for side in BOTH {
        let mut endpoint = Endpoint::open(side);
        endpoint.close_with(1000, "").unwrap();
        endpoint.say();
        assert_eq!(endpoint.on_time(Duration::ZERO), None);
        endpoint.hear(0x82, b"still talking").unwrap();
        assert_eq!(endpoint.next_deadline(), Some(Timeouts::CLOSE));
        assert_eq!(endpoint.on_time(Timeouts::CLOSE), Some(Expired::Close));
        assert!(endpoint.is_finished());
    }
}

fn keys(wire: &[u8], frames: usize, payload: usize) -> Vec<[u8; 4]> {
    assert_eq!(wire.len(), frames * (2 + 4 + payload));
    wire.chunks(6 + payload).map(|frame| frame[2..6].try_into().unwrap()).collect()
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
#[cfg(all(feature = "getrandom", feature = "std"))]
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

/// uWebSockets, aiohttp, fastwebsockets and soketto do not look at the mask bit.
#[test]
fn the_mask_bit_is_checked_against_the_role() {
    refused(Side::Server, &[0x81, 0x01], ProtocolError::NotMasked);
    refused(Side::Client, &[0x81, 0x81], ProtocolError::Masked);
}
