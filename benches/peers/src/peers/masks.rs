//! The loop around a masking kernel, the same for all.

use super::Cell;
use crate::case::{Mask, Sizes};
use crate::hide;
use crate::payload::{Content, Random};
use crate::sink::Sink;
use std::ops::Range;

/// The bytes around a payload, which masking it must not touch.
const AROUND: u8 = 0xa5;

/// How many bytes are masked before the same come again: more than the nearest cache holds (48 KiB on
/// Zen 5), less than the second, since nobody masks what was masked just now.
const RING: usize = 256 * 1024;

/// The number of random lengths, too many for a branch predictor to learn.
const LENGTHS: usize = 1 << 18;

/// A cell that masks with `apply`, which gets a payload and its key.
#[allow(clippy::unnecessary_wraps, reason = "it is what Candidate::cell returns")]
pub fn cell(mask: &Mask, apply: impl FnMut(&mut [u8], [u8; 4]) + 'static) -> Option<Box<dyn Cell>> {
    Some(Box::new(Masking { payloads: Payloads::new(mask), apply }))
}

struct Masking<F> {
    payloads: Payloads,
    apply: F,
}

impl<F: FnMut(&mut [u8], [u8; 4])> Cell for Masking<F> {
    #[inline(never)]
    fn run(&mut self, operations: u64, sink: &mut Sink) {
        if sink.is_checking() {
            return self.check(operations, sink);
        }
        let mut turn = self.payloads.turn;
        for _ in 0..operations {
            let (payload, key) = self.payloads.next(&mut turn);
            (self.apply)(&mut self.payloads.bytes()[payload], key);
        }
        self.payloads.turn = turn;
    }
}

impl<F: FnMut(&mut [u8], [u8; 4])> Masking<F> {
    /// The same payloads, masked by the definition and unmasked by the kernel.
    fn check(&mut self, operations: u64, sink: &mut Sink) {
        for _ in 0..operations {
            let mut turn = self.payloads.turn;
            let (range, key) = self.payloads.next(&mut turn);
            let key = key.map(|byte| byte.wrapping_add(turn.count as u8));
            let payload = Content::Binary.payload(range.len(), turn.count);
            let masked = payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key);
            let bytes = self.payloads.bytes();
            bytes.fill(AROUND);
            bytes[range.clone()].iter_mut().zip(masked).for_each(|(to, byte)| *to = byte);
            (self.apply)(&mut bytes[range.clone()], key);
            let mut around = bytes[..range.start].iter().chain(&bytes[range.end..]);
            let is_untouched = around.all(|&byte| byte == AROUND);
            sink.part(false, &bytes[range], is_untouched);
            self.payloads.turn = Turn { count: turn.count + 1, ..turn };
        }
    }
}

/// The payloads to mask: places in the cache, and lengths.
pub struct Payloads {
    memory: Vec<u8>,
    start: usize,
    offsets: Vec<usize>,
    sizes: Vec<u32>,
    key: [u8; 4],
    pub turn: Turn,
}

/// The current turn, which callers that measure keep in registers.
#[derive(Clone, Copy, Default)]
pub struct Turn {
    place: usize,
    size: usize,
    count: u64,
}

impl Payloads {
    pub fn new(mask: &Mask) -> Self {
        let largest = match mask.sizes {
            Sizes::Fixed(size) | Sizes::Random(_, size) => size,
        };
        // An odd number of cache lines apart, so that no two payloads lie 4 KiB apart.
        let stride = ((mask.offset + largest).div_ceil(64) | 1) * 64;
        let places = (RING / stride).max(1);
        let memory = vec![AROUND; (places + 1) * stride + 64];
        Self {
            start: memory.as_ptr().align_offset(64),
            memory,
            offsets: (0..places).map(|place| place * stride + mask.offset).collect(),
            sizes: sizes(mask.sizes),
            key: [0x37, 0xfa, 0x21, 0x3d],
            turn: Turn::default(),
        }
    }

    /// Returns the memory in which they lie, from a multiple of 64 on.
    #[inline(always)]
    pub fn bytes(&mut self) -> &mut [u8] {
        &mut self.memory[self.start..]
    }

    /// Returns the place of the next payload, and its key.
    #[inline(always)]
    pub fn next(&self, turn: &mut Turn) -> (Range<usize>, [u8; 4]) {
        turn.place = if turn.place + 1 < self.offsets.len() { turn.place + 1 } else { 0 };
        turn.size = if turn.size + 1 < self.sizes.len() { turn.size + 1 } else { 0 };
        let at = hide::number(self.offsets[turn.place]);
        let size = hide::number(self.sizes[turn.size] as usize);
        let key = hide::number(u32::from_ne_bytes(self.key) as usize) as u32;
        (at..at + size, key.to_ne_bytes())
    }
}

fn sizes(sizes: Sizes) -> Vec<u32> {
    let mut random = Random::new(2);
    match sizes {
        Sizes::Fixed(size) => vec![size as u32],
        Sizes::Random(low, high) => {
            (0..LENGTHS).map(|_| (low + random.below(high - low + 1)) as u32).collect()
        }
    }
}

/// Returns what [`cell`] unmasks in its `turn`, from 0 on.
pub fn expected(mask: &Mask, turn: usize) -> Vec<u8> {
    let sizes = sizes(mask.sizes);
    Content::Binary.payload(sizes[(turn + 1) % sizes.len()] as usize, turn as u64)
}
