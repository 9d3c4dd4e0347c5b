//! What a message that is joined takes, whatever way it comes in: counted by the allocator, which
//! sees old and new memory together while a buffer grows.

mod kept;

use crate::common::{BOTH, Side, letters};
use allocation_counter::measure;
use bytes::BytesMut;
use patchcord::{Decoder, Delivery, Input, Limits, ReceiveBuffer};
use proptest::prelude::*;

/// How many times what arrived a message takes at the peak, and between two calls.
const PEAK: u64 = 4;
const HELD: u64 = 3;

/// What is known of an open message, and the reference count of a `BytesMut` that is split, or the
/// least room of a receive buffer.
const SMALL: u64 = 512;

/// The bytes of a message, and how much payload there is up to the end of each.
#[derive(Default)]
struct Stream {
    bytes: Vec<u8>,
    payload: Vec<u64>,
}

impl Stream {
    fn new(side: Side, first: u8, frames: &[usize]) -> Self {
        let mut stream = Self::default();
        for (i, &length) in frames.iter().enumerate() {
            let fin = if i + 1 == frames.len() { 0x80 } else { 0 };
            let opcode = if i == 0 { first } else { 0 };
            let frame = side.frame(fin | opcode, letters(length).as_bytes());
            let (header, before) = (frame.len() - length, stream.arrived(stream.bytes.len()));
            let payload = |end: usize| before + end.saturating_sub(header) as u64;
            stream.payload.extend((1..=frame.len()).map(payload));
            stream.bytes.extend(frame);
        }
        stream
    }

    fn arrived(&self, end: usize) -> u64 {
        if end == 0 { 0 } else { self.payload[end - 1] }
    }
}

/// What was allocated so far, in bytes.
#[derive(Default)]
struct Memory {
    held: i64,
    total: u64,
}

impl Memory {
    /// Decodes what there is, and checks what that took for `arrived` bytes of payload.
    fn decode<I: Input>(&mut self, decoder: &mut Decoder, input: &mut I, arrived: u64) -> bool {
        self.during(arrived, || decoder.decode(input).unwrap().is_some())
    }

    /// The same of whatever is done.
    fn during(&mut self, arrived: u64, act: impl FnOnce() -> bool) -> bool {
        let mut delivered = false;
        let info = measure(|| delivered = act());
        let peak = self.held as u64 + info.bytes_max;
        self.held += info.bytes_current;
        self.total += info.bytes_total;
        assert!(peak <= PEAK * arrived + SMALL, "{peak} bytes at the peak for {arrived}");
        assert!(self.held <= (HELD * arrived + SMALL) as i64, "{} for {arrived}", self.held);
        delivered
    }
}

/// Gives a stream in pieces of these sizes, over and over, and returns what was allocated in all.
fn slices(decoder: &mut Decoder, stream: &mut Stream, sizes: &[usize]) -> u64 {
    let (mut memory, mut start, mut end, mut delivered) = (Memory::default(), 0, 0, 0);
    for size in sizes.iter().cycle() {
        end = (end + size).min(stream.bytes.len());
        let arrived = stream.arrived(end);
        let mut input = &mut stream.bytes[start..end];
        delivered += u32::from(memory.decode(decoder, &mut input, arrived));
        start = end - input.len();
        if end == stream.bytes.len() {
            break;
        }
    }
    assert_eq!(delivered, 1);
    memory.total
}

/// The same with a buffer that payloads are split off, of which the allocator is not to see itself.
fn owned(decoder: &mut Decoder, stream: &Stream, sizes: &[usize]) -> u64 {
    let (mut memory, mut end, mut delivered) = (Memory::default(), 0, 0);
    let mut input = BytesMut::with_capacity(stream.bytes.len());
    for size in sizes.iter().cycle() {
        let start = end;
        end = (end + size).min(stream.bytes.len());
        input.extend_from_slice(&stream.bytes[start..end]);
        let arrived = stream.arrived(end);
        delivered += u32::from(memory.decode(decoder, &mut input, arrived));
        if end == stream.bytes.len() {
            break;
        }
    }
    assert_eq!(delivered, 1);
    memory.total
}

/// The same with a receive buffer, of which the allocator sees all. Headers do not count, but those
/// of the frame that is being read.
fn buffered(decoder: &mut Decoder, stream: &Stream, sizes: &[usize]) {
    let (mut memory, mut end, mut delivered) = (Memory::default(), 0, 0);
    let mut buffer = ReceiveBuffer::new(0);
    for size in sizes.iter().cycle() {
        let last = (end + size).min(stream.bytes.len());
        while end < last {
            let mut read = 0;
            // Twice what is there is asked for before more comes.
            let arrived = stream.arrived(end) + MOST_UNREAD;
            memory.during(arrived, || {
                let space = buffer.space();
                read = space.len().min(last - end);
                space[..read].copy_from_slice(&stream.bytes[end..][..read]);
                buffer.filled(read);
                false
            });
            end += read;
            let mut input = buffer.unconsumed();
            let arrived = stream.arrived(end) + MOST_UNREAD;
            delivered += u32::from(memory.decode(decoder, &mut input, arrived));
        }
        if end == stream.bytes.len() {
            break;
        }
    }
    assert_eq!(delivered, 1);
}

/// A header that is not whole.
const MOST_UNREAD: u64 = 14;

fn check(side: Side, text: bool, whole: u32, frames: &[usize], sizes: &[usize]) {
    let limits = Limits { whole_frame: whole, ..Limits::default() };
    let first = if text { 0x01 } else { 0x02 };
    let mut stream = Stream::new(side, first, frames);
    let arrived = stream.arrived(stream.bytes.len());
    let decoder = || side.decoder(limits, Delivery::Messages);
    if whole == 0 {
        buffered(&mut decoder(), &stream, sizes); // what is waited for is longer than a header
    }
    let totals =
        [owned(&mut decoder(), &stream, sizes), slices(&mut decoder(), &mut stream, sizes)];
    // Each growth at least doubles what there is, so all of them are a geometric series.
    let most = 2 * HELD * arrived + SMALL;
    assert!(totals.iter().all(|&total| total <= most), "{totals:?} in all for {arrived}");
}

/// Pieces of one size, of two in turn, of a long one followed by short ones, and of any.
fn sizes() -> impl Strategy<Value = Vec<usize>> {
    let size = || prop_oneof![Just(1_usize), 1..16_usize, 16..3000_usize];
    prop_oneof![
        proptest::collection::vec(size(), 1..3),
        (2..15_usize, 500..4000_usize, 1..4_usize)
            .prop_map(|(header, long, short)| { [vec![header, long], vec![short; 2000]].concat() }),
        proptest::collection::vec(size(), 1..40),
    ]
}

fn frames() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![
        (1..16_000_usize).prop_map(|length| vec![length]),
        proptest::collection::vec(0..2000_usize, 1..8),
        proptest::collection::vec(0..4_usize, 1..600),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_message_takes_four_times_what_arrived_of_it_at_most_however_it_is_cut(
        server in any::<bool>(),
        text in any::<bool>(),
        whole in prop_oneof![Just(0_u32), Just(300), Just(Limits::WHOLE_FRAME)],
        frames in frames(),
        sizes in sizes(),
    ) {
        let side = if server { Side::Server } else { Side::Client };
        check(side, text, whole, &frames, &sizes);
    }
}

#[test]
fn a_message_that_comes_byte_by_byte_takes_four_times_what_arrived_of_it_at_most() {
    for side in BOTH {
        for text in [false, true] {
            check(side, text, 0, &[3000], &[1]);
            check(side, text, 0, &[1; 1000], &[1]);
            check(side, text, 0, &[100, 1, 1, 2000, 0, 1], &[1]);
        }
    }
}

/// A length is declared, a fourth of it comes, and then one byte.
#[test]
fn a_byte_that_follows_a_long_piece_takes_no_memory() {
    for side in BOTH {
        for first in [0x81, 0x82] {
            let header = side.header(first, Limits::MESSAGE);
            let mut long = [header, vec![0; 4_000_000]].concat();
            let mut decoder = side.decoder(Limits::default(), Delivery::Messages);
            let mut memory = Memory::default();
            if first == 0x81 && side == Side::Server {
                let start = long.len() - 4_000_000;
                long[start..]
                    .iter_mut()
                    .zip(crate::common::KEY.iter().cycle())
                    .for_each(|(b, k)| *b = *k);
            }
            assert!(!memory.decode(&mut decoder, &mut &mut long[..], 4_000_000));
            let key = if side == Side::Server { crate::common::KEY[0] } else { 0 };
            let info = measure(|| assert!(matches!(decoder.decode(&mut &mut [key][..]), Ok(None))));
            assert_eq!(info.count_total, 0, "{} bytes for one", info.bytes_total);
        }
    }
}
