//! A peer that never reads what it is owed is let go, and costs no more memory than others.

use crate::programs::child::OFTEN;
use crate::programs::frames::{BINARY, Frame, Outcome, TEXT, Wire, is_timeout};
use crate::programs::judge;
use crate::programs::peer::Serving;
use crate::programs::table::{Server, Talk, servers};
use std::io::Write;
use std::thread;
use std::time::{Duration, Instant};

/// How long such a peer may be kept: ten seconds for a write that gets on a little, ten more until the
/// next one fails, and what a busy machine adds. An option for that clock would belong to those below.
const BOUND: Duration = Duration::from_secs(30);

const CLOCKS: &[&str] = &[
    "--ping-interval",
    "400",
    "--pong-timeout",
    "600",
    "--close-timeout",
    "600",
    "--write-timeout",
    "2000",
];

/// How much is said to a server at most.
const SAID: usize = 64 * 1024 * 1024;

/// How much memory a server may need for it, in KiB: two messages of 8 MiB, each way.
const MEMORY: u64 = 36 * 1024;

/// Says what makes a server owe much, until it takes no more.
fn owe(row: &Server, wire: &mut Wire) -> Outcome {
    let frames = match row.talk {
        Talk::Speak => vec![
            Frame::text(&format!(r#"{{"type":"Speak","text":"{}"}}"#, "a".repeat(1990))),
            Frame::text(r#"{"type":"Flush"}"#),
        ],
        Talk::Listen => vec![Frame::new(TEXT, vec![b'a'; row.longest])],
        Talk::Echo if row.longest < 100_000 => vec![Frame::new(TEXT, vec![b'a'; row.longest])],
        Talk::Echo => vec![Frame::new(BINARY, vec![0; 256 * 1024])],
    };
    let bytes: Vec<u8> = frames.iter().flat_map(|frame| frame.encode(true)).collect();
    let patience = Some(Duration::from_millis(500));
    wire.socket.set_write_timeout(patience).map_err(|error| error.to_string())?;
    let times = if row.talk == Talk::Speak { 1 } else { SAID / bytes.len() };
    for _ in 0..times {
        match wire.socket.write_all(&bytes) {
            Err(error) if is_timeout(&error) => return Ok(()),
            Err(_) => return Ok(()), // it was let go
            Ok(()) => {}
        }
    }
    Ok(())
}

/// The sockets of a process.
fn sockets(id: u32) -> usize {
    let files = std::fs::read_dir(format!("/proc/{id}/fd")).into_iter().flatten().flatten();
    let names = files.filter_map(|file| std::fs::read_link(file.path()).ok());
    names.filter(|name| name.to_string_lossy().starts_with("socket:")).count()
}

/// What a line of a process's status says, in KiB.
pub(crate) fn status(id: u32, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.trim_start_matches(':').split_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[test]
fn servers_let_a_peer_go_that_never_reads() {
    judge::each("deaf peer is let go", &servers(), |row: &&'static Server| {
        let server = Serving::start(row, CLOCKS)?;
        let id = server.running.id();
        let before = sockets(id);
        let mut wire = server.connect()?;
        owe(row, &mut wire)?;
        let begin = Instant::now();
        while sockets(id) > before {
            if begin.elapsed() > BOUND {
                return Err(format!("it is held after {BOUND:?}"));
            }
            thread::sleep(OFTEN);
        }
        server.ask(&mut server.connect()?)
    });
}

#[test]
fn servers_need_little_memory_for_a_peer_that_never_reads() {
    judge::each("deaf peer, memory", &servers(), |row: &&'static Server| {
        let server = Serving::start(row, &[])?;
        let id = server.running.id();
        server.ask(&mut server.connect()?)?;
        let before = status(id, "VmHWM");
        let mut wire = server.connect()?;
        owe(row, &mut wire)?;
        match status(id, "VmHWM").saturating_sub(before) {
            ..=MEMORY => Ok(()),
            grown => Err(format!("{grown} KiB more")),
        }
    });
}
