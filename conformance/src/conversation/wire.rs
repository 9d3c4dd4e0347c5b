//! Bytes to and from the other end.

use crate::log::Log;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

/// The pause between two attempts while nothing can be written.
const PAUSE: Duration = Duration::from_micros(200);

/// A write that makes no progress for this long is over: the peer has stopped reading.
const STALLED: Duration = Duration::from_secs(20);

/// How a read ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    Some,
    /// The peer has ended its stream.
    End,
    /// The connection is broken.
    Reset,
    /// Nothing arrived in time.
    Silence,
}

pub struct Wire {
    socket: TcpStream,
    /// What has arrived and was not looked at yet.
    pub input: Vec<u8>,
    pub log: Log,
    /// Whether the peer accepts nothing more.
    pub is_broken: bool,
    ended: Option<Reading>,
}

impl Wire {
    pub fn new(socket: TcpStream) -> std::io::Result<Self> {
        socket.set_nodelay(true)?;
        Ok(Self { socket, input: Vec::new(), log: Log::new(), is_broken: false, ended: None })
    }

    /// Writes everything, and reads meanwhile: a peer may answer before it has read everything.
    pub fn write(&mut self, bytes: &[u8]) {
        let written = self.write_some(bytes, STALLED, true);
        if written < bytes.len() {
            self.log.note(&format!("only {written} of {} bytes could be written", bytes.len()));
        }
    }

    /// Writes until nothing is accepted for `patience`, and returns how many bytes were.
    pub fn write_some(&mut self, bytes: &[u8], patience: Duration, reads: bool) -> usize {
        self.log.sent(bytes);
        let (mut written, mut last) = (0, Instant::now());
        if self.socket.set_nonblocking(true).is_err() {
            self.is_broken = true;
        }
        while written < bytes.len() && !self.is_broken {
            match self.socket.write(&bytes[written..]) {
                Ok(count) => (written, last) = (written + count, Instant::now()),
                Err(error)
                    if error.kind() == ErrorKind::WouldBlock && last.elapsed() < patience =>
                {
                    if !reads || !self.take() {
                        std::thread::sleep(PAUSE);
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    self.is_broken = error.kind() != ErrorKind::WouldBlock;
                    break;
                }
            }
        }
        let _ = self.socket.set_nonblocking(false);
        written
    }

    /// Reads what is there, without waiting; returns whether there was something.
    fn take(&mut self) -> bool {
        let mut buffer = [0; 65536];
        match self.socket.read(&mut buffer) {
            Ok(0) => self.ended = Some(Reading::End),
            Ok(count) => {
                self.input.extend(&buffer[..count]);
                return true;
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => self.ended = Some(Reading::Reset),
        }
        false
    }

    /// Waits for more input.
    pub fn read(&mut self, wait: Duration) -> Reading {
        if let Some(ended) = self.ended {
            return ended;
        }
        let wait = wait.max(Duration::from_millis(1));
        if self.socket.set_read_timeout(Some(wait)).is_err() {
            return Reading::Reset;
        }
        let mut buffer = [0; 65536];
        let read = loop {
            match self.socket.read(&mut buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        match read {
            Ok(0) => self.end(Reading::End, "the end of the stream"),
            Ok(count) => {
                self.log.received(&buffer[..count]);
                self.input.extend(&buffer[..count]);
                Reading::Some
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                Reading::Silence
            }
            Err(error) => self.end(Reading::Reset, &error.to_string()),
        }
    }

    fn end(&mut self, ended: Reading, what: &str) -> Reading {
        self.log.note(what);
        self.ended = Some(ended);
        ended
    }

    /// Ends our half of the connection.
    pub fn shut(&mut self) {
        self.log.note("our end of the stream");
        let _ = self.socket.shutdown(Shutdown::Write);
    }
}
