//! The LZ77 sliding window: its size, and the plaintext in it.

use alloc::collections::VecDeque;
use core::fmt;

/// The base-2 logarithm of the size in bytes of an LZ77 sliding window, 8 to 15 (RFC 7692
/// section 7.1.2).
#[doc(alias("server_max_window_bits", "client_max_window_bits"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WindowBits(u8);

impl WindowBits {
    /// 256 bytes. A peer may ask for it; it can be inflated with, but not compressed with.
    pub const MIN: Self = Self(8);

    /// 32 KiB, which applies when nothing else was agreed.
    pub const MAX: Self = Self(15);

    /// Checks a number; `None` if it is not from 8 to 15.
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

    /// Returns the number as it is written in a handshake.
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

/// The last bytes of the plaintext of one direction, which are given to a borrowed engine before a
/// message.
///
/// It grows with what was sent, up to exactly `size` bytes. It is a ring, because plaintext may
/// arrive byte by byte: moving the other bytes each time would take 700 ns per byte with a window
/// of 32 KiB.
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

    /// Returns the byte at this distance from the end, 1 for the last byte.
    pub(super) fn back(&self, distance: usize) -> u8 {
        self.bytes[self.bytes.len() - distance]
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
    }

    /// Appends plaintext, and keeps only the last `size` bytes.
    pub(super) fn push(&mut self, plain: &[u8], size: usize) {
        // Nothing before the last `size` bytes can be referred to.
        let plain = end(plain, size);
        let kept = self.bytes.len().min(size - plain.len());
        let old = self.bytes.len() - kept;
        self.bytes.drain(..old);
        self.grow(kept + plain.len(), size);
        self.bytes.extend(plain);
    }

    /// Makes room for `needed` bytes. The capacity doubles, so that growing stays cheap, but never
    /// exceeds `size`.
    fn grow(&mut self, needed: usize, size: usize) {
        if self.bytes.capacity() < needed {
            let capacity = needed.max(size.min(self.bytes.capacity() * 2));
            self.bytes.reserve_exact(capacity - self.bytes.len());
        }
    }
}

// Plaintext must not end up in a log.
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
