//! One end of a connection: what waits to be written, what was read, and what the rules say of both.

use crate::stream::{Script, Seen};
use bytes::Buf;
use patchcord::{
    Close, CloseCode, Connection, Fragment, Kind, Message, Next, Role, SendBuffer, SendError, State,
};
use std::collections::VecDeque;
use std::time::Duration;

pub(super) struct Driver<R> {
    pub(super) connection: Connection<R>,
    /// The MASK bit of what this end sends.
    mask: u8,
    out: SendBuffer,
    /// How many bytes of `out` were ever this end's own: not pongs, nor answers to a Close.
    own: usize,
    read: Vec<u8>,
    pub(super) said: Vec<Seen>,
    pub(super) heard: Vec<Seen>,
    wire: Vec<u8>,
    /// The message whose last fragment was not sent, and whether it goes compressed.
    open: Option<(Kind, bool, Vec<u8>)>,
}

impl<R: Role> Driver<R> {
    pub(super) fn new(connection: Connection<R>, mask: u8) -> Self {
        Self {
            connection,
            mask,
            out: SendBuffer::keeping(0),
            own: 0,
            read: Vec::new(),
            said: Vec::new(),
            heard: Vec::new(),
            wire: Vec::new(),
            open: None,
        }
    }

    pub(super) fn state(&self) -> State {
        self.connection.state()
    }

    pub(super) fn perform(
        &mut self,
        operation: u8,
        script: &mut Script<'_>,
        to: &mut VecDeque<u8>,
        from: &mut VecDeque<u8>,
    ) {
        let kind = if operation & 0x40 == 0 { Kind::Text } else { Kind::Binary };
        let compressed = operation & 0x10 != 0;
        match operation & 0x0f {
            0x0 | 0x1 => self.message(kind, compressed, script.octets()),
            0x2 => self.in_place(kind, script.octets(), to),
            0x3 | 0x4 => self.fragment(kind, compressed, operation & 0x20 != 0, script.octets()),
            0x5 => self.ping(script.octets()),
            0x6 => self.write(count(script), to),
            0x7 if operation & 0x30 == 0 => self.close(Some(1000 + u16::from(operation >> 6))),
            0x7 if operation & 0x30 == 0x10 => self.close(None),
            0x8..=0xa => self.write(count(script), to),
            _ => self.read(count(script), from),
        }
    }

    fn message(&mut self, kind: Kind, compressed: bool, octets: &[u8]) {
        let text = String::from_utf8_lossy(octets);
        let (message, seen) = match kind {
            Kind::Text => (Message::Text(&text), Seen::Text(text.clone().into_owned())),
            Kind::Binary => (Message::Binary(octets), Seen::Binary(octets.to_vec())),
        };
        let before = self.out.remaining();
        let sent = match compressed {
            true => self.connection.send_compressed(message, &mut self.out),
            false => self.connection.send(message, &mut self.out),
        };
        match sent {
            Ok(()) => self.said.push(seen),
            Err(error) => self.refused(error, before),
        }
        self.own += self.out.remaining() - before;
    }

    /// Masks a message where it lies, and lets the transport take a part of it at once; the rest
    /// waits with everything else.
    fn in_place(&mut self, kind: Kind, octets: &[u8], to: &mut VecDeque<u8>) {
        let mut payload = octets.to_vec().into_boxed_slice();
        let text = core::str::from_utf8(octets).is_ok();
        let before = self.out.remaining();
        let error = match self.connection.send_in_place(kind, &mut payload, &mut self.out) {
            Ok(mut frame) => {
                self.own += frame.remaining() - before;
                let taken = octets.len().min(frame.remaining());
                let written = frame.copy_to_bytes(taken);
                self.wire.extend_from_slice(&written);
                to.extend(written);
                assert!(kind == Kind::Binary || text, "text that is none was sent");
                self.said.push(Seen::message(kind, octets.to_vec()));
                return;
            }
            Err(error) => error,
        };
        match error {
            SendError::InvalidUtf8(_) => assert!(kind == Kind::Text && !text),
            error => self.refused(error, before),
        }
    }

    fn fragment(&mut self, kind: Kind, compressed: bool, last: bool, octets: &[u8]) {
        let first = self.open.is_none();
        let open = self.open.take();
        let (kind, compressed, mut whole) = open.unwrap_or((kind, compressed, Vec::new()));
        let text = String::from_utf8_lossy(octets);
        let payload = if kind == Kind::Text { text.as_bytes() } else { octets };
        let before = self.out.remaining();
        let fragment = Fragment { kind, first, last, payload };
        let sent = match compressed {
            true => self.connection.send_compressed_fragment(fragment, &mut self.out),
            false => self.connection.send_fragment(fragment, &mut self.out),
        };
        match sent {
            Ok(()) => whole.extend_from_slice(payload),
            Err(error) => return self.refused(error, before),
        }
        self.own += self.out.remaining() - before;
        if last {
            self.said.push(Seen::message(kind, whole));
        } else {
            self.open = Some((kind, compressed, whole));
        }
    }

    fn ping(&mut self, octets: &[u8]) {
        let before = self.out.remaining();
        match self.connection.ping(octets, &mut self.out) {
            Ok(()) => assert!(octets.len() <= 125, "section 5.5"),
            Err(SendError::ControlTooLong { length }) => {
                assert!(length == octets.len() && length > 125)
            }
            Err(error) => self.refused(error, before),
        }
        self.own += self.out.remaining() - before;
    }

    pub(super) fn close(&mut self, code: Option<u16>) {
        let was_open = self.state() == State::Open;
        let code = code.map(|code| CloseCode::new(code).expect("1000 to 1003"));
        let closed = self.connection.close(code.map(|code| Close::new(code, "bye")), &mut self.out);
        assert_eq!(closed, if was_open { Ok(()) } else { Err(SendError::Closed) });
    }

    /// Nothing was written, and there was a reason.
    fn refused(&self, error: SendError, before: usize) {
        let open = self.state() == State::Open;
        assert_eq!(error, if open { SendError::FragmentOrder } else { SendError::Closed });
        assert!(!open || self.open.is_some());
        assert_eq!(self.out.remaining(), before);
    }

    /// Lets time pass. Nobody is impatient, and nothing that waits is forgotten.
    pub(super) fn pass(&mut self, now: Duration) {
        let next = self.connection.handle_timeout(now, &mut self.out);
        match next {
            Next::Write { .. } => assert!(self.out.has_remaining()),
            Next::Wait { until } => {
                assert!(self.out.is_empty() && until.is_none_or(|until| until > now));
            }
            Next::Finished => assert!(self.out.is_empty() && !self.connection.is_receiving()),
            Next::Look | Next::Expired(_) => panic!("{next:?}"),
        }
    }

    /// Lets the transport take so many bytes.
    pub(super) fn write(&mut self, count: usize, to: &mut VecDeque<u8>) {
        let count = count.min(self.out.remaining());
        let written = self.out.copy_to_bytes(count);
        self.wire.extend_from_slice(&written);
        to.extend(written);
    }

    pub(super) fn read(&mut self, count: usize, from: &mut VecDeque<u8>) {
        self.read.extend(from.drain(..count.min(from.len())));
        let mut held = core::mem::take(&mut self.read).into_boxed_slice();
        let mut input = &mut held[..];
        while let Some(event) =
            self.connection.receive(&mut input, &mut self.out).expect("a legal stream")
        {
            self.heard.push(event.into());
        }
        self.read = input.to_vec();
    }

    pub(super) fn end_message(&mut self) {
        if self.open.is_some() && self.state() == State::Open {
            self.fragment(Kind::Binary, false, true, b"end");
        }
    }

    pub(super) fn is_settled(&self) -> bool {
        self.out.is_empty() && self.read.is_empty()
    }

    pub(super) fn last(&self, kind: impl Fn(&Seen) -> Option<&Vec<u8>>) -> Option<&Vec<u8>> {
        self.heard.iter().rev().find_map(kind)
    }

    /// What waits beside this end's own frames is bounded: 4 KiB of pongs, and four control frames
    /// of the greatest size. Nothing is heard after a Close.
    pub(super) fn check(&self) {
        assert!(self.out.remaining() <= self.own + 4096 + 4 * (2 + 4 + 125));
        let close = self.heard.iter().position(|seen| matches!(seen, Seen::Close(_)));
        assert!(close.is_none_or(|at| at + 1 == self.heard.len()), "something after a Close");
    }

    /// The connection is closed, and nothing more can be said.
    pub(super) fn over(&mut self) {
        assert!(!self.connection.is_receiving(), "{:?}", self.state());
        let next = self.connection.handle_timeout(Duration::MAX, &mut self.out);
        assert_eq!(next, Next::Finished);
        self.open = None;
        let (said, out) = (self.said.len(), self.out.remaining());
        self.message(Kind::Text, true, b"late");
        self.ping(b"late");
        self.close(None);
        assert_eq!((self.said.len(), self.out.remaining()), (said, out));
        assert!(self.connection.end_of_stream([]).is_ok(), "a Close was lost");
        self.masked();
    }

    /// RFC 6455 section 5.1: every frame of a client is masked, and none of a server.
    fn masked(&self) {
        let mut wire = &self.wire[..];
        while let Some((header, size)) = patchcord::frame::RawHeader::parse(wire) {
            assert_eq!(header.key.is_some(), self.mask != 0);
            wire = &wire[size + header.length as usize..];
        }
        assert!(wire.is_empty(), "a frame is cut short");
    }
}

/// How many bytes pass: few, some or all.
fn count(script: &mut Script<'_>) -> usize {
    match script.byte() {
        None | Some(0xff) => usize::MAX,
        Some(count) => count.into(),
    }
}
