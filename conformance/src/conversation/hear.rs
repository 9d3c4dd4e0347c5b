//! Frames as they arrive, held to every rule about frames.

use super::Conversation;
use super::wire::Reading;
use crate::case::{Fault, Role, Verdict};
use crate::wire::{Frame, Opcode, parse};
use std::fmt;
use std::time::{Duration, Instant};

/// What an endpoint said: messages are whole.
#[derive(Clone, PartialEq, Eq)]
pub enum Heard {
    Text(Vec<u8>),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Option<u16>),
    /// The stream has ended.
    End,
    Reset,
    /// Nothing, for as long as was waited.
    Silence,
}

impl fmt::Display for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "a text of {} bytes{}", text.len(), excerpt(text)),
            Self::Binary(bytes) => write!(f, "a binary message of {} bytes", bytes.len()),
            Self::Ping(payload) => write!(f, "a ping{}", excerpt(payload)),
            Self::Pong(payload) => write!(f, "a pong{}", excerpt(payload)),
            Self::Close(Some(code)) => write!(f, "a Close with {code}"),
            Self::Close(None) => f.write_str("a Close without a code"),
            Self::End => f.write_str("the end of the stream"),
            Self::Reset => f.write_str("a connection that was reset"),
            Self::Silence => f.write_str("nothing"),
        }
    }
}

fn excerpt(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(40)]);
    if bytes.is_empty() { String::new() } else { format!(" {text:?}") }
}

impl Conversation<'_> {
    /// Returns what is said next, or that nothing came within this time.
    pub fn hear(&mut self, wait: Duration) -> Verdict<Heard> {
        let deadline = Instant::now() + wait;
        loop {
            if let Some(parsed) = parse(&self.wire.input) {
                self.wire.input.drain(..parsed.size);
                self.check(&parsed.frame, parsed.key, parsed.is_minimal)?;
                if let Some(heard) = self.join(parsed.frame)? {
                    return Ok(heard);
                }
                continue;
            }
            match self.wire.read(deadline.saturating_duration_since(Instant::now())) {
                Reading::Some => {}
                Reading::End if !self.wire.input.is_empty() => {
                    return Err(Fault::case("the stream ends inside a frame"));
                }
                Reading::End => return Ok(Heard::End),
                Reading::Reset => return Ok(Heard::Reset),
                Reading::Silence => return Ok(Heard::Silence),
            }
        }
    }

    /// Checks the rules for one frame: RFC 6455 sections 5.1 to 5.5.
    fn check(&mut self, frame: &Frame, key: Option<[u8; 4]>, is_minimal: bool) -> Verdict {
        let must = |rule: &str| Err(Fault::must(format!("it sent {rule}")));
        self.frames += 1;
        let is_control = frame.opcode & 8 != 0;
        let may_compress = self.agreed.is_some() && matches!(frame.opcode, 1 | 2);
        match (self.role, key) {
            (Role::Server, Some(_)) => return must("a masked frame as a server (5.1)"),
            (Role::Client, None) => return must("a frame without a mask as a client (5.1)"),
            (Role::Client, Some(key)) => self.keys.push(key),
            (Role::Server, None) => {}
        }
        if self.is_closed {
            return must("a frame behind its Close (5.5.1)");
        }
        if !is_minimal {
            return must("a length that is not in its shortest form (5.2)");
        }
        if frame.rsv != 0 && !(may_compress && frame.rsv == 4) {
            return must("a reserved bit that no extension defines (5.2)");
        }
        if !matches!(frame.opcode, 0..=2 | 8..=10) {
            return must("a reserved opcode (5.2)");
        }
        if is_control && (!frame.fin || frame.payload.len() > 125) {
            return must("a control frame in fragments, or of more than 125 bytes (5.5)");
        }
        Ok(())
    }

    /// Joins fragments; inflates and validates whole messages.
    fn join(&mut self, frame: Frame) -> Verdict<Option<Heard>> {
        match frame.opcode {
            Opcode::PING => return Ok(Some(Heard::Ping(frame.payload))),
            Opcode::PONG => return Ok(Some(Heard::Pong(frame.payload))),
            Opcode::CLOSE => {
                return self.close_code(&frame.payload).map(|code| Some(Heard::Close(code)));
            }
            Opcode::CONTINUATION => match &mut self.open {
                Some((_, _, payload)) => payload.extend(frame.payload),
                None => {
                    return Err(Fault::must(
                        "it sent a continuation with nothing to continue (5.4)",
                    ));
                }
            },
            opcode => {
                let message = (opcode, frame.rsv == 4, frame.payload);
                if self.open.replace(message).is_some() {
                    return Err(Fault::must("it sent a message inside a message (5.4)"));
                }
            }
        }
        if !frame.fin {
            return Ok(None);
        }
        let Some((opcode, is_compressed, payload)) = self.open.take() else { return Ok(None) };
        let payload = if is_compressed { self.inflate(&payload)? } else { payload };
        if opcode == Opcode::BINARY {
            return Ok(Some(Heard::Binary(payload)));
        }
        match std::str::from_utf8(&payload) {
            Ok(_) => Ok(Some(Heard::Text(payload))),
            Err(_) => Err(Fault::must("it sent a text that is not UTF-8 (8.1)")),
        }
    }

    fn inflate(&mut self, payload: &[u8]) -> Verdict<Vec<u8>> {
        let Some(inflater) = &mut self.inflater else { return Ok(payload.to_vec()) };
        self.compressed += 1;
        let wrong = |error| Fault::must(format!("it compressed wrongly: {error} (RFC 7692 7.2)"));
        inflater.message(payload).map_err(wrong)
    }

    /// Sections 5.5.1 and 7.4.
    fn close_code(&mut self, body: &[u8]) -> Verdict<Option<u16>> {
        self.is_closed = true;
        let (code, reason) = match body {
            [] => return Ok(None),
            [_] => return Err(Fault::must("it sent a Close with one byte (5.5.1)")),
            [high, low, reason @ ..] => (u16::from_be_bytes([*high, *low]), reason),
        };
        if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
            return Err(Fault::must(format!("it sent a Close with the code {code} (7.4)")));
        }
        if std::str::from_utf8(reason).is_err() {
            return Err(Fault::must("it sent a Close whose reason is not UTF-8 (5.5.1)"));
        }
        Ok(Some(code))
    }
}
