//! What one end encodes, by whatever verb, the other decodes to the same.

use crate::common::{Counting, Outcome, Seen, Side, joined, run, run_owned};
use crate::properties::hold::hold;
use crate::properties::streams::{bodies, cuts, deliveries, limits, octets, pieces, sides, texts};
use bytes::Buf;
use patchcord::{
    BorrowedFrame, Close, CloseCode, Delivery, Encoder, Fragment, Limits, Message, MessageKind,
    Role,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// How a message is sent.
#[derive(Clone, Debug)]
enum Verb {
    Encode,
    InPlace {
        step: usize,
    },
    /// By a server; a client has no such verb, and copies.
    Borrowed {
        step: usize,
    },
    Fragments {
        cuts: Vec<Index>,
        ping: Option<Vec<u8>>,
    },
}

#[derive(Clone, Debug)]
enum Said {
    Text(String, Verb),
    Binary(Vec<u8>, Verb),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
}

fn verbs() -> impl Strategy<Value = Verb> {
    let step = prop_oneof![1..40_usize, Just(usize::MAX)].boxed();
    prop_oneof![
        Just(Verb::Encode),
        step.clone().prop_map(|step| Verb::InPlace { step }),
        step.prop_map(|step| Verb::Borrowed { step }),
        (vec(any::<Index>(), 0..6), proptest::option::of(bodies()))
            .prop_map(|(cuts, ping)| Verb::Fragments { cuts, ping }),
    ]
}

fn said() -> impl Strategy<Value = Said> {
    prop_oneof![
        3 => (texts(), verbs()).prop_map(|(text, verb)| Said::Text(text, verb)),
        3 => (octets(), verbs()).prop_map(|(octets, verb)| Said::Binary(octets, verb)),
        1 => bodies().prop_map(Said::Ping),
        1 => bodies().prop_map(Said::Pong),
    ]
}

fn closes() -> impl Strategy<Value = Option<Option<(u16, String)>>> {
    let close = (select(&[1000_u16, 1001, 1014, 3000, 4999][..]), vec(any::<char>(), 0..30));
    let close = close.prop_map(|(code, reason)| (code, String::from_iter(reason)));
    proptest::option::of(proptest::option::of(close))
}

/// A role with what only some roles can do.
struct Sender<R> {
    encoder: Encoder<R>,
    borrow: fn(&mut Encoder<R>, Message<'_>, usize, &mut Vec<u8>),
    out: Vec<u8>,
}

/// Writes a frame by short writes, of which one can end inside the header or go beyond it.
fn write(mut frame: BorrowedFrame<'_>, step: usize, out: &mut Vec<u8>) {
    while frame.has_remaining() {
        let (header, payload) = frame.parts();
        let left = [header, payload].concat();
        assert!(left.starts_with(frame.chunk()) && !frame.chunk().is_empty());
        let count = step.min(left.len());
        out.extend_from_slice(&left[..count]);
        frame.advance(count);
        assert_eq!(frame.remaining(), left.len() - count);
    }
}

impl<R: Role> Sender<R> {
    fn message(&mut self, message: Message<'_>, verb: &Verb) {
        let (kind, payload) = match message {
            Message::Text(text) => (MessageKind::Text, text.as_bytes()),
            Message::Binary(octets) => (MessageKind::Binary, octets),
        };
        match verb {
            Verb::Encode => self.encoder.encode(message, &mut self.out).unwrap(),
            Verb::Borrowed { step } => {
                (self.borrow)(&mut self.encoder, message, *step, &mut self.out);
            }
            Verb::InPlace { step } => {
                let mut own = payload.to_vec();
                let frame = self.encoder.encode_in_place(kind, &mut own).unwrap();
                write(frame, *step, &mut self.out);
            }
            Verb::Fragments { cuts, ping } => self.fragments(kind, payload, cuts, ping.as_deref()),
        }
    }

    fn fragments(
        &mut self,
        kind: MessageKind,
        payload: &[u8],
        cuts: &[Index],
        ping: Option<&[u8]>,
    ) {
        let parts = pieces(payload, cuts);
        for (index, payload) in parts.iter().copied().enumerate() {
            let (first, last) = (index == 0, index + 1 == parts.len());
            let fragment = Fragment { kind, first, last, payload };
            self.encoder.encode_fragment(fragment, &mut self.out).unwrap();
            if let (Some(ping), false) = (ping, last) {
                self.encoder.encode_ping(ping, &mut self.out).unwrap();
            }
        }
    }

    fn say(&mut self, said: &Said) {
        match said {
            Said::Text(text, verb) => self.message(Message::Text(text), verb),
            Said::Binary(octets, verb) => self.message(Message::Binary(octets), verb),
            Said::Ping(octets) => self.encoder.encode_ping(octets, &mut self.out).unwrap(),
            Said::Pong(octets) => self.encoder.encode_pong(octets, &mut self.out).unwrap(),
        }
    }

    fn close(&mut self, close: &Option<(u16, String)>) {
        let close =
            close.as_ref().map(|(code, reason)| Close::new(CloseCode::new(*code).unwrap(), reason));
        self.encoder.encode_close(close, &mut self.out).unwrap();
    }

    fn all(mut self, said: &[Said], close: &Option<Option<(u16, String)>>) -> Vec<u8> {
        said.iter().for_each(|said| self.say(said));
        if let Some(close) = close {
            self.close(close);
        }
        self.out
    }
}

/// What the peer of `receiver` writes.
fn wire(receiver: Side, said: &[Said], close: &Option<Option<(u16, String)>>) -> Vec<u8> {
    match receiver {
        Side::Server => {
            let encoder = Encoder::client(Counting::default());
            let copy = |encoder: &mut Encoder<_>, message: Message<'_>, _, out: &mut Vec<u8>| {
                encoder.encode(message, out).unwrap();
            };
            Sender { encoder, borrow: copy, out: Vec::new() }.all(said, close)
        }
        Side::Client => {
            let borrow =
                |encoder: &mut Encoder<_>, message: Message<'_>, step, out: &mut Vec<u8>| {
                    write(encoder.encode_borrowed(message).unwrap(), step, out);
                };
            Sender { encoder: Encoder::server(), borrow, out: Vec::new() }.all(said, close)
        }
    }
}

/// What is to be heard: the messages, and the control frames between their fragments.
fn expected(said: &[Said], close: &Option<Option<(u16, String)>>) -> (Vec<Seen>, Vec<Seen>) {
    let (mut data, mut control) = (Vec::new(), Vec::new());
    for said in said {
        match said {
            Said::Text(text, _) => data.push(Seen::Text(text.clone())),
            Said::Binary(octets, _) => data.push(Seen::Binary(octets.clone())),
            Said::Ping(octets) => control.push(Seen::Ping(octets.clone())),
            Said::Pong(octets) => control.push(Seen::Pong(octets.clone())),
        }
        if let Said::Text(_, Verb::Fragments { cuts, ping: Some(ping) })
        | Said::Binary(_, Verb::Fragments { cuts, ping: Some(ping) }) = said
        {
            control.extend(cuts.iter().map(|_| Seen::Ping(ping.clone())));
        }
    }
    control.extend(close.clone().map(Seen::Close));
    (data, control)
}

/// The events by kind, with fragments joined to messages.
fn heard(outcome: Outcome) -> (Vec<Seen>, Vec<Seen>) {
    assert_eq!((outcome.error, outcome.rest), (None, 0));
    let (events, open) = joined(&outcome.events);
    assert_eq!(open, b"", "a message has no end");
    events.into_iter().partition(|seen| matches!(seen, Seen::Text(_) | Seen::Binary(_)))
}

#[test]
fn what_is_encoded_by_any_verb_is_decoded_to_the_same() {
    let inputs = (sides(), deliveries(), limits(), vec(said(), 0..6), closes(), cuts());
    hold(600, inputs, |(side, delivery, Limits { whole_frame: whole, .. }, said, close, cuts)| {
        let bytes = wire(side, &said, &close);
        let limits = Limits { whole_frame: whole, ..Limits::default() };
        let pieces = pieces(&bytes, &cuts);
        let expected = expected(&said, &close);
        let make = || side.decoder(limits, delivery);
        assert_eq!(heard(run(&mut make(), &pieces)), expected);
        assert_eq!(heard(run_owned(&mut make(), &pieces)), expected);
        if let Delivery::Messages = delivery {
            let events = run(&mut make(), &[&bytes]).events;
            assert!(!events.iter().any(|event| matches!(event, Seen::Fragment { .. })));
        }
    });
}
