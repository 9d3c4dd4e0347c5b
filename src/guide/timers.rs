//! Timers: who keeps time, and what each deadline is for.
//!
//! The crate never asks for the time. You tell it to a [`Connection`] with [`handle_timeout`],
//! which returns the next step and until when to wait. Times count from a fixed point of your
//! choice, such as the start of the program. So any clock fits: [`Instant`](std::time::Instant), a
//! runtime's, the ticks of a board, or a number in a test. Receiving and sending need no clock at
//! all.
//!
//! # The deadlines
//!
//! | deadline | default | runs from | when it passes |
//! |---|--:|---|---|
//! | [`opening`](crate::Timeouts::opening) | 10 s | the first [`Driver::next`] | [`Expired::Opening`] |
//! | [`ping_interval`](crate::Timeouts::ping_interval) | none | the peer's last bytes | a ping is in the send buffer |
//! | [`pong`](crate::Timeouts::pong) | 20 s | the last byte of that ping to leave, or what left after it | [`Expired::Pong`]; a Close with 1011 is in the send buffer |
//! | [`write`](crate::Timeouts::write) | 60 s | the last byte to leave, while more waits | [`Expired::Write`] |
//! | [`close`](crate::Timeouts::close) | 10 s | the last byte of the Close to leave | [`Expired::Close`] |
//!
//! - **The opening handshake** has a deadline because a client that connects and says nothing costs
//!   you a socket. It counts from the start, so a byte now and then earns no more time.
//! - **Pings** find peers that have silently gone, and keep proxies from dropping an idle
//!   connection, which many do after 30 to 60 s: choose 20 s. Any bytes from the peer count as a
//!   sign of life, not only the pong.
//! - **The write deadline** ends a peer that has stopped reading. It considers only progress, so a
//!   slow peer has as long as it needs.
//! - **The Close** has a deadline because a peer may never answer it. After that, drop the
//!   transport.
//!
//! # Time on the wire
//!
//! A frame counts as sent when its last byte has left the [`SendBuffer`], not when it was put
//! there. A ping behind ten megabytes of audio is due when the audio has gone, and a peer that
//! accepts the audio is alive meanwhile: its deadlines move with each byte that it makes room for.
//! A transport is known to have been full when it accepted only part of a chunk. If it happened to
//! fill up exactly at the end of a chunk, that goes unnoticed, and the ping's deadline stays where
//! it was.
//!
//! The transport has buffers of its own, which no codec can see: several megabytes for a TCP
//! socket. Their contents reach a slow peer late, and so does a ping behind them. Therefore, where
//! output had to wait for the peer, its next pong and its Close get that much extra time, up to
//! [`write`](crate::Timeouts::write). A socket that swallows a long message at once and passes it
//! to a very slow peer can still hide a live one: give such a peer longer deadlines, or the socket
//! a smaller buffer.
//!
//! Anything that arrived since the last [`handle_timeout`] may be the answer to a ping that left
//! since then, and counts as one. A peer that hangs right after it is found by the next ping.
//!
//! A process that was paused sees the time before it sees what arrived in the meantime. So the
//! first response to a deadline that has passed is [`Next::Look`]: read and write once more without
//! waiting, and ask again. Only then does the deadline count, each one by itself.
//!
//! # A message that never ends
//!
//! A peer that sends a byte of a message now and then is alive by all of these rules. If that must
//! end, note the time when a message begins, which
//! [`Delivery::Fragments`](crate::Delivery::Fragments) shows, and [`close`] with 1008 when it has
//! taken too long; or count the bytes per minute, and close below a rate of your choice. Neither
//! has a default, since an upload over a bad line looks the same.
//!
//! # On a clock of your own
//!
//! ```
//! use bytes::Buf;
//! use patchcord::{Config, Connection, Expired, Next, SendBuffer, State, Timeouts};
//! use std::time::Duration;
//!
//! const fn s(seconds: u64) -> Duration {
//!     Duration::from_secs(seconds)
//! }
//!
//! let timeouts = Timeouts { ping_interval: Some(s(20)), ..Timeouts::default() };
//! let mut connection = Connection::server(Config { timeouts, ..Config::default() });
//! let mut out = SendBuffer::new();
//! let next = connection.handle_timeout(s(100), &mut out); // any time will do
//! assert_eq!(next, Next::Wait { until: Some(s(120)) });
//!
//! // Bytes arrive. `handle_timeout`, which is called after each read, is told when.
//! let mut bytes = *b"\x82\x81\0\0\0\0\x2a";
//! let mut input = &mut bytes[..];
//! while let Some(_event) = connection.receive(&mut input, &mut out)? {}
//! let next = connection.handle_timeout(s(115), &mut out);
//! assert_eq!(next, Next::Wait { until: Some(s(135)) });
//!
//! let next = connection.handle_timeout(s(135), &mut out); // silence since then: a ping
//! assert_eq!((next, out.chunk()), (Next::Write { until: Some(s(155)) }, &[0x89, 0x00][..]));
//! out.advance(2); // two seconds later it leaves, and its pong is due 20 s after that
//! let next = connection.handle_timeout(s(137), &mut out);
//! assert_eq!(next, Next::Wait { until: Some(s(155)) }); // for the next ping
//! # let Next::Write { .. } = connection.handle_timeout(s(155), &mut out) else { panic!() };
//! # out.advance(2);
//! # let _ = connection.handle_timeout(s(155), &mut out);
//!
//! assert_eq!(connection.handle_timeout(s(157), &mut out), Next::Look);
//! assert_eq!(connection.handle_timeout(s(157), &mut out), Next::Expired(Expired::Pong));
//! assert_eq!(connection.state(), State::Expired(Expired::Pong));
//! assert!(out.chunk().starts_with(&[0x88])); // a Close, if it can still be written
//! # Ok::<(), patchcord::ProtocolError>(())
//! ```
//!
//! # With std
//!
//! A thread per connection waits in `read` or `write`, using the timeouts of the socket, as
//! [`blocking::WebSocket`](crate::blocking::WebSocket) does. If you write it yourself, note two
//! things: a timeout of zero is an error, so wait at least a millisecond; and a timeout is reported
//! as `WouldBlock` or as `TimedOut`, depending on the system.
//!
//! # With tokio
//!
//! One turn, which can be cancelled at any `await`, with a timeout around it:
//!
//! ```
//! use patchcord::{Connection, Event, Next, ReceiveBuffer, SendBuffer, Server};
//! use std::io;
//! use std::time::Duration;
//! use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
//! use tokio::time::{Instant, timeout};
//!
//! async fn listen<S>(mut socket: S, mut connection: Connection<Server>) -> io::Result<()>
//! where
//!     S: AsyncRead + AsyncWrite + Unpin,
//! {
//!     let (mut buffer, mut out) = (ReceiveBuffer::default(), SendBuffer::new());
//!     let start = Instant::now();
//!     loop {
//!         let mut input = buffer.unconsumed();
//!         while let Ok(Some(event)) = connection.receive(&mut input, &mut out) {
//!             if let Event::Binary(pcm) = event {
//!                 println!("{} bytes of audio", pcm.len());
//!             }
//!         }
//!         let next = connection.handle_timeout(start.elapsed(), &mut out);
//!         let wait = next.until().map(|at| at.saturating_sub(start.elapsed()));
//!         let wait = wait.unwrap_or(Duration::MAX);
//!         match next {
//!             Next::Write { .. } => match timeout(wait, socket.write_buf(&mut out)).await {
//!                 Err(_) => {} // time to ask again
//!                 Ok(written) => drop(written?),
//!             },
//!             Next::Wait { .. } | Next::Look => {
//!                 match timeout(wait, socket.read(buffer.space())).await {
//!                     Err(_) => {} // time to ask again
//!                     Ok(read) => match read? {
//!                         0 => connection.end_of_stream(&buffer).map_err(io::Error::other)?,
//!                         read => buffer.filled(read),
//!                     },
//!                 }
//!             }
//!             Next::Expired(_) => {
//!                 let _ = timeout(Duration::ZERO, socket.write_buf(&mut out)).await;
//!                 return connection.result().map_err(io::Error::other);
//!             }
//!             Next::Finished => return connection.result().map_err(io::Error::other),
//!         }
//!     }
//! }
//! # use patchcord::{Config, Timeouts};
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
//! # let ms = |n| Some(Duration::from_millis(n));
//! # let timeouts = Timeouts { ping_interval: ms(5), pong: ms(20), ..Timeouts::default() };
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
//! This loop does not read while it writes, which is fine for an end that sends little. A complete
//! one is in `examples/transports`. [`ThreadEntropy`](crate::ThreadEntropy) keeps no state in the
//! connection, so a client's task can move between threads.
//!
//! # Many connections on one thread
//!
//! Keep the deadlines in a heap or a wheel, one entry per connection. Traffic only moves them
//! later, so leave the entry where it is; when its time has come, call [`handle_timeout`] and
//! reinsert it at the time returned. When a turn puts something into the send buffer, and when a
//! Close arrives or leaves, ask at once.
//!
//! # Units
//!
//! Spans are kept in milliseconds, rounded up, so that no deadline comes early; one of 49 days or
//! more never comes. A clock that runs backwards delays deadlines, and does no other harm.
//!
//! [`Connection`]: crate::Connection
//! [`Driver::next`]: crate::Driver::next
//! [`Expired::Close`]: crate::Expired::Close
//! [`Expired::Opening`]: crate::Expired::Opening
//! [`Expired::Pong`]: crate::Expired::Pong
//! [`Expired::Write`]: crate::Expired::Write
//! [`Next::Look`]: crate::Next::Look
//! [`SendBuffer`]: crate::SendBuffer
//! [`close`]: crate::Connection::close
//! [`handle_timeout`]: crate::Connection::handle_timeout
