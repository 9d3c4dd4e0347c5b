//! RFC 6455 sections 5.1 to 5.3: who masks, and what a frame's header may say.

use crate::common::{
    BOTH, KEY, Seen, Side, assert_fails_at, binary, decode, decode_in_one_piece, frame, letters,
    octets, ping, pong, text,
};
use patchcord::frame::{HeaderError, LengthForm, Rsv};
use patchcord::{Limits, ProtocolError};

/// The opcodes in use, each as the first byte of a final frame.
const FINAL: [u8; 5] = [0x81, 0x82, 0x88, 0x89, 0x8a];

fn refused(side: Side, bytes: &[u8], error: impl Into<ProtocolError>) {
    assert_fails_at(side, Limits::default(), bytes, error.into());
}

#[test]
fn the_examples_of_section_5_7_decode() {
    let events = |side, bytes: &[u8]| decode(side, bytes).events;
    assert_eq!(events(Side::Client, b"\x81\x05Hello"), [text("Hello")]);
    let masked = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
    assert_eq!(events(Side::Server, masked), [text("Hello")]);
    assert_eq!(events(Side::Client, b"\x01\x03Hel\x80\x02lo"), [text("Hello")]);
    assert_eq!(events(Side::Client, b"\x89\x05Hello"), [ping(b"Hello")]);
    let masked = b"\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
    assert_eq!(events(Side::Server, masked), [pong(b"Hello")]);
    let sixteen = [&b"\x82\x7e\x01\x00"[..], &octets(256)].concat();
    assert_eq!(events(Side::Client, &sixteen), [binary(&octets(256))]);
    let sixty_four = [&b"\x82\x7f\0\0\0\0\0\x01\0\0"[..], &octets(65536)].concat();
    assert_eq!(events(Side::Client, &sixty_four), [binary(&octets(65536))]);
}

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

#[test]
fn a_reserved_bit_is_refused_at_the_first_byte_on_every_opcode() {
    for side in BOTH {
        for bits in (0x10..=0x70).step_by(0x10) {
            for first in FINAL {
                let error = ProtocolError::ReservedBits(Rsv::from_first_byte(bits));
                refused(side, &[first | bits], error);
            }
        }
        refused(side, b"\xa1", ProtocolError::ReservedBits(Rsv::RSV2));
        refused(side, b"\xc1", ProtocolError::ReservedBits(Rsv::RSV1));
        refused(side, b"\x11", ProtocolError::ReservedBits(Rsv::RSV3));
    }
}

#[test]
fn a_reserved_bit_on_a_continuation_is_refused() {
    for side in BOTH {
        for first in [0x40, 0xa0, 0xf0] {
            let bytes = [side.frame(0x01, b"a"), vec![first]].concat();
            let rsv = Rsv::from_first_byte(first);
            refused(side, &bytes, ProtocolError::ReservedBits(rsv));
        }
    }
}

#[test]
fn a_reserved_opcode_is_refused_at_the_first_byte() {
    for side in BOTH {
        for opcode in (0x3..=0x7).chain(0xb..=0xf) {
            refused(side, &[0x80 | opcode], HeaderError::ReservedOpcode);
            refused(side, &[opcode], HeaderError::ReservedOpcode);
        }
    }
}

#[test]
fn every_first_byte_but_the_legal_ones_is_refused() {
    for side in BOTH {
        for first in 0..=0xff {
            let legal = matches!(first, 0x01 | 0x02 | 0x81 | 0x82 | 0x88 | 0x89 | 0x8a);
            let error = decode(side, &[first]).error;
            assert_eq!(error.is_none(), legal, "{first:02x}: {error:?}");
        }
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
fn the_top_bit_of_a_sixty_four_bit_length_is_refused_at_the_byte_that_has_it() {
    for side in BOTH {
        for top in [0x80, 0x81, 0xff] {
            let bytes = [0x82, 0x7f | side.mask(), top];
            refused(side, &bytes, HeaderError::LengthTopBit);
        }
        let bytes = [&[0x82, 0x7f | side.mask()][..], &[0xff; 8]].concat();
        assert_eq!(decode(side, &bytes).error, Some(HeaderError::LengthTopBit.into()));
    }
}

#[test]
fn the_upper_half_of_a_sixty_four_bit_length_counts() {
    for side in BOTH {
        for length in [(1 << 32) + 5, (1 << 48) + 5, (1 << 62) + 5, i64::MAX as u64] {
            let bytes = side.length(0x82, length, LengthForm::SixtyFour);
            refused(side, &bytes, ProtocolError::FrameTooLong);
        }
    }
}

#[test]
fn an_unknown_opcode_is_refused_before_its_length() {
    for side in BOTH {
        let bytes = [&[0x83, 0x7f | side.mask()][..], &[0xff; 8]].concat();
        let error = Some(HeaderError::ReservedOpcode.into());
        assert_eq!(decode(side, &bytes).error, error);
    }
}

#[test]
fn octet_i_of_a_masked_payload_is_unmasked_with_octet_i_mod_4_of_the_key() {
    for length in 0..150 {
        let bytes = frame(0x82, Some(KEY), &octets(length));
        for (i, (masked, plain)) in
            bytes[bytes.len() - length..].iter().zip(octets(length)).enumerate()
        {
            assert_eq!(masked ^ KEY[i % 4], plain);
        }
        assert_eq!(decode_in_one_piece(Side::Server, &bytes).events, [binary(&octets(length))]);
    }
}

#[test]
fn every_frame_is_unmasked_with_its_own_key() {
    let keys = [[0, 0, 0, 0], [1, 2, 3, 4], [0xff; 4], [0, 0xff, 0, 0x80]];
    let bytes = keys.map(|key| frame(0x82, Some(key), b"octets")).concat();
    let expected: [Seen; 4] = std::array::from_fn(|_| binary(b"octets"));
    assert_eq!(decode(Side::Server, &bytes).events, expected);
    let fragments = [
        frame(0x01, Some(keys[1]), b"frag"),
        frame(0x00, Some(keys[3]), b"men"),
        frame(0x80, Some(keys[2]), b"ts"),
    ];
    assert_eq!(decode(Side::Server, &fragments.concat()).events, [text("fragments")]);
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
