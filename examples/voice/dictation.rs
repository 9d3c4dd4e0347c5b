//! The client of `/v1/listen`: streams a recording, and collects the results.

use crate::answers::Answers;
use crate::args::Pace;
use crate::line::{Line, Session};
use crate::message;
use crate::pcm::Rate;
use crate::progress::{self, Progress};
use patchcord::{Client, Message, SendError, ThreadEntropy};
use std::slice::Chunks;
use std::time::{Duration, Instant};

pub(crate) struct Dictation<'pcm> {
    frames: Chunks<'pcm, u8>,
    /// The length of a frame of audio.
    frame: Duration,
    pace: Pace,
    begin: Instant,
    state: State,
    answers: Answers,
    progress: Progress,
    length: usize,
    sent: usize,
}

#[derive(Clone, Copy)]
enum State {
    New,
    /// This many frames were sent.
    Streaming(u32),
    /// The server was asked to close the stream, at this time.
    Closing(Instant),
}

impl<'pcm> Dictation<'pcm> {
    pub(crate) fn new(pcm: &'pcm [u8], frame: Duration, pace: Pace) -> Self {
        Self {
            frames: pcm.chunks(Rate::DEFAULT.bytes(frame)),
            frame,
            pace,
            begin: Instant::now(),
            state: State::New,
            answers: Answers::new(),
            progress: Progress::default(),
            length: pcm.len(),
            sent: 0,
        }
    }

    pub(crate) fn into_answers(mut self) -> Answers {
        self.progress.clear();
        self.answers
    }

    /// Returns how long it is until a frame is due.
    fn early(&self, frames: u32) -> Duration {
        match self.pace {
            Pace::Fast => Duration::ZERO,
            Pace::Realtime => (self.frame * frames).saturating_sub(self.begin.elapsed()),
        }
    }

    /// Sends a frame if it is due, and after the last one asks for the remaining results.
    fn stream(
        &mut self,
        frames: u32,
        line: &mut Line<'_, Client<ThreadEntropy>>,
    ) -> Result<Duration, SendError> {
        let early = self.early(frames);
        if !early.is_zero() {
            return Ok(early);
        }
        if let Some(frame) = self.frames.next() {
            line.say(Message::Binary(frame))?;
            self.sent += frame.len();
            self.state = State::Streaming(frames + 1);
        } else {
            line.say_json(&message::bare("Finalize"))?;
            line.say_json(&message::bare("CloseStream"))?;
            self.state = State::Closing(Instant::now());
        }
        Ok(Duration::ZERO)
    }

    fn show(&mut self) {
        let bar = progress::bar(self.sent, self.length);
        let heard = self.answers.heard();
        self.progress.show(format!("{bar} heard {heard} s: {}", self.answers.transcript()));
    }
}

impl Session<Client<ThreadEntropy>> for Dictation<'_> {
    fn hear(
        &mut self,
        message: Message<'_>,
        _: &mut Line<'_, Client<ThreadEntropy>>,
    ) -> Result<(), SendError> {
        if let Message::Text(text) = message {
            self.answers.hear(text);
            self.show();
        }
        Ok(())
    }

    fn speak(&mut self, line: &mut Line<'_, Client<ThreadEntropy>>) -> Result<Duration, SendError> {
        match self.state {
            State::New => {
                // Like a client whose microphone is not on yet.
                line.say_json(&message::bare("KeepAlive"))?;
                self.begin = Instant::now();
                self.state = State::Streaming(0);
                Ok(Duration::ZERO)
            }
            State::Streaming(frames) => self.stream(frames, line),
            State::Closing(asked) => self.answers.wait(asked, line),
        }
    }
}
