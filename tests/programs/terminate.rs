//! SIGTERM: every peer is told 1001, and the program is gone soon after.

use crate::programs::child::PATIENCE;
use crate::programs::frames::{Frame, Outcome, PING, PONG};
use crate::programs::judge;
use crate::programs::peer::{Calling, Serving};
use crate::programs::table::{Client, Server, clients, servers};
use std::time::Instant;

/// How many peers are there.
const PEERS: usize = 5;

#[test]
fn servers_that_are_terminated_tell_their_peers_1001() {
    judge::each("SIGTERM: 1001 to all", &servers(), |row: &&'static Server| {
        let server = Serving::start(row, &["--close-timeout", "1000"])?;
        let mut wires: Vec<_> = (0..PEERS).map(|_| server.connect()).collect::<Outcome<_>>()?;
        wires.iter_mut().try_for_each(|wire| server.ask(wire))?;
        server.running.terminate();
        wires.iter_mut().try_for_each(|wire| {
            let is_1001 = |frame: &Frame| frame.code() == Some(1001);
            wire.await_frame("1001", Instant::now() + PATIENCE, is_1001).map(drop)
        })
    });
}

#[test]
fn clients_that_are_terminated_tell_their_server_1001() {
    judge::each("SIGTERM: 1001 to the server", &clients(), |row: &&Client| {
        let mut client = Calling::start(row, &["--close-timeout", "1000"])?;
        let mut wire = client.accept()?;
        // Until it has read the response, it has no connection to close with a code.
        wire.send(&Frame::new(PING, "open"))?;
        wire.await_frame("a pong", Instant::now() + PATIENCE, |frame| frame.opcode == PONG)?;
        client.running.terminate();
        let is_1001 = |frame: &Frame| frame.code() == Some(1001);
        wire.await_frame("1001", Instant::now() + PATIENCE, is_1001)?;
        wire.send(&Frame::close(1001))?;
        drop(wire);
        client.running.wait(PATIENCE).map(drop)
    });
}

#[test]
fn servers_that_are_terminated_are_gone_soon_even_with_peers_that_do_not_answer() {
    judge::each("SIGTERM: gone", &servers(), |row: &&'static Server| {
        let mut server = Serving::start(row, &["--close-timeout", "1000"])?;
        let mut wires: Vec<_> = (0..PEERS).map(|_| server.connect()).collect::<Outcome<_>>()?;
        wires.iter_mut().try_for_each(|wire| server.ask(wire))?;
        server.running.terminate();
        server.running.wait(PATIENCE).map(drop)
    });
}
