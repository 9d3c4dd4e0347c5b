//! The payloads of events: bytes, and text that is proven to be UTF-8.
//!
//! [`Payload`] borrows a slice of the caller's, [`Text`] was checked once and dereferences to `str`
//! ever after, and [`Utf8`] checks text that arrives in pieces from any source.

mod text;
mod utf8;
#[cfg(all(target_arch = "x86_64", feature = "std"))]
mod wide;

pub use text::{Delivered, Payload, PayloadBytes, Text};
pub(crate) use text::{TextBuffer, unmask_piece};
pub use utf8::{InvalidUtf8, Utf8};
