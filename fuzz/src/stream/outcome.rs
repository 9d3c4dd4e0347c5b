//! What a decoder makes of a stream, however it is cut and owned.

use super::{Cuts, Seen, first_bad};
use bytes::BytesMut;
use patchcord::{Decoder, Input, MessageKind, ProtocolError, ReceiveBuffer};

/// The outcome of a stream.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Messages are whole: those delivered in parts are joined.
    pub(crate) events: Vec<Seen>,
    pub(crate) failure: Option<ProtocolError>,
    /// How many bytes were not consumed, if nothing failed.
    pub(crate) rest: usize,
    /// The message whose last part has not arrived.
    open: Option<(MessageKind, Vec<u8>)>,
}

impl Outcome {
    fn add(&mut self, event: Seen) {
        let Seen::Part { kind, first, last, octets } = event else {
            return self.events.push(event);
        };
        let open = match (first, self.open.take()) {
            (true, None) => Some((kind, Vec::new())),
            (false, open) => open,
            (true, Some(_)) => panic!("a message inside a message"),
        };
        let (opened, mut whole) = open.expect("the first part of a message comes first");
        assert_eq!(opened, kind, "a message changes its kind");
        whole.extend_from_slice(&octets);
        if last {
            self.events.push(Seen::message(kind, whole));
            return;
        }
        if kind == MessageKind::Text {
            let bad = first_bad(&whole);
            assert!(bad.is_none_or(|at| at == whole.len()), "a part that is not valid text");
        }
        self.open = Some((kind, whole));
    }

    /// Drops the open message of a failed stream, since how much of it was delivered depends on the cuts.
    fn finished(mut self) -> Self {
        if self.failure.is_some() {
            (self.rest, self.open) = (0, None);
        }
        self
    }
}

/// Feeds the pieces to a decoder, each in memory that ends where the piece ends.
pub(crate) fn run(decoder: &mut Decoder, stream: &[u8], cuts: Cuts) -> Outcome {
    let mut outcome = Outcome::default();
    let mut held: Box<[u8]> = Box::default();
    for piece in cuts.pieces(stream) {
        let mut now = [&held[..], piece].concat().into_boxed_slice();
        let mut input = &mut now[..];
        drain(decoder, &mut input, &mut outcome);
        outcome.rest = input.len();
        if outcome.failure.is_some() {
            break;
        }
        held = input.to_vec().into_boxed_slice();
    }
    outcome.finished()
}

/// The same with a buffer that payloads are split off from.
pub(crate) fn run_owned(decoder: &mut Decoder, stream: &[u8], cuts: Cuts) -> Outcome {
    let mut outcome = Outcome::default();
    let mut input = BytesMut::new();
    for piece in cuts.pieces(stream) {
        input.extend_from_slice(piece);
        drain(decoder, &mut input, &mut outcome);
        outcome.rest = input.len();
        if outcome.failure.is_some() {
            break;
        }
    }
    outcome.finished()
}

/// The same with a receive buffer, which has the least room at first; now and then its
/// contents are parked.
pub(crate) fn run_buffered(decoder: &mut Decoder, stream: &[u8], cuts: Cuts) -> Outcome {
    let mut outcome = Outcome::default();
    let mut buffer = ReceiveBuffer::new(0);
    for piece in cuts.pieces(stream) {
        let mut later = piece;
        while !later.is_empty() && outcome.failure.is_none() {
            let space = buffer.space();
            let (read, rest) = later.split_at(later.len().min(space.len()));
            space[..read.len()].copy_from_slice(read);
            buffer.filled(read.len());
            later = rest;
            drain(decoder, &mut buffer.unconsumed(), &mut outcome);
        }
        if piece.len() % 4 == 3 {
            buffer = buffer.park();
        }
        outcome.rest = buffer.as_ref().len();
    }
    outcome.finished()
}

fn drain<I: Input>(decoder: &mut Decoder, input: &mut I, outcome: &mut Outcome) {
    loop {
        let before = input.bytes().len();
        match decoder.decode(input) {
            Ok(Some(event)) => {
                assert!(input.bytes().len() < before, "an event that consumed nothing");
                outcome.add(event.into());
            }
            Ok(None) => {
                let left = input.bytes().len();
                let needed = decoder.needed(input.bytes());
                assert!(needed > left, "{left} bytes are enough, or no number would ever be");
                assert!(needed <= decoder.limits().buffer_size(), "{needed} do not fit the buffer");
                return;
            }
            Err(error) => {
                assert_eq!(decoder.decode(input).err(), Some(error), "an error is final");
                outcome.failure = Some(error);
                return;
            }
        }
    }
}
