//! Fuzzing: anything that speaks WebSocket, with the feature `arbitrary` and the kit in `fuzz/`.
//!
//! Bytes from a fuzzer are seldom a legal frame, and almost never a legal session, because the
//! length of each frame decides where the next one begins. So the feature `arbitrary` turns a
//! fuzzer's bytes into traffic: [`LegalFrames`] and [`RequestHead`] keep every rule, and
//! [`AnyFrames`] and [`AnyHead`] break some. It works for any implementation, not only this one.
//!
//! # A target
//!
//! A target is a function of bytes that panics if a property does not hold. Under `cargo fuzz`:
//!
//! ```text
//! #![no_main]
//! libfuzzer_sys::fuzz_target!(|data: &[u8]| { let _ = my_crate_fuzz::any_cut(data); });
//! ```
//!
//! Keep the function in a library, so that three programs can call it: the fuzzer, `cargo test`
//! with the inputs that were found, and a debugger. "Does not panic" is the weakest property. A
//! better one for a parser of streams: the result does not depend on how the bytes are split.
//!
//! ```
//! use arbitrary::Unstructured;
//! use bytes::BytesMut;
//! use patchcord::arbitrary::{AnyFrames, Sender};
//! use patchcord::{Decoder, Delivery, Event, Limits, ProtocolError};
//!
//! /// Returns what a server hears, and the error that ends it.
//! fn hear<'a>(
//!     reads: impl Iterator<Item = &'a [u8]>,
//! ) -> (Vec<Event<BytesMut>>, Result<(), ProtocolError>) {
//!     let mut decoder = Decoder::server(Limits::default(), Delivery::Messages);
//!     let (mut input, mut heard) = (BytesMut::new(), Vec::new());
//!     for read in reads {
//!         input.extend_from_slice(read);
//!         loop {
//!             match decoder.decode(&mut input) {
//!                 Ok(Some(event)) => heard.push(event),
//!                 Ok(None) => break,
//!                 Err(error) => return (heard, Err(error)),
//!             }
//!         }
//!     }
//!     (heard, Ok(()))
//! }
//!
//! /// Compares a single read with reads of one byte each.
//! fn any_cut(data: &[u8]) -> arbitrary::Result<()> {
//!     let frames = AnyFrames::from_sender(Sender::Client, &mut Unstructured::new(data))?;
//!     let at_once = [&frames.bytes[..]];
//!     assert_eq!(hear(at_once.into_iter()), hear(frames.bytes.chunks(1)));
//!     Ok(())
//! }
//! # let mut state = 1u32;
//! # let noise: Vec<u8> = std::iter::repeat_with(|| {
//! #     state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
//! #     (state >> 24) as u8
//! # }).take(40_000).collect();
//! # let ran = noise.chunks(200).filter(|data| any_cut(data).is_ok()).count();
//! # assert!(ran > 100, "{ran} of 200");
//! ```
//!
//! # Another implementation
//!
//! [`LegalFrames`] come with their meaning, so that any crate can be checked against it. This is a
//! complete differential target for tungstenite's server:
//!
//! ```
//! use arbitrary::Unstructured;
//! use patchcord::Event;
//! use patchcord::arbitrary::{LegalFrames, Sender};
//! use std::io::{self, Read, Write};
//! use tungstenite::Message;
//! use tungstenite::protocol::{Role, WebSocket};
//!
//! /// The bytes that a client sent. The server's answers are ignored.
//! struct Wire<'a>(&'a [u8]);
//!
//! impl Read for Wire<'_> {
//!     fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
//!         self.0.read(to)
//!     }
//! }
//!
//! impl Write for Wire<'_> {
//!     fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
//!         Ok(bytes.len())
//!     }
//!     fn flush(&mut self) -> io::Result<()> {
//!         Ok(())
//!     }
//! }
//!
//! fn target(data: &[u8]) -> arbitrary::Result<()> {
//!     let frames = LegalFrames::from_sender(Sender::Client, &mut Unstructured::new(data))?;
//!     let mut server = WebSocket::from_raw_socket(Wire(&frames.bytes), Role::Server, None);
//!     for event in &frames.events {
//!         match (event, server.read().expect("a legal stream")) {
//!             (Event::Text(said), Message::Text(heard)) => assert_eq!(**said, *heard),
//!             (Event::Binary(said), Message::Binary(heard))
//!             | (Event::Ping(said), Message::Ping(heard))
//!             | (Event::Pong(said), Message::Pong(heard)) => assert_eq!(*said, heard),
//!             (Event::Close(said), Message::Close(heard)) => assert_eq!(
//!                 said.as_ref().map(|close| (close.code.get(), &*close.reason)),
//!                 heard.as_ref().map(|close| (close.code.into(), &*close.reason)),
//!             ),
//!             (said, heard) => panic!("{heard:?}, and not {said:?}"),
//!         }
//!     }
//!     Ok(())
//! }
//! # let mut state = 1u32;
//! # let noise: Vec<u8> = std::iter::repeat_with(|| {
//! #     state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
//! #     (state >> 24) as u8
//! # }).take(100_000).collect();
//! # let ran = noise.chunks(500).filter(|data| target(data).is_ok()).count();
//! # assert!(ran > 100, "{ran} of 200");
//! ```
//!
//! # Your protocol over WebSocket
//!
//! To fuzz the contents of your messages, derive [`Arbitrary`](arbitrary::Arbitrary) for them, and
//! let a client of this crate frame them. Then the fuzzer spends its time in your code, and not on
//! masks and lengths:
//!
//! ```
//! use arbitrary::Unstructured;
//! use patchcord::{Config, Connection, Encoder, Event, MaskingKey, Message, SendBuffer};
//!
//! /// Your server: adds up the samples that it hears.
//! fn serve(mut bytes: Vec<u8>) -> u64 {
//!     let mut connection = Connection::server(Config::default());
//!     let (mut input, mut out, mut sum) = (&mut bytes[..], SendBuffer::new(), 0);
//!     while let Ok(Some(event)) = connection.receive(&mut input, &mut out) {
//!         if let Event::Binary(pcm) = event {
//!             sum += pcm.iter().map(|sample| u64::from(*sample)).sum::<u64>();
//!         }
//!     }
//!     sum
//! }
//!
//! fn target(data: &[u8]) -> arbitrary::Result<()> {
//!     let mut u = Unstructured::new(data);
//!     let messages: Vec<Vec<u8>> = u.arbitrary()?;
//!     let key: MaskingKey = u.arbitrary()?; // one for all: entropy is an argument
//!     let entropy = |bytes: &mut [u8]| {
//!         bytes.iter_mut().zip(key.to_bytes()).for_each(|(byte, key)| *byte = key);
//!     };
//!     let mut client = Encoder::client(entropy);
//!     let mut wire = Vec::new();
//!     for message in &messages {
//!         client.encode(Message::Binary(message), &mut wire).expect("a Vec has room");
//!     }
//!     let sum = messages.concat().iter().map(|sample| u64::from(*sample)).sum();
//!     assert_eq!(serve(wire), sum);
//!     Ok(())
//! }
//! # target(&[3; 100]).unwrap();
//! # for length in 0..200 { let _ = target(&vec![length as u8; length]); }
//! ```
//!
//! # Hints
//!
//! - **Entropy and time are arguments**, so a run depends only on its input, and a crash can be
//!   replayed. Never use [`ThreadEntropy`](crate::ThreadEntropy) or a real clock in a target.
//! - **Small limits** are reached sooner: [`Limits`](crate::Limits) of a few bytes are legal, and
//!   find the same bugs as a message of 16 MiB.
//! - **Compare.** The best properties have two results to compare: another crate, a naive loop, the
//!   same calls in another order. Where two implementations may differ, record the case as data;
//!   `fuzz/README.md` has the table of this crate.
//! - **Plant bugs.** A target that finds none may be blind. `fuzz/planted-bugs` breaks a copy of
//!   the crate in one place after another, and reports which target noticed, and after how long.
//! - **Keep what was found**, minimised, in the repository, and replay it in every test run.
//!
//! # The kit of this crate
//!
//! `fuzz/` is a package of its own in the repository: properties, their programs, a corpus that
//! `cargo test --test packages every_seed` replays on stable, and a dictionary of the tokens of heads.
//!
//! ```text
//! fuzz/run                     # all targets, 10 s each, with address sanitizer
//! fuzz/run 600 decode url      # two of them, 10 minutes each
//! fuzz/afl 600 decode url      # the same under AFL++, on stable
//! fuzz/run --merge FOLDER      # merges the findings of a campaign elsewhere
//! fuzz/minimise                # rebuilds the corpus from everything that was found
//! ```
//!
//! [`AnyFrames`]: crate::arbitrary::AnyFrames
//! [`AnyHead`]: crate::arbitrary::AnyHead
//! [`LegalFrames`]: crate::arbitrary::LegalFrames
//! [`RequestHead`]: crate::arbitrary::RequestHead
