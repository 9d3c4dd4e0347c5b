//! permessage-deflate, what a hostile peer sends: refused where it has to be, by the same error
//! however it is cut, with memory and work that the limits bound.
#![cfg(feature = "deflate")]

use allocation_counter::measure;
use patchcord::deflate::{
    Compression, Context, Deflater, Engines, InflateError, InflateLimits, Inflater, Level, Pool,
};
use std::iter::repeat_n;

const NO_RATIO: InflateLimits =
    InflateLimits { length: u64::MAX, floor: u64::MAX, ratio: u32::MAX, idle: u64::MAX };

/// The last has to restore the window for each message.
fn engines() -> [Engines; 3] {
    [Engines::Owned, Engines::Pooled(Pool::default()), Engines::Pooled(Pool::new(0))]
}

fn deflated(message: &[u8]) -> Vec<u8> {
    let compression = Compression { level: Level::SMALLEST, ..Compression::default() };
    let mut deflater = Deflater::new(Context::default(), compression, &Engines::Owned).unwrap();
    let mut data = Vec::new();
    deflater.finish(message, &mut data);
    data
}

/// Inflates data that comes in parts of this size, and asks twice what was wrong.
fn inflate(inflater: &mut Inflater, data: &[u8], size: usize) -> Result<Vec<u8>, InflateError> {
    let mut message = Vec::new();
    for part in data.chunks(size) {
        if let Err(error) = inflater.inflate(part, &mut message) {
            assert_eq!(inflater.inflate(b"\x00", &mut message), Err(error), "it is final");
            assert_eq!(inflater.finish(), Err(error), "it is final");
            return Err(error);
        }
    }
    inflater.finish().map(|()| message)
}

/// The same whatever the engines, the context and the split.
fn verdict(bounds: InflateLimits, data: &[u8]) -> Result<Vec<u8>, InflateError> {
    let verdicts = engines().into_iter().flat_map(|engines| {
        [true, false].into_iter().flat_map(move |takeover| {
            let (context, engines) = (Context { takeover, ..Context::default() }, engines.clone());
            [1, 2, 3, 7, 100, 4095, 4096, 4097, 5000, usize::MAX]
                .into_iter()
                .map(move |size| inflate(&mut Inflater::new(context, bounds, &engines), data, size))
        })
    });
    let verdicts: Vec<_> = verdicts.collect();
    assert!(verdicts.iter().all(|verdict| *verdict == verdicts[0]), "the split matters");
    verdicts.into_iter().next().unwrap()
}

#[test]
fn a_bomb_is_refused_one_byte_beyond_the_length_and_not_before() {
    for length in [0, 1, 255, 256, 257, 16_383, 16_384, 16_385, 65_536, 300_000] {
        let zeros = vec![0; length + 1];
        let bounds = InflateLimits { length: length as u64, ..NO_RATIO };
        assert_eq!(verdict(bounds, &deflated(&zeros[1..])), Ok(zeros[1..].to_vec()), "{length}");
        assert_eq!(verdict(bounds, &deflated(&zeros)), Err(InflateError::TooLong), "{length}");
    }
    let bomb = deflated(&vec![0; 10_000_000]);
    assert!(bomb.len() < 10_100, "a thousand to one: {}", bomb.len());
    for length in [0, 1, 1000, 4_000_000, 9_999_999] {
        let bounds = InflateLimits { length, ..NO_RATIO };
        let mut inflater = Inflater::new(Context::default(), bounds, &Engines::Owned);
        assert_eq!(inflate(&mut inflater, &bomb, 4096), Err(InflateError::TooLong));
    }
}

/// Some octets, and what is no DEFLATE behind them: found by the target `inflate`.
#[test]
fn a_bound_is_broken_before_what_is_wrong_behind_it_however_data_is_cut() {
    let data = b"\x5b\x3f\x40\x3f";
    let none = InflateLimits { length: 0, ..NO_RATIO };
    assert_eq!(verdict(none, data), Err(InflateError::TooLong));
    assert_eq!(verdict(NO_RATIO, data), Err(InflateError::Data));
}

#[test]
fn a_bomb_is_refused_beyond_its_floor_where_it_is_beyond_its_ratio() {
    // One unit of data: 10 times 4096 bytes, or the floor, whichever is more.
    for (floor, limit) in [(0, 40_960), (40_959, 40_960), (40_961, 40_961), (70_000, 70_000)] {
        let bounds = InflateLimits { floor, ratio: 10, ..NO_RATIO };
        let zeros = vec![0; limit + 1];
        assert_eq!(verdict(bounds, &deflated(&zeros[1..])), Ok(zeros[1..].to_vec()));
        assert_eq!(verdict(bounds, &deflated(&zeros)), Err(InflateError::Ratio));
        // The length is told where it is the lesser bound.
        let bounds = InflateLimits { length: limit as u64, ..bounds };
        assert_eq!(verdict(bounds, &deflated(&zeros)), Err(InflateError::TooLong));
    }
    // A message of two units, each noise at first: the allowance grows with what came.
    let noise: Vec<u8> = (0..5000_u32).map(|i| (i * i % 251 * 31 + i / 7) as u8).collect();
    let message = [&noise[..], &vec![0; 75_000]].concat();
    let data = deflated(&message);
    assert!((4097..8192).contains(&data.len()), "{}", data.len());
    let bounds = InflateLimits { floor: 0, ratio: 10, ..NO_RATIO };
    assert_eq!(verdict(bounds, &data), Ok(message));
}

#[test]
fn each_message_has_the_bounds_for_itself() {
    let zeros = vec![0; 40_960];
    let (most, more) = (deflated(&zeros), deflated(&[&zeros[..], &[0]].concat()));
    for bounds in [
        InflateLimits { length: 40_960, ..NO_RATIO },
        InflateLimits { floor: 0, ratio: 10, ..NO_RATIO },
    ] {
        for engines in engines() {
            let context = Context { takeover: false, ..Context::default() };
            let mut inflater = Inflater::new(context, bounds, &engines);
            for _ in 0..300 {
                assert_eq!(inflate(&mut inflater, &most, 20).as_ref(), Ok(&zeros));
            }
            assert!(inflate(&mut inflater, &more, 20).is_err(), "more than 4 KiB came by now");
        }
    }
}

#[test]
fn ordinary_and_silent_messages_pass_the_default_bounds_and_bombs_do_not() {
    let silence = vec![0; 960_000]; // a minute at 8 kHz
    assert_eq!(verdict(InflateLimits::default(), &deflated(&silence)), Ok(silence));
    let bomb = deflated(&vec![0; 2_000_000]);
    assert_eq!(verdict(InflateLimits::default(), &bomb), Err(InflateError::Ratio));
}

/// So much that an engine is needed.
fn stored_600() -> Vec<u8> {
    [&[0x00, 0x58, 0x02, 0xa7, 0xfd][..], &[b'x'; 600], &[0x00]].concat()
}

#[test]
fn a_bomb_costs_no_more_memory_than_its_limit_allows() {
    let bomb = deflated(&vec![0; 64_000_000]);
    for length in [1000, 100_000, 4_000_000_u64] {
        for engines in &engines()[..2] {
            let bounds = InflateLimits { length, ..NO_RATIO };
            let mut inflater = Inflater::new(Context::default(), bounds, engines);
            inflater.inflate(&stored_600(), &mut Vec::new()).unwrap(); // it has an engine
            inflater.finish().unwrap();
            let mut message = Vec::new();
            let held = measure(|| {
                let refused = inflater.inflate(&bomb, &mut message);
                assert_eq!(refused, Err(InflateError::TooLong));
                assert_eq!(message.len() as u64, length + 1, "and it is not delivered");
            });
            // A `Vec` that grows holds the old and the new, which is up to twice as large.
            let most = 3 * (length + 1) + 1024;
            assert!(held.bytes_max < most, "{} bytes for {length}", held.bytes_max);
        }
    }
}

/// Blocks that give nothing.
const EMPTY: [&[u8]; 4] = [
    b"\x00\x00\x00\xff\xff",                     // stored
    b"\x01\x00\x00\xff\xff",                     // stored and final
    b"\x03\x00",                                 // fixed and final, padded
    b"\x02\x08\x20\x80\x00\x00\x00\x00\xff\xff", // fixed, some, and a flush
];

fn repeated(block: &[u8], length: usize) -> Vec<u8> {
    repeat_n(block, length / block.len()).flatten().copied().collect()
}

#[test]
fn empty_blocks_up_to_the_idle_bound_give_nothing_and_cost_nothing() {
    for block in EMPTY {
        let data = [&repeated(block, 64 * 1024)[..], b"\x00"].concat();
        for engines in engines() {
            let mut inflater =
                Inflater::new(Context::default(), InflateLimits::default(), &engines);
            let mut message = Vec::new();
            let held = measure(|| {
                for part in data.chunks(1000) {
                    inflater.inflate(part, &mut message).unwrap();
                }
            });
            inflater.finish().unwrap();
            assert!(message.is_empty());
            assert!(held.bytes_max < 60 * 1024, "an engine: {}", held.bytes_max);
        }
    }
}

#[test]
fn data_that_comes_to_nothing_is_refused_at_the_unit_beyond_the_idle_bound() {
    let unit = 4096;
    for block in EMPTY {
        let mut data = repeated(block, 70_000);
        for idle in [0, 1, unit - 1, unit, unit + 1, 16 * unit] {
            let bounds = InflateLimits { idle: idle as u64, ..InflateLimits::default() };
            let refused = (idle / unit + 1) * unit;
            data[refused..].fill(0x07); // a block of a type that is not there
            assert_eq!(verdict(bounds, &data[..refused]), Err(InflateError::Idle), "{idle}");
            assert_eq!(verdict(bounds, &data), Err(InflateError::Idle), "{idle}");
            let before = verdict(bounds, &data[..refused - 1]);
            assert_ne!(before, Err(InflateError::Idle), "{idle}");
            data = repeated(block, 70_000);
        }
    }
    assert_eq!(InflateLimits::default().idle, 64 * 1024);
}

#[test]
fn a_message_whose_bytes_are_each_flushed_is_not_idle_and_one_of_sixteen_times_its_length_is() {
    // A literal and a flush: seven bytes for one.
    let flushed = [&repeated(b"\x4a\x04\x00\x00\x00\xff\xff", 140_000)[..], b"\x00"].concat();
    assert_eq!(verdict(InflateLimits::default(), &flushed), Ok(vec![b'a'; 20_000]));
    let mut thin = b"\x4a\x04\x00\x00\x00\xff\xff".to_vec();
    thin.extend(repeated(EMPTY[0], 50)); // 57 bytes for one
    let data = [&repeated(&thin, 70_000)[..], b"\x00"].concat();
    assert_eq!(verdict(InflateLimits::default(), &data), Err(InflateError::Idle));
}

#[test]
fn a_final_block_is_followed_by_blocks_that_know_nothing_of_it() {
    let hello = b"\xf3\x48\xcd\xc9\xc9\x07\x00"; // section 7.2.3.4, without its last octet
    let again = b"\xf2\x48\xcd\xc9\xc9\x07\x00";
    let both = [&hello[..], again].concat();
    assert_eq!(verdict(InflateLimits::default(), &both), Ok(b"HelloHello".to_vec()));
    // What refers back over a final block refers to nothing.
    let shared = b"\xf2\x00\x11\x00\x00"; // section 7.2.3.2
    let data = [&hello[..], shared].concat();
    assert_eq!(verdict(InflateLimits::default(), &data), Err(InflateError::Data));
    for (engines, size) in engines().into_iter().zip([1, 100, 100]) {
        let mut inflater = Inflater::new(Context::default(), InflateLimits::default(), &engines);
        let complete = [&hello[..], b"\x00"].concat();
        assert_eq!(inflate(&mut inflater, &complete, size).unwrap(), b"Hello");
        assert_eq!(inflate(&mut inflater, shared, 1), Err(InflateError::Data));
    }
    // Nor to what was in the window before.
    for engines in engines() {
        let mut inflater = Inflater::new(Context::default(), InflateLimits::default(), &engines);
        assert_eq!(inflate(&mut inflater, again, 1).unwrap(), b"Hello");
        assert_eq!(inflate(&mut inflater, b"\x03\x00\x00", 1).unwrap(), b"");
        assert_eq!(inflate(&mut inflater, shared, 1), Err(InflateError::Data));
    }
    // Ended by a final block alone, a message is complete, and the next is read afresh.
    for engines in engines() {
        let mut inflater = Inflater::new(Context::default(), InflateLimits::default(), &engines);
        for _ in 0..3 {
            assert_eq!(inflate(&mut inflater, hello, 1).unwrap(), b"Hello");
            assert_eq!(inflate(&mut inflater, again, 100).unwrap(), b"Hello");
        }
        assert_eq!(inflate(&mut inflater, hello, 1).unwrap(), b"Hello");
        assert_eq!(inflate(&mut inflater, b"", 1), Err(InflateError::Unfinished), "another one");
    }
}

#[test]
fn data_that_is_cut_anywhere_is_not_a_message() {
    let text: Vec<u8> = (0..400_u32).map(|i| b"abcdefgh \n"[(i * i % 97 % 10) as usize]).collect();
    for message in [&b"Hello"[..], &text] {
        let data = deflated(message);
        for length in 0..data.len() {
            let cut = verdict(InflateLimits::default(), &data[..length]);
            assert!(cut.is_err(), "{length} of {}: {cut:?}", data.len());
        }
    }
}

#[test]
fn data_with_anything_behind_its_flush_is_not_a_message() {
    for extra in [
        &b"\x00\x00\xff\xff"[..], // the tail, which was to be left away
        b"\x00",
        b"\xff",
        b"\x00\x00",
        b"\x00\x00\xff",
        b"garbage",
    ] {
        let data = [&b"\xf2\x48\xcd\xc9\xc9\x07\x00"[..], extra].concat();
        let verdict = verdict(InflateLimits::default(), &data);
        assert!(verdict.is_err(), "{extra:x?}: {verdict:?}");
    }
}

#[test]
fn what_is_no_deflate_is_refused() {
    for (data, error) in [
        (&b""[..], InflateError::Unfinished), // not even an empty message
        (b"\x07", InflateError::Data),        // a block of type 3
        (b"\x00\x05\x00\xfb\xff", InflateError::Data), // a stored length that is not its complement
        (b"\xf2\x00\x11\x00\x00", InflateError::Data), // refers to a message that was not there
        (b"\x05\xff\xff\xff\xff", InflateError::Data), // a dynamic block with too many codes
        (b"\x78\x9c\xf3\x48\xcd\xc9\xc9\x07\x00", InflateError::Data), // a header of zlib
        (b"\x1f\x8b\x08\x00\x00\x00\x00\x00", InflateError::Data), // of gzip
    ] {
        assert_eq!(verdict(InflateLimits::default(), data), Err(error), "{data:x?}");
    }
}

#[test]
fn every_short_message_is_taken_or_refused_by_all_in_the_same_way() {
    let pooled = Engines::Pooled(Pool::default());
    for first in 0..=255 {
        for second in (0..=255).step_by(5) {
            for data in [&[first, second][..], &[first, second, 0x00], &[second, 0xff, first]] {
                let mut inflaters = [&Engines::Owned, &pooled, &pooled].map(|engines| {
                    Inflater::new(Context::default(), InflateLimits::default(), engines)
                });
                let [live, whole, split] = &mut inflaters;
                let expected = inflate(live, data, usize::MAX);
                assert_eq!(inflate(whole, data, usize::MAX), expected, "{data:x?}");
                assert_eq!(inflate(split, data, 1), expected, "{data:x?}");
            }
        }
    }
}
