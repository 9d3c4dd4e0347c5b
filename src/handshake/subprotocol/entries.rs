//! The entries of the header, across all its lines.

use super::{MAX_OFFERED, NAME, Subprotocol};
use crate::handshake::grammar::{elements, is_token};
use crate::handshake::head::{FieldValue, Headers};
use crate::handshake::steps;
use core::ops::Deref;
use core::{fmt, str};

/// The lines of the header, after their rules were checked: together they are a list of unique
/// tokens.
///
/// A request stores this proof instead of the entries, which take up 32 places and are used by few
/// servers.
#[derive(Clone, Copy)]
pub(in crate::handshake) struct OfferLines<'head>(FieldValue<'head>, Headers<'head>);

impl<'head> OfferLines<'head> {
    /// Checks the lines, joined in their order (RFC 6455 section 11.3.4).
    pub(in crate::handshake) fn new(
        field: FieldValue<'head>,
        headers: Headers<'head>,
    ) -> Result<Self, OffersError> {
        let lines = Self(field, headers);
        // Most requests offer nothing.
        if !matches!(field, FieldValue::Absent) {
            let mut entries = Entries::NONE;
            for line in lines.iter() {
                elements(line).try_for_each(|entry| entries.push(entry))?;
            }
            // RFC 9110 section 5.6.1: empty elements are tolerated, but not a list of nothing else.
            if entries.is_empty() {
                return Err(OffersError::Empty);
            }
        }
        Ok(lines)
    }

    /// Returns the entries, in one pass and without checking them again.
    pub(super) fn entries(&self) -> Entries<'head> {
        let mut entries = Entries::NONE;
        let found = self.iter().flat_map(elements).filter_map(|entry| str::from_utf8(entry).ok());
        // There are places enough: `new` counted the entries.
        for (place, entry) in entries.entries.iter_mut().zip(found) {
            *place = entry;
            entries.count += 1;
        }
        entries
    }

    /// Returns whether the name lies in these lines: a name that was read from a request is a slice
    /// of its bytes, so its address tells which request it belongs to.
    pub(in crate::handshake) fn hold(&self, name: Subprotocol<'_>) -> bool {
        let name = name.as_str().as_bytes().as_ptr();
        self.iter().any(|line| line.as_ptr_range().contains(&name))
    }

    fn iter(&self) -> impl Iterator<Item = &'head [u8]> + use<'head> {
        self.0.values(self.1, NAME)
    }
}

/// The names and credentials of a request, in their order.
#[derive(Clone, Copy)]
pub(super) struct Entries<'head> {
    entries: [&'head str; MAX_OFFERED],
    count: usize,
}

impl<'head> Entries<'head> {
    const NONE: Self = Self { entries: [""; MAX_OFFERED], count: 0 };

    fn push(&mut self, entry: &'head [u8]) -> Result<(), OffersError> {
        if self.count == MAX_OFFERED {
            return Err(OffersError::TooMany);
        }
        if !is_token(entry) {
            return Err(OffersError::NotAToken);
        }
        let entry = str::from_utf8(entry).map_err(|_| OffersError::NotAToken)?;
        // RFC 6455 section 4.1, item 10: all values are unique. An entry is compared with the few
        // that were kept, and not with the lines, which may consist of nothing but commas.
        if self.iter().any(|other| is_same(other, entry)) {
            return Err(OffersError::Duplicate);
        }
        self.entries[self.count] = entry;
        self.count += 1;
        Ok(())
    }
}

impl<'head> Deref for Entries<'head> {
    type Target = [&'head str];

    fn deref(&self) -> &[&'head str] {
        &self.entries[..self.count]
    }
}

fn is_same(one: &str, other: &str) -> bool {
    steps::count(if one.len() == other.len() { one.len() } else { 1 });
    one == other
}

/// An error: the offered subprotocols break the grammar of the header. Answer with 400.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OffersError {
    /// The header is present but empty.
    Empty,
    /// An entry is not a token (RFC 9110 section 5.6.2).
    NotAToken,
    /// An entry occurs twice (RFC 6455 section 4.1, item 10).
    Duplicate,
    /// There are more than [`MAX_OFFERED`] entries.
    TooMany,
}

impl fmt::Display for OffersError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the header that offers subprotocols is empty",
            Self::NotAToken => "an offered subprotocol is not a token",
            Self::Duplicate => "a subprotocol is offered twice",
            Self::TooMany => "too many subprotocols are offered",
        })
    }
}

impl core::error::Error for OffersError {}
