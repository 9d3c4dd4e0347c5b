//! The errors of admission: a request that is not admitted, and a list with an invalid entry.

use core::fmt;

/// The check that a request failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::handshake) enum Denied {
    Host,
    Origin,
    FetchMetadata,
}

/// An error: a list has an invalid entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidEntry {
    /// The entry is not a host.
    Host {
        /// Its index in the list.
        index: usize,
    },
    /// The entry is not an origin.
    Origin {
        /// Its index in the list.
        index: usize,
    },
}

impl fmt::Display for InvalidEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host { index } => {
                write!(f, "entry {index} of the list of hosts is not a valid host")
            }
            Self::Origin { index } => {
                write!(f, "entry {index} of the list of origins is not a valid origin")
            }
        }
    }
}

impl core::error::Error for InvalidEntry {}
