//! CPU detection: the vectors that the CPU has and that this build may use.
//!
//! A build uses the best vectors that the CPU has. To test and measure the other paths on the same
//! CPU, a build can be limited: `RUSTFLAGS='--cfg patchcord_path="avx2"'`. The values, in the order
//! of detection:
//!
//! | `patchcord_path` | masking | text validation |
//! |---|---|---|
//! | `sse2` | the vectors of the baseline | the standard library, as simdutf8 does on such a CPU |
//! | `avx2` | also vectors of 32 bytes | simdutf8, also with 32 bytes |
//! | `avx512` | also vectors of 64 bytes | the same |
//! | `avx512vbmi`, or unset | the same | also vectors of 64 bytes: `payload/wide.rs` |
//!
//! No build uses vectors that the CPU lacks: each function here is the proof that its vectors may
//! be used.

use core::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::arch::is_x86_feature_detected;

/// The vectors of the CPU: unknown until the first [`look`](Self::look).
///
/// The standard library's macro detects them on demand, so every function that uses it saves six
/// registers for that call. Here the result is a byte, and the detection a call in tail position,
/// for which no register is saved.
#[derive(Clone, Copy)]
pub(crate) struct Vectors(u8);

static KNOWN: AtomicU8 = AtomicU8::new(0);

impl Vectors {
    const LOOKED: u8 = 1;
    const AVX2: u8 = 1 << 1;
    const AVX512: u8 = 1 << 2;
    const HALVES: u8 = 1 << 3;

    #[inline(always)]
    pub(crate) fn known() -> Self {
        Self(KNOWN.load(Relaxed))
    }

    #[inline(always)]
    pub(crate) const fn are_known(self) -> bool {
        self.0 & Self::LOOKED != 0
    }

    #[inline(always)]
    pub(crate) const fn avx2(self) -> bool {
        self.0 & Self::AVX2 != 0
    }

    #[inline(always)]
    pub(crate) const fn avx512(self) -> bool {
        self.0 & Self::AVX512 != 0
    }

    /// Returns whether the CPU has AVX-512 and stores 64 bytes at once; Zen 4 stores two halves.
    #[inline(always)]
    pub(crate) const fn whole_avx512(self) -> bool {
        self.0 & (Self::AVX512 | Self::HALVES) == Self::AVX512
    }

    /// Returns the vectors, and looks first if they are unknown.
    #[inline(always)]
    pub(crate) fn looked() -> Self {
        let known = Self::known();
        if known.are_known() {
            return known;
        }
        Self::look();
        Self::known()
    }

    /// Detects the vectors for all threads. Several may do so at once: all store the same value.
    #[cold]
    pub(crate) fn look() {
        let up_to_avx2 = cfg!(patchcord_path = "avx2");
        let has_avx2 = !cfg!(patchcord_path = "sse2") && is_x86_feature_detected!("avx2");
        let has_avx512 = has_avx2 && !up_to_avx2 && is_x86_feature_detected!("avx512f");
        // Only AMD has SSE4a; and of AMD's CPUs with AVX-512, only Zen 4 lacks `vp2intersect`.
        let has_halves =
            is_x86_feature_detected!("sse4a") && !is_x86_feature_detected!("avx512vp2intersect");
        let all = [(has_avx2, Self::AVX2), (has_avx512, Self::AVX512), (has_halves, Self::HALVES)];
        let found = all.into_iter().filter(|(has, _)| *has).fold(0, |bits, (_, bit)| bits | bit);
        KNOWN.store(Self::LOOKED | found, Relaxed);
    }
}

/// Also requires AVX-512 BW, which every CPU with VBMI has, although some hypervisors hide it.
#[inline(always)]
pub(crate) fn has_vbmi() -> bool {
    let stops_before =
        cfg!(any(patchcord_path = "sse2", patchcord_path = "avx2", patchcord_path = "avx512"));
    !stops_before && is_x86_feature_detected!("avx512vbmi") && is_x86_feature_detected!("avx512bw")
}

/// Notes the path taken, so that tests can see which one ran. Called by the code for each set of
/// vectors.
#[cfg(not(test))]
#[inline(always)]
pub(crate) const fn taken(_path: &'static str) {}

#[cfg(test)]
pub(crate) fn taken(path: &'static str) {
    tests::TAKEN.set(path);
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::cell::Cell;

    std::thread_local! {
        pub(super) static TAKEN: Cell<&'static str> = const { Cell::new("") };
    }

    /// Returns the path that an operation takes.
    pub(crate) fn path(operation: impl FnOnce()) -> &'static str {
        TAKEN.set("baseline");
        operation();
        TAKEN.get()
    }

    /// Returns the path that this build may use. If the build was limited to a path, the CPU must
    /// support it. The functions above are not used here, since this is what tests compare them
    /// with.
    pub(crate) fn level() -> &'static str {
        let levels = [
            ("sse2", true),
            ("avx2", is_x86_feature_detected!("avx2")),
            ("avx512", is_x86_feature_detected!("avx512f")),
            ("avx512vbmi", is_x86_feature_detected!("avx512vbmi")),
        ];
        let told = match () {
            () if cfg!(patchcord_path = "sse2") => Some(0),
            () if cfg!(patchcord_path = "avx2") => Some(1),
            () if cfg!(patchcord_path = "avx512") => Some(2),
            () if cfg!(patchcord_path = "avx512vbmi") => Some(3),
            () => None,
        };
        let has = levels.iter().rposition(|(_, has)| *has).unwrap();
        assert!(told.unwrap_or(0) <= has, "this CPU does not have what the build was told to use");
        levels[told.unwrap_or(has)].0
    }
}
