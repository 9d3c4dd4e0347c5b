//! DEFLATE read bit by bit, as RFC 1951 says it and no other way: what a peer's inflater may
//! refuse, this one does. Written from the specification, for these tests alone.

/// Why data was refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It ends inside of a block, or not at the octets that every flush ends with.
    Cut,
    /// A block that cannot be.
    Block,
    /// It refers back farther than the window, or than there is anything.
    TooFar(usize),
}

/// The peer: all that it inflated stays in its window, as far as that reaches.
pub(crate) struct Strict {
    window: usize,
    takeover: bool,
    history: Vec<u8>,
    /// The farthest that anything referred back.
    pub(crate) farthest: usize,
    /// How many blocks were read, and how many of them said that they were the last.
    pub(crate) blocks: usize,
    pub(crate) finals: usize,
}

impl Strict {
    pub(crate) fn new(bits: u8, takeover: bool) -> Self {
        let history = Vec::new();
        Self { window: 1 << bits, takeover, history, farthest: 0, blocks: 0, finals: 0 }
    }

    /// Inflates the data of one message.
    pub(crate) fn message(&mut self, data: &[u8]) -> Result<Vec<u8>, Refused> {
        if !self.takeover {
            self.history.clear();
        }
        let data = [data, b"\x00\x00\xff\xff"].concat();
        let mut bits = Bits { data: &data, at: 0 };
        let mut message = Vec::new();
        while bits.at < data.len() * 8 {
            let start = self.history.len();
            let end = self.block(&mut bits);
            message.extend_from_slice(&self.history[start..]);
            if end? {
                // What follows a final block is a stream of its own, from the next octet on.
                self.history.clear();
                bits.align();
            }
        }
        let old = self.history.len().saturating_sub(self.window);
        self.history.drain(..old);
        Ok(message)
    }

    /// Whether nothing is left to refer to.
    #[allow(dead_code)] // not all tests ask
    pub(crate) fn is_fresh(&self) -> bool {
        self.history.is_empty()
    }

    /// RFC 1951 section 3.2.3: one block; whether it is the last.
    fn block(&mut self, bits: &mut Bits<'_>) -> Result<bool, Refused> {
        let last = bits.take(1)? == 1;
        match bits.take(2)? {
            0 => self.stored(bits)?,
            1 => self.compressed(bits, &Code::fixed_literals(), &Code::new(&[5; 30]))?,
            2 => {
                let (literals, distances) = dynamic(bits)?;
                self.compressed(bits, &literals, &distances)?;
            }
            _ => return Err(Refused::Block),
        }
        self.blocks += 1;
        self.finals += usize::from(last);
        Ok(last)
    }

    fn stored(&mut self, bits: &mut Bits<'_>) -> Result<(), Refused> {
        bits.align();
        let length = bits.take(16)?;
        if bits.take(16)? != length ^ 0xffff {
            return Err(Refused::Block);
        }
        for _ in 0..length {
            self.history.push(bits.take(8)? as u8);
        }
        Ok(())
    }

    fn compressed(
        &mut self,
        bits: &mut Bits<'_>,
        literals: &Code,
        distances: &Code,
    ) -> Result<(), Refused> {
        loop {
            match literals.symbol(bits)? {
                literal @ 0..=255 => self.history.push(literal as u8),
                256 => return Ok(()),
                symbol => {
                    let length = extended(bits, &LENGTHS, symbol - 257)?;
                    let symbol = distances.symbol(bits)?;
                    let distance = extended(bits, &DISTANCES, symbol)?;
                    self.copy(length, distance)?;
                }
            }
        }
    }

    fn copy(&mut self, length: usize, distance: usize) -> Result<(), Refused> {
        if distance > self.window.min(self.history.len()) {
            return Err(Refused::TooFar(distance));
        }
        self.farthest = self.farthest.max(distance);
        for _ in 0..length {
            self.history.push(self.history[self.history.len() - distance]);
        }
        Ok(())
    }
}

/// RFC 1951 section 3.2.5: the base of each symbol, and its extra bits.
const LENGTHS: [(usize, u32); 29] = [
    (3, 0),
    (4, 0),
    (5, 0),
    (6, 0),
    (7, 0),
    (8, 0),
    (9, 0),
    (10, 0),
    (11, 1),
    (13, 1),
    (15, 1),
    (17, 1),
    (19, 2),
    (23, 2),
    (27, 2),
    (31, 2),
    (35, 3),
    (43, 3),
    (51, 3),
    (59, 3),
    (67, 4),
    (83, 4),
    (99, 4),
    (115, 4),
    (131, 5),
    (163, 5),
    (195, 5),
    (227, 5),
    (258, 0),
];
const DISTANCES: [(usize, u32); 30] = [
    (1, 0),
    (2, 0),
    (3, 0),
    (4, 0),
    (5, 1),
    (7, 1),
    (9, 2),
    (13, 2),
    (17, 3),
    (25, 3),
    (33, 4),
    (49, 4),
    (65, 5),
    (97, 5),
    (129, 6),
    (193, 6),
    (257, 7),
    (385, 7),
    (513, 8),
    (769, 8),
    (1025, 9),
    (1537, 9),
    (2049, 10),
    (3073, 10),
    (4097, 11),
    (6145, 11),
    (8193, 12),
    (12289, 12),
    (16385, 13),
    (24577, 13),
];

fn extended(bits: &mut Bits<'_>, table: &[(usize, u32)], at: usize) -> Result<usize, Refused> {
    let (base, extra) = table.get(at).ok_or(Refused::Block)?;
    Ok(base + bits.take(*extra)?)
}

/// RFC 1951 section 3.2.7: the two codes of a block.
fn dynamic(bits: &mut Bits<'_>) -> Result<(Code, Code), Refused> {
    const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
    let (literals, distances) = (bits.take(5)? + 257, bits.take(5)? + 1);
    let count = bits.take(4)? + 4;
    let mut lengths = [0; 19];
    for at in &ORDER[..count] {
        lengths[*at] = bits.take(3)? as u8;
    }
    let code = Code::new(&lengths);
    let mut lengths: Vec<u8> = Vec::new();
    while lengths.len() < literals + distances {
        let (length, times) = match code.symbol(bits)? {
            16 => (*lengths.last().ok_or(Refused::Block)?, bits.take(2)? + 3),
            17 => (0, bits.take(3)? + 3),
            18 => (0, bits.take(7)? + 11),
            length => (length as u8, 1),
        };
        lengths.extend(std::iter::repeat_n(length, times));
    }
    if lengths.len() > literals + distances {
        return Err(Refused::Block);
    }
    let (literals, distances) = lengths.split_at(literals);
    Ok((Code::new(literals), Code::new(distances)))
}

/// A Huffman code (RFC 1951 section 3.2.2): how many codes each length has, and the symbols in
/// the order of their codes.
struct Code {
    counts: [usize; 16],
    symbols: Vec<usize>,
}

impl Code {
    fn new(lengths: &[u8]) -> Self {
        let mut counts = [0; 16];
        for length in lengths {
            counts[usize::from(*length)] += 1;
        }
        let mut symbols: Vec<usize> = (0..lengths.len()).filter(|at| lengths[*at] > 0).collect();
        symbols.sort_by_key(|at| lengths[*at]);
        Self { counts, symbols }
    }

    /// RFC 1951 section 3.2.6.
    fn fixed_literals() -> Self {
        let length = |at| match at {
            0..144 => 8,
            144..256 => 9,
            256..280 => 7,
            _ => 8,
        };
        Self::new(&(0..288).map(length).collect::<Vec<u8>>())
    }

    fn symbol(&self, bits: &mut Bits<'_>) -> Result<usize, Refused> {
        let (mut code, mut first, mut before) = (0, 0, 0);
        for count in &self.counts[1..] {
            code = code * 2 + bits.take(1)?;
            if code < first + count {
                return Ok(self.symbols[before + code - first]);
            }
            before += count;
            first = (first + count) * 2;
        }
        Err(Refused::Block)
    }
}

/// Bits, the lowest of an octet first.
struct Bits<'data> {
    data: &'data [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: u32) -> Result<usize, Refused> {
        let mut value = 0;
        for i in 0..count {
            let octet = self.data.get(self.at / 8).ok_or(Refused::Cut)?;
            value |= usize::from(octet >> (self.at % 8) & 1) << i;
            self.at += 1;
        }
        Ok(value)
    }

    fn align(&mut self) {
        self.at = self.at.next_multiple_of(8);
    }
}
