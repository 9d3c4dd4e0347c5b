//! Lengths and integers, of frames that nobody should have to wait for.

use super::hostile::{SMALL, decoder, refused};
use crate::common::{BOTH, Endpoint, KEY, Receive, Seen, Side, octets, run};
use allocation_counter::measure;
use patchcord::frame::{HeaderError, LengthForm};
use patchcord::{Config, Delivery, Limits, Lost, MaskingKey, ProtocolError};

/// No limit but memory.
const OPEN: Limits = Limits { frame: u64::MAX, message: u64::MAX, whole: 0, fragments: u32::MAX };

fn wide(side: Side, first: u8, length: u64) -> Vec<u8> {
    side.length(first, length, LengthForm::SixtyFour)
}

/// CVE-2020-27813 (gorilla), CVE-2020-13935 (Tomcat): an endless loop.
#[test]
fn the_top_bit_of_a_64_bit_length_is_refused_at_its_byte() {
    for side in BOTH {
        let bytes = wide(side, 0x82, u64::MAX);
        refused(side, &bytes[..3], HeaderError::LengthTopBit);
        let mut whole = [bytes, vec![0; 32]].concat();
        let info = measure(|| assert!(decoder(side).decode(&mut &mut whole[..]).is_err()));
        assert_eq!(info.count_total, 0);
    }
}

/// CVE-2026-27889 (NATS): a panic before authentication, where header and length are added.
#[test]
fn no_length_near_a_border_of_64_bits_overflows() {
    let borders = [0, 1_u64 << 63, 1 << 32, 1 << 31];
    for length in
        borders.iter().flat_map(|border| (0..40).map(|i| border.wrapping_add(i).wrapping_sub(20)))
    {
        if length > 0xffff {
            BOTH.into_iter().for_each(|side| check_border(side, length));
        }
    }
}

fn check_border(side: Side, length: u64) {
    let bytes = [wide(side, 0x80, length), KEY.to_vec()].concat();
    for limits in [OPEN, Limits { whole: u32::MAX, ..OPEN }, Limits::default()] {
        let error = match length >> 63 {
            1 => Some(ProtocolError::Header(HeaderError::LengthTopBit)),
            _ => (limits == Limits::default()).then_some(ProtocolError::FrameTooLong),
        };
        let mut endpoint = Endpoint::new(side, Config { limits, ..Config::default() });
        let outcome = run(&mut endpoint, &[&side.frame(0x02, b"a"), &bytes]);
        assert_eq!((outcome.events, outcome.error), (vec![], error), "{side:?} {length:x}");
        let rest = &bytes[bytes.len() - outcome.rest..];
        let _ = side.decoder(limits, Delivery::Messages).needed(&side.header(0x82, length));
        let expected = if error.is_some() { Ok(()) } else { Err(Lost::InsideFrame) };
        assert_eq!(endpoint.end_of_stream(rest), expected);
    }
}

/// CVE-2026-1528 (undici), libwebsockets: the length computed in 32 bits.
#[test]
fn the_upper_half_of_a_64_bit_length_is_not_dropped() {
    for side in BOTH {
        let length = (1 << 32) + 5;
        refused(side, &wide(side, 0x82, length), ProtocolError::FrameTooLong);
        let bytes = [side.header(0x82, length), b"12345".to_vec()].concat();
        let mut subject = side.decoder(OPEN, Delivery::Fragments);
        let Seen::Fragment { last, payload, .. } = &run(&mut subject, &[&bytes]).events[0] else {
            panic!("no piece of a frame");
        };
        assert_eq!((*last, payload.len()), (false, 5));
        assert_eq!(run(&mut side.decoder(OPEN, Delivery::Messages), &[&bytes]).events, []);
    }
}

/// CVE-2026-19204 (Jetty): memory for the payload of a frame whose opcode is unknown.
#[test]
fn an_unknown_opcode_is_refused_before_its_length_is_looked_at() {
    for side in BOTH {
        for opcode in [0x3, 0x7, 0xb, 0xf] {
            refused(side, &[0x80 | opcode], HeaderError::ReservedOpcode);
            let mut bytes = side.header(0x80 | opcode, 1 << 62);
            let mut subject = side.decoder(OPEN, Delivery::Messages);
            let info = measure(|| assert!(subject.decode(&mut &mut bytes[..]).is_err()));
            assert_eq!(info.count_total, 0);
        }
    }
}

/// RUSTSEC-2022-0035 (rust-websocket); fastwebsockets, tungstenite and tokio-websockets too.
#[test]
fn nothing_is_reserved_by_a_declared_length() {
    for side in BOTH {
        for (first, whole) in [(0x81, 0), (0x82, 0), (0x02, 0), (0x82, u32::MAX)] {
            let limits = Limits { whole, ..OPEN };
            let mut bytes = [side.header(first, i64::MAX as u64), b"abcd".to_vec()].concat();
            let mut endpoint = Endpoint::new(side, Config { limits, ..Config::default() });
            if first == 0x81 && side == Side::Server {
                bytes.truncate(bytes.len() - 4); // its masked octets are no text
            }
            let info =
                measure(|| assert!(endpoint.receive(&mut &mut bytes[..]).unwrap().is_none()));
            assert!(info.bytes_max <= SMALL, "{side:?}: {} bytes", info.bytes_max);
        }
    }
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

/// ws, websockets, aiohttp, uWebSockets, tungstenite, fastwebsockets and gorilla accept them.
#[test]
fn a_length_that_is_not_minimal_is_refused() {
    for side in BOTH {
        refused(side, &side.length(0x82, 1, LengthForm::Sixteen), HeaderError::LengthNotMinimal);
        refused(side, &wide(side, 0x82, 0xffff)[..8], HeaderError::LengthNotMinimal);
    }
}
