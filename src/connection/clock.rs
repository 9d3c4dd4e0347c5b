//! What the passing of time asks for.

use super::deadlines::{Due, Expired};
use super::replies::Slot;
use super::{Connection, State};
use crate::codec::Role;
use crate::frame::CloseCode;
use core::time::Duration;

impl<R: Role> Connection<R> {
    /// Lets time pass: `now` is the time since a fixed point of the caller's.
    ///
    /// To be called after reading, with the time at which that was, and when
    /// [`next_deadline`](Self::next_deadline) has come. A ping that is due waits in
    /// [`pending`](Self::pending) afterwards. With `Some`, close the transport, if possible after
    /// writing what is pending; the state is [`State::Lost`], unless it was decided before.
    ///
    /// A whole loop, with a socket that can wait as long as it is told:
    ///
    /// ```no_run
    /// use patchcord::{Config, Connection, Event, Timeouts};
    /// use std::io::{ErrorKind, Read, Write};
    /// use std::net::TcpStream;
    /// use std::time::{Duration, Instant};
    ///
    /// fn listen(mut socket: TcpStream) -> Result<(), Box<dyn std::error::Error>> {
    ///     let ping_interval = Some(Duration::from_secs(20));
    ///     let timeouts = Timeouts { ping_interval, ..Timeouts::default() };
    ///     let mut connection = Connection::server(Config { timeouts, ..Config::default() });
    ///     let mut buffer = connection.buffer();
    ///     let start = Instant::now();
    ///     loop {
    ///         if let Some(expired) = connection.on_time(start.elapsed()) {
    ///             return Err(expired.into());
    ///         }
    ///         socket.write_all(connection.pending())?;
    ///         connection.sent(connection.pending().len());
    ///         if connection.is_finished() {
    ///             return Ok(());
    ///         }
    ///         let wait = connection.next_deadline().map(|at| at.saturating_sub(start.elapsed()));
    ///         // A socket takes no timeout of zero.
    ///         socket.set_read_timeout(wait.map(|wait| wait.max(Duration::from_millis(1))))?;
    ///         match socket.read(buffer.space()) {
    ///             Ok(0) => return Ok(connection.end_of_stream(buffer.input())?),
    ///             Ok(read) => buffer.filled(read),
    ///             Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
    ///             Err(error) => return Err(error.into()),
    ///         }
    ///         let mut input = buffer.unconsumed();
    ///         while let Ok(Some(event)) = connection.receive(&mut input) {
    ///             if let Event::Binary(pcm) = event {
    ///                 println!("{} bytes of audio", pcm.len());
    ///             }
    ///         }
    ///     }
    /// }
    /// ```
    pub fn on_time(&mut self, now: Duration) -> Option<Expired> {
        if self.is_finished() {
            return None;
        }
        if self.state() != State::Open {
            return self.deadlines.closing(now).then(|| {
                self.lose();
                self.replies = None;
                Expired::Close
            });
        }
        match self.deadlines.keep_alive(now)? {
            Due::Ping => {
                // A `Vec` has room, and no Close was sent.
                let _ = self.reply(Slot::Ping, |encoder, wire| encoder.encode_ping(&[], wire));
                self.deadlines.pinged(now);
                None
            }
            Due::Expired => {
                self.lose_peer();
                self.tell(CloseCode::INTERNAL_ERROR, "no answer to a ping");
                Some(Expired::Pong)
            }
        }
    }

    /// When [`on_time`](Self::on_time) is next to be called, on the same scale; a time that has
    /// passed means at once, and `None` that there is nothing to wait for.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Duration> {
        match self.state() {
            _ if self.is_finished() => None,
            State::Open => self.deadlines.next_keep_alive(),
            _ => self.deadlines.next_closing(),
        }
    }
}
