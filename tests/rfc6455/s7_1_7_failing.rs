//! RFC 6455 section 7.1.7: to fail the connection, with what code, and once for all.

use super::s7_1_closing::NORMAL;
use crate::common::{BOTH, Endpoint, assert_every_split_agrees, ping, text};
use patchcord::frame::{CloseError, HeaderError};
use patchcord::{Config, Failure, Limits, ProtocolError, State, Timeouts};
use std::time::Duration;

#[test]
fn a_broken_rule_says_a_close_with_its_code() {
    let limits = Limits { frame: 100, message: 80, fragments: 2, ..Limits::default() };
    for side in BOTH {
        let cases: [(Vec<u8>, u16); 9] = [
            (side.frame(0xc1, b""), 1002),
            (side.frame(0x83, b""), 1002),
            (side.frame(0x80, b""), 1002),
            (side.peer().frame(0x81, b"x"), 1002),
            (side.frame(0x88, b"\x03\xed"), 1002),
            (side.frame(0x88, b"\x03\xe8\xff"), 1007),
            (side.frame(0x81, b"\xff"), 1007),
            (side.frames(&[(0x01, b""), (0x00, b""), (0x80, b"")]), 1008),
            (side.frame(0x82, &[0; 101]), 1009),
        ];
        for (bytes, expected) in cases.into_iter().chain([(side.frame(0x82, &[0; 81]), 1009)]) {
            let config = Config { limits, ..Config::default() };
            let outcome = assert_every_split_agrees(|| Endpoint::new(side, config), &bytes);
            assert_eq!(outcome.state, outcome.error.map(State::Failed), "{bytes:02x?}");
            let body = expected.to_be_bytes().to_vec();
            assert_eq!(side.wrote(&outcome.pending), [(0x88, body)], "{bytes:02x?}");
        }
    }
}

#[test]
fn an_error_is_final_and_nothing_is_delivered_after_it() {
    for side in BOTH {
        let error = ProtocolError::Header(HeaderError::ReservedOpcode);
        let mut endpoint = Endpoint::open(side);
        assert_eq!(endpoint.hear(0x83, b""), Err(error));
        for (first, payload) in [(0x81, &b"x"[..]), (0x89, b""), (0x88, NORMAL)] {
            assert_eq!(endpoint.hear(first, payload), Err(error));
            assert_eq!(endpoint.state(), State::Failed(error));
        }
        assert_eq!(endpoint.say(), [(0x88, b"\x03\xea".to_vec())]);
        assert!(endpoint.is_finished());
        assert_eq!(endpoint.hear(0x81, b"x"), Err(error));
        assert!(endpoint.pending().is_empty());
    }
}

#[test]
fn what_came_before_an_error_is_delivered() {
    for side in BOTH {
        let bytes = [side.frames(&[(0x81, b"good"), (0x89, b"")]), vec![0x83]].concat();
        let outcome = assert_every_split_agrees(|| Endpoint::open(side), &bytes);
        assert_eq!(outcome.events, [text("good"), ping(b"")]);
        let expected = [(0x8a, vec![]), (0x88, b"\x03\xea".to_vec())];
        assert_eq!(side.wrote(&outcome.pending), expected);
    }
}

#[test]
fn an_error_after_our_close_adds_no_second_one() {
    for side in BOTH {
        let mut endpoint = Endpoint::open(side);
        endpoint.close_with(1000, "").unwrap();
        let error = endpoint.hear(0x88, b"\x00\x00").unwrap_err();
        assert_eq!(error, CloseError::InvalidCode(0).into());
        assert_eq!(endpoint.state(), State::Failed(error));
        assert_eq!(endpoint.say(), [(0x88, NORMAL.to_vec())]);
        assert!(endpoint.is_finished());
    }
}

#[test]
fn an_error_stays_final_after_the_closing_deadline() {
    for side in BOTH {
        let mut endpoint = Endpoint::open(side);
        let error = endpoint.hear(0x80, b"").unwrap_err();
        assert_eq!(error, ProtocolError::NothingToContinue);
        endpoint.on_time(Duration::ZERO);
        endpoint.on_time(Timeouts::CLOSE);
        assert_eq!(endpoint.hear(0x82, b"x"), Err(error));
    }
}

#[test]
fn an_error_stays_final_after_the_end_of_the_stream() {
    for side in BOTH {
        let mut endpoint = Endpoint::open(side);
        let error = endpoint.hear(0x80, b"").unwrap_err();
        assert_eq!(endpoint.end_of_stream(b"\x82"), Ok(()), "no loss beside the error");
        assert_eq!(endpoint.result(), Err(Failure::Protocol(error)));
        assert_eq!(endpoint.state(), State::Failed(error));
        assert_eq!(endpoint.hear(0x82, b"x"), Err(error));
    }
}
