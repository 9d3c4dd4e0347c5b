//! Heads of HTTP/1.1 messages: found in the bytes as they come, and written.

use super::grammar::trim;
use super::limits::{HeadLimits, TooLarge};
use super::steps;
use alloc::vec::Vec;
use bytes::BufMut;
use core::mem::MaybeUninit;
use core::{fmt, slice, str};

/// The output buffer has too little room for a head; nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BufferTooSmall {
    /// The bytes of free space that the head needs.
    pub needed: usize,
}

impl fmt::Display for BufferTooSmall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the output buffer is too small: the head needs {} bytes", self.needed)
    }
}

impl core::error::Error for BufferTooSmall {}

/// Finds the end of a head in bytes that grow, looking at each once.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Finder {
    /// Where the search goes on.
    searched: usize,
    /// Where the line begins that is not complete yet.
    line: usize,
    lines: usize,
}

impl Finder {
    /// Whether no search was made yet.
    pub(super) const fn is_new(&self) -> bool {
        self.searched == 0
    }

    /// The head at the front of `bytes`, if all of it is there.
    pub(super) fn find(
        &mut self,
        bytes: &[u8],
        limits: &HeadLimits,
    ) -> Result<Option<Found>, TooLarge> {
        if bytes.len() < self.searched {
            *self = Self::default(); // the bytes are not those of the last call
        }
        while let Some(next) = memchr::memchr(b'\n', bytes.get(self.searched..).unwrap_or_default())
        {
            let end = self.searched + next + 1;
            let line = end - self.line;
            steps::count(next + 1);
            self.admit(end, line, limits)?;
            let blank = line == 1 || line == 2 && bytes[end - 2] == b'\r';
            (self.searched, self.line) = (end, end);
            // RFC 9112 section 2.2: an empty line before the first is to be ignored.
            if blank && self.lines > 0 {
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

/// A head that was found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) length: usize,
    /// Its lines, without the first and the empty ones.
    pub(super) headers: usize,
}

/// Hands on room to parse `lines` header lines: on the stack, unless a server or a client wants more
/// of them than by default, and they came.
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

/// Whether a head can begin with these bytes, or with an empty line before it: what is no HTTP
/// at all, such as TLS, need not be waited for.
pub(super) fn may_begin(bytes: &[u8], is_first: impl Fn(u8) -> bool) -> bool {
    bytes.first().is_none_or(|&first| first == b'\r' || first == b'\n' || is_first(first))
}

/// The header fields of a head, in the order in which they were sent, as far as the carrier keeps
/// that.
///
/// Its `Debug` shows the names alone: values can be credentials.
#[derive(Clone, Copy)]
pub struct Headers<'head>(Source<'head>);

/// Where the fields are: the three carriers of a handshake.
#[derive(Clone, Copy)]
enum Source<'head> {
    /// A whole head; its first line is skipped by whoever asks for the fields, as few do.
    Head(&'head [u8]),
    List(&'head [(&'head str, &'head [u8])]),
    #[cfg(feature = "http")]
    Map(&'head http::HeaderMap),
}

impl<'head> Headers<'head> {
    /// The fields of a head that was parsed: all its lines but the first.
    pub(super) const fn of_head(head: &'head [u8]) -> Self {
        Self(Source::Head(head))
    }

    /// The fields of a list: name and value.
    pub(super) const fn of_list(list: &'head [(&'head str, &'head [u8])]) -> Self {
        Self(Source::List(list))
    }

    /// Whether these are the lines of a head in bytes, whose limits were kept when it was found.
    pub(super) const fn are_lines(&self) -> bool {
        matches!(self.0, Source::Head(_))
    }

    /// The fields of the `http` crate's map.
    #[cfg(feature = "http")]
    pub(super) const fn of_map(map: &'head http::HeaderMap) -> Self {
        Self(Source::Map(map))
    }

    /// The fields: name as sent, and value without the white space around it.
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

    /// The values of the fields with this name, in whatever case.
    pub fn all<'name>(
        &self,
        name: &'name str,
    ) -> impl Iterator<Item = &'head [u8]> + use<'head, 'name> {
        self.iter()
            .filter(move |(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// The value of the first field with this name, if it is UTF-8.
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

/// The fields of a head, on the way from the first to the last.
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
            Self::Lines(lines) => return lines.find_map(field),
            Self::List(list) => list.next().copied()?,
            #[cfg(feature = "http")]
            Self::Map(map) => map.next().map(|(name, value)| (name.as_str(), value.as_bytes()))?,
        };
        steps::count(1 + name.len() + value.len());
        Some((name, trim(value)))
    }
}

/// A field as it was met on the way through a head.
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

    /// The value of a field that is there once.
    pub(super) fn get(self) -> Option<&'head [u8]> {
        if let Self::Single(value) = self { Some(value) } else { None }
    }

    /// The values of all lines; `headers` are gone through again only if there are several.
    pub(super) fn values(self, headers: Headers<'head>, name: &'static str) -> Values<'head> {
        match self {
            Self::Absent => Values::One(None),
            Self::Single(value) => Values::One(Some(value)),
            Self::Repeated => Values::Several(headers.fields(), name),
        }
    }
}

/// The values of one field's lines.
pub(super) enum Values<'head> {
    One(Option<&'head [u8]>),
    /// The fields that were not looked at yet: a place that is kept, since to look for the next
    /// line from the start of the head again takes the square of the number of lines.
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

/// Lines that end with a line feed.
pub(super) struct Lines<'head>(&'head [u8]);

impl<'head> Lines<'head> {
    /// The lines of a head but the first, before which there can be empty ones.
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

/// The name and the value of a line.
fn field(line: &[u8]) -> Option<(&str, &[u8])> {
    let (name, value) = line.split_at(memchr::memchr(b':', line)?);
    let value = value[1..].strip_suffix(b"\r").unwrap_or(&value[1..]);
    Some((str::from_utf8(name).ok()?, trim(value)))
}

/// Writes the parts that `parts` yields, if there is room for all of them.
pub(super) fn write(
    out: &mut impl BufMut,
    parts: impl Fn(&mut dyn FnMut(&[u8])),
) -> Result<(), BufferTooSmall> {
    let mut needed = 0;
    parts(&mut |part| needed += part.len());
    if out.remaining_mut() < needed {
        return Err(BufferTooSmall { needed });
    }
    parts(&mut |part| out.put_slice(part));
    Ok(())
}

/// Hands on what a value displays, part by part.
pub(super) fn display(value: &impl fmt::Display, part: &mut dyn FnMut(&[u8])) {
    struct Parts<'part>(&'part mut dyn FnMut(&[u8]));
    impl fmt::Write for Parts<'_> {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0(text.as_bytes());
            Ok(())
        }
    }
    // Handing on cannot fail.
    let _ = fmt::Write::write_fmt(&mut Parts(part), format_args!("{value}"));
}
