//! Compresses messages by RFC 7692 section 7.2.1, using only the fixed codes of RFC 1951, so
//! that windows and takeover are kept by construction, and not by a library's settings.

use super::inflate::{DISTANCES, LENGTHS};
use std::collections::HashMap;

/// The longest match: RFC 1951 section 3.2.5.
const LONGEST: usize = 258;

/// Compresses the messages of one direction.
pub struct Deflater {
    window: usize,
    takes_over: bool,
    past: Vec<u8>,
}

impl Deflater {
    pub fn new(window_bits: u8, takes_over: bool) -> Self {
        Self { window: 1 << window_bits, takes_over, past: Vec::new() }
    }

    /// Returns the compressed form, without its last four bytes.
    pub fn message(&mut self, message: &[u8]) -> Vec<u8> {
        let start = self.past.len();
        let mut all = std::mem::take(&mut self.past);
        all.extend(message);
        let mut bits = Bits::default();
        if !message.is_empty() {
            bits.number(0b010, 3); // not the last block, fixed codes
            matches(&all, start, self.window, &mut bits);
            bits.literal(256);
        }
        bits.number(0, 3); // an empty stored block, whose length is the omitted bytes
        if self.takes_over {
            let from = all.len().saturating_sub(self.window);
            self.past = all.split_off(from);
        }
        bits.bytes
    }
}

/// Writes what begins at `start` as literals and references, which stay within the window.
fn matches(all: &[u8], start: usize, window: usize, bits: &mut Bits) {
    let mut seen = HashMap::new();
    let mut note = |at: usize| all.get(at..at + 3).and_then(|three| seen.insert(three, at));
    for at in 0..start {
        note(at);
    }
    let mut at = start;
    while at < all.len() {
        let candidate = note(at).filter(|from| at - from <= window);
        let same = |from: usize| {
            all[from..].iter().zip(&all[at..]).take(LONGEST).take_while(|(a, b)| a == b)
        };
        let length = candidate.map_or(0, |from| same(from).count());
        match candidate {
            Some(from) if length >= 3 => {
                bits.reference(length, at - from);
                for next in at + 1..at + length {
                    note(next);
                }
                at += length;
            }
            _ => {
                bits.literal(all[at].into());
                at += 1;
            }
        }
    }
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: usize,
}

impl Bits {
    /// Lowest bit first.
    fn number(&mut self, number: usize, count: usize) {
        for at in 0..count {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            *self.bytes.last_mut().expect("a byte") |=
                ((number >> at & 1) as u8) << (self.used % 8);
            self.used += 1;
        }
    }

    /// Highest bit first, as codes are written.
    fn code(&mut self, code: usize, count: usize) {
        for at in (0..count).rev() {
            self.number(code >> at & 1, 1);
        }
    }

    /// The fixed code of a symbol: RFC 1951 section 3.2.6.
    fn literal(&mut self, symbol: usize) {
        match symbol {
            0..144 => self.code(0x30 + symbol, 8),
            144..256 => self.code(0x190 + symbol - 144, 9),
            256..280 => self.code(symbol - 256, 7),
            _ => self.code(0xc0 + symbol - 280, 8),
        }
    }

    fn reference(&mut self, length: usize, distance: usize) {
        let (symbol, extra, rest) = split(&LENGTHS, length);
        self.literal(257 + symbol);
        self.number(rest, extra);
        let (symbol, extra, rest) = split(&DISTANCES, distance);
        self.code(symbol, 5);
        self.number(rest, extra);
    }
}

/// Returns the symbol of a length or distance, its number of extra bits, and their value.
fn split(table: &[(u8, u16)], value: usize) -> (usize, usize, usize) {
    let symbol =
        table.iter().rposition(|&(_, base)| usize::from(base) <= value).expect("3 or 1 at least");
    let (extra, base) = table[symbol];
    (symbol, extra.into(), value - usize::from(base))
}

/// Makes a stored block of each piece: no compression at all.
pub fn stored(message: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for piece in message.chunks(0xffff) {
        let length = piece.len() as u16;
        bytes.push(0);
        bytes.extend(length.to_le_bytes());
        bytes.extend((!length).to_le_bytes());
        bytes.extend(piece);
    }
    [&bytes[..], &[0]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Inflater;

    #[test]
    fn what_is_compressed_inflates_to_itself_within_its_window() {
        let text: Vec<u8> = (0..20_000_u32).map(|n| (n * n / 700 % 251) as u8).collect();
        for (bits, takes_over) in [(8, true), (9, false), (12, true), (15, true), (15, false)] {
            let mut deflater = Deflater::new(bits, takes_over);
            let mut inflater = Inflater::new(bits, takes_over);
            for message in [&text[..], b"", b"a", &text[..5000], &[7; 1000], &text[300..4000]] {
                let compressed = deflater.message(message);
                assert_eq!(
                    inflater.message(&compressed).as_deref(),
                    Ok(message),
                    "{bits} {takes_over}"
                );
            }
            assert!(deflater.message(&[7; 1000]).len() < 20);
        }
    }

    #[test]
    fn the_past_is_referred_to_if_it_is_taken_over() {
        let text: Vec<u8> = (0..400_u32).map(|n| (n * n / 7 % 251) as u8).collect();
        let sizes = [true, false].map(|takes_over| {
            let mut deflater = Deflater::new(15, takes_over);
            deflater.message(&text);
            deflater.message(&text).len()
        });
        assert!(sizes[0] * 10 < sizes[1], "{sizes:?}");
    }

    #[test]
    fn stored_blocks_inflate_to_what_they_hold() {
        let long = vec![3; 100_000];
        assert_eq!(Inflater::new(8, true).message(&stored(&long)), Ok(long));
        assert_eq!(Deflater::new(8, true).message(b""), [0]);
    }
}
