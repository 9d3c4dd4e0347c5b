//! One open WebSocket: audio comes in, levels and frames go out, texts are echoed.

use crate::Studio;
use crate::compression::{Agreed, Compressing};
use crate::level::Level;
use crate::opening::is_timeout;
use crate::pings::{self, Pings};
use crate::tap::{Listing, Tap};
use crate::text::{self, Command};
use patchcord::{
    Close, Config, Connection, End, Event, Limits, Message, ReceiveBuffer, SendError, Server, State,
};
use serde_json::{Value, json};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// What a page may send: 64 KiB are 100 frames of 20 ms, and more than anyone types.
const LONGEST: u64 = 64 * 1024;

pub(crate) const LIMITS: Limits =
    Limits { whole: Limits::WHOLE, frame: LONGEST, message: LONGEST, fragments: Limits::FRAGMENTS };

/// How often the page is told what happened: an eye follows ten times a second.
const REPORT: Duration = Duration::from_millis(100);

/// Serves the WebSocket until its end, and keeps how that came.
pub(crate) fn serve(
    socket: &TcpStream,
    buffer: ReceiveBuffer,
    agreed: Option<Agreed>,
    tap: Tap,
    studio: &Studio,
) {
    let timeouts = studio.timeouts;
    let connection = Connection::server(Config { limits: LIMITS, timeouts, ..Config::default() });
    let mut session = Session {
        connection: Compressing::willing().apply(agreed, connection),
        tap,
        level: Level::default(),
        pings: Pings::default(),
        out: Vec::new(),
        seen: 0,
        said: None,
    };
    let id = studio.sessions.fetch_add(1, Ordering::Relaxed);
    let result = session.run(socket, buffer, id);
    session.tap.end();
    studio.ended.put(id, session.end(&result).to_string());
}

struct Session {
    connection: Connection<Server>,
    tap: Tap,
    level: Level,
    pings: Pings,
    out: Vec<u8>,
    /// How much of `out` the tap has seen.
    seen: usize,
    /// The reason in the Close of the peer.
    said: Option<String>,
}

impl Session {
    fn run(
        &mut self,
        mut socket: &TcpStream,
        mut buffer: ReceiveBuffer,
        id: u64,
    ) -> io::Result<()> {
        let start = Instant::now();
        let (mut next_report, mut next_ping) = (start + REPORT, start);
        self.report(&json!({ "report": "open", "session": id }));
        loop {
            self.respond(socket, &mut buffer)?;
            let expired = self.connection.on_time(start.elapsed()).is_some();
            let now = Instant::now();
            if now >= next_ping {
                self.ping();
                next_ping = now + pings::INTERVAL;
            }
            if now >= next_report {
                self.tell();
                next_report = now + REPORT;
            }
            self.flush();
            self.write(socket)?;
            if expired || self.connection.is_finished() {
                return Ok(());
            }
            let deadline = self.connection.next_deadline();
            let wait = deadline.map_or(REPORT, |at| at.saturating_sub(start.elapsed()));
            let wait = wait.min(next_report.saturating_duration_since(now));
            socket.set_read_timeout(Some(wait.max(Duration::from_millis(1))))?;
            match socket.read(buffer.space()) {
                Ok(0) => {
                    let _ = self.connection.end_of_stream(buffer.input()); // the state says it
                    return Ok(());
                }
                Ok(read) => {
                    self.tap.heard(&buffer.space()[..read]);
                    buffer.filled(read);
                }
                Err(error) if is_timeout(&error) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Turns what was read into what is to be written.
    fn respond(&mut self, socket: &TcpStream, buffer: &mut ReceiveBuffer) -> io::Result<()> {
        let mut input = buffer.unconsumed();
        // An error is final: the Close that tells the peer is pending by then.
        while let Ok(Some(event)) = self.connection.receive(&mut input) {
            match event {
                Event::Text(text) => self.obey(&text),
                Event::Binary(pcm) => self.level.add(&pcm),
                Event::Pong(payload) => self.pong(&payload),
                Event::Close(close) => self.said = close.map(|close| close.reason.to_string()),
                Event::Ping(_) | Event::Fragment(_) => {}
            }
            self.flush();
            if self.out.len() as u64 >= LONGEST {
                self.write(socket)?;
            }
        }
        Ok(())
    }

    fn obey(&mut self, message: &str) {
        match text::read(message) {
            Ok(Command::Echo(text)) => self.send(Message::Text(text), Listing::Each),
            Ok(Command::Ping) => self.ping(),
            Ok(Command::Close(code, reason)) => {
                if let Err(error) = self.connection.close(Some(Close::new(code, &reason))) {
                    self.complain(&error.to_string());
                }
            }
            Err(error) => self.complain(&error),
        }
    }

    fn complain(&mut self, error: &str) {
        self.report(&json!({ "report": "error", "text": error }));
    }

    fn ping(&mut self) {
        let sent = self.connection.ping(self.pings.next().as_bytes(), &mut self.out);
        self.done(sent, Listing::Each);
    }

    fn pong(&mut self, payload: &[u8]) {
        if let Some((ping, took)) = self.pings.answered(payload) {
            let ms = took.as_secs_f64() * 1000.0;
            self.report(&json!({ "report": "pong", "ping": ping, "ms": ms }));
        }
    }

    /// Tells the page what happened since it was last told. What happens after a Close it can
    /// only ask for.
    fn tell(&mut self) {
        if self.connection.state() != State::Open {
            return;
        }
        let level = self.level.take();
        if level.is_some() || self.tap.has_news() {
            let frames = self.tap.take();
            self.report(&json!({ "report": "news", "level": level, "frames": frames }));
        }
    }

    fn report(&mut self, report: &Value) {
        self.send(Message::Text(&text::report(report)), Listing::Count);
    }

    fn send(&mut self, message: Message<'_>, listing: Listing) {
        let sent = Compressing::send(&mut self.connection, message, &mut self.out);
        self.done(sent, listing);
    }

    /// Puts the control frames that are owed behind what was said.
    fn flush(&mut self) {
        let flushed = self.connection.flush(&mut self.out);
        self.done(flushed, Listing::Each);
    }

    /// Shows the tap what was put into `out`. It has room for all; what cannot be sent since the
    /// connection ends need not be.
    fn done(&mut self, _: Result<(), SendError>, listing: Listing) {
        self.tap.said(&self.out[self.seen..], listing);
        self.seen = self.out.len();
    }

    fn write(&mut self, mut socket: &TcpStream) -> io::Result<()> {
        socket.write_all(&self.out)?;
        self.out.clear();
        self.seen = 0;
        Ok(())
    }

    /// How it ended, for the page.
    fn end(&mut self, result: &io::Result<()>) -> Value {
        let (by, code) = match self.connection.state() {
            State::Closed { by: End::Peer, code } => ("page", code),
            State::Closed { by: End::Local, code } => ("server", code),
            State::Failed(error) => ("server", Some(error.close_code())),
            _ => ("nobody", None),
        };
        json!({
            "by": by,
            "code": code.map(|code| code.get()),
            "reason": self.said,
            "error": result.as_ref().err().map(ToString::to_string),
            "frames": self.tap.take(),
        })
    }
}
