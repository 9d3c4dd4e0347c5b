//! Frames in two parts: a payload where the caller has it, and writes that are short.

use crate::common::{BOTH, Endpoint, Side, octets};
use bytes::Buf;
use patchcord::frame::Header;
use patchcord::{Encoder, InvalidUtf8, Message, MessageKind, SendBuffer, SendError};
#[cfg(feature = "std")]
use std::io::IoSlice;

/// Writes a frame, `step` bytes at a time.
fn write(mut frame: impl Buf, step: usize) -> Vec<u8> {
    let mut wire = Vec::new();
    while frame.has_remaining() {
        let count = step.min(frame.chunk().len());
        wire.extend_from_slice(&frame.chunk()[..count]);
        frame.advance(count);
    }
    wire
}

#[test]
fn text_in_place_that_is_not_utf_8_is_refused_and_left_as_it_is() {
    for side in BOTH {
        for (bad, at) in [(&b"ab\xff"[..], 2), (b"\xc3", 1), (b"a\x80", 1)] {
            let (mut endpoint, mut payload) = (Endpoint::open(side), bad.to_vec());
            let mut out = SendBuffer::new();
            let refusal = endpoint.send_in_place(MessageKind::Text, &mut payload, &mut out).err();
            assert!(out.is_empty());
            if at < bad.len() {
                assert_eq!(refusal, Some(SendError::InvalidUtf8(InvalidUtf8 { at })));
            }
            assert!(matches!(refusal, Some(SendError::InvalidUtf8(_))));
            assert_eq!(payload, bad);
            assert!(endpoint.send_in_place(MessageKind::Binary, &mut payload, &mut out).is_ok());
        }
    }
}

#[test]
fn a_payload_sent_in_place_is_masked_where_it_lies_or_left_alone() {
    for side in BOTH {
        for length in [1, 63, 64, 1000] {
            let (mut endpoint, mut payload) = (Endpoint::open(side), octets(length));
            let (mut out, at) = (SendBuffer::new(), payload.as_ptr_range());
            let mut frame =
                endpoint.send_in_place(MessageKind::Binary, &mut payload, &mut out).unwrap();
            let (header, size) = Header::parse(frame.chunk()).unwrap().unwrap();
            frame.advance(size);
            assert_eq!(frame.chunk().as_ptr_range(), at, "where it lies");
            let (key, shown) = (header.masking_key(), frame.chunk().to_vec());
            frame.advance(length);
            drop(frame);
            assert!(out.is_empty());
            assert_eq!(shown, payload);
            if let Some(key) = key {
                assert_ne!(payload, octets(length));
                key.apply(&mut payload);
            }
            assert_eq!(payload, octets(length));
        }
    }
}

#[test]
fn a_borrowed_payload_is_the_callers_own() {
    let mut endpoint = Endpoint::open(Side::Server);
    let (payload, mut out) = (octets(1000), SendBuffer::new());
    let server = endpoint.server().unwrap();
    let mut frame = server.send_borrowed(Message::Binary(&payload), &mut out).unwrap();
    assert_eq!(frame.chunk(), b"\x82\x7e\x03\xe8");
    frame.advance(4);
    assert_eq!(frame.chunk().as_ptr_range(), payload.as_ptr_range());
}

#[test]
fn a_short_write_at_every_point_leaves_the_rest_of_the_frame() {
    for length in [0, 1, 20, 130] {
        let payload = octets(length);
        let mut encoder = Encoder::server();
        let frame = encoder.encode_borrowed(Message::Binary(&payload)).unwrap();
        let whole = [frame.parts().0, frame.parts().1].concat();
        assert_eq!(frame.remaining(), whole.len());
        for written in 0..=whole.len() {
            let mut frame = frame.clone();
            frame.advance(written);
            assert_eq!(frame.remaining(), whole.len() - written);
            assert_eq!([frame.parts().0, frame.parts().1].concat(), &whole[written..]);
            assert_eq!(write(frame, 3), &whole[written..]);
        }
    }
}

#[test]
fn a_connections_short_write_at_every_point_leaves_the_rest_of_the_frame() {
    for side in BOTH {
        for length in [0, 1, 20, 130] {
            let size = side.peer().frame(0x82, &octets(length)).len();
            for written in 0..=size {
                let (mut endpoint, mut payload) = (Endpoint::open(side), octets(length));
                let mut out = SendBuffer::new();
                let frame =
                    endpoint.send_in_place(MessageKind::Binary, &mut payload, &mut out).unwrap();
                assert_eq!(frame.remaining(), size);
                let mut wire = write(frame.take(written), 3);
                assert_eq!((wire.len(), out.remaining()), (written, size - written));
                wire.extend(write(&mut out, 3));
                assert_eq!(side.wrote(&wire), [(0x82, octets(length))], "cut at {written}");
            }
        }
    }
}

#[cfg(feature = "std")]
fn in_slices(frame: &impl Buf) -> Vec<Vec<u8>> {
    let mut slices = [IoSlice::new(&[]); 3];
    let count = frame.chunks_vectored(&mut slices);
    slices[..count].iter().map(|slice| slice.to_vec()).collect()
}

#[cfg(feature = "std")]
#[test]
fn a_vectored_write_gets_as_many_slices_as_hold_something() {
    let mut encoder = Encoder::server();
    let mut frame = encoder.encode_borrowed(Message::Binary(b"pcm")).unwrap();
    assert_eq!(in_slices(&frame), [&b"\x82\x03"[..], b"pcm"]);
    let mut one = [IoSlice::new(&[])];
    assert_eq!(frame.chunks_vectored(&mut one), 1);
    assert_eq!(&*one[0], b"\x82\x03");
    assert_eq!(frame.chunks_vectored(&mut []), 0);
    frame.advance(1);
    assert_eq!(in_slices(&frame), [&b"\x03"[..], b"pcm"]);
    frame.advance(1);
    assert_eq!(in_slices(&frame), [b"pcm"]);
    frame.advance(2);
    assert_eq!(in_slices(&frame), [b"m"]);
    frame.advance(1);
    assert!(in_slices(&frame).is_empty());
    let empty = encoder.encode_borrowed(Message::Binary(b"")).unwrap();
    assert_eq!(in_slices(&empty), [b"\x82\x00"]);
}

#[test]
#[should_panic(expected = "out of range")]
fn to_advance_beyond_a_frame_panics() {
    let mut encoder = Encoder::server();
    encoder.encode_borrowed(Message::Binary(b"pcm")).unwrap().advance(6);
}
