//! What waits to be written, and what that stops.
#![cfg(all(feature = "getrandom", feature = "std"))]

use bytes::Buf;
use patchcord::{Config, Driver, Event, Message, Role, Server, Step, ThreadEntropy};
use std::convert::Infallible;
use std::time::Duration;

/// What one end does in a turn: it writes as much as a socket of 100,000 bytes takes, and reads if it
/// wants to. Returns the bytes of the messages that it heard.
fn turn<R: Role>(
    driver: &mut Driver<R>,
    now: Duration,
    to: &mut Vec<u8>,
    from: &mut Vec<u8>,
) -> usize {
    let step = driver.next(now);
    assert!(!matches!(step, Step::Expired(_)), "{step:?}");
    let written = driver.output.chunk().len().min(100_000 - to.len());
    to.extend_from_slice(&driver.output.chunk()[..written]);
    driver.output.advance(written);
    if !driver.wants_input() || from.is_empty() {
        return 0;
    }
    let read = driver.input.space().len().min(from.len());
    driver.input.space()[..read].copy_from_slice(&from[..read]);
    from.drain(..read);
    driver.handle_read(read);
    let (mut input, mut heard) = (driver.input.unconsumed(), 0);
    while let Some(event) = driver.connection.receive(&mut input, &mut driver.output).unwrap() {
        if let Event::Binary(payload) = event {
            heard += payload.len();
        }
    }
    heard
}

/// One end with a message of this length to say.
fn speaking<R: Role>(mut driver: Driver<R>, length: usize) -> Driver<R> {
    let Ok(_) = driver.open(|_, _| Ok::<_, Infallible>(Some(())));
    driver.connection.send(Message::Binary(&vec![7; length]), &mut driver.output).unwrap();
    driver
}

#[test]
fn two_ends_that_both_have_much_to_say_hear_each_other() {
    const LENGTH: usize = 1 << 20;
    let mut server = speaking(Driver::server(Config::default()), LENGTH);
    let mut client = speaking(Driver::client(ThreadEntropy, Config::default()), LENGTH);
    let (mut to_client, mut to_server) = (Vec::new(), Vec::new());
    let (mut heard_by_server, mut heard_by_client) = (0, 0);
    for millisecond in (0..100_000).step_by(10) {
        let now = Duration::from_millis(millisecond);
        heard_by_server += turn(&mut server, now, &mut to_client, &mut to_server);
        heard_by_client += turn(&mut client, now, &mut to_server, &mut to_client);
    }
    assert_eq!((heard_by_server, heard_by_client), (LENGTH, LENGTH));
}

#[test]
fn a_peer_that_takes_no_answers_is_no_longer_read_from() {
    let mut asks = speaking(Driver::client(ThreadEntropy, Config::default()), 40_000);
    let mut echoes = speaking(Driver::server(Config::default()), 1);
    let mut bytes = Vec::new();
    while echoes.wants_input() {
        assert!(echoes.output.remaining() <= Driver::<Server>::BACKLOG + 41_000, "it goes on");
        asks.connection.send(Message::Binary(&[7; 40_000]), &mut asks.output).unwrap();
        bytes.extend_from_slice(asks.output.chunk());
        asks.output.advance(usize::MAX);
        let read = echoes.input.space().len().min(bytes.len());
        echoes.input.space()[..read].copy_from_slice(&bytes[..read]);
        bytes.drain(..read);
        echoes.handle_read(read);
        let mut input = echoes.input.unconsumed();
        while let Some(event) = echoes.connection.receive(&mut input, &mut echoes.output).unwrap() {
            if let Event::Binary(payload) = event {
                echoes.connection.send(Message::Binary(&payload), &mut echoes.output).unwrap();
            }
        }
        let _ = echoes.next(Duration::ZERO);
    }
    echoes.output.advance(50_000);
    let _ = echoes.next(Duration::ZERO);
    assert!(echoes.wants_input(), "it took some of its answers");
}
