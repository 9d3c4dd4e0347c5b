//! A client and a server, the pipes between them, and the driver of both.

use super::operations::{Operation, To};
use crate::common::{Endpoint, Receive, Seen, Side, run};
use bytes::Buf;
use patchcord::{
    Close, CloseCode, ClosedBy, Config, Expired, Fragment, Message, MessageKind, Next, SendError,
    State,
};
use std::collections::VecDeque;
use std::time::Duration;

/// The greatest control frame: two bytes, a masking key and 125 bytes.
const CONTROL: usize = 131;

/// What waits beside what the application said: pongs up to their bound and the one that reaches
/// it, the latest of the others, a ping that is due, and a Close.
const MOST_PENDING: usize = 4096 + 4 * CONTROL;

/// One end with its driver, and what was read.
pub(crate) struct Driver {
    pub(crate) side: Side,
    pub(crate) endpoint: Endpoint,
    /// How many bytes of what the application said wait at most.
    own: usize,
    read: Vec<u8>,
    /// What was said, as it is to be heard.
    pub(crate) said: Vec<Seen>,
    /// What came, in fragments and whole.
    pub(crate) heard: Vec<Seen>,
    /// Every byte that was written.
    pub(crate) wire: Vec<u8>,
    /// The message whose last fragment was not sent.
    open: Option<(MessageKind, Vec<u8>)>,
    pub(crate) expired: Option<(Expired, Duration)>,
    /// When its own or its peer's Close was first noticed by the clock.
    pub(crate) closing_from: Option<Duration>,
    now: Duration,
    /// When a byte last left, or nothing was left to write.
    pub(crate) wrote_at: Duration,
}

pub(crate) struct Pair {
    pub(crate) ends: [Driver; 2],
    /// What is on its way to each end.
    pipes: [VecDeque<u8>; 2],
    pub(crate) now: Duration,
    /// Whether the driver drops its cursor after each event, and its slice of what is pending.
    cancels: bool,
}

impl Driver {
    fn new(side: Side, config: Config) -> Self {
        Self {
            side,
            endpoint: Endpoint::new(side, config),
            own: 0,
            read: Vec::new(),
            said: Vec::new(),
            heard: Vec::new(),
            wire: Vec::new(),
            open: None,
            expired: None,
            closing_from: None,
            now: Duration::ZERO,
            wrote_at: Duration::ZERO,
        }
    }

    fn may_send(&self) -> bool {
        self.endpoint.state() == State::Open
    }

    /// Lets the application say something.
    fn say(
        &mut self,
        inside: bool,
        say: impl FnOnce(&mut Endpoint) -> Result<(), SendError>,
    ) -> bool {
        let before = self.endpoint.out.remaining();
        if let Err(error) = say(&mut self.endpoint) {
            self.assert_refused(error, inside, before);
            return false;
        }
        self.own += self.endpoint.out.remaining() - before;
        true
    }

    fn message(&mut self, text: bool, octets: &[u8]) {
        let string = String::from_utf8_lossy(octets);
        let message = if text { Message::Text(&string) } else { Message::Binary(octets) };
        match self.say(self.open.is_some(), |endpoint| endpoint.queue(message)) {
            true if text => self.said.push(Seen::Text(string.into_owned())),
            true => self.said.push(Seen::Binary(octets.to_vec())),
            false => {}
        }
    }

    fn assert_refused(&self, error: SendError, inside: bool, before: usize) {
        let expected = if !self.may_send() { SendError::Closed } else { SendError::FragmentOrder };
        assert!(inside || !self.may_send());
        assert_eq!((error, self.endpoint.out.remaining()), (expected, before));
    }

    fn fragment(&mut self, text: bool, last: bool, octets: &[u8]) {
        let kind = if text { MessageKind::Text } else { MessageKind::Binary };
        let first = self.open.is_none();
        let (kind, mut whole) = self.open.take().unwrap_or((kind, Vec::new()));
        let string = String::from_utf8_lossy(octets);
        let payload = if kind == MessageKind::Text { string.as_bytes() } else { octets };
        let fragment = Fragment { kind, first, last, payload };
        if !self.say(false, |endpoint| endpoint.queue_fragment(fragment)) {
            return;
        }
        whole.extend_from_slice(payload);
        if last {
            self.said.push(Seen::message(kind, whole));
        } else {
            self.open = Some((kind, whole));
        }
    }

    fn ping(&mut self, octets: &[u8]) {
        self.say(false, |endpoint| endpoint.queue_ping(octets));
    }

    fn close(&mut self, code: Option<u16>) {
        let was_open = self.may_send();
        let close = code.map(|code| Close::new(CloseCode::new(code).unwrap(), "bye"));
        let closed = self.endpoint.close(close);
        assert_eq!(closed, if was_open { Ok(()) } else { Err(SendError::Closed) });
    }

    /// Writes from the front of what waits, as a transport does that takes so much.
    fn write(&mut self, count: usize, to: &mut VecDeque<u8>) {
        let out = &mut self.endpoint.out;
        let count = count.min(out.chunk().len());
        self.wire.extend_from_slice(&out.chunk()[..count]);
        to.extend(&out.chunk()[..count]);
        out.advance(count);
        self.own = self.own.min(out.remaining());
        if count > 0 && self.expired.is_none() {
            self.wrote_at = self.now;
        }
    }

    /// Reads, and takes up to `events` events.
    fn read(&mut self, count: usize, events: usize, from: &mut VecDeque<u8>, cancels: bool) {
        let count = count.min(from.len());
        self.read.extend(from.drain(..count));
        let mut taken = 0;
        while taken < events {
            let limit = if cancels { 1 } else { events - taken };
            let now = self.take(limit);
            if now == 0 {
                break;
            }
            taken += now;
        }
    }

    /// Takes events from a new cursor, in memory of its own, and keeps what it leaves.
    fn take(&mut self, limit: usize) -> usize {
        let mut held = std::mem::take(&mut self.read).into_boxed_slice();
        let mut input = &mut held[..];
        let mut taken = 0;
        while taken < limit
            && let Some(event) = self.endpoint.receive(&mut input).expect("a legal stream")
        {
            self.heard.push(event.into());
            taken += 1;
        }
        self.read = input.to_vec();
        taken
    }

    fn on_time(&mut self, now: Duration) {
        self.now = now;
        if self.is_settled() && self.expired.is_none() {
            self.wrote_at = now;
        }
        if let Some(expired) = self.endpoint.on_time(now) {
            let (first, _) = *self.expired.get_or_insert((expired, now));
            assert_eq!(expired, first, "what passed stays");
            assert!(!self.endpoint.is_receiving());
        }
        if self.endpoint.state() != State::Open {
            self.closing_from.get_or_insert(now);
        }
        let next = self.endpoint.next_deadline();
        assert!(next.is_none_or(|next| next > now), "{next:?} again, at {now:?}");
    }

    fn is_settled(&self) -> bool {
        self.endpoint.out.is_empty()
    }

    fn check(&self) {
        assert!(self.endpoint.out.remaining() <= self.own + MOST_PENDING);
        let closes = self.heard.iter().filter(|seen| matches!(seen, Seen::Close(_))).count();
        assert!(closes == 0 || matches!(self.heard.last(), Some(Seen::Close(_))));
    }
}

impl Pair {
    pub(crate) fn new(configs: [Config; 2], cancels: bool) -> Self {
        let [client, server] = configs;
        Self {
            ends: [Driver::new(Side::Client, client), Driver::new(Side::Server, server)],
            pipes: [VecDeque::new(), VecDeque::new()],
            now: Duration::ZERO,
            cancels,
        }
    }

    pub(crate) fn perform(&mut self, operation: &Operation) {
        match operation {
            Operation::Time(step) => {
                self.now += *step;
                self.ends.iter_mut().for_each(|end| end.on_time(self.now));
            }
            Operation::At { end, what } => self.perform_at(*end, what),
        }
        self.ends.iter().for_each(Driver::check);
    }

    fn perform_at(&mut self, index: usize, what: &To) {
        let end = &mut self.ends[index];
        let to = &mut self.pipes[1 - index];
        match what {
            To::Message { text, octets } => end.message(*text, octets),
            To::Fragment { text, last, octets } => end.fragment(*text, *last, octets),
            To::Ping(octets) => end.ping(octets),
            To::Close(code) => end.close(*code),
            To::Write(count) => end.write(*count, to),
            To::Read { count, events } => {
                end.read(*count, *events, &mut self.pipes[index], self.cancels);
            }
        }
    }

    /// Lets all that was said arrive.
    pub(crate) fn drain(&mut self) {
        for _ in 0..20 {
            for index in [0, 1] {
                let all = To::Read { count: usize::MAX, events: usize::MAX };
                for what in [To::Write(usize::MAX), all] {
                    self.perform(&Operation::At { end: index, what });
                }
            }
            let arrived = self.pipes.iter().all(VecDeque::is_empty);
            if arrived && self.ends.iter().all(Driver::is_settled) {
                return;
            }
        }
        panic!("the pipes do not drain");
    }

    /// A message whose last fragment was never sent is ended.
    pub(crate) fn finish_fragments(&mut self) {
        for index in [0, 1] {
            if self.ends[index].open.is_some() && self.ends[index].may_send() {
                let what = To::Fragment { text: false, last: true, octets: b"end".to_vec() };
                self.perform(&Operation::At { end: index, what });
            }
        }
    }

    /// Nothing more can be said by an end whose connection is closed, and nothing is waited for.
    pub(crate) fn assert_over(&mut self) {
        for end in &mut self.ends {
            assert_eq!(end.endpoint.handle_timeout(self.now), Next::Finished);
            let (state, count) = (end.endpoint.state(), end.heard.len());
            end.message(true, b"late");
            end.fragment(false, true, b"late");
            end.ping(b"late");
            end.close(None);
            let late = run(&mut end.endpoint, &[&end.side.frame(0x82, b"late")]);
            assert_eq!((late.events, late.error), (vec![], None));
            let late = Duration::from_secs(1 << 30);
            assert_eq!(end.endpoint.handle_timeout(late), Next::Finished);
            assert_eq!((end.endpoint.state(), end.heard.len()), (state, count));
            assert!(end.endpoint.out.is_empty());
        }
    }
}

/// Which end began to close, and with which codes, as each of the two sees it.
pub(crate) fn assert_views_agree(pair: &Pair) {
    let began = pair.ends.each_ref().map(|end| {
        let state = end.endpoint.state();
        let State::Closed { by, code } = state else { panic!("{state:?}") };
        assert_eq!(end.endpoint.close_received(), Some(code));
        by == ClosedBy::Local
    });
    assert_ne!(began, [false, false], "neither began");
    for (one, other) in [(0, 1), (1, 0)] {
        let [heard, said] = [one, other].map(|end| &pair.ends[end]);
        let code = heard.endpoint.close_received().unwrap();
        assert_eq!(Some(code), said.endpoint.close_sent());
        let reason = if began[other] { "bye" } else { "" };
        let seen = Seen::Close(code.map(|code| (code.get(), reason.to_owned())));
        assert_eq!(heard.heard.last(), Some(&seen));
        assert!(began[other] || said.endpoint.close_received() == Some(code), "an echo");
    }
}
