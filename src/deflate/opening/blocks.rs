//! The headers of blocks, and the codes of their symbols (RFC 1951 section 3.2).

use crate::deflate::InflateError;
use crate::deflate::code::{Bits, Code};

/// The position inside a block: what has to be read next.
#[derive(Clone, Copy, Default)]
pub(super) enum Place {
    #[default]
    Block,
    /// The length of a block without compression, and its complement.
    Length,
    /// The remaining bytes of a block without compression.
    Stored(usize),
    /// The counts of code lengths.
    Counts,
    /// The lengths of the code for code lengths; this many are known.
    CodeLengths(usize),
    /// The lengths of the two codes; this many are known.
    Lengths(usize),
    /// The symbols of a block with the fixed codes.
    Fixed,
    /// The symbols of a block with its own codes.
    Dynamic,
}

/// The result of reading one item.
#[derive(Clone, Copy)]
pub(super) enum Next {
    /// Another item of the same kind.
    Same,
    Place(Place),
    /// The end of the block.
    End,
}

/// Reads the header of a block (RFC 1951 section 3.2.3).
pub(super) fn block(
    bits: &mut Bits<'_>,
    is_final: &mut bool,
) -> Result<Option<Next>, InflateError> {
    let Some(header) = bits.take(3) else { return Ok(None) };
    *is_final = header & 1 == 1;
    let place = match header >> 1 {
        0 => Place::Length,
        1 => Place::Fixed,
        2 => Place::Counts,
        _ => return Err(InflateError::Data),
    };
    if let Place::Length = place {
        bits.align();
    }
    Ok(Some(Next::Place(place)))
}

/// Reads the length of a block without compression (RFC 1951 section 3.2.4).
pub(super) fn length(bits: &mut Bits<'_>) -> Result<Option<Next>, InflateError> {
    let (Some(length), Some(complement)) = (bits.take(16), bits.take(16)) else { return Ok(None) };
    match length ^ complement {
        0xffff => Ok(Some(Next::Place(Place::Stored(length)))),
        _ => Err(InflateError::Data),
    }
}

/// The codes of a block, also while they are being read.
pub(super) struct Codes {
    pub(super) literals: Code<LITERALS>,
    pub(super) distances: Code<DISTANCES>,
    lengths: [u8; LITERALS + DISTANCES],
    /// The number of lengths for literals, for distances, and for the code of lengths.
    counts: (usize, usize, usize),
}

impl Default for Codes {
    fn default() -> Self {
        Self {
            literals: Code::EMPTY,
            distances: Code::EMPTY,
            lengths: [0; LITERALS + DISTANCES],
            counts: (0, 0, 0),
        }
    }
}

impl Codes {
    /// Reads the next part of the header of a block with its own codes (RFC 1951 section 3.2.7).
    pub(super) fn header(
        &mut self,
        bits: &mut Bits<'_>,
        place: Place,
    ) -> Result<Option<Next>, InflateError> {
        match place {
            Place::CodeLengths(known) => self.code_length(bits, known),
            Place::Lengths(known) => self.length(bits, known),
            _ => self.counts(bits),
        }
    }

    fn counts(&mut self, bits: &mut Bits<'_>) -> Result<Option<Next>, InflateError> {
        let Some(counts) = bits.take(14) else { return Ok(None) };
        self.counts = ((counts & 31) + 257, (counts >> 5 & 31) + 1, (counts >> 10) + 4);
        // The remaining values are symbols that never occur, and zlib refuses them.
        if self.counts.0 > 286 || self.counts.1 > 30 {
            return Err(InflateError::Data);
        }
        self.lengths.fill(0);
        Ok(Some(Next::Place(Place::CodeLengths(0))))
    }

    fn code_length(
        &mut self,
        bits: &mut Bits<'_>,
        known: usize,
    ) -> Result<Option<Next>, InflateError> {
        if known < self.counts.2 {
            let Some(length) = bits.take(3) else { return Ok(None) };
            self.lengths[ORDER[known]] = length as u8;
            return Ok(Some(Next::Place(Place::CodeLengths(known + 1))));
        }
        // The code of lengths takes the place of that of literals, which is not known yet.
        self.literals = Code::new(&self.lengths[..ORDER.len()]);
        if !self.literals.is_complete() && !self.literals.is_empty() {
            return Err(InflateError::Data);
        }
        Ok(Some(Next::Place(Place::Lengths(0))))
    }

    fn length(&mut self, bits: &mut Bits<'_>, known: usize) -> Result<Option<Next>, InflateError> {
        let all = self.counts.0 + self.counts.1;
        if known == all {
            return self.complete().map(Some);
        }
        let symbol = match self.literals.is_empty() {
            true => bits.take(1).map(|_| 0), // as zlib does, which then fails for lack of an end of block
            false => self.literals.symbol(bits)?,
        };
        let Some(symbol) = symbol else { return Ok(None) };
        let (base, extra) = match symbol {
            16 => (3, 2),
            17 => (3, 3),
            18 => (11, 7),
            _ => (1, 0),
        };
        let Some(times) = bits.take(extra).map(|times| base + times) else { return Ok(None) };
        let length = match symbol {
            // A repetition needs a length before it.
            16 if known == 0 => return Err(InflateError::Data),
            16 => self.lengths[known - 1],
            17.. => 0,
            _ => symbol as u8,
        };
        if known + times > all {
            return Err(InflateError::Data);
        }
        self.lengths[known..known + times].fill(length);
        Ok(Some(Next::Place(Place::Lengths(known + times))))
    }

    /// Builds the codes once all lengths are known.
    fn complete(&mut self) -> Result<Next, InflateError> {
        let (literals, distances) = self.lengths.split_at(self.counts.0);
        self.distances = Code::new(&distances[..self.counts.1]);
        self.literals = Code::new(literals);
        let has_end = literals[END] > 0;
        match has_end && self.literals.is_usable() && self.distances.is_usable() {
            true => Ok(Next::Place(Place::Dynamic)),
            false => Err(InflateError::Data),
        }
    }
}

/// The symbol that ends a block.
pub(super) const END: usize = 256;

pub(super) const LITERALS: usize = 288;
pub(super) const DISTANCES: usize = 32;

/// The fixed codes (RFC 1951 section 3.2.6).
pub(super) static FIXED: Code<LITERALS> = {
    let mut lengths = [8; LITERALS];
    let mut at = 144;
    while at < 280 {
        lengths[at] = if at < 256 { 9 } else { 7 };
        at += 1;
    }
    Code::new(&lengths)
};
pub(super) static FIXED_DISTANCES: Code<DISTANCES> = Code::new(&[5; DISTANCES]);

/// The order in which the lengths of the code for code lengths arrive (RFC 1951 section 3.2.7).
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// Reads the extra bits of a symbol, and adds them to its base.
pub(super) fn extended(
    bits: &mut Bits<'_>,
    table: &[(u16, u8)],
    at: usize,
) -> Result<Option<usize>, InflateError> {
    let (base, extra) = table.get(at).ok_or(InflateError::Data)?;
    Ok(bits.take((*extra).into()).map(|more| usize::from(*base) + more))
}

/// The base of each length symbol, and its number of extra bits (RFC 1951 section 3.2.5). The
/// number grows by one every four lengths, or every two distances.
pub(super) static LENGTHS: [(u16, u8); 29] = {
    let mut table = [(258, 0); 29];
    let (mut at, mut base) = (0, 3);
    while at < 28 {
        let extra = if at < 8 { 0 } else { at / 4 - 1 };
        table[at] = (base, extra as u8);
        base += 1 << extra;
        at += 1;
    }
    table
};
pub(super) static BACK: [(u16, u8); 30] = {
    let mut table = [(0, 0); 30];
    let (mut at, mut base) = (0, 1);
    while at < 30 {
        let extra = if at < 4 { 0 } else { at / 2 - 1 };
        table[at] = (base, extra as u8);
        base += 1 << extra;
        at += 1;
    }
    table
};
