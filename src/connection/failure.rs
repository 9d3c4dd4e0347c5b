//! The ways in which a connection can fail.

use super::{ConnectionLost, Expired};
use crate::codec::ProtocolError;
use core::fmt;

/// The reason why a connection ended without a closing handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// The peer broke a rule, and was sent a Close that says so (RFC 6455 section 7.1.7).
    Protocol(ProtocolError),
    /// The peer went away without a Close (section 7.1.5).
    Lost(ConnectionLost),
    /// A deadline passed.
    Expired(Expired),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Protocol(error) => error.fmt(f),
            Self::Lost(lost) => lost.fmt(f),
            Self::Expired(expired) => expired.fmt(f),
        }
    }
}

impl core::error::Error for Failure {}

#[cfg(feature = "std")]
impl From<Failure> for std::io::Error {
    fn from(failure: Failure) -> Self {
        let kind = match failure {
            Failure::Protocol(_) => std::io::ErrorKind::InvalidData,
            Failure::Lost(_) => std::io::ErrorKind::UnexpectedEof,
            Failure::Expired(_) => std::io::ErrorKind::TimedOut,
        };
        Self::new(kind, failure)
    }
}
