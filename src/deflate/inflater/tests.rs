//! The work that data causes, counted: room is made once per unit, and engines are seldom
//! restarted.

use super::*;
use crate::deflate::{Pool, counted};

/// A final block of four literals and four of the longest matches: a kilobyte of 14 bytes.
const KILOBYTE: &[u8] = b"\x4b\x4c\x4c\x4c\x1c\x05\xa3\x60\x14\x8c\x82\x51\x00\x00";

/// Blocks to repeat, and how often an engine may be restarted for a unit of each.
const SHAPES: [(&[u8], usize); 6] = [
    (b"\x03\x00", 1),                               // empty final fixed blocks
    (b"\x01\x00\x00\xff\xff", 1),                   // empty final stored blocks
    (b"\x00\x00\x00\xff\xff", 1),                   // empty stored blocks
    (b"\x4b\x04\x00", 1),                           // final blocks of one literal
    (b"\x4a\x04\x00\x00\x00\xff\xff", 1),           // flushes of one literal
    (KILOBYTE, UNIT as usize / KILOBYTE.len() + 1), // each ends an engine run
];

#[test]
fn room_is_made_once_for_a_unit_and_engines_do_not_begin_anew_for_each_final_block() {
    for (block, most) in SHAPES {
        for size in [1, 100, 512, UNIT as usize] {
            let data = block.repeat(10 * UNIT as usize / block.len());
            let engines = Engines::Pooled(Pool::new(1));
            let mut inflater =
                Inflater::new(Context::default(), InflateLimits::default(), &engines);
            let mut out = Vec::new();
            counted::take();
            for part in data.chunks(size) {
                inflater.inflate(part, &mut out).unwrap();
            }
            let (zeros, restarts) = counted::take();
            let parts = data.len().div_ceil(size);
            let room = (size * 8).clamp(SMALL_STEP, STEP);
            assert!(zeros <= out.len() + parts * room, "{block:02x?}, {size}: {zeros} zeros");
            assert!(restarts <= 11 * most, "{block:02x?}, {size}: {restarts} restarts");
        }
    }
}
