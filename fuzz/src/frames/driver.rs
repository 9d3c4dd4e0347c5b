//! One end of a connection: its send buffer, what was read, and what the rules say of both.

use super::patience::{Now, Patience};
use super::say::How;
use super::sending::{Expected, Sending, Why, body, take};
use super::speaks::Speaks;
use crate::stream::{Script, Seen};
use patchcord::{
    Connection, ConnectionLost, Expired, Input, MessageKind, Next, ReceiveBuffer, SendBuffer,
    State, Timeouts,
};
use std::collections::VecDeque;
use std::time::Duration;

pub(super) struct Driver<R> {
    pub(super) connection: Connection<R>,
    pub(super) out: SendBuffer,
    pub(super) sending: Sending,
    patience: Patience,
    /// What a client left of a slice that it was given; a server has a receive buffer.
    read: Vec<u8>,
    buffer: ReceiveBuffer,
    /// All that ever arrived, to see what its end cuts.
    came: Vec<u8>,
    pub(super) said: Vec<Seen>,
    pub(super) heard: Vec<Seen>,
    /// The message whose last fragment was not sent, and whether it is compressed.
    pub(super) open: Option<(MessageKind, bool, Vec<u8>)>,
}

impl<R: Speaks> Driver<R> {
    pub(super) fn new(connection: Connection<R>, timeouts: Timeouts, keeps: usize) -> Self {
        let mut driver = Self {
            connection,
            out: SendBuffer::keeping(keeps),
            sending: Sending::new(R::MASKS),
            patience: Patience::new(timeouts),
            read: Vec::new(),
            buffer: ReceiveBuffer::new(0),
            came: Vec::new(),
            said: Vec::new(),
            heard: Vec::new(),
            open: None,
        };
        let _ = driver.ask();
        driver
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
        let kind = if operation & 0x40 == 0 { MessageKind::Text } else { MessageKind::Binary };
        let compressed = operation & 0x10 != 0;
        match operation & 0x0f {
            0x0 if operation & 0x20 != 0 => self.message(kind, How::Shared, script.octets()),
            0x0 | 0x1 if compressed => self.message(kind, How::Compressed, script.octets()),
            0x0 | 0x1 => self.message(kind, How::Copied, script.octets()),
            0x2 => self.in_place(kind, operation & 0x20 != 0, script, to),
            0x3 | 0x4 => self.fragment(kind, compressed, operation & 0x20 != 0, script.octets()),
            0x5 if operation & 0x20 != 0 => self.pings(script),
            0x5 => self.ping(script.octets()),
            0x6 => drop(self.ask()),
            0x7 if operation & 0x30 == 0 => self.close(Some(1000 + u16::from(operation >> 6 & 1))),
            0x7 if operation & 0x30 == 0x10 => self.close(None),
            0x7 if operation & 0x40 != 0 => self.end(from),
            0x8..=0xa => self.write(count(script), operation & 0x20 != 0, to),
            _ => self.read(count(script), from),
        }
    }

    /// Sets the time, and asks what to do.
    pub(super) fn pass(&mut self, now: Duration) -> Next {
        self.patience.pass(now);
        self.ask()
    }

    /// Asks what to do, and compares the answer with what the times ask for.
    pub(super) fn ask(&mut self) -> Next {
        let now = Now {
            is_open: self.state() == State::Open,
            is_receiving: self.connection.is_receiving(),
            is_waiting: !self.sending.is_empty(),
        };
        let was = self.state();
        self.patience.told(now);
        let next = self.connection.handle_timeout(self.patience.now(), &mut self.out);
        let expected = match next {
            Next::Write { .. } | Next::Wait { .. } if self.patience.pings(now, &self.sending) => {
                vec![Expected::plain(Why::Ping, 0x89, b"")]
            }
            Next::Expired(Expired::Pong) if !matches!(was, State::Expired(_)) => {
                self.sending.close(&body(Some((1011, "no answer to a ping"))))
            }
            _ => Vec::new(),
        };
        self.sending.grew(&self.out, expected);
        match was {
            State::Expired(expired) => assert_eq!(next, Next::Expired(expired), "it is final"),
            _ => self.patience.answered(next, now, &self.sending),
        }
        next
    }

    /// Lets the transport take up to `count` bytes, unless it turns out to be full before that.
    pub(super) fn write(&mut self, mut count: usize, vectored: bool, to: &mut VecDeque<u8>) {
        loop {
            let (taken, is_full) = take(&mut self.out, count, vectored);
            count -= taken.len();
            self.left(&taken, is_full, to);
            if count == 0 || is_full || self.sending.is_empty() {
                break;
            }
        }
        let _ = self.ask();
    }

    pub(super) fn left(&mut self, taken: &[u8], is_full: bool, to: &mut VecDeque<u8>) {
        let says_last = match self.sending.is_closed() {
            true => self.sending.is_waiting(Why::Close),
            false => !self.sending.is_empty(),
        };
        let is_closing = self.state() != State::Open && says_last;
        let left = self.sending.left(taken);
        to.extend(taken);
        let late = self.sending.late();
        self.sending.grew(&self.out, late);
        self.patience.left(&left, &self.sending, is_full, is_closing);
    }

    pub(super) fn read(&mut self, count: usize, from: &mut VecDeque<u8>) {
        let new: Vec<u8> = from.drain(..count.min(from.len())).collect();
        self.came.extend_from_slice(&new);
        if !new.is_empty() {
            self.patience.heard();
        }
        let expected = match R::MASKS {
            true => self.receive_slice(&new),
            false => self.receive_buffered(&new),
        };
        self.sending.grew(&self.out, expected);
        let _ = self.ask();
    }

    fn receive_slice(&mut self, new: &[u8]) -> Vec<Expected> {
        self.read.extend_from_slice(new);
        let mut held = core::mem::take(&mut self.read).into_boxed_slice();
        let mut input = &mut held[..];
        let expected = self.receive(&mut input);
        self.read = input.to_vec();
        expected
    }

    fn receive_buffered(&mut self, mut new: &[u8]) -> Vec<Expected> {
        let (mut buffer, mut expected) = (core::mem::take(&mut self.buffer), Vec::new());
        loop {
            let space = buffer.space();
            let (read, later) = new.split_at(new.len().min(space.len()));
            space[..read.len()].copy_from_slice(read);
            buffer.filled(read.len());
            new = later;
            expected.extend(self.receive(&mut buffer.unconsumed()));
            if new.is_empty() {
                self.buffer = buffer;
                return expected;
            }
        }
    }

    fn receive<I: Input>(&mut self, input: &mut I) -> Vec<Expected> {
        let mut expected = Vec::new();
        while let Some(event) =
            self.connection.receive(input, &mut self.out).expect("a legal stream")
        {
            let seen = Seen::from(event);
            match &seen {
                Seen::Ping(octets) => expected.extend(self.sending.pong(octets)),
                Seen::Close(close) => {
                    let code = close.as_ref().map(|(code, _)| (*code, ""));
                    expected.extend(self.sending.close(&body(code)));
                }
                _ => {}
            }
            self.heard.push(seen);
        }
        expected
    }

    /// The peer's stream ends, wherever it is.
    pub(super) fn end(&mut self, from: &mut VecDeque<u8>) {
        from.clear();
        let expected = match self.state() {
            State::Open | State::Closing { .. } => Err(self.cut()),
            State::Lost(lost) => Err(lost), // the same error again
            _ => Ok(()),
        };
        let rest = [&self.read, self.buffer.as_ref()].concat();
        assert_eq!(self.connection.end_of_stream(rest), expected);
        self.read.clear();
        self.buffer = ReceiveBuffer::new(0);
        self.sending.grew(&self.out, Vec::new());
        let _ = self.ask();
    }

    /// Returns what an end of all that arrived would cut, by the frames in it.
    fn cut(&self) -> ConnectionLost {
        let (mut wire, mut is_inside) = (&self.came[..], false);
        while let Some((header, size)) = patchcord::frame::RawHeader::parse(wire) {
            let Some(rest) = wire.get(size + header.length as usize..) else {
                return ConnectionLost::InsideFrame;
            };
            is_inside = if header.opcode < 8 { !header.fin } else { is_inside };
            wire = rest;
        }
        match () {
            () if !wire.is_empty() => ConnectionLost::InsideFrame,
            () if is_inside => ConnectionLost::InsideMessage,
            () => ConnectionLost::BetweenMessages,
        }
    }

    pub(super) fn end_message(&mut self) {
        if self.open.is_some() && self.state() == State::Open {
            self.fragment(MessageKind::Binary, false, true, b"end");
        }
    }

    pub(super) fn is_settled(&self) -> bool {
        self.sending.is_empty() && self.read.is_empty() && self.buffer.as_ref().is_empty()
    }

    pub(super) fn last(&self, kind: impl Fn(&Seen) -> Option<&Vec<u8>>) -> Option<&Vec<u8>> {
        self.heard.iter().rev().find_map(kind)
    }

    /// Nothing is heard after a Close.
    pub(super) fn check(&self) {
        let close = self.heard.iter().position(|seen| matches!(seen, Seen::Close(_)));
        assert!(close.is_none_or(|at| at + 1 == self.heard.len()), "something after a Close");
    }

    /// The connection is over and everything was written: nothing more can be said, and it is late.
    pub(super) fn over(&mut self) {
        assert!(!self.connection.is_receiving(), "{:?}", self.state());
        let next = self.pass(Duration::MAX);
        let expired = matches!(self.state(), State::Expired(_));
        assert!(expired || next == Next::Finished, "{next:?}");
        self.open = None;
        let said = self.said.len();
        self.message(MessageKind::Text, How::Compressed, b"late");
        self.message(MessageKind::Text, How::Shared, b"late");
        self.ping(b"late");
        self.close(None);
        assert_eq!(self.said.len(), said);
        let ended = self.connection.end_of_stream([]);
        let lost = matches!(self.state(), State::Lost(_));
        assert_eq!(ended.is_err(), lost, "a Close was lost, or its loss is forgotten");
    }
}

/// Returns how many bytes pass: few, some or all.
pub(super) fn count(script: &mut Script<'_>) -> usize {
    match script.byte() {
        None | Some(0xff) => usize::MAX,
        Some(count) => count.into(),
    }
}
