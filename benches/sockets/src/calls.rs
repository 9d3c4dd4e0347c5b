//! System calls of a server per message, counted by strace.

use crate::case::Case;
use crate::load::Load;
use crate::process::Process;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs;
use std::io;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a server is under load while its calls are counted, which slows it down a lot.
const TIME: Duration = Duration::from_millis(150);

/// How long strace may take to attach.
const PATIENCE: Duration = Duration::from_secs(5);

/// System calls per message.
#[derive(Clone, Debug, PartialEq)]
pub struct Calls {
    pub all: f64,
    /// The most frequent ones.
    pub most: Vec<(String, f64)>,
}

/// How many are named.
const NAMED: usize = 3;

/// Returns whether strace is installed and may trace.
pub fn can_count() -> bool {
    let traced = Command::new("strace").args(["-c", "-o", "/dev/null", "true"]).output();
    traced.is_ok_and(|output| output.status.success())
}

pub fn count(process: &Process, case: &Case) -> io::Result<Calls> {
    let mut load = Load::open(process, case)?;
    load.run(Duration::ZERO)?;
    let summary = std::env::temp_dir().join(format!("sockets-{}-calls", std::process::id()));
    let mut strace = Command::new("strace")
        .args(["-c", "-f", "-q", "-p", &process.id().to_string(), "-o"])
        .arg(&summary)
        .stderr(Stdio::null())
        .spawn()?;
    attached(process)?;
    let messages = load.run(TIME);
    detach(&mut strace)?;
    let text = fs::read_to_string(&summary)?;
    fs::remove_file(&summary)?;
    read(&text, messages? as f64).ok_or_else(|| io::Error::other(format!("strace said: {text}")))
}

fn attached(process: &Process) -> io::Result<()> {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        let status = fs::read_to_string(format!("/proc/{}/status", process.id()))?;
        let tracer = status.lines().find_map(|line| line.strip_prefix("TracerPid:"));
        if tracer.is_some_and(|tracer| tracer.trim() != "0") {
            sleep(Duration::from_millis(20)); // its other threads
            return Ok(());
        }
        sleep(Duration::from_millis(2));
    }
    Err(io::Error::other("strace did not attach"))
}

fn detach(strace: &mut Child) -> io::Result<()> {
    kill(Pid::from_raw(strace.id().cast_signed()), Signal::SIGINT)?;
    strace.wait()?;
    Ok(())
}

/// Reads the summary: share, seconds, microseconds per call, calls, errors if there were any, name.
fn read(summary: &str, messages: f64) -> Option<Calls> {
    let lines = summary.lines().filter_map(|line| {
        let words: Vec<_> = line.split_whitespace().collect();
        let calls: f64 = words.get(3)?.parse().ok()?;
        Some(((*words.last()?).to_owned(), calls / messages))
    });
    let mut each: Vec<_> = lines.collect();
    let total = each.iter().position(|(name, _)| name == "total")?;
    let (_, all) = each.remove(total);
    each.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    each.truncate(NAMED);
    Some(Calls { all, most: each })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_is_read_with_errors_and_without() {
        let summary = "\
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 60.00    0.000600           1       400           sendto
 30.00    0.000300           1       500       100 recvfrom
 10.00    0.000100           1       100           epoll_wait
  0.00    0.000000           0         1           futex
------ ----------- ----------- --------- --------- ----------------
100.00    0.001000           0      1001       100 total
";
        let calls = read(summary, 100.0).expect("a summary");
        assert!((calls.all - 10.01).abs() < 1e-9);
        let names: Vec<_> = calls.most.iter().map(|(name, each)| (&**name, *each)).collect();
        assert_eq!(names, [("recvfrom", 5.0), ("sendto", 4.0), ("epoll_wait", 1.0)]);
    }
}
