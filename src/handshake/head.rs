//! Heads of HTTP/1.1 messages: finding them in a growing buffer, and writing them.

use super::grammar::trim;
use super::limits::{HeadLimits, TooLarge};
use super::steps;
use alloc::vec::Vec;
use bytes::BufMut;
use core::mem::MaybeUninit;
use core::{fmt, slice, str};

/// An error: the output buffer has too little room for a head. Nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BufferTooSmall {
    /// The number of free bytes that the head needs.
    pub needed: usize,
}

impl fmt::Display for BufferTooSmall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the output buffer is too small: the head needs {} bytes", self.needed)
    }
}

impl core::error::Error for BufferTooSmall {}

/// Finds the end of a head in a growing buffer, and looks at each byte once.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Finder {
    /// The offset at which the search continues.
    searched: usize,
    /// The offset of the first incomplete line.
    line: usize,
    lines: usize,
}

impl Finder {
    /// Returns whether no search has been made yet.
    pub(super) const fn is_new(&self) -> bool {
        self.searched == 0
    }

    /// Returns the head at the front of `bytes` once all of it has arrived.
    pub(super) fn find(
        &mut self,
        bytes: &[u8],
        limits: &HeadLimits,
    ) -> Result<Option<Found>, TooLarge> {
        if bytes.len() < self.searched {
            *self = Self::default(); // these are not the bytes of the last call
        }
        while let Some(next) = memchr::memchr(b'\n', bytes.get(self.searched..).unwrap_or_default())
        {
            let end = self.searched + next + 1;
            let line = end - self.line;
            steps::count(next + 1);
            // Judged line by line, and for the incomplete rest below: a head is refused as soon as
            // it is too large.
            self.admit(end, line, limits)?;
            // RFC 9112 section 2.2: a bare line feed may be taken for a line end.
            let blank = line == 1 || line == 2 && bytes[end - 2] == b'\r';
            (self.searched, self.line) = (end, end);
            // RFC 9112 section 2.2: an empty line before the first line is ignored.
            if blank && self.lines > 0 {
                // Start over: behind an interim response comes another head.
                let Self { lines, .. } = core::mem::take(self);
                return Ok(Some(Found { length: end, headers: lines - 1 }));
            }
            self.lines += usize::from(!blank);
        }
        steps::count(bytes.len() - self.searched);
        self.searched = bytes.len();
        self.admit(bytes.len(), bytes.len().saturating_sub(self.line), limits)?;
        Ok(None)
    }

    fn admit(&self, head: usize, line: usize, limits: &HeadLimits) -> Result<(), TooLarge> {
        limits.admit(head, line, self.lines.saturating_sub(1)) // the first line is not a header
    }
}

/// The measures of a head that was found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) length: usize,
    /// The number of its lines, without the first line and empty ones.
    pub(super) headers: usize,
}

/// Calls `parse` with room for `lines` header lines. The room is on the stack, unless limits above
/// the default let more lines in.
pub(super) fn with_room<'head, T>(
    lines: usize,
    parse: impl FnOnce(&mut [MaybeUninit<httparse::Header<'head>>]) -> T,
) -> T {
    let mut room = [const { MaybeUninit::uninit() }; HeadLimits::LINES];
    match room.get_mut(..lines) {
        Some(room) => parse(room),
        None => parse(Vec::with_capacity(lines).spare_capacity_mut()),
    }
}

/// Returns whether a head can begin with these bytes, possibly after an empty line. Without this
/// check, a peer that does not speak HTTP, such as a TLS client, would be waited for.
pub(super) fn may_begin(bytes: &[u8], is_first: impl Fn(u8) -> bool) -> bool {
    bytes.first().is_none_or(|&first| first == b'\r' || first == b'\n' || is_first(first))
}

/// The header fields of a head that was read, in the order in which they were sent, as far as the
/// carrier preserves it.
///
/// `Debug` shows only the names: values can be credentials.
#[derive(Clone, Copy)]
pub struct Headers<'head>(Source<'head>);

/// The source of the fields, one for each carrier.
#[derive(Clone, Copy)]
enum Source<'head> {
    /// A whole head. Its first line is skipped only when the fields are asked for, since few
    /// callers do.
    Head(&'head [u8]),
    List(&'head [(&'head str, &'head [u8])]),
    #[cfg(feature = "http")]
    Map(&'head http::HeaderMap),
}

impl<'head> Headers<'head> {
    /// The fields of a parsed head: all its lines except the first.
    pub(super) const fn from_head(head: &'head [u8]) -> Self {
        Self(Source::Head(head))
    }

    /// The fields of a list of names and values.
    pub(super) const fn from_list(list: &'head [(&'head str, &'head [u8])]) -> Self {
        Self(Source::List(list))
    }

    /// Returns whether these are the lines of a head in bytes, whose limits were checked when it
    /// was found.
    pub(super) const fn are_lines(&self) -> bool {
        matches!(self.0, Source::Head(_))
    }

    /// The fields of the `http` crate's map.
    #[cfg(feature = "http")]
    pub(super) const fn from_map(map: &'head http::HeaderMap) -> Self {
        Self(Source::Map(map))
    }

    /// Returns an iterator over the fields: each name as it was sent, each value without the white
    /// space around it.
    pub fn iter(&self) -> impl Iterator<Item = (&'head str, &'head [u8])> + use<'head> {
        self.fields()
    }

    fn fields(&self) -> FieldIter<'head> {
        match self.0 {
            Source::Head(head) => FieldIter::Lines(Lines::behind_the_first(head)),
            Source::List(list) => FieldIter::List(list.iter()),
            #[cfg(feature = "http")]
            Source::Map(map) => FieldIter::Map(map.iter()),
        }
    }

    /// Returns an iterator over the values of all fields with this name, ignoring case.
    pub fn all<'name>(
        &self,
        name: &'name str,
    ) -> impl Iterator<Item = &'head [u8]> + use<'head, 'name> {
        self.iter()
            .filter(move |(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// Returns the value of the first field with this name, ignoring case, if it is UTF-8.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'head str> {
        self.all(name).next().and_then(|value| str::from_utf8(value).ok())
    }
}

impl fmt::Debug for Headers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

/// An iterator over the fields of a head.
pub(super) enum FieldIter<'head> {
    Lines(Lines<'head>),
    List(slice::Iter<'head, (&'head str, &'head [u8])>),
    #[cfg(feature = "http")]
    Map(http::header::Iter<'head, http::HeaderValue>),
}

impl<'head> Iterator for FieldIter<'head> {
    type Item = (&'head str, &'head [u8]);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let (name, value) = match self {
            // The empty last line has no colon, and is passed over.
            Self::Lines(lines) => return lines.find_map(field),
            Self::List(list) => list.next().copied()?,
            #[cfg(feature = "http")]
            Self::Map(map) => map.next().map(|(name, value)| (name.as_str(), value.as_bytes()))?,
        };
        steps::count(1 + name.len() + value.len());
        Some((name, trim(value)))
    }
}

/// The value of a field that a head may have once, several times, or not at all.
#[derive(Clone, Copy, Default)]
pub(super) enum FieldValue<'head> {
    #[default]
    Absent,
    Single(&'head [u8]),
    Repeated,
}

impl<'head> FieldValue<'head> {
    pub(super) fn add(&mut self, value: &'head [u8]) {
        *self = if matches!(self, Self::Absent) { Self::Single(value) } else { Self::Repeated };
    }

    /// Returns the value of a field that occurs once.
    pub(super) fn get(self) -> Option<&'head [u8]> {
        if let Self::Single(value) = self { Some(value) } else { None }
    }

    /// Returns the values of all lines of this field. `headers` are searched again only if there
    /// are several.
    pub(super) fn values(self, headers: Headers<'head>, name: &'static str) -> Values<'head> {
        match self {
            Self::Absent => Values::One(None),
            Self::Single(value) => Values::One(Some(value)),
            Self::Repeated => Values::Several(headers.fields(), name),
        }
    }
}

/// An iterator over the values of one field's lines.
pub(super) enum Values<'head> {
    One(Option<&'head [u8]>),
    /// The fields that were not searched yet. Starting over for each line would take time quadratic
    /// in the number of lines.
    Several(FieldIter<'head>, &'static str),
}

impl<'head> Iterator for Values<'head> {
    type Item = &'head [u8];

    fn next(&mut self) -> Option<&'head [u8]> {
        match self {
            Self::One(value) => value.take(),
            Self::Several(fields, name) => {
                let named = |(other, _): &(&str, _)| other.eq_ignore_ascii_case(name);
                fields.find(named).map(|(_, value)| value)
            }
        }
    }
}

/// An iterator over lines that end with a line feed.
pub(super) struct Lines<'head>(&'head [u8]);

impl<'head> Lines<'head> {
    /// The lines of a head except the first, which may have empty lines before it.
    fn behind_the_first(head: &'head [u8]) -> Self {
        let start = head.iter().position(|&byte| byte != b'\r' && byte != b'\n').unwrap_or(0);
        let head = &head[start..];
        let first = memchr::memchr(b'\n', head).map_or(head.len(), |end| end + 1);
        Self(&head[first..])
    }
}

impl<'head> Iterator for Lines<'head> {
    type Item = &'head [u8];

    fn next(&mut self) -> Option<&'head [u8]> {
        let (line, rest) = self.0.split_at(memchr::memchr(b'\n', self.0)?);
        self.0 = &rest[1..];
        steps::count(1 + line.len());
        Some(line)
    }
}

/// Splits a line into the name and the value of a field.
fn field(line: &[u8]) -> Option<(&str, &[u8])> {
    let (name, value) = line.split_at(memchr::memchr(b':', line)?);
    let value = value[1..].strip_suffix(b"\r").unwrap_or(&value[1..]);
    Some((str::from_utf8(name).ok()?, trim(value)))
}

/// Writes the parts that `parts` produces, or nothing if there is not enough room for all of them.
pub(super) fn write(
    out: &mut impl BufMut,
    parts: impl Fn(&mut dyn FnMut(&[u8])),
) -> Result<(), BufferTooSmall> {
    // Measured first, so that an output that is too small stays untouched.
    let mut needed = 0;
    parts(&mut |part| needed += part.len());
    if out.remaining_mut() < needed {
        return Err(BufferTooSmall { needed });
    }
    parts(&mut |part| out.put_slice(part));
    Ok(())
}

/// Calls `part` with the `Display` output of a value, piece by piece.
pub(super) fn display(value: &impl fmt::Display, part: &mut dyn FnMut(&[u8])) {
    struct Parts<'part>(&'part mut dyn FnMut(&[u8]));
    impl fmt::Write for Parts<'_> {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0(text.as_bytes());
            Ok(())
        }
    }
    // This cannot fail: `write_str` above never does.
    let _ = fmt::Write::write_fmt(&mut Parts(part), format_args!("{value}"));
}
