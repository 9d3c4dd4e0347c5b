//! The marks of a send buffer: positions of control frames, and progress of the transport.

use super::SendBuffer;
use bytes::Buf;

/// The number of bytes that have to leave until a control frame is on the wire; 0 if it is, or if
/// there is none.
pub(super) struct Marks {
    pub(super) ping: usize,
    pub(super) close: usize,
    pub(super) pongs: usize,
    /// The number of bytes of pongs up to that mark.
    pub(super) pongs_length: usize,
    /// The progress since the connection last asked.
    progress: Progress,
    /// Whether the transport took only a part of a chunk, so that it was full. The bytes that it
    /// takes next show that the peer reads.
    full: bool,
    /// The time at which the connection first saw that: nanoseconds on its clock.
    full_since: Option<u64>,
}

/// The progress of the output since a connection last asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Progress {
    /// No byte was written.
    #[default]
    None,
    /// Bytes were written to a transport that may still hold them.
    Written,
    /// Bytes were written after the transport had been full, so the peer made room for them.
    Taken,
}

impl Marks {
    pub(super) const NONE: Self = Self {
        ping: 0,
        close: 0,
        pongs: 0,
        pongs_length: 0,
        progress: Progress::None,
        full: false,
        full_since: None,
    };

    /// Returns whether no frame is marked, and the transport was not full.
    pub(super) const fn is_none(&self) -> bool {
        self.ping | self.close | self.pongs | self.pongs_length == 0 && !self.full
    }

    /// Notes that `count` bytes have left.
    pub(super) fn pass(&mut self, count: usize) {
        self.ping = self.ping.saturating_sub(count);
        self.close = self.close.saturating_sub(count);
        self.pongs = self.pongs.saturating_sub(count);
    }
}

/// The queries of a connection.
impl SendBuffer {
    pub(crate) const fn is_ping_waiting(&self) -> bool {
        self.marks.ping > 0
    }

    pub(crate) const fn is_close_waiting(&self) -> bool {
        self.marks.close > 0
    }

    /// Notes that `count` bytes of a chunk of `of_chunk` bytes were written. The chunk may be a
    /// borrowed payload.
    pub(in crate::codec) fn note_progress(&mut self, count: usize, of_chunk: usize) {
        let Marks { progress, full, .. } = &mut self.marks;
        match *full {
            true if count > 0 => *progress = Progress::Taken,
            false if count > 0 => *progress = Progress::Written.max(*progress),
            _ => {}
        }
        *full |= count < of_chunk;
        self.is_plain &= !*full;
    }

    /// Notes that all bytes were written, while the buffer [is plain](Self::is_plain). The
    /// transport was not full, so the progress cannot be [`Progress::Taken`].
    #[inline(always)]
    pub(in crate::codec) const fn note_all_written(&mut self) {
        self.marks.progress = Progress::Written;
    }

    /// Returns the progress since the last call. If the transport had been full and no longer is,
    /// it also returns for how long, in nanoseconds up to `now`.
    pub(crate) fn take_progress(&mut self, now: u64) -> (Progress, u64) {
        let progress = core::mem::take(&mut self.marks.progress);
        if self.remaining() > 0 {
            if self.marks.full {
                self.marks.full_since.get_or_insert(now);
            }
            return (progress, 0);
        }
        self.marks.full = false;
        self.look();
        (progress, self.marks.full_since.take().map_or(0, |since| now.saturating_sub(since)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transport_that_was_full_is_looked_after_until_the_connection_asked() {
        let mut out = SendBuffer::new();
        out.frames().extend_from_slice(b"abc");
        out.advance(1);
        assert_eq!((out.is_plain(), out.take_progress(5)), (false, (Progress::Written, 0)));
        out.advance(2);
        assert_eq!((out.is_plain(), out.take_progress(7)), (false, (Progress::Taken, 2)));
        assert!(out.is_idle());
        out.frames().extend_from_slice(b"abc");
        out.advance(3);
        assert_eq!((out.is_idle(), out.take_progress(9)), (true, (Progress::Written, 0)));
        out.advance(usize::MAX); // nothing leaves of nothing
        assert_eq!(out.take_progress(9), (Progress::None, 0));
    }
}
