//! A million idle connections in one process, weighed by the operating system.

use crate::payload::Content;
use bytes::Buf;
use patchcord::{
    Config, Connection, Encoder, Event, Message, ReceiveBuffer, SendBuffer, Server, ThreadEntropy,
};
use std::fs;
use std::io;
use std::process::Command;

pub const CONNECTIONS: usize = 1_000_000;

/// The argument with which this program starts itself to do it.
pub const ARGUMENT: &str = "--idle";

/// Returns how many bytes of memory became resident.
pub fn resident() -> io::Result<u64> {
    let output = Command::new(std::env::current_exe()?).arg(ARGUMENT).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().map_err(|_| io::Error::other(format!("{text}{:?}", output.status)))
}

/// Opens them, has each receive and send a message, and prints how much memory that took.
pub fn main() -> io::Result<()> {
    let mut frame = Vec::new();
    let payload = Content::Binary.payload(crate::weigh::MESSAGE, 1);
    let mut client = Encoder::client(ThreadEntropy);
    client.encode(Message::Binary(&payload), &mut frame).map_err(io::Error::other)?;
    let (mut buffer, mut out) = (ReceiveBuffer::default(), SendBuffer::new());
    exchange(&mut Connection::server(Config::default()), &frame, &mut buffer, &mut out)?;

    let before = resident_now()?;
    let mut connections = Vec::with_capacity(CONNECTIONS);
    connections.resize_with(CONNECTIONS, || Connection::server(Config::default()));
    for connection in &mut connections {
        exchange(connection, &frame, &mut buffer, &mut out)?;
    }
    let after = resident_now()?;
    assert!(connections.iter().all(Connection::is_receiving));
    println!("{}", after - before);
    Ok(())
}

fn exchange(
    connection: &mut Connection<Server>,
    frame: &[u8],
    buffer: &mut ReceiveBuffer,
    out: &mut SendBuffer,
) -> io::Result<()> {
    buffer.space()[..frame.len()].copy_from_slice(frame);
    buffer.filled(frame.len());
    let mut input = buffer.unconsumed();
    match connection.receive(&mut input, out).map_err(io::Error::other)? {
        Some(Event::Binary(payload)) => {
            connection.send(Message::Binary(&payload), out).map_err(io::Error::other)?;
        }
        _ => return Err(io::Error::other("no message")),
    }
    out.advance(out.remaining());
    Ok(())
}

/// The resident set, in bytes.
fn resident_now() -> io::Result<u64> {
    let rollup = fs::read_to_string("/proc/self/smaps_rollup")?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Rss:"));
    let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kibibytes.map(|count| count * 1024).ok_or_else(|| io::Error::other("no resident set"))
}
