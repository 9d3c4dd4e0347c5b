//! Checks that a server echoes, answers pings, and closes.

use crate::case::LONG;
use crate::frames::{BINARY, CLOSE, PING, PONG, Random, TEXT, masked, plain};
use crate::opening::open;
use crate::process::Process;
use std::io::{self, Read, Write};
use std::net::TcpStream;

/// A size for each form of the length (RFC 6455 section 5.2), and the longest that is measured.
const SIZES: [usize; 5] = [20, 125, 1024, 70_000, LONG];

/// RFC 6455 section 7.4.1.
const NORMAL: [u8; 2] = 1000_u16.to_be_bytes();

/// Holds one session with a server that was just started.
pub fn verify(process: &Process) -> io::Result<()> {
    let mut tcp = open(process)?;
    let mut random = Random::new(7);
    for size in SIZES {
        if process.server.is_raw() {
            let bytes = random.bytes(size);
            expect(&mut tcp, &bytes, &bytes, "bytes")?;
            continue;
        }
        let text =
            [&*"é".repeat(size / 4).into_bytes(), &random.text(size - size / 4 * 2)].concat();
        exchange(&mut tcp, (TEXT, TEXT), &text, random.key())?;
        exchange(&mut tcp, (BINARY, BINARY), &random.bytes(size), random.key())?;
    }
    if !process.server.is_raw() {
        exchange(&mut tcp, (PING, PONG), b"are you there?", random.key())?;
        exchange(&mut tcp, (PING, PONG), b"", random.key())?;
        close(&mut tcp)?;
    }
    Ok(())
}

fn exchange(
    tcp: &mut TcpStream,
    (sent, back): (u8, u8),
    payload: &[u8],
    key: [u8; 4],
) -> io::Result<()> {
    let (mut request, mut reply) = (Vec::new(), Vec::new());
    masked(sent, payload, key, &mut request);
    plain(back, payload, &mut reply);
    expect(tcp, &request, &reply, &format!("a frame {sent:#x} of {} bytes", payload.len()))
}

/// Sends, and receives the reply at the same time, since neither end may wait for the other.
fn expect(tcp: &mut TcpStream, request: &[u8], reply: &[u8], what: &str) -> io::Result<()> {
    let mut back = vec![0; reply.len()];
    let mut writer = tcp.try_clone()?;
    std::thread::scope(|scope| {
        let written = scope.spawn(move || writer.write_all(request));
        tcp.read_exact(&mut back)?;
        written.join().expect("no panic")
    })
    .map_err(|error| io::Error::other(format!("{what}: {error}")))?;
    match back == reply {
        true => Ok(()),
        false => Err(io::Error::other(format!("{what}: what came back differs"))),
    }
}

/// A Close is answered by a Close with the same code (the reason may be omitted), and TCP ends.
fn close(tcp: &mut TcpStream) -> io::Result<()> {
    let mut request = Vec::new();
    masked(CLOSE, &[&NORMAL[..], b"bye"].concat(), [9, 8, 7, 6], &mut request);
    tcp.write_all(&request)?;
    let mut back = Vec::new();
    tcp.read_to_end(&mut back).map_err(|error| io::Error::other(format!("a Close: {error}")))?;
    match back[..] {
        [CLOSE, _, code, more, ..] if [code, more] == NORMAL => Ok(()),
        _ => Err(io::Error::other(format!("a Close was answered {back:02x?}"))),
    }
}
