//! Data of every shape that costs an inflater more than it costs its sender.

use super::blocks::Bits;
use std::iter::repeat_n;

/// Data made of one repeated piece, and how it arrives.
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    /// A message.
    pub(crate) data: Vec<u8>,
    /// How many bytes arrive at a time.
    pub(crate) part: usize,
}

/// Short enough that no bound forbids the message, whatever it inflates to.
const LENGTH: usize = 60_000;

/// How many bytes arrive at a time by default.
const WHOLE: usize = 4096;

pub(crate) fn shapes() -> Vec<Shape> {
    let mut shapes = vec![
        shape("empty final fixed blocks", repeated(b"\x03\x00"), WHOLE),
        shape("empty final stored blocks", repeated(b"\x01\x00\x00\xff\xff"), WHOLE),
        shape("empty stored blocks", repeated(b"\x00\x00\x00\xff\xff"), WHOLE),
        shape("empty fixed blocks", bits(|bits| fixed(bits, 0)), WHOLE),
        shape("empty dynamic blocks", bits(|bits| dynamic(bits, false)), WHOLE),
        shape("empty final dynamic blocks", bits(|bits| dynamic(bits, true)), WHOLE),
        shape("dynamic blocks of the longest codes", bits(skewed), WHOLE),
        shape("blocks of one literal", bits(|bits| fixed(bits, 1)), WHOLE),
        shape("final blocks of one literal", repeated(b"\x4b\x04\x00"), WHOLE),
        shape("flushes of one literal", repeated(b"\x4a\x04\x00\x00\x00\xff\xff"), WHOLE),
        shape("literals", bits(|bits| fixed(bits, 1000)), WHOLE),
        shape("final blocks of a kilobyte", repeated(&kilobyte()), WHOLE),
        shape("a bomb", bits(bomb), WHOLE),
    ];
    let whole = ["empty final fixed blocks", "empty dynamic blocks", "literals", "a bomb"];
    let single: Vec<Shape> = shapes
        .iter()
        .filter(|shape| whole.contains(&shape.name))
        .map(|shape| Shape { name: shape.name, data: shape.data.clone(), part: 1 })
        .collect();
    shapes.extend(single);
    shapes
}

fn shape(name: &'static str, data: Vec<u8>, part: usize) -> Shape {
    Shape { name, data, part }
}

fn repeated(block: &[u8]) -> Vec<u8> {
    let blocks = repeat_n(block, LENGTH / block.len()).flatten();
    blocks.chain(&[0x00]).copied().collect()
}

fn bits(block: impl Fn(&mut Bits)) -> Vec<u8> {
    let mut bits = Bits::default();
    while bits.octets.len() < LENGTH - 1000 {
        block(&mut bits);
    }
    bits.put(0b000, 3);
    bits.octets
}

/// Writes a block with the fixed codes and this many literals.
fn fixed(bits: &mut Bits, literals: usize) {
    bits.put(0b010, 3);
    (0..literals).for_each(|_| bits.code(0x30 + u32::from(b'a'), 8));
    bits.code(0, 7);
}

/// Writes the shortest header of a block with its own codes (RFC 1951 section 3.2.7): one code for
/// its end, and one distance.
fn dynamic(bits: &mut Bits, is_final: bool) {
    bits.put(0b100 | u32::from(is_final), 3);
    bits.put(0, 10); // 257 literals and lengths, 1 distance
    bits.put(14, 4); // 18 lengths of codes: that of 18 is the third, that of 1 the last
    (0..18).for_each(|at| bits.put(u32::from(at == 2 || at == 17), 3));
    for zeros in [138, 118] {
        bits.code(1, 1);
        bits.put(zeros - 11, 7);
    }
    bits.code(0, 1); // the end of the block has a code of one bit
    bits.code(0, 1); // and so has the distance
    bits.code(0, 1); // the end of the block
    if is_final {
        bits.align();
    }
}

/// Writes a header with codes of up to 15 bits, which need the largest tables.
fn skewed(bits: &mut Bits) {
    bits.put(0b100, 3);
    bits.put(0, 10);
    bits.put(15, 4);
    (0..19).for_each(|at| bits.put(if at < 3 { 0 } else { 4 }, 3)); // 0 to 15 have four bits
    // One code each of 1 to 14 bits, two of 15; the end of the block is one of the latter.
    for symbol in 0..257_u32 {
        let length = match symbol {
            0..14 => symbol + 1,
            255 | 256 => 15,
            _ => 0,
        };
        bits.code(length, 4);
    }
    bits.code(1, 4);
    bits.code(0x7fff, 15);
}

/// Returns a final block of four literals and four of the longest matches: a kilobyte.
fn kilobyte() -> Vec<u8> {
    let mut bits = Bits::default();
    bits.put(0b011, 3);
    (0..4).for_each(|_| bits.code(0x30 + u32::from(b'a'), 8));
    (0..4).for_each(|_| longest(&mut bits));
    bits.code(0, 7);
    bits.octets
}

/// Writes a match of 258 bytes at distance 1.
fn longest(bits: &mut Bits) {
    bits.code(0xc0 + 285 - 280, 8);
    bits.code(0, 5);
}

fn bomb(bits: &mut Bits) {
    bits.put(0b010, 3);
    bits.code(0x30, 8);
    (0..10_000).for_each(|_| longest(bits));
    bits.code(0, 7);
}
