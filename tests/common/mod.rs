//! What the tests share: frames as bytes, events that own their octets, and both ends at once.
#![allow(dead_code, unused_imports)] // each test file uses a part of it

mod drive;
mod endpoint;

pub(crate) use drive::{
    Outcome, Receive, assert_agrees, assert_every_split_agrees, assert_fails_at, decode,
    decode_in_one_piece, refused, run, run_buffered, run_owned,
};
pub(crate) use endpoint::{Counting, Endpoint, prepared};

use patchcord::frame::{Header, LengthForm, RawHeader};
use patchcord::payload::PayloadBytes;
use patchcord::{Decoder, Delivery, Event, Limits, MaskingKey, MessageKind};

pub(crate) const KEY: [u8; 4] = [0xa5, 0x5a, 0x3c, 0x01];

/// The end that is tested; its peer is the other one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Server,
    Client,
}

pub(crate) const BOTH: [Side; 2] = [Side::Server, Side::Client];

impl Side {
    pub(crate) fn peer(self) -> Self {
        if self == Self::Server { Self::Client } else { Self::Server }
    }

    pub(crate) fn decoder(self, limits: Limits, delivery: Delivery) -> Decoder {
        match self {
            Self::Server => Decoder::server(limits, delivery),
            Self::Client => Decoder::client(limits, delivery),
        }
    }

    /// The MASK bit of the frames that this end receives.
    pub(crate) fn mask(self) -> u8 {
        if self == Self::Server { 0x80 } else { 0 }
    }

    /// A frame that this end receives: its first byte as it is, its length in minimal form.
    pub(crate) fn frame(self, first: u8, payload: &[u8]) -> Vec<u8> {
        let key = (self == Self::Server).then_some(KEY);
        frame(first, key, payload)
    }

    pub(crate) fn frames(self, frames: &[(u8, &[u8])]) -> Vec<u8> {
        frames.iter().flat_map(|(first, payload)| self.frame(*first, payload)).collect()
    }

    /// The header alone of a frame that declares `length` bytes and brings none.
    pub(crate) fn header(self, first: u8, length: u64) -> Vec<u8> {
        let key = (self == Self::Server).then_some(KEY);
        header(first, key, length, minimal(length))
    }

    /// A header up to the end of its length, before a masking key, in a form of the test's choice.
    pub(crate) fn length(self, first: u8, length: u64, form: LengthForm) -> Vec<u8> {
        let mut bytes = header(first, None, length, form);
        bytes[1] |= self.mask();
        bytes
    }

    /// The frames that this end wrote: first byte and unmasked payload; checks the masking.
    pub(crate) fn wrote(self, mut wire: &[u8]) -> Vec<(u8, Vec<u8>)> {
        let mut frames = Vec::new();
        while let Some((header, size)) = Header::parse(wire).unwrap() {
            assert_eq!(header.masking_key().is_some(), self == Self::Client, "section 5.1");
            let (payload, rest) = wire[size..].split_at(header.length() as usize);
            let mut payload = payload.to_vec();
            if let Some(key) = header.masking_key() {
                key.apply(&mut payload);
            }
            frames.push((wire[0], payload));
            wire = rest;
        }
        assert!(wire.is_empty(), "a frame is cut short: {wire:02x?}");
        frames
    }
}

/// A frame with a key or none, whoever receives it.
pub(crate) fn frame(first: u8, key: Option<[u8; 4]>, payload: &[u8]) -> Vec<u8> {
    let length = payload.len() as u64;
    let mut bytes = header(first, key, length, minimal(length));
    let start = bytes.len();
    bytes.extend_from_slice(payload);
    if let Some(key) = key {
        bytes[start..].iter_mut().zip(key.iter().cycle()).for_each(|(octet, key)| *octet ^= key);
    }
    bytes
}

fn header(first: u8, key: Option<[u8; 4]>, length: u64, form: LengthForm) -> Vec<u8> {
    let (fin, rsv, opcode) = (first & 0x80 != 0, first >> 4 & 0x7, first & 0xf);
    RawHeader { fin, rsv, opcode, masking_key: key.map(MaskingKey::from), length, form }
        .encode()
        .to_vec()
}

fn minimal(length: u64) -> LengthForm {
    match length {
        0..126 => LengthForm::Seven,
        126..0x1_0000 => LengthForm::Sixteen,
        _ => LengthForm::SixtyFour,
    }
}

/// An event that owns its octets, so that those of different inputs compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Text(String),
    Binary(Vec<u8>),
    Fragment { kind: MessageKind, first: bool, last: bool, payload: Vec<u8> },
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Option<(u16, String)>),
}

impl Seen {
    pub(crate) fn message(kind: MessageKind, octets: Vec<u8>) -> Self {
        match kind {
            MessageKind::Text => Self::Text(String::from_utf8(octets).unwrap()),
            MessageKind::Binary => Self::Binary(octets),
        }
    }
}

impl<P: PayloadBytes> From<Event<P>> for Seen {
    fn from(event: Event<P>) -> Self {
        match event {
            Event::Text(text) => {
                assert!(std::str::from_utf8(text.as_bytes()).is_ok(), "a `str` that is none");
                Self::Text(text.to_string())
            }
            Event::Binary(octets) => Self::Binary(octets.as_ref().to_vec()),
            Event::Fragment(part) => Self::Fragment {
                kind: part.kind,
                first: part.first,
                last: part.last,
                payload: part.payload.as_ref().to_vec(),
            },
            Event::Ping(octets) => Self::Ping(octets.as_ref().to_vec()),
            Event::Pong(octets) => Self::Pong(octets.as_ref().to_vec()),
            Event::Close(close) => {
                Self::Close(close.map(|close| (close.code.get(), close.reason.to_string())))
            }
        }
    }
}

/// The events with their fragments joined, and what came of a message that is not whole.
pub(crate) fn joined(events: &[Seen]) -> (Vec<Seen>, Vec<u8>) {
    let (mut messages, mut open) = (Vec::new(), Vec::new());
    for event in events {
        let Seen::Fragment { kind, first, last, payload } = event else {
            messages.push(event.clone());
            continue;
        };
        assert!(!first || open.is_empty(), "a message began inside another");
        open.extend_from_slice(payload);
        if *last {
            messages.push(Seen::message(*kind, std::mem::take(&mut open)));
        }
    }
    (messages, open)
}

pub(crate) fn text(text: &str) -> Seen {
    Seen::Text(text.to_owned())
}

pub(crate) fn binary(octets: &[u8]) -> Seen {
    Seen::Binary(octets.to_vec())
}

pub(crate) fn ping(octets: &[u8]) -> Seen {
    Seen::Ping(octets.to_vec())
}

pub(crate) fn pong(octets: &[u8]) -> Seen {
    Seen::Pong(octets.to_vec())
}

pub(crate) fn close(code: u16, reason: &str) -> Seen {
    Seen::Close(Some((code, reason.to_owned())))
}

/// What a Close carries.
pub(crate) fn close_body(code: u16, reason: &[u8]) -> Vec<u8> {
    [&code.to_be_bytes(), reason].concat()
}

/// PayloadBytes that a misplaced key, phase or offset does not leave as they are.
pub(crate) fn octets(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i * 7 + i / 251) as u8).collect()
}

/// ASCII text of that length.
pub(crate) fn letters(length: usize) -> String {
    (0..length).map(|i| char::from(b'a' + (i % 23) as u8)).collect()
}
