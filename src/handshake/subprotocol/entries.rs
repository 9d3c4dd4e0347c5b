//! The entries of the header, over all its lines.

use super::{MAX_OFFERED, OffersError};
use crate::handshake::field::{elements, is_token};
use crate::handshake::steps;
use core::ops::Deref;
use core::str;

/// The names and credentials of a request in their order: tokens, each there once.
#[derive(Clone, Copy)]
pub(in crate::handshake) struct Entries<'head> {
    entries: [&'head str; MAX_OFFERED],
    count: usize,
}

impl<'head> Entries<'head> {
    const EMPTY: Self = Self { entries: [""; MAX_OFFERED], count: 0 };

    /// Checks the lines of the header, joined in their order (RFC 6455 section 11.3.4).
    pub(in crate::handshake) fn check(
        lines: impl Iterator<Item = &'head [u8]>,
    ) -> Result<(), OffersError> {
        let (mut entries, mut is_there) = (Self::EMPTY, false);
        for entry in lines.inspect(|_| is_there = true).flat_map(elements) {
            let name = entries.push(entry)?;
            // RFC 6455 section 4.1, item 10: all values are unique. They are compared with those
            // that were kept, which are few; not with the lines, which can be of nothing but commas.
            let count = entries.count - 1;
            if entries.iter().take(count).any(|other| is_same(other, name)) {
                return Err(OffersError::Duplicate);
            }
        }
        // RFC 9110 section 5.6.1: empty elements are tolerated, a list of nothing else is not.
        if is_there && entries.is_empty() { Err(OffersError::Empty) } else { Ok(()) }
    }

    /// Reads lines in one pass; whether an entry is there twice was [checked](Self::check).
    pub(in crate::handshake) fn read(
        lines: impl Iterator<Item = &'head [u8]>,
    ) -> Result<Self, OffersError> {
        let mut entries = Self::EMPTY;
        lines.flat_map(elements).try_for_each(|entry| entries.push(entry).map(drop))?;
        Ok(entries)
    }

    fn push(&mut self, entry: &'head [u8]) -> Result<&'head str, OffersError> {
        let place = self.entries.get_mut(self.count).ok_or(OffersError::TooMany)?;
        if !is_token(entry) {
            return Err(OffersError::NotAToken);
        }
        *place = str::from_utf8(entry).map_err(|_| OffersError::NotAToken)?;
        self.count += 1;
        Ok(*place)
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
