//! The loop around the socket.
//!
//! ```text
//!      +--> print what was read --> let time pass --> act, in order --> write --> read ----+
//!      |                                                       never waits    waits       |
//!      +----------------------------------------------------------------------------------+
//! ```
//! Neither end waits for the other to read: a write takes what the socket has room for, and the
//! next action has its turn when all is written.

use crate::Result;
use crate::action::Action;
use crate::opening::Link;
use patchcord::{Close, End, Event, Payload, State};
use serde_json::Value;
use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::time::{Duration, Instant};

/// When to see again whether the socket has room.
const SOON: Duration = Duration::from_millis(1);

/// How long the server may take to end TCP, when all is said.
const FAREWELL: Duration = Duration::from_secs(2);

pub(crate) struct Session {
    link: Link,
    /// What is to be written, and how much of it was.
    out: Vec<u8>,
    written: usize,
    /// Messages that came.
    heard: u64,
    clock: Instant,
    last_heard: Duration,
    received: usize,
    sent: usize,
}

impl Session {
    pub(crate) fn new(link: Link) -> Self {
        let (out, clock) = (Vec::new(), Instant::now());
        let last_heard = Duration::ZERO;
        Self { link, out, written: 0, heard: 0, clock, last_heard, received: 0, sent: 0 }
    }

    /// Performs the actions, and prints what comes until the connection ends.
    pub(crate) fn run(&mut self) -> Result<()> {
        loop {
            self.hear()?;
            // Time comes before the write: a ping that is due leaves in this turn.
            let expired = self.link.connection.on_time(self.clock.elapsed());
            let has_more = self.act()?;
            self.write()?;
            if let Some(expired) = expired {
                return Err(expired.into());
            }
            if self.link.connection.is_finished() && self.out.is_empty() {
                break;
            }
            let patience = self.patience()?;
            let patience = match self.out.is_empty() {
                true if has_more => Duration::ZERO,
                true => patience,
                false => SOON,
            };
            if self.read(patience)? == Some(0) {
                self.link.connection.end_of_stream(self.link.buffer.input())?;
                break;
            }
        }
        if self.link.traffic {
            println!("traffic received={} sent={}", self.received, self.sent);
        }
        match self.link.connection.state() {
            State::Failed(error) => Err(error.into()),
            _ => self.hang_up(),
        }
    }

    /// Performs the actions whose turn has come; tells whether one could be performed now.
    fn act(&mut self) -> Result<bool> {
        let Link { connection, actions, .. } = &mut self.link;
        let mut is_waiting = false;
        while connection.state() == State::Open && self.out.is_empty() {
            match actions.front() {
                None => break,
                Some(Action::Await(count)) if self.heard < *count => {
                    is_waiting = true;
                    break;
                }
                Some(action) => action.perform(connection, &mut self.out)?,
            }
            actions.pop_front();
        }
        // Pongs and the Close come last, and only the latest pong of those that had to wait.
        connection.flush(&mut self.out)?;
        Ok(connection.state() == State::Open && !actions.is_empty() && !is_waiting)
    }

    fn hear(&mut self) -> Result<()> {
        let Link { connection, buffer, save, .. } = &mut self.link;
        let mut input = buffer.unconsumed();
        // An error is final: the Close that tells the peer is pending by then, and the connection
        // remembers why.
        while let Ok(Some(event)) = connection.receive(&mut input) {
            if let (Event::Binary(octets), Some(file)) = (&event, save.as_mut()) {
                file.write_all(octets)?;
            }
            self.heard += u64::from(matches!(event, Event::Text(_) | Event::Binary(_)));
            print(&event, connection.state())?;
            connection.flush(&mut self.out)?; // each ping has its own pong
        }
        Ok(())
    }

    /// Writes what the socket has room for.
    fn write(&mut self) -> io::Result<()> {
        self.link.socket.set_nonblocking(true)?;
        while self.written < self.out.len() {
            match self.link.socket.write(&self.out[self.written..]) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => {
                    self.written += count;
                    self.sent += count;
                }
                Err(error) if is_temporary(&error) => return Ok(()),
                // It may have closed already, and what it said last is to be read.
                Err(_) if self.link.connection.is_finished() => break,
                Err(error) => return Err(error),
            }
        }
        self.out.clear();
        self.written = 0;
        Ok(())
    }

    /// How long to wait for the server, at least an instant.
    fn patience(&self) -> Result<Duration> {
        let now = self.clock.elapsed();
        let deadline = self.link.connection.next_deadline().unwrap_or(Duration::MAX);
        let silence = self.link.timeout.map_or(Duration::MAX, |timeout| self.last_heard + timeout);
        if silence <= now {
            return Err("timed out".into());
        }
        Ok(deadline.min(silence).saturating_sub(now).max(SOON))
    }

    /// Reads what is there, or comes within `patience`; `None` if nothing does, 0 at the end.
    fn read(&mut self, patience: Duration) -> io::Result<Option<usize>> {
        let Link { socket, buffer, .. } = &mut self.link;
        socket.set_nonblocking(patience.is_zero())?;
        if !patience.is_zero() {
            socket.set_read_timeout(Some(patience))?;
        }
        match socket.read(buffer.space()) {
            Ok(count) => {
                buffer.filled(count);
                self.received += count;
                self.last_heard = self.clock.elapsed();
                Ok(Some(count))
            }
            Err(error) if is_temporary(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A client waits for the server to end TCP (RFC 6455 section 7.1.1), within reason.
    fn hang_up(&mut self) -> Result<()> {
        let deadline = Instant::now() + FAREWELL;
        while let Some(left) = deadline.checked_duration_since(Instant::now()) {
            self.link.buffer.keep(0);
            // A reset is an end too, now that the closing handshake is done.
            if matches!(self.read(left.max(SOON)), Ok(Some(0)) | Err(_)) {
                break;
            }
        }
        let _ = self.link.socket.shutdown(Shutdown::Both);
        Ok(())
    }
}

fn print(event: &Event<Payload<'_>>, state: State) -> io::Result<()> {
    let mut out = io::stdout();
    let quoted = |octets: &[u8]| Value::from(String::from_utf8_lossy(octets));
    match event {
        Event::Text(text) => writeln!(out, "text {}", Value::from(&**text)),
        Event::Binary(octets) => writeln!(out, "binary {}", octets.len()),
        Event::Fragment(_) => Ok(()), // this client has its messages joined
        Event::Ping(payload) => writeln!(out, "ping {}", quoted(payload)),
        Event::Pong(payload) => writeln!(out, "pong {}", quoted(payload)),
        Event::Close(close) => {
            let by = match state {
                State::Closed { by: End::Local, .. } => "us",
                _ => "peer",
            };
            match close {
                Some(Close { code, reason }) => {
                    writeln!(out, "close {code} {} by={by}", Value::from(&**reason))
                }
                None => writeln!(out, "close - \"\" by={by}"),
            }
        }
    }
}

fn is_temporary(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}
