//! What is over is over: behind a Close nothing is delivered, and nothing is held.

use crate::common::{BOTH, Endpoint, Receive, Side, letters};
use allocation_counter::measure;
use bytes::BytesMut;
use patchcord::{Config, Decoder, Delivery, Input, Limits, SendBuffer, Timeouts};
use std::time::Duration;

/// What a finished connection or decoder may still hold: nothing that grows with its messages.
const SMALL: i64 = 512;

/// The beginning of a message, of a frame longer than is waited for or of fragments.
fn beginnings(side: Side) -> Vec<Vec<u8>> {
    let long = letters(1 << 20);
    let fragments = side.frame(0x00, &long.as_bytes()[..1000]).repeat(100);
    vec![
        side.frame(0x02, long.as_bytes()),
        side.frame(0x01, long.as_bytes()),
        [side.frame(0x01, b""), fragments].concat(),
    ]
}

/// Lets `finish` end what received the beginning of a message, and counts what is held then.
fn assert_freed(side: Side, end: &[u8], finish: impl Fn(&mut Endpoint)) {
    for beginning in beginnings(side) {
        let timeouts =
            Timeouts { ping_interval: Some(Duration::from_secs(1)), ..Timeouts::default() };
        let mut endpoint = Endpoint::new(side, Config { timeouts, ..Config::default() });
        let mut bytes = [&beginning, end].concat();
        let info = measure(|| {
            let mut input = &mut bytes[..];
            while let Ok(Some(_)) = endpoint.receive(&mut input) {}
            finish(&mut endpoint);
            endpoint.flush(&mut Vec::new());
        });
        assert!(!endpoint.is_receiving());
        assert!(info.bytes_max > 100_000, "a message was open");
        assert!(info.bytes_current < SMALL, "{} bytes are held", info.bytes_current);
    }
}

fn freed_by_a_close<I: Input>(decoder: &mut Decoder, mut input: I) {
    let mut events = 0;
    let info = measure(|| {
        while let Ok(Some(_)) = decoder.decode(&mut input) {
            events += 1;
        }
    });
    assert_eq!(events, 1);
    assert!(info.bytes_max > 100_000, "a message was open");
    assert!(info.bytes_current < SMALL, "{} bytes are held", info.bytes_current);
}

#[test]
fn the_end_of_a_connection_frees_its_unfinished_message() {
    for side in BOTH {
        assert_freed(side, &side.frame(0x88, b"\x03\xe8"), |_| {});
        assert_freed(side, &side.frame(0x83, b""), |_| {});
        assert_freed(side, b"", |endpoint| assert!(endpoint.end_of_stream(&[]).is_err()));
        assert_freed(side, b"", |endpoint| {
            assert_eq!(endpoint.on_time(Duration::ZERO), None);
            assert_eq!(endpoint.on_time(Duration::from_secs(1)), None);
            endpoint.say();
            assert!(endpoint.on_time(Duration::from_secs(100)).is_some());
        });
        assert_freed(side, b"", |endpoint| {
            endpoint.close(None).unwrap();
            assert_eq!(endpoint.on_time(Duration::ZERO), None);
            assert!(endpoint.on_time(Timeouts::CLOSE).is_some());
        });
    }
}

#[test]
fn a_connection_that_failed_holds_nothing_however_often_it_is_asked_again() {
    for side in BOTH {
        let mut endpoint = Endpoint::open(side);
        endpoint.out = SendBuffer::keeping(0);
        let info = measure(|| {
            for _ in 0..3 {
                assert!(endpoint.receive(&mut &mut [0x83][..]).is_err());
                endpoint.flush(&mut Vec::new());
            }
            assert!(endpoint.receive(&mut &mut [0x83][..]).is_err());
        });
        assert_eq!(info.bytes_current, 0);
    }
}

#[test]
fn a_close_frees_the_unfinished_message_of_a_decoder_alone() {
    for side in BOTH {
        for beginning in beginnings(side) {
            let mut bytes = [beginning, side.frame(0x88, b"")].concat();
            let decoder = || side.decoder(Limits::default(), Delivery::Messages);
            freed_by_a_close(&mut decoder(), BytesMut::from(&bytes[..]));
            freed_by_a_close(&mut decoder(), &mut bytes[..]);
        }
    }
}
