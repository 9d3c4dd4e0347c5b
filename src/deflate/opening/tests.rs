//! The opening and an engine, byte by byte.

use super::*;
use crate::deflate::{Compression, Context, Deflater, Engines, Level};
use zlib_rs::{Inflate, InflateFlush, Status};

/// Text before the message, which it refers to.
fn window() -> Window {
    let mut window = Window::default();
    window.push(b"the connection was open when we heard you say that nothing", 50);
    window
}

/// Gives the bytes to both, one after another, until the opening stops; how much it took.
fn assert_same(data: &[u8]) -> usize {
    let (window, mut opening) = (window(), Opening::default());
    let mut engine = Inflate::new(false, 15);
    for part in window.parts() {
        engine.set_dictionary(part).unwrap();
    }
    let mut plain = Vec::new();
    for (at, byte) in data.iter().enumerate() {
        let mut room = [0; 4096];
        let before = engine.total_out();
        let status = engine.decompress(&[*byte], &mut room, InflateFlush::NoFlush);
        plain.extend_from_slice(&room[..(engine.total_out() - before) as usize]);
        let (read, stop) = opening.read(&[*byte], &window, usize::MAX);
        assert!(plain.starts_with(opening.plain()), "{data:02x?} at {at}");
        match stop {
            Ok(Stop::Much) => return at,
            Ok(stop) => {
                let status = status.unwrap_or_else(|_| panic!("{data:02x?} is refused at {at}"));
                let is_final = matches!(stop, Stop::Final);
                assert_eq!(status == Status::StreamEnd, is_final, "{data:02x?} at {at}");
                assert_eq!((opening.plain(), read), (&plain[..], 1), "{data:02x?} at {at}");
                if is_final {
                    return at;
                }
            }
            Err(_) => {
                assert!(status.is_err(), "{data:02x?} is taken at {at}");
                assert_eq!(opening.plain(), plain, "{data:02x?} at {at}");
                return at;
            }
        }
    }
    data.len()
}

fn compressed(message: &[u8], level: Level) -> Vec<u8> {
    let compression = Compression { level, ..Compression::default() };
    let mut deflater = Deflater::new(Context::default(), compression, &Engines::Owned).unwrap();
    let mut data = Vec::new();
    deflater.finish(message, &mut data);
    data
}

/// Numbers that look random, and are the same each time.
fn numbers() -> impl FnMut(usize) -> usize {
    let mut state = 7_u64;
    move |below| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    }
}

#[test]
fn data_of_compressors_is_read_as_an_engine_reads_it_and_so_it_is_with_any_byte_changed() {
    let mut below = numbers();
    for length in [1, 40, 300, 900] {
        let message: Vec<u8> =
            (0..length).map(|i| b"etaoin shrdlu,:\"{}0123"[(i * i + below(4)) % 22]).collect();
        for level in [Level::FASTEST, Level::SMALLEST] {
            let data = compressed(&message, level);
            assert_eq!(assert_same(&data), data.len().min(Opening::DATA));
            for _ in 0..3000 {
                let mut changed = data.clone();
                for _ in 0..=below(3) {
                    // Mostly in the headers of blocks, where most of the rules are.
                    let end = if below(2) == 0 { data.len() } else { data.len().min(60) };
                    changed[below(end)] = below(256) as u8;
                }
                assert_same(&changed);
            }
        }
    }
}

#[test]
fn every_beginning_of_two_bytes_is_read_as_an_engine_reads_it_whatever_follows() {
    let mut below = numbers();
    for start in 0..=0xffff_u16 {
        let mut data = start.to_le_bytes().to_vec();
        data.extend((0..40).map(|_| below(256) as u8));
        assert_same(&data);
        data[2..].fill([0x00, 0xff][usize::from(start % 2)]);
        assert_same(&data);
    }
}

/// Headers that are nearly right: most of random bytes fail too soon to say much.
#[test]
fn headers_of_all_sizes_are_read_as_an_engine_reads_them() {
    let mut below = numbers();
    let mut far = 0;
    for _ in 0..20_000 {
        let mut bits: Vec<bool> = alloc::vec![below(4) == 0, false, true];
        let mut put =
            |value: usize, count: usize| bits.extend((0..count).map(|i| value >> i & 1 == 1));
        put([0, below(32)][below(2)], 5);
        put([0, below(32)][below(2)], 5);
        put(15, 4);
        // Sixteen codes of four bits, or eight of three, are complete.
        let kind = below(3);
        (0..19).for_each(|at| match kind {
            0 => put(if at < 3 { 0 } else { 4 }, 3),
            1 => put(if at < 8 { 3 } else { 0 }, 3),
            _ => put(below(8), 3),
        });
        (0..300).for_each(|_| put(below(256), 8));
        let octet =
            |bits: &[bool]| bits.iter().rev().fold(0, |octet, bit| octet << 1 | u8::from(*bit));
        let data: Vec<u8> = bits.chunks(8).map(octet).collect();
        far = far.max(assert_same(&data));
    }
    assert!(far > 100, "no header was read to its end: {far}");
}

#[test]
fn room_is_never_passed_and_no_more_data_is_read_than_an_opening_holds() {
    let data = compressed(&[b'a'; 100_000], Level::SMALLEST);
    for room in [1, 2, 257, 258, 259, 600] {
        let mut opening = Opening::default();
        assert!(opening.read(&data, &Window::default(), room).1.is_ok());
        assert_eq!(opening.plain().len(), room);
    }
    let stored = [&[0x00, 0xff, 0xff, 0x00, 0x00][..], &[b'x'; 600]].concat();
    let mut opening = Opening::default();
    let (read, stop) = opening.read(&stored, &Window::default(), usize::MAX);
    assert!(matches!(stop, Ok(Stop::Much)));
    assert_eq!((read, opening.plain().len()), (Opening::DATA, Opening::DATA - 5));
}
