//! What a send buffer knows of the bytes that left it.

use super::SendBuffer;
use bytes::Buf;

/// How many bytes have to leave until something is on the wire; 0 if it is, or is not waited for.
pub(super) struct Marks {
    pub(super) ping: usize,
    pub(super) close: usize,
    pub(super) pongs: usize,
    /// How many bytes of pongs there are up to that mark.
    pub(super) pongs_length: usize,
    /// What left since the connection last asked.
    progress: Progress,
    /// The transport took a part of a chunk: it was full. What it takes next shows that the peer
    /// reads.
    full: bool,
    /// When the connection first saw that: nanoseconds on its clock.
    full_since: Option<u64>,
}

/// What became of the output since a connection last asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Progress {
    /// Nothing left.
    #[default]
    None,
    /// Bytes left, into a transport that may hold them.
    Written,
    /// Bytes left after the transport had been full, so the peer made room for them.
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

    /// Whether nobody asks for anything that waits, and the transport was not full.
    pub(super) const fn is_none(&self) -> bool {
        self.ping | self.close | self.pongs | self.pongs_length == 0 && !self.full
    }

    /// Notes that `count` bytes left.
    pub(super) fn pass(&mut self, count: usize) {
        self.ping = self.ping.saturating_sub(count);
        self.close = self.close.saturating_sub(count);
        self.pongs = self.pongs.saturating_sub(count);
    }
}

/// What a connection reads of its output.
impl SendBuffer {
    pub(crate) const fn is_ping_waiting(&self) -> bool {
        self.marks.ping > 0
    }

    pub(crate) const fn is_close_waiting(&self) -> bool {
        self.marks.close > 0
    }

    /// Notes that `count` bytes left of a chunk of so many, which may never have been in the buffer.
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

    /// Notes that bytes left, while this [is plain](Self::is_plain): the transport was not full, so it
    /// cannot have taken any behind that.
    #[inline(always)]
    pub(in crate::codec) const fn note_all_written(&mut self) {
        self.marks.progress = Progress::Written;
    }

    /// What left since this was last asked, and how long, up to `now`, the transport had been full
    /// if that is over.
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
