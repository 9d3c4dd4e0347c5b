//! Choosing a layer: which type to start with.
//!
//! Start at the top of this table, and move down only for a reason. Each layer adds rules to the
//! one below it and checks none twice, so moving down saves little time; what it gives you is
//! control.
//!
//! | you have | use | it leaves to you |
//! |---|---|---|
//! | a socket of `std` and a thread that may block | [`blocking::WebSocket`] | nothing |
//! | any other transport, and either role | [`Driver`] | I/O, the clock |
//! | a socket that another library upgraded | [`Connection`] alone | the same |
//! | a reader and a writer on two threads | [`Decoder`] and [`Encoder`] | pongs, the Close, deadlines |
//! | frames to forward, count or show | [`Frames`], [`Header`], [`RawHeader`] | everything above one frame |
//! | frames of your own design | [`MaskingKey`] | everything |
//! | text that arrives in pieces, from anywhere | [`Utf8`] | where the text ends |
//! | an HTTP server that opens WebSockets | [`handshake`] alone | the frames |
//!
//! # A connection behind someone else's handshake
//!
//! The handshake does not know frames, and a connection does not know the handshake. If hyper, a
//! proxy or a test has answered the request, start with the bytes that it read beyond the head:
//!
//! ```
//! use patchcord::{Config, Connection, Event, ReceiveBuffer, SendBuffer};
//!
//! let behind_the_head = *b"\x82\x83\0\0\0\0abc"; // masked with a key of zeros
//! let mut connection = Connection::server(Config::default());
//! let (mut buffer, mut out) = (ReceiveBuffer::default(), SendBuffer::new());
//! buffer.space()[..behind_the_head.len()].copy_from_slice(&behind_the_head);
//! buffer.filled(behind_the_head.len());
//!
//! let mut input = buffer.unconsumed();
//! let heard = connection.receive(&mut input, &mut out)?;
//! let Some(Event::Binary(payload)) = heard else { panic!("no message") };
//! assert_eq!(&*payload, b"abc");
//! # Ok::<(), patchcord::ProtocolError>(())
//! ```
//!
//! # Two threads
//!
//! A `Connection` is a single value, because what arrives in one direction creates duties in the
//! other: a ping requires a pong, a Close requires a Close. With a [`Decoder`] and an [`Encoder`]
//! on two threads those duties are yours: let the reader pass both to the writer.
//!
//! ```
//! use patchcord::{Close, CloseCode, Decoder, Delivery, Encoder, Event, Limits, SendError};
//! use std::sync::mpsc;
//! use std::thread;
//!
//! /// The duties that the reader passes to the writer.
//! enum Owed {
//!     Pong(Vec<u8>),
//!     Close(Option<CloseCode>),
//! }
//!
//! let (reader, owed) = mpsc::channel();
//! let writer = thread::spawn(move || -> Result<Vec<u8>, SendError> {
//!     let mut encoder = Encoder::server();
//!     let mut out = Vec::new(); // stands for the socket
//!     for owed in owed {
//!         match owed {
//!             Owed::Pong(payload) => encoder.encode_pong(&payload, &mut out)?,
//!             Owed::Close(code) => {
//!                 encoder.encode_close(code.map(|code| Close::new(code, "")), &mut out)?;
//!             }
//!         }
//!     }
//!     Ok(out)
//! });
//!
//! let mut bytes = *b"\x89\x82\0\0\0\0hi\x88\x82\0\0\0\0\x03\xe8";
//! let mut input = &mut bytes[..];
//! let mut decoder = Decoder::server(Limits::default(), Delivery::Messages);
//! while let Some(event) = decoder.decode(&mut input)? {
//!     match event {
//!         Event::Ping(payload) => reader.send(Owed::Pong(payload.into_vec()))?,
//!         Event::Close(close) => reader.send(Owed::Close(close.map(|close| close.code)))?,
//!         _ => {}
//!     }
//! }
//! drop(reader);
//! assert_eq!(writer.join().expect("no panic")?, b"\x8a\x02hi\x88\x02\x03\xe8");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A `Connection` behind a `Mutex` does the same with less code. It is locked only for the codec's
//! work, which takes tens of nanoseconds for a message of an audio stream (see [`benchmarking`]),
//! and never during a read or a write.
//!
//! [`benchmarking`]: super::benchmarking
//!
//! # Forwarding frames
//!
//! A proxy that neither joins nor checks messages uses [`Frames`]: it delivers each header, and the
//! payload in pieces as they arrive, with the key for each piece. Its example forwards frames under
//! new keys, in one pass, in under twenty lines. A [`Header`] is legal by construction, as far as a
//! single frame can be; a [`RawHeader`] reports whatever the bytes say, for tools that examine
//! broken streams.
//!
//! # Text without a WebSocket
//!
//! [`Utf8`] validates text as it arrives, and reports the first byte after which nothing could make
//! the text valid. So a bad stream ends there, and not only when its message does:
//!
//! ```
//! use patchcord::Utf8;
//!
//! let mut text = Utf8::new();
//! text.feed("na\u{ef}ve".as_bytes())?;
//! let error = text.feed(b"...\xc0").expect_err("0xC0 begins no character");
//! assert_eq!(error.at, 3);
//! # Ok::<(), patchcord::InvalidUtf8>(())
//! ```
//!
//! # What no layer does
//!
//! Sockets, TLS, DNS, following redirects, reconnection, tasks, and a queue of messages to send.
//! Programs differ in each of these, and a codec that provided them would decide for you.
//!
//! [`Connection`]: crate::Connection
//! [`blocking::WebSocket`]: crate::blocking::WebSocket
//! [`Decoder`]: crate::Decoder
//! [`Driver`]: crate::Driver
//! [`Encoder`]: crate::Encoder
//! [`Frames`]: crate::Frames
//! [`Header`]: crate::frame::Header
//! [`MaskingKey`]: crate::MaskingKey
//! [`RawHeader`]: crate::frame::RawHeader
//! [`Utf8`]: crate::Utf8
//! [`handshake`]: crate::handshake
