//! The deadlines of a connection.

use core::fmt;
use core::time::Duration;

/// The deadlines of a connection, to the millisecond; `None`, or more than 49 days, means no limit.
///
/// A ping, a Close or a message counts as sent when its last byte has left the
/// [`SendBuffer`](crate::SendBuffer), and bytes that leave are a sign of life. The
/// [guide](crate::guide::timers) explains what each deadline is for, and which clocks can drive
/// them.
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
#[doc(alias("keepalive", "heartbeat", "idle timeout", "open_timeout"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// The time that the opening handshake may take; a [`Driver`](crate::Driver) enforces it.
    /// Default: 10 s.
    pub opening: Option<Duration>,
    /// The silence of the peer after which a ping is sent, at least one millisecond. Default:
    /// `None`, since not every application wants the traffic.
    #[doc(alias("heartbeat", "keepalive", "ping interval"))]
    pub ping_interval: Option<Duration>,
    /// The time after such a ping has left in which bytes must arrive from the peer. If the
    /// transport was full, it is enough that it takes more bytes. Default: 20 s.
    #[doc(alias = "ping_timeout")]
    pub pong: Option<Duration>,
    /// The time that the closing handshake may take once the Close has left; until then, the time
    /// for which no byte may leave. Default: 10 s.
    pub close: Option<Duration>,
    /// The time for which no byte may leave while bytes wait to be written: it ends the connection
    /// to a peer that stopped reading. Default: 60 s.
    #[doc(alias = "slow client")]
    pub write: Option<Duration>,
}

impl Timeouts {
    /// 10 s: the default of `websockets` (`open_timeout`) and of Jetty; ample for a request that
    /// fits one packet.
    pub const OPENING: Duration = Duration::from_secs(10);
    /// 20 s: below the 30 to 60 s after which proxies drop an idle connection.
    pub const PONG: Duration = Duration::from_secs(20);
    /// 10 s: a peer that answers at all needs less.
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

/// A deadline that passed; close the transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Expired {
    /// The opening handshake was not finished in time.
    Opening,
    /// After a ping had left, no byte arrived from the peer, and no more bytes left.
    Pong,
    /// The closing handshake was not finished in time.
    Close,
    /// The peer stopped reading: bytes waited, and none left.
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
