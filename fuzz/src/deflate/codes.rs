//! The codes in the blocks of DEFLATE, read without inflating anything.

/// Returns whether a block has codes that violate RFC 1951: incomplete ones, more symbols
/// than exist, no end of the block, or a repeated length where there is none to repeat.
pub(super) fn are_odd(data: &[u8]) -> bool {
    let mut bits = Bits { data, at: 0 };
    loop {
        match block(&mut bits) {
            Ok(true) => bits.at = bits.at.next_multiple_of(8),
            Ok(false) => {}
            Err(Stop::Odd) => return true,
            Err(Stop::Other) => return false,
        }
    }
}

enum Stop {
    Odd,
    /// The data ends, or is wrong for another reason.
    Other,
}

/// Section 3.2.3: reads one block, and returns whether it is the last.
fn block(bits: &mut Bits<'_>) -> Result<bool, Stop> {
    let last = bits.take(1)? == 1;
    match bits.take(2)? {
        0 => {
            bits.at = bits.at.next_multiple_of(8);
            let length = bits.take(16)?;
            if bits.take(16)? != length ^ 0xffff {
                return Err(Stop::Other);
            }
            bits.at += 8 * length;
        }
        1 => {
            let lengths = (0..288).map(|at| match at {
                144..256 => 9,
                256..280 => 7,
                _ => 8,
            });
            symbols(bits, &lengths.collect::<Vec<u8>>(), &[5; 30])?;
        }
        2 => {
            let (literals, distances) = dynamic(bits)?;
            symbols(bits, &literals, &distances)?;
        }
        _ => return Err(Stop::Other),
    }
    Ok(last)
}

/// Section 3.2.7.
fn dynamic(bits: &mut Bits<'_>) -> Result<(Vec<u8>, Vec<u8>), Stop> {
    const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
    let (literals, distances) = (257 + bits.take(5)?, 1 + bits.take(5)?);
    let count = 4 + bits.take(4)?;
    let mut lengths = [0; 19];
    for at in &ORDER[..count] {
        lengths[*at] = bits.take(3)? as u8;
    }
    // The shortest length of a code with one symbol is one bit, which only distances may have.
    if literals > 286 || distances > 30 || !is_complete(&lengths) {
        return Err(Stop::Odd);
    }
    let mut all: Vec<u8> = Vec::new();
    while all.len() < literals + distances {
        let (length, times) = match symbol(bits, &lengths)? {
            16 => (*all.last().ok_or(Stop::Odd)?, 3 + bits.take(2)?),
            17 => (0, 3 + bits.take(3)?),
            18 => (0, 11 + bits.take(7)?),
            length => (length as u8, 1),
        };
        all.extend(core::iter::repeat_n(length, times));
    }
    if all.len() > literals + distances {
        return Err(Stop::Other);
    }
    let distances = all.split_off(literals);
    let is_single = |lengths: &[u8]| lengths.iter().all(|length| *length <= 1);
    let good = |lengths: &[u8]| is_complete(lengths) || is_single(lengths) && !is_full(lengths);
    if all[256] == 0 || !good(&all) || !good(&distances) {
        return Err(Stop::Odd);
    }
    Ok((all, distances))
}

/// Returns how much of the 15-bit code space codes of these lengths take.
fn said(lengths: &[u8]) -> u32 {
    lengths.iter().filter(|length| **length > 0).map(|length| 1 << (15 - length)).sum()
}

fn is_complete(lengths: &[u8]) -> bool {
    said(lengths) == 1 << 15
}

fn is_full(lengths: &[u8]) -> bool {
    said(lengths) >= 1 << 15
}

fn symbols(bits: &mut Bits<'_>, literals: &[u8], distances: &[u8]) -> Result<(), Stop> {
    loop {
        match symbol(bits, literals)? {
            256 => return Ok(()),
            0..256 => {}
            length @ 257..286 => {
                let extra = (length - 257).saturating_sub(4) / 4;
                bits.at += if length == 285 { 0 } else { extra };
                let distance = symbol(bits, distances)?;
                bits.at += distance.saturating_sub(2) / 2;
            }
            _ => return Err(Stop::Other),
        }
    }
}

/// Section 3.2.2: returns the symbol of the next code.
fn symbol(bits: &mut Bits<'_>, lengths: &[u8]) -> Result<usize, Stop> {
    let (mut code, mut first) = (0, 0);
    for length in 1..=15 {
        code = code << 1 | bits.take(1)?;
        let of_length = || lengths.iter().enumerate().filter(|(_, other)| **other == length);
        let count = of_length().count();
        if code < first + count {
            return of_length().nth(code - first).map(|(symbol, _)| symbol).ok_or(Stop::Other);
        }
        first = (first + count) << 1;
    }
    Err(Stop::Other)
}

/// Bits, the lowest of a byte first.
struct Bits<'data> {
    data: &'data [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: usize) -> Result<usize, Stop> {
        let mut value = 0;
        for i in 0..count {
            let octet = self.data.get(self.at / 8).ok_or(Stop::Other)?;
            value |= usize::from(octet >> (self.at % 8) & 1) << i;
            self.at += 1;
        }
        Ok(value)
    }
}
