//! What is done and what is printed, turn by turn.
//!
//! ```text
//!      +--> act, in order --> write, wait for the server, print what came ----+
//!      |                                                                      |
//!      +----------------------------------------------------------------------+
//! ```
//! Neither end waits for the other to read: the next action has its turn once all earlier output
//! has left, except for a bounded backlog.

use crate::Result;
use crate::action::Action;
use crate::leaving::LEAVING;
use crate::metered::Counts;
use crate::opening::Peer;
use crate::options::Options;
use bytes::Buf;
use patchcord::{Client, Close, ClosedBy, Driver, Event, Payload, State, ThreadEntropy};
use serde_json::Value;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write};
use std::time::{Duration, Instant};

pub(crate) struct Session<'run> {
    peer: Peer<'run>,
    counts: &'run Counts,
    actions: VecDeque<Action>,
    save: Option<File>,
    timeout: Option<Duration>,
    /// How many messages have arrived.
    heard: u64,
}

impl<'run> Session<'run> {
    pub(crate) fn new(
        peer: Peer<'run>,
        counts: &'run Counts,
        options: Options,
        save: Option<File>,
    ) -> Self {
        let Options { actions, timeout, .. } = options;
        Self { peer: peer.leave_when(&LEAVING), counts, actions, save, timeout, heard: 0 }
    }

    /// Performs the actions, and prints what arrives until the connection ends.
    pub(crate) fn run(&mut self) -> Result<()> {
        let (mut received, mut since) = (0, Instant::now());
        loop {
            let has_more = self.act()?;
            let silence = self.timeout.map(|timeout| timeout.saturating_sub(since.elapsed()));
            if silence.is_some_and(|left| left.is_zero()) {
                return Err("timed out".into());
            }
            let wait = if has_more { Some(Duration::ZERO) } else { silence };
            if !self.turn(wait)? {
                return Ok(());
            }
            if self.counts.received() > received {
                (received, since) = (self.counts.received(), Instant::now());
            }
        }
    }

    /// Performs the actions whose turn has come; returns whether one could be performed now.
    fn act(&mut self) -> Result<bool> {
        let Driver { connection, output, .. } = &mut self.peer.driver;
        while connection.state() == State::Open {
            match self.actions.front() {
                None => return Ok(false),
                Some(Action::Await(count)) if self.heard < *count => return Ok(false),
                Some(_) if output.remaining() > Driver::<Client<ThreadEntropy>>::BACKLOG => {
                    return Ok(true);
                }
                Some(action) => action.perform(connection, output)?,
            }
            self.actions.pop_front();
        }
        Ok(false)
    }

    fn turn(&mut self, wait: Option<Duration>) -> Result<bool> {
        let mut shown = Ok(());
        let goes_on = self.peer.turn(wait, |event, connection, _| {
            self.heard += u64::from(matches!(event, Event::Text(_) | Event::Binary(_)));
            if shown.is_ok() {
                shown = save(&event, self.save.as_mut());
            }
            if shown.is_ok() {
                shown = print(&event, connection.state());
            }
            Ok(())
        })?;
        shown?;
        Ok(goes_on)
    }
}

fn save(event: &Event<Payload<'_>>, file: Option<&mut File>) -> io::Result<()> {
    match (event, file) {
        (Event::Binary(payload), Some(file)) => file.write_all(payload),
        _ => Ok(()),
    }
}

fn print(event: &Event<Payload<'_>>, state: State) -> io::Result<()> {
    let mut out = io::stdout();
    let quoted = |payload: &[u8]| Value::from(String::from_utf8_lossy(payload));
    match event {
        Event::Text(text) => writeln!(out, "text {}", Value::from(&**text)),
        Event::Binary(payload) => writeln!(out, "binary {}", payload.len()),
        Event::Fragment(_) => Ok(()), // this client asks for whole messages
        Event::Ping(payload) => writeln!(out, "ping {}", quoted(payload)),
        Event::Pong(payload) => writeln!(out, "pong {}", quoted(payload)),
        Event::Close(close) => {
            let by = match state {
                State::Closed { by: ClosedBy::Local, .. } => "us",
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
