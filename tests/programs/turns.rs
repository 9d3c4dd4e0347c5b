//! One connection beside another, and one answer behind another.

use crate::programs::child::{OFTEN, PATIENCE};
use crate::programs::frames::{BINARY, Frame, Outcome, TEXT};
use crate::programs::judge;
use crate::programs::peer::Serving;
use crate::programs::table::{Carrier, Server, Talk, servers};
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

/// What a busy peer may add to another's answer.
const DELAY: Duration = Duration::from_millis(50);

/// Questions of the quiet peer, and as many of a thread that does nothing but answer: the difference of
/// their medians is compared, so that this machine may have much else to do.
const QUESTIONS: usize = 9;

/// How often it is tried, since this machine may have much else to do.
const CHANCES: usize = 5;

/// How many bytes the busy peer is answered between two questions of the quiet one.
const BUSY: usize = 32 * 1024;

/// What the busy peer says again and again, and reads the answers of.
fn busy(row: &Server) -> Frame {
    match row.talk {
        Talk::Echo if row.longest > 100_000 => Frame::new(BINARY, [0; 64]),
        Talk::Echo | Talk::Listen => Frame::new(TEXT, [b'a'; 64]),
        Talk::Speak => Frame::text(r#"{"type":"Flush"}"#),
    }
}

/// How long it takes to be answered by a thread that waits for nothing else.
fn answer(control: &mut UnixStream) -> Outcome<Duration> {
    let begin = Instant::now();
    let asked = control.write_all(b"?").and_then(|()| control.read_exact(&mut [0]));
    asked.map(|()| begin.elapsed()).map_err(|error| error.to_string())
}

/// How much longer than such a thread's a quiet peer's answer takes, beside a peer that is never
/// without an answer to come.
fn delay(row: &'static Server) -> Outcome<Duration> {
    let server = Serving::start(row, &[])?;
    let (loud, mut quiet) = (server.connect()?.socket, server.connect()?);
    server.ask(&mut quiet)?;
    let bytes = busy(row).encode(true).repeat(500);
    let (is_over, heard) = (AtomicBool::new(false), AtomicUsize::new(0));
    let (mut control, answers) = UnixStream::pair().map_err(|error| error.to_string())?;
    let times = thread::scope(|scope| {
        scope.spawn(move || std::io::copy(&mut &answers, &mut &answers));
        scope.spawn(|| {
            while !is_over.load(Relaxed) {
                if (&loud).write_all(&bytes).is_err() {
                    break;
                }
            }
            let _ = loud.shutdown(Shutdown::Both);
        });
        scope.spawn(|| {
            let mut answers = vec![0; 64 * 1024];
            while let Ok(read @ 1..) = (&loud).read(&mut answers) {
                heard.fetch_add(read, Relaxed);
            }
        });
        let asked = (0..QUESTIONS).map(|_| {
            let more = heard.load(Relaxed) + BUSY;
            let begin = Instant::now();
            while heard.load(Relaxed) < more && begin.elapsed() < PATIENCE {
                thread::sleep(Duration::from_millis(1));
            }
            let begin = Instant::now();
            server.ask(&mut quiet)?;
            Ok((begin.elapsed(), answer(&mut control)?))
        });
        let times: Outcome<Vec<_>> = asked.collect();
        is_over.store(true, Relaxed);
        drop(control);
        times
    });
    let (delays, controls): (Vec<_>, Vec<_>) = times?.into_iter().unzip();
    match heard.load(Relaxed) {
        ..BUSY => Err("the busy peer is not answered at all".to_owned()),
        _ => Ok(median(delays).saturating_sub(median(controls))),
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

#[test]
fn a_busy_peer_does_not_hold_up_a_quiet_one() {
    judge::each_alone("busy beside quiet", &servers(), |row: &&'static Server| {
        let mut best = Duration::MAX;
        for _ in 0..CHANCES {
            best = best.min(delay(row)?);
            if best < DELAY {
                return Ok(());
            }
        }
        Err(format!("an answer takes {best:?} longer"))
    });
}

/// How many writes answer three questions that came together, and whether the socket was told not to
/// wait for more: as `strace` sees it, `None` if there is none or it may not.
fn traced(row: &'static Server, check: &str) -> Outcome<Option<(usize, bool)>> {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{check}.trace", row.name));
    let may = Command::new("strace").args(["-o", "/dev/null", "true"]).output();
    if !may.is_ok_and(|output| output.status.success()) {
        return Ok(None);
    }
    // The tracer is the grandchild (-D), so that the program is what this test ends.
    let server = Serving::start_as(row, &[], |command| {
        let program = command.get_program().to_owned();
        let args: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
        *command = Command::new("strace");
        command.args([
            "-D",
            "-f",
            "-s",
            "4096",
            "-e",
            "trace=write,writev,sendto,sendmsg,setsockopt",
            "-o",
        ]);
        command.arg(&file).arg(program).args(args);
    })?;
    let mut wire = server.connect()?;
    server.ask(&mut wire)?;
    let read = || std::fs::read_to_string(&file).map_err(|error| error.to_string());
    let before = read()?.lines().count();
    let questions: Vec<Frame> = (0..3).map(|number| row.talk.question(number)).collect();
    wire.send_all(&questions)?;
    let deadline = Instant::now() + PATIENCE;
    for _ in 0..3 {
        wire.await_frame("an answer", deadline, |frame| row.talk.is_answer(frame))?;
    }
    let answer = match row.talk {
        Talk::Echo => "question ",
        Talk::Listen => "from_finalize",
        Talk::Speak => "Flushed",
    };
    // A call is written down when it has returned, and so some time after its bytes arrived.
    while Instant::now() < deadline {
        let trace = read()?;
        let answers = trace.lines().skip(before).map(|line| line.matches(answer).count());
        if answers.clone().sum::<usize>() >= 3 {
            let writes = answers.filter(|answers| *answers > 0).count();
            return Ok(Some((writes, trace.contains("TCP_NODELAY, [1]"))));
        }
        thread::sleep(OFTEN);
    }
    Err("the answers are not in the trace".to_owned())
}

fn over_tcp() -> Vec<(&'static str, &'static Server)> {
    servers().into_iter().filter(|(_, row)| row.carrier == Carrier::Http1).collect()
}

#[test]
fn answers_to_what_came_together_leave_together() {
    judge::each("one write for three", &over_tcp(), |row: &&'static Server| {
        match traced(row, "writes")? {
            None | Some((1, _)) => Ok(()),
            Some((writes, _)) => Err(format!("{writes} writes")),
        }
    });
}

#[test]
fn sockets_of_servers_do_not_wait_for_more() {
    judge::each("TCP_NODELAY", &over_tcp(), |row: &&'static Server| {
        match traced(row, "nodelay")? {
            None | Some((_, true)) => Ok(()),
            Some((_, false)) => Err("TCP_NODELAY is not set".to_owned()),
        }
    });
}
