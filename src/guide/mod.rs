//! The guide: which part to take, how to drive it, and why. These are pages to read, without code
//! of their own.
//!
//! Each page takes three to five minutes and stands on its own. The code in it is compiled and run
//! by `cargo test`. Every figure was measured on one machine, which the page names; the method is
//! described on the page about [`benchmarking`].
//!
//! | page | question |
//! |---|---|
//! | [`layers`] | Which type do I start with? |
//! | [`event_loop`] | What does a loop around a connection look like? |
//! | [`buffers`] | How large should buffers and limits be, and which method sends? |
//! | [`timers`] | Who keeps time, and what is each deadline for? |
//! | [`authentication`] | How does a browser present a key, and what must a server not do with it? |
#![cfg_attr(
    feature = "deflate",
    doc = "| [`compression`] | When is it worth it, with which windows, and what does it reveal? |"
)]
//! | [`from_tungstenite`] | How do I migrate from `tungstenite`? |
//! | [`from_fastwebsockets`] | How do I migrate from `fastwebsockets`? |
#![cfg_attr(
    feature = "arbitrary",
    doc = "| [`fuzzing`] | How do I fuzz programs that speak WebSocket? |"
)]
//! | [`benchmarking`] | How do I measure it, and compare it fairly? |
//!
//! Pages about a feature need that feature: `compression` needs `deflate`, `fuzzing` needs
//! `arbitrary`.
//!
//! # The shape of every driver
//!
//! ```text
//!           your socket                                     your socket
//!               |                                               ^
//!              read                                           write
//!               v                                               |
//!         ReceiveBuffer --receive--> events               SendBuffer
//!          ^         |                 |                    ^     ^
//!          +--rest---+             your code ------send-----+     |
//!        what is not whole                                        |
//!                       Connection: pongs, pings, the Close ------+
//! ```
//!
//! One turn of the loop: receive until it returns `None`; ask [`handle_timeout`] for the next step;
//! write once, or read once. Between two calls nothing is half done, so a loop may stop at any
//! point, wait for anything, and continue. [`Driver`](crate::Driver) adds the opening handshake and
//! the end of the transport.
//!
//! [`handle_timeout`]: crate::Connection::handle_timeout

#[doc(alias("API key", "browser"))]
pub mod authentication;
pub mod benchmarking;
#[doc(alias("backpressure", "broadcast", "max message size", "slow client"))]
pub mod buffers;
#[cfg(feature = "deflate")]
pub mod compression;
pub mod event_loop;
pub mod from_fastwebsockets;
pub mod from_tungstenite;
#[cfg(feature = "arbitrary")]
pub mod fuzzing;
#[doc(alias("split", "proxy"))]
pub mod layers;
#[doc(alias("keepalive", "heartbeat", "ping interval", "timeout"))]
pub mod timers;
