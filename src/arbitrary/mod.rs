//! WebSocket traffic made from a fuzzer's bytes: values, streams of frames, and heads.
//!
//! It is for fuzzing anything that speaks WebSocket, this crate or another. The types of this crate
//! that can be made from fields implement [`Arbitrary`](arbitrary::Arbitrary): keys, opcodes,
//! headers that are legal ([`Header`](crate::frame::Header)) or not
//! ([`RawHeader`](crate::frame::RawHeader)), the bodies of Closes, messages and their fragments.
//! Anything larger that goes over a wire has a type here. Each has `bytes` that a peer could send,
//! and its name says which rules they keep:
//!
//! | type | is |
//! |---|---|
//! | [`LegalFrames`] | complete frames that keep every rule of RFC 6455, without extension bits |
//! | [`AnyFrames`] | frames that may break any rule |
//! | [`RequestHead`] | a request that a server can accept |
//! | [`ResponseHead`] | the response that opens a connection |
//! | [`AnyHead`] | a request or a response with up to three faults, often cut short |
//!
//! A complete target for a server's fuzzer; the [guide](crate::guide::fuzzing) has better ones:
//!
//! ```
//! use arbitrary::Unstructured;
//! use patchcord::arbitrary::{LegalFrames, Sender};
//! use patchcord::{Decoder, Delivery, Limits};
//!
//! /// A server accepts whatever a client may send.
//! fn target(data: &[u8]) -> arbitrary::Result<()> {
//!     let mut frames = LegalFrames::from_sender(Sender::Client, &mut Unstructured::new(data))?;
//!     let mut decoder = Decoder::server(Limits::default(), Delivery::Messages);
//!     let mut input = &mut frames.bytes[..];
//!     while let Some(event) = decoder.decode(&mut input).expect("a legal stream") {
//!         println!("{event:?}");
//!     }
//!     assert!(input.is_empty(), "whole frames");
//!     Ok(())
//! }
//! # let mut state = 1u32;
//! # let noise: Vec<u8> = std::iter::repeat_with(|| {
//! #     state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
//! #     (state >> 24) as u8
//! # }).take(4000).collect();
//! # for data in noise.chunks(40).chain([&noise[..], &[]]) { let _ = target(data); }
//! ```

mod frames;
mod heads;
mod values;

pub use frames::{AnyFrames, LegalFrames, Sender};
pub use heads::{AnyHead, RequestHead, ResponseHead};
