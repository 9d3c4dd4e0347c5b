//! RFC 6455 section 5.2: lengths, in each form that a header has for them.

use crate::common::{
    BOTH, Endpoint, KEY, Seen, Side, binary, decode, decode_in_one_piece, letters, octets, refused,
    run, text,
};
use allocation_counter::measure;
use patchcord::frame::{Header, HeaderError, LengthForm, Opcode};
use patchcord::{Config, ConnectionLost, Delivery, Limits, ProtocolError};

/// No limit but memory.
const OPEN: Limits =
    Limits { frame: u64::MAX, message: u64::MAX, whole_frame: 0, fragments: u32::MAX };

fn wide(side: Side, first: u8, length: u64) -> Vec<u8> {
    side.length(first, length, LengthForm::SixtyFour)
}

fn check_border(side: Side, length: u64) {
    let bytes = [wide(side, 0x80, length), KEY.to_vec()].concat();
    for limits in [OPEN, Limits { whole_frame: u32::MAX, ..OPEN }, Limits::default()] {
        let error = match length >> 63 {
            1 => Some(ProtocolError::Header(HeaderError::LengthTopBit)),
            _ => (limits == Limits::default()).then_some(ProtocolError::FrameTooLong),
        };
        let mut endpoint = Endpoint::new(side, Config { limits, ..Config::default() });
        let outcome = run(&mut endpoint, &[&side.frame(0x02, b"a"), &bytes]);
        assert_eq!((outcome.events, outcome.error), (vec![], error), "{side:?} {length:x}");
        let rest = &bytes[bytes.len() - outcome.rest..];
        let _ = side.decoder(limits, Delivery::Messages).needed(&side.header(0x82, length));
        let expected = if error.is_some() { Ok(()) } else { Err(ConnectionLost::InsideFrame) };
        assert_eq!(endpoint.end_of_stream(rest), expected);
    }
}

#[test]
fn a_length_in_its_minimal_form_is_accepted_on_both_sides_of_each_border() {
    for side in BOTH {
        for length in [0, 1, 125, 126, 127, 128, 255, 256, 65535, 65536, 65537] {
            let bytes = side.frame(0x82, &octets(length));
            assert_eq!(decode(side, &bytes).events, [binary(&octets(length))], "{length}");
            let bytes = side.frame(0x81, letters(length).as_bytes());
            assert_eq!(decode(side, &bytes).events, [text(&letters(length))], "{length}");
        }
    }
}

/// ws, websockets, aiohttp, uWebSockets, tungstenite, fastwebsockets and gorilla accept them.
#[test]
fn a_sixteen_bit_length_below_126_is_refused_at_its_last_byte() {
    refused(Side::Server, b"\x82\xfe\x00\x01", HeaderError::LengthNotMinimal);
    for side in BOTH {
        for length in 0..126 {
            let bytes = side.length(0x82, length, LengthForm::Sixteen);
            refused(side, &bytes, HeaderError::LengthNotMinimal);
        }
        let minimal = side.length(0x82, 126, LengthForm::Sixteen);
        assert_eq!(decode(side, &minimal).error, None);
    }
}

#[test]
fn a_sixty_four_bit_length_below_65536_is_refused_when_its_upper_bytes_are_zero() {
    for side in BOTH {
        for length in [0, 1, 125, 126, 127, 0x7fff, 0xfffe, 0xffff] {
            let bytes = side.length(0x81, length, LengthForm::SixtyFour);
            refused(side, &bytes[..8], HeaderError::LengthNotMinimal);
            let error = Some(HeaderError::LengthNotMinimal.into());
            assert_eq!(decode(side, &bytes).error, error);
        }
        let minimal = side.length(0x81, 0x1_0000, LengthForm::SixtyFour);
        assert_eq!(decode(side, &minimal).error, None);
    }
}

#[test]
fn a_frame_cut_anywhere_waits_for_the_rest() {
    for side in BOTH {
        for length in [2, 125, 126, 300] {
            let bytes = side.frame(0x82, &octets(length));
            for end in 0..bytes.len() {
                let outcome = decode_in_one_piece(side, &bytes[..end]);
                assert_eq!((outcome.events, outcome.error), (vec![], None));
                assert_eq!(outcome.rest, end, "a frame that is not whole is left alone");
            }
        }
    }
}

/// CVE-2020-27813 (gorilla), CVE-2020-13935 (Tomcat): an endless loop.
#[test]
fn the_top_bit_of_a_64_bit_length_is_refused_at_its_byte() {
    for side in BOTH {
        for top in [0x80, 0x81, 0xff] {
            refused(side, &[0x82, 0x7f | side.mask(), top], HeaderError::LengthTopBit);
        }
        let bytes = wide(side, 0x82, u64::MAX);
        assert_eq!(decode(side, &bytes).error, Some(HeaderError::LengthTopBit.into()));
        let mut whole = [bytes, vec![0; 32]].concat();
        let mut subject = side.decoder(Limits::default(), Delivery::Messages);
        let info = measure(|| assert!(subject.decode(&mut &mut whole[..]).is_err()));
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

/// CVE-2026-1528 (undici), libwebsockets: the length computed in 32 bits.
#[test]
fn the_upper_half_of_a_64_bit_length_is_not_dropped() {
    for side in BOTH {
        for length in [(1 << 32) + 5, (1 << 48) + 5, (1 << 62) + 5, i64::MAX as u64] {
            refused(side, &wide(side, 0x82, length), ProtocolError::FrameTooLong);
        }
        let bytes = [side.header(0x82, (1 << 32) + 5), b"12345".to_vec()].concat();
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
            let too_long = wide(side, 0x80 | opcode, u64::MAX);
            assert_eq!(decode(side, &too_long).error, Some(HeaderError::ReservedOpcode.into()));
            let mut bytes = side.header(0x80 | opcode, 1 << 62);
            let mut subject = side.decoder(OPEN, Delivery::Messages);
            let info = measure(|| assert!(subject.decode(&mut &mut bytes[..]).is_err()));
            assert_eq!(info.count_total, 0);
        }
    }
}

/// A frame that is there as a whole may be read by another way than one that comes byte by byte.
#[test]
fn a_length_in_more_bytes_than_it_needs_is_refused_when_all_of_the_frame_is_there() {
    for (length, side) in [0, 1, 5, 125].into_iter().flat_map(|n| BOTH.map(|side| (n, side))) {
        for form in [LengthForm::Sixteen, LengthForm::SixtyFour] {
            let bytes = [side.length(0x82, length, form), vec![0; 200]].concat();
            let outcome = run(&mut side.decoder(Limits::default(), Delivery::Messages), &[&bytes]);
            assert_eq!(outcome.error, Some(HeaderError::LengthNotMinimal.into()), "{length}");
        }
    }
}

#[test]
fn the_longest_length_has_all_bits_but_the_first() {
    assert!(Header::new(Opcode::Binary, i64::MAX as u64).is_ok());
    let error = Header::new(Opcode::Binary, 1 << 63).err();
    assert_eq!(error, Some(HeaderError::LengthTopBit));
}
