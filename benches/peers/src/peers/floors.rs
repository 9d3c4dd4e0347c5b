//! What the machine and this harness allow, whatever does the work. None of it is a WebSocket.

use super::masks::{self, Payloads};
use super::{Candidate, Cell, Class, each};
use crate::case::{self, Case, Encode, Form};
use crate::measure::measure;
use crate::sink::Sink;
use crate::stream::Source;
use bench_report::Times;
use std::io::Read;

/// The prefix of the rows of which [`LIMIT`] is the fastest.
pub const LIMIT: &str = "(limit";

/// The row with the least that decoding takes: [`LIMIT`] after the reads alone.
pub const FLOOR: &str = "(floor: reads, and the limit)";

pub const CANDIDATES: &[Candidate] = &[
    floor("(loop alone)", "the same loop around nothing", loop_alone),
    floor("(memcpy)", "a copy of the payload, from other memory in the cache", memcpy),
    floor("(read alone)", "`read` into 16 KiB, without decoding", read_alone),
    floor(FLOOR, "the same, and for each message the fastest of the next three rows", |case| {
        reads_and_limit(case)
    }),
    floor("(limit, 512 bits)", "load, XOR and store of each cache line touched", |case| {
        limit(case, kernels::wide)
    }),
    floor("(limit, 256 bits)", "the same in halves of a line", |case| limit(case, kernels::half)),
    floor("(limit, 128 bits)", "the same in quarters of a line", |case| {
        limit(case, kernels::quarter)
    }),
];

const fn floor(
    name: &'static str,
    driven: &'static str,
    cell: fn(&Case) -> Option<Box<dyn Cell>>,
) -> Candidate {
    Candidate { name, class: Class::Floor, driven, cell, connect: None }
}

fn loop_alone(case: &Case) -> Option<Box<dyn Cell>> {
    match case {
        Case::Mask(mask) => masks::cell(mask, |_, _| {}),
        Case::Encode(encode @ Encode { form: Form::Borrowed, .. }) => {
            let mut payloads = encode.payloads::<Vec<u8>>();
            each(move |sink| sink.wire(payloads.turn()))
        }
        _ => None,
    }
}

fn memcpy(case: &Case) -> Option<Box<dyn Cell>> {
    match case {
        Case::Mask(mask) => {
            let from = vec![7; 1 << 20];
            masks::cell(mask, move |bytes, _| bytes.copy_from_slice(&from[..bytes.len()]))
        }
        Case::Encode(encode @ Encode { form: Form::Contiguous, .. }) => {
            let mut payloads = encode.payloads::<Vec<u8>>();
            let mut out = Vec::with_capacity(encode.frame());
            each(move |sink| {
                out.clear();
                out.extend_from_slice(payloads.turn());
                sink.wire(&out);
            })
        }
        _ => None,
    }
}

fn read_alone(case: &Case) -> Option<Box<dyn Cell>> {
    let Case::Decode(decode) = case else { return None };
    let wire = decode.wire();
    let mut buffer = vec![0; 16 * 1024];
    if decode.connections > 1 {
        let mut sources = decode.connections(|source| source);
        return each(move |sink| {
            let read = sources.turn().read(&mut buffer).expect("endless");
            sink.wire(&buffer[..read]);
        });
    }
    let per_message = wire.bytes().len() / wire.messages.len();
    Some(Box::new(Reading { source: decode.sources().remove(0), per_message, buffer }))
}

/// Reads as many bytes as this many messages have.
struct Reading {
    source: Source,
    per_message: usize,
    buffer: Vec<u8>,
}

impl Cell for Reading {
    fn run(&mut self, operations: u64, sink: &mut Sink) {
        let mut missing = self.per_message * operations as usize;
        while missing > 0 {
            let room = self.buffer.len();
            let read = self.source.read(&mut self.buffer[..room.min(missing)]).expect("endless");
            sink.wire(&self.buffer[..read]);
            missing -= read;
        }
    }
}

/// Reads, and then masks as many payloads of the same sizes, by the fastest kernel available.
fn reads_and_limit(case: &Case) -> Option<Box<dyn Cell>> {
    let Case::Decode(decode) = case else { return None };
    let (mut reads, sizes) = (read_alone(case)?, decode.sizes);
    let mask = Case::Mask(case::Mask { sizes, offset: 4 });
    let kernels = [kernels::wide, kernels::half, kernels::quarter];
    let mut limits: Vec<_> = kernels.iter().filter_map(|&kernel| limit(&mask, kernel)).collect();
    let times = measure(&mut limits, 1, 9);
    let medians = times.iter().map(Times::median).zip(limits);
    let (_, mut limit) = medians.min_by(|a, b| a.0.total_cmp(&b.0))?;
    Some(Box::new(Both(move |operations, sink: &mut Sink| {
        reads.run(operations, sink);
        limit.run(operations, sink);
    })))
}

/// Two kinds of work, one after the other.
struct Both<F>(F);

impl<F: FnMut(u64, &mut Sink)> Cell for Both<F> {
    fn run(&mut self, operations: u64, sink: &mut Sink) {
        (self.0)(operations, sink);
    }
}

/// Masks this many payloads.
type Mask = fn(&mut Payloads, u64);

/// How many lines a pass of the inner loop takes.
const UNROLLED: [usize; 3] = [1, 4, 16];

/// Masks whole cache lines, all that the payload touches: no head, no tail, every access
/// aligned, the loop around it inlined, and unrolled as is fastest here.
fn limit(case: &Case, kernels: fn() -> Option<[Mask; UNROLLED.len()]>) -> Option<Box<dyn Cell>> {
    let Case::Mask(mask) = case else { return None };
    let cell = |kernel| Box::new(Limit { payloads: Payloads::new(mask), mask: kernel }) as Box<_>;
    let mut cells: Vec<Box<dyn Cell>> = kernels()?.map(cell).into();
    let times = measure(&mut cells, 1, 9);
    let medians = times.iter().map(Times::median).zip(cells);
    medians.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, cell)| cell)
}

struct Limit {
    payloads: Payloads,
    mask: Mask,
}

impl Cell for Limit {
    fn run(&mut self, operations: u64, _: &mut Sink) {
        (self.mask)(&mut self.payloads, operations);
    }
}

/// The key as it falls on a line, for a payload that begins at `start`.
#[inline(always)]
const fn on_line(key: [u8; 4], start: usize) -> u32 {
    u32::from_le_bytes(key).rotate_left(8 * (start % 4) as u32).to_le()
}

#[cfg(target_arch = "x86_64")]
mod kernels {
    use super::{Mask, Payloads, UNROLLED, on_line};
    use std::arch::x86_64::*;

    macro_rules! kernel {
        ($name:ident, $feature:tt, $vector:ty, $spread:ident, $load:ident, $xor:ident, $store:ident) => {
            pub fn $name() -> Option<[Mask; UNROLLED.len()]> {
                #[target_feature(enable = $feature)]
                fn mask<const LINES: usize>(payloads: &mut Payloads, operations: u64) {
                    const VECTORS: usize = 64 / size_of::<$vector>();
                    let mut turn = payloads.turn;
                    for _ in 0..operations {
                        let (payload, key) = payloads.next(&mut turn);
                        let key = $spread(on_line(key, payload.start).cast_signed());
                        let first = payload.start / 64 * 64;
                        let lines = payload.end.div_ceil(64) - payload.start / 64;
                        let bytes = &mut payloads.bytes()[first..first + 64 * lines];
                        let mut at = bytes.as_mut_ptr().cast::<$vector>();
                        for _ in 0..lines / LINES {
                            for index in 0..LINES * VECTORS {
                                // SAFETY: inside the slice, and aligned.
                                unsafe { $store(at.add(index), $xor($load(at.add(index)), key)) }
                            }
                            // SAFETY: at most to the end of the slice.
                            at = unsafe { at.add(LINES * VECTORS) };
                        }
                        for _ in 0..lines % LINES * VECTORS {
                            // SAFETY: inside the slice, and aligned; then at most to its end.
                            unsafe {
                                $store(at, $xor($load(at), key));
                                at = at.add(1);
                            }
                        }
                    }
                    payloads.turn = turn;
                }
                fn checked<const LINES: usize>(payloads: &mut Payloads, operations: u64) {
                    // SAFETY: the feature was detected.
                    unsafe { mask::<LINES>(payloads, operations) }
                }
                let all = [
                    checked::<{ UNROLLED[0] }>,
                    checked::<{ UNROLLED[1] }>,
                    checked::<{ UNROLLED[2] }>,
                ];
                is_x86_feature_detected!($feature).then_some(all)
            }
        };
    }

    kernel!(
        wide,
        "avx512f",
        __m512i,
        _mm512_set1_epi32,
        _mm512_load_si512,
        _mm512_xor_si512,
        _mm512_store_si512
    );
    kernel!(
        half,
        "avx2",
        __m256i,
        _mm256_set1_epi32,
        _mm256_load_si256,
        _mm256_xor_si256,
        _mm256_store_si256
    );
    kernel!(
        quarter,
        "sse2",
        __m128i,
        _mm_set1_epi32,
        _mm_load_si128,
        _mm_xor_si128,
        _mm_store_si128
    );
}

#[cfg(not(target_arch = "x86_64"))]
mod kernels {
    use super::{Mask, Payloads, UNROLLED, on_line};

    pub fn wide() -> Option<[Mask; UNROLLED.len()]> {
        None
    }

    pub fn half() -> Option<[Mask; UNROLLED.len()]> {
        None
    }

    /// The compiler's own choice, which is 128 bits at a time for aarch64.
    pub fn quarter() -> Option<[Mask; UNROLLED.len()]> {
        Some([compiled; UNROLLED.len()])
    }

    fn compiled(payloads: &mut Payloads, operations: u64) {
        let mut turn = payloads.turn;
        for _ in 0..operations {
            let (payload, key) = payloads.next(&mut turn);
            let key = on_line(key, payload.start);
            let lines = payload.start / 64 * 64..payload.end.next_multiple_of(64);
            let (words, _) = payloads.bytes()[lines].as_chunks_mut::<4>();
            for word in words {
                *word = (u32::from_ne_bytes(*word) ^ key).to_ne_bytes();
            }
        }
        payloads.turn = turn;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Mask, Sizes};

    #[test]
    fn the_limit_masks_the_payload_by_the_definition() {
        for kernel in [kernels::wide, kernels::half, kernels::quarter] {
            let kernels = kernel().into_iter().flatten();
            let payloads = [(0, 1), (4, 160), (7, 643), (61, 4), (3, 4096)];
            for (kernel, (offset, size)) in kernels.flat_map(|kernel| payloads.map(|p| (kernel, p)))
            {
                let mut payloads = Payloads::new(&Mask { sizes: Sizes::Fixed(size), offset });
                let (payload, key) = payloads.next(&mut payloads.turn.clone());
                let before = payloads.bytes()[payload.clone()].to_vec();
                kernel(&mut payloads, 1);
                let masked = before.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key);
                assert_eq!(payloads.bytes()[payload], masked.collect::<Vec<_>>());
            }
        }
    }
}
