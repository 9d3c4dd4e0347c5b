//! What the send side has to get right, as scripts of the target `connection`. Coverage does not
//! show it, so these are kept.

use super::{Result, keep};
use std::path::Path;

/// Operations of the server; the client's are the same without the top bit.
const SERVER: u8 = 0x80;
const COPY: u8 = 0x40;
const SHARE: u8 = 0x60;
const LEND: u8 = 0x62;
const PINGS: u8 = 0x25;
const CLOSE: u8 = 0x07;
const WRITE: u8 = 0x08;
const READ: u8 = 0x0b;
/// Time passes for both; with 0x10 the client is not told, and with 0x20 the server is not.
const PASS: u8 = 0x0f;
const ALL: u8 = 0xff;

/// Without timeouts, and with all of them: 20 ms of silence, 30 for a pong, 40 to close, 50 to write.
const PATIENT: [u8; 2] = [0x00, 0x00];
const IMPATIENT: [u8; 2] = [0x10, 0x10];

pub(crate) fn sending(folder: &Path) -> Result<()> {
    for (settings, parts) in [
        (PATIENT, late_pong(&[WRITE, 254].repeat(16), &[SERVER | LEND, 50], 140)),
        (PATIENT, late_pong(&[], &[SERVER | CLOSE, SERVER | LEND, 50], 0)),
        (PATIENT, late_pong(&[CLOSE; 2], &[SERVER | LEND, 50], 0)),
        (PATIENT, shared()),
        (IMPATIENT, dead_peer()),
        (IMPATIENT, slow_reader(&[SERVER | COPY, 200])),
        (IMPATIENT, slow_reader(&[SERVER | SHARE, 200])),
        (IMPATIENT, slow_close()),
        (IMPATIENT, talker()),
    ] {
        keep(folder, "connection", &[&settings[..], &parts].concat())?;
    }
    Ok(())
}

/// More pings than pongs may wait; then what the server does, and a message that it lends.
fn late_pong(writes: &[u8], does: &[u8], count: u8) -> Vec<u8> {
    let pings = [PINGS, 40, 125, WRITE, ALL, SERVER | READ, ALL];
    let writes: Vec<u8> = writes.iter().map(|byte| byte | SERVER).collect();
    [&pings[..], &writes, does, &[7; 50], &[count], &[READ, ALL]].concat()
}

/// Shared frames between copied ones, most of which have left.
fn shared() -> Vec<u8> {
    let say = |verb: u8| [&[SERVER | verb, 30][..], &[verb; 30]].concat();
    let turn = [say(COPY), say(COPY), vec![SERVER | WRITE, 50], say(SHARE)].concat();
    [turn.repeat(3), vec![SERVER | WRITE, 33], turn].concat()
}

/// A client that never answers, to which the server lends messages that the transport takes.
fn dead_peer() -> Vec<u8> {
    let lend = [SERVER | LEND, 3, 1, 2, 3, ALL, PASS | 0x10, 10];
    [&[PASS | 0x10, 20, SERVER | WRITE, ALL][..], &lend.repeat(8)].concat()
}

/// A client that takes some bytes every 45 ms, among them a ping that comes late.
fn slow_reader(says: &[u8]) -> Vec<u8> {
    let takes = [PASS | 0x10, 45, SERVER | WRITE, 20];
    [says, &[7; 200], &takes.repeat(12)].concat()
}

/// A Close behind a message that leaves slowly.
fn slow_close() -> Vec<u8> {
    let takes = [PASS | 0x10, 35, SERVER | WRITE, 30];
    [&[SERVER | COPY, 200][..], &[7; 200], &[SERVER | CLOSE], &takes.repeat(9)].concat()
}

/// A client that says something every 15 ms and reads nothing.
fn talker() -> Vec<u8> {
    let says = [COPY, 1, 1, WRITE, ALL, SERVER | READ, ALL, PASS | 0x10, 15, SERVER | WRITE, ALL];
    says.repeat(8)
}
