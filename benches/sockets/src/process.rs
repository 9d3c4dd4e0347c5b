//! A server's process, on a CPU of its own, and the resources it uses.

use crate::servers::Server;
use nix::sched::{CpuSet, sched_setaffinity};
use nix::time::ClockId;
use nix::unistd::Pid;
use std::fs::{self, File};
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The CPU of the servers.
pub const SERVERS: usize = 0;

/// The CPU of the clients.
pub const CLIENTS: usize = 1;

/// How long a server may take to listen.
const PATIENCE: Duration = Duration::from_secs(20);

const LISTENING: &str = "listening on ";

pub struct Process {
    pub server: &'static Server,
    pub address: SocketAddr,
    child: Child,
    clock: ClockId,
    said: PathBuf,
}

impl Process {
    /// Starts a server, and waits until it listens.
    pub fn start(server: &'static Server) -> io::Result<Self> {
        let said =
            std::env::temp_dir().join(format!("sockets-{}-{}", std::process::id(), server.id()));
        let file = File::create(&said)?;
        let (program, arguments) = server.command();
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stderr(file.try_clone()?).stdout(file);
        pin(SERVERS)?; // which a child inherits
        let child = command.spawn();
        pin(CLIENTS)?;
        let child = child?;
        let pid = Pid::from_raw(child.id().cast_signed());
        let clock = ClockId::pid_cpu_clock_id(pid)?;
        let unknown = SocketAddr::from(([0, 0, 0, 0], 0));
        let mut process = Self { server, address: unknown, child, clock, said };
        process.address = process.listening()?;
        Ok(process)
    }

    fn listening(&mut self) -> io::Result<SocketAddr> {
        let start = Instant::now();
        loop {
            let said = self.said();
            let line = said.lines().find_map(|line| line.strip_prefix(LISTENING));
            if let Some(Ok(address)) = line.map(str::parse) {
                return Ok(address);
            }
            if self.child.try_wait()?.is_some() || start.elapsed() > PATIENCE {
                return Err(io::Error::other(format!("it does not listen; it said: {said}")));
            }
            sleep(Duration::from_millis(5));
        }
    }

    /// Returns the last lines that the process wrote.
    pub fn said(&self) -> String {
        let said = fs::read(&self.said).unwrap_or_default();
        let last = said.len().saturating_sub(1000);
        String::from_utf8_lossy(&said[last..]).into_owned()
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns the CPU time of all its threads.
    pub fn cpu(&self) -> io::Result<Duration> {
        Ok(self.clock.now()?.into())
    }

    /// Returns the bytes of its own that are in memory: without the program's text, and without what the
    /// kernel holds for it.
    pub fn resident(&self) -> io::Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id()))?;
        let field = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
        let number = field.and_then(|field| field.split_whitespace().next()?.parse::<f64>().ok());
        number.map(|kibibytes| kibibytes * 1024.0).ok_or_else(|| io::Error::other("no RssAnon"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_file(&self.said);
    }
}

/// Pins this thread, and the processes that it starts. With only one CPU, all share it.
pub fn pin(cpu: usize) -> io::Result<()> {
    let mut set = CpuSet::new();
    let count = std::thread::available_parallelism();
    set.set(cpu)?;
    match sched_setaffinity(Pid::from_raw(0), &set) {
        Err(_) if count.is_ok_and(|count| count.get() == 1) => Ok(()),
        pinned => Ok(pinned?),
    }
}
