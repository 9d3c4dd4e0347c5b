//! What an idle connection holds after it had a large message.

use crate::programs::child::{OFTEN, PATIENCE};
use crate::programs::deaf::status;
use crate::programs::frames::{BINARY, Frame, Outcome, TEXT};
use crate::programs::judge;
use crate::programs::peer::Serving;
use crate::programs::table::{Server, Talk, servers};
use std::thread;
use std::time::{Duration, Instant};

/// Fewer with messages that take their time: what would be held is as much larger.
const MANY: usize = 40;
const FEW: usize = 4;

/// How long a server may wait for its answers to be read.
const UNREAD: Duration = Duration::from_secs(3);

/// What each may hold more than before, in KiB.
const EACH: u64 = 64;

/// What the process as a whole may, in KiB: one large buffer that all share is fair.
const SHARED: u64 = 1024;

/// The allocator gives back at once what is freed, so that what is there is what the program holds.
const ALLOCATOR: [(&str, &str); 3] = [
    ("MALLOC_ARENA_MAX", "1"),
    ("MALLOC_MMAP_THRESHOLD_", "65536"),
    ("MALLOC_TRIM_THRESHOLD_", "65536"),
];

#[test]
fn idle_connections_of_servers_hold_little_after_a_large_message() {
    judge::each("idle memory", &servers(), |row: &&'static Server| {
        let connections = if row.longest < 100_000 { MANY } else { FEW };
        // Those that wait for their turn are not asked whether they are there.
        let server = Serving::start_as(row, &["--ping-interval", "0"], |command| {
            command.envs(ALLOCATOR);
        })?;
        let id = server.running.id();
        let mut wires: Vec<_> =
            (0..connections).map(|_| server.connect()).collect::<Outcome<_>>()?;
        wires.iter_mut().try_for_each(|wire| server.ask(wire))?;
        let before = status(id, "VmRSS");
        for wire in &mut wires {
            if row.talk != Talk::Speak {
                let opcode = if row.longest < 100_000 { TEXT } else { BINARY };
                let large = Frame::new(opcode, vec![b'a'; row.longest]);
                // Nothing is read until all is sent and the answer waits, so that a server has to
                // hold it; unless it takes no more before that.
                let mut writer = wire.try_clone()?;
                thread::scope(|scope| {
                    let sent = scope.spawn(move || writer.send(&large));
                    let late = Instant::now() + UNREAD;
                    while !(sent.is_finished() && wire.is_readable()) && Instant::now() < late {
                        thread::sleep(OFTEN);
                    }
                    let is_large = |frame: &Frame| frame.payload.len() >= row.longest;
                    let deadline = Instant::now() + PATIENCE;
                    let echoed = wire.await_frame("the large message", deadline, is_large);
                    sent.join().expect("no panic").and(echoed.map(drop))
                })?;
            }
            server.ask(wire)?;
        }
        match status(id, "VmRSS").saturating_sub(before) {
            grown if grown > SHARED + EACH * connections as u64 => {
                Err(format!("{} KiB more for each connection", grown / connections as u64))
            }
            _ => Ok(()),
        }
    });
}
