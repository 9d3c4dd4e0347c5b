//! RFC 6455 section 5.5.1: what a Close carries, and that nothing comes behind it.

use crate::common::{
    BOTH, Endpoint, Seen, Side, close, close_body, decode, octets, refused, run, run_owned,
};
use patchcord::frame::{CloseError, HeaderError};
use patchcord::{Close, Delivery, Limits, SendError, State};

const BOTH_DELIVERIES: [Delivery; 2] = [Delivery::Messages, Delivery::Fragments];

/// A frame of every kind, and what is not one.
fn behind(side: Side) -> Vec<Vec<u8>> {
    let frames = [(0x82, &b"z"[..]), (0x81, b"z"), (0x81, b"\xff"), (0x02, b"z"), (0x80, b"z")];
    let control = [(0x89, &b"z"[..]), (0x8a, b"z"), (0x88, b""), (0x83, b"z")];
    let frames = frames.into_iter().chain(control);
    let mut all: Vec<_> = frames.map(|(first, payload)| side.frame(first, payload)).collect();
    all.push(side.frame(0x82, &octets(300)));
    all.push([side.frame(0x02, b"a"), side.frame(0x80, b"b")].concat());
    all.push(vec![0xff; 20]);
    all
}

#[test]
fn a_close_may_be_empty() {
    for side in BOTH {
        assert_eq!(decode(side, &side.frame(0x88, b"")).events, [Seen::Close(None)]);
    }
}

/// uWebSockets, wslay and curl accept it.
#[test]
fn a_close_of_one_byte_is_refused_at_its_second_byte() {
    refused(Side::Server, b"\x88\x81", HeaderError::CloseTooShort);
    refused(Side::Client, b"\x88\x01", HeaderError::CloseTooShort);
}

#[test]
fn a_close_reason_is_utf_8_text() {
    for side in BOTH {
        let reason = "größe €🎧";
        let bytes = side.frame(0x88, &close_body(1001, reason.as_bytes()));
        assert_eq!(decode(side, &bytes).events, [close(1001, reason)]);
        for bad in [&b"\xff"[..], b"ab\xc3", b"\xed\xa0\x80", b"a\x80"] {
            refused(side, &side.frame(0x88, &close_body(1000, bad)), CloseError::ReasonNotUtf8);
        }
    }
}

#[test]
fn a_close_may_come_while_a_message_is_open() {
    for side in BOTH {
        let bytes = side.frames(&[(0x01, b"\xc3"), (0x88, &close_body(1001, b"\xc3\xa9"))]);
        assert_eq!(decode(side, &bytes).events, [close(1001, "é")]);
    }
}

#[test]
fn a_close_reason_of_more_than_123_bytes_is_refused() {
    for side in BOTH {
        let mut endpoint = Endpoint::open(side);
        let reason = "€".repeat(41);
        assert_eq!(reason.len(), Close::MAX_REASON);
        let longer = format!("{reason}.");
        let refusal = endpoint.close_with(1000, &longer);
        assert_eq!(refusal, Err(SendError::ControlTooLong { length: 124 }));
        assert_eq!(endpoint.state(), State::Open);
        endpoint.close_with(1000, &reason).unwrap();
        let wire = endpoint.pending().to_vec();
        let seen = run(&mut Endpoint::open(side.peer()), &[&wire]);
        assert_eq!(seen.events, [Seen::Close(Some((1000, reason)))]);
    }
}

/// RFC 6455 sections 1.4 and 5.5.1.
#[test]
fn a_decoder_alone_delivers_nothing_behind_a_close_and_drops_it() {
    for side in BOTH {
        for delivery in BOTH_DELIVERIES {
            for open in [&b""[..], &side.frame(0x02, b"open"), &side.frame(0x01, b"open")] {
                for behind in behind(side) {
                    let end = side.frame(0x88, b"\x03\xe8bye");
                    let pieces = [open, &end, &behind, &behind[..1]];
                    let mut decoder = side.decoder(Limits::default(), delivery);
                    let mut owned = side.decoder(Limits::default(), delivery);
                    let outcome = run(&mut decoder, &pieces);
                    assert_eq!(outcome.events.last(), Some(&close(1000, "bye")), "{behind:02x?}");
                    assert_eq!((outcome.error, outcome.rest), (None, 0));
                    assert_eq!(run_owned(&mut owned, &pieces), outcome);
                    let whole =
                        run(&mut side.decoder(Limits::default(), delivery), &[&pieces.concat()]);
                    assert_eq!(whole, outcome);
                    assert_eq!(decoder.needed(&[]), 1, "another byte is consumed, too");
                }
            }
        }
    }
}
