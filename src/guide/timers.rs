//! Timers: who keeps the time, and what each deadline is for.
//!
//! The crate never asks for the time. A [`Connection`] is told by [`on_time`], and says by
//! [`next_deadline`] when it wants to be told again; both count from a fixed point of yours, such
//! as the start of the program. So any clock fits: [`Instant`](std::time::Instant), a runtime's,
//! the ticks of a board, a number in a test. To receive and to send needs no clock at all.
//!
//! # The deadlines
//!
//! | deadline | default | runs from | when it passes |
//! |---|--:|---|---|
//! | [`handshake::Deadline`] | 10 s | what you say, best the `accept` | it is yours: close, perhaps after a 408 |
//! | [`Timeouts::ping_interval`] | none | the peer's last bytes | a ping is [`pending`] |
//! | [`Timeouts::pong`] | 20 s | that ping | [`Expired::Pong`]; a Close with 1011 is pending |
//! | [`Timeouts::close`] | 10 s | the first [`on_time`] after closing began | [`Expired::Close`]; nothing is pending |
//!
//! - **The handshake's** is there because whoever connects and says nothing costs you a socket. It
//!   counts from the start, so a byte now and then earns no more time.
//! - **Pings** find peers that are gone without a word, and keep proxies from dropping an idle
//!   connection, which many do after 30 to 60 s: take 20 s. Any bytes of the peer count as a sign
//!   of life, not only the pong.
//! - **The Close's** is there because a peer may never answer it. After it, drop the transport.
//!
//! Not there: a deadline for a write, which only you can see, and one for a whole message, of which
//! only you know how long it may take. A peer that sends a byte of a frame now and then is alive to
//! all of the above.
//!
//! After `Some(expired)`, write what is pending if the transport takes it at once, and close it.
//!
//! # On a clock of your own
//!
//! ```
//! use patchcord::{Config, Connection, Expired, State, Timeouts};
//! use std::time::Duration;
//!
//! const fn s(seconds: u64) -> Duration {
//!     Duration::from_secs(seconds)
//! }
//!
//! let timeouts = Timeouts { ping_interval: Some(s(20)), ..Timeouts::default() };
//! let mut connection = Connection::server(Config { timeouts, ..Config::default() });
//! assert_eq!(connection.on_time(s(100)), None); // it does not matter when that is
//! assert_eq!(connection.next_deadline(), Some(s(120)));
//!
//! // Bytes come; when, `on_time` says, which is called after each read.
//! let mut bytes = *b"\x82\x81\0\0\0\0\x2a";
//! let mut input = &mut bytes[..];
//! while let Some(_event) = connection.receive(&mut input)? {}
//! assert_eq!(connection.on_time(s(115)), None);
//! assert_eq!(connection.next_deadline(), Some(s(135)));
//!
//! assert_eq!(connection.on_time(s(135)), None); // silence since then: a ping
//! assert_eq!(connection.pending(), [0x89, 0x00]);
//! connection.sent(2);
//! assert_eq!(connection.next_deadline(), Some(s(155)));
//!
//! assert_eq!(connection.on_time(s(155)), Some(Expired::Pong));
//! assert_eq!(connection.state(), State::Lost);
//! assert!(connection.pending().starts_with(&[0x88])); // a Close, if it can still be written
//! # Ok::<(), patchcord::ProtocolError>(())
//! ```
//!
//! # With std
//!
//! A thread per connection waits in `read`, for as long as [`next_deadline`] says, by
//! `set_read_timeout`: the whole loop is the example of [`on_time`]. Two things to know: a timeout
//! of zero is an error, so wait a millisecond at least; and it ends as `WouldBlock` or as
//! `TimedOut`, depending on the system.
//!
//! # With tokio
//!
//! A read that can be cancelled, and a timeout around it:
//!
//! ```
//! use patchcord::{Connection, Event, Server};
//! use std::io;
//! use std::time::Duration;
//! use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
//! use tokio::time::{Instant, timeout};
//!
//! async fn listen<S>(mut socket: S, mut connection: Connection<Server>) -> io::Result<()>
//! where
//!     S: AsyncRead + AsyncWrite + Unpin,
//! {
//!     let start = Instant::now();
//!     let mut buffer = connection.buffer();
//!     loop {
//!         let expired = connection.on_time(start.elapsed());
//!         socket.write_all(connection.pending()).await?;
//!         connection.sent(connection.pending().len());
//!         if let Some(expired) = expired {
//!             return Err(io::Error::other(expired));
//!         }
//!         if connection.is_finished() {
//!             return Ok(());
//!         }
//!         let wait = connection.next_deadline().map(|at| at.saturating_sub(start.elapsed()));
//!         match timeout(wait.unwrap_or(Duration::MAX), socket.read(buffer.space())).await {
//!             Err(_) => continue, // time to call `on_time`
//!             Ok(read) => match read? {
//!                 0 => return connection.end_of_stream(buffer.input()).map_err(io::Error::other),
//!                 read => buffer.filled(read),
//!             },
//!         }
//!         let mut input = buffer.unconsumed();
//!         while let Ok(Some(event)) = connection.receive(&mut input) {
//!             if let Event::Binary(pcm) = event {
//!                 println!("{} bytes of audio", pcm.len());
//!             }
//!         }
//!     }
//! }
//! # use patchcord::{Config, Timeouts};
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
//! # let ms = |n| Some(Duration::from_millis(n));
//! # let timeouts = Timeouts { ping_interval: ms(5), pong: ms(20), close: ms(20) };
//! # let connection = Connection::server(Config { timeouts, ..Config::default() });
//! # let (near, mut far) = tokio::io::duplex(1000);
//! # let (ended, heard) = runtime.block_on(async {
//! #     let ended = listen(near, connection).await;
//! #     let mut heard = Vec::new();
//! #     far.read_to_end(&mut heard).await.map(|_| (ended, heard))
//! # })?;
//! # assert_eq!(ended.unwrap_err().to_string(), "the peer did not answer a ping in time");
//! # assert!(heard.starts_with(b"\x89\x00"), "a ping");
//! # assert!(heard.ends_with(b"\x03\xf3no answer to a ping"), "and 1011");
//! # Ok::<(), io::Error>(())
//! ```
//!
//! The write could hang on a peer that does not read; a `timeout` around it is the deadline for
//! writes that only you can keep. [`ThreadEntropy`](crate::ThreadEntropy) has no state in the
//! connection, so a client's task can move between threads.
//!
//! # Many connections on one thread
//!
//! Keep the deadlines in a heap or a wheel, one entry for each connection. Traffic only moves them
//! later, so leave the entry where it is, and when its time has come call [`on_time`] and put it
//! back at [`next_deadline`]. Then no clock is read per message. The price: a ping may come up to
//! one interval late, because what was heard in between counts as heard now. When you call
//! [`close`], and when the peer's messages end the connection, put an entry at once.
//!
//! # Units
//!
//! Spans are kept in milliseconds, rounded up, so that no deadline comes early; one of 49 days or
//! more never comes. A clock that goes backwards delays deadlines, and does no other harm.
//!
//! [`Connection`]: crate::Connection
//! [`Expired::Close`]: crate::Expired::Close
//! [`Expired::Pong`]: crate::Expired::Pong
//! [`Timeouts::close`]: crate::Timeouts::close
//! [`Timeouts::ping_interval`]: crate::Timeouts::ping_interval
//! [`Timeouts::pong`]: crate::Timeouts::pong
//! [`close`]: crate::Connection::close
//! [`handshake::Deadline`]: crate::handshake::Deadline
//! [`next_deadline`]: crate::Connection::next_deadline
//! [`on_time`]: crate::Connection::on_time
//! [`pending`]: crate::Connection::pending
