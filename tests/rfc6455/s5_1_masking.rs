//! RFC 6455 section 5.1: who masks, and who does not.

use crate::common::{BOTH, Side, refused};
use patchcord::{Delivery, Limits, ProtocolError};

/// The opcodes in use, each as the first byte of a final frame.
const FINAL: [u8; 5] = [0x81, 0x82, 0x88, 0x89, 0x8a];

/// uWebSockets, aiohttp, fastwebsockets and soketto do not look at the mask bit.
#[test]
fn an_unmasked_frame_to_a_server_is_refused_at_its_second_byte() {
    for first in FINAL {
        for length in [0, 2, 125] {
            refused(Side::Server, &[first, length], ProtocolError::NotMasked);
        }
    }
    refused(Side::Server, b"\x81\x01", ProtocolError::NotMasked);
    refused(Side::Server, b"\x82\x7e", ProtocolError::NotMasked);
    refused(Side::Server, b"\x82\x7f", ProtocolError::NotMasked);
}

#[test]
fn a_masked_frame_to_a_client_is_refused_at_its_second_byte() {
    for first in FINAL {
        for length in [0, 2, 125] {
            refused(Side::Client, &[first, 0x80 | length], ProtocolError::Masked);
        }
    }
    refused(Side::Client, b"\x81\x81", ProtocolError::Masked);
    refused(Side::Client, b"\x82\xfe", ProtocolError::Masked);
    refused(Side::Client, b"\x82\xff", ProtocolError::Masked);
}

#[test]
fn the_masking_of_every_frame_is_judged_not_only_of_the_first() {
    for side in BOTH {
        let (second, error) = match side {
            Side::Server => (0x00, ProtocolError::NotMasked),
            Side::Client => (0x80, ProtocolError::Masked),
        };
        for (before, next) in [((0x82, b"one"), 0x82), ((0x02, b"one"), 0x80)] {
            let bytes = [side.frame(before.0, before.1), vec![next, second]].concat();
            refused(side, &bytes, error);
        }
    }
}

/// A frame that is there as a whole, with more behind it, may be read by another way than one that comes
/// byte by byte.
#[test]
fn the_mask_bit_is_judged_the_same_when_all_of_the_frame_is_there() {
    for length in [0, 1, 5, 6, 7, 8, 125] {
        for (side, bit, error) in [
            (Side::Server, 0, ProtocolError::NotMasked),
            (Side::Client, 0x80, ProtocolError::Masked),
        ] {
            let mut bytes = [0; 200];
            bytes[..2].copy_from_slice(&[0x82, bit | length]);
            let mut decoder = side.decoder(Limits::default(), Delivery::Messages);
            assert_eq!(decoder.decode(&mut &mut bytes[..]), Err(error), "{length}");
        }
    }
}
