//! Buffers, limits and sending: how much memory, how many copies, how many writes.
//!
//! All times here are medians from `docs/peers.md` of 2026-11-20: in memory, on one core of an AMD
//! EPYC (Zen 5). A system call on a socket costs more than most of them, so save writes and reads
//! first, and copies after that.
//!
//! # The receive buffer
//!
//! A [`ReceiveBuffer`] uses no heap before the first read. It grows when it is full, and shrinks
//! when it is empty, unless long messages follow one another. Nothing is too large for it, and a
//! peer has to send everything that it makes you hold. Every message is unmasked in place as it
//! arrives, and delivered as a part of the buffer: whole or in fragments, short or long, however
//! the reads split it.
//!
//! Its size is the amount read at once: 16 KiB by default. Make it larger if messages are longer
//! than that, or if many arrive at a time: 64 KiB for one connection, 512 KiB for all connections
//! of a thread.
//!
//! [`head`] takes the head of the opening handshake, and [`unconsumed`] takes frames. Both leave
//! incomplete data in the buffer, so nobody has to count bytes.
//!
//! The amount read at once decides what a socket costs. One buffer of 512 KiB can serve all
//! connections of a thread, since most reads end where a frame ends. Where one does not, [`park`]
//! moves the rest into a small buffer of its own, which that connection reads into until it is
//! empty. The rest includes the part of an incomplete message that has arrived. Until that message
//! ends, no other connection can use the buffer that it is in:
//!
//! ```
//! use patchcord::{Config, Connection, Event, ReceiveBuffer, SendBuffer, Server};
//! use std::io::{self, Read};
//!
//! struct Client {
//!     connection: Connection<Server>,
//!     /// The incomplete rest; uses no heap if there is none.
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
//!         *rest = shared.park(); // even after an error, or the next client would get the rest
//!     } else {
//!         rest.space(); // frees the memory of a long message
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
//! With 8,192 connections that take turns, a message of 160 bytes takes 39 ns this way. As many
//! buffers of 16 KiB would put 134 MB into the caches.
//!
//! # Limits
//!
//! | field | default | when exceeded | change it |
//! |---|--:|---|---|
//! | [`message`](crate::Limits::message) | 16 MiB | 1009 | always: to the maximum of your protocol |
//! | [`frame`](crate::Limits::frame) | 16 MiB | 1009 | with `message`: senders need not fragment |
//! | [`fragments`](crate::Limits::fragments) | 131,072 | 1008 | seldom: a fragment costs no memory |
//! | [`whole_frame`](crate::Limits::whole_frame) | 16 KiB | taken in pieces | with a slice of your own: to its capacity |
//!
//! A frame is judged by its header, before its payload arrives. A declared length costs nothing: an
//! open message never takes more than four times the bytes that have arrived of it, even while it
//! is moved to a larger buffer and both exist. On top of that come less than 512 bytes per message.
//!
//! # Messages or fragments
//!
//! [`Delivery::Messages`] is right unless a message is long and you can use its beginning, such as
//! an upload that goes into a file. With [`Delivery::Fragments`] nothing is joined: a part is
//! delivered as soon as it arrives, text is validated as far as it goes, and a part may end inside
//! a character.
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
//! Both are an [`Input`](crate::Input). Use a `&mut [u8]`, or the one that a [`ReceiveBuffer`]
//! lends, if you are done with an event before the next read: there is no reference count, and
//! nothing to free. Use a [`BytesMut`] if events outlive the read, in a queue or in another task:
//! each is split off and owns its bytes. While one is held, so is the whole allocation that it was
//! read into, 4 KiB or more: copy small payloads that live long, with `Bytes::copy_from_slice`.
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
//! # Which method to send with
//!
//! | method | the payload is | 160 B | 1,920 B | 64 KiB |
//! |---|---|--:|--:|--:|
//! | [`send`], by a server | copied once | 5.8 ns | 16 ns | 531 ns |
//! | [`send_borrowed`], servers only | not touched | 1.5 ns | 1.5 ns | 2.3 ns |
//! | [`send`], by a client | masked while it is copied | 7.1 ns | 20 ns | 725 ns |
//! | [`send_in_place`], by a client | masked where it lies | 5.9 ns | 14 ns | 357 ns |
//! | [`send_prepared`], servers only | shared | | | |
//!
//! - **Several messages at once, or short ones: `send`.** One buffer, one write. Copying an audio
//!   frame takes nanoseconds; a write takes hundreds of them at least.
//! - **One long message: `send_borrowed`, or `send_in_place`.** The value that they return is
//!   written by one vectored write, after everything that waits. It is a [`Buf`](bytes::Buf);
//!   whatever the transport does not accept is copied into the send buffer when the value goes out
//!   of scope: see [`Outgoing`]. `send_in_place` leaves a client's payload masked, so it cannot be
//!   used afterwards.
//! - **The same message to many: [`Prepared`].** It is encoded once, and each send buffer gets a
//!   counted reference: ten thousand slow readers hold one copy. A client cannot: each of its frames
//!   has a key of its own (RFC 6455 section 5.3).
//! - **No heap: an [`Encoder`](crate::Encoder) that writes into a slice.** If the slice is too
//!   small, the error says how much room is needed, and nothing is written:
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
//! Everything that a connection says goes into a [`SendBuffer`], in the order of the wire:
//! messages, pongs, pings, the Close. Write from it once per read, not once per message, and each
//! time until `remaining()` is 0, not just the number of bytes it had at first: with more than 4
//! KiB of pongs in it, the latest one waits outside, and moves up when those have left. When empty
//! it keeps at most 16 KiB, so a rare long message costs nothing afterwards. For one that serves a
//! whole thread, [`keeping`](crate::SendBuffer::keeping) sets more.
//!
//! Limit the answers that pile up, and do not read while they are not written: a peer that sends
//! without reading then has to wait, and your memory does not grow. [`Driver::wants_input`] is that
//! limit, of 64 KiB. Messages that an end sends of its own accord must not stop its reading, or two
//! such ends wait for each other; they should stop its sending, at the same limit. What the
//! connection itself owes is always limited: some 4 KiB of pongs, a ping and a Close.
//!
//! Receiving a whole frame, and sending into space that is there, takes no allocation: a test of
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
