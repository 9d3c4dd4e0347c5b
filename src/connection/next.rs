//! The clock's entry point: what a connection asks its caller to do next.

use super::Connection;
use super::deadlines::{Due, Output, nanoseconds};
use super::state::Phase;
use super::timeouts::Expired;
use crate::codec::{Role, SendBuffer};
use crate::frame::{Close, CloseCode};
use bytes::Buf;
use core::time::Duration;

/// The caller's next step: see [`Connection::handle_timeout`].
///
/// Times are on the scale of the `now` that was given; a time in the past means at once, and `None`
/// means no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "only this value reports that output is due, a deadline passed or the connection ended"]
pub enum Next {
    /// Write from the [`SendBuffer`], as much as the transport takes, and ask again. If it takes
    /// nothing, wait until it does, until bytes arrive, or until this time.
    Write {
        /// The time to ask again if neither happens.
        until: Option<Duration>,
    },
    /// Nothing is to be written: wait until bytes arrive, or until this time, and ask again.
    Wait {
        /// The time to ask again if no bytes arrive.
        until: Option<Duration>,
    },
    /// A deadline passed. Read and write once more without waiting, [receive](Connection::receive)
    /// what was read, and ask again: bytes that moved while this program was paused count.
    Look,
    /// The peer is gone or stuck: close the transport. The bytes in the [`SendBuffer`] may be
    /// written if that does not block: after [`Expired::Pong`], they end with a Close.
    Expired(Expired),
    /// The connection is over, and everything is written: close the transport. Without a
    /// [`Driver`](crate::Driver), a server shuts down its side first, and a client waits for that
    /// (RFC 6455 section 7.1.1); both then read to the end of the stream, so that TCP does not
    /// reset the connection.
    Finished,
}

impl Next {
    /// Returns the time until which to wait for the transport; `None` if there is no limit, or no
    /// reason to wait.
    #[must_use]
    pub const fn until(self) -> Option<Duration> {
        match self {
            Self::Write { until } | Self::Wait { until } => until,
            Self::Look => Some(Duration::ZERO),
            Self::Expired(_) | Self::Finished => None,
        }
    }
}

impl<R: Role> Connection<R> {
    /// Applies the deadlines at the time `now`, and returns the caller's next step. `now` is the
    /// time since a fixed point of the caller's choice.
    ///
    /// Call it when everything that was read has been [received](Self::receive), and after each
    /// write, with the time of that read or write. It also appends a ping to `out` when one is due.
    /// No other method needs a clock.
    ///
    /// ```
    /// use patchcord::{Config, Connection, Next, SendBuffer};
    /// use std::time::Duration;
    ///
    /// let mut connection = Connection::server(Config::default());
    /// let mut out = SendBuffer::new();
    /// connection.close(None, &mut out)?;
    /// let now = Duration::from_secs(100); // any fixed point will do
    /// assert!(matches!(connection.handle_timeout(now, &mut out), Next::Write { .. }));
    /// # use bytes::Buf;
    /// out.advance(2); // the Close has left: the peer has ten seconds to answer it
    /// let until = Some(Duration::from_secs(110));
    /// assert_eq!(connection.handle_timeout(now, &mut out), Next::Wait { until });
    /// # Ok::<(), patchcord::SendError>(())
    /// ```
    #[doc(alias("poll", "tick", "heartbeat"))]
    pub fn handle_timeout(&mut self, now: Duration, out: &mut SendBuffer) -> Next {
        let now = nanoseconds(now);
        let output = self.output(now, out);
        match self.due(now, output) {
            Ok(Due::Nothing) => {}
            Ok(Due::Look) => return Next::Look,
            Ok(Due::Ping) => {
                // This cannot fail: a `Vec` grows, and a ping is due only before a Close.
                let _ = out.put_ping(|wire| self.encoder.encode_ping(&[], wire));
                self.deadlines.pinged(now);
            }
            Ok(Due::Expired(expired)) => return self.expire(expired, out),
            Err(end) => return end,
        }
        let until = self.deadlines.next();
        if out.has_remaining() { Next::Write { until } } else { Next::Wait { until } }
    }

    fn due(&mut self, now: u64, output: Output) -> Result<Due, Next> {
        match self.phase {
            Phase::Expired(expired) => Err(Next::Expired(expired)),
            _ if !self.is_receiving() && !output.waits => Err(Next::Finished),
            Phase::Open if self.is_receiving() => Ok(self.deadlines.open(now, output)),
            _ => Ok(self.deadlines.closing(now, output)),
        }
    }

    fn output(&self, now: u64, out: &mut SendBuffer) -> Output {
        let waits = out.has_remaining();
        let (progress, was_full) = out.take_progress(now);
        Output {
            progress,
            was_full,
            waits,
            ping_waits: out.is_ping_waiting(),
            close_waits: if self.close_sent().is_some() { out.is_close_waiting() } else { waits },
        }
    }

    #[cold]
    fn expire(&mut self, expired: Expired, out: &mut SendBuffer) -> Next {
        self.lose(Phase::Expired(expired));
        match expired {
            Expired::Pong => {
                let close = Close::new(CloseCode::INTERNAL_ERROR, "no answer to a ping");
                self.conclude(Some(close), out);
            }
            _ => self.encoder.stop(),
        }
        Next::Expired(expired)
    }
}
