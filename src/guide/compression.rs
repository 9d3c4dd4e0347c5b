//! Compression: permessage-deflate (RFC 7692), when it is worth it and what it reveals.
//!
//! The feature `deflate` brings three things: the negotiation, in
//! [`handshake::extension::deflate`](crate::handshake::extension::deflate); the compression itself,
//! in [`deflate`], where the measurements are; and methods for messages, [`with_deflate`] and
//! [`send_compressed`].
//!
//! # Both ends, complete
//!
//! A [`Policy`] says what an end wants. A client offers, and a server responds. The result for both
//! ends is an [`Agreed`], or nothing if the connection opens without compression:
//!
//! ```
//! # #[cfg(feature = "getrandom")] {
//! use patchcord::deflate::{Compression, Engines, Pool};
//! use patchcord::handshake::Url;
//! use patchcord::handshake::client::{Answer, Request};
//! use patchcord::handshake::extension::deflate::Policy;
//! use patchcord::handshake::admission::Admission;
//! use patchcord::handshake::server::RequestReader;
//! use bytes::Buf;
//! use patchcord::{Config, Connection, Event, Message, SendBuffer, ThreadEntropy};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let policy = Policy::default();
//! let engines = Engines::Pooled(Pool::default()); // once, for all connections
//! let (mut request, mut answer) = (Vec::new(), Vec::new());
//!
//! // The client offers.
//! let offer = policy.offer();
//! let mut reader = Request::new(Url::parse("ws://localhost/")?)
//!     .with_extensions(offer.extensions())
//!     .write(&mut ThreadEntropy, &mut request)?;
//!
//! // The server accepts an offer that its policy allows.
//! let seen = RequestReader::new(Admission::any()).read(&mut &request[..])?.ok_or("cut")?;
//! let accepted = policy.accept(&seen.extensions());
//! let mut response = seen.response();
//! let mut server = Connection::server(Config::default());
//! if let Some(accepted) = &accepted {
//!     response = response.with_extensions(accepted.extensions())?;
//!     server = server.with_deflate(accepted.agreed(), Compression::default(), &engines);
//! }
//! response.write(&mut answer)?;
//!
//! // The client checks the response.
//! let Some(Answer::Accepted(open)) = reader.read(&mut &answer[..])? else { panic!("refused") };
//! let mut client = Connection::client(ThreadEntropy, Config::default());
//! if let Some(agreed) = offer.verify(&open.extensions())? {
//!     client = client.with_deflate(agreed, Compression::default(), &engines);
//! }
//!
//! // The sender decides for each message; the receiver handles both.
//! let words = r#"{"word":"one","at":0.1},{"word":"two","at":0.4},{"word":"six","at":0.6}"#;
//! let mut out = SendBuffer::new();
//! server.send_compressed(Message::Text(words), &mut out)?;
//! assert!(out.remaining() < words.len());
//! server.send(Message::Binary(&[7; 640]), &mut out)?;
//!
//! let mut wire = out.chunk().to_vec();
//! let (mut input, mut out) = (&mut wire[..], SendBuffer::new());
//! let heard = client.receive(&mut input, &mut out)?;
//! assert!(matches!(heard, Some(Event::Text(text)) if *text == *words));
//! let heard = client.receive(&mut input, &mut out)?;
//! assert!(matches!(heard, Some(Event::Binary(pcm)) if pcm.len() == 640));
//! # Ok(())
//! # }
//! # main().unwrap();
//! # }
//! ```
//!
//! # When
//!
//! Compress text that repeats itself: transcripts, JSON, logs. Do not compress audio, images or
//! encrypted data: random bytes of 1 KiB take longer than JSON and grow by 6 %. That is why
//! [`send_compressed`] is a method of its own beside `send`, and not a setting.
//!
//! A message below [`Compression::threshold`], 64 bytes by default, is sent uncompressed. Level 1
//! is the default: with a window of 2 KiB, level 6 takes four times as long for a message of 1 KiB,
//! and sends .263 of it where level 1 sends .360 (see the tables of [`deflate`]).
//!
//! # Windows, and memory
//!
//! A message may refer to those before it, as far back as the window. That is context takeover, and
//! it is why small messages compress at all. The window is then what a connection has to keep:
//!
//! | windows of | bytes sent of 1 KiB of JSON | held per connection, pooled | owned |
//! |---|--:|--:|--:|
//! | 2 KiB, with `Policy::SMALL` | .351 | 4,185 B | 305,304 B |
//! | 32 KiB, unless an end asks for less | .301 | 65,637 B | 428,184 B |
//! | 32 KiB, no takeover | .472 | 363 B | 428,184 B |
//!
//! (`docs/peers.md` of 2026-11-20: 10,000 connections, both directions.)
//!
//! The window that an end compresses with is its own business: the other end inflates the same way
//! if it is smaller than agreed. So by default this end uses 2 KiB, and says nothing about it. Its
//! peer may use 32 KiB, of which as much is kept as the peer has sent. This works with all of the
//! 24 libraries and browsers that were tried, except for one server that breaks its own agreements:
//! `docs/interop.md`.
//!
//! A window of 2 KiB for the peer has to be negotiated: [`Policy::SMALL`]. It is right where the
//! peers are known and memory per connection is what counts. Six of the 24 then fail as servers or
//! as clients, since they do not honour the parameters that it needs, which no browser offers. A
//! peer that does not offer `client_max_window_bits` cannot be asked for a smaller window.
//! [`Fallback`] says what happens then: with [`Policy::SMALL`] the peer must not take over its
//! context, which costs bytes but no memory.
//!
//! # Pooled or owned engines
//!
//! An engine takes hundreds of kilobytes, nearly all of it tables that are filled anew for each
//! message. With [`Engines::Pooled`] connections borrow an engine for a message, and keep only
//! their windows. That is for servers: with 512 connections in turn a message of 1 KiB takes 5.4 µs
//! to send, and 18 µs with [`Engines::Owned`], whose engines evict each other from the caches. With
//! windows of 32 KiB there is no such difference for sending: 27 µs either way. One connection that
//! has the processor to itself is as fast with engines of its own, and needs no pool to be passed
//! around.
//!
//! Make one [`Pool`], for all threads or one for each. It is locked while an engine is taken or
//! given back, and not while the engine works.
//!
//! # One message to many
//!
//! With takeover each connection has a context of its own, so a message must be compressed for each
//! of them. For broadcasts, negotiate no takeover for the server, and compress once:
//!
//! ```
//! use patchcord::deflate::{Agreed, Compression, Context, Engines, Level, WindowBits};
//! use bytes::Buf;
//! use patchcord::{Config, Connection, Message, Prepared, SendBuffer};
//!
//! let score = r#"{"home":1,"away":0,"minute":12,"scorer":"the home side's number nine"}"#;
//! let window = WindowBits::new(11).ok_or("8 to 15")?;
//! let prepared = Prepared::compressed(Message::Text(score), Level::SMALLEST, window);
//!
//! let own = Context { window, takeover: false };
//! let agreed = Agreed { own, ..Agreed::default() }; // from the handshake
//! let mut compresses = Connection::server(Config::default())
//!     .with_deflate(agreed, Compression::default(), &Engines::Owned);
//! let mut does_not = Connection::server(Config::default());
//! let (mut short, mut long) = (SendBuffer::new(), SendBuffer::new());
//! compresses.send_prepared(&prepared, &mut short)?;
//! does_not.send_prepared(&prepared, &mut long)?;
//! assert!(short.remaining() < long.remaining());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Bombs
//!
//! A kilobyte can inflate to a megabyte: DEFLATE's highest ratio is 1 to 1032. A message must not
//! grow beyond [`Limits::message`]. A message of more than a mebibyte must not be more than 200
//! times as long as its data. More than 64 KiB of data must produce output, at least one byte for
//! every 16 ([`InflateLimits`], which [`Compression::limits`] sets). Exceeding any of these ends
//! the connection with 1009, as soon as it happens and not after everything was inflated:
//!
//! ```
//! use patchcord::deflate::{Agreed, Compression, Engines, Level};
//! use bytes::Buf;
//! use patchcord::{Config, Connection, Message, ProtocolError, SendBuffer};
//! # let key = |bytes: &mut [u8]| bytes.fill(0x5a);
//!
//! let agreed = Agreed::default();
//! let compression = Compression { level: Level::SMALLEST, ..Compression::default() };
//! let mut client = Connection::client(key, Config::default())
//!     .with_deflate(agreed, compression, &Engines::Owned);
//! let mut out = SendBuffer::new();
//! client.send_compressed(Message::Binary(&vec![0; 8 << 20]), &mut out)?; // 8 MiB
//! let mut wire = out.chunk().to_vec();
//! assert!(wire.len() < 10_000);
//!
//! let mut server = Connection::server(Config::default())
//!     .with_deflate(agreed, compression, &Engines::Owned);
//! let mut input = &mut wire[..];
//! let failed = server.receive(&mut input, &mut SendBuffer::new()).expect_err("more than 200 times its data");
//! assert!(matches!(failed, ProtocolError::Inflate(_)));
//! assert_eq!(failed.close_code().get(), 1009);
//! # Ok::<(), patchcord::SendError>(())
//! ```
//!
//! # What it reveals
//!
//! Encryption hides what a message says, but not how long it is. A compressed message is shorter if
//! it repeats something, in itself or in the window. So an attacker who can have text put into a
//! stream next to a secret, and can see lengths, can guess the secret piece by piece, as CRIME did
//! with TLS, and BREACH with HTTP. Do not send a secret and text of strangers through the same
//! context: send one of the two with `send`, which neither reads nor fills the window, or negotiate
//! no takeover, which separates messages, but not what is within one.
//!
//! [`Agreed`]: crate::deflate::Agreed
//! [`InflateLimits`]: crate::deflate::InflateLimits
//! [`Compression::limits`]: crate::deflate::Compression::limits
//! [`Compression::threshold`]: crate::deflate::Compression::threshold
//! [`Engines::Owned`]: crate::deflate::Engines::Owned
//! [`Engines::Pooled`]: crate::deflate::Engines::Pooled
//! [`Limits::message`]: crate::Limits::message
//! [`Fallback`]: crate::handshake::extension::deflate::Fallback
//! [`Policy`]: crate::handshake::extension::deflate::Policy
//! [`Policy::SMALL`]: crate::handshake::extension::deflate::Policy::SMALL
//! [`Pool`]: crate::deflate::Pool
//! [`deflate`]: crate::deflate
//! [`send_compressed`]: crate::Connection::send_compressed
//! [`with_deflate`]: crate::Connection::with_deflate
