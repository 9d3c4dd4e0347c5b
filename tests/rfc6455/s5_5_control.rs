//! RFC 6455 section 5.5: control frames, what they carry and what they are answered with.

use crate::common::{
    BOTH, Endpoint, Outcome, Seen, Side, assert_every_split_agrees, assert_fails_at, close, decode,
    decode_in_one_piece, ping, pong, text,
};
use patchcord::frame::{CloseError, HeaderError};
use patchcord::{Config, Limits, ProtocolError};

fn refused(side: Side, bytes: &[u8], error: impl Into<ProtocolError>) {
    assert_fails_at(side, Limits::default(), bytes, error.into());
}

/// How many bytes of pongs wait before the latest takes the place of others.
const MAX_PONGS: usize = 4096;

fn receive(side: Side, bytes: &[u8]) -> Outcome {
    assert_every_split_agrees(|| Endpoint::new(side, Config::default()), bytes)
}

fn body(code: u16, reason: &[u8]) -> Vec<u8> {
    [&code.to_be_bytes(), reason].concat()
}

#[test]
fn a_control_frame_carries_up_to_125_bytes() {
    for side in BOTH {
        for length in [0, 1, 124, 125] {
            let payload = vec![0xfe; length];
            let bytes = side.frames(&[(0x89, &payload), (0x8a, &payload)]);
            assert_eq!(decode(side, &bytes).events, [ping(&payload), pong(&payload)]);
        }
        let reason = "r".repeat(123);
        let bytes = side.frame(0x88, &body(1000, reason.as_bytes()));
        assert_eq!(decode(side, &bytes).events, [close(1000, &reason)]);
    }
}

#[test]
fn a_control_frame_of_more_than_125_bytes_is_refused_at_its_second_byte() {
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
fn a_close_may_be_empty() {
    for side in BOTH {
        assert_eq!(decode(side, &side.frame(0x88, b"")).events, [Seen::Close(None)]);
    }
}

#[test]
fn a_close_of_one_byte_is_refused_at_its_second_byte() {
    refused(Side::Server, b"\x88\x81", HeaderError::CloseOfOneByte);
    refused(Side::Client, b"\x88\x01", HeaderError::CloseOfOneByte);
}

#[test]
fn the_close_codes_of_section_7_4_are_accepted_and_no_others() {
    for side in BOTH {
        for code in 0..=u16::MAX {
            let legal = matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999);
            let outcome = decode_in_one_piece(side, &side.frame(0x88, &body(code, b"")));
            let expected = if legal { vec![close(code, "")] } else { vec![] };
            assert_eq!(outcome.events, expected, "{code}");
            let error = (!legal).then_some(CloseError::InvalidCode(code).into());
            assert_eq!(outcome.error, error, "{code}");
        }
    }
}

#[test]
fn a_close_code_at_a_border_of_its_class_is_judged_alike_at_every_split() {
    for side in BOTH {
        for code in [1000, 1003, 1007, 1011, 1014, 3000, 3999, 4000, 4999] {
            let bytes = side.frame(0x88, &body(code, b"bye"));
            assert_eq!(decode(side, &bytes).events, [close(code, "bye")]);
        }
        for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535] {
            refused(side, &side.frame(0x88, &body(code, b"bye")), CloseError::InvalidCode(code));
        }
    }
}

#[test]
fn a_close_reason_is_utf_8_text() {
    for side in BOTH {
        let reason = "größe €🎧";
        let bytes = side.frame(0x88, &body(1001, reason.as_bytes()));
        assert_eq!(decode(side, &bytes).events, [close(1001, reason)]);
        for bad in [&b"\xff"[..], b"ab\xc3", b"\xed\xa0\x80", b"a\x80"] {
            refused(side, &side.frame(0x88, &body(1000, bad)), CloseError::ReasonNotUtf8);
        }
    }
}

#[test]
fn a_close_may_come_while_a_message_is_open() {
    for side in BOTH {
        let bytes = side.frames(&[(0x01, b"\xc3"), (0x88, &body(1001, b"\xc3\xa9"))]);
        assert_eq!(decode(side, &bytes).events, [close(1001, "é")]);
    }
}

#[test]
fn a_ping_is_answered_with_a_pong_of_the_same_payload() {
    for side in BOTH {
        for length in [0, 1, 8, 125] {
            let payload = vec![0x7e; length];
            let outcome = receive(side, &side.frame(0x89, &payload));
            assert_eq!(outcome.events, [ping(&payload)]);
            assert_eq!(side.wrote(&outcome.pending), [(0x8a, payload)]);
        }
    }
}

#[test]
fn several_pings_are_answered_in_their_order() {
    for side in BOTH {
        for payloads in [[&b"first"[..], b"second", b"third"], [b"short", b"a longer one", b""]] {
            let bytes: Vec<u8> = payloads.iter().flat_map(|p| side.frame(0x89, p)).collect();
            let outcome = receive(side, &bytes);
            assert_eq!(outcome.events, payloads.map(ping));
            let expected = payloads.map(|payload| (0x8a, payload.to_vec()));
            assert_eq!(side.wrote(&outcome.pending), expected);
        }
    }
}

#[test]
fn a_ping_is_answered_again_once_the_answer_to_the_last_was_sent() {
    for side in BOTH {
        let mut endpoint = Endpoint::open(side);
        for payload in [b"one", b"two"] {
            endpoint.hear(0x89, payload).unwrap();
            assert_eq!(endpoint.say(), [(0x8a, payload.to_vec())]);
        }
        assert!(endpoint.pending().is_empty());
    }
}

#[test]
fn a_pong_that_is_partly_sent_is_finished_before_the_next_one() {
    for side in BOTH {
        let whole = receive(side, &side.frame(0x89, &[0x31; 125])).pending;
        for sent in 1..whole.len() {
            let mut endpoint = Endpoint::open(side);
            endpoint.hear(0x89, &[0x31; 125]).unwrap();
            endpoint.sent(sent);
            for later in [0x32, 0x33] {
                endpoint.hear(0x89, &[later; 125]).unwrap();
            }
            let wire = [&whole[..sent], endpoint.pending()].concat();
            let expected = [0x31, 0x32, 0x33].map(|payload| (0x8a, vec![payload; 125]));
            assert_eq!(side.wrote(&wire), expected, "{sent} bytes were sent");
        }
    }
}

#[test]
fn what_waits_to_be_sent_is_bounded_whatever_the_peer_sends() {
    for side in BOTH {
        let mut endpoint = Endpoint::open(side);
        for round in 0..1000_usize {
            endpoint.hear(0x89, &[round as u8; 125]).unwrap();
            if round % 3 == 0 {
                endpoint.sent(1);
            }
            assert!(endpoint.pending().len() <= MAX_PONGS + 131);
        }
    }
}

/// Section 5.5.3: what is answered beyond the first 4 KiB is the latest.
#[test]
fn beyond_4_kib_of_pongs_that_wait_only_the_latest_ping_is_answered() {
    for side in BOTH {
        let pong = side.peer().frame(0x8a, &[0; 4]).len();
        let first = MAX_PONGS.div_ceil(pong) as u32;
        for count in [1, first - 1, first, first + 1, first + 2, 10_000] {
            let mut endpoint = Endpoint::open(side);
            for ping in 0..count {
                endpoint.hear(0x89, &ping.to_be_bytes()).unwrap();
            }
            let answered: Vec<_> =
                (0..count.min(first)).map(|ping| (0x8a, ping.to_be_bytes().to_vec())).collect();
            assert_eq!(endpoint.say(), answered, "{count} pings");
            let latest = (count > first).then(|| (0x8a, (count - 1).to_be_bytes().to_vec()));
            assert_eq!(endpoint.say(), Vec::from_iter(latest), "{count} pings");
            assert!(endpoint.pending().is_empty());
        }
    }
}

#[test]
fn the_latest_of_too_many_pongs_goes_out_before_a_close_and_in_time_before_what_is_said_later() {
    for side in BOTH {
        for closes in [true, false] {
            let (mut endpoint, pings) = (Endpoint::open(side), 1000_u32);
            for ping in 0..pings {
                endpoint.hear(0x89, &ping.to_be_bytes()).unwrap();
            }
            if closes {
                endpoint.close_with(1000, "").unwrap();
            } else {
                let whole = endpoint.pending().len();
                endpoint.sent(whole);
                endpoint.queue_ping(b"later").unwrap();
            }
            let frames = endpoint.say();
            let [.., latest, last] = &frames[..] else { panic!("{frames:?}") };
            assert_eq!(*latest, (0x8a, (pings - 1).to_be_bytes().to_vec()));
            assert_eq!(last.0, if closes { 0x88 } else { 0x89 });
        }
    }
}

#[test]
fn a_ping_inside_a_message_is_answered_before_the_message_ends() {
    for side in BOTH {
        let mut endpoint = Endpoint::open(side);
        endpoint.hear(0x01, b"begin").unwrap();
        endpoint.hear(0x89, b"there?").unwrap();
        assert_eq!(endpoint.say(), [(0x8a, b"there?".to_vec())]);
        let outcome = crate::common::run(&mut endpoint, &[&side.frame(0x80, b" end")]);
        assert_eq!(outcome.events, [text("begin end")]);
    }
}

#[test]
fn a_pong_that_nobody_asked_for_is_delivered_and_not_answered() {
    for side in BOTH {
        let outcome = receive(side, &side.frames(&[(0x8a, b""), (0x8a, b"unasked")]));
        assert_eq!(outcome.events, [pong(b""), pong(b"unasked")]);
        assert!(outcome.pending.is_empty());
    }
}
