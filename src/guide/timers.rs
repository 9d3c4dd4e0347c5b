//! Timers: who keeps the time, and what each deadline is for.
//!
//! The crate never asks for the time. A [`Connection`] is told by [`handle_timeout`], which answers
//! what to do next and until when to wait; times count from a fixed point of yours, such as the
//! start of the program. So any clock fits: [`Instant`](std::time::Instant), a runtime's, the ticks
//! of a board, a number in a test. To receive and to send needs no clock at all.
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
//! - **The opening handshake's** is there because a client that connects and says nothing costs you
//!   a socket. It counts from the start, so a byte now and then earns no more time.
//! - **Pings** find peers that are gone without a word, and keep proxies from dropping an idle
//!   connection, which many do after 30 to 60 s: take 20 s. Any bytes of the peer count as a sign
//!   of life, not only the pong.
//! - **The write's** ends a peer that stopped reading. It looks at progress alone, so a slow peer
//!   has as long as it needs.
//! - **The Close's** is there because a peer may never answer it. After it, drop the transport.
//!
//! # Time at the wire
//!
//! A frame is said when its last byte has left the [`SendBuffer`], not when it was put there. A ping
//! behind ten megabytes of audio is due when the audio has gone, and a peer that takes the audio is
//! alive meanwhile: its deadlines move with each byte that it makes room for. A transport is seen to
//! have been full when it took a part of a chunk; one that happened to fill where a chunk ends is
//! not, and the ping's deadline stays where it was.
//!
//! The transport has buffers of its own, which no codec sees: some megabytes for a TCP socket. What
//! is in them reaches a slow peer late, and so does a ping behind it. Therefore, where output had to
//! wait for the peer, its next pong and its Close have as much time on top, up to
//! [`write`](crate::Timeouts::write). A socket that swallows a long message at once and hands it to
//! a very slow peer can still hide a live one: give such a peer longer deadlines, or the socket a
//! smaller buffer.
//!
//! What came since the last [`handle_timeout`] may be the answer to a ping that left since then, and
//! counts as that. A peer that hangs right behind it is found by the next ping.
//!
//! A process that was paused sees the time before it sees what came meanwhile. So the first answer
//! to a deadline that passed is [`Next::Look`]: read and write once more without waiting, and ask
//! again. Only then it is believed, each deadline by itself.
//!
//! # A message that never ends
//!
//! A peer that sends a byte of a message now and then is alive to all of the above. If that must
//! end, note the time when a message begins, which [`Delivery::Fragments`](crate::Delivery::Fragments)
//! shows, and [`close`] with 1008 when it has taken too long; or count the bytes of each minute, and
//! do so below a rate of your choice. Neither has a default, since an upload over a bad line looks
//! the same.
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
//! let next = connection.handle_timeout(s(100), &mut out); // it does not matter when that is
//! assert_eq!(next, Next::Wait { until: Some(s(120)) });
//!
//! // Bytes come; when, `handle_timeout` is told, which is called after each read.
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
//! A thread per connection waits in `read` or `write`, with the timeouts of the socket:
//! [`blocking::WebSocket`](crate::blocking::WebSocket) is that. Two things to know if you write it
//! yourself: a timeout of zero is an error, so wait a millisecond at least; and it ends as
//! `WouldBlock` or as `TimedOut`, depending on the system.
//!
//! # With tokio
//!
//! A turn that can be cancelled at any `await`, and a timeout around it:
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
//! This one does not read while it writes, which an end that speaks little need not. A whole one is in
//! `examples/transports`. [`ThreadEntropy`](crate::ThreadEntropy) has no state in the connection, so
//! a client's task can move between threads.
//!
//! # Many connections on one thread
//!
//! Keep the deadlines in a heap or a wheel, one entry for each connection. Traffic only moves them
//! later, so leave the entry where it is, and when its time has come call [`handle_timeout`] and put
//! it back at what that says. When a turn puts something into the send buffer, and when a Close comes
//! or goes, ask at once.
//!
//! # Units
//!
//! Spans are kept in milliseconds, rounded up, so that no deadline comes early; one of 49 days or
//! more never comes. A clock that goes backwards delays deadlines, and does no other harm.
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
