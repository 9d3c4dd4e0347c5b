//! What the caller of a driver has to do next.

use crate::connection::{Expired, Next};
use core::time::Duration;

/// What a [`Driver`](super::Driver)'s caller has to do next: as [`Next`], and the end of the transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "output that is due, a deadline and the end are told here, and nowhere else"]
pub enum Step {
    /// Write from `output`, as far as the transport takes it, and ask again: see [`Next::Write`].
    Write {
        /// When to ask again if the transport takes nothing, and nothing comes.
        until: Option<Duration>,
    },
    /// Wait until something comes, read it, and ask again: see [`Next::Wait`].
    Wait {
        /// When to ask again if nothing comes.
        until: Option<Duration>,
    },
    /// Read and write once more without waiting, take what came, and ask again: see [`Next::Look`].
    Look,
    /// Shut down this end's side of the transport, and ask again.
    Shutdown,
    /// The peer is gone or stuck: drop the transport. What `output` holds may be written if that
    /// needs no waiting.
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
