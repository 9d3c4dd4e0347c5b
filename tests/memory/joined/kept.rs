//! What a receive buffer keeps once the message that it held was delivered.

use crate::common::{BOTH, Side, octets};
use allocation_counter::measure;
use patchcord::{Decoder, Delivery, Event, Limits, ReceiveBuffer};
use proptest::prelude::*;

/// The room of a default buffer, and what is known of a message for the next.
const SIZE: i64 = Limits::WHOLE_FRAME as i64 + 14 + 139;
const SMALL: i64 = 200;

/// A connection with a buffer of its own, and how many bytes the two have on the heap.
struct Own {
    side: Side,
    decoder: Decoder,
    buffer: ReceiveBuffer,
    heap: i64,
}

impl Own {
    fn new(side: Side) -> Self {
        let decoder = side.decoder(Limits::default(), Delivery::Messages);
        Self { side, decoder, buffer: ReceiveBuffer::default(), heap: 0 }
    }

    /// Receives one frame by reads of at most `step` bytes, and asks for space as before the next
    /// read; returns what is on the heap then, and how often it was asked for more.
    fn hear(&mut self, first: u8, payload: &[u8], step: usize) -> (i64, u64) {
        let frame = self.side.frame(first, payload);
        let mut later = &frame[..];
        let info = measure(|| {
            let mut heard = 0;
            while !later.is_empty() {
                let space = self.buffer.space();
                let (read, rest) = later.split_at(step.min(space.len()).min(later.len()));
                space[..read.len()].copy_from_slice(read);
                self.buffer.filled(read.len());
                later = rest;
                let mut input = self.buffer.unconsumed();
                while let Some(event) = self.decoder.decode(&mut input).unwrap() {
                    let (Event::Binary(octets) | Event::Pong(octets)) = event else { panic!() };
                    assert!(*octets == *payload);
                    heard += 1;
                }
            }
            assert_eq!(heard, 1);
            for _ in 0..3 {
                let _ = self.buffer.space(); // as often as a driver asks
            }
        });
        self.heap += info.bytes_current;
        (self.heap, info.count_total)
    }
}

#[test]
fn one_long_message_is_forgotten_at_once_and_a_second_with_the_next_pong() {
    let long = octets(8 << 20);
    let mut own = Own::new(Side::Client);
    for _ in 0..2 {
        assert!(own.hear(0x82, &long, usize::MAX).0 <= 2 * SIZE + SMALL, "forgotten");
        assert!(own.hear(0x82, &long, usize::MAX).0 <= 4 * long.len() as i64, "kept for a third");
        assert!(own.hear(0x8a, b"", 1).0 <= 2 * SIZE + SMALL, "forgotten");
    }
}

#[test]
fn long_messages_that_follow_one_another_need_no_memory_after_the_second() {
    for side in BOTH {
        for length in [10_000, 16_385, 40_000, 300_000] {
            for step in [1460, usize::MAX] {
                let mut own = Own::new(side);
                let long = octets(length);
                own.hear(0x82, &long, step);
                own.hear(0x82, &long, step);
                for _ in 0..5 {
                    let (_, allocations) = own.hear(0x82, &long, step);
                    assert_eq!(allocations, 0, "{length} in steps of {step}");
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// So nobody can make a connection hold much who does not send as much again and again.
    #[test]
    fn what_is_kept_is_four_times_the_lesser_of_two_messages_at_most(
        server in any::<bool>(),
        lengths in proptest::collection::vec(
            prop_oneof![0..200_usize, 10_000..40_000_usize, 40_000..400_000_usize], 1..12),
        step in prop_oneof![Just(1460_usize), Just(70_000), Just(usize::MAX)],
    ) {
        let mut own = Own::new(if server { Side::Server } else { Side::Client });
        let mut before = 0;
        for length in lengths {
            let (kept, _) = own.hear(0x82, &octets(length), step);
            let twice = before.min(length) as i64 + 14;
            let most = (2 * SIZE).max(4 * twice) + SMALL;
            prop_assert!(kept <= most, "{kept} after {before} and {length}");
            before = length;
        }
    }
}
