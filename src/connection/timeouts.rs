//! How long to wait for what.

use core::fmt;
use core::time::Duration;

/// How long to wait for what, to the millisecond; `None`, and more than 49 days, wait for ever.
///
/// All of them are measured where the bytes are: a ping, a Close and everything else counts as said
/// when its last byte has left the [`SendBuffer`](crate::SendBuffer), and bytes that leave are a sign
/// of life. What each is for, and on which clocks, is in the [guide](crate::guide::timers).
///
/// ```
/// use patchcord::{Config, Connection, Next, SendBuffer, Timeouts};
/// use std::time::Duration;
///
/// let ping_interval = Some(Duration::from_secs(20));
/// let timeouts = Timeouts { ping_interval, ..Timeouts::default() };
/// let mut connection = Connection::server(Config { timeouts, ..Config::default() });
/// let mut out = SendBuffer::new();
///
/// // The caller's clock starts.
/// let next = connection.handle_timeout(Duration::ZERO, &mut out);
/// assert_eq!(next, Next::Wait { until: ping_interval });
/// let next = connection.handle_timeout(Duration::from_secs(20), &mut out);
/// assert!(matches!(next, Next::Write { .. })); // a ping is due
/// # use bytes::Buf;
/// assert_eq!(out.chunk(), [0x89, 0x00]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// How long the opening handshake may take, kept by a [`Driver`](crate::Driver). Default: 10 s.
    pub opening: Option<Duration>,
    /// The silence of the peer after which it is sent a ping, a millisecond at least. Default:
    /// `None`, since not every application wants the traffic.
    pub ping_interval: Option<Duration>,
    /// How long after such a ping left something must have come from the peer, or the transport, once
    /// it had taken a part of a chunk and was full, must have taken more. Default: 20 s.
    pub pong: Option<Duration>,
    /// How long the closing handshake may take once the Close left; before that, how long nothing
    /// may leave. Default: 10 s.
    pub close: Option<Duration>,
    /// How long nothing may leave while something waits to be written: the end of a peer that
    /// stopped reading. Default: 60 s.
    pub write: Option<Duration>,
}

impl Timeouts {
    /// 10 s: `websockets`' `open_timeout` and Jetty's, and ample for a request of one packet.
    pub const OPENING: Duration = Duration::from_secs(10);
    /// 20 s: below the 30 to 60 s after which proxies drop an idle connection.
    pub const PONG: Duration = Duration::from_secs(20);
    /// 10 s: a peer that answers at all answers sooner.
    pub const CLOSE: Duration = Duration::from_secs(10);
    /// 60 s: nginx's `send_timeout`, which also runs between two writes.
    pub const WRITE: Duration = Duration::from_secs(60);
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            opening: Some(Self::OPENING),
            ping_interval: None,
            pong: Some(Self::PONG),
            close: Some(Self::CLOSE),
            write: Some(Self::WRITE),
        }
    }
}

/// A deadline that passed: the transport is to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Expired {
    /// The opening handshake was not finished.
    Opening,
    /// Nothing came from the peer after a ping had left, and nothing more left.
    Pong,
    /// The closing handshake was not finished.
    Close,
    /// The peer stopped reading: nothing left although something waited.
    Write,
}

impl fmt::Display for Expired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Opening => "the opening handshake was not finished in time",
            Self::Pong => "the peer did not answer a ping in time",
            Self::Close => "the closing handshake was not finished in time",
            Self::Write => "the peer stopped reading",
        })
    }
}

impl core::error::Error for Expired {}
