//! The client of `/v1/speak`: sends a text, and collects the audio.

use crate::answers::Answers;
use crate::line::{Line, Session};
use crate::message;
use crate::pcm::{self, Rate};
use crate::progress::Progress;
use patchcord::{Client, Message, SendError, ThreadEntropy};
use serde_json::json;
use std::time::{Duration, Instant};

pub(crate) struct Recital<'text> {
    text: &'text str,
    /// When the text was sent.
    asked: Option<Instant>,
    pcm: Vec<u8>,
    answers: Answers,
    progress: Progress,
}

impl<'text> Recital<'text> {
    pub(crate) fn new(text: &'text str) -> Self {
        Self {
            text,
            asked: None,
            pcm: Vec::new(),
            answers: Answers::new(),
            progress: Progress::default(),
        }
    }

    pub(crate) fn into_parts(mut self) -> (Vec<u8>, Answers) {
        self.progress.clear();
        (self.pcm, self.answers)
    }
}

impl Session<Client<ThreadEntropy>> for Recital<'_> {
    fn hear(
        &mut self,
        message: Message<'_>,
        _: &mut Line<'_, Client<ThreadEntropy>>,
    ) -> Result<(), SendError> {
        match message {
            Message::Text(text) => self.answers.hear(text),
            Message::Binary(bytes) => {
                self.answers.hear_audio();
                self.pcm.extend_from_slice(bytes);
                let length = Rate::DEFAULT.duration(self.pcm.len());
                self.progress.show(format!("{:.1} s received", pcm::seconds(length)));
            }
        }
        Ok(())
    }

    fn speak(&mut self, line: &mut Line<'_, Client<ThreadEntropy>>) -> Result<Duration, SendError> {
        if let Some(asked) = self.asked {
            return self.answers.wait(asked, line);
        }
        line.say_json(&json!({ "type": "Speak", "text": self.text }))?;
        line.say_json(&message::bare("Flush"))?;
        line.say_json(&message::bare("Close"))?;
        self.asked = Some(Instant::now());
        Ok(Duration::ZERO)
    }
}
