//! What a schedule is made of.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::ops::Range;
use std::time::Duration;

#[derive(Clone, Debug)]
pub(crate) enum Operation {
    /// Time passes for both ends.
    Time(Duration),
    At {
        end: usize,
        what: To,
    },
}

/// What one end does.
#[derive(Clone, Debug)]
pub(crate) enum To {
    Message {
        text: bool,
        octets: Vec<u8>,
    },
    Fragment {
        text: bool,
        last: bool,
        octets: Vec<u8>,
    },
    Ping(Vec<u8>),
    Close(Option<u16>),
    /// A write that takes that many bytes.
    Write(usize),
    /// A read of that many bytes, of which that many events are taken.
    Read {
        count: usize,
        events: usize,
    },
}

fn octets() -> impl Strategy<Value = Vec<u8>> {
    let text = vec(any::<char>(), 0..30).prop_map(|text| String::from_iter(text).into_bytes());
    prop_oneof![4 => text, 4 => vec(any::<u8>(), 0..140), 1 => vec(any::<u8>(), 300..400)]
}

fn counts() -> impl Strategy<Value = usize> {
    prop_oneof![2 => 0..8_usize, 4 => 8..200_usize, 2 => Just(usize::MAX)]
}

fn events() -> impl Strategy<Value = usize> {
    prop_oneof![1 => 0..3_usize, 3 => Just(usize::MAX)]
}

fn closes() -> impl Strategy<Value = Option<u16>> {
    proptest::option::weighted(0.8, select(&[1000_u16, 1001, 3000, 4999][..]))
}

/// `closing` is how often an end closes, of a thousand operations.
fn at_one_end(closing: u32) -> impl Strategy<Value = To> {
    let (text, last) = (any::<bool>(), any::<bool>());
    prop_oneof![
        closing => closes().prop_map(To::Close),
        120 => (text, octets()).prop_map(|(text, octets)| To::Message { text, octets }),
        120 => (text, last, octets())
            .prop_map(|(text, last, octets)| To::Fragment { text, last, octets }),
        80 => vec(any::<u8>(), 0..=125).prop_map(To::Ping),
        320 => counts().prop_map(To::Write),
        280 => (counts(), events()).prop_map(|(count, events)| To::Read { count, events }),
    ]
}

/// Up to 60 operations at both ends, with steps of time of so many milliseconds between them.
pub(crate) fn schedules(
    closing: u32,
    milliseconds: Range<u64>,
) -> impl Strategy<Value = Vec<Operation>> {
    let time = milliseconds.prop_map(|step| Operation::Time(Duration::from_millis(step)));
    let at = (0..2_usize, at_one_end(closing)).prop_map(|(end, what)| Operation::At { end, what });
    vec(prop_oneof![1 => time, 9 => at], 0..60)
}
