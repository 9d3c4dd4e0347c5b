//! The next step of a driver's caller.

use crate::connection::{Expired, Next};
use core::time::Duration;

/// The next step of a [`Driver`](super::Driver)'s caller: as in [`Next`], plus the end of the
/// transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "nothing but this value tells what is due, and when everything is over"]
pub enum Step {
    /// Write from `output` as much as the transport accepts, and ask again: see [`Next::Write`].
    Write {
        /// When to ask again if the transport accepts nothing and nothing arrives.
        until: Option<Duration>,
    },
    /// Wait until something arrives, read it, and ask again: see [`Next::Wait`].
    Wait {
        /// When to ask again if nothing arrives.
        until: Option<Duration>,
    },
    /// Read and write once more without waiting, take what arrived, and ask again: see
    /// [`Next::Look`].
    Look,
    /// Shut down this end's side of the transport, and ask again.
    Shutdown,
    /// The peer is gone or stuck: drop the transport. What is in `output` may still be written if
    /// that does not need waiting.
    Expired(Expired),
    /// Everything is said and written, and both sides have ended: drop the transport.
    Finished,
}

impl From<Next> for Step {
    fn from(next: Next) -> Self {
        match next {
            Next::Write { until } => Self::Write { until },
            Next::Wait { until } => Self::Wait { until },
            Next::Look => Self::Look,
            Next::Expired(expired) => Self::Expired(expired),
            Next::Finished => Self::Finished,
        }
    }
}
