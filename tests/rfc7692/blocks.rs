//! DEFLATE written bit by bit: blocks that no compressor would write, and how messages may end.

/// A block of RFC 1951.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    is_final: bool,
    body: Body,
}

#[derive(Clone, Debug)]
enum Body {
    /// So many bytes without compression.
    Stored(u16),
    /// With the fixed codes: literals, and then matches of 3 bytes from so far back.
    Fixed(u8, Vec<u16>),
}

/// How the data of a message ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    /// As a flush does, without its last four octets.
    Flush,
    /// The same, and BFINAL is set in the block that is cut off.
    FinalFlush,
    /// With the last block as it is, aligned if that is final (section 7.2.3.4, without its octet).
    Bare,
}

impl Block {
    pub(crate) fn stored(length: u16) -> Self {
        Self { is_final: false, body: Body::Stored(length) }
    }

    /// One match from so far back.
    pub(crate) fn far(distance: u16) -> Self {
        Self { is_final: false, body: Body::Fixed(0, vec![distance]) }
    }

    /// One without anything.
    pub(crate) fn empty() -> Self {
        Self { is_final: false, body: Body::Fixed(0, Vec::new()) }
    }

    #[allow(dead_code)] // not all tests draw them
    pub(crate) fn drawn((kind, number, is_final): (u8, u16, bool)) -> Self {
        let body = match kind % 4 {
            0 => Body::Stored(number % 700),
            1 => Body::Fixed(kind / 4, Vec::new()),
            2 => Body::Fixed(kind / 4, vec![1 + number % 5]),
            _ => Body::Fixed(0, vec![1 + number % 32_768, 1 + number % 700, 1]),
        };
        Self { is_final: is_final && kind >= 64, body }
    }
}

impl End {
    #[allow(dead_code)] // not all tests draw them
    pub(crate) fn drawn(number: u8) -> Self {
        [Self::Flush, Self::Flush, Self::FinalFlush, Self::Bare][usize::from(number % 4)]
    }
}

/// The data of a message of these blocks.
pub(crate) fn message(blocks: &[Block], end: End) -> Vec<u8> {
    let mut bits = Bits::default();
    blocks.iter().for_each(|block| bits.block(block));
    match end {
        End::Flush => bits.put(0b000, 3),
        End::FinalFlush => bits.put(0b001, 3),
        End::Bare => {}
    }
    bits.octets
}

/// Bits, the lowest of an octet first.
#[derive(Default)]
pub(crate) struct Bits {
    pub(crate) octets: Vec<u8>,
    count: usize,
}

impl Bits {
    /// So many bits of a number, the lowest first, and zeros behind its 32.
    pub(crate) fn put(&mut self, value: u32, count: u32) {
        for i in 0..count {
            if self.count.is_multiple_of(8) {
                self.octets.push(0);
            }
            *self.octets.last_mut().unwrap() |=
                ((value.checked_shr(i).unwrap_or(0) & 1) as u8) << (self.count % 8);
            self.count += 1;
        }
    }

    /// A Huffman code, which goes with its highest bit first (RFC 1951 section 3.1.1).
    pub(crate) fn code(&mut self, code: u32, count: u32) {
        (0..count).rev().for_each(|i| self.put(code >> i & 1, 1));
    }

    pub(crate) fn align(&mut self) {
        self.count = self.octets.len() * 8;
    }

    pub(crate) fn block(&mut self, block: &Block) {
        self.put(block.is_final.into(), 1);
        match &block.body {
            Body::Stored(length) => self.stored(*length),
            Body::Fixed(literals, distances) => self.fixed(*literals, distances),
        }
        if block.is_final {
            self.align(); // RFC 7692 section 7.2.1
        }
    }

    fn stored(&mut self, length: u16) {
        self.put(0b00, 2);
        self.align();
        self.octets.extend(length.to_le_bytes());
        self.octets.extend((!length).to_le_bytes());
        self.octets.extend((0..length).map(|i| (i / 3) as u8));
        self.align();
    }

    fn fixed(&mut self, literals: u8, distances: &[u16]) {
        self.put(0b01, 2);
        for literal in 0..literals {
            self.code(0x30 + u32::from(b'a' + literal % 16), 8);
        }
        for distance in distances {
            self.code(1, 7); // three bytes
            self.distance(u32::from(*distance) - 1);
        }
        self.code(0, 7);
    }

    /// RFC 1951 section 3.2.5: two codes for each number of extra bits.
    fn distance(&mut self, back: u32) {
        let extra = back.max(1).ilog2().saturating_sub(1);
        self.code(2 * extra + (back >> extra), 5);
        self.put(back & ((1 << extra) - 1), extra);
    }
}
