//! One stream of bytes, given in every way that a transport could cut it.

use super::{Seen, Side};
use bytes::BytesMut;
use patchcord::{Decoder, Delivery, Event, Input, Limits, ProtocolError, ReceiveBuffer, State};

/// What bytes can be given to.
pub(crate) trait Receive {
    fn receive<I: Input>(
        &mut self,
        input: &mut I,
    ) -> Result<Option<Event<I::Payload>>, ProtocolError>;

    /// What is to be compared besides the events.
    fn after(&self) -> (Option<State>, Vec<u8>) {
        (None, Vec::new())
    }
}

impl Receive for Decoder {
    fn receive<I: Input>(
        &mut self,
        input: &mut I,
    ) -> Result<Option<Event<I::Payload>>, ProtocolError> {
        self.decode(input)
    }
}

/// What came of a stream: pieces of a fragment are joined, since a split moves their borders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) events: Vec<Seen>,
    pub(crate) error: Option<ProtocolError>,
    /// How many bytes were left when more were needed.
    pub(crate) rest: usize,
    pub(crate) state: Option<State>,
    pub(crate) pending: Vec<u8>,
}

impl Outcome {
    fn add(&mut self, event: Seen) {
        if let Seen::Fragment { first: false, last, payload, .. } = &event
            && let Some(Seen::Fragment { last: whole, payload: before, .. }) =
                self.events.last_mut()
        {
            assert!(!*whole, "a message goes on after its end");
            before.extend_from_slice(payload);
            *whole = *last;
            return;
        }
        self.events.push(event);
    }

    /// How far into a bad text the pieces before it reached is up to the split.
    fn drop_open_text(&mut self) {
        if self.error.is_some()
            && let Some(Seen::Fragment { last: false, .. }) = self.events.last()
        {
            self.events.pop();
        }
    }
}

/// Gives the pieces one after another as parts of a slice.
pub(crate) fn run<S: Receive>(subject: &mut S, pieces: &[&[u8]]) -> Outcome {
    let mut outcome = Outcome::default();
    let mut held = Vec::new();
    for piece in pieces {
        held.extend_from_slice(piece);
        let mut input = &mut held[..];
        drain(subject, &mut input, &mut outcome);
        let rest = input.len();
        held.drain(..held.len() - rest);
        outcome.rest = rest;
        if outcome.error.is_some() {
            break;
        }
    }
    finish(subject, outcome)
}

/// The same with a buffer that payloads are split off.
pub(crate) fn run_owned<S: Receive>(subject: &mut S, pieces: &[&[u8]]) -> Outcome {
    let mut outcome = Outcome::default();
    let mut input = BytesMut::new();
    for piece in pieces {
        input.extend_from_slice(piece);
        drain(subject, &mut input, &mut outcome);
        outcome.rest = input.len();
        if outcome.error.is_some() {
            break;
        }
    }
    finish(subject, outcome)
}

/// The same with a receive buffer, which has the least room at first, and gets as much at once as it
/// has space for.
pub(crate) fn run_buffered<S: Receive>(subject: &mut S, pieces: &[&[u8]]) -> Outcome {
    let mut outcome = Outcome::default();
    let mut buffer = ReceiveBuffer::new(0);
    for piece in pieces {
        let mut later = *piece;
        while !later.is_empty() && outcome.error.is_none() {
            let space = buffer.space();
            let (read, rest) = later.split_at(later.len().min(space.len()));
            space[..read.len()].copy_from_slice(read);
            buffer.filled(read.len());
            drain(subject, &mut buffer.unconsumed(), &mut outcome);
            later = rest;
        }
        outcome.rest = buffer.as_ref().len();
    }
    finish(subject, outcome)
}

/// Takes all events, and sees to it that the end is one: to ask again changes nothing.
fn drain<I: Input>(subject: &mut impl Receive, input: &mut I, outcome: &mut Outcome) {
    loop {
        match subject.receive(input) {
            Ok(Some(event)) => outcome.add(event.into()),
            Ok(None) => {
                let rest = input.bytes().to_vec();
                assert!(matches!(subject.receive(input), Ok(None)), "asked again");
                assert_eq!(input.bytes(), rest, "asked again");
                return;
            }
            Err(error) => {
                outcome.error = Some(error);
                assert_eq!(subject.receive(input).err(), Some(error), "an error repeats");
                assert_eq!(subject.receive(&mut &mut [][..]).err(), Some(error));
                return;
            }
        }
    }
}

fn finish(subject: &impl Receive, mut outcome: Outcome) -> Outcome {
    outcome.drop_open_text();
    if outcome.error.is_some() {
        outcome.rest = 0;
    }
    (outcome.state, outcome.pending) = subject.after();
    outcome
}

/// Every point of a stream of up to 500 bytes; of a longer one those near its ends, and some
/// between.
fn splits(length: usize) -> impl Iterator<Item = usize> {
    let edge = if length <= 500 { length } else { 40 };
    let inner = (edge..length.saturating_sub(edge)).step_by(1 + length / 16);
    let end = length.saturating_sub(40).max(edge)..=length;
    (0..=edge).chain(inner).chain(end)
}

/// Gives `bytes` whole, split in two at every point, and byte by byte, in each kind of input to
/// a new subject each time, and returns what all of them came to.
pub(crate) fn assert_every_split_agrees<S: Receive>(make: impl Fn() -> S, bytes: &[u8]) -> Outcome {
    let whole = run(&mut make(), &[bytes]);
    let agrees = |pieces: &[&[u8]]| assert_agrees(&make, pieces, &whole);
    agrees(&[bytes]);
    splits(bytes.len()).for_each(|at| agrees(&[&bytes[..at], &bytes[at..]]));
    agrees(&bytes.chunks(1).collect::<Vec<_>>());
    whole
}

/// Gives the pieces in each kind of input to a new subject: `whole` is what comes of them.
pub(crate) fn assert_agrees<S: Receive>(make: impl Fn() -> S, pieces: &[&[u8]], whole: &Outcome) {
    let cut = || pieces.iter().map(|piece| piece.len()).take(8).collect::<Vec<_>>();
    assert_eq!(run(&mut make(), pieces), *whole, "cut into {:?}", cut());
    assert_eq!(run_owned(&mut make(), pieces), *whole, "owned, cut into {:?}", cut());
    let buffered = run_buffered(&mut make(), pieces);
    // What it holds already of a message, others leave until a frame is whole.
    assert!(buffered.rest <= whole.rest, "buffered, cut into {:?}", cut());
    let buffered = Outcome { rest: whole.rest, ..buffered };
    assert_eq!(buffered, *whole, "buffered, cut into {:?}", cut());
}

/// What a decoder with default limits makes of `bytes`, whatever the split.
pub(crate) fn decode(side: Side, bytes: &[u8]) -> Outcome {
    assert_every_split_agrees(|| side.decoder(Limits::default(), Delivery::Messages), bytes)
}

/// The same without the splits, for tests that count inputs by the ten thousand.
pub(crate) fn decode_in_one_piece(side: Side, bytes: &[u8]) -> Outcome {
    run(&mut side.decoder(Limits::default(), Delivery::Messages), &[bytes])
}

/// `bytes` are refused, and the last of them is what decides: without it nothing is wrong.
pub(crate) fn assert_fails_at(side: Side, limits: Limits, bytes: &[u8], error: ProtocolError) {
    for delivery in [Delivery::Messages, Delivery::Fragments] {
        let make = || side.decoder(limits, delivery);
        for end in 0..bytes.len() {
            let outcome = run(&mut make(), &[&bytes[..end]]);
            assert_eq!(outcome.error, None, "{side:?}: too early, {:02x?}", &bytes[..end]);
        }
        let outcome = assert_every_split_agrees(make, bytes);
        assert_eq!(outcome.error, Some(error), "{side:?}: {bytes:02x?}");
    }
}

/// The same of a connection with the default limits.
pub(crate) fn refused(side: Side, bytes: &[u8], error: impl Into<ProtocolError>) {
    assert_fails_at(side, Limits::default(), bytes, error.into());
}
