//! A WebSocket (RFC 6455) codec that does no I/O: the opening handshake, subprotocols with
//! credentials in them, frames and messages, for both roles, over any transport.
//!
//! It turns the bytes of a peer into events and messages into bytes, and leaves the socket, the
//! clock, the buffers and the random numbers to its caller. A payload byte is touched once on
//! its way in, unmasked where it lies in the caller's buffer, and once on its way out.
//!
//! # Layers
//!
//! ```text
//! mask  <-  payload  <-  frame  <-  codec  <-  connection        handshake (knows no frames)
//! ```
//!
//! | layer | is | used alone when |
//! |---|---|---|
//! | [`mask`] | masking keys, in place or while copying | you have frames of your own |
//! | [`payload`] | octets, and text that is proven to be UTF-8 | you validate text in pieces |
//! | [`frame`] | headers and Close bodies as values and as bytes | you write a proxy, a sniffer, a fuzzer |
//! | [`codec`] | [`Decoder`] and [`Encoder`]: one direction each | each direction has its own thread |
//! | [`connection`] | [`Connection`]: a whole endpoint | almost always |
//! | [`handshake`] | requests and answers over HTTP/1.1, 2 and 3 | you open connections |
//! | `deflate` | messages compressed and inflated (RFC 7692) | you have messages of your own |
//!
//! # Receiving
//!
//! What was read is a cursor, and [`Connection::receive`] takes events from its front. An event
//! borrows the buffer and not the connection, so an answer can be sent while it is held:
//!
//! ```
//! use patchcord::{Config, Connection, Event, Message};
//!
//! let mut connection = Connection::server(Config::default());
//! let mut bytes = *b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"; // RFC 6455 section 5.7
//! let mut out = Vec::new();
//!
//! let mut input = &mut bytes[..];
//! while let Some(event) = connection.receive(&mut input)? {
//!     match event {
//!         Event::Text(text) => connection.send(Message::Text(&text), &mut out)?,
//!         Event::Binary(pcm) => println!("{} bytes of audio", pcm.len()),
//!         Event::Fragment(_) | Event::Ping(_) | Event::Pong(_) | Event::Close(_) => {}
//!     }
//! }
//! assert_eq!(out, b"\x81\x05Hello");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The loop around it, with a socket, is on [`Connection`]; what was read and not consumed is
//! kept by a [`ReceiveBuffer`]. A [`BytesMut`](bytes::BytesMut) is an input too: its events own
//! their octets.
//!
//! # Opening a connection
//!
//! ```
//! use patchcord::handshake::client::Request;
//! use patchcord::handshake::credential::Scheme;
//! use patchcord::handshake::origin::OriginPolicy;
//! use patchcord::handshake::server::RequestReader;
//! use patchcord::handshake::subprotocol::Offer;
//! use patchcord::handshake::Url;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # #[cfg(all(feature = "getrandom", feature = "std", feature = "credentials"))] {
//! // A browser cannot set `Authorization`, so its key is one of the subprotocols.
//! let scheme = Scheme::Pair { marker: "token" };
//! let offer = Offer::required().credential(scheme, "KEY")?;
//! let url = Url::parse("ws://127.0.0.1:9001/v1/listen")?;
//! let mut request = Vec::new();
//! let mut reader = Request::new(url).offer(offer).write(&mut patchcord::ThreadEntropy, &mut request)?;
//!
//! // The server takes the key out before it selects, so that nothing can send it back.
//! let mut response = Vec::new();
//! let origins = OriginPolicy::list(&["https://example.com"])?.or_absent();
//! let seen = RequestReader::new(origins).read(&mut &request[..])?.expect("a whole head");
//! let offers = seen.subprotocols(&[scheme])?;
//! assert!(offers.credential(0).is_some_and(|key| key.matches("KEY")));
//! seen.accept(offers.server_preference(&["token"]), &mut response)?;
//!
//! assert!(reader.read(&mut &response[..])?.is_some()); // both ends now carry frames
//! # }
//! # Ok(())
//! # }
//! ```
//!
//! # Sending without a copy
//!
//! ```
//! use bytes::Buf;
//! use patchcord::{Config, Connection, Message};
//!
//! let mut connection = Connection::server(Config::default());
//! let pcm = [0; 640]; // 20 ms at 16 kHz
//! let frame = connection.send_borrowed(Message::Binary(&pcm))?;
//! let (header, payload) = frame.parts(); // for a vectored write
//! assert_eq!((header, payload.as_ptr()), (&[0x82, 126, 2, 128][..], pcm.as_ptr()));
//! assert_eq!(frame.remaining(), 644);
//! # Ok::<(), patchcord::SendError>(())
//! ```
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `std` | yes | CPU detection at run time, `IoSlice`, a generator per thread |
//! | `getrandom` | yes | [`Csprng`] and [`ThreadEntropy`]: keys without a system call per frame |
//! | `credentials` | yes | `Credential`: secrets compared in constant time, and wiped |
//! | `http` | no | handshakes from and to the `http` crate's types |
//! | `deflate` | no | permessage-deflate: its negotiation, and its transform |
//! | `arbitrary` | no | values, streams of frames and heads out of a fuzzer's bytes |
//!
//! Without `std` the crate needs `alloc`.
//!
//! # Non-goals
//!
//! Sockets, TLS, timers, tasks and reconnection are the caller's; so is HTTP beyond the head of
//! an upgrade. The drafts before RFC 6455 are not spoken.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![doc(test(attr(deny(warnings), allow(dead_code))))]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

#[cfg(feature = "arbitrary")]
pub mod arbitrary;
pub mod codec;
pub mod connection;
#[cfg(feature = "deflate")]
pub mod deflate;
pub mod entropy;
pub mod frame;
pub mod handshake;
pub mod mask;
pub mod payload;

pub use codec::{
    Client, Decoder, Delivery, Encoder, Event, Fragment, Input, Kind, Limits, Message, Prepared,
    ProtocolError, ReceiveBuffer, Role, SendError, Server, Vectored,
};
pub use connection::{Config, Connection, End, Expired, Lost, State, Timeouts};
#[cfg(feature = "getrandom")]
pub use entropy::Csprng;
pub use entropy::Entropy;
#[cfg(all(feature = "getrandom", feature = "std"))]
pub use entropy::ThreadEntropy;
pub use frame::{Close, CloseCode};
pub use mask::MaskingKey;
pub use payload::{InvalidUtf8, Payload, Text, Utf8};

/// The README's code, compiled.
#[cfg(all(doctest, feature = "std"))]
#[doc = include_str!("../README.md")]
struct Readme;
