//! What an event carries: octets, and text that is proven to be UTF-8.

mod text;
mod utf8;

pub(crate) use text::TextBuffer;
pub use text::{Delivered, Octets, Payload, Text};
pub use utf8::{InvalidUtf8, Utf8};
