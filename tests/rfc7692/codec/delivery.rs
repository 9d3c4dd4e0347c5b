//! Fragments, joined, are the messages, whatever the split, the kind of input and the engines.

use super::*;
use crate::common::{BOTH, Outcome, Seen, assert_every_split_agrees, joined, run, run_owned};
use crate::rfc7692::messages::{Numbers, transcript};

/// The messages that these events come to, none of which lacks its end.
fn whole_messages(events: &[Seen]) -> Vec<Seen> {
    let (messages, open) = joined(events);
    assert_eq!(open, b"");
    messages
}

/// Compressed and other messages of all kinds, in one frame and in several.
fn stream(side: Side, size: usize) -> Vec<u8> {
    let mut deflater = Deflater::new(context(11, true), compression(6), &Engines::Owned).unwrap();
    let mut numbers = Numbers(37);
    let mut wire = Vec::new();
    for (i, kind) in [MessageKind::Text, MessageKind::Binary].repeat(5).into_iter().enumerate() {
        let message = match i {
            0 | 1 => Vec::new(),
            _ => transcript(&mut numbers, size),
        };
        if i % 3 == 2 {
            wire.extend(side.frame(whole(kind) & !0x40, &message));
            continue;
        }
        let mut data = Vec::new();
        deflater.finish(&message, &mut data);
        let cuts = i % 4 + 1;
        for cut in 0..cuts {
            let part = &data[data.len() * cut / cuts..data.len() * (cut + 1) / cuts];
            let first = if cut == 0 { whole(kind) & 0x7f } else { 0x00 };
            wire.extend(side.frame(first | u8::from(cut + 1 == cuts) << 7, part));
        }
        wire.extend(side.frame(0x89, &[i as u8]));
    }
    wire
}

fn limits(whole: u32) -> Limits {
    Limits { whole_frame: whole, ..Limits::default() }
}

fn assert_same(messages: Outcome, fragments: Outcome) {
    assert_eq!((messages.error, messages.rest), (None, 0));
    assert_eq!((fragments.error, fragments.rest), (None, 0));
    assert_eq!(whole_messages(&fragments.events), messages.events);
}

#[test]
fn fragments_joined_are_the_messages_at_every_split() {
    for side in BOTH {
        let bytes = stream(side, 10);
        for engines in engines() {
            for whole in [0, 20, Limits::WHOLE_FRAME] {
                let [messages, fragments] = DELIVERIES.map(|delivery| {
                    let make = || decoder(side, limits(whole), delivery, &engines);
                    assert_every_split_agrees(make, &bytes)
                });
                assert_eq!(messages.events.len(), 10 + 7, "messages and pings");
                assert_same(messages, fragments);
            }
        }
    }
}

#[test]
fn fragments_joined_are_the_messages_where_frames_are_longer_than_reads() {
    for side in BOTH {
        let bytes = stream(side, 9000);
        for size in [1, 13, 700, 5000, usize::MAX] {
            for whole in [0, 300, Limits::WHOLE_FRAME] {
                let pieces: Vec<&[u8]> = bytes.chunks(size).collect();
                let [messages, fragments] = DELIVERIES.map(|delivery| {
                    let make = || decoder(side, limits(whole), delivery, &Engines::Owned);
                    let outcome = run(&mut make(), &pieces);
                    assert_eq!(run_owned(&mut make(), &pieces), outcome);
                    outcome
                });
                assert_same(messages, fragments);
            }
        }
    }
}

/// A fragment is delivered when it comes, with all that can be known from it.
#[test]
fn fragments_are_inflated_as_they_arrive() {
    let message = transcript(&mut Numbers(41), 2000);
    for side in BOTH {
        for engines in engines() {
            let mut deflater = Deflater::new(Context::default(), compression(1), &engines).unwrap();
            let mut decoder = decoder(side, Limits::default(), Delivery::Fragments, &engines);
            for (i, part) in message.chunks(100).enumerate() {
                let mut data = Vec::new();
                deflater.deflate(part, &mut data);
                let frame = side.frame(if i == 0 { 0x42 } else { 0x00 }, &data);
                let payload = part.to_vec();
                let fragment = Seen::Fragment {
                    kind: MessageKind::Binary,
                    first: i == 0,
                    last: false,
                    payload,
                };
                assert_eq!(run(&mut decoder, &[&frame]).events, [fragment]);
            }
            let last = Seen::Fragment {
                kind: MessageKind::Binary,
                first: false,
                last: true,
                payload: vec![],
            };
            assert_eq!(run(&mut decoder, &[&side.frame(0x80, b"\x00")]).events, [last]);
        }
    }
}
