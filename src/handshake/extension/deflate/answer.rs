//! The response of a server to an offer of permessage-deflate.

use super::parameters::Parameters;
use crate::deflate::Agreed;
use crate::handshake::extension::{Extensions, from_value};
use alloc::string::{String, ToString};
use core::fmt;

/// The response of a server that accepts an offer.
#[derive(Clone, Debug)]
pub struct DeflateAnswer {
    agreed: Agreed,
    answer: String,
}

impl DeflateAnswer {
    pub(super) fn new(agreed: Agreed, answer: &Parameters) -> Self {
        Self { agreed, answer: answer.to_string() }
    }

    /// The parameters that both ends have agreed on once the response is sent.
    #[must_use]
    pub const fn agreed(&self) -> Agreed {
        self.agreed
    }

    /// The extension to respond with, for
    /// [`Response::with_extensions`](crate::handshake::server::Response::with_extensions).
    #[must_use]
    pub const fn extensions(&self) -> Extensions<'_> {
        from_value(self.answer.as_str())
    }
}

/// Writes it as in the header.
impl fmt::Display for DeflateAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.answer)
    }
}
