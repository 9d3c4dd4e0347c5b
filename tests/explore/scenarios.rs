//! What is explored: each has few verbs, so that all that can come of them is seen.

use super::connected::Verb::{self, *};
use super::world::Trouble::{self, *};
use super::world::{Cuts, Scenario};
use patchcord::{Delivery, Timeouts};
use std::time::Duration;

const fn seconds(count: u64) -> Option<Duration> {
    Some(Duration::from_secs(count))
}

const NONE: Timeouts =
    Timeouts { opening: None, ping_interval: None, pong: None, close: None, write: None };
/// Without pings.
const CLOSING: Timeouts = Timeouts { close: seconds(2), write: seconds(3), ..NONE };
const ALL: Timeouts = Timeouts { ping_interval: seconds(3), pong: seconds(2), ..CLOSING };

const EVERY_TROUBLE: &[Trouble] = &[HalfClose, Loss, Reset, Illegal, Pause];
const CLOSES: &[(Verb, u8)] = &[(Close, 1)];

const PLAIN: Scenario = Scenario {
    name: "",
    client: CLOSES,
    server: CLOSES,
    delivery: Delivery::Messages,
    timeouts: NONE,
    trouble: &[],
    cuts: Cuts::Everywhere,
    quick: 4,
    deep: 100,
};

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario { name: "two Closes", quick: 9, ..PLAIN },
    Scenario {
        name: "Closes with a code or without, a half-close, a reset, an illegal byte",
        client: &[(Close, 1), (CloseWithout, 1)],
        server: &[(Close, 1), (CloseWithout, 1)],
        trouble: &[HalfClose, Reset, Illegal],
        quick: 5,
        deep: 12,
        ..PLAIN
    },
    Scenario {
        name: "messages, pings",
        client: &[(Send, 1), (Ping, 1), (Close, 1)],
        server: &[(InPlace, 1), (Ping, 1), (Close, 1)],
        quick: 5,
        deep: 10,
        ..PLAIN
    },
    Scenario {
        name: "fragments with a ping between, a half-close",
        client: &[(First, 1), (More, 1), (Last, 1), (Close, 1)],
        server: &[(Ping, 1), (Close, 1)],
        delivery: Delivery::Fragments,
        trouble: &[HalfClose],
        quick: 5,
        deep: 10,
        ..PLAIN
    },
    Scenario {
        name: "borrowed and prepared messages, a ping",
        client: &[(Ping, 1), (Close, 1)],
        server: &[(Borrowed, 1), (Prepared, 1), (Close, 1)],
        quick: 5,
        deep: 100,
        ..PLAIN
    },
    Scenario {
        name: "more pings than pongs may wait",
        client: &[(Pings, 1), (Close, 1)],
        server: &[(Borrowed, 1), (Close, 1)],
        quick: 4,
        deep: 9,
        ..PLAIN
    },
    Scenario {
        name: "Closes on a clock, every trouble",
        timeouts: CLOSING,
        trouble: EVERY_TROUBLE,
        quick: 4,
        deep: 8,
        ..PLAIN
    },
    Scenario {
        name: "the same, no frame cut",
        timeouts: CLOSING,
        trouble: EVERY_TROUBLE,
        cuts: Cuts::Nowhere,
        quick: 5,
        ..PLAIN
    },
    Scenario {
        name: "a message and a ping on a clock, a loss, no frame cut",
        client: &[(Send, 1), (Close, 1)],
        server: &[(Ping, 1), (Close, 1)],
        timeouts: CLOSING,
        trouble: &[Loss],
        cuts: Cuts::Nowhere,
        quick: 6,
        deep: 100,
        ..PLAIN
    },
    Scenario {
        name: "an idle connection that is kept alive, a loss, a pause",
        client: &[],
        timeouts: ALL,
        trouble: &[Loss, Pause],
        quick: 5,
        deep: 10,
        ..PLAIN
    },
    Scenario {
        name: "a message to one that is kept alive, a loss, no frame cut",
        client: &[(Send, 1), (Close, 1)],
        timeouts: ALL,
        trouble: &[Loss],
        cuts: Cuts::Nowhere,
        quick: 6,
        deep: 15,
        ..PLAIN
    },
    Scenario {
        name: "messages by every verb, no frame cut",
        client: &[(Send, 1), (InPlace, 1), (First, 1), (Last, 1), (Ping, 1), (Close, 1)],
        server: &[(Borrowed, 1), (Prepared, 1), (Ping, 1), (Close, 1)],
        cuts: Cuts::Nowhere,
        quick: 5,
        deep: 9,
        ..PLAIN
    },
    Scenario {
        name: "every verb, every trouble, on a clock",
        client: &[(Send, 2), (InPlace, 1), (First, 1), (More, 1), (Last, 1), (Ping, 2), (Close, 1)],
        server: &[
            (Send, 1),
            (Borrowed, 1),
            (Prepared, 1),
            (First, 1),
            (Last, 1),
            (Ping, 1),
            (Close, 1),
            (CloseWithout, 1),
        ],
        timeouts: ALL,
        trouble: EVERY_TROUBLE,
        quick: 3,
        deep: 5,
        ..PLAIN
    },
];
