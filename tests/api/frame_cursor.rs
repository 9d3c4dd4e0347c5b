//! Frames passed on: headers and pieces of payload at any split, masked anew in one pass.

use crate::common::{BOTH, Side, octets};
use bytes::BytesMut;
use patchcord::frame::HeaderError;
use patchcord::{FramePart, Frames, Input, MaskingKey};

const NEW: MaskingKey = MaskingKey::NONE;

/// What a proxy passes on that gives each frame the key `new`.
fn passed_on(pieces: &[&[u8]], new: Option<MaskingKey>) -> Result<Vec<u8>, HeaderError> {
    let (mut frames, mut input, mut out) = (Frames::new(), BytesMut::new(), Vec::new());
    for piece in pieces {
        input.extend_from_slice(piece);
        while let Some(part) = frames.next(&mut input)? {
            match part {
                FramePart::Header(header) => {
                    out.extend_from_slice(&header.with_masking_key(new).encode());
                }
                FramePart::Payload(piece) => {
                    let key = piece.key ^ new.unwrap_or(NEW).rotated(piece.offset);
                    assert!(!piece.payload.is_empty());
                    key.put(&piece.payload, &mut out);
                }
            }
        }
    }
    Ok(out)
}

fn stream(side: Side) -> Vec<u8> {
    let long = octets(300);
    side.frames(&[(0x01, b"Hel"), (0x89, b"ping"), (0x80, b"lo"), (0x82, &long), (0x88, b"")])
}

#[test]
fn frames_pass_on_the_same_at_every_split() {
    for side in BOTH {
        let bytes = stream(side);
        let whole = passed_on(&[&bytes], None).unwrap();
        assert_eq!(whole, stream(Side::Client), "unmasked, as a server's");
        for at in 0..=bytes.len() {
            let (head, tail) = bytes.split_at(at);
            assert_eq!(passed_on(&[head, tail], None).unwrap(), whole, "split at {at}");
        }
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(passed_on(&single, None).unwrap(), whole);
    }
}

#[test]
fn frames_are_masked_anew_in_one_pass_at_every_split() {
    let new = MaskingKey::from([0x11, 0x22, 0x44, 0x88]);
    for side in BOTH {
        let bytes = stream(side);
        for at in 0..=bytes.len() {
            let (head, tail) = bytes.split_at(at);
            let masked = passed_on(&[head, tail], Some(new)).unwrap();
            assert_eq!(passed_on(&[&masked], None).unwrap(), stream(Side::Client), "at {at}");
        }
    }
}

#[test]
fn a_piece_says_where_it_is_and_whether_it_is_the_last() {
    let mut bytes = *b"\x82\x05abcde\x82\x00";
    let mut frames = Frames::new();
    let (mut head, mut tail) = bytes.split_at_mut(4);
    let FramePart::Header(header) = frames.next(&mut head).unwrap().unwrap() else { panic!() };
    assert_eq!(header.length(), 5);
    let mut seen = Vec::new();
    for input in [&mut head, &mut tail] {
        while let Some(part) = frames.next(input).unwrap() {
            match part {
                FramePart::Payload(p) => seen.push((p.payload.to_vec(), p.offset, p.last)),
                FramePart::Header(header) => assert_eq!(header.length(), 0),
            }
        }
    }
    assert_eq!(seen, [(b"ab".to_vec(), 0, false), (b"cde".to_vec(), 2, true)]);
}

#[test]
fn an_illegal_header_is_final_and_what_is_not_whole_stays() {
    let mut frames = Frames::new();
    let mut bytes = *b"\x82\xfe\x10";
    let mut input = &mut bytes[..];
    assert_eq!(frames.next(&mut input), Ok(None));
    assert_eq!(input.bytes(), b"\x82\xfe\x10");
    let mut bytes = *b"\x83\x00\x82\x00";
    let mut input = &mut bytes[..];
    for _ in 0..2 {
        assert_eq!(frames.next(&mut input), Err(HeaderError::ReservedOpcode));
    }
    assert_eq!(frames.next(&mut &mut b"\x82\x00".to_owned()[..]), Err(HeaderError::ReservedOpcode));
}
