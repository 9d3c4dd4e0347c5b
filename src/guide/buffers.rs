//! Buffers, limits and verbs: how much memory, how many copies, how many writes.
//!
//! All times here are medians of `docs/peers.md` as of 2026-11-20: in memory, on one core of an AMD
//! EPYC (Zen 5). A system call on a socket costs more than most of them, so save writes and reads
//! first, and then copies.
//!
//! # The receive buffer
//!
//! [`Limits::whole`] says how long a frame may be that is waited for until it is whole, and so how
//! large the buffer is: [`Limits::buffer_size`], 16 KiB and 14 bytes by default. Such a message is
//! unmasked where it lies, and delivered as a part of the buffer. A longer one is taken in pieces,
//! and joined on the heap. What that costs, reads included:
//!
//! | one binary message of | 160 B | 8 KiB | 64 KiB | 1 MiB |
//! |---|--:|--:|--:|--:|
//! | `whole` of 16 KiB, as by default | 6.4 ns | 188 ns | 2.4 µs | 199 µs |
//! | `whole` of the message's length | | 129 ns | 1.1 µs | 50 µs |
//! | `whole` of 16 KiB, [`Delivery::Fragments`] | | | 1.4 µs | 22 µs |
//!
//! So set `whole` to the length of the messages that are frequent. Who sends half a frame makes you
//! hold the buffer, so do not set it to that of the longest. Set below 16 KiB, the buffer is too small
//! for a browser's head: make it `ReceiveBuffer::new(limits.buffer_size().max(MAX_HEAD + 1))`, or there
//! is no space left, and a `read` of 0 bytes looks like the end of the stream.
//!
//! Frames are taken by [`unconsumed`], and the buffer keeps what is not whole. [`ReceiveBuffer`]
//! tells what `input` and `keep` are for: the head of the opening handshake, which comes before them.
//!
//! One buffer serves all connections of a thread, for most reads end where a frame ends. A
//! connection needs one of its own only while a part of a frame waits:
//!
//! ```
//! use patchcord::{Config, Connection, Event, ProtocolError, ReceiveBuffer, Server};
//! use std::io::{self, Read};
//!
//! struct Client {
//!     connection: Connection<Server>,
//!     /// Holds what is not whole.
//!     rest: Option<ReceiveBuffer>,
//! }
//!
//! /// Called when the socket has something to read.
//! fn readable(
//!     client: &mut Client,
//!     socket: &mut impl Read,
//!     spare: &mut Vec<ReceiveBuffer>,
//! ) -> io::Result<usize> {
//!     let Client { connection, rest } = client;
//!     let mut buffer =
//!         rest.take().or_else(|| spare.pop()).unwrap_or_else(|| connection.buffer());
//!     let read = socket.read(buffer.space())?;
//!     buffer.filled(read);
//!     let heard = hear(connection, &mut buffer).map_err(io::Error::other)?;
//!     match buffer.input().is_empty() {
//!         true => spare.push(buffer),
//!         false => *rest = Some(buffer),
//!     }
//!     Ok(heard)
//! }
//!
//! fn hear(
//!     connection: &mut Connection<Server>,
//!     buffer: &mut ReceiveBuffer,
//! ) -> Result<usize, ProtocolError> {
//!     let (mut input, mut heard) = (buffer.unconsumed(), 0);
//!     while let Some(event) = connection.receive(&mut input)? {
//!         if let Event::Binary(pcm) = event {
//!             heard += pcm.len();
//!         }
//!     }
//!     Ok(heard)
//! }
//! # let mut spare = Vec::new();
//! # let mut clients = [0; 3].map(|_| {
//! #     Client { connection: Connection::server(Config::default()), rest: None }
//! # });
//! # for client in &mut clients {
//! #     assert_eq!(readable(client, &mut &b"\x82\x82\0\0\0\0ab"[..], &mut spare)?, 2);
//! # }
//! # assert_eq!(spare.len(), 1);
//! # assert_eq!(readable(&mut clients[1], &mut &b"\x82\x82\0\0\0"[..], &mut spare)?, 0);
//! # assert_eq!((spare.len(), clients[1].rest.is_some()), (0, true));
//! # assert_eq!(readable(&mut clients[1], &mut &b"\0ab"[..], &mut spare)?, 2);
//! # assert_eq!(spare.len(), 1);
//! # Ok::<(), io::Error>(())
//! ```
//!
//! With 8,192 connections that take turns, a message of 160 bytes takes 39 ns this way; with as
//! many buffers of 16 KiB there would be 134 MB of them to keep in the caches.
//!
//! # Limits
//!
//! | field | default | beyond it | change it |
//! |---|--:|---|---|
//! | [`message`](crate::Limits::message) | 16 MiB | 1009 | always: to what your protocol allows |
//! | [`frame`](crate::Limits::frame) | 16 MiB | 1009 | with `message`: senders need not fragment |
//! | [`fragments`](crate::Limits::fragments) | 131,072 | 1008 | seldom: a fragment costs no memory |
//! | [`whole`](crate::Limits::whole) | 16 KiB | joined | as above |
//!
//! A frame is judged by its header, before its payload comes. What is declared costs nothing: a
//! joined message takes no more than four times what has arrived of it at any moment, also while it
//! is moved to larger memory and both exist; between two calls it holds three times that at most.
//! Beside that comes less than 512 bytes for each message that is open.
//!
//! # Messages or fragments
//!
//! [`Delivery::Messages`] is right unless a message is long and you can use its beginning, such as
//! an upload that goes to a file. With [`Delivery::Fragments`] nothing is joined: a part comes as
//! soon as it is there, texts are checked as far as they go, and a part may end inside a character.
//!
//! ```
//! use patchcord::{Config, Connection, Delivery, Event};
//!
//! let config = Config { delivery: Delivery::Fragments, ..Config::default() };
//! let mut connection = Connection::server(config);
//! let mut bytes = *b"\x02\x82\0\0\0\0ab\x80\x82\0\0\0\0cd";
//! let (mut input, mut file) = (&mut bytes[..], Vec::new());
//! while let Some(event) = connection.receive(&mut input)? {
//!     if let Event::Fragment(part) = event {
//!         file.extend_from_slice(&part.payload);
//!         assert_eq!(part.last, file.len() == 4);
//!     }
//! }
//! assert_eq!(file, b"abcd");
//! # Ok::<(), patchcord::ProtocolError>(())
//! ```
//!
//! # A slice or `BytesMut`
//!
//! Both are an [`Input`](crate::Input). Give a `&mut [u8]`, or what a [`ReceiveBuffer`] lends, when an
//! event is done with before the next read: there is no count to keep, and nothing to free. Give a
//! [`BytesMut`] when events outlive the read, in a queue or another task: each is split off and
//! owns its octets. While one is held, so is the allocation that it was read into; copy out what is
//! small and lives long. Before a read, `reserve` what [`needed`] says, so that every frame that is
//! waited for has room:
//!
//! ```
//! use bytes::BytesMut;
//! use patchcord::{Config, Connection, Event};
//!
//! let mut connection = Connection::server(Config::default());
//! let mut input = BytesMut::new();
//! let mut queue = Vec::new();
//! for read in [&b"\x82\x83\0\0"[..], b"\0\0abc"] {
//!     input.reserve(connection.needed(&input).saturating_sub(input.len()).max(4096));
//!     input.extend_from_slice(read); // stands for `read_buf`
//!     while let Some(event) = connection.receive(&mut input)? {
//!         queue.push(event);
//!     }
//! }
//! drop((connection, input));
//! assert_eq!(queue, [Event::Binary(BytesMut::from(&b"abc"[..]))]);
//! # Ok::<(), patchcord::ProtocolError>(())
//! ```
//!
//! # Which verb to send with
//!
//! | verb | the payload is | 160 B | 1,920 B | 64 KiB |
//! |---|---|--:|--:|--:|
//! | [`send`], by a server | copied once | 5.8 ns | 16 ns | 531 ns |
//! | [`send_borrowed`], servers only | not touched | 1.5 ns | 1.5 ns | 2.3 ns |
//! | [`send`], by a client | masked while it is copied | 7.1 ns | 20 ns | 725 ns |
//! | [`send_in_place`], by a client | masked where it lies | 5.9 ns | 14 ns | 357 ns |
//! | [`send_prepared`], servers only | shared | | | |
//!
//! - **Several messages at once, or short ones: `send`.** One `Vec`, one write. The copy of an
//!   audio frame takes some nanoseconds, and a write hundreds of them at least.
//! - **One long message: `send_borrowed`, or `send_in_place`.** What they return is written by one
//!   vectored write; it is a [`Buf`](bytes::Buf), so after a short write you go on where it
//!   stopped: see [`Vectored`]. `send_in_place` leaves a client's payload masked: it is of no more
//!   use after that.
//! - **The same message to many: [`Prepared`].** It is encoded once, and each connection gets a
//!   counted reference. A client cannot: each of its frames has a key of its own (RFC 6455 section
//!   5.3).
//! - **No heap: `send` into a slice.** A full one is an error that says how much it takes, and then
//!   nothing was written:
//!
//! ```
//! use patchcord::{Config, Connection, Message, SendError};
//!
//! let mut connection = Connection::server(Config::default());
//! let mut area = [0; 16];
//! let mut out = &mut area[..];
//! connection.send(Message::Text("Hello"), &mut out)?;
//! let error = connection.send(Message::Text("too long"), &mut out);
//! assert_eq!(error, Err(SendError::BufferTooSmall { needed: 10 }));
//! let free = out.len();
//! assert_eq!(&area[..16 - free], b"\x81\x05Hello");
//! # Ok::<(), SendError>(())
//! ```
//!
//! # Order, and how much per write
//!
//! Frames go onto the wire in the order in which they were encoded: write the output buffer, then a
//! frame that was borrowed after it, then [`pending`]. Or [`flush`] moves what is pending into the
//! output buffer, and there is one thing to write.
//!
//! Write once per read, not once per message. Put a bound on what gathers, such as 64 KiB, and do
//! not read while that is not written: a peer that sends and does not read then has to wait, and
//! your memory does not grow. What the connection itself owes is bounded anyway: four control
//! frames, 524 bytes at most. Keep the output `Vec` and `clear` it; after a rare long message,
//! replace it, for a `Vec` does not shrink.
//!
//! A whole frame is received, and sent into space that is there, without an allocation: a test of
//! the crate counts them.
//!
//! [`BytesMut`]: bytes::BytesMut
//! [`Delivery::Fragments`]: crate::Delivery::Fragments
//! [`Delivery::Messages`]: crate::Delivery::Messages
//! [`Limits::buffer_size`]: crate::Limits::buffer_size
//! [`Limits::whole`]: crate::Limits::whole
//! [`Prepared`]: crate::Prepared
//! [`ReceiveBuffer`]: crate::ReceiveBuffer
//! [`Vectored`]: crate::Vectored
//! [`flush`]: crate::Connection::flush
//! [`needed`]: crate::Connection::needed
//! [`pending`]: crate::Connection::pending
//! [`send`]: crate::Connection::send
//! [`send_borrowed`]: crate::Connection::send_borrowed
//! [`send_in_place`]: crate::Connection::send_in_place
//! [`send_prepared`]: crate::Connection::send_prepared
//! [`unconsumed`]: crate::ReceiveBuffer::unconsumed
