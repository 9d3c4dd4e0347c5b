//! Idle for some ping intervals: with a peer that answers, for ever; with a peer that does not, not
//! for long.

use crate::programs::built::{Package, program};
use crate::programs::child::{PATIENCE, Running};
use crate::programs::frames::{CLOSE, Frame, Outcome, PING, PONG, Wire};
use crate::programs::judge;
use crate::programs::peer::{Calling, Serving};
use crate::programs::table::{Client, Server, clients, servers};
use std::time::{Duration, Instant};

/// As long as each other, as the defaults are: a ping that leaves an interval late is late then.
const LIVE: &[&str] = &["--ping-interval", "1200", "--pong-timeout", "1200"];

/// How many of them are answered before the peer says that it is satisfied.
const PINGS: usize = 3;

const DEAD: &[&str] =
    &["--ping-interval", "200", "--pong-timeout", "300", "--close-timeout", "300"];

/// How long a dead peer may be kept: those clocks, the 10 s for which its end of TCP is waited
/// for, and what a busy machine adds.
const BOUND: Duration = Duration::from_secs(20);

/// Answers so many pings; anything else is not answered.
fn idle(wire: &mut Wire) -> Outcome {
    let mut pings = 0;
    let deadline = Instant::now() + PATIENCE;
    wire.await_frame("pings", deadline, |frame| {
        pings += usize::from(frame.opcode == PING);
        pings == PINGS
    })
    .map_err(|why| format!("after {} of {PINGS} pings: {why}", pings))
    .map(drop)
}

#[test]
fn servers_keep_a_client_that_answers_each_ping() {
    judge::each("idle, live client", &servers(), |row: &&'static Server| {
        let server = Serving::start(row, LIVE)?;
        let mut wire = server.connect()?;
        server.ask(&mut wire)?;
        idle(&mut wire)?;
        server.ask(&mut wire)
    });
}

#[test]
fn servers_end_a_client_that_answers_no_ping() {
    judge::each("idle, dead client", &servers(), |row: &&'static Server| {
        let server = Serving::start(row, DEAD)?;
        let mut wire = server.connect()?;
        server.ask(&mut wire)?;
        let frames = wire.rest(Instant::now() + BOUND)?;
        match frames.iter().any(|frame| frame.opcode == PING) {
            true => Ok(()),
            false => Err("it was not asked".to_owned()),
        }
    });
}

#[test]
fn servers_tell_a_client_that_answers_no_ping_why_they_end() {
    judge::each("dead client is told", &servers(), |row: &&'static Server| {
        let server = Serving::start(row, DEAD)?;
        let mut wire = server.connect()?;
        let frames = wire.rest(Instant::now() + BOUND)?;
        match frames.last().and_then(Frame::code) {
            Some(1011) => Ok(()),
            code => Err(format!("the last word is {code:?}")),
        }
    });
}

#[test]
fn clients_keep_a_server_that_answers_each_ping() {
    judge::each("idle, live server", &clients(), |row: &&Client| {
        let client = Calling::start(row, LIVE)?;
        let mut wire = client.accept()?;
        idle(&mut wire).map_err(|why| format!("{why}: {}", client.running.output()))?;
        wire.send(&Frame::new(PING, "still there?"))?;
        let is_pong = |frame: &Frame| *frame == Frame::new(PONG, "still there?");
        wire.await_frame("a pong", Instant::now() + PATIENCE, is_pong).map(drop)
    });
}

#[test]
fn clients_end_when_a_server_answers_no_ping() {
    judge::each("idle, dead server", &clients(), |row: &&Client| {
        let mut client = Calling::start(row, DEAD)?;
        let mut wire = client.accept()?;
        let frames = wire.rest(Instant::now() + BOUND)?;
        if !frames.iter().any(|frame| frame.opcode == PING) {
            return Err("it was not asked".to_owned());
        }
        match client.running.wait(BOUND)?.success() {
            true => Err("it says that all went well".to_owned()),
            false => Ok(()),
        }
    });
}

#[test]
fn clients_tell_a_server_that_answers_no_ping_why_they_end() {
    judge::each("dead server is told", &clients(), |row: &&Client| {
        let client = Calling::start(row, DEAD)?;
        let mut wire = client.accept()?;
        let frames = wire.rest(Instant::now() + BOUND)?;
        match frames.iter().find(|frame| frame.opcode == CLOSE).and_then(Frame::code) {
            Some(1011) => Ok(()),
            code => Err(format!("the last word is {code:?}")),
        }
    });
}

#[test]
fn both_ends_of_unix_pair_keep_each_other() {
    let clocks = ["--ping-interval", "400", "--pong-timeout", "400", "--idle", "5"];
    judge::each("idle, both ends", &[("unix_pair", ())], |()| {
        let mut command = program(Package::Examples, "unix_pair");
        let mut running = Running::start(command.args(clocks))?;
        match running.wait(PATIENCE)?.success() {
            true => Ok(()),
            false => Err(running.output()),
        }
    });
}
