//! Compression: permessage-deflate (RFC 7692), when it is worth it and what it gives away.
//!
//! The feature `deflate` brings three things: the negotiation, in
//! [`handshake::extension::deflate`](crate::handshake::extension::deflate); the transform, in
//! [`deflate`], where the measurements are; and verbs for messages, [`with_deflate`] and
//! [`send_compressed`].
//!
//! # Both ends, in whole
//!
//! A [`Policy`] says what an end wants. A client offers it, a server answers, and what both then
//! know is an [`Agreed`], or nothing, and the connection opens without compression:
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
//! // The server takes what its policy can take.
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
//! // The client checks the answer.
//! let Some(Answer::Accepted(open)) = reader.read(&mut &answer[..])? else { panic!("refused") };
//! let mut client = Connection::client(ThreadEntropy, Config::default());
//! if let Some(agreed) = offer.verify(&open.extensions())? {
//!     client = client.with_deflate(agreed, Compression::default(), &engines);
//! }
//!
//! // Each message is compressed or not, as its sender likes; the receiver need not know.
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
//! what is encrypted: random bytes of 1 KiB take longer than JSON and grow by 6 %. So
//! [`send_compressed`] is a verb of its own beside `send`, and not a setting.
//!
//! Below [`Compression::threshold`], 64 bytes by default, a message goes as it is. Level 1 is the
//! default: with a window of 2 KiB, level 6 takes four times as long for a message of 1 KiB, and
//! sends .263 of it where level 1 sends .360 (the tables of [`deflate`]).
//!
//! # Windows, and memory
//!
//! A message may refer to those before it, as far back as the window; that is context takeover, and
//! it is why small messages compress at all. The window is then what a connection must keep:
//!
//! | windows of | bytes sent of 1 KiB of JSON | held per connection, pooled | live |
//! |---|--:|--:|--:|
//! | 2 KiB, by `Policy::SMALL` | .351 | 4,185 B | 305,304 B |
//! | 32 KiB, which hold if none asks for less | .301 | 65,637 B | 428,184 B |
//! | 32 KiB, no takeover | .472 | 363 B | 428,184 B |
//!
//! (`docs/peers.md` of 2026-11-20: 10,000 connections, both directions.)
//!
//! The window that an end compresses with is its own affair: the other inflates less than it was told
//! of. So by default this end uses 2 KiB, and says nothing of it; and its peer may use 32 KiB, of which
//! as much is kept as it said. That opens with all of 24 libraries and browsers that were tried, but for
//! the server of one that does not keep what it agrees to: `docs/interop.md`.
//!
//! A window of 2 KiB for the peer has to be agreed on: [`Policy::SMALL`]. It is right where the peers are
//! known, and memory for each connection is what counts. Six of the 24 then fail as servers or as clients,
//! since they do not keep to the parameters that it needs, which no browser offers. A peer that does not offer `client_max_window_bits` cannot be asked for a smaller
//! window; [`Fallback`] says what then: by [`Policy::SMALL`] it must not take its context over, which
//! costs bytes and no memory.
//!
//! # Pool or live engines
//!
//! An engine has hundreds of kilobytes, nearly all of it tables that each message fills anew. With
//! [`Engines::Pooled`] connections borrow one for a message, and keep their windows alone. That is
//! for servers: with 512 connections in turn a message of 1 KiB takes 5.4 µs to send, and 18 µs
//! with [`Engines::Owned`], whose engines push each other out of the caches. With windows of 32 KiB
//! there is no such difference for sending: 27 µs by either. One connection that has the processor
//! to itself is as fast live, and needs no pool to be handed round.
//!
//! Make one [`Pool`], for all threads or one for each. It is locked to take an engine and to give
//! it back, and not while the engine works.
//!
//! # One message to many
//!
//! With takeover each connection has a context of its own, so each message is compressed for each.
//! For broadcasts agree on none for the server, and compress once:
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
//! A kilobyte can inflate to a megabyte: DEFLATE's best is 1 to 1032. A message may not grow beyond
//! [`Limits::message`]; one of more than a mebibyte may also not be more than 200 times as long as
//! its data; and of more than 64 KiB of data something must come, a byte of 16 at least
//! ([`InflateLimits`], which [`Compression::limits`] sets). Each ends the connection with 1009, as soon as it is passed and not when all is
//! inflated:
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
//! # What it gives away
//!
//! Encryption hides what a message says, and not how long it is. A compressed message is shorter if
//! it repeats something, in itself or in the window. So if someone can have their words put into a
//! stream beside a secret, and can see lengths, they can guess the secret piece by piece: what
//! CRIME did to TLS, and BREACH to HTTP. Do not send a secret and what strangers wrote through one
//! context: send one of the two by `send`, which neither reads nor fills the window; or agree on no
//! takeover, which separates messages, though not what is within one.
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
