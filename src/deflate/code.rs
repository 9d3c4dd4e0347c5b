//! Huffman codes read bit by bit (RFC 1951 section 3.2.2).

use super::InflateError;

/// The longest code in bits.
const LONGEST: usize = 15;

/// A Huffman code of up to `N` symbols: the number of codes of each length, and the symbols in the
/// order of their codes.
pub(super) struct Code<const N: usize> {
    counts: [u16; LONGEST + 1],
    symbols: [u16; N],
    longest: usize,
}

impl<const N: usize> Code<N> {
    pub(super) const EMPTY: Self = Self { counts: [0; LONGEST + 1], symbols: [0; N], longest: 0 };

    /// Builds the code from the length in bits of each symbol's code; there are at most `N`
    /// lengths.
    pub(super) const fn new(lengths: &[u8]) -> Self {
        let mut code = Self::EMPTY;
        let mut at = 0;
        while at < lengths.len() {
            code.counts[lengths[at] as usize] += 1;
            at += 1;
        }
        code.counts[0] = 0; // symbols without a code
        let mut next = [0; LONGEST + 2];
        let mut length = 1;
        while length <= LONGEST {
            next[length + 1] = next[length] + code.counts[length] as usize;
            if code.counts[length] > 0 {
                code.longest = length;
            }
            length += 1;
        }
        at = 0;
        while at < lengths.len() {
            let length = lengths[at] as usize;
            if length > 0 {
                code.symbols[next[length]] = at as u16;
                next[length] += 1;
            }
            at += 1;
        }
        code
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.longest == 0
    }

    /// Returns whether every sequence of bits begins with exactly one of the codes.
    pub(super) fn is_complete(&self) -> bool {
        let taken = (1..=LONGEST).map(|at| u32::from(self.counts[at]) << (LONGEST - at));
        taken.sum::<u32>() == 1 << LONGEST
    }

    /// Returns whether zlib accepts the code for the symbols of a block: a complete code, a single
    /// code of one bit, or no code at all, whose use is an error (RFC 1951 section 3.2.7).
    pub(super) fn is_usable(&self) -> bool {
        self.is_complete() || self.is_empty() || (self.longest == 1 && self.counts[1] == 1)
    }

    /// Reads the next symbol; `None` if not all of its bits have arrived.
    pub(super) fn symbol(&self, bits: &mut Bits<'_>) -> Result<Option<usize>, InflateError> {
        let (mut value, there) = bits.peek();
        // Canonical codes: those of one length are consecutive numbers, and `first` is the lowest
        // of them.
        let (mut code, mut first, mut before) = (0_usize, 0, 0);
        for length in 1..=there.min(LONGEST) {
            code = code << 1 | value & 1;
            value >>= 1;
            let count = usize::from(self.counts[length]);
            // A code below `first` wraps to a huge number, so one comparison tests both bounds.
            if code.wrapping_sub(first) < count {
                bits.at += length;
                return Ok(self.symbols.get(before + code - first).map(|symbol| (*symbol).into()));
            }
            if length >= self.longest {
                return Err(InflateError::Data);
            }
            before += count;
            first = (first + count) << 1;
        }
        Ok(None)
    }
}

/// A position in data that is read bit by bit, starting with the lowest bit of each byte.
#[derive(Clone, Copy)]
pub(super) struct Bits<'data> {
    pub(super) data: &'data [u8],
    /// The number of bits taken so far.
    pub(super) at: usize,
}

impl Bits<'_> {
    /// Returns at least the next 17 bits as a number, and how many of them are valid.
    fn peek(&self) -> (usize, usize) {
        let byte = |i: usize| self.data.get(self.at / 8 + i).map_or(0, |byte| usize::from(*byte));
        let value = byte(0) | byte(1) << 8 | byte(2) << 16;
        (value >> (self.at % 8), self.data.len() * 8 - self.at)
    }

    /// The next bits as a number, 16 at most; `None` if they are not all there.
    pub(super) fn take(&mut self, count: usize) -> Option<usize> {
        let (value, there) = self.peek();
        (count <= there).then(|| {
            self.at += count;
            value & ((1 << count) - 1)
        })
    }

    pub(super) fn align(&mut self) {
        self.at = self.at.next_multiple_of(8);
    }
}
