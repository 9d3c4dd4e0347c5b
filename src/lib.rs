//! A WebSocket (RFC 6455) codec that does no I/O: the opening handshake, subprotocols that carry
//! credentials, frames and messages, for both roles, over any transport.
//!
//! It turns bytes from a peer into events, and messages into bytes. The socket, the clock and the
//! random numbers are the caller's. A payload byte is touched once on its way in, unmasked in place
//! in the receive buffer, and once on its way out. Only one module, [`blocking`], moves bytes
//! itself: it is for a thread that may block and a socket of `std`.
//!
//! Under tokio, take the package `patchcord-tokio`, which is a `Stream` and a `Sink`. For a loop of your own, begin with
//! [`guide::event_loop`]; for many connections, with [`guide::buffers`]; for deadlines and keep-alive, with
//! [`guide::timers`]; for a browser's key, with [`guide::authentication`]. The [`guide`] has a page for each of the next
//! questions, and for those who come from another crate.
//!
//! # Layers
//!
//! ```text
//! entropy <- mask <- payload <- frame <- codec <- connection <- driver <- blocking
//!                                          |                      |
//!                                       deflate               handshake (knows no frames)
//! ```
//!
//! | layer | contains | used alone when |
//! |---|---|---|
//! | [`mask`] | masking keys, in place or while copying | you have frames of your own |
//! | [`payload`] | bytes, and text that is proven to be UTF-8 | you validate text in pieces |
//! | [`frame`] | headers and Close bodies as values and as bytes | you write a sniffer or a fuzzer |
//! | [`codec`] | [`Decoder`] and [`Encoder`]: one direction each; [`Frames`] for proxies | each direction has its own thread |
//! | [`connection`] | [`Connection`]: an open endpoint | another library did the handshake |
//! | [`handshake`] | requests and responses over HTTP/1.1, 2 and 3 | another library does the frames |
//! | [`Driver`] | handshake, connection and the end of the transport, without I/O | you own the event loop |
//! | [`blocking`] | a [`Driver`] and a socket of `std` | a thread may block |
#![cfg_attr(
    feature = "deflate",
    doc = "| [`deflate`] | messages compressed and inflated (RFC 7692) | you have messages of your own |"
)]
//!
//! [`guide::layers`] says with which one to begin.
//!
//! # A server
//!
//! This server uses a thread per connection. It has deadlines, answers pings and the Close, ends
//! TCP so that no data in transit is lost, and tells its clients when it shuts down:
//!
//! ```no_run
#![cfg_attr(feature = "std", doc = include_str!("../examples/server.rs"))]
//! ```
//!
//! The example `echo_server` adds options for limits, keys, compression and signals.
//!
//! # A client
//!
//! ```no_run
#![cfg_attr(all(feature = "std", feature = "getrandom"), doc = include_str!("../examples/asker.rs"))]
//! ```
//!
//! # Each direction alone
//!
//! A [`Decoder`] and an [`Encoder`] share nothing, so each can have its own thread. Each enforces
//! all rules of its direction. The duties between the directions, pongs and the Close, are left to
//! you.
//!
//! ```
//! # #[cfg(all(feature = "getrandom", feature = "std"))]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use bytes::BytesMut;
//! use patchcord::{Decoder, Delivery, Encoder, Event, Limits, Message, SendError, ThreadEntropy};
//! use std::{sync::mpsc, thread};
//!
//! let (wire, arrived) = mpsc::channel();
//! let sender = thread::spawn(move || -> Result<(), SendError> {
//!     let mut encoder = Encoder::client(ThreadEntropy);
//!     let mut out = Vec::new();
//!     encoder.encode(Message::Text("the name of the stream"), &mut out)?;
//!     encoder.encode(Message::Binary(&[0; 640]), &mut out)?; // 20 ms at 16 kHz
//!     encoder.encode_close(None, &mut out)?;
//!     for piece in out.chunks(100) {
//!         let _ = wire.send(piece.to_vec()); // split anywhere
//!     }
//!     Ok(())
//! });
//!
//! let mut decoder = Decoder::server(Limits::default(), Delivery::Messages);
//! let (mut input, mut heard) = (BytesMut::new(), Vec::new());
//! for piece in arrived {
//!     input.extend_from_slice(&piece);
//!     while let Some(event) = decoder.decode(&mut input)? {
//!         match event {
//!             Event::Text(name) => heard.push(name.to_string()),
//!             Event::Binary(pcm) => heard.push(format!("{} bytes", pcm.len())),
//!             Event::Close(_) => heard.push("the end".to_string()),
//!             Event::Fragment(_) | Event::Ping(_) | Event::Pong(_) => {}
//!         }
//!     }
//! }
//! assert_eq!(heard, ["the name of the stream", "640 bytes", "the end"]);
//! # sender.join().expect("no panic")?;
//! # Ok(())
//! # }
//! # #[cfg(not(all(feature = "getrandom", feature = "std")))]
//! # fn main() {}
//! ```
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `std` | yes | CPU detection at run time, `IoSlice`, a generator per thread |
//! | `getrandom` | yes | [`Csprng`] and [`ThreadEntropy`]: keys without a system call per frame |
//! | `credentials` | yes | `Credential`: secrets that are compared in constant time and wiped |
//! | `http` | no | handshakes read from and written to the `http` crate's types |
//! | `deflate` | no | permessage-deflate: negotiation and compression |
//! | `arbitrary` | no | values, streams of frames and heads from a fuzzer's bytes |
//!
//! Without `std` the crate needs `alloc`.
//!
//! # Non-goals
//!
//! TLS, timers, tasks and reconnection are up to the caller; so are sockets, except for
//! [`blocking`], and HTTP beyond the head of an upgrade. The drafts before RFC 6455 are not
//! supported.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![doc(test(attr(deny(warnings), allow(dead_code))))]
// A panic needs its reason beside it; indexes and slices have theirs in PANICS.md.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::unreachable,
        clippy::todo
    )
)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

#[cfg(feature = "arbitrary")]
pub mod arbitrary;
#[cfg(feature = "std")]
pub mod blocking;
pub mod codec;
pub mod connection;
#[cfg(feature = "deflate")]
pub mod deflate;
mod driver;
pub mod entropy;
pub mod frame;
#[cfg(any(doc, doctest))]
pub mod guide;
pub mod handshake;
pub mod mask;
pub mod payload;

pub use codec::{
    BorrowedFrame, Client, Decoder, Delivery, Encoder, Event, Fragment, FramePart, Frames, Input,
    Limits, Message, MessageKind, Outgoing, Piece, Prepared, ProtocolError, ReceiveBuffer, Role,
    SendBuffer, SendError, Server, SharedMessage, Unconsumed,
};
pub use connection::{
    ClosedBy, Config, Connection, ConnectionLost, Expired, Failure, Next, State, Timeouts,
};
pub use driver::{Driver, Step};
#[cfg(feature = "getrandom")]
pub use entropy::Csprng;
pub use entropy::Entropy;
#[cfg(all(feature = "getrandom", feature = "std"))]
pub use entropy::ThreadEntropy;
pub use frame::{Close, CloseCode};
pub use mask::MaskingKey;
pub use payload::{InvalidUtf8, Payload, Text, Utf8};

/// Compiles the README's code.
#[cfg(all(doctest, feature = "std", feature = "getrandom", feature = "credentials"))]
#[doc = include_str!("../README.md")]
struct Readme;
