//! The guide: which part to take, how to drive it, and why; pages for readers, without code of
//! their own.
//!
//! A page takes three to five minutes and needs no other. What is code in it is compiled and run by
//! `cargo test`. What is a figure was measured on one machine, and says where; the method is on the
//! page about [`benchmarking`].
//!
//! | page | the question |
//! |---|---|
//! | [`layers`] | With which type do I begin? |
//! | [`event_loop`] | What does a loop around a connection look like? |
//! | [`buffers`] | How large are buffers and limits, and by which verb do I send? |
//! | [`timers`] | Who keeps the time, and what is each deadline for? |
//! | [`authentication`] | How does a browser show a key, and what must my server not do with it? |
#![cfg_attr(
    feature = "deflate",
    doc = "| [`compression`] | When is it worth it, with which windows, and what does it give away? |"
)]
//! | [`from_tungstenite`] | What becomes of code that was written for `tungstenite`? |
//! | [`from_fastwebsockets`] | And for `fastwebsockets`? |
#![cfg_attr(feature = "arbitrary", doc = "| [`fuzzing`] | How do I fuzz what speaks WebSocket? |")]
//! | [`benchmarking`] | How do I measure it, and compare it honestly? |
//!
//! Pages about a feature are there with it: `compression` with `deflate`, `fuzzing` with
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
//! One turn of the loop: receive until it returns `None`; ask [`handle_timeout`] what is next; write
//! once, or read once. Between two calls nothing is half done, so a loop may stop at any point, wait
//! for whatever it waits for, and go on. [`Driver`](crate::Driver) has the opening handshake and the end of the
//! transport, too.
//!
//! [`handle_timeout`]: crate::Connection::handle_timeout

pub mod authentication;
pub mod benchmarking;
pub mod buffers;
#[cfg(feature = "deflate")]
pub mod compression;
pub mod event_loop;
pub mod from_fastwebsockets;
pub mod from_tungstenite;
#[cfg(feature = "arbitrary")]
pub mod fuzzing;
pub mod layers;
pub mod timers;
