//! Frames, as far as these tests need them: whole ones, with no rule checked.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

pub(crate) const TEXT: u8 = 1;
pub(crate) const BINARY: u8 = 2;
pub(crate) const CLOSE: u8 = 8;
pub(crate) const PING: u8 = 9;
pub(crate) const PONG: u8 = 10;

/// What went wrong, in words.
pub(crate) type Outcome<T = ()> = Result<T, String>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) opcode: u8,
    pub(crate) payload: Vec<u8>,
}

impl Frame {
    pub(crate) fn new(opcode: u8, payload: impl Into<Vec<u8>>) -> Self {
        Self { opcode, payload: payload.into() }
    }

    pub(crate) fn text(text: &str) -> Self {
        Self::new(TEXT, text)
    }

    pub(crate) fn close(code: u16) -> Self {
        Self::new(CLOSE, code.to_be_bytes())
    }

    pub(crate) fn is_text_with(&self, part: &str) -> bool {
        self.opcode == TEXT && String::from_utf8_lossy(&self.payload).contains(part)
    }

    /// The status code of a Close.
    pub(crate) fn code(&self) -> Option<u16> {
        let code = self.payload.first_chunk().filter(|_| self.opcode == CLOSE);
        code.map(|code| u16::from_be_bytes(*code))
    }

    /// The frame as bytes; a client's has a masking key, and one of zeros will do.
    pub(crate) fn encode(&self, masked: bool) -> Vec<u8> {
        let mask = u8::from(masked) << 7;
        let mut bytes = vec![0x80 | self.opcode];
        match self.payload.len() {
            length @ 0..=125 => bytes.push(mask | length as u8),
            length @ 126..=0xffff => {
                bytes.push(mask | 126);
                bytes.extend((length as u16).to_be_bytes());
            }
            length => {
                bytes.push(mask | 127);
                bytes.extend((length as u64).to_be_bytes());
            }
        }
        if masked {
            bytes.extend([0; 4]);
        }
        bytes.extend(&self.payload);
        bytes
    }

    /// The frame at the front of `bytes` and how long it is there, if it is there whole.
    fn decode(bytes: &[u8]) -> Option<(Self, usize)> {
        let (opcode, is_masked) = (*bytes.first()? & 0x0f, *bytes.get(1)? & 0x80 != 0);
        let (length, mut at) = match bytes[1] & 0x7f {
            126 => (usize::from(u16::from_be_bytes(*bytes.get(2..)?.first_chunk()?)), 4),
            127 => (u64::from_be_bytes(*bytes.get(2..)?.first_chunk()?) as usize, 10),
            length => (usize::from(length), 2),
        };
        let key: [u8; 4] = match is_masked {
            true => *bytes.get(at..)?.first_chunk()?,
            false => [0; 4],
        };
        at += if is_masked { 4 } else { 0 };
        let mut payload = bytes.get(at..at + length)?.to_vec();
        if key != [0; 4] {
            payload.iter_mut().zip(key.iter().cycle()).for_each(|(byte, key)| *byte ^= key);
        }
        Some((Self { opcode, payload }, at + length))
    }
}

/// One end of an open WebSocket.
pub(crate) struct Wire {
    pub(crate) socket: TcpStream,
    /// Whether this end is the client.
    pub(crate) masks: bool,
    input: Vec<u8>,
}

impl Wire {
    /// With what came behind the head of the opening handshake.
    pub(crate) fn new(socket: TcpStream, masks: bool, input: Vec<u8>) -> Self {
        Self { socket, masks, input }
    }

    /// Another end of the same, which has read nothing.
    pub(crate) fn try_clone(&self) -> Outcome<Self> {
        let socket = self.socket.try_clone().map_err(|error| error.to_string())?;
        Ok(Self::new(socket, self.masks, Vec::new()))
    }

    pub(crate) fn send(&mut self, frame: &Frame) -> Outcome {
        self.send_all(std::slice::from_ref(frame))
    }

    /// Sends frames in one write.
    pub(crate) fn send_all(&mut self, frames: &[Frame]) -> Outcome {
        let bytes: Vec<u8> = frames.iter().flat_map(|frame| frame.encode(self.masks)).collect();
        self.socket.write_all(&bytes).map_err(|error| format!("cannot write: {error}"))
    }

    /// The next frame; `None` if the stream ends, in whatever way.
    pub(crate) fn next(&mut self, deadline: Instant) -> Outcome<Option<Frame>> {
        loop {
            if let Some((frame, length)) = Frame::decode(&self.input) {
                self.input.drain(..length);
                return Ok(Some(frame));
            }
            if self.fill(deadline)? == 0 {
                return Ok(None);
            }
        }
    }

    /// Reads once; 0 at the end of the stream.
    pub(crate) fn fill(&mut self, deadline: Instant) -> Outcome<usize> {
        let late = || "nothing came in time".to_owned();
        let left = deadline.checked_duration_since(Instant::now()).ok_or_else(late)?;
        let left = left.max(Duration::from_millis(1));
        self.socket.set_read_timeout(Some(left)).map_err(|error| error.to_string())?;
        let mut bytes = vec![0; 256 * 1024];
        match self.socket.read(&mut bytes) {
            Ok(read) => {
                self.input.extend(&bytes[..read]);
                Ok(read)
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => self.fill(deadline),
            Err(error) if is_timeout(&error) => Err(late()),
            Err(_) => Ok(0),
        }
    }

    /// Whether something is in the socket, unread.
    pub(crate) fn is_readable(&self) -> bool {
        let patience = Some(Duration::from_millis(1));
        let set = self.socket.set_read_timeout(patience);
        set.is_ok() && matches!(self.socket.peek(&mut [0]), Ok(1..))
    }

    /// Whether a frame with this opcode is in the socket, unread.
    pub(crate) fn is_waiting(&self, opcode: u8) -> bool {
        let mut bytes = vec![0; 64 * 1024];
        let peeked = self.socket.peek(&mut bytes).unwrap_or(0);
        let mut rest = &bytes[..peeked];
        while let Some((frame, length)) = Frame::decode(rest) {
            if frame.opcode == opcode {
                return true;
            }
            rest = &rest[length..];
        }
        false
    }

    /// The next frame of which `is_it` says so; pings are answered meanwhile.
    pub(crate) fn await_frame(
        &mut self,
        what: &str,
        deadline: Instant,
        mut is_it: impl FnMut(&Frame) -> bool,
    ) -> Outcome<Frame> {
        loop {
            let frame = self.next(deadline).map_err(|error| format!("{what}: {error}"))?;
            let frame = frame.ok_or_else(|| format!("{what}: the stream ended"))?;
            if frame.opcode == PING {
                self.send(&Frame::new(PONG, frame.payload.clone()))?;
            }
            match &frame {
                frame if is_it(frame) => {}
                Frame { opcode: CLOSE, payload } => {
                    return Err(format!("{what}: it closed with {}", payload.escape_ascii()));
                }
                _ => continue,
            }
            return Ok(frame);
        }
    }

    /// Everything up to the end of the stream, without answering anything.
    pub(crate) fn rest(&mut self, deadline: Instant) -> Outcome<Vec<Frame>> {
        let mut frames = Vec::new();
        while let Some(frame) = self.next(deadline)? {
            frames.push(frame);
        }
        Ok(frames)
    }

    /// Says no more, and listens on.
    pub(crate) fn shut(&self) -> Outcome {
        self.socket.shutdown(Shutdown::Write).map_err(|error| error.to_string())
    }
}

pub(crate) fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}
