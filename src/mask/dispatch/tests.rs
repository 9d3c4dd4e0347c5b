use super::*;
use crate::mask::MaskingKey;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

const KEY: [u8; 4] = [0xa5, 0x5a, 0x3c, 0x01];
const GUARD: u8 = 0xee;
/// More than two blocks of the widest loop, at every alignment of a vector, at every phase.
const LENGTHS: Range<usize> = 0..330;
const ALIGNMENTS: Range<usize> = 0..64;

type Apply = fn([u8; 4], &mut [u8]);
type ApplyAscii = fn([u8; 4], &mut [u8]) -> bool;
type Shift = fn([u8; 4], &mut [u8], usize);
type Copy = fn([u8; 4], &[u8], &mut [MaybeUninit<u8>]);

/// Every path that this CPU can run, and the choice made among them.
struct Paths {
    apply: Vec<(&'static str, Apply)>,
    apply_ascii: Vec<(&'static str, ApplyAscii)>,
    shift: Vec<(&'static str, Shift)>,
    copy: Vec<(&'static str, Copy)>,
}

impl Paths {
    fn new() -> Self {
        let mut paths = Self {
            apply: vec![
                ("chosen", apply),
                ("portable", |key, payload| match payload.len() {
                    ..=SMALL => drop(kernels::small(key, payload)),
                    _ => kernels::large(key, payload),
                }),
            ],
            apply_ascii: vec![("chosen", apply_ascii), ("portable", kernels::in_order)],
            shift: vec![("chosen", shift), ("portable", kernels::shift::<64>)],
            copy: vec![
                ("chosen", copy),
                ("portable", |key, from, to| match from.len() {
                    ..=SMALL => kernels::small_copy(key, from, to),
                    _ => kernels::blocks_copy::<64>(key, from, to),
                }),
            ],
        };
        paths.detect();
        paths
    }

    #[cfg(not(all(target_arch = "x86_64", feature = "std")))]
    fn detect(&mut self) {}

    #[cfg(all(target_arch = "x86_64", feature = "std"))]
    fn detect(&mut self) {
        if std::arch::is_x86_feature_detected!("avx2") {
            self.apply.push(("avx2", |key, payload| match payload.len() {
                ..=SMALL => drop(kernels::small(key, payload)),
                // SAFETY: AVX2 was found above.
                _ => unsafe { avx2::apply(key, payload) },
            }));
            self.apply_ascii.push(("avx2", |key, payload| {
                // SAFETY: AVX2 was found above.
                unsafe { avx2::apply_ascii(key, payload) }
            }));
            self.shift.push(("avx2", |key, bytes, gap| {
                // SAFETY: AVX2 was found above.
                unsafe { avx2::shift(key, bytes, gap) }
            }));
            self.copy.push(("avx2", |key, from, to| match from.len() {
                ..=SMALL => kernels::small_copy(key, from, to),
                // SAFETY: AVX2 was found above.
                _ => unsafe { avx2::apply_copy(key, from, to) },
            }));
        }
        if std::arch::is_x86_feature_detected!("avx512f") {
            self.apply_ascii.push(("avx512", |key, payload| match payload.len() {
                ..64 => kernels::small(key, payload),
                // SAFETY: AVX-512F was found above.
                _ => unsafe { avx512::apply_ascii(key, payload) },
            }));
            self.apply.push(("avx512", |key, payload| match payload.len() {
                ..64 => drop(kernels::small(key, payload)),
                // SAFETY: AVX-512F was found above.
                _ => unsafe { avx512::apply(key, payload) },
            }));
            self.copy.push(("avx512", |key, from, to| match from.len() {
                ..64 => kernels::small_copy(key, from, to),
                // SAFETY: AVX-512F was found above.
                _ => unsafe { avx512::apply_copy(key, from, to) },
            }));
        }
    }
}

fn expected(key: [u8; 4], length: usize) -> (Vec<u8>, Vec<u8>) {
    let payload: Vec<u8> = (0..length).map(|i| (i * 7) as u8).collect();
    let mut masked = payload.clone();
    kernels::naive(key, &mut masked);
    (payload, masked)
}

/// Runs `mask` on every length at every alignment, between guards.
fn for_all(name: &str, mask: impl Fn([u8; 4], &[u8], &mut [u8])) {
    for length in LENGTHS {
        let key = MaskingKey(KEY).rotated(length).0;
        let (payload, masked) = expected(key, length);
        for alignment in ALIGNMENTS {
            let place = alignment..alignment + length;
            let mut buffer = vec![GUARD; alignment + length + 64];
            mask(key, &payload, &mut buffer[place.clone()]);
            assert_eq!(buffer[place.clone()], masked, "{name} {length} {alignment}");
            assert!(buffer[..alignment].iter().all(|&byte| byte == GUARD), "{name} {length}");
            assert!(buffer[place.end..].iter().all(|&byte| byte == GUARD), "{name} {length}");
        }
    }
}

#[test]
fn every_path_masks_as_section_5_3_says_and_touches_no_byte_beside() {
    let paths = Paths::new();
    for (name, apply) in paths.apply {
        for_all(name, |key, payload, to| {
            to.copy_from_slice(payload);
            apply(key, to);
        });
    }
    for (name, apply_ascii) in paths.apply_ascii {
        for_all(name, |key, payload, to| {
            to.copy_from_slice(payload);
            assert_eq!(apply_ascii(key, to), to.is_ascii(), "{name}");
        });
    }
    for (name, copy) in paths.copy {
        for_all(name, |key, payload, to| {
            let mut out: Vec<_> = to.iter().map(|&byte| MaybeUninit::new(byte)).collect();
            copy(key, payload, &mut out);
            for (to, out) in to.iter_mut().zip(out) {
                // SAFETY: it was initialised by the line that made it, if not by `copy`.
                *to = unsafe { out.assume_init() };
            }
        });
    }
}

#[test]
fn every_path_moves_what_it_masks_down_by_any_gap() {
    for (name, shift) in Paths::new().shift {
        for length in LENGTHS {
            let (payload, masked) = expected(KEY, length);
            for gap in [0, 1, 2, 3, 4, 6, 8, 14, 31, 63, 64, 65, 200] {
                let mut bytes = vec![GUARD; gap];
                bytes.extend_from_slice(&payload);
                shift(KEY, &mut bytes, gap);
                assert_eq!(bytes[..length], masked, "{name} {length} {gap}");
                assert_eq!(bytes.len(), gap + length);
            }
        }
    }
}

#[test]
fn every_path_sees_the_one_octet_that_is_not_ascii() {
    for (name, apply_ascii) in Paths::new().apply_ascii {
        for length in LENGTHS {
            let mut ascii = vec![b'a'; length];
            kernels::naive(KEY, &mut ascii);
            assert!(apply_ascii(KEY, &mut ascii.clone()), "{name} {length}");
            for at in 0..length {
                let mut payload = ascii.clone();
                payload[at] ^= 0x80;
                assert!(!apply_ascii(KEY, &mut payload), "{name} {length} {at}");
            }
        }
    }
}

#[test]
fn masking_while_copying_stops_at_the_shorter_side() {
    let (payload, masked) = expected(KEY, 100);
    for (from, to) in [(100, 37), (37, 100), (0, 5), (5, 0)] {
        let mut out = vec![MaybeUninit::uninit(); to];
        let written = apply_copy(KEY, &payload[..from], &mut out);
        assert_eq!(written, &masked[..from.min(to)]);
    }
}

#[cfg(all(target_arch = "x86_64", feature = "std"))]
#[test]
fn each_length_is_masked_by_the_widest_vectors_that_it_pays_for_and_this_build_may_use() {
    use cpu::tests::{level, path};
    let [below, widest] = match level() {
        "sse2" => ["baseline", "baseline"],
        "avx2" => ["avx2", "avx2"],
        _ => ["avx2", "avx512"],
    };
    for (length, expected) in [(64, "baseline"), (65, below), (256, below), (257, widest)] {
        let (payload, mut masked) = self::expected(KEY, length);
        assert_eq!(path(|| apply(KEY, &mut masked)), expected, "{length} in place");
        let mut out = vec![MaybeUninit::uninit(); length];
        let copied = match Vectors::looked() {
            vectors if expected == "avx512" && !vectors.whole_avx512() => "avx2",
            _ => expected,
        };
        assert_eq!(path(|| copy(KEY, &payload, &mut out)), copied, "{length} copied");
    }
    for (length, expected) in [(1, below), (64, below), (65, widest), (5000, widest)] {
        let (_, mut masked) = self::expected(KEY, length);
        assert_eq!(path(|| _ = apply_ascii(KEY, &mut masked)), expected, "{length}, ASCII");
    }
    assert_eq!(path(|| shift(KEY, &mut [0; 300], 7)), below);
}
