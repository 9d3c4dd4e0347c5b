//! Control frames on their way out: marked, since a connection asks how far they are.

use super::SendBuffer;
use crate::codec::SendError;
use alloc::vec::Vec;
use bytes::Buf;

/// The most bytes of pongs that wait before a further one takes the place of the latest: some
/// thirty of the largest, and hundreds of empty ones. RFC 6455 section 5.5.3 lets an endpoint
/// answer the latest ping only, so a peer that does not read cannot make this grow.
pub(super) const MAX_PONGS: usize = 4096;

/// What appends one frame, or nothing if it fails.
pub(crate) trait Encode: FnOnce(&mut Vec<u8>) -> Result<(), SendError> {}
impl<F: FnOnce(&mut Vec<u8>) -> Result<(), SendError>> Encode for F {}

impl SendBuffer {
    /// Appends a ping; [`is_ping_waiting`](Self::is_ping_waiting) until its last byte left.
    pub(crate) fn put_ping(&mut self, encode: impl Encode) -> Result<(), SendError> {
        self.is_plain = false;
        encode(&mut self.bytes)?;
        self.marks.ping = self.remaining();
        Ok(())
    }

    /// Appends a pong, or lets it take the place of the latest if too many wait.
    pub(crate) fn put_pong(&mut self, encode: impl Encode) -> Result<(), SendError> {
        self.is_plain = false;
        if self.marks.pongs_length >= MAX_PONGS {
            let before = self.late_pong.len();
            encode(&mut self.late_pong)?;
            self.late_pong.drain(..before); // last, since the caller's source of keys can panic
            return Ok(());
        }
        let before = self.bytes.len();
        encode(&mut self.bytes)?;
        self.marks.pongs_length += self.bytes.len() - before;
        self.marks.pongs = self.remaining();
        Ok(())
    }

    /// Appends a Close; [`is_close_waiting`](Self::is_close_waiting) until its last byte left.
    pub(crate) fn put_close(&mut self, encode: impl Encode) -> Result<(), SendError> {
        self.is_plain = false;
        // Behind the pong that waits apart: neither leaves if the Close is refused, or not masked.
        encode(&mut self.late_pong)?;
        self.bytes.append(&mut self.late_pong);
        self.late_pong = Vec::new();
        self.marks.close = self.remaining();
        Ok(())
    }

    /// Appends the latest pong if all others left: never while a frame is on its way whose payload
    /// is not in the buffer, or it would come into the middle of that.
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
