//! `/v1/speak`: text in, audio out.
//!
//! It has no voice. It plays a tone for each letter and digit and pauses for everything else, so that
//! what arrives can be heard and checked.

use crate::line::{Line, Session};
use crate::message::{self, NO_MODEL, VERSION};
use crate::pace::Pace;
use crate::pcm::{Fingerprint, Rate, SAMPLE, Tape};
use crate::query::Speak;
use crate::ticket::Ticket;
use patchcord::{CloseCode, Message, SendError, Server};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::f64::consts::{PI, TAU};
use std::time::Duration;

/// The most characters that may wait to be spoken: Deepgram's limit for one message.
const MAX_TEXT: usize = 2000;

/// The most items that may wait: those characters, and 20 Flushes, which are
/// Deepgram's limit for a minute.
const MAX_WAITING: usize = MAX_TEXT + 20;

const TOO_MUCH: &str = "more than 2000 characters and 20 Flushes wait to be spoken";

/// The length of a tone.
const TONE: Duration = Duration::from_millis(60);

pub(crate) struct Synthesizer {
    ticket: Ticket,
    rate: Rate,
    /// Text that waits for a Flush.
    text: String,
    queue: VecDeque<Item>,
    sequence: u64,
    spoken: Fingerprint,
    tape: Tape,
    pace: Pace,
    state: State,
}

/// The items to send, in order.
enum Item {
    Tone(char),
    Flushed(u64),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Open,
    /// The client sent a Close message: the queue ends here.
    Last,
}

impl Synthesizer {
    pub(crate) fn new(ticket: Ticket, asked: Speak, tape: Tape) -> Self {
        Self {
            ticket,
            rate: asked.rate,
            text: String::new(),
            queue: VecDeque::new(),
            sequence: 0,
            spoken: Fingerprint::new(asked.rate),
            tape,
            pace: Pace::new(asked.rate),
            state: State::New,
        }
    }

    pub(crate) fn into_tape(self) -> Tape {
        self.tape
    }

    fn command(&mut self, text: &str, line: &mut Line<'_, Server>) -> Result<(), SendError> {
        let message = message::parse(text);
        match message["type"].as_str() {
            Some("Speak") => self.add(message["text"].as_str(), line),
            Some("Flush") => self.flush(line),
            Some("Clear") => self.clear(line),
            Some("Close") => {
                self.queue.extend(self.text.drain(..).map(Item::Tone));
                self.state = State::Last;
                Ok(())
            }
            _ => line.say_json(&warning("UNKNOWN_MESSAGE", "not Speak, Flush, Clear or Close")),
        }
    }

    fn add(&mut self, text: Option<&str>, line: &mut Line<'_, Server>) -> Result<(), SendError> {
        let Some(text) = text else {
            return line.say_json(&warning("NO_TEXT", "Speak without a text"));
        };
        if self.waiting() + text.chars().count() > MAX_TEXT {
            return line.say_json(&warning("TOO_MUCH", TOO_MUCH));
        }
        self.text.push_str(text);
        Ok(())
    }

    fn flush(&mut self, line: &mut Line<'_, Server>) -> Result<(), SendError> {
        if self.waiting() >= MAX_WAITING {
            return line.say_json(&warning("TOO_MUCH", TOO_MUCH));
        }
        self.queue.extend(self.text.drain(..).map(Item::Tone));
        self.queue.push_back(Item::Flushed(self.sequence));
        self.sequence += 1;
        Ok(())
    }

    fn waiting(&self) -> usize {
        self.queue.len() + self.text.chars().count()
    }

    fn clear(&mut self, line: &mut Line<'_, Server>) -> Result<(), SendError> {
        self.text.clear();
        self.queue.clear();
        line.say_json(&json!({ "type": "Cleared", "sequence_id": self.sequence }))
    }

    fn introduce(&self, line: &mut Line<'_, Server>) -> Result<(), SendError> {
        line.say_json(&json!({
            "type": "Metadata",
            "request_id": self.ticket.request_id,
            "model_name": "tones: one for each character, no voice",
            "model_version": VERSION,
            "model_uuid": NO_MODEL,
            "encoding": "linear16",
            "sample_rate": self.rate.hertz(),
        }))
    }

    fn send(&mut self, item: &Item, line: &mut Line<'_, Server>) -> Result<(), SendError> {
        match item {
            Item::Tone(character) => {
                if let Some(ping) = self.pace.ping() {
                    line.ping(ping.as_bytes())?;
                }
                let tone = tone(*character, self.rate);
                self.pace.sent(tone.len());
                self.spoken.add(&tone);
                self.tape.record(&tone);
                line.say(Message::Binary(&tone))
            }
            Item::Flushed(sequence) => {
                let mut flushed = json!({ "type": "Flushed", "sequence_id": sequence });
                self.spoken.write(&mut flushed);
                line.say_json(&flushed)
            }
        }
    }
}

impl Session<Server> for Synthesizer {
    fn hear(&mut self, message: Message<'_>, line: &mut Line<'_, Server>) -> Result<(), SendError> {
        match message {
            _ if !line.is_open() || self.state == State::Last => Ok(()),
            Message::Text(text) => self.command(text, line),
            Message::Binary(_) => line.close(CloseCode::UNSUPPORTED_DATA, "only text is spoken"),
        }
    }

    fn hear_pong(&mut self, payload: &[u8]) {
        self.pace.answered(payload);
    }

    /// Sends one item, unless the client has to catch up first.
    fn speak(&mut self, line: &mut Line<'_, Server>) -> Result<Duration, SendError> {
        if self.state == State::New {
            self.state = State::Open;
            self.introduce(line)?;
        }
        let wait = self.pace.wait();
        if matches!(self.queue.front(), Some(Item::Tone(_))) && !wait.is_zero() {
            return Ok(wait);
        }
        match (self.queue.pop_front(), self.state) {
            (Some(item), _) => self.send(&item, line).map(|()| Duration::ZERO),
            (None, State::Last) => {
                line.close(CloseCode::NORMAL, "everything is spoken").map(|()| Duration::MAX)
            }
            (None, _) => Ok(Duration::MAX),
        }
    }
}

/// Answers a message that is not acted on. The codes are this example's own.
fn warning(code: &str, description: &str) -> Value {
    json!({ "type": "Warning", "code": code, "description": description })
}

/// One of 36 semitones for a letter or digit, from 220 Hz upwards, or silence.
fn tone(character: char, rate: Rate) -> Vec<u8> {
    let pitch = character.is_alphanumeric().then(|| u32::from(character.to_ascii_lowercase()) % 36);
    let frequency = pitch.map_or(0.0, |pitch| 220.0 * (f64::from(pitch) / 12.0).exp2());
    let samples = rate.bytes(TONE) / SAMPLE;
    let sample = |index: usize| {
        let wave = (TAU * frequency * index as f64 / f64::from(rate.hertz())).sin();
        let swell = (PI * index as f64 / samples as f64).sin();
        (0.3 * wave * swell * f64::from(i16::MAX)) as i16
    };
    (0..samples).flat_map(|index| sample(index).to_le_bytes()).collect()
}
