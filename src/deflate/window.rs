//! The LZ77 sliding window: its size, and the plaintext that stands in it.

use alloc::collections::VecDeque;
use core::fmt;

/// The base-2 logarithm of the size in bytes of an LZ77 sliding window, 8 to 15 (RFC 7692
/// section 7.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WindowBits(u8);

impl WindowBits {
    /// 256 bytes: what a peer may ask for, and what can be inflated but not compressed with.
    pub const MIN: Self = Self(8);

    /// 32 KiB, which holds where nothing else was agreed.
    pub const MAX: Self = Self(15);

    /// The window of 2^`bits` bytes, if there is one.
    ///
    /// ```
    /// use patchcord::deflate::WindowBits;
    ///
    /// assert_eq!(WindowBits::new(11).map(WindowBits::size), Some(2048));
    /// assert_eq!(WindowBits::new(7), None);
    /// ```
    #[must_use]
    pub const fn new(bits: u8) -> Option<Self> {
        if bits >= Self::MIN.0 && bits <= Self::MAX.0 { Some(Self(bits)) } else { None }
    }

    /// The base-2 logarithm.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The size in bytes.
    #[must_use]
    pub const fn size(self) -> usize {
        1 << self.0
    }

    /// The number as it is written in a handshake.
    #[must_use]
    pub(crate) const fn as_str(self) -> &'static str {
        match self.0 {
            8 => "8",
            9 => "9",
            10 => "10",
            11 => "11",
            12 => "12",
            13 => "13",
            14 => "14",
            _ => "15",
        }
    }
}

impl fmt::Display for WindowBits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The last bytes of a direction's plaintext: what a borrowed engine is told before a message.
///
/// Memory grows with what was sent, up to `size` bytes and not one more. It is a ring, since what
/// comes may come byte by byte: to move the others each time would cost 700 ns for a byte, with
/// 32 KiB.
#[derive(Default)]
pub(super) struct Window {
    bytes: VecDeque<u8>,
}

impl Window {
    /// The bytes in order, in two parts.
    pub(super) fn parts(&self) -> [&[u8]; 2] {
        self.bytes.as_slices().into()
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The byte that is so far back, 1 for the last.
    pub(super) fn back(&self, distance: usize) -> u8 {
        self.bytes[self.bytes.len() - distance]
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
    }

    /// Appends plaintext, and keeps the last `size` bytes.
    pub(super) fn push(&mut self, plain: &[u8], size: usize) {
        let plain = end(plain, size);
        let kept = self.bytes.len().min(size - plain.len());
        let old = self.bytes.len() - kept;
        self.bytes.drain(..old);
        self.grow(kept + plain.len(), size);
        self.bytes.extend(plain);
    }

    /// Makes room for `needed` bytes: doubling, so that growing stays cheap, but never past `size`.
    fn grow(&mut self, needed: usize, size: usize) {
        if self.bytes.capacity() < needed {
            let capacity = needed.max(size.min(self.bytes.capacity() * 2));
            self.bytes.reserve_exact(capacity - self.bytes.len());
        }
    }
}

// Plaintext belongs in no log.
impl fmt::Debug for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Window({} bytes)", self.bytes.len())
    }
}

/// The last `length` bytes, or all if there are fewer.
fn end(bytes: &[u8], length: usize) -> &[u8] {
    &bytes[bytes.len().saturating_sub(length)..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn the_window_is_the_end_of_all_that_was_pushed_whatever_the_pieces() {
        for size in [1, 7, 8, 250] {
            for piece in [1, 3, 8, 9, 100, 251, 600] {
                let all: Vec<u8> = (0..1000_u16).map(|i| i as u8).collect();
                let mut window = Window::default();
                for (i, part) in all.chunks(piece).enumerate() {
                    window.push(part, size);
                    let end = all.len().min((i + 1) * piece);
                    assert_eq!(window.parts().concat(), &all[end.saturating_sub(size)..end]);
                    assert!(window.bytes.capacity() <= size);
                }
            }
        }
    }
}
