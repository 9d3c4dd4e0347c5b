//! The entries of the header, over all its lines.

use super::{MAX_OFFERED, NAME, Subprotocol};
use crate::handshake::grammar::{elements, is_token};
use crate::handshake::head::{FieldValue, Headers};
use crate::handshake::steps;
use core::ops::Deref;
use core::{fmt, str};

/// The lines of the header, of which the rules were checked: a list of tokens, each there once.
///
/// A request keeps this proof, and not the entries: they are 32 places, and few servers look at them.
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
            // RFC 9110 section 5.6.1: empty elements are tolerated, a list of nothing else is not.
            if entries.is_empty() {
                return Err(OffersError::Empty);
            }
        }
        Ok(lines)
    }

    /// The entries, in one pass; what was checked is not checked again.
    pub(super) fn entries(&self) -> Entries<'head> {
        let mut entries = Entries::NONE;
        let found = self.iter().flat_map(elements).filter_map(|entry| str::from_utf8(entry).ok());
        for (place, entry) in entries.entries.iter_mut().zip(found) {
            *place = entry;
            entries.count += 1;
        }
        entries
    }

    /// Whether the name is a part of these lines, as those are that are read from them.
    pub(in crate::handshake) fn hold(&self, name: Subprotocol<'_>) -> bool {
        let name = name.as_str().as_bytes().as_ptr();
        self.iter().any(|line| line.as_ptr_range().contains(&name))
    }

    fn iter(&self) -> impl Iterator<Item = &'head [u8]> + use<'head> {
        self.0.values(self.1, NAME)
    }
}

/// The names and credentials of a request in their order.
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
        // RFC 6455 section 4.1, item 10: all values are unique. They are compared with those that
        // were kept, which are few; not with the lines, which can be of nothing but commas.
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

/// Offers that break the header's grammar; the answer is 400.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OffersError {
    /// The header is there, with nothing in it.
    Empty,
    /// An entry is not a token (RFC 9110 section 5.6.2).
    NotAToken,
    /// An entry is there twice (RFC 6455 section 4.1, item 10).
    Duplicate,
    /// There are more than [`MAX_OFFERED`] entries.
    TooMany,
}

impl fmt::Display for OffersError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "no subprotocol is in the header that offers them",
            Self::NotAToken => "an offered subprotocol is not a token",
            Self::Duplicate => "a subprotocol is offered twice",
            Self::TooMany => "too many subprotocols are offered",
        })
    }
}

impl core::error::Error for OffersError {}
