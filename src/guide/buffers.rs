//! Buffers, limits and verbs: how much memory, how many copies, how many writes.
//!
//! All times here are medians of `docs/peers.md` as of 2026-11-20: in memory, on one core of an AMD
//! EPYC (Zen 5). A system call on a socket costs more than most of them, so save writes and reads
//! first, and then copies.
//!
//! # The receive buffer
//!
//! A [`ReceiveBuffer`] has no heap before the first read, grows when it is full and is small again
//! when it is empty, unless long messages follow one another: nothing is too large for it, and a peer
//! has to send what it makes you hold. Every message is unmasked where it lies, as it arrives, and
//! delivered as a part of the buffer: whole, in fragments, or cut by the reads, short or long.
//!
//! Its size is how much is read at once: 16 KiB by default. Give it more if messages are longer than
//! that, or if many come at a time: 64 KiB for one connection, 512 KiB for all those of a thread.
//!
//! The head of the opening handshake is taken by [`head`], and frames by [`unconsumed`]. Both leave
//! in the buffer what is not whole, and nobody counts bytes.
//!
//! How much is read at once decides what a socket costs. One buffer of 512 KiB can serve all
//! connections of a thread, since most reads end where a frame ends. Where one does not, [`park`]
//! moves the rest out, into a buffer of its own size, which that connection reads into until it is
//! empty. That includes what has come of a message that is not whole, and until the message ends,
//! no other connection can use the buffer that it is in:
//!
//! ```
//! use patchcord::{Config, Connection, Event, ReceiveBuffer, SendBuffer, Server};
//! use std::io::{self, Read};
//!
//! struct Client {
//!     connection: Connection<Server>,
//!     /// What is not whole; without heap if nothing is.
//!     rest: ReceiveBuffer,
//! }
//!
//! /// Called when the socket has something to read.
//! fn readable(
//!     Client { connection, rest }: &mut Client,
//!     socket: &mut impl Read,
//!     (shared, out): (&mut ReceiveBuffer, &mut SendBuffer),
//! ) -> io::Result<usize> {
//!     let parked = !rest.is_empty();
//!     let buffer = if parked { &mut *rest } else { &mut *shared };
//!     let read = socket.read(buffer.space())?;
//!     buffer.filled(read);
//!     let (mut input, mut heard) = (buffer.unconsumed(), 0);
//!     let broken = loop {
//!         match connection.receive(&mut input, out) {
//!             Ok(Some(Event::Binary(pcm))) => heard += pcm.len(),
//!             Ok(Some(_)) => {}
//!             Ok(None) => break None,
//!             Err(error) => break Some(error),
//!         }
//!     };
//!     if !parked || rest.is_empty() {
//!         *rest = shared.park(); // also what a broken rule left, or the next client would get it
//!     } else {
//!         rest.space(); // gives back what a long message took
//!     }
//!     broken.map_or(Ok(heard), |error| Err(io::Error::other(error)))
//! }
//! # let (mut shared, mut out) = (ReceiveBuffer::new(512 * 1024), SendBuffer::new());
//! # let mut clients = [0; 3].map(|_| {
//! #     Client { connection: Connection::server(Config::default()), rest: ReceiveBuffer::new(0) }
//! # });
//! # let mut read = |client: usize, bytes: &[u8]| {
//! #     let heard = readable(&mut clients[client], &mut &bytes[..], (&mut shared, &mut out));
//! #     (heard.unwrap_or(usize::MAX), clients[client].rest.is_empty())
//! # };
//! # for client in 0..3 {
//! #     assert_eq!(read(client, b"\x82\x82\0\0\0\0ab"), (2, true));
//! # }
//! # assert_eq!(read(1, b"\x82\x82\0\0\0"), (0, false));
//! # assert_eq!(read(0, b"\x82\x82\0\0\0\0ab"), (2, true));
//! # assert_eq!(read(1, b"\0ab"), (2, true));
//! # assert_eq!(read(2, b"\x83\x80"), (usize::MAX, false));
//! # assert_eq!(read(0, b"\x82\x82\0\0\0\0ab"), (2, true));
//! # let long = [b"\x82\xff\0\0\0\0\0\x10\0\0\0\0\0\0", &[0; 1 << 20][..], b"\x82"].concat();
//! # for part in long.chunks(200_000) {
//! #     let mut part = part;
//! #     while !part.is_empty() {
//! #         readable(&mut clients[0], &mut part, (&mut shared, &mut out))?;
//! #     }
//! # }
//! # assert_eq!(format!("{:?}", clients[0].rest), "ReceiveBuffer(1 bytes, room for 138)");
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
//! | [`whole`](crate::Limits::whole) | 16 KiB | taken in pieces | with a slice of your own: to what that holds |
//!
//! A frame is judged by its header, before its payload comes. What is declared costs nothing: a
//! message that is open takes no more than four times what has arrived of it at any moment, also while
//! it is moved to larger memory and both exist. Beside that come less than 512 bytes for each.
//!
//! # Messages or fragments
//!
//! [`Delivery::Messages`] is right unless a message is long and you can use its beginning, such as
//! an upload that goes to a file. With [`Delivery::Fragments`] nothing is joined: a part comes as
//! soon as it is there, texts are checked as far as they go, and a part may end inside a character.
//!
//! ```
//! use patchcord::{Config, Connection, Delivery, Event, SendBuffer};
//!
//! let config = Config { delivery: Delivery::Fragments, ..Config::default() };
//! let mut connection = Connection::server(config);
//! let mut bytes = *b"\x02\x82\0\0\0\0ab\x80\x82\0\0\0\0cd";
//! let (mut input, mut out, mut file) = (&mut bytes[..], SendBuffer::new(), Vec::new());
//! while let Some(event) = connection.receive(&mut input, &mut out)? {
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
//! owns its bytes. While one is held, so is the whole allocation that it was read into, 4 KiB or
//! more: copy out what is small and lives long, by `Bytes::copy_from_slice`.
//!
//! ```
//! use bytes::BytesMut;
//! use patchcord::{Config, Connection, Event, SendBuffer};
//!
//! let mut connection = Connection::server(Config::default());
//! let (mut input, mut out) = (BytesMut::new(), SendBuffer::new());
//! let mut queue = Vec::new();
//! for read in [&b"\x82\x83\0\0"[..], b"\0\0abc"] {
//!     input.reserve(4096);
//!     input.extend_from_slice(read); // stands for `read_buf`
//!     while let Some(event) = connection.receive(&mut input, &mut out)? {
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
//! - **Several messages at once, or short ones: `send`.** One buffer, one write. The copy of an
//!   audio frame takes some nanoseconds, and a write hundreds of them at least.
//! - **One long message: `send_borrowed`, or `send_in_place`.** What they return is written by one
//!   vectored write, behind everything that waits; it is a [`Buf`](bytes::Buf), and what the
//!   transport does not take is copied into the send buffer when it goes out of scope: see
//!   [`Outgoing`]. `send_in_place` leaves a client's payload masked: it is of no more use after that.
//! - **The same message to many: [`Prepared`].** It is encoded once, and each send buffer gets a
//!   counted reference: ten thousand slow readers hold one copy. A client cannot: each of its frames
//!   has a key of its own (RFC 6455 section 5.3).
//! - **No heap: an [`Encoder`](crate::Encoder) into a slice.** A full one is an error that says how much it takes,
//!   and then nothing was written:
//!
//! ```
//! use patchcord::{Encoder, Message, SendError};
//!
//! let mut encoder = Encoder::server();
//! let mut area = [0; 16];
//! let mut out = &mut area[..];
//! encoder.encode(Message::Text("Hello"), &mut out)?;
//! let error = encoder.encode(Message::Text("too long"), &mut out);
//! assert_eq!(error, Err(SendError::BufferTooSmall { needed: 10 }));
//! let free = out.len();
//! assert_eq!(&area[..16 - free], b"\x81\x05Hello");
//! # Ok::<(), SendError>(())
//! ```
//!
//! # The send buffer
//!
//! Everything that a connection says goes into a [`SendBuffer`], in the order in which it goes onto
//! the wire: messages, pongs, pings, the Close. Write from it once per read, not once per message,
//! and each time until `remaining()` is 0, not as many bytes as it had at first: with more than 4 KiB
//! of pongs in it, the latest one waits outside, and moves up when those have left.
//! Empty, it keeps 16 KiB at most, so a rare long message costs nothing afterwards; for one that
//! serves a whole thread, [`keeping`](crate::SendBuffer::keeping) is more.
//!
//! Put a bound on the answers that gather, and do not read while they are not written: a peer that
//! sends and does not read then has to wait, and your memory does not grow. [`Driver::wants_input`] is
//! that bound, of 64 KiB. What an end says of its own accord must not stop its reading, or two such
//! ends wait for each other; it stops its speaking, at the same bound. What the connection itself owes is bounded anyway: some 4 KiB of pongs, a ping, a Close.
//!
//! A whole frame is received, and sent into space that is there, without an allocation: a test of
//! the crate counts them.
//!
//! [`BytesMut`]: bytes::BytesMut
//! [`Delivery::Fragments`]: crate::Delivery::Fragments
//! [`Delivery::Messages`]: crate::Delivery::Messages
//! [`Prepared`]: crate::Prepared
//! [`ReceiveBuffer`]: crate::ReceiveBuffer
//! [`SendBuffer`]: crate::SendBuffer
//! [`Driver::wants_input`]: crate::Driver::wants_input
//! [`Outgoing`]: crate::Outgoing
//! [`head`]: crate::ReceiveBuffer::head
//! [`park`]: crate::ReceiveBuffer::park
//! [`send`]: crate::Connection::send
//! [`send_borrowed`]: crate::Connection::send_borrowed
//! [`send_in_place`]: crate::Connection::send_in_place
//! [`send_prepared`]: crate::Connection::send_prepared
//! [`unconsumed`]: crate::ReceiveBuffer::unconsumed
