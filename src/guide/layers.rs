//! Choosing a layer: with which type to begin.
//!
//! Begin at the top of this table, and go down only for a reason. Each layer adds rules to the one below
//! it and checks none twice, so going down saves little time; what it buys is control.
//!
//! | you have | take | it leaves to you |
//! |---|---|---|
//! | a socket of `std` and a thread that may wait | [`blocking::WebSocket`] | nothing |
//! | any other transport, and either role | [`Driver`] | I/O, the clock |
//! | a socket that another library upgraded | [`Connection`] alone | the same |
//! | a reader and a writer on two threads | [`Decoder`] and [`Encoder`] | pongs, the Close, deadlines |
//! | frames to pass on, to count, to show | [`Frames`], [`Header`], [`RawHeader`] | everything above one frame |
//! | frames of your own design | [`MaskingKey`] | everything |
//! | text that arrives in pieces, from anywhere | [`Utf8`] | where the text ends |
//! | an HTTP server that opens WebSockets | [`handshake`] alone | the frames |
//!
//! # A connection behind someone else's handshake
//!
//! The handshake knows no frames, and a connection knows no handshake. If hyper, a proxy or a test
//! has answered the request, begin with what it read too much:
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
//! A `Connection` is one value, because what one direction hears obliges the other: a ping asks for
//! a pong, a Close for a Close. With a [`Decoder`] and an [`Encoder`] on two threads that duty is
//! yours: let the reader hand both to the writer.
//!
//! ```
//! use patchcord::{Close, CloseCode, Decoder, Delivery, Encoder, Event, Limits, SendError};
//! use std::sync::mpsc;
//! use std::thread;
//!
//! /// What the reader asks of the writer.
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
//! A `Connection` behind a `Mutex` does the same with less code. It is locked for the codec's work,
//! which takes tens of nanoseconds for a message of an audio stream (see [`benchmarking`]), and
//! never for a read or a write.
//!
//! [`benchmarking`]: super::benchmarking
//!
//! # Frames that are passed on
//!
//! A proxy that neither joins nor checks messages has [`Frames`]: each header, and its payload in
//! pieces as they come, with the key for each piece. Its example passes frames on under new keys, in
//! one pass, in under twenty lines. [`Header`] is legal by construction, as far as one frame can
//! be; [`RawHeader`] says whatever the bytes say, for tools that look at broken streams.
//!
//! # Text without a WebSocket
//!
//! [`Utf8`] takes text as it comes, and names the first byte after which nothing could make it
//! valid. So a bad stream ends there, and not when its message does:
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
//! Sockets, TLS, DNS, following redirects, reconnection, tasks, and a queue of messages to send. Programs
//! differ in each of them, and a codec that had them would decide for you.
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
