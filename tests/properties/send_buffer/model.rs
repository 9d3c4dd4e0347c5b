//! The reference: a list of bytes, and what is known of the pongs among them.

use crate::common::Side;
use bytes::Buf;
use patchcord::{
    Close, CloseCode, Config, Connection, Message, Prepared, SendBuffer, Server, SharedMessage,
};
use proptest::collection::vec;
use proptest::prelude::*;
#[cfg(feature = "std")]
use std::io::IoSlice;

/// How many bytes of pongs wait before the latest takes the place of others.
const MAX_PONGS: usize = 4096;

#[derive(Clone, Debug)]
pub(crate) enum Operation {
    Say(Say),
    /// The transport takes so many bytes of the next slice.
    Write(usize),
    /// The transport takes so many bytes, over so many slices at most.
    WriteVectored(usize, usize),
    /// Everything that waits is moved into a connection's own buffer, as when a turn ends.
    Move,
}

/// A frame, with the length of its payload.
#[derive(Clone, Debug)]
pub(crate) enum Say {
    Copied(usize),
    Prepared(usize),
    Shared(usize),
    /// With how much of all that waits and of it the transport takes before it is dropped, slice by
    /// slice or at once.
    Borrowed(usize, usize, bool),
    Ping(usize),
    /// The answer to a ping.
    Pong(usize),
    /// So many answers to pings.
    Pongs(usize, usize),
    Close,
}

fn lengths() -> impl Strategy<Value = usize> {
    prop_oneof![4 => 0..20_usize, 2 => 100..140_usize, 1 => 1000..5000_usize]
}

fn counts() -> impl Strategy<Value = usize> {
    prop_oneof![3 => 0..30_usize, 2 => 30..3000_usize, 1 => Just(usize::MAX)]
}

/// Up to sixty, with a Close now and then, and floods of pings.
pub(crate) fn operations() -> impl Strategy<Value = Vec<Operation>> {
    let say = prop_oneof![
        40 => lengths().prop_map(Say::Copied),
        20 => lengths().prop_map(Say::Prepared),
        20 => lengths().prop_map(Say::Shared),
        40 => (lengths(), counts(), any::<bool>())
            .prop_map(|(length, taken, at_once)| Say::Borrowed(length, taken, at_once)),
        20 => (0..=125_usize).prop_map(Say::Ping),
        40 => (0..=125_usize).prop_map(Say::Pong),
        20 => (20..60_usize, 100..=125_usize).prop_map(|(count, length)| Say::Pongs(count, length)),
        3 => Just(Say::Close),
    ];
    let operation = prop_oneof![
        10 => say.prop_map(Operation::Say),
        6 => counts().prop_map(Operation::Write),
        4 => (counts(), 0..5_usize).prop_map(|(count, most)| Operation::WriteVectored(count, most)),
        1 => Just(Operation::Move),
    ];
    vec(operation, 0..60)
}

/// A connection with its buffer, and what has to be on the wire.
pub(crate) struct Pair {
    connection: Connection<Server>,
    out: SendBuffer,
    wire: Vec<u8>,
    /// What was written and waits, in the order of the wire.
    expected: Vec<u8>,
    /// Where on the wire the latest pong ends, how many bytes those have that wait, and the pong
    /// that waits apart.
    pongs_end: usize,
    pongs_length: usize,
    late: Option<Vec<u8>>,
    /// Each payload differs.
    number: u8,
    closed: bool,
}

impl Pair {
    pub(crate) fn new(out: SendBuffer) -> Self {
        Self {
            connection: Connection::server(Config::default()),
            out,
            wire: Vec::new(),
            expected: Vec::new(),
            pongs_end: 0,
            pongs_length: 0,
            late: None,
            number: 0,
            closed: false,
        }
    }

    pub(crate) fn perform(&mut self, operation: &Operation) {
        match operation {
            Operation::Say(Say::Pongs(count, length)) => {
                (0..*count).for_each(|_| self.say(&Say::Pong(*length)));
            }
            Operation::Say(say) => self.say(say),
            Operation::Write(count) => self.write(*count),
            Operation::WriteVectored(count, most) => self.write_vectored(*count, *most),
            Operation::Move => self.out = std::mem::take(&mut self.out),
        }
        self.check();
    }

    fn payload(&mut self, length: usize) -> Vec<u8> {
        self.number = self.number.wrapping_add(1);
        vec![self.number; length]
    }

    fn say(&mut self, say: &Say) {
        match *say {
            Say::Pong(length) | Say::Pongs(_, length) => self.pong(length),
            _ if self.closed => {}
            Say::Copied(length) => {
                let payload = self.payload(length);
                self.connection.send(Message::Binary(&payload), &mut self.out).unwrap();
                self.expect(0x82, &payload);
            }
            Say::Prepared(length) => {
                let payload = self.payload(length);
                let prepared = Prepared::new(Message::Binary(&payload));
                self.connection.send_prepared(&prepared, &mut self.out).unwrap();
                self.expect(0x82, &payload);
            }
            Say::Shared(length) => {
                let payload = self.payload(length);
                let message = SharedMessage::Binary(payload.clone().into());
                self.connection.send_shared(message, &mut self.out).unwrap();
                self.expect(0x82, &payload);
            }
            Say::Borrowed(length, taken, at_once) => self.borrowed(length, taken, at_once),
            Say::Ping(length) => {
                let payload = self.payload(length);
                self.connection.ping(&payload, &mut self.out).unwrap();
                self.expect(0x89, &payload);
            }
            Say::Close => {
                let close = Close::new(CloseCode::NORMAL, "bye");
                self.connection.close(Some(close), &mut self.out).unwrap();
                if let Some(late) = self.late.take() {
                    self.expected.extend(late);
                }
                self.expect(0x88, b"\x03\xe8bye");
                self.closed = true;
            }
        }
    }

    fn expect(&mut self, first: u8, payload: &[u8]) {
        self.expected.extend(crate::common::frame(first, None, payload));
    }

    fn pong(&mut self, length: usize) {
        let payload = self.payload(length);
        let mut ping = Side::Server.frame(0x89, &payload);
        self.connection.receive(&mut &mut ping[..], &mut self.out).unwrap().unwrap();
        let pong = crate::common::frame(0x8a, None, &payload);
        if self.pongs_length >= MAX_PONGS {
            self.late = Some(pong);
        } else {
            self.append_pong(pong);
        }
    }

    fn append_pong(&mut self, pong: Vec<u8>) {
        self.pongs_length += pong.len();
        self.expected.extend(pong);
        self.pongs_end = self.expected.len();
    }

    /// What waits apart comes before the frame if it may before the frame is begun, or behind it.
    fn borrowed(&mut self, length: usize, taken: usize, at_once: bool) {
        let payload = self.payload(length);
        let bytes = crate::common::frame(0x82, None, &payload);
        let message = Message::Binary(&payload);
        let mut out = std::mem::take(&mut self.out);
        let mut frame = self.connection.send_borrowed(message, &mut out).unwrap();
        let (mut taken, mut begun) = (taken.min(frame.remaining()), false);
        while taken > 0 {
            let at_once = at_once && cfg!(feature = "std");
            let count = if at_once { taken } else { taken.min(frame.chunk().len()) };
            self.wire.extend(slices(&frame, 400).concat().into_iter().take(count));
            frame.advance(count);
            taken -= count;
            if !begun && self.wire.len() > self.expected.len() {
                self.expected.extend(&bytes);
                begun = true;
            }
            let rest = if begun { 0 } else { bytes.len() };
            assert_eq!(frame.remaining(), self.expected.len() + rest - self.wire.len());
        }
        drop(frame);
        self.out = out;
        if !begun {
            self.expected.extend(&bytes);
        }
        self.left();
    }

    fn write(&mut self, count: usize) {
        let count = count.min(self.out.chunk().len());
        self.wire.extend_from_slice(&self.out.chunk()[..count]);
        self.out.advance(count);
        self.left();
    }

    fn write_vectored(&mut self, count: usize, most: usize) {
        let slices = slices(&self.out, most);
        let taken: Vec<u8> = slices.concat().into_iter().take(count).collect();
        self.out.advance(taken.len());
        self.wire.extend(taken);
        self.left();
    }

    /// Once all pongs left, the one that waited apart comes behind everything.
    fn left(&mut self) {
        if self.wire.len() >= self.pongs_end {
            self.pongs_length = 0;
            if let Some(late) = self.late.take() {
                self.append_pong(late);
            }
        }
    }

    fn check(&self) {
        let waits = &self.expected[self.wire.len()..];
        assert_eq!(self.wire, self.expected[..self.wire.len()], "what was written");
        assert_eq!(self.out.remaining(), waits.len());
        assert_eq!((self.out.has_remaining(), self.out.is_empty()), (waits != b"", waits == b""));
        assert!(waits.starts_with(self.out.chunk()));
        assert_eq!(self.out.chunk().is_empty(), waits.is_empty(), "a chunk of what remains");
        let all = slices(&self.out, 400);
        assert!(!cfg!(feature = "std") || all.concat() == waits, "in slices");
        assert!(all.iter().all(|slice| !slice.is_empty()), "no slice for nothing");
        for most in 0..4 {
            assert_eq!(slices(&self.out, most), all[..most.min(all.len())], "{most} slices");
        }
        let first = all.first().map_or(&[][..], |first| first);
        assert_eq!(first, self.out.chunk(), "the chunk is the first slice");
    }

    /// Everything leaves, byte by byte.
    pub(crate) fn finish(&mut self) {
        while self.out.has_remaining() {
            self.write(1);
        }
        self.check();
        assert_eq!(self.wire, self.expected);
        assert_eq!(self.late, None);
    }
}

/// What a vectored write gets: as many slices as there may be.
#[cfg(feature = "std")]
pub(crate) fn slices(out: &impl Buf, most: usize) -> Vec<Vec<u8>> {
    let mut slices = vec![IoSlice::new(&[]); most];
    let count = out.chunks_vectored(&mut slices);
    slices[..count].iter().map(|slice| slice.to_vec()).collect()
}

/// There is no vectored write without `std`.
#[cfg(not(feature = "std"))]
pub(crate) fn slices(out: &impl Buf, most: usize) -> Vec<Vec<u8>> {
    let chunk = Vec::from_iter(out.has_remaining().then(|| out.chunk().to_vec()));
    chunk.into_iter().take(most).collect()
}
