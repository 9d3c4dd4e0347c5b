//! What passes through the socket, both ways, as the example `dissect` sees it.

use crate::judge::Sender;
use crate::line::{self, Frame};
use crate::observed::{Observed, Observer};
use crate::sink::Sink;
use crate::stream::Dissector;
use patchcord::frame::Rsv;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::rc::Rc;
use std::time::Instant;

/// The most entries that wait to be reported; beyond that, the oldest are dropped and counted.
const WAITING: usize = 64;

/// A socket with a tap, once there is one.
pub(crate) type Tapped = Observed<Rc<RefCell<Option<Tap>>>>;

impl Observer for Rc<RefCell<Option<Tap>>> {
    fn heard(&self, bytes: &[u8]) {
        if let Some(tap) = &mut *self.borrow_mut() {
            tap.heard(bytes);
        }
    }

    fn said(&self, bytes: &[u8]) {
        if let Some(tap) = &mut *self.borrow_mut() {
            tap.said(bytes);
        }
    }
}

pub(crate) struct Tap {
    incoming: Dissector,
    outgoing: Dissector,
    scratch: Vec<u8>,
    /// How many bytes the server sent.
    sent: u64,
    record: Record,
}

impl Tap {
    /// A tap before the request, for a connection whose extension uses these bits.
    pub(crate) fn new(agreed: Rsv) -> Self {
        let dissector = |sender| {
            let mut dissector = Dissector::default();
            dissector.set_sender(Some(sender));
            dissector.judge.agreed = agreed;
            dissector
        };
        Self {
            incoming: dissector(Sender::Client),
            outgoing: dissector(Sender::Server),
            scratch: Vec::new(),
            sent: 0,
            record: Record::new(),
        }
    }

    /// Sees bytes that the page sent.
    pub(crate) fn heard(&mut self, bytes: &[u8]) {
        self.record.sender = Sender::Client;
        self.scratch.extend_from_slice(bytes);
        // Writing to a record cannot fail.
        let _ = self.incoming.feed(&mut self.scratch, &mut self.record);
        self.scratch.clear();
    }

    /// Sees bytes that the server sends.
    fn said(&mut self, bytes: &[u8]) {
        self.record.sender = Sender::Server;
        self.sent += bytes.len() as u64;
        self.scratch.extend_from_slice(bytes);
        let _ = self.outgoing.feed(&mut self.scratch, &mut self.record);
        self.scratch.clear();
    }

    /// Expects the next frame to be a report, behind the bytes that wait before it. Reports are counted, but
    /// not listed: each listing would cause another report.
    pub(crate) fn expect_report(&mut self, waiting: usize) {
        self.record.expected.push_back(self.sent + waiting as u64);
    }

    /// Sees the end of both streams, and what was cut short.
    pub(crate) fn end(&mut self) {
        self.record.sender = Sender::Client;
        let _ = self.incoming.finish(&mut self.record);
        self.record.sender = Sender::Server;
        let _ = self.outgoing.finish(&mut self.record);
    }

    pub(crate) fn has_news(&self) -> bool {
        !self.record.entries.is_empty()
    }

    /// Returns what was seen since the last call, oldest first, and how much in all.
    pub(crate) fn take(&mut self) -> Value {
        let Record { entries, left_out, heard, said, reports, .. } = &mut self.record;
        json!({
            "list": std::mem::take(entries),
            "left_out": std::mem::take(left_out),
            "heard": heard,
            "said": said,
            "reports": reports,
        })
    }
}

/// What the dissectors saw.
struct Record {
    start: Instant,
    sender: Sender,
    /// Where reports begin in the server's output.
    expected: VecDeque<u64>,
    entries: VecDeque<Value>,
    left_out: u64,
    /// How many frames were heard, said and only counted.
    heard: u64,
    said: u64,
    reports: u64,
}

impl Record {
    fn new() -> Self {
        Self {
            start: Instant::now(),
            sender: Sender::Client,
            expected: VecDeque::new(),
            entries: VecDeque::new(),
            left_out: 0,
            heard: 0,
            said: 0,
            reports: 0,
        }
    }

    fn push(&mut self, mut entry: Value) {
        entry["from"] = if self.sender == Sender::Client { "page" } else { "server" }.into();
        entry["ms"] = (self.start.elapsed().as_millis() as u64).into();
        if self.entries.len() == WAITING {
            self.entries.pop_front();
            self.left_out += 1;
        }
        self.entries.push_back(entry);
    }
}

impl Sink for Record {
    fn frame(&mut self, frame: &Frame) -> io::Result<()> {
        if self.sender == Sender::Server && self.expected.front() == Some(&frame.offset) {
            self.expected.pop_front();
            self.reports += 1;
            return Ok(());
        }
        match self.sender {
            Sender::Client => self.heard += 1,
            Sender::Server => self.said += 1,
        }
        self.push(entry(frame));
        Ok(())
    }

    fn lines(&mut self, lines: fmt::Arguments<'_>) -> io::Result<()> {
        self.push(json!({ "lines": lines.to_string() }));
        Ok(())
    }
}

fn entry(frame: &Frame) -> Value {
    let raw = frame.header.raw;
    json!({
        "offset": frame.offset,
        "fin": raw.fin,
        "rsv": raw.rsv,
        "opcode": line::opcode(raw.opcode),
        "key": raw.masking_key.map(|key| hex(&key.to_bytes())),
        "length": raw.length,
        "header": hex(&raw.encode()),
        "payload": hex(&frame.kept),
        "preview": frame.preview(),
        "verdict": frame.verdict(),
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
