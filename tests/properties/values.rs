//! What is written is read back: headers, the bodies of Closes, masked octets.

use crate::properties::hold::hold;
use crate::properties::streams::{cuts, octets, pieces, raw_headers};
use bytes::BufMut;
use patchcord::frame::{CloseError, Header, LengthForm, Opcode, RawHeader, Rsv};
use patchcord::{Close, CloseCode, Encoder, MaskingKey, SendError};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::mem::MaybeUninit;

fn keys() -> impl Strategy<Value = MaskingKey> {
    any::<[u8; 4]>().prop_map(MaskingKey::from)
}

const OPCODES: [Opcode; 6] =
    [Opcode::Continuation, Opcode::Text, Opcode::Binary, Opcode::Close, Opcode::Ping, Opcode::Pong];

/// Lengths of every number of digits.
fn lengths() -> impl Strategy<Value = u64> {
    prop_oneof![0..130_u64, 65_530..65_540_u64, (0..64_u32).prop_map(|bit| 1 << bit), any::<u64>()]
}

#[test]
fn a_header_is_read_back_as_it_was_written() {
    let key = proptest::option::of(keys());
    let inputs = (select(&OPCODES[..]), lengths(), 0..8_u8, key, any::<bool>());
    hold(2000, inputs, |(opcode, length, rsv, key, fin)| {
        let Ok(header) = Header::new(opcode, length) else {
            let close = opcode == Opcode::Close && length == 1;
            assert!(close || opcode.is_control() && length > 125 || length > i64::MAX as u64);
            return;
        };
        let header = header.with_masking_key(key).with_rsv(Rsv::from_first_byte(rsv << 4));
        let header = header.with_fin(fin).unwrap_or(header);
        let bytes = header.encode();
        assert_eq!(bytes.len(), header.size());
        assert_eq!(Header::parse(&bytes), Ok(Some((header, bytes.len()))));
        let longer = [&bytes[..], &[0xff; 3]].concat();
        assert_eq!(Header::parse(&longer), Ok(Some((header, bytes.len()))));
        for end in 0..bytes.len() {
            assert_eq!(Header::parse(&bytes[..end]), Ok(None));
        }
    });
}

/// Bytes that begin with a header, legal or not.
fn begun() -> impl Strategy<Value = Vec<u8>> {
    let noise = vec(any::<u8>(), 0..20);
    let header = (raw_headers(), vec(any::<u8>(), 0..4))
        .prop_map(|(header, more)| [&header.encode()[..], &more].concat());
    prop_oneof![noise, header]
}

#[test]
fn bytes_that_are_read_as_a_header_are_written_back() {
    hold(2000, begun(), |bytes| {
        let raw = RawHeader::parse(&bytes);
        if let Some((raw, size)) = raw {
            assert_eq!(&*raw.encode(), &bytes[..size]);
        }
        match Header::parse(&bytes) {
            Ok(Some((header, size))) => {
                assert_eq!(&*header.encode(), &bytes[..size]);
                let (raw, raw_size) = raw.unwrap();
                let fields =
                    (header.fin(), header.opcode() as u8, header.masking_key(), header.length());
                assert_eq!((raw.fin, raw.opcode, raw.masking_key, raw.length), fields);
                assert_eq!((raw.rsv << 4, raw_size), (header.rsv().bits(), size));
            }
            Ok(None) => assert_eq!(raw, None),
            Err(_) => {}
        }
    });
}

/// The length as it comes back: cut to the form.
fn cut(raw: RawHeader) -> RawHeader {
    let length = match raw.form {
        LengthForm::Seven => raw.length & 0x7f,
        LengthForm::Sixteen => raw.length & 0xffff,
        LengthForm::SixtyFour => raw.length,
    };
    RawHeader { length, ..raw }
}

#[test]
fn any_fields_are_read_back_from_a_raw_header() {
    hold(2000, raw_headers(), |raw| {
        let bytes = raw.encode();
        let expected = cut(raw);
        if expected.form == LengthForm::Seven && expected.length > 125 {
            return; // 126 and 127 announce the other forms
        }
        assert_eq!(RawHeader::parse(&bytes), Some((expected, bytes.len())));
        assert_eq!(RawHeader::parse(&bytes[..bytes.len() - 1]), None);
    });
}

/// The body of a Close as an encoder writes it.
fn written(close: Close<&[u8]>) -> Result<Vec<u8>, SendError> {
    let mut frame = Vec::new();
    Encoder::server().encode_close(Some(close), &mut frame)?;
    assert_eq!((frame[0], usize::from(frame[1])), (0x88, frame.len() - 2));
    Ok(frame.split_off(2))
}

#[test]
fn a_close_is_read_back_as_it_was_written() {
    let code = prop_oneof![990..1020_u16, 2990..3010_u16, 4990..5010_u16, any::<u16>()];
    hold(1000, (code, vec(any::<char>(), 0..50)), |(number, reason)| {
        let reason = String::from_iter(reason);
        let body = [&number.to_be_bytes(), reason.as_bytes()].concat();
        let Some(code) = CloseCode::new(number) else {
            assert_eq!(Close::parse(&body), Err(CloseError::InvalidCode(number)));
            return;
        };
        assert_eq!(code.get(), number);
        let close = Close::new(code, &reason);
        match written(close) {
            Ok(octets) => assert_eq!(Close::parse(&octets), Ok(Some(close))),
            Err(error) => {
                assert!(reason.len() > Close::MAX_REASON);
                assert_eq!(error, SendError::ControlTooLong { length: reason.len() });
            }
        }
    });
}

#[test]
fn the_body_of_a_close_is_written_as_it_was_read() {
    let code = prop_oneof![Just(vec![]), vec(any::<u8>(), 1..3), Just(vec![0x03, 0xe8])];
    let reason = prop_oneof![vec(any::<u8>(), 0..6), vec(b'a'..=b'z', 0..=123)];
    hold(1000, (code, reason), |(code, reason)| {
        let body = [code, reason].concat();
        match Close::parse(&body) {
            Ok(Some(close)) => assert_eq!(written(close), Ok(body.clone())),
            Ok(None) => assert!(body.is_empty()),
            Err(CloseError::TooShort) => assert_eq!(body.len(), 1),
            Err(CloseError::InvalidCode(code)) => assert_eq!(code.to_be_bytes(), body[..2]),
            Err(_) => assert!(std::str::from_utf8(&body[2..]).is_err()),
        }
    });
}

#[test]
fn a_key_that_is_rotated_twice_is_rotated_by_the_sum() {
    hold(1000, (keys(), any::<usize>(), any::<usize>()), |(key, first, second)| {
        let sum = first.wrapping_add(second); // 2^32 and 2^64 are multiples of 4
        assert_eq!(key.rotated(first).rotated(second), key.rotated(sum));
        assert_eq!(key.rotated(first).rotated(4 - first % 4), key);
        let (bytes, rotated) = (key.to_bytes(), key.rotated(first).to_bytes());
        assert!((0..4).all(|i| rotated[i] == bytes[(first % 4 + i) % 4]));
    });
}

/// RFC 6455 section 5.3, to the letter.
fn masked(key: MaskingKey, octets: &[u8]) -> Vec<u8> {
    octets.iter().enumerate().map(|(i, octet)| octet ^ key.to_bytes()[i % 4]).collect()
}

#[test]
fn masking_in_any_pieces_in_place_or_copied_is_masking_whole() {
    hold(500, (keys(), octets(), cuts()), |(key, octets, cuts)| {
        let expected = masked(key, &octets);
        let (mut placed, mut copied, mut put) = (Vec::new(), Vec::new(), Vec::new());
        for piece in pieces(&octets, &cuts) {
            let key = key.rotated(placed.len());
            let mut own = piece.to_vec();
            key.apply(&mut own);
            placed.extend(own);
            let mut room = vec![MaybeUninit::uninit(); piece.len()];
            copied.extend_from_slice(key.apply_copy(piece, &mut room));
            assert_eq!(key.put(piece, &mut put), piece.len());
        }
        assert_eq!((&placed, &copied, &put), (&expected, &expected, &expected));
        key.apply(&mut placed);
        assert_eq!(placed, octets);
        let half = octets.len() / 2;
        let (mut first, mut second) = (vec![0; half], vec![0; octets.len() - half]);
        key.put(&octets, &mut (&mut first[..]).chain_mut(&mut second[..]));
        assert_eq!([first, second].concat(), expected);
    });
}
