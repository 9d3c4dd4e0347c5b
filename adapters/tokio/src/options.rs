//! How a connection behaves.

use crate::Leaving;
use patchcord::{Config, Limits, Timeouts};
use std::time::Duration;

/// How a connection behaves; the default suits most.
///
/// ```
/// use patchcord_tokio::Options;
/// use std::time::Duration;
///
/// let options = Options::new().ping_interval(Duration::from_secs(20)).max_message_size(64 * 1024);
/// # let _ = options;
/// ```
#[derive(Clone, Debug)]
#[doc(alias = "WebSocketConfig")]
#[doc(alias = "config")]
pub struct Options {
    pub(crate) config: Config,
    pub(crate) backlog: usize,
    pub(crate) behind: Behind,
    pub(crate) leaving: Option<Leaving>,
    #[cfg(feature = "deflate")]
    pub(crate) deflate: Option<crate::Deflate>,
}

/// What becomes of a message for a peer that is behind: whose [backlog](Options::backlog) is full, and
/// whose stream takes nothing.
///
/// Whichever it is, a peer that takes nothing at all is given up after
/// [`Timeouts::write`], and [`try_feed`](crate::WebSocket::try_feed) never waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias = "backpressure")]
#[doc(alias = "slow")]
#[doc(alias = "lag")]
pub enum Behind {
    /// It is waited for: for answers, and for ends that have a peer of their own.
    #[default]
    Wait,
    /// The message is skipped, and counted by [`skipped`](crate::WebSocket::skipped): for a broadcast of
    /// what is soon out of date.
    Skip,
    /// The connection is closed with 1013: for a broadcast in which nothing may be missing.
    Close,
}

impl Options {
    /// 64 KiB: how much waits for a peer that is behind before it is waited for.
    pub const BACKLOG: usize = 64 * 1024;

    /// The defaults: messages of up to 16 MiB, deadlines for the opening, for writing and for the
    /// end, and no pings.
    #[must_use]
    pub fn new() -> Self {
        Self {
            config: Config::default(),
            backlog: Self::BACKLOG,
            behind: Behind::Wait,
            leaving: None,
            #[cfg(feature = "deflate")]
            deflate: None,
        }
    }

    /// The same with these deadlines.
    #[must_use]
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.config.timeouts = timeouts;
        self
    }

    /// The same with a ping to a peer that was silent for so long.
    #[must_use]
    #[doc(alias = "keepalive")]
    #[doc(alias = "keep-alive")]
    #[doc(alias = "heartbeat")]
    #[doc(alias = "ping interval")]
    pub fn ping_interval(mut self, interval: impl Into<Option<Duration>>) -> Self {
        self.config.timeouts.ping_interval = interval.into();
        self
    }

    /// The same with these limits on what the peer sends.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.config.limits = limits;
        self
    }

    /// The same for messages of up to so many bytes, in however many frames.
    #[must_use]
    #[doc(alias = "max_payload")]
    #[doc(alias = "max message size")]
    pub fn max_message_size(mut self, bytes: usize) -> Self {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.config.limits = Limits { message: bytes, frame: bytes, ..self.config.limits };
        self
    }

    /// The same with so many bytes that may wait to be written before [`send`](crate::WebSocket::send)
    /// waits for the peer.
    #[must_use]
    #[doc(alias = "back-pressure")]
    #[doc(alias = "max_write_buffer_size")]
    pub fn backlog(mut self, bytes: usize) -> Self {
        self.backlog = bytes;
        self
    }

    /// The same with another answer to a peer that is behind.
    #[must_use]
    pub fn behind(mut self, behind: Behind) -> Self {
        self.behind = behind;
        self
    }

    /// The same for connections that are told when the program leaves.
    #[must_use]
    pub fn leaving(mut self, leaving: &Leaving) -> Self {
        self.leaving = Some(leaving.clone());
        self
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}
