//! What is measured: the work of one path on payloads of one size.

use patchcord::frame::{Header, Opcode};
use patchcord::{Config, Connection, Event, Limits, MaskingKey, SendBuffer, Server, Text};
use std::hint::black_box;
use std::mem::MaybeUninit;
use std::time::{Duration, Instant};

pub const CASES: [&str; 6] = [
    "mask in place",
    "mask while copying",
    "receive ASCII",
    "receive Cyrillic",
    "check ASCII",
    "check Cyrillic",
];

pub const SIZES: [usize; 17] =
    [2, 4, 8, 16, 32, 64, 124, 160, 256, 320, 640, 960, 1280, 1920, 3840, 8192, 65_536];

/// Applied to the texts here it gives other valid text, so that a text received in place is UTF-8
/// each time.
const KEY: [u8; 4] = [1; 4];

/// The memory used before the same payload comes again: more than the nearest cache holds (32 KiB on Zen 4,
/// 48 on Zen 5), less than the second, since nobody unmasks what was unmasked just now.
const RING: usize = 256 * 1024;

const PAGE: usize = 4096;

/// The size of a cache line.
const LINE: usize = 64;

/// Pieces of one length, an odd number of lines apart so that no two are 4 KiB apart.
struct Ring {
    memory: Vec<u8>,
    start: usize,
    stride: usize,
    length: usize,
    places: usize,
    place: usize,
}

impl Ring {
    fn new(content: &[u8]) -> Self {
        let stride = (content.len().div_ceil(LINE) | 1) * LINE;
        let places = (RING / stride).max(1);
        let mut memory = vec![0; places * stride + LINE];
        let start = memory.as_ptr().align_offset(LINE);
        for place in memory[start..].chunks_exact_mut(stride) {
            place[..content.len()].copy_from_slice(content);
        }
        Self { memory, start, stride, length: content.len(), places, place: 0 }
    }

    #[inline(always)]
    fn next(&mut self) -> &mut [u8] {
        self.place = if self.place + 1 < self.places { self.place + 1 } else { 0 };
        let at = self.start + self.place * self.stride;
        &mut self.memory[at..at + self.length]
    }
}

/// Returns nanoseconds per operation, one figure per batch.
pub fn measure(case: &str, size: usize) -> Vec<f64> {
    // Behind the header of a masked frame.
    let header = if size < 126 { 6 } else { 8 };
    let mut ring = Ring::new(&vec![7; header + size]);
    match case {
        "mask in place" => time(|| {
            let payload = &mut ring.next()[header..];
            MaskingKey::from(black_box(KEY)).apply(black_box(payload));
        }),
        "mask while copying" => {
            // Behind a header that begins a page: a store across the end of one takes some 20 ns.
            let mut out = vec![MaybeUninit::uninit(); PAGE + header + size];
            let start = out.as_ptr().align_offset(PAGE) + header;
            let out = &mut out[start..start + size];
            time(|| {
                let payload = black_box(&ring.next()[header - 6..][..size]);
                black_box(MaskingKey::from(black_box(KEY)).apply_copy(payload, out));
            })
        }
        "receive ASCII" => receive("a", size),
        "receive Cyrillic" => receive("д", size),
        "check ASCII" => check("a", size),
        _ => check("д", size),
    }
}

fn receive(letter: &str, size: usize) -> Vec<f64> {
    let text = letter.repeat(size / letter.len());
    let key = MaskingKey::from(KEY);
    let header = Header::new(Opcode::Text, size as u64).expect("a legal header");
    let mut frame = header.with_masking_key(Some(key)).encode().to_vec();
    key.put(text.as_bytes(), &mut frame);
    let mut ring = Ring::new(&frame);
    let limits = Limits { whole_frame: 1 << 20, ..Limits::default() };
    let mut connection: Connection<Server> =
        Connection::server(Config { limits, ..Config::default() });
    let mut out = SendBuffer::new();
    let mut heard = 0;
    let times = time(|| {
        let mut input = black_box(ring.next());
        if let Ok(Some(Event::Text(text))) = connection.receive(&mut input, &mut out) {
            heard += usize::from(black_box(text).len() == size);
        } else {
            panic!("the text received is not the one that was sent");
        }
    });
    assert!(heard > 0);
    times
}

/// A server's frames are not masked, and text that arrives in pieces is validated separately.
fn check(letter: &str, size: usize) -> Vec<f64> {
    let mut ring = Ring::new(letter.repeat(size / letter.len()).as_bytes());
    let mut is_text = true;
    let times = time(|| is_text &= Text::new(&*black_box(ring.next())).is_ok());
    assert!(is_text);
    times
}

/// The length of a batch: long enough that the clock costs nothing.
const BATCH: Duration = Duration::from_micros(300);

fn time(mut operation: impl FnMut()) -> Vec<f64> {
    let mut batch = |count: u32| {
        let start = Instant::now();
        (0..count).for_each(|_| operation());
        start.elapsed()
    };
    let mut count = 64;
    while batch(count) < BATCH {
        count *= 2;
    }
    let nanoseconds = |time: Duration| time.as_secs_f64() * 1e9 / f64::from(count);
    (0..5).map(|_| nanoseconds(batch(count))).collect()
}
