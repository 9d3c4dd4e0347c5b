use crate::stream::{Cuts, Outcome, Rules, Seen, Verdict, judge, run, run_buffered, run_owned};
use bytes::Buf;
use patchcord::deflate::{Agreed, Compression, Context, Engines, InflateLimits, Inflater};
use patchcord::{
    Config, Connection, Decoder, Delivery, Entropy, Limits, ProtocolError, Role, SendBuffer, State,
};

/// A decoder's settings, chosen by the first byte of an input.
pub(crate) struct Settings {
    /// Whether the peer masks, so that this end is a server.
    pub(crate) masked: bool,
    pub(crate) limits: Limits,
    /// What the peer compresses with, and where engines come from, if that was agreed on.
    pub(crate) deflate: Option<(Context, Engines)>,
}

/// Limits that streams of some hundred bytes meet.
const LIMITS: [Limits; 8] = [
    limits(Limits::WHOLE_FRAME, 1 << 24, 1 << 24, 1000),
    limits(0, 1 << 24, 1 << 24, 1000),
    limits(10, 1 << 24, 1 << 24, 1000),
    limits(125, 1 << 40, 1 << 24, 1000),
    limits(Limits::WHOLE_FRAME, 100, 300, 1000),
    limits(20, 300, 100, 1000),
    limits(Limits::WHOLE_FRAME, 1 << 24, 1 << 24, 2),
    limits(3, u64::MAX, u64::MAX, 0),
];

const fn limits(whole: u32, frame: u64, message: u64, fragments: u32) -> Limits {
    Limits { whole_frame: whole, frame, message, fragments }
}

impl Settings {
    /// The lowest bit chooses the role, the next three the limits.
    pub(crate) fn of(choice: u8) -> Self {
        let limits = LIMITS[usize::from(choice >> 1 & 7)];
        Self { masked: choice & 1 == 0, limits, deflate: None }
    }

    pub(crate) fn rules(&self) -> Rules<'_> {
        let Self { masked, ref limits, .. } = *self;
        Rules { masked, limits, inflater: self.inflater(&Engines::Owned) }
    }

    /// Bounded like a connection's.
    fn inflater(&self, engines: &Engines) -> Option<Inflater> {
        let bounds = InflateLimits { length: self.limits.message, ..InflateLimits::default() };
        self.deflate.as_ref().map(|(context, _)| Inflater::new(*context, bounds, engines))
    }
}

pub(crate) fn decoder(settings: &Settings, delivery: Delivery) -> Decoder {
    let decoder = match settings.masked {
        true => Decoder::server(settings.limits, delivery),
        false => Decoder::client(settings.limits, delivery),
    };
    let engines = settings.deflate.as_ref().map(|(_, engines)| engines);
    match engines.and_then(|engines| settings.inflater(engines)) {
        Some(inflater) => decoder.with_inflater(inflater),
        None => decoder,
    }
}

/// Any cut of a stream gives the events and the error of a naive reading of RFC 6455, the error at
/// the byte that decides it, for each kind of input, both roles, whole messages and fragments.
/// A connection says the same, and owes what section 5.5 asks for.
pub fn decode(data: &[u8]) {
    let Some((&[choice, seed], stream)) = data.split_first_chunk() else { return };
    let settings = Settings::of(choice);
    agrees(&settings, seed, stream);
}

/// A stream longer than this, in bytes, is not fed in all ways at once.
const LONG: usize = 4096;

/// Checks the same for a generated stream, and returns its verdict.
pub(crate) fn agrees(settings: &Settings, seed: u8, stream: &[u8]) -> Verdict {
    let verdict = judge(stream, settings.rules());
    let make = |delivery| decoder(settings, delivery);
    let (whole, parts, drawn) = (Delivery::Messages, Delivery::Fragments, Cuts::drawn(seed));
    let outcome = run(&mut make(whole), stream, Cuts::None);
    matches(&verdict, &outcome);
    // For a long stream each seed asks for one kind of input, since most of the time
    // goes into comparing outcomes.
    let is_long = stream.len() > LONG;
    if !is_long || seed & 2 == 0 {
        assert_eq!(run(&mut make(whole), stream, drawn.clone()), outcome, "cut, and whole");
    }
    if !is_long || seed & 2 != 0 {
        assert_eq!(run_owned(&mut make(whole), stream, drawn.clone()), outcome, "cut and owned");
    }
    if !is_long || seed & 4 != 0 {
        held(&outcome, run_buffered(&mut make(whole), stream, drawn.clone()));
        held(&outcome, run_buffered(&mut make(whole), stream, Cuts::None));
    }
    if stream.len() <= 48 {
        held(&outcome, run_buffered(&mut make(whole), stream, Cuts::Every(1)));
    }
    let outcome = run(&mut make(parts), stream, drawn.clone());
    matches(&verdict, &outcome);
    held(&outcome, run_buffered(&mut make(parts), stream, drawn.clone()));
    if !is_long || seed & 2 != 0 {
        assert_eq!(run_owned(&mut make(parts), stream, Cuts::None), outcome, "fragments, owned");
    }
    if stream.len() <= 48 {
        assert_eq!(run(&mut make(parts), stream, Cuts::Every(1)), outcome, "byte by byte");
    }
    if let Some((_, decided)) = verdict.failure {
        let delivery = if seed & 1 == 0 { whole } else { parts };
        let early = run(&mut make(delivery), &stream[..decided - 1], Cuts::None);
        assert_eq!(early.failure, None, "an error before the byte that decides it");
        let early = run_buffered(&mut make(delivery), &stream[..decided - 1], drawn.clone());
        assert_eq!(early.failure, None, "an error before the byte that decides it, buffered");
        let due = run_buffered(&mut make(delivery), &stream[..decided], drawn.clone());
        assert!(due.failure.is_some(), "an error after the byte that decides it, buffered");
        let due = run(&mut make(delivery), &stream[..decided], drawn);
        assert!(due.failure.is_some(), "an error after the byte that decides it");
    }
    match settings.masked {
        true => connected(agreed(Connection::server(config(settings)), settings), &verdict, stream),
        false => {
            let client = Connection::client(Zeros, config(settings));
            connected(agreed(client, settings), &verdict, stream);
        }
    }
    verdict
}

/// A receive buffer comes to the same, and has consumed at least as much: it holds the part of a
/// message that other inputs leave until the frame is whole.
fn held(outcome: &Outcome, mut buffered: Outcome) {
    assert!(buffered.rest <= outcome.rest, "buffered: {} bytes are left", buffered.rest);
    buffered.rest = outcome.rest;
    assert_eq!(buffered, *outcome, "buffered");
}

fn matches(verdict: &Verdict, outcome: &Outcome) {
    assert_eq!(outcome.events, verdict.events, "{:?}, {:?}", verdict.failure, outcome.failure);
    assert_eq!(outcome.failure, verdict.failure.map(|(error, _)| error));
}

fn config(settings: &Settings) -> Config {
    Config { limits: settings.limits, ..Config::default() }
}

fn agreed<R: Role>(connection: Connection<R>, settings: &Settings) -> Connection<R> {
    let Some((peer, engines)) = &settings.deflate else { return connection };
    let agreed = Agreed { peer: *peer, ..Agreed::default() };
    connection.with_deflate(agreed, Compression::default(), engines)
}

struct Zeros;

impl Entropy for Zeros {
    fn fill(&mut self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

fn connected<R: Role>(mut connection: Connection<R>, verdict: &Verdict, stream: &[u8]) {
    let mut held = stream.to_vec().into_boxed_slice();
    let mut input = &mut held[..];
    let (mut heard, mut out) = (Vec::new(), SendBuffer::new());
    let failure = loop {
        match connection.receive(&mut input, &mut out) {
            Ok(Some(event)) => heard.push(Seen::from(event)),
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
    };
    assert_eq!(heard, verdict.events);
    assert_eq!(failure, verdict.failure.map(|(error, _)| error), "a connection's error");
    assert_eq!(owed(out.chunk()), should_owe(&heard, failure, R::MASKS), "the replies owed");
    let ended = connection.end_of_stream(input).is_ok();
    let over = failure.is_some() || matches!(heard.last(), Some(Seen::Close(_)));
    assert_eq!(ended, over, "a stream that ends without a Close is lost");
    assert!(matches!(connection.state(), State::Closed { .. } | State::Lost(_) | State::Failed(_)));
}

/// Pongs and Closes as a server would write them; here a client's key is zero.
fn owed(mut wire: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut frames = Vec::new();
    while let [first, second, rest @ ..] = wire {
        let rest = if second & 0x80 != 0 { &rest[4..] } else { rest };
        let (body, after) = rest.split_at(usize::from(second & 0x7f));
        frames.push((*first, body.to_vec()));
        wire = after;
    }
    frames
}

/// Each ping gets its pong, unless 4 KiB of pongs wait: then only the latest does, before a Close.
fn should_owe(heard: &[Seen], failure: Option<ProtocolError>, masks: bool) -> Vec<(u8, Vec<u8>)> {
    let (mut pongs, mut length, mut late) = (Vec::new(), 0, None);
    for seen in heard {
        let Seen::Ping(octets) = seen else { continue };
        match length < 4096 {
            true => pongs.push((0x8a, octets.clone())),
            false => late = Some((0x8a, octets.clone())),
        }
        length += 2 + if masks { 4 } else { 0 } + octets.len();
    }
    let echo = match (heard.last(), failure) {
        (_, Some(error)) => Some((0x88, error.close_code().get().to_be_bytes().to_vec())),
        (Some(Seen::Close(close)), None) => {
            let code = close.as_ref().map(|(code, _)| code.to_be_bytes().to_vec());
            Some((0x88, code.unwrap_or_default()))
        }
        _ => None,
    };
    if echo.is_some() {
        pongs.extend(late);
    }
    pongs.extend(echo);
    pongs
}
