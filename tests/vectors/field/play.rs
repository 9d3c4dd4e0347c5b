//! A report, played at one end.

use crate::common::{Endpoint, Receive, Seen, Side, frame};
use crate::vectors::json::{Fields, body, bounds, event, kind_of, octets};
use bytes::Buf;
use patchcord::frame::RawHeader;
use patchcord::{
    Close, CloseCode, Config, Limits, MaskingKey, Message, Next, ProtocolError, State, Timeouts,
};
use serde_json::Value;
use std::time::Duration;

/// Where what is heard is cut.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cut {
    Nowhere,
    /// Once, behind so many bytes.
    At(usize),
    Everywhere,
}

pub(crate) struct Report {
    pub(crate) id: String,
    pub(crate) source: String,
    pub(crate) was: String,
    limits: Limits,
    timeouts: Timeouts,
    pub(crate) steps: Vec<Value>,
    pub(crate) checked_by: Vec<String>,
}

impl Report {
    pub(crate) fn parse(value: &Value) -> Self {
        let mut fields = Fields::of(value);
        let list = |value: Option<Value>| match value {
            Some(Value::Array(list)) => list,
            None => Vec::new(),
            Some(other) => panic!("no list: {other}"),
        };
        let report = Self {
            id: fields.text("id"),
            source: fields.text("source"),
            was: fields.text("was"),
            limits: fields.take("limits").map_or_else(Limits::default, |limits| bounds(&limits)),
            timeouts: timeouts(fields.take("timeouts")),
            steps: list(fields.take("steps")),
            checked_by: list(fields.take("checked_by"))
                .iter()
                .map(|name| name.as_str().expect("a name").to_owned())
                .collect(),
        };
        fields.end();
        report
    }

    /// How many bytes an end hears in all.
    pub(crate) fn length(&self, side: Side) -> usize {
        let heard = self.steps.iter().filter_map(|step| step.get("hears"));
        heard.map(|bytes| to(side, &octets(bytes)).len()).sum()
    }

    pub(crate) fn play(&self, side: Side, cut: Cut) {
        let config = Config { limits: self.limits, timeouts: self.timeouts, ..Config::default() };
        let mut player = Player {
            side,
            endpoint: Endpoint::new(side, config),
            read: Vec::new(),
            count: 0,
            now: START,
            next: Next::Look,
            heard: Vec::new(),
            wrote: Vec::new(),
            error: None,
        };
        player.ask();
        for step in &self.steps {
            player.step(step, cut);
        }
    }
}

fn timeouts(value: Option<Value>) -> Timeouts {
    let mut timeouts =
        Timeouts { opening: None, ping_interval: None, pong: None, close: None, write: None };
    let Some(value) = value else { return timeouts };
    let mut fields = Fields::of(&value);
    let mut seconds = |name: &str| fields.number(name).map(Duration::from_secs);
    timeouts.ping_interval = seconds("ping_interval");
    timeouts.pong = seconds("pong");
    timeouts.close = seconds("close");
    timeouts.write = seconds("write");
    fields.end();
    timeouts
}

/// The caller's clock need not begin at 0.
const START: Duration = Duration::from_secs(86_400);

/// Frames that a server wrote, as this end receives them.
fn to(side: Side, mut frames: &[u8]) -> Vec<u8> {
    if side == Side::Client {
        return frames.to_vec();
    }
    let key = [0xa5, 0x5a, 0x3c, 0x01];
    let mut masked = Vec::new();
    while let Some((header, size)) = RawHeader::parse(frames) {
        let rest = &frames[size..];
        let length = usize::try_from(header.length).unwrap_or(usize::MAX).min(rest.len());
        let mut payload = rest[..length].to_vec();
        let key = MaskingKey::from(key);
        key.apply(&mut payload);
        masked.extend_from_slice(&RawHeader { masking_key: Some(key), ..header }.encode());
        masked.extend_from_slice(&payload);
        frames = &rest[length..];
    }
    let from = masked.len();
    masked.extend_from_slice(frames); // a header that is cut short
    if let Some(second) = masked.get_mut(from + 1) {
        *second |= 0x80;
    }
    masked
}

struct Player {
    side: Side,
    endpoint: Endpoint,
    /// What was read and not consumed.
    read: Vec<u8>,
    /// How many bytes came.
    count: usize,
    now: Duration,
    next: Next,
    heard: Vec<Seen>,
    wrote: Vec<u8>,
    error: Option<ProtocolError>,
}

impl Player {
    fn step(&mut self, step: &Value, cut: Cut) {
        let mut fields = Fields::of(step);
        if let Some(bytes) = fields.take("hears") {
            self.hears(&to(self.side, &octets(&bytes)), cut);
        } else if let Some(what) = fields.take("says") {
            self.says(&what);
        } else if let Some(count) = fields.take("takes") {
            let all = self.endpoint.out.remaining();
            self.takes(count.as_u64().map_or(all, |count| count as usize));
        } else if let Some(seconds) = fields.number("time") {
            self.now = START + Duration::from_secs(seconds);
            self.ask();
        } else if let Some(right) = fields.take("then") {
            self.then(&right);
        } else {
            assert_eq!(fields.need("ends"), true);
            let _ = self.endpoint.end_of_stream(&self.read); // `state` says what became of it
            self.ask();
        }
        fields.end();
    }

    fn ask(&mut self) {
        self.next = self.endpoint.handle_timeout(self.now);
    }

    fn hears(&mut self, bytes: &[u8], cut: Cut) {
        let here = match cut {
            Cut::At(at) => at.checked_sub(self.count).filter(|at| *at <= bytes.len()),
            _ => None,
        };
        self.count += bytes.len();
        match (cut, here) {
            (Cut::Everywhere, _) => bytes.chunks(1).for_each(|byte| self.read(byte)),
            (_, Some(at)) => [&bytes[..at], &bytes[at..]].iter().for_each(|part| self.read(part)),
            (_, None) => self.read(bytes),
        }
    }

    fn read(&mut self, bytes: &[u8]) {
        self.read.extend_from_slice(bytes);
        let mut held = std::mem::take(&mut self.read).into_boxed_slice();
        let mut input = &mut held[..];
        loop {
            match self.endpoint.receive(&mut input) {
                Ok(Some(event)) => self.heard.push(event.into()),
                Ok(None) => break,
                Err(error) => {
                    self.error = Some(error);
                    break;
                }
            }
        }
        self.read = input.to_vec();
        self.ask();
    }

    fn says(&mut self, what: &Value) {
        let mut fields = Fields::of(what);
        let said = if let Some(text) = fields.take("text") {
            self.endpoint.queue(Message::Text(text.as_str().expect("a text")))
        } else if let Some(bytes) = fields.take("binary") {
            self.endpoint.queue(Message::Binary(&octets(&bytes)))
        } else if let Some(bytes) = fields.take("ping") {
            self.endpoint.queue_ping(&octets(&bytes))
        } else {
            let close = body(&fields.need("close"));
            let close = close.as_ref().map(|(code, reason)| {
                Close::new(CloseCode::new(*code).expect("a code"), reason.as_str())
            });
            self.endpoint.close(close)
        };
        fields.end();
        said.expect("it may be said");
        self.ask();
    }

    /// One slice after another, as a transport takes them.
    fn takes(&mut self, mut count: usize) {
        while count > 0 && !self.endpoint.out.is_empty() {
            let chunk = self.endpoint.out.chunk();
            let taken = count.min(chunk.len());
            self.wrote.extend_from_slice(&chunk[..taken]);
            self.endpoint.sent(taken);
            count -= taken;
        }
        self.ask();
    }

    fn then(&mut self, right: &Value) {
        let mut fields = Fields::of(right);
        if let Some(heard) = fields.take("heard") {
            let expected: Vec<Seen> = heard.as_array().expect("a list").iter().map(event).collect();
            assert_eq!(std::mem::take(&mut self.heard), expected);
        }
        if let Some(frames) = fields.take("wrote") {
            let wrote = self.side.wrote(&std::mem::take(&mut self.wrote));
            let wrote: Vec<u8> =
                wrote.iter().flat_map(|(first, payload)| frame(*first, None, payload)).collect();
            assert!(wrote == octets(&frames), "wrote {wrote:02x?}");
        }
        if let Some(last) = fields.take("last") {
            let wrote = self.side.wrote(&std::mem::take(&mut self.wrote));
            let (first, payload) = wrote.last().expect("a frame");
            assert_eq!(frame(*first, None, payload), octets(&last));
        }
        if let Some(most) = fields.number("waits") {
            let waits = self.endpoint.out.remaining();
            assert!(waits as u64 <= most, "{waits} bytes wait");
        }
        if let Some(kind) = fields.take("error") {
            assert_eq!(self.error.map(kind_of), kind.as_str());
        }
        if let Some(state) = fields.take("state") {
            assert_eq!(name_of(self.endpoint.state()), state);
        }
        if let Some(next) = fields.take("next") {
            assert_eq!(name_of_next(self.next), next);
        }
        if let Some(until) = fields.take("until") {
            let until = until.as_u64().map(|seconds| START + Duration::from_secs(seconds));
            assert_eq!(self.next.until(), until);
        }
        for (name, close) in
            [("sent", self.endpoint.close_sent()), ("received", self.endpoint.close_received())]
        {
            if let Some(code) = fields.number(name) {
                assert_eq!(
                    close.map_or(1006, |code| code.map_or(1005, CloseCode::get)),
                    code as u16
                );
            }
        }
        fields.end();
    }
}

fn name_of(state: State) -> &'static str {
    match state {
        State::Open => "open",
        State::Closing { .. } => "closing",
        State::Closed { .. } => "closed",
        State::Failed(_) => "failed",
        State::Expired(_) => "expired",
        State::Lost(_) => "lost",
        state => panic!("no name for {state:?}"),
    }
}

fn name_of_next(next: Next) -> &'static str {
    match next {
        Next::Write { .. } => "write",
        Next::Wait { .. } => "wait",
        Next::Look => "look",
        Next::Expired(_) => "expired",
        Next::Finished => "finished",
    }
}
