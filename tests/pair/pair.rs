//! A client and a server, the pipes between them, and the driver of both.

use crate::common::{Endpoint, Receive, Seen, Side, run};
use crate::operations::{Operation, To};
use patchcord::{
    Close, CloseCode, Config, End, Expired, Fragment, Kind, Message, SendError, State,
};
use std::collections::VecDeque;
use std::time::Duration;

/// Four control frames of the greatest size: two bytes, a masking key and 125 bytes.
const MOST_PENDING: usize = 4 * 131;

/// One end with its driver: what waits to be written, and what was read.
pub(crate) struct Driver {
    pub(crate) side: Side,
    pub(crate) endpoint: Endpoint,
    out: Vec<u8>,
    /// A control frame was taken from `pending` in part.
    begun: bool,
    read: Vec<u8>,
    /// What was said, as it is to be heard.
    pub(crate) said: Vec<Seen>,
    /// What came, in fragments and whole.
    pub(crate) heard: Vec<Seen>,
    /// Every byte that was written.
    pub(crate) wire: Vec<u8>,
    /// The message whose last fragment was not sent.
    open: Option<(Kind, Vec<u8>)>,
    pub(crate) expired: Option<(Expired, Duration)>,
    /// When its own or its peer's Close was first noticed by the clock.
    pub(crate) closing_from: Option<Duration>,
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
            out: Vec::new(),
            begun: false,
            read: Vec::new(),
            said: Vec::new(),
            heard: Vec::new(),
            wire: Vec::new(),
            open: None,
            expired: None,
            closing_from: None,
        }
    }

    fn may_send(&self) -> bool {
        self.endpoint.state() == State::Open
    }

    /// A frame may follow only if none is begun on the wire.
    fn finish_begun(&mut self, to: &mut VecDeque<u8>) {
        if self.begun {
            self.write_pending(usize::MAX, to);
        }
    }

    fn message(&mut self, text: bool, octets: &[u8]) {
        let string = String::from_utf8_lossy(octets);
        let message = if text { Message::Text(&string) } else { Message::Binary(octets) };
        let before = self.out.len();
        match self.endpoint.send(message, &mut self.out) {
            Ok(()) if text => self.said.push(Seen::Text(string.into_owned())),
            Ok(()) => self.said.push(Seen::Binary(octets.to_vec())),
            Err(error) => self.assert_refused(error, self.open.is_some(), before),
        }
    }

    fn assert_refused(&self, error: SendError, inside: bool, before: usize) {
        let expected = if !self.may_send() { SendError::Closed } else { SendError::FragmentOrder };
        assert!(inside || !self.may_send());
        assert_eq!((error, self.out.len()), (expected, before));
    }

    fn fragment(&mut self, text: bool, last: bool, octets: &[u8]) {
        let kind = if text { Kind::Text } else { Kind::Binary };
        let first = self.open.is_none();
        let (kind, mut whole) = self.open.take().unwrap_or((kind, Vec::new()));
        let string = String::from_utf8_lossy(octets);
        let payload = if kind == Kind::Text { string.as_bytes() } else { octets };
        let before = self.out.len();
        let fragment = Fragment { kind, first, last, payload };
        match self.endpoint.send_fragment(fragment, &mut self.out) {
            Ok(()) => whole.extend_from_slice(payload),
            Err(error) => return self.assert_refused(error, false, before),
        }
        if last {
            self.said.push(match kind {
                Kind::Text => Seen::Text(String::from_utf8(whole).unwrap()),
                Kind::Binary => Seen::Binary(whole),
            });
        } else {
            self.open = Some((kind, whole));
        }
    }

    fn ping(&mut self, octets: &[u8]) {
        let before = self.out.len();
        if let Err(error) = self.endpoint.ping(octets, &mut self.out) {
            self.assert_refused(error, false, before);
        }
    }

    fn close(&mut self, code: Option<u16>) {
        let was_open = self.may_send();
        let close = code.map(|code| Close::new(CloseCode::new(code).unwrap(), "bye"));
        let closed = self.endpoint.close(close);
        assert_eq!(closed, if was_open { Ok(()) } else { Err(SendError::Closed) });
    }

    /// Writes what was encoded, and then what is pending.
    fn write(&mut self, count: usize, to: &mut VecDeque<u8>) {
        if self.begun || self.out.is_empty() {
            return self.write_pending(count, to);
        }
        let written = self.out.drain(..count.min(self.out.len()));
        let written: Vec<u8> = written.collect();
        self.put(&written, to);
    }

    fn write_pending(&mut self, count: usize, to: &mut VecDeque<u8>) {
        let count = count.min(self.endpoint.pending().len());
        let written = self.endpoint.pending()[..count].to_vec();
        self.endpoint.sent(count);
        self.put(&written, to);
        self.begun = count > 0 && !self.endpoint.pending().is_empty() || self.begun && count == 0;
    }

    fn flush(&mut self) {
        let pending = self.endpoint.pending().to_vec();
        self.endpoint.flush(&mut self.out).unwrap();
        assert!(self.out.ends_with(&pending) && self.endpoint.pending().is_empty());
        self.begun = false; // the rest of a frame that was begun comes first in `out`
    }

    fn put(&mut self, written: &[u8], to: &mut VecDeque<u8>) {
        self.wire.extend_from_slice(written);
        to.extend(written);
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
        if let Some(expired) = self.endpoint.on_time(now) {
            assert_eq!(self.expired, None, "a deadline passes once");
            self.expired = Some((expired, now));
            assert!(self.endpoint.is_finished());
        }
        if self.endpoint.state() != State::Open {
            self.closing_from.get_or_insert(now);
        }
        let next = self.endpoint.next_deadline();
        assert!(next.is_none_or(|next| next > now), "{next:?} again, at {now:?}");
    }

    fn is_settled(&self) -> bool {
        self.out.is_empty() && self.endpoint.pending().is_empty()
    }

    fn check(&self) {
        assert!(self.endpoint.pending().len() <= MOST_PENDING);
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
        if let To::Message { .. } | To::Fragment { .. } | To::Ping(_) = what {
            end.finish_begun(to);
        }
        match what {
            To::Message { text, octets } => end.message(*text, octets),
            To::Fragment { text, last, octets } => end.fragment(*text, *last, octets),
            To::Ping(octets) => end.ping(octets),
            To::Close(code) => end.close(*code),
            To::Flush => end.flush(),
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
                for what in [To::Write(usize::MAX), To::Write(usize::MAX), all] {
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
            assert!(end.endpoint.is_finished());
            assert_eq!(end.endpoint.next_deadline(), None);
            let (state, count) = (end.endpoint.state(), end.heard.len());
            end.message(true, b"late");
            end.fragment(false, true, b"late");
            end.ping(b"late");
            end.close(None);
            let late = run(&mut end.endpoint, &[&end.side.frame(0x82, b"late")]);
            assert_eq!((late.events, late.error), (vec![], None));
            assert_eq!(end.endpoint.on_time(Duration::from_secs(1 << 30)), None);
            assert_eq!((end.endpoint.state(), end.heard.len()), (state, count));
            assert!(end.endpoint.pending().is_empty() && end.out.is_empty());
        }
    }
}

/// Which end began to close, with which code, as each of the two sees it.
pub(crate) fn assert_views_agree(pair: &Pair) {
    let [(first, one), (second, other)] = pair.ends.each_ref().map(|end| {
        let state = end.endpoint.state();
        let State::Closed { by, code } = state else { panic!("{state:?}") };
        (by, code)
    });
    let [client, server] = pair.ends.each_ref().map(|end| end.heard.last());
    let said = |code: Option<CloseCode>, reason: &str| {
        Seen::Close(code.map(|code| (code.get(), reason.to_owned())))
    };
    let (began, echo) = (said(one, "bye"), said(one, ""));
    let heard = match (first, second) {
        (End::Local, End::Peer) => [echo, began],
        (End::Peer, End::Local) => [began, echo],
        (End::Local, End::Local) => [said(other, "bye"), said(one, "bye")], // both at once
        (End::Peer, End::Peer) => panic!("neither began"),
    };
    assert!(first == second || one == other);
    assert_eq!([client, server], heard.each_ref().map(Some));
}
