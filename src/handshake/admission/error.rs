//! Why a request is not let in, and why a list cannot be one.

use core::fmt;

/// Which of the three judged against a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::handshake) enum Denied {
    Host,
    Origin,
    FetchMetadata,
}

/// An entry of a list that cannot be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidEntry {
    /// It is not a host.
    Host {
        /// Its index in the list.
        index: usize,
    },
    /// It is not an origin.
    Origin {
        /// Its index in the list.
        index: usize,
    },
}

impl fmt::Display for InvalidEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host { index } => write!(f, "entry {index} of the list of hosts is not a host"),
            Self::Origin { index } => {
                write!(f, "entry {index} of the list of origins is not an origin")
            }
        }
    }
}

impl core::error::Error for InvalidEntry {}
