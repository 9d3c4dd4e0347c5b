//! Room at the end of a message for the output of an engine.

use super::counted;
use alloc::vec::Vec;

/// A message that grows.
///
/// Engines write into initialised bytes, so room is filled with zeros first. The zeros are written
/// once: the next step uses the room that one step leaves over, and the rest is cut off at the end.
pub(super) struct Output<'out> {
    bytes: &'out mut Vec<u8>,
    filled: usize,
}

impl<'out> Output<'out> {
    pub(super) fn new(bytes: &'out mut Vec<u8>) -> Self {
        let filled = bytes.len();
        Self { bytes, filled }
    }

    /// The length of the message so far.
    pub(super) fn len(&self) -> usize {
        self.filled
    }

    /// Returns `length` bytes to write into.
    pub(super) fn room(&mut self, length: usize) -> &mut [u8] {
        let end = self.filled + length;
        if self.bytes.len() < end {
            counted::zeros(end - self.bytes.len());
            self.bytes.resize(end, 0);
        }
        &mut self.bytes[self.filled..end]
    }

    /// Notes that `length` bytes of the room were written.
    pub(super) fn fill(&mut self, length: usize) {
        self.filled += length;
    }

    /// Appends bytes, over the room that is there and beyond it.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let room = &mut self.bytes[self.filled..];
        let (over, behind) = bytes.split_at(bytes.len().min(room.len()));
        room[..over.len()].copy_from_slice(over);
        self.bytes.extend_from_slice(behind);
        self.filled += bytes.len();
    }

    /// Returns everything appended since the message had this length.
    pub(super) fn since(&self, length: usize) -> &[u8] {
        &self.bytes[length..self.filled]
    }
}

impl Drop for Output<'_> {
    fn drop(&mut self) {
        self.bytes.truncate(self.filled);
    }
}
