//! DEFLATE by RFC 1951, and the rules of RFC 7692 about it: one message after the other, each
//! completed by the bytes 00 00 ff ff, with a window that may be agreed to be small.

/// Bytes that a sender omits and a receiver adds: RFC 7692 section 7.2.2.
pub const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];

/// The extra bits and the first value of each length code, 257 and above: RFC 1951 section 3.2.5.
pub const LENGTHS: [(u8, u16); 29] = [
    (0, 3),
    (0, 4),
    (0, 5),
    (0, 6),
    (0, 7),
    (0, 8),
    (0, 9),
    (0, 10),
    (1, 11),
    (1, 13),
    (1, 15),
    (1, 17),
    (2, 19),
    (2, 23),
    (2, 27),
    (2, 31),
    (3, 35),
    (3, 43),
    (3, 51),
    (3, 59),
    (4, 67),
    (4, 83),
    (4, 99),
    (4, 115),
    (5, 131),
    (5, 163),
    (5, 195),
    (5, 227),
    (0, 258),
];

/// The same for each distance code.
pub const DISTANCES: [(u8, u16); 30] = [
    (0, 1),
    (0, 2),
    (0, 3),
    (0, 4),
    (1, 5),
    (1, 7),
    (2, 9),
    (2, 13),
    (3, 17),
    (3, 25),
    (4, 33),
    (4, 49),
    (5, 65),
    (5, 97),
    (6, 129),
    (6, 193),
    (7, 257),
    (7, 385),
    (8, 513),
    (8, 769),
    (9, 1025),
    (9, 1537),
    (10, 2049),
    (10, 3073),
    (11, 4097),
    (11, 6145),
    (12, 8193),
    (12, 12289),
    (13, 16385),
    (13, 24577),
];

/// Inflates the messages of one direction.
pub struct Inflater {
    /// How far back a reference may point.
    window: usize,
    takes_over: bool,
    /// The output so far, up to one window.
    past: Vec<u8>,
}

impl Inflater {
    pub fn new(window_bits: u8, takes_over: bool) -> Self {
        Self { window: 1 << window_bits, takes_over, past: Vec::new() }
    }

    /// Inflates one message.
    pub fn message(&mut self, compressed: &[u8]) -> Result<Vec<u8>, String> {
        let data = [compressed, &TAIL].concat();
        let start = self.past.len();
        let mut out = std::mem::take(&mut self.past);
        let mut bits = Bits { data: &data, at: 0 };
        while bits.at.div_ceil(8) < data.len() {
            let is_last = block(&mut bits, &mut out, self.window)?;
            if is_last {
                bits.at = bits.at.div_ceil(8) * 8; // more blocks may follow: RFC 7692 section 7.2.3.5
            }
        }
        let message = out[start..].to_vec();
        if self.takes_over {
            let from = out.len().saturating_sub(self.window);
            self.past = out.split_off(from);
        }
        Ok(message)
    }
}

struct Bits<'a> {
    data: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn bit(&mut self) -> Result<u16, String> {
        let byte = self.data.get(self.at / 8).ok_or("compressed data ends inside a block")?;
        let bit = byte >> (self.at % 8) & 1;
        self.at += 1;
        Ok(bit.into())
    }

    fn number(&mut self, count: u8) -> Result<u16, String> {
        (0..count).try_fold(0, |number, at| Ok(number | self.bit()? << at))
    }
}

/// Reads one block, and returns whether it says that it is the last.
fn block(bits: &mut Bits<'_>, out: &mut Vec<u8>, window: usize) -> Result<bool, String> {
    let is_last = bits.bit()? == 1;
    match bits.number(2)? {
        0 => stored(bits, out)?,
        1 => coded(bits, out, window, &Code::fixed(), &Code::new(&[5; 30])?)?,
        2 => {
            let (literals, distances) = tables(bits)?;
            coded(bits, out, window, &literals, &distances)?;
        }
        _ => return Err("a block of the reserved type 3".into()),
    }
    Ok(is_last)
}

fn stored(bits: &mut Bits<'_>, out: &mut Vec<u8>) -> Result<(), String> {
    bits.at = bits.at.div_ceil(8) * 8;
    let (length, check) = (bits.number(16)?, bits.number(16)?);
    if length != !check {
        return Err("the length of a stored block does not match its complement".into());
    }
    let start = bits.at / 8;
    let bytes = bits.data.get(start..start + usize::from(length));
    out.extend(bytes.ok_or("compressed data ends inside a stored block")?);
    bits.at += usize::from(length) * 8;
    Ok(())
}

fn coded(
    bits: &mut Bits<'_>,
    out: &mut Vec<u8>,
    window: usize,
    literals: &Code,
    distances: &Code,
) -> Result<(), String> {
    loop {
        let symbol = literals.symbol(bits)?;
        if symbol < 256 {
            out.push(symbol as u8);
            continue;
        }
        if symbol == 256 {
            return Ok(());
        }
        let &(extra, base) = LENGTHS.get(usize::from(symbol - 257)).ok_or("no such length")?;
        let length = usize::from(base + bits.number(extra)?);
        let symbol = distances.symbol(bits)?;
        let &(extra, base) = DISTANCES.get(usize::from(symbol)).ok_or("no such distance")?;
        let distance = usize::from(base) + usize::from(bits.number(extra)?);
        if distance > window {
            return Err(format!("a reference {distance} bytes back, in a window of {window}"));
        }
        let from = out.len().checked_sub(distance);
        let from =
            from.ok_or_else(|| format!("a reference {distance} bytes back, before the start"))?;
        for at in from..from + length {
            out.push(out[at]);
        }
    }
}

fn tables(bits: &mut Bits<'_>) -> Result<(Code, Code), String> {
    const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
    let counts = [bits.number(5)? + 257, bits.number(5)? + 1].map(usize::from);
    let lengths = usize::from(bits.number(4)?) + 4;
    let mut widths = [0_u8; 19];
    for &at in &ORDER[..lengths] {
        widths[at] = bits.number(3)? as u8;
    }
    let code = Code::new(&widths)?;
    let mut all = Vec::new();
    while all.len() < counts[0] + counts[1] {
        let (width, times) = match code.symbol(bits)? {
            16 => (*all.last().ok_or("a width is repeated before the first")?, bits.number(2)? + 3),
            17 => (0, bits.number(3)? + 3),
            18 => (0, bits.number(7)? + 11),
            width => (width as u8, 1),
        };
        all.extend(std::iter::repeat_n(width, times.into()));
    }
    if all.len() > counts[0] + counts[1] {
        return Err("more widths than codes".into());
    }
    Ok((Code::new(&all[..counts[0]])?, Code::new(&all[counts[0]..])?))
}

/// A canonical Huffman code: RFC 1951 section 3.2.2.
struct Code {
    /// How many codes there are of each width.
    counts: [u16; 16],
    /// The symbols in the order of their codes.
    symbols: Vec<u16>,
}

impl Code {
    fn new(widths: &[u8]) -> Result<Self, String> {
        let mut counts = [0_u16; 16];
        for &width in widths {
            counts[usize::from(width)] += 1;
        }
        counts[0] = 0;
        let used = (1..16).map(|width| u32::from(counts[width]) << (15 - width)).sum::<u32>();
        if used > 1 << 15 {
            return Err("more codes than their widths have room for".into());
        }
        let of_width = |wanted: u8| {
            let symbols = widths.iter().enumerate().filter(move |&(_, &width)| width == wanted);
            symbols.map(|(symbol, _)| symbol as u16)
        };
        Ok(Self { counts, symbols: (1..16).flat_map(of_width).collect() })
    }

    fn fixed() -> Self {
        let mut widths = [8; 288];
        widths[144..256].fill(9);
        widths[256..280].fill(7);
        Self::new(&widths).expect("the widths of RFC 1951 section 3.2.6")
    }

    fn symbol(&self, bits: &mut Bits<'_>) -> Result<u16, String> {
        let (mut code, mut first, mut index) = (0, 0, 0);
        for count in &self.counts[1..] {
            code |= bits.bit()?;
            if code < first + count {
                return Ok(self.symbols[usize::from(index + code - first)]);
            }
            (index, first, code) = (index + count, (first + count) << 1, code << 1);
        }
        Err("bits that are not a code".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 7692 section 7.2.3.
    #[test]
    fn the_examples_of_section_7_2_3_are_hello() {
        let mut inflater = Inflater::new(15, true);
        let hello = Ok(b"Hello".to_vec());
        assert_eq!(inflater.message(&[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]), hello);
        assert_eq!(inflater.message(&[0xf2, 0x00, 0x11, 0x00, 0x00]), hello, "from the window");
        let stored = [0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00];
        assert_eq!(inflater.message(&stored), hello);
        assert_eq!(
            inflater.message(&[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00]),
            hello,
            "BFINAL"
        );
        let two = [0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00];
        assert_eq!(inflater.message(&two), hello);
    }

    #[test]
    fn without_takeover_nothing_of_the_last_message_can_be_referred_to() {
        let mut inflater = Inflater::new(15, false);
        assert!(inflater.message(&[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]).is_ok());
        assert!(inflater.message(&[0xf2, 0x00, 0x11, 0x00, 0x00]).is_err());
    }
}
