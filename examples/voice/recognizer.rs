//! `/v1/listen`: audio in, results out.
//!
//! It recognizes no words. In place of a word, a result says how loud a sound was, and when.

use crate::line::{Line, Session};
use crate::message::{self, NO_MODEL, VERSION};
use crate::pcm::{self, Fingerprint, Level, SAMPLE, Tape};
use crate::query::Listen;
use crate::segment::{Segment, Sound};
use crate::ticket::Ticket;
use patchcord::{CloseCode, Message, SendError, Server};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// How much audio is measured at a time.
const WINDOW: Duration = Duration::from_millis(100);

/// How long a segment may be before it is final in any case.
const LONGEST: Duration = Duration::from_secs(5);

/// How long a client may be silent: Deepgram's ten seconds. A KeepAlive counts, a pong does not.
const SILENCE: Duration = Duration::from_secs(10);

/// The confidence in a transcript that has no words in it.
const NOTHING_RECOGNIZED: f64 = 0.0;

pub(crate) struct Recognizer {
    ticket: Ticket,
    asked: Listen,
    heard: Fingerprint,
    window: Level,
    /// The first byte of a sample whose second one comes with the next message.
    half: Option<u8>,
    segment: Segment,
    /// When the latest sound ended.
    quiet_since: Option<Duration>,
    /// Whether an utterance is in progress whose end has to be reported.
    is_uttering: bool,
    tape: Tape,
    last: Instant,
}

/// Why there is a result.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cause {
    Interim,
    /// The speaker paused.
    Endpoint,
    Length,
    Finalize,
    Close,
}

impl Recognizer {
    pub(crate) fn new(ticket: Ticket, asked: Listen, tape: Tape) -> Self {
        Self {
            ticket,
            asked,
            heard: Fingerprint::new(asked.rate),
            window: Level::default(),
            half: None,
            segment: Segment::new(Duration::ZERO),
            quiet_since: None,
            is_uttering: false,
            tape,
            last: Instant::now(),
        }
    }

    pub(crate) fn into_tape(self) -> Tape {
        self.tape
    }

    fn audio(&mut self, bytes: &[u8], line: &mut Line<'_, Server>) -> Result<(), SendError> {
        self.tape.record(bytes);
        let window = self.asked.rate.bytes(WINDOW);
        let mut bytes = bytes;
        while !bytes.is_empty() {
            let missing = window - self.in_window();
            let (now, later) = bytes.split_at(missing.min(bytes.len()));
            self.measure(now);
            if self.in_window() == window {
                self.end_window(line)?;
                self.judge(line)?;
            }
            bytes = later;
        }
        Ok(())
    }

    /// Returns the bytes since the last window.
    fn in_window(&self) -> usize {
        self.window.samples * SAMPLE + usize::from(self.half.is_some())
    }

    /// A message may end inside a sample.
    fn measure(&mut self, bytes: &[u8]) {
        self.heard.add(bytes);
        for &byte in bytes {
            match self.half.take() {
                None => self.half = Some(byte),
                Some(low) => self.window.add(i16::from_le_bytes([low, byte])),
            }
        }
    }

    /// Adds the measurement to the segment.
    fn end_window(&mut self, line: &mut Line<'_, Server>) -> Result<(), SendError> {
        let window = std::mem::take(&mut self.window);
        if window.samples == 0 {
            return Ok(());
        }
        let (start, end) = (self.segment.end, self.heard.duration());
        if !self.segment.add(&window, end) {
            return Ok(());
        }
        let begins = self.quiet_since != Some(start);
        (self.quiet_since, self.is_uttering) = (Some(end), true);
        if begins && self.asked.vad_events {
            line.say_json(&json!({
                "type": "SpeechStarted",
                "channel": [0, 1],
                "timestamp": pcm::seconds(start),
            }))?;
        }
        Ok(())
    }

    /// Says what has to be said after a window.
    fn judge(&mut self, line: &mut Line<'_, Server>) -> Result<(), SendError> {
        let spoken = self.quiet_since.unwrap_or_default();
        let pause = self.segment.end - spoken;
        let lasts = |enough: Option<Duration>| {
            !pause.is_zero() && enough.is_some_and(|enough| pause >= enough)
        };
        if !self.segment.sounds.is_empty() && lasts(self.asked.endpointing) {
            self.result(Cause::Endpoint, line)?;
        } else if self.segment.duration() >= LONGEST {
            self.result(Cause::Length, line)?;
        } else if self.asked.interim_results {
            self.result(Cause::Interim, line)?;
        }
        if self.is_uttering && lasts(self.asked.utterance_end) {
            self.is_uttering = false;
            line.say_json(&json!({
                "type": "UtteranceEnd",
                "channel": [0, 1],
                "last_word_end": pcm::seconds(spoken),
            }))?;
        }
        Ok(())
    }

    fn result(&mut self, cause: Cause, line: &mut Line<'_, Server>) -> Result<(), SendError> {
        let Segment { start, sounds, .. } = &self.segment;
        let transcript: Vec<String> = sounds.iter().map(Sound::text).collect();
        let alternative = json!({
            "transcript": transcript.join(" "),
            "confidence": NOTHING_RECOGNIZED,
            "words": sounds.iter().map(word).collect::<Vec<Value>>(),
        });
        line.say_json(&json!({
            "type": "Results",
            "channel_index": [0, 1],
            "start": pcm::seconds(*start),
            "duration": pcm::seconds(self.segment.duration()),
            "is_final": cause != Cause::Interim,
            "speech_final": cause == Cause::Endpoint,
            "from_finalize": cause == Cause::Finalize,
            "channel": { "alternatives": [alternative] },
            "metadata": {
                "request_id": self.ticket.request_id,
                "model_info": { "name": "levels", "version": VERSION, "arch": "none" },
                "model_uuid": NO_MODEL,
            },
        }))?;
        if cause != Cause::Interim {
            self.segment = Segment::new(self.segment.end);
        }
        Ok(())
    }

    fn finalize(&mut self, cause: Cause, line: &mut Line<'_, Server>) -> Result<(), SendError> {
        self.end_window(line)?;
        self.result(cause, line)
    }

    /// Sends the remaining results, a summary, and the Close.
    fn finish(&mut self, line: &mut Line<'_, Server>) -> Result<(), SendError> {
        self.end_window(line)?;
        if !self.segment.duration().is_zero() {
            self.result(Cause::Close, line)?;
        }
        let mut metadata = json!({
            "type": "Metadata",
            "transaction_key": "deprecated",
            "request_id": self.ticket.request_id,
            "created": self.ticket.created,
            "channels": 1,
        });
        self.heard.write(&mut metadata);
        line.say_json(&metadata)?;
        line.close(CloseCode::NORMAL, "the stream is closed")
    }

    fn command(&mut self, text: &str, line: &mut Line<'_, Server>) -> Result<(), SendError> {
        match message::parse(text)["type"].as_str() {
            Some("KeepAlive") => Ok(()),
            Some("Finalize") => self.finalize(Cause::Finalize, line),
            Some("CloseStream") => self.finish(line),
            Some("Configure") => line.say_json(&json!({
                "type": "ConfigureFailure",
                "request_id": self.ticket.request_id,
                "code": "CONFIGURE_KEYTERMS_NOT_SUPPORTED",
                "description": "no words are recognized, so there is nothing to configure",
            })),
            _ => line.say_json(&json!({
                "type": "Error",
                "variant": "SchemaError",
                "description": "not KeepAlive, Finalize, CloseStream or Configure",
                "message": text,
            })),
        }
    }
}

fn word(sound: &Sound) -> Value {
    json!({
        "word": sound.text(),
        "punctuated_word": sound.text(),
        "start": pcm::seconds(sound.start),
        "end": pcm::seconds(sound.end),
        "confidence": NOTHING_RECOGNIZED,
    })
}

impl Session<Server> for Recognizer {
    fn hear(&mut self, message: Message<'_>, line: &mut Line<'_, Server>) -> Result<(), SendError> {
        if !line.is_open() {
            return Ok(()); // sent before the client knew that the stream is over
        }
        self.last = Instant::now();
        match message {
            // As at Deepgram, an empty binary message closes the stream.
            Message::Binary([]) => self.finish(line),
            Message::Binary(bytes) => self.audio(bytes, line),
            Message::Text(text) => self.command(text, line),
        }
    }

    fn speak(&mut self, line: &mut Line<'_, Server>) -> Result<Duration, SendError> {
        let left = SILENCE.saturating_sub(self.last.elapsed());
        if left.is_zero() {
            line.close(CloseCode::INTERNAL_ERROR, "NET-0001: no audio within 10 s")?;
        }
        Ok(left)
    }
}
