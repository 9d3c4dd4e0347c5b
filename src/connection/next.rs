//! What the passing of time asks for.

use super::Connection;
use super::deadlines::{Due, Output, nanoseconds};
use super::state::Phase;
use super::timeouts::Expired;
use crate::codec::{Role, SendBuffer};
use crate::frame::{Close, CloseCode};
use bytes::Buf;
use core::time::Duration;

/// What a driver has to do next: see [`Connection::handle_timeout`].
///
/// Times are on the scale of the `now` that was given; one that has passed means at once, and
/// `None` means no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "output that is due, a deadline and the end are told here, and nowhere else"]
pub enum Next {
    /// Write what the [`SendBuffer`] holds, as far as the transport takes it, and ask again. If it
    /// takes nothing, wait until it does, until something comes, or until this time.
    Write {
        /// When to ask again if neither happens.
        until: Option<Duration>,
    },
    /// Nothing is to be written: wait until something comes, or until this time, and ask again.
    Wait {
        /// When to ask again if nothing comes.
        until: Option<Duration>,
    },
    /// A deadline passed. Read and write once more without waiting, [receive](Connection::receive)
    /// what came, and ask again: what came or could leave while this program did not look counts.
    Look,
    /// The peer is gone or stuck: close the transport. What the [`SendBuffer`] holds may be written
    /// if that needs no waiting: after [`Expired::Pong`], it ends with a Close.
    Expired(Expired),
    /// The connection is over, and everything is written: end the transport. Without a
    /// [`Driver`](crate::Driver), a server shuts down its side first, and a client waits for that
    /// (RFC 6455 section 7.1.1); both then read until the other's end, so that nothing is reset.
    Finished,
}

impl Next {
    /// Until when to wait for the transport; `None` without a limit, and where there is nothing to
    /// wait for.
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
    /// Lets time pass, and returns what is to be done next: `now` is the time since a fixed point
    /// of the caller's.
    ///
    /// Call it after everything that was read was [received](Self::receive), and after each write,
    /// with the time at which that was. It is also what puts a ping into `out` when one is due. To
    /// receive and to send needs no clock; only this does.
    ///
    /// ```
    /// use patchcord::{Config, Connection, Next, SendBuffer};
    /// use std::time::Duration;
    ///
    /// let mut connection = Connection::server(Config::default());
    /// let mut out = SendBuffer::new();
    /// connection.close(None, &mut out)?;
    /// let now = Duration::from_secs(100); // it does not matter when that is
    /// assert!(matches!(connection.handle_timeout(now, &mut out), Next::Write { .. }));
    /// # use bytes::Buf;
    /// out.advance(2); // the Close left, and ten seconds run in which the peer has to answer it
    /// let until = Some(Duration::from_secs(110));
    /// assert_eq!(connection.handle_timeout(now, &mut out), Next::Wait { until });
    /// # Ok::<(), patchcord::SendError>(())
    /// ```
    pub fn handle_timeout(&mut self, now: Duration, out: &mut SendBuffer) -> Next {
        let now = nanoseconds(now);
        let output = self.output(now, out);
        match self.due(now, output) {
            Ok(Due::Nothing) => {}
            Ok(Due::Look) => return Next::Look,
            Ok(Due::Ping) => {
                // A `Vec` has room, and no Close was sent.
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
