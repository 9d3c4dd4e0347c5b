//! A server and a client with every agreement, which exchange messages of all kinds over pipes
//! that cut them anywhere; a strict inflater listens on both.

use super::*;
use crate::common::{BOTH, Receive, Seen};
use crate::rfc7692::messages::{Numbers, transcript};
use crate::rfc7692::strict::Strict;
use bytes::BufMut;
use patchcord::{Event, Message, Prepared, SendBuffer};

const MESSAGES: usize = 200;

/// One direction: what was sent, what of it is on its way, and what arrived.
struct Pipe {
    context: Context,
    wire: Vec<u8>,
    /// How much of the wire was given to the receiver, and what it left.
    read: usize,
    held: Vec<u8>,
    sent: Vec<Seen>,
    received: Vec<Seen>,
    /// The fragments of a message that is not all there.
    open: Vec<u8>,
    /// How many were sent, and how many arrived.
    pings: (usize, usize),
}

impl Pipe {
    fn new(context: Context) -> Self {
        Self {
            context,
            wire: Vec::new(),
            read: 0,
            held: Vec::new(),
            sent: Vec::new(),
            received: Vec::new(),
            open: Vec::new(),
            pings: (0, 0),
        }
    }

    /// Brings so many bytes to the other end.
    fn bring(&mut self, count: usize, to: &mut Endpoint) {
        let end = self.wire.len().min(self.read + count);
        self.held.extend_from_slice(&self.wire[self.read..end]);
        self.read = end;
        let mut input = &mut self.held[..];
        while let Some(event) = to.receive(&mut input).expect("what was sent is legal") {
            match event {
                Event::Fragment(fragment) => {
                    self.open.extend_from_slice(&fragment.payload);
                    if fragment.last {
                        let octets = std::mem::take(&mut self.open);
                        self.received.push(Seen::message(fragment.kind, octets));
                    }
                }
                Event::Ping(_) => self.pings.1 += 1,
                Event::Pong(_) => {}
                event => self.received.push(event.into()),
            }
        }
        let rest = input.len();
        self.held.drain(..self.held.len() - rest);
    }

    /// The messages that one who takes RFC 7692 by its letters makes of the wire, and how many of
    /// them are compressed.
    fn strictly(&self, side: Side) -> (Vec<Seen>, usize) {
        let mut strict = Strict::new(self.context.window.bits(), self.context.takeover);
        let (mut first, mut data, mut compressed) = (0, Vec::new(), 0);
        let mut messages = Vec::new();
        for (byte, payload) in side.wrote(&self.wire) {
            match byte & 0x7f {
                0x00 => data.extend(payload),
                0x01 | 0x02 | 0x41 | 0x42 => (first, data) = (byte, payload),
                0x09 | 0x0a => continue,
                _ => panic!("no frame begins with {byte:02x}"),
            }
            if byte & 0x80 != 0 {
                let kind = if first & 0x0f == 1 { MessageKind::Text } else { MessageKind::Binary };
                let octets = std::mem::take(&mut data);
                messages.push(match first & 0x40 {
                    0 => Seen::message(kind, octets),
                    _ => Seen::message(kind, strict.message(&octets).unwrap()),
                });
                compressed += usize::from(first & 0x40 != 0);
            }
        }
        (messages, compressed)
    }
}

/// What one says: transcripts, silence, noise, and text of many bytes a character.
fn message(numbers: &mut Numbers) -> (MessageKind, Vec<u8>) {
    let length = [0, 1, 30, 200, 700, 1500, 3000][numbers.below(7)];
    match numbers.below(5) {
        0 => (MessageKind::Binary, numbers.octets(length)),
        1 => (MessageKind::Binary, vec![0; length]),
        2 => (MessageKind::Text, "\u{20ac}uro \u{1f600}".repeat(length / 12).into_bytes()),
        3 => (MessageKind::Binary, transcript(numbers, length)),
        _ => (MessageKind::Text, transcript(numbers, length)),
    }
}

fn borrowed(kind: MessageKind, octets: &[u8]) -> Message<'_> {
    match kind {
        MessageKind::Text => Message::Text(std::str::from_utf8(octets).unwrap()),
        MessageKind::Binary => Message::Binary(octets),
    }
}

/// Sends a message by a verb that is drawn.
fn send(from: &mut Endpoint, pipe: &mut Pipe, numbers: &mut Numbers) {
    let (kind, octets) = message(numbers);
    let message = borrowed(kind, &octets);
    let wire = &mut pipe.wire;
    match numbers.below(8) {
        0 => from.send(message, wire).unwrap(),
        1 if from.side() == Side::Server => {
            let window = [9, 12, 15].map(|bits| WindowBits::new(bits).unwrap())[numbers.below(3)];
            let prepared = Prepared::compressed(message, Level::SMALLEST, window);
            let mut out = SendBuffer::new();
            from.server().unwrap().send_prepared(&prepared, &mut out).unwrap();
            wire.put(out);
        }
        2 | 3 => {
            let compressed = numbers.below(4) > 0;
            let cuts = 1 + numbers.below(4);
            for cut in 0..cuts {
                let payload = &octets[octets.len() * cut / cuts..octets.len() * (cut + 1) / cuts];
                let fragment = part(kind, (cut == 0, cut + 1 == cuts), payload);
                match compressed {
                    true => from.send_compressed_fragment(fragment, wire).unwrap(),
                    false => from.send_fragment(fragment, wire).unwrap(),
                }
                if numbers.below(3) == 0 {
                    from.ping(b"between", wire).unwrap();
                    pipe.pings.0 += 1;
                }
            }
        }
        _ => from.send_compressed(message, wire).unwrap(),
    }
    pipe.sent.push(Seen::message(kind, octets));
    from.flush(&mut pipe.wire);
}

/// The server's context and the client's: takeover by one, both or none, and windows that differ.
fn agreements() -> Vec<[Context; 2]> {
    let mut agreements = Vec::new();
    for takeovers in [[true, true], [true, false], [false, true], [false, false]] {
        for windows in [[9, 12], [12, 15], [15, 9]] {
            agreements.push([0, 1].map(|end| context(windows[end], takeovers[end])));
        }
    }
    agreements
}

fn config(delivery: Delivery, numbers: &mut Numbers) -> Config {
    let whole = [0, 100, Limits::WHOLE_FRAME][numbers.below(3)];
    Config {
        limits: Limits { whole_frame: whole, ..Limits::default() },
        delivery,
        ..Config::default()
    }
}

fn talk([server, client]: [Context; 2], engines: &[Engines; 2], seed: u64) {
    let mut numbers = Numbers(seed);
    let mut pipes = [Pipe::new(server), Pipe::new(client)];
    let mut ends = BOTH.map(|side| {
        let agreed = match side {
            Side::Server => Agreed { own: server, peer: client },
            Side::Client => Agreed { own: client, peer: server },
        };
        let config = config(DELIVERIES[numbers.below(2)], &mut numbers);
        let compression = Compression {
            level: [Level::FASTEST, Level::SMALLEST][numbers.below(2)],
            threshold: [0, 64][numbers.below(2)],
            ..Compression::default()
        };
        let engines = &engines[usize::from(side == Side::Client)];
        Endpoint::new(side, config).with_deflate(agreed, compression, engines)
    });
    while pipes.iter().any(|pipe| pipe.sent.len() < MESSAGES) {
        let from = numbers.below(2);
        if numbers.below(3) == 0 && pipes[from].sent.len() < MESSAGES {
            send(&mut ends[from], &mut pipes[from], &mut numbers);
        } else {
            let count = [1, 2, 17, 500, 4000][numbers.below(5)];
            pipes[from].bring(count, &mut ends[1 - from]);
        }
    }
    for (from, pipe) in pipes.iter_mut().enumerate() {
        pipe.bring(usize::MAX - pipe.read, &mut ends[1 - from]);
        assert!(pipe.held.is_empty() && pipe.open.is_empty());
        assert_eq!(pipe.pings.0, pipe.pings.1);
        assert_eq!(pipe.sent.len(), MESSAGES);
        assert!(pipe.received == pipe.sent, "{server:?}, {client:?}, {engines:?}");
        let (strictly, compressed) = pipe.strictly(BOTH[from]);
        assert!(strictly == pipe.sent, "{server:?}, {client:?}, {engines:?}");
        assert!((MESSAGES / 4..MESSAGES).contains(&compressed), "{compressed} compressed");
    }
}

#[test]
fn two_ends_exchange_messages_of_all_kinds_whatever_they_agreed_on() {
    let pool = Engines::Pooled(Pool::default());
    let tight = Engines::Pooled(Pool::new(0));
    for (i, agreement) in agreements().into_iter().enumerate() {
        for engines in [
            [Engines::Owned, Engines::Owned],
            [pool.clone(), pool.clone()],
            [Engines::Owned, pool.clone()],
            [tight.clone(), Engines::Owned],
        ] {
            talk(agreement, &engines, 73 + i as u64);
        }
    }
}

/// Forty ends on one pool of three engines, each with its own messages in the middle of others'.
#[test]
fn many_connections_share_a_pool_and_nothing_else() {
    let pool = Engines::Pooled(Pool::new(3));
    let context = context(11, true);
    let mut numbers = Numbers(79);
    let agreed = Agreed { own: context, peer: context };
    let mut pairs: Vec<_> = (0..20)
        .map(|_| (BOTH.map(|side| endpoint(side, agreed, &pool)), Pipe::new(context)))
        .collect();
    for _ in 0..3000 {
        let at = numbers.below(pairs.len());
        let ([server, client], pipe) = &mut pairs[at];
        match numbers.below(3) {
            0 => send(server, pipe, &mut numbers),
            _ => pipe.bring(1 + numbers.below(900), client),
        }
    }
    for ([_, client], pipe) in &mut pairs {
        pipe.bring(usize::MAX - pipe.read, client);
        assert!(pipe.sent.len() > 20 && pipe.received == pipe.sent);
        assert!(pipe.strictly(Side::Server).0 == pipe.sent);
    }
}
