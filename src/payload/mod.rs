//! What an event carries: octets, and text that is proven to be UTF-8.
//!
//! [`Payload`] is what lies in a slice of the caller's, [`Text`] what was checked once and derefs to
//! `str` ever after, and [`Utf8`] checks text that comes in pieces, from wherever it comes.

mod text;
mod utf8;
#[cfg(all(target_arch = "x86_64", feature = "std"))]
mod wide;

pub use text::{Delivered, Payload, PayloadBytes, Text};
pub(crate) use text::{TextBuffer, unmask_piece};
pub use utf8::{InvalidUtf8, Utf8};
