//! Cuts the stream into heads and frames, however it arrives, in bounded memory.

use crate::head::{self, Beginning, Next};
use crate::judge::{self, Judge, Sender};
use crate::line::{Frame, KEPT};
use crate::sink::Sink;
use crate::wire::WireHeader;
use patchcord::MessageKind;
use patchcord::frame::Header;
use patchcord::frame::Opcode;
use patchcord::handshake::HeadLimits;
use std::io;
use std::mem;
use std::process::ExitCode;

/// Takes bytes, and shows each frame once it is complete.
#[derive(Default)]
pub(crate) struct Dissector {
    pub(crate) judge: Judge,
    /// Whether the caller knows the sender, whatever a head says.
    sender_is_given: bool,
    /// Where the head, frame or rest begins that is still incomplete.
    offset: u64,
    /// The bytes of a head or of a header that is still incomplete.
    held: Vec<u8>,
    state: State,
    /// Whether something was illegal or cut short.
    bad: bool,
}

#[derive(Default)]
enum State {
    #[default]
    HeadOrFrame,
    Head(Sender),
    Header,
    Payload(Frame),
    /// The rest cannot be shown: what it is behind, and how many bytes it has.
    Rest(&'static str, u64),
}

impl Dissector {
    pub(crate) fn set_sender(&mut self, sender: Option<Sender>) {
        self.judge.sender = sender;
        self.sender_is_given = sender.is_some();
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(u8::from(self.bad))
    }

    /// Takes the next bytes of the stream; payloads are unmasked in place.
    pub(crate) fn feed(&mut self, mut bytes: &mut [u8], out: &mut impl Sink) -> io::Result<()> {
        while let [first, ..] = *bytes {
            let taken = match &mut self.state {
                State::Payload(_) => self.payload(bytes, out)?,
                State::Rest(_, count) => {
                    *count += bytes.len() as u64;
                    bytes.len()
                }
                _ => {
                    self.held.push(first);
                    self.held(out)?;
                    1
                }
            };
            bytes = &mut bytes[taken..];
        }
        Ok(())
    }

    /// Looks at the bytes held, after one more was added.
    fn held(&mut self, out: &mut impl Sink) -> io::Result<()> {
        match self.state {
            State::HeadOrFrame => match head::beginning(&self.held) {
                Beginning::Unknown => Ok(()),
                Beginning::Head(sender) => {
                    self.state = State::Head(sender);
                    Ok(())
                }
                Beginning::Frame => {
                    self.state = State::Header;
                    let mut held = mem::take(&mut self.held);
                    self.feed(&mut held, out)
                }
            },
            State::Head(sender) => self.head(sender, out),
            _ => self.header(out),
        }
    }

    fn head(&mut self, sender: Sender, out: &mut impl Sink) -> io::Result<()> {
        if self.held.len() > HeadLimits::HEAD {
            return self.lose(out);
        }
        if !head::is_whole(&self.held) {
            return Ok(());
        }
        let head = head::read(sender, &self.held, self.offset);
        out.lines(format_args!("{}", head.lines))?;
        self.bad |= !head.legal;
        if !self.sender_is_given {
            self.judge.sender = Some(sender);
        }
        self.state = match head.next {
            Next::HeadOrFrame => State::HeadOrFrame,
            Next::Frames => State::Header,
            Next::Body => State::Rest("a response that opens no WebSocket", 0),
        };
        self.release();
        Ok(())
    }

    fn header(&mut self, out: &mut impl Sink) -> io::Result<()> {
        let Some(header) = WireHeader::read(&self.held) else { return Ok(()) };
        let faults = self.judge.header(&header);
        let data = header.opcode().is_some_and(|opcode| !opcode.is_control());
        let kind = self.judge.kind().filter(|_| data);
        let frame = Frame { offset: self.offset, header, kind, kept: Vec::new(), seen: 0, faults };
        self.release();
        if !header.has_end() {
            self.state = State::Rest("a frame whose end cannot be known", 0);
            return self.show(&frame, out);
        }
        self.state = State::Payload(frame);
        if header.raw.length == 0 { self.payload(&mut [], out).map(drop) } else { Ok(()) }
    }

    /// Takes the part of the payload in `bytes`, and returns its length.
    fn payload(&mut self, bytes: &mut [u8], out: &mut impl Sink) -> io::Result<usize> {
        let State::Payload(frame) = &mut self.state else { return Ok(0) };
        let left = frame.header.raw.length - frame.seen;
        let taken = left.min(bytes.len() as u64) as usize;
        let piece = &mut bytes[..taken];
        if let Some(key) = frame.header.raw.masking_key {
            key.rotated((frame.seen % 4) as usize).apply(piece);
        }
        frame.seen += taken as u64;
        self.offset += taken as u64;
        let room = KEPT - frame.kept.len();
        frame.kept.extend_from_slice(&piece[..taken.min(room)]);
        if frame.kind.is_some() {
            frame.faults.extend(self.judge.piece(piece));
        }
        if !frame.is_cut() {
            self.end_frame(out)?;
        }
        Ok(taken)
    }

    fn end_frame(&mut self, out: &mut impl Sink) -> io::Result<()> {
        let State::Payload(mut frame) = mem::replace(&mut self.state, State::Header) else {
            return Ok(());
        };
        if frame.kind.is_some() && frame.header.raw.fin {
            frame.faults.extend(self.judge.end_message());
        }
        if frame.header.opcode() == Some(Opcode::Close) {
            frame.faults.extend(judge::close(&frame.header, &frame.kept));
        }
        self.show(&frame, out)
    }

    fn show(&mut self, frame: &Frame, out: &mut impl Sink) -> io::Result<()> {
        self.bad |= !frame.faults.is_empty() || frame.is_cut();
        out.frame(frame)
    }

    /// Reports at the end of the stream what was cut short.
    pub(crate) fn finish(&mut self, out: &mut impl Sink) -> io::Result<()> {
        let held = self.held.len() as u64;
        match mem::replace(&mut self.state, State::Header) {
            State::Payload(frame) => self.show(&frame, out),
            State::Rest(_, 0) => Ok(()),
            State::Rest(why, count) => {
                let (at, count) = (self.offset, bytes(count));
                out.lines(format_args!("{at:>8}  not shown: {count} behind {why}\n"))
            }
            State::Head(_) => self.cut(&format!("{} of an HTTP head", bytes(held)), out),
            State::Header if held > 0 => {
                // The part of a header that has arrived can be illegal already.
                let fault = Header::parse(&self.held).err().map_or(String::new(), |error| {
                    format!(", illegal: {error} (RFC 6455 section {})", error.section())
                });
                self.cut(&format!("{} of a header{fault}", bytes(held)), out)
            }
            _ if held > 0 => self.cut(&format!("{} of a header", bytes(held)), out),
            _ => match self.judge.kind() {
                Some(MessageKind::Text) => self.cut("a text message has no final fragment", out),
                Some(MessageKind::Binary) => {
                    self.cut("a binary message has no final fragment", out)
                }
                None => Ok(()),
            },
        }
    }

    fn cut(&mut self, what: &str, out: &mut impl Sink) -> io::Result<()> {
        self.bad = true;
        out.lines(format_args!("{:>8}  cut short: {what}\n", self.offset))
    }

    /// Gives up a head that is too long to be one.
    fn lose(&mut self, out: &mut impl Sink) -> io::Result<()> {
        self.bad = true;
        out.lines(format_args!(
            "{:>8}  HTTP head  illegal: it is longer than {} bytes\n",
            self.offset,
            HeadLimits::HEAD
        ))?;
        self.release();
        self.state = State::Rest("an HTTP head that does not end", 0);
        Ok(())
    }

    /// Continues behind the bytes held.
    fn release(&mut self) {
        self.offset += self.held.len() as u64;
        self.held.clear();
    }
}

fn bytes(count: u64) -> String {
    if count == 1 { "1 byte".into() } else { format!("{count} bytes") }
}
