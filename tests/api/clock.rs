//! A simulated clock, and endpoints that have deadlines on it.

use crate::common::{Endpoint, Side};
use patchcord::{Config, Timeouts};
use std::time::Duration;

pub(crate) const INTERVAL: Duration = Duration::from_secs(30);
pub(crate) const PONG: Duration = Duration::from_secs(7);
pub(crate) const CLOSE: Duration = Duration::from_secs(5);
pub(crate) const TICK: Duration = Duration::from_nanos(1);

/// The caller's clock need not begin at 0.
pub(crate) const START: Duration = Duration::from_millis(86_400_123);

pub(crate) fn endpoint(side: Side) -> Endpoint {
    let timeouts = Timeouts {
        ping_interval: Some(INTERVAL),
        pong: Some(PONG),
        close: Some(CLOSE),
        ..Timeouts::default()
    };
    with(side, timeouts)
}

pub(crate) fn with(side: Side, timeouts: Timeouts) -> Endpoint {
    Endpoint::new(side, Config { timeouts, ..Config::default() })
}

/// An endpoint that sent a ping at `START + INTERVAL`.
pub(crate) fn pinged(side: Side) -> Endpoint {
    let mut endpoint = endpoint(side);
    assert_eq!(endpoint.on_time(START), None);
    assert_eq!(endpoint.on_time(START + INTERVAL), None);
    assert_eq!(endpoint.say(), [(0x89, vec![])]);
    endpoint
}
