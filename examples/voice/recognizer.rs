//! `/v1/listen`: audio in, results out.
//!
//! It recognizes no words. A result says how loud a tenth of a second was, and whether that may
//! be speech.

use crate::line::{Line, Session};
use crate::message;
use crate::pcm::{self, Fingerprint, Level, SAMPLE, Tape};
use patchcord::{CloseCode, Message, SendError, Server};
use serde_json::json;
use std::time::{Duration, Instant};

/// How much audio a result is about.
const WINDOW: Duration = Duration::from_millis(100);

/// How long a client may be silent: Deepgram's ten seconds. A KeepAlive counts, a pong does not.
const SILENCE: Duration = Duration::from_secs(10);

/// What is louder is taken for speech, in dBFS.
const SPEECH: f64 = -40.0;

pub(crate) struct Recognizer {
    heard: Fingerprint,
    window: Level,
    /// The first byte of a sample whose second one comes with the next message.
    half: Option<u8>,
    tape: Tape,
    last: Instant,
}

impl Recognizer {
    pub(crate) fn new(tape: Tape) -> Self {
        let (heard, window) = (Fingerprint::EMPTY, Level::default());
        Self { heard, window, half: None, tape, last: Instant::now() }
    }

    pub(crate) fn into_tape(self) -> Tape {
        self.tape
    }

    fn audio(&mut self, octets: &[u8], line: &mut Line<Server>) -> Result<(), SendError> {
        self.tape.record(octets);
        let mut octets = octets;
        while !octets.is_empty() {
            let missing = pcm::bytes(WINDOW) - self.in_window();
            let (now, later) = octets.split_at(missing.min(octets.len()));
            self.measure(now);
            if self.in_window() == pcm::bytes(WINDOW) {
                self.result(Cause::Window, line)?;
            }
            octets = later;
        }
        Ok(())
    }

    /// The bytes that the next result will be about.
    fn in_window(&self) -> usize {
        self.window.samples * SAMPLE + usize::from(self.half.is_some())
    }

    /// A message may end inside a sample.
    fn measure(&mut self, octets: &[u8]) {
        self.heard.add(octets);
        for &octet in octets {
            match self.half.take() {
                None => self.half = Some(octet),
                Some(low) => self.window.add(i16::from_le_bytes([low, octet])),
            }
        }
    }

    fn result(&mut self, cause: Cause, line: &mut Line<Server>) -> Result<(), SendError> {
        let window = std::mem::take(&mut self.window);
        let level = window.decibels();
        line.say_json(&json!({
            "type": "Results",
            "is_final": true,
            "from_finalize": cause == Cause::Finalize,
            "duration": pcm::seconds(window.samples * SAMPLE),
            "heard": pcm::seconds(self.heard.bytes),
            "level_dbfs": (level * 10.0).round() / 10.0,
            "speech": level > SPEECH,
        }))
    }

    /// What was not reported yet, a summary, and the Close.
    fn finish(&mut self, line: &mut Line<Server>) -> Result<(), SendError> {
        if self.window.samples > 0 {
            self.result(Cause::Window, line)?;
        }
        let mut metadata = json!({ "type": "Metadata", "channels": 1, "sample_rate": pcm::RATE });
        self.heard.write(&mut metadata);
        line.say_json(&metadata)?;
        line.close(CloseCode::NORMAL, "the stream is closed")
    }
}

/// Why there is a result.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cause {
    Window,
    Finalize,
}

impl Session<Server> for Recognizer {
    fn hear(&mut self, message: Message<'_>, line: &mut Line<Server>) -> Result<(), SendError> {
        if !line.is_open() {
            return Ok(()); // sent before the client knew that it is over
        }
        self.last = Instant::now();
        match message {
            // As Deepgram has it: an empty binary message closes the stream.
            Message::Binary([]) => self.finish(line),
            Message::Binary(octets) => self.audio(octets, line),
            Message::Text(text) => match message::parse(text)["type"].as_str() {
                Some("KeepAlive") => Ok(()),
                Some("Finalize") => self.result(Cause::Finalize, line),
                Some("CloseStream") => self.finish(line),
                _ => line.say_json(&message::error("not KeepAlive, Finalize or CloseStream")),
            },
        }
    }

    fn speak(&mut self, line: &mut Line<Server>) -> Result<Duration, SendError> {
        let left = SILENCE.saturating_sub(self.last.elapsed());
        if left.is_zero() {
            line.close(CloseCode::INTERNAL_ERROR, "NET-0001: no audio within 10 s")?;
        }
        Ok(left)
    }
}
