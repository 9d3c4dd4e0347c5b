//! One end with its buffers and its driver, which does what the documentation of `Connection` says.

use super::connected::{Connected, Heard, Side, VERBS, Verb, part, text};
use super::fingerprint::{Fingerprint, START};
use super::wire::Wire;
use bytes::Buf;
use patchcord::{
    CloseCode, ClosedBy as By, Config, MessageKind, Next, Outgoing, ReceiveBuffer, SendBuffer,
    SendError, State,
};
use std::collections::VecDeque;
use std::time::Duration;

/// What waits beside what the application said: pongs up to their bound and the one that reaches
/// it, the latest of the others, a ping that is due, and a Close.
const MOST_PENDING: usize = 4096 + 4 * 131;

/// What is on its way to an end, and how that ends.
#[derive(Default)]
pub(crate) struct Pipe {
    pub(crate) bytes: VecDeque<u8>,
    /// The end that writes has shut down its side.
    pub(crate) is_shut: bool,
    /// What is written goes nowhere from now on, and the reader does not see that.
    pub(crate) is_cut: bool,
}

impl Pipe {
    pub(crate) fn put(&mut self, bytes: &[u8]) {
        if !self.is_shut && !self.is_cut {
            self.bytes.extend(bytes);
        }
    }

    fn fingerprint(&self, to: &mut Fingerprint) {
        let (front, back) = self.bytes.as_slices();
        let bytes = if back.is_empty() { front } else { &[front, back].concat() };
        to.bytes(bytes);
        to.number(u64::from(self.is_shut) << 1 | u64::from(self.is_cut));
    }
}

/// A message as it was said or heard.
type Data = (MessageKind, Vec<u8>);

pub(crate) struct End {
    pub(crate) connected: Connected,
    pub(crate) out: SendBuffer,
    input: ReceiveBuffer,
    /// What it was told to do last, and when.
    pub(crate) next: Next,
    pub(crate) told: Duration,
    /// What a send buffer does not show: the transport was full, and since when.
    is_full: bool,
    full_since: Option<Duration>,
    pub(crate) wire: Wire,
    /// How many bytes of what the application said wait at most.
    own: usize,
    /// The messages that were said and heard, and those of which the last fragment was not.
    pub(crate) said: Vec<Data>,
    pub(crate) heard: Vec<Data>,
    saying: Option<Vec<u8>>,
    hearing: Vec<u8>,
    /// How often each verb was used.
    pub(crate) uses: Vec<(Verb, u8)>,
    pub(crate) is_ended: bool,
    /// The peer was made to break a rule.
    pub(crate) may_fail: bool,
    /// The two Closes, which stay known.
    closes: [Option<Option<CloseCode>>; 2],
    times: bool,
}

impl End {
    pub(crate) fn new(side: Side, config: Config) -> Self {
        let mut end = Self {
            connected: Connected::new(side, config),
            out: SendBuffer::new(),
            input: ReceiveBuffer::new(0),
            next: Next::Look,
            told: START,
            is_full: false,
            full_since: None,
            wire: Wire::new(side == Side::Client),
            own: 0,
            said: Vec::new(),
            heard: Vec::new(),
            saying: None,
            hearing: Vec::new(),
            uses: Vec::new(),
            is_ended: false,
            may_fail: false,
            closes: [None; 2],
            times: config.timeouts.close.is_some(),
        };
        end.ask(START);
        end
    }

    pub(crate) fn is_over(&self) -> bool {
        matches!(self.next, Next::Finished | Next::Expired(_))
    }

    pub(crate) fn is_open(&self) -> bool {
        self.connected.state() == State::Open
    }

    pub(crate) fn used(&self, verb: Verb) -> u8 {
        self.uses.iter().find(|(used, _)| *used == verb).map_or(0, |(_, count)| *count)
    }

    /// Says it, or is refused and has said nothing.
    pub(crate) fn say(&mut self, verb: Verb, to: &mut Pipe) {
        let (count, before) = (self.said.len() as u8, self.out.remaining());
        let may = self.may_say(verb);
        let Self { connected, out, wire, is_full, .. } = self;
        let write = |frame: &mut Outgoing<'_>| *is_full |= write(frame, wire, to);
        let said = connected.say(verb, count, out, write);
        assert_eq!(said, may, "{verb:?}");
        if said.is_err() {
            return assert_eq!(self.out.remaining(), before, "what is refused leaves nothing");
        }
        self.own += self.out.remaining().saturating_sub(before);
        self.note(verb, count);
    }

    /// What section 5.4 and 5.5.1 let be said.
    fn may_say(&self, verb: Verb) -> Result<(), SendError> {
        let is_control =
            matches!(verb, Verb::Ping | Verb::Pings | Verb::Close | Verb::CloseWithout);
        let goes_on = matches!(verb, Verb::More | Verb::Last);
        match () {
            () if !self.is_open() => Err(SendError::Closed),
            () if !is_control && goes_on != self.saying.is_some() => Err(SendError::FragmentOrder),
            () => Ok(()),
        }
    }

    fn note(&mut self, verb: Verb, count: u8) {
        match self.uses.iter_mut().find(|(used, _)| *used == verb) {
            Some((_, uses)) => *uses += 1,
            None => self.uses.push((verb, 1)),
        }
        self.uses.sort_unstable_by_key(|(verb, _)| *verb as u8);
        match verb {
            Verb::First | Verb::More => self.saying.get_or_insert_default().extend(part(verb)),
            Verb::Last => {
                let message = [&self.saying.take().unwrap_or_default()[..], part(verb)].concat();
                self.said.push((MessageKind::Text, message));
            }
            Verb::InPlace => self.said.push((MessageKind::Binary, vec![count])),
            Verb::Borrowed | Verb::Prepared if matches!(self.connected, Connected::Server(_)) => {
                self.said.push((MessageKind::Binary, vec![count]));
            }
            Verb::Send | Verb::Borrowed | Verb::Prepared => {
                self.said.push((MessageKind::Text, text(count).into_bytes()));
            }
            Verb::Ping | Verb::Pings | Verb::Close | Verb::CloseWithout => {}
        }
    }

    /// Lets the transport take so many bytes of the next slice.
    pub(crate) fn write(&mut self, count: usize, to: &mut Pipe) {
        let chunk = self.out.chunk();
        let count = count.min(chunk.len());
        self.is_full |= count < chunk.len();
        self.wire.left(&chunk[..count]);
        to.put(&chunk[..count]);
        self.out.advance(count);
        self.own = self.own.min(self.out.remaining());
    }

    /// Reads so many bytes, as often as there is room for some, and takes all events.
    pub(crate) fn read(&mut self, mut count: usize, from: &mut Pipe) {
        while count > 0 {
            let space = self.input.space();
            let now = count.min(space.len());
            space.iter_mut().zip(from.bytes.drain(..now)).for_each(|(space, byte)| *space = byte);
            self.input.filled(now);
            self.receive();
            count -= now;
        }
    }

    fn receive(&mut self) {
        loop {
            let was_receiving = self.connected.is_receiving();
            match self.connected.receive(&mut self.input, &mut self.out) {
                Ok(None) => break,
                Ok(Some(heard)) => {
                    assert!(was_receiving, "{heard:?} after the end");
                    self.hear(heard);
                }
                Err(error) => {
                    assert!(self.may_fail, "{error} in a legal stream");
                    assert!(!self.connected.is_receiving());
                    break;
                }
            }
        }
    }

    fn hear(&mut self, heard: Heard) {
        match heard {
            Heard::Data(kind, octets, is_last) => {
                self.hearing.extend(octets);
                if is_last {
                    self.heard.push((kind, std::mem::take(&mut self.hearing)));
                }
            }
            Heard::Ping(octets) => self.wire.heard_ping(&octets),
            Heard::Pong(_) => {} // the other end's wire was judged when it left
            Heard::Close(code) => {
                assert_eq!(self.connected.close_received(), Some(code));
                let said = self.used(Verb::Close) + self.used(Verb::CloseWithout) > 0;
                let by = if said { By::Local } else { By::Peer };
                assert_eq!(self.connected.state(), State::Closed { by, code }, "who began");
            }
        }
    }

    /// The peer's stream ends.
    pub(crate) fn read_end(&mut self) {
        let is_early = self.connected.is_receiving();
        let lost = self.connected.end_of_stream(&self.input);
        assert!(!is_early || lost.is_err(), "an end without a Close is a loss");
        assert!(!self.connected.is_receiving());
        self.is_ended = true;
    }

    /// Asks what is to be done, and looks at what is answered.
    pub(crate) fn ask(&mut self, now: Duration) {
        let before = self.next;
        self.next = self.connected.handle_timeout(now, &mut self.out);
        self.told = now;
        match self.out.is_empty() {
            true => (self.is_full, self.full_since) = (false, None),
            false if self.is_full => drop(self.full_since.get_or_insert(now)),
            false => {}
        }
        let (is_empty, is_receiving) = (self.out.is_empty(), self.connected.is_receiving());
        match self.next {
            Next::Write { until } => assert!(!is_empty && until.is_some() == self.times),
            Next::Wait { until } => {
                assert!(is_empty && is_receiving);
                assert!(self.is_open() || until.is_some() || !self.times, "{:?}", self.connected);
            }
            Next::Finished => assert!(is_empty && !is_receiving),
            Next::Look => {}
            Next::Expired(_) => {
                assert!(
                    matches!(before, Next::Look | Next::Expired(_)),
                    "no look before {before:?}"
                );
            }
        }
        if let Next::Expired(_) = before {
            assert_eq!(self.next, before, "it is final");
        }
    }

    /// What holds in every state.
    pub(crate) fn check(&mut self) {
        assert!(self.out.remaining() <= self.own + MOST_PENDING, "output without a bound");
        let (sent, received) = (self.connected.close_sent(), self.connected.close_received());
        for (was, is) in self.closes.iter_mut().zip([sent, received]) {
            assert!(was.is_none() || *was == is, "a Close that was {was:?} is {is:?}");
            *was = is;
        }
        match self.connected.state() {
            State::Open => assert_eq!((sent, received), (None, None)),
            State::Closing { code } => assert_eq!((sent, received), (Some(code), None)),
            State::Closed { code, .. } => {
                assert_eq!(received, Some(code));
                assert!(sent.is_some(), "a Close without an answer");
            }
            _ => {}
        }
        if let Some(code) = self.wire.closed() {
            assert_eq!(sent, Some(CloseCode::new(code)), "what left is what is told");
        }
    }

    /// Nothing more is said, and time changes nothing.
    pub(crate) fn assert_over(&mut self) {
        let (state, next) = (self.connected.state(), self.next);
        let mut nowhere = Pipe { is_cut: true, ..Pipe::default() };
        for verb in VERBS {
            self.say(verb, &mut nowhere);
        }
        self.hear_late();
        let lost = self.connected.end_of_stream(&self.input).err();
        assert_eq!(lost, if let State::Lost(lost) = state { Some(lost) } else { None });
        self.ask(Duration::MAX);
        assert_eq!((self.connected.state(), self.next), (state, next));
        self.check();
    }

    /// A message that comes behind the end means nothing.
    fn hear_late(&mut self) {
        let frame: &[u8] = match self.connected {
            Connected::Client(_) => b"\x81\x01x",
            Connected::Server(_) => b"\x81\x81\0\0\0\0x",
        };
        self.input.space()[..frame.len()].copy_from_slice(frame);
        self.input.filled(frame.len());
        let heard = self.connected.receive(&mut self.input, &mut self.out);
        assert!(matches!(heard, Ok(None) | Err(_)), "{heard:?} after the end");
    }

    fn fingerprint(&self, to: &mut Fingerprint) {
        to.debug(&self.connected);
        let mut slices = [std::io::IoSlice::new(&[]); 16];
        let count = self.out.chunks_vectored(&mut slices);
        slices[..count].iter().for_each(|slice| to.bytes(slice));
        to.bytes(self.input.as_ref());
        // A message that grows there is not among those bytes; how many are free is of no account.
        let kept = format!("{:?}", self.input);
        to.bytes(kept.split(',').next().unwrap_or_default().as_bytes());
        to.bytes(&[self.is_over().into(), matches!(self.next, Next::Look).into()]);
        to.time((!self.is_over()).then_some(self.told));
        to.bytes(&[self.is_full.into(), self.is_ended.into(), self.may_fail.into()]);
        to.time(self.full_since);
        self.wire.fingerprint(to);
        to.debug(&(&self.said, &self.heard, &self.saying, &self.hearing, &self.uses));
    }
}

impl End {
    pub(crate) fn both(ends: [&Self; 2], pipes: [&Pipe; 2], to: &mut Fingerprint) {
        ends.into_iter().for_each(|end| end.fingerprint(to));
        pipes.into_iter().for_each(|pipe| pipe.fingerprint(to));
    }
}

/// Writes all but the last byte of what is lent in one go, with what waits before it; whether the
/// transport was full then.
fn write(frame: &mut Outgoing<'_>, wire: &mut Wire, to: &mut Pipe) -> bool {
    let mut slices = [std::io::IoSlice::new(&[]); 16];
    let count = frame.chunks_vectored(&mut slices);
    let last = slices[count - 1].len();
    let mut bytes: Vec<u8> =
        slices[..count].iter().flat_map(|slice| slice.iter()).copied().collect();
    bytes.pop();
    wire.left(&bytes);
    to.put(&bytes);
    frame.advance(bytes.len());
    last > 1
}
