//! RFC 6455 section 5.2: every pair of first bytes, in both roles, against tables that are
//! written here and share nothing with the crate's own logic.

use crate::common::{BOTH, KEY, Seen, Side, refused, run};
use patchcord::frame::{HeaderError, Rsv};
use patchcord::{Decoder, Delivery, Limits, ProtocolError};

/// A peer's error, and the bits of the first two bytes that make it one: `.` is any bit, and
/// the second byte says nothing if the pattern is of one byte.
type Rule = (&'static str, ProtocolError);

const fn header(error: HeaderError) -> ProtocolError {
    ProtocolError::Header(error)
}

/// Section 5.2's picture: FIN, RSV1 to RSV3, opcode; MASK, length.
const ALWAYS: &[Rule] = &[
    ("....0011", header(HeaderError::ReservedOpcode)),
    ("....01..", header(HeaderError::ReservedOpcode)),
    ("....1011", header(HeaderError::ReservedOpcode)),
    ("....11..", header(HeaderError::ReservedOpcode)),
    ("0...1...", header(HeaderError::FragmentedControl)),
    ("....1... .111111.", header(HeaderError::ControlTooLong)),
    ("....1000 .0000001", header(HeaderError::CloseTooShort)),
];
const BETWEEN_MESSAGES: &[Rule] = &[("....0000", ProtocolError::NothingToContinue)];
const INSIDE_A_MESSAGE: &[Rule] = &[
    ("....0001", ProtocolError::MessageInsideMessage),
    ("....0010", ProtocolError::MessageInsideMessage),
];
const TO_A_SERVER: &[Rule] = &[("........ 0.......", ProtocolError::NotMasked)];
const TO_A_CLIENT: &[Rule] = &[("........ 1.......", ProtocolError::Masked)];

/// A rule as the bits that it looks at and the values that they have.
struct Pattern {
    care: u16,
    bits: u16,
    error: Option<ProtocolError>,
}

impl Pattern {
    fn new(&(text, error): &Rule) -> Self {
        let digits = text.chars().filter(|c| *c != ' ').chain("........".chars()).take(16);
        let (mut care, mut bits) = (0, 0);
        for digit in digits {
            care = care << 1 | u16::from(digit != '.');
            bits = bits << 1 | u16::from(digit == '1');
        }
        Self { care, bits, error: Some(error) }
    }

    fn matches(&self, pair: u16) -> bool {
        pair & self.care == self.bits
    }

    /// How many bytes it takes to tell.
    fn size(&self) -> usize {
        if self.care & 0xff == 0 { 1 } else { 2 }
    }
}

/// All rules of one side and situation; any reserved bit is a rule without a name.
fn patterns(side: Side, inside: bool) -> Vec<Pattern> {
    let order = if inside { INSIDE_A_MESSAGE } else { BETWEEN_MESSAGES };
    let mask = if side == Side::Server { TO_A_SERVER } else { TO_A_CLIENT };
    let bit = |text| Pattern { error: None, ..Pattern::new(&(text, ProtocolError::Masked)) };
    let rsv = [".1......", "..1.....", "...1...."].map(bit);
    [ALWAYS, order, mask].concat().iter().map(Pattern::new).chain(rsv).collect()
}

fn decoder(side: Side, inside: bool) -> Decoder {
    let mut decoder = side.decoder(Limits::default(), Delivery::Messages);
    if inside {
        let outcome = run(&mut decoder, &[&side.frame(0x02, b"<")]);
        assert_eq!((outcome.events, outcome.error), (vec![], None));
    }
    decoder
}

fn decide(side: Side, inside: bool, bytes: &[u8]) -> Option<ProtocolError> {
    let mut bytes = bytes.to_vec();
    decoder(side, inside).decode(&mut &mut bytes[..]).err()
}

/// Whether one of the rules that the table says are broken is what the crate names.
fn is_among(error: ProtocolError, broken: &[&Pattern]) -> bool {
    let is_rsv = matches!(error, ProtocolError::ReservedBits(_));
    broken.iter().any(|rule| rule.error.map_or(is_rsv, |named| named == error))
}

/// What a frame brings, and the octets after its first two bytes.
fn rest(side: Side, [first, second]: [u8; 2]) -> (Vec<u8>, Vec<u8>) {
    let (extended, length): (&[u8], usize) = match second & 0x7f {
        126 => (&[0, 126], 126),
        127 => (&[0, 0, 0, 0, 0, 1, 0, 0], 0x1_0000),
        short => (&[], short.into()),
    };
    let mut payload = vec![b'x'; length];
    if first & 0x0f == 0x8 && length > 0 {
        payload[..2].copy_from_slice(&1000_u16.to_be_bytes());
    }
    let mut bytes = extended.to_vec();
    if side == Side::Server {
        bytes.extend(KEY);
        bytes.extend(payload.iter().zip(KEY.iter().cycle()).map(|(octet, key)| octet ^ key));
    } else {
        bytes.extend(&payload);
    }
    (payload, bytes)
}

/// What comes of a legal frame, and of another one that ends its message if it does not.
fn expected(inside: bool, first: u8, payload: Vec<u8>) -> Vec<Seen> {
    let string = |octets: &[u8]| String::from_utf8(octets.to_vec()).unwrap();
    let before: &[u8] = if inside { b"<" } else { b"" };
    let last: &[u8] = if first & 0x80 == 0 { b">" } else { b"" };
    match first & 0x0f {
        0x1 => vec![Seen::Text(string(&[&payload[..], last].concat()))],
        0x0 | 0x2 => vec![Seen::Binary([before, &payload, last].concat())],
        0x9 => vec![Seen::Ping(payload)],
        0xa => vec![Seen::Pong(payload)],
        _ if payload.is_empty() => vec![Seen::Close(None)],
        _ => vec![Seen::Close(Some((1000, string(&payload[2..]))))],
    }
}

fn check_legal(side: Side, inside: bool, pair: [u8; 2]) {
    let (payload, bytes) = rest(side, pair);
    let mut frame = [&pair[..], &bytes].concat();
    if pair[0] & 0x80 == 0 {
        frame.extend(side.frame(0x80, b">"));
    }
    let outcome = run(&mut decoder(side, inside), &[&frame]);
    assert_eq!(outcome.error, None, "{side:?}, inside: {inside}, {pair:02x?}");
    assert_eq!(outcome.events, expected(inside, pair[0], payload), "{side:?} {pair:02x?}");
}

/// Returns how many of the pairs are legal.
fn check_pairs(side: Side, inside: bool) -> usize {
    let patterns = patterns(side, inside);
    let mut legal = 0;
    for first in 0..=255 {
        let pair = u16::from_be_bytes([first, 0]);
        let broken: Vec<_> = patterns.iter().filter(|p| p.size() == 1 && p.matches(pair)).collect();
        let error = decide(side, inside, &[first]);
        assert_eq!(error.is_some(), !broken.is_empty(), "{side:?}, inside: {inside}, {first:02x}");
        let Some(error) = error else {
            let is_legal = |&second: &u8| check_second(&patterns, side, inside, [first, second]);
            legal += (0..=255).filter(is_legal).count();
            continue;
        };
        assert!(is_among(error, &broken), "{side:?}, inside: {inside}, {first:02x}: {error:?}");
        for second in 0..=255 {
            assert_eq!(decide(side, inside, &[first, second]), Some(error), "{first:02x}");
        }
    }
    legal
}

fn check_second(patterns: &[Pattern], side: Side, inside: bool, pair: [u8; 2]) -> bool {
    let bits = u16::from_be_bytes(pair);
    let broken: Vec<_> = patterns.iter().filter(|rule| rule.matches(bits)).collect();
    let error = decide(side, inside, &pair);
    assert_eq!(error.is_some(), !broken.is_empty(), "{side:?}, inside: {inside}, {pair:02x?}");
    match error {
        Some(error) => assert!(is_among(error, &broken), "{side:?} {pair:02x?}: {error:?}"),
        None => check_legal(side, inside, pair),
    }
    error.is_none()
}

/// The opcodes in use, each as the first byte of a final frame.
const FINAL: [u8; 5] = [0x81, 0x82, 0x88, 0x89, 0x8a];

/// Between messages: text and binary with and without FIN, each with 128 lengths, a Close of 125
/// lengths, a ping and a pong of 126. Inside one: continuations with and without FIN.
#[test]
fn every_pair_of_first_bytes_is_judged_as_the_tables_say() {
    for side in BOTH {
        assert_eq!(check_pairs(side, false), 4 * 128 + 125 + 2 * 126, "{side:?}");
        assert_eq!(check_pairs(side, true), 2 * 128 + 125 + 2 * 126, "{side:?}, inside");
    }
}

/// CVE-2026-59881 (aiohttp), uWebSockets: RSV1 where no compression was negotiated.
#[test]
fn a_reserved_bit_is_refused_at_the_first_byte_on_every_opcode() {
    for side in BOTH {
        for bits in (0x10..=0x70).step_by(0x10) {
            for first in FINAL {
                let error = ProtocolError::ReservedBits(Rsv::from_first_byte(bits));
                refused(side, &[first | bits], error);
            }
        }
        // websockets and tungstenite wait for the payload of `a1 85`.
        refused(side, b"\xa1", ProtocolError::ReservedBits(Rsv::RSV2));
        refused(side, b"\xc1", ProtocolError::ReservedBits(Rsv::RSV1));
        refused(side, b"\x41", ProtocolError::ReservedBits(Rsv::RSV1));
        refused(side, b"\x11", ProtocolError::ReservedBits(Rsv::RSV3));
    }
}

#[test]
fn a_reserved_bit_on_a_continuation_is_refused() {
    for side in BOTH {
        for first in [0x40, 0xa0, 0xc0, 0xf0] {
            let bytes = [side.frame(0x01, b"a"), vec![first]].concat();
            let rsv = Rsv::from_first_byte(first);
            refused(side, &bytes, ProtocolError::ReservedBits(rsv));
        }
    }
}

#[test]
fn a_reserved_opcode_is_refused_at_the_first_byte() {
    for side in BOTH {
        for opcode in (0x3..=0x7).chain(0xb..=0xf) {
            refused(side, &[0x80 | opcode], HeaderError::ReservedOpcode);
            refused(side, &[opcode], HeaderError::ReservedOpcode);
        }
    }
}
