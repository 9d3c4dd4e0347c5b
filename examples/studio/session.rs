//! One open WebSocket: audio comes in, levels and frames go out, texts are echoed.

use crate::Studio;
use crate::compression::{Agreed, Compressing};
use crate::leaving::LEAVING;
use crate::level::Level;
use crate::pings::{self, Pings};
use crate::tap::{Tap, Tapped};
use crate::text::{self, Command};
use bytes::Buf;
use patchcord::blocking::WebSocket;
use patchcord::{
    Close, ClosedBy, Config, Connection, Driver, Event, Limits, Message, Payload, SendBuffer,
    Server, State,
};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::io;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// The longest message from a page: 64 KiB are 100 frames of 20 ms, and more than anyone types.
const LONGEST: u64 = 64 * 1024;

const LIMITS: Limits = Limits {
    whole_frame: Limits::WHOLE_FRAME,
    frame: LONGEST,
    message: LONGEST,
    fragments: Limits::FRAGMENTS,
};

/// How often the page gets a report: an eye can follow ten a second.
const REPORT: Duration = Duration::from_millis(100);

pub(crate) fn config(studio: &Studio) -> Config {
    Config { limits: LIMITS, timeouts: studio.timeouts, ..Config::default() }
}

/// Serves the WebSocket until its end, and keeps how it ended.
pub(crate) fn serve(
    mut socket: WebSocket<Tapped, Server>,
    agreed: Option<Agreed>,
    tap: &RefCell<Option<Tap>>,
    studio: &Studio,
) -> io::Result<()> {
    let connection = Connection::server(config(studio));
    socket.driver.connection = Compressing::willing().apply(agreed, connection);
    let mut socket = socket.leave_when(&LEAVING);
    let mut session = Session { tap, level: Level::default(), pings: Pings::default(), said: None };
    let id = studio.sessions.fetch_add(1, Ordering::Relaxed);
    let result = session.run(&mut socket, id);
    let ended = session.end(&socket.driver, &result);
    studio.ended.put(id, ended.to_string());
    // Everything was said; what remains is the end of TCP.
    while result.is_ok() && socket.turn(None, |_, _, _| Ok(()))? {}
    result.map(drop)
}

struct Session<'tap> {
    tap: &'tap RefCell<Option<Tap>>,
    level: Level,
    pings: Pings,
    /// The reason in the Close of the peer.
    said: Option<String>,
}

/// What the server needs to say something.
struct Line<'turn> {
    connection: &'turn mut Connection<Server>,
    out: &'turn mut SendBuffer,
}

impl Line<'_> {
    fn is_open(&self) -> bool {
        self.connection.state() == State::Open
    }
}

impl Session<'_> {
    /// Runs until both ends have said everything.
    fn run(&mut self, socket: &mut WebSocket<Tapped, Server>, id: u64) -> io::Result<()> {
        let start = Instant::now();
        let (mut next_report, mut next_ping) = (start + REPORT, start);
        self.report(&json!({ "report": "open", "session": id }), &mut line(socket));
        while socket.driver.connection.is_receiving() {
            let now = Instant::now();
            if now >= next_ping {
                self.ping(&mut line(socket));
                next_ping = now + pings::INTERVAL;
            }
            if now >= next_report {
                self.tell(&mut line(socket));
                next_report = now + REPORT;
            }
            let wait = next_report.saturating_duration_since(now);
            socket.turn(Some(wait), |event, connection, out| {
                self.hear(event, &mut Line { connection, out });
                Ok(())
            })?;
        }
        Ok(())
    }

    fn hear(&mut self, event: Event<Payload<'_>>, line: &mut Line<'_>) {
        match event {
            Event::Text(text) => self.obey(&text, line),
            Event::Binary(pcm) => self.level.add(&pcm),
            Event::Pong(payload) => self.pong(&payload, line),
            Event::Close(close) => self.said = close.map(|close| close.reason.to_string()),
            Event::Ping(_) | Event::Fragment(_) => {}
        }
    }

    fn obey(&mut self, message: &str, line: &mut Line<'_>) {
        match text::read(message) {
            Ok(Command::Echo(text)) => send(Message::Text(text), line),
            Ok(Command::Ping) => self.ping(line),
            Ok(Command::Close(code, reason)) => {
                let close = Some(Close::cut(code, &reason));
                if let Err(error) = line.connection.close(close, line.out) {
                    self.complain(&error.to_string(), line);
                }
            }
            Err(error) => self.complain(&error, line),
        }
    }

    fn complain(&mut self, error: &str, line: &mut Line<'_>) {
        self.report(&json!({ "report": "error", "text": error }), line);
    }

    fn ping(&mut self, line: &mut Line<'_>) {
        // At the end of the connection, no ping is sent.
        let _ = line.connection.ping(self.pings.next().as_bytes(), line.out);
    }

    fn pong(&mut self, payload: &[u8], line: &mut Line<'_>) {
        if let Some((ping, took)) = self.pings.answered(payload) {
            let ms = took.as_secs_f64() * 1000.0;
            self.report(&json!({ "report": "pong", "ping": ping, "ms": ms }), line);
        }
    }

    /// Reports to the page what happened since the last report. What happens after a Close, the page can
    /// only ask for.
    fn tell(&mut self, line: &mut Line<'_>) {
        if !line.is_open() {
            return;
        }
        let level = self.level.take();
        let news = self.with_tap(|tap| (tap.has_news() || level.is_some()).then(|| tap.take()));
        if let Some(frames) = news.flatten() {
            self.report(&json!({ "report": "news", "level": level, "frames": frames }), line);
        }
    }

    /// Sends a report; after a Close, there is none.
    fn report(&mut self, report: &Value, line: &mut Line<'_>) {
        if line.is_open() {
            self.with_tap(|tap| tap.expect_report(line.out.remaining()));
            send(Message::Text(&text::report(report)), line);
        }
    }

    fn with_tap<T>(&self, what: impl FnOnce(&mut Tap) -> T) -> Option<T> {
        self.tap.borrow_mut().as_mut().map(what)
    }

    /// Returns how it ended, for the page.
    fn end(&mut self, driver: &Driver<Server>, result: &io::Result<()>) -> Value {
        let (by, code) = match driver.connection.state() {
            State::Closed { by: ClosedBy::Peer, code } => ("page", code),
            State::Closed { by: ClosedBy::Local, code } => ("server", code),
            State::Failed(error) => ("server", Some(error.close_code())),
            _ => ("nobody", None),
        };
        let frames = self.with_tap(|tap| {
            tap.end();
            tap.take()
        });
        json!({
            "by": by,
            "code": code.map(|code| code.get()),
            "reason": self.said,
            "error": result.as_ref().err().map(ToString::to_string),
            "frames": frames,
        })
    }
}

fn line(socket: &mut WebSocket<Tapped, Server>) -> Line<'_> {
    let Driver { connection, output, .. } = &mut socket.driver;
    Line { connection, out: output }
}

/// A message that cannot be sent because the connection is ending is not needed.
fn send(message: Message<'_>, line: &mut Line<'_>) {
    let _ = Compressing::send(line.connection, message, line.out);
}
