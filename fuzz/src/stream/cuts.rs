//! Where a stream is cut into reads.

/// Lengths of reads, the same for the same seed: mostly a few bytes, sometimes many.
#[derive(Clone)]
pub(crate) enum Cuts {
    /// All at once.
    None,
    /// This many bytes each.
    Every(usize),
    Drawn(u64),
}

impl Cuts {
    pub(crate) fn drawn(seed: u8) -> Self {
        Self::Drawn(u64::from(seed))
    }

    /// Returns the length of the next read.
    pub(crate) fn next(&mut self) -> usize {
        match self {
            Self::None => usize::MAX,
            Self::Every(count) => *count,
            Self::Drawn(state) => {
                *state =
                    state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
                let bits = (*state >> 33) as usize;
                match bits % 8 {
                    0..=3 => 1 + bits / 8 % 8,
                    4..=6 => 1 + bits / 8 % 64,
                    _ => 1 + bits / 8 % 2048,
                }
            }
        }
    }

    /// Cuts `bytes` into pieces.
    pub(crate) fn pieces(mut self, bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
        let mut rest = bytes;
        core::iter::from_fn(move || {
            let (piece, after) = rest.split_at(self.next().min(rest.len()));
            rest = after;
            (!piece.is_empty()).then_some(piece)
        })
    }

    /// Returns how many bytes have arrived after each read; after the last, all of them.
    pub(crate) fn lengths(self, length: usize) -> impl Iterator<Item = usize> {
        let mut there = 0;
        let mut cuts = self;
        let mut done = false;
        core::iter::from_fn(move || {
            if done {
                return None;
            }
            there = cuts.next().saturating_add(there).min(length);
            done = there == length;
            Some(there)
        })
    }
}
