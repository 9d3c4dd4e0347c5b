//! RFC 6455 section 5.5: control frames, whatever they are for.

use crate::common::{
    BOTH, Endpoint, Side, close, close_body, decode, decode_in_one_piece, ping, pong, refused,
};
use patchcord::SendError;
use patchcord::frame::HeaderError;

#[test]
fn a_control_frame_carries_up_to_125_bytes() {
    for side in BOTH {
        for length in [0, 1, 124, 125] {
            let payload = vec![0xfe; length];
            let bytes = side.frames(&[(0x89, &payload), (0x8a, &payload)]);
            assert_eq!(decode(side, &bytes).events, [ping(&payload), pong(&payload)]);
        }
        let reason = "r".repeat(123);
        let bytes = side.frame(0x88, &close_body(1000, reason.as_bytes()));
        assert_eq!(decode(side, &bytes).events, [close(1000, &reason)]);
    }
}

#[test]
fn a_control_frame_of_more_than_125_bytes_is_refused_at_its_second_byte() {
    // websockets and tungstenite wait for the payload of it.
    refused(Side::Server, b"\x89\xfe", HeaderError::ControlTooLong);
    for side in BOTH {
        for first in [0x88, 0x89, 0x8a] {
            for length in [126, 127] {
                refused(side, &[first, length | side.mask()], HeaderError::ControlTooLong);
            }
        }
    }
}

#[test]
fn a_fragmented_control_frame_is_refused_at_its_first_byte() {
    for side in BOTH {
        for first in [0x08, 0x09, 0x0a] {
            refused(side, &[first], HeaderError::FragmentedControl);
            let bytes = [side.frame(0x01, b"a"), vec![first]].concat();
            refused(side, &bytes, HeaderError::FragmentedControl);
        }
    }
}

#[test]
fn a_control_frame_is_taken_whole_or_not_at_all() {
    for side in BOTH {
        for first in [0x88, 0x89, 0x8a] {
            let bytes = side.frame(first, b"\x03\xe8reason");
            for end in 0..bytes.len() {
                let outcome = decode_in_one_piece(side, &bytes[..end]);
                assert_eq!((outcome.events.len(), outcome.rest), (0, end));
            }
        }
    }
}

#[test]
fn a_ping_of_more_than_125_bytes_is_refused() {
    for side in BOTH {
        let (mut endpoint, mut out) = (Endpoint::open(side), Vec::new());
        for length in [126, 127, 65536] {
            let refusal = endpoint.ping(&vec![0; length], &mut out);
            assert_eq!(refusal, Err(SendError::ControlTooLong { length }));
        }
        assert!(out.is_empty());
        endpoint.ping(&[1; 125], &mut out).unwrap();
        assert_eq!(side.wrote(&out), [(0x89, vec![1; 125])]);
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
