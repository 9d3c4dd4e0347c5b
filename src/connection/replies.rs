//! Control frames that wait for the transport: at most one of each kind, and one that is begun.
//!
//! ```text
//! wire   | rest of a frame that is partly written | ping | pong | close |
//!          begun bytes                              slots[0..3] bytes
//! ```
//! RFC 6455 section 5.5.3: only the latest ping is owed a pong, so a new pong takes the old
//! one's place, and this holds at most four control frames whatever the peer sends.

use alloc::vec::Vec;
use core::fmt;

#[derive(Default)]
pub(super) struct Replies {
    wire: Vec<u8>,
    begun: u8,
    slots: [u8; 3],
}

/// Without the bytes: a client's frames have their masking keys in them, so what they hide is there too.
impl fmt::Debug for Replies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Replies({} bytes)", self.wire.len())
    }
}

#[derive(Clone, Copy)]
pub(super) enum Slot {
    Ping = 0,
    Pong = 1,
    Close = 2,
}

impl Replies {
    /// Lets `encode` append a frame, which takes the place of the one that waits in this slot;
    /// if it fails, nothing changes.
    pub(super) fn set<E>(
        &mut self,
        slot: Slot,
        encode: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<(), E> {
        let slot = slot as usize;
        let before = self.slots[..slot].iter().copied().map(usize::from).sum::<usize>();
        let start = usize::from(self.begun) + before;
        let end = self.wire.len();
        encode(&mut self.wire)?;
        let length = self.wire.len() - end;
        self.wire[start..].rotate_right(length);
        self.wire.drain(start + length..start + length + usize::from(self.slots[slot]));
        self.slots[slot] = length as u8; // a control frame has 131 bytes at most
        Ok(())
    }

    pub(super) fn pending(&self) -> &[u8] {
        &self.wire
    }

    /// Drops the first `count` bytes; a frame that is cut there can no more be replaced.
    pub(super) fn sent(&mut self, count: usize) {
        let mut count = count.min(self.wire.len());
        self.wire.drain(..count);
        let used = count.min(self.begun.into());
        self.begun -= used as u8;
        count -= used;
        for slot in &mut self.slots {
            let used = count.min((*slot).into());
            count -= used;
            if used > 0 {
                self.begun += *slot - used as u8;
                *slot = 0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(replies: &mut Replies, slot: Slot, frame: &[u8]) {
        let append = |wire: &mut Vec<u8>| {
            wire.extend_from_slice(frame);
            Ok::<(), ()>(())
        };
        replies.set(slot, append).unwrap();
    }

    #[test]
    fn a_newer_pong_replaces_the_one_that_waits() {
        let mut replies = Replies::default();
        set(&mut replies, Slot::Pong, b"old");
        set(&mut replies, Slot::Ping, b"PING");
        set(&mut replies, Slot::Close, b"end");
        set(&mut replies, Slot::Pong, b"newer");
        assert_eq!(replies.pending(), b"PINGnewerend");
    }

    #[test]
    fn a_frame_that_is_partly_written_is_finished_first() {
        for written in 1..3 {
            let mut replies = Replies::default();
            set(&mut replies, Slot::Pong, b"old");
            replies.sent(written);
            set(&mut replies, Slot::Pong, b"newer");
            set(&mut replies, Slot::Ping, b"PING");
            let expected = [&b"old"[written..], b"PING", b"newer"].concat();
            assert_eq!(replies.pending(), expected);
        }
    }

    #[test]
    fn four_frames_of_the_greatest_size_are_held() {
        let mut replies = Replies::default();
        let frame = |kind| [kind; 131];
        set(&mut replies, Slot::Pong, &frame(0));
        replies.sent(1);
        set(&mut replies, Slot::Pong, &frame(2));
        set(&mut replies, Slot::Close, &frame(3));
        set(&mut replies, Slot::Ping, &frame(1));
        let expected = [&frame(0)[1..], &frame(1), &frame(2), &frame(3)].concat();
        assert_eq!(replies.pending(), expected);
    }

    #[test]
    fn any_sequence_of_short_writes_sends_the_same_bytes() {
        for step in 1..8 {
            let mut replies = Replies::default();
            set(&mut replies, Slot::Close, b"close");
            set(&mut replies, Slot::Ping, b"ping");
            set(&mut replies, Slot::Pong, b"pong!");
            let mut written = Vec::new();
            while !replies.pending().is_empty() {
                let count = step.min(replies.pending().len());
                written.extend_from_slice(&replies.pending()[..count]);
                replies.sent(count);
            }
            assert_eq!(written, b"pingpong!close");
        }
    }
}
