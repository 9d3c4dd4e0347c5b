//! What a client hears from the server, and how long it waits for it.

use crate::line::Line;
use crate::message;
use patchcord::{Client, CloseCode, SendError, ThreadEntropy};
use serde_json::Value;
use std::time::{Duration, Instant};

/// How long the server may take to answer.
const ANSWER: Duration = Duration::from_secs(10);

/// What the server said, as far as it matters.
pub(crate) struct Answers {
    pub(crate) results: u32,
    /// Those with a transcript.
    pub(crate) speech: u32,
    /// The latest result.
    result: Value,
    /// The message with the fingerprint of the audio: Metadata or Flushed.
    pub(crate) claim: Option<Value>,
    pub(crate) error: Option<String>,
    last: Instant,
}

impl Answers {
    pub(crate) fn new() -> Self {
        let (result, last) = (Value::Null, Instant::now());
        Self { results: 0, speech: 0, result, claim: None, error: None, last }
    }

    pub(crate) fn hear_audio(&mut self) {
        self.last = Instant::now();
    }

    pub(crate) fn hear(&mut self, text: &str) {
        self.last = Instant::now();
        let message = message::parse(text);
        match message["type"].as_str() {
            Some("Results") => {
                self.results += 1;
                self.result = message;
                self.speech += u32::from(!self.transcript().is_empty());
            }
            Some("Metadata" | "Flushed") => self.claim = Some(message),
            Some("Error" | "Warning") => self.error = Some(message["description"].to_string()),
            _ => {}
        }
    }

    /// Returns the subject of the latest result.
    pub(crate) fn transcript(&self) -> &str {
        self.result["channel"]["alternatives"][0]["transcript"].as_str().unwrap_or_default()
    }

    /// Returns how far the server has come, in seconds.
    pub(crate) fn heard(&self) -> f64 {
        let times = ["start", "duration"].map(|time| self.result[time].as_f64().unwrap_or(0.0));
        (times.iter().sum::<f64>() * 1000.0).round() / 1000.0
    }

    /// Returns how long to wait for the server's next message; if that took too long, or the server
    /// did not understand something, it is time to close.
    pub(crate) fn wait(
        &self,
        asked: Instant,
        line: &mut Line<'_, Client<ThreadEntropy>>,
    ) -> Result<Duration, SendError> {
        let left = ANSWER.saturating_sub(self.last.max(asked).elapsed());
        if left.is_zero() {
            line.close(CloseCode::POLICY_VIOLATION, "no answer")?;
        } else if self.error.is_some() {
            line.close(CloseCode::POLICY_VIOLATION, "an error was answered")?;
        }
        Ok(left)
    }
}
