//! Control frames to write. They are marked, since a connection asks whether they have left.

use super::SendBuffer;
use crate::codec::SendError;
use alloc::vec::Vec;
use bytes::Buf;

/// The bytes of waiting pongs from which on a new pong replaces the latest: some thirty of the
/// largest, or hundreds of empty ones. RFC 6455 section 5.5.3 lets an endpoint answer only the
/// latest ping, so a peer that does not read cannot make the buffer grow.
pub(super) const MAX_PONGS: usize = 4096;

/// A function that appends one frame, or nothing if it fails.
pub(crate) trait Encode: FnOnce(&mut Vec<u8>) -> Result<(), SendError> {}
impl<F: FnOnce(&mut Vec<u8>) -> Result<(), SendError>> Encode for F {}

impl SendBuffer {
    /// Appends a ping; [`is_ping_waiting`](Self::is_ping_waiting) until its last byte has left.
    pub(crate) fn put_ping(&mut self, encode: impl Encode) -> Result<(), SendError> {
        self.is_plain = false;
        encode(&mut self.bytes)?;
        self.marks.ping = self.remaining();
        Ok(())
    }

    /// Appends a pong, or replaces the latest if too many wait.
    pub(crate) fn put_pong(&mut self, encode: impl Encode) -> Result<(), SendError> {
        self.is_plain = false;
        if self.marks.pongs_length >= MAX_PONGS {
            let before = self.late_pong.len();
            encode(&mut self.late_pong)?;
            self.late_pong.drain(..before); // last, since the caller's entropy source can panic
            return Ok(());
        }
        let before = self.bytes.len();
        encode(&mut self.bytes)?;
        self.marks.pongs_length += self.bytes.len() - before;
        self.marks.pongs = self.remaining();
        Ok(())
    }

    /// Appends a Close; [`is_close_waiting`](Self::is_close_waiting) until its last byte has left.
    pub(crate) fn put_close(&mut self, encode: impl Encode) -> Result<(), SendError> {
        self.is_plain = false;
        // Encode behind the late pong first: if the Close is refused or its masking panics, no pong
        // has moved.
        encode(&mut self.late_pong)?;
        self.bytes.append(&mut self.late_pong);
        self.late_pong = Vec::new();
        self.marks.close = self.remaining();
        Ok(())
    }

    /// Appends the latest pong if all others have left. Never call it while a borrowed frame is
    /// being written: the pong would go into the middle of that frame.
    pub(in crate::codec) fn release_late_pong(&mut self) {
        if self.marks.pongs > 0 {
            return;
        }
        self.marks.pongs_length = self.late_pong.len();
        if self.marks.pongs_length > 0 {
            self.bytes.append(&mut self.late_pong);
            self.late_pong = Vec::new();
            self.marks.pongs = self.remaining();
        }
    }
}
