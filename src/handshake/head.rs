//! Heads of HTTP/1.1 messages: found in the bytes as they come, and written.

use super::BufferTooSmall;
use super::field::trim;
use bytes::BufMut;
use core::fmt;
use core::str;

/// The longest head in bytes: Node's `http.maxHeaderSize`.
pub const MAX_HEAD: usize = 16 * 1024;

/// The most header lines of a head: hyper's default.
pub const MAX_HEADERS: usize = 100;

/// The longest line of a head in bytes: nginx's `large_client_header_buffers`.
pub const MAX_LINE: usize = 8 * 1024;

/// A head that exceeds a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TooLarge {
    Head,
    Line,
    Headers,
}

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

    /// The length of the head at the front of `bytes`, if all of it is there.
    pub(super) fn find(&mut self, bytes: &[u8]) -> Result<Option<usize>, TooLarge> {
        if bytes.len() < self.searched {
            *self = Self::default(); // the bytes are not those of the last call
        }
        while let Some(next) = memchr::memchr(b'\n', bytes.get(self.searched..).unwrap_or_default())
        {
            let end = self.searched + next + 1;
            let line = end - self.line;
            self.admit(end, line)?;
            let blank = line == 1 || line == 2 && bytes[end - 2] == b'\r';
            (self.searched, self.line) = (end, end);
            // RFC 9112 section 2.2: an empty line before the first is to be ignored.
            if blank && self.lines > 0 {
                *self = Self::default();
                return Ok(Some(end));
            }
            self.lines += usize::from(!blank);
        }
        self.searched = bytes.len();
        self.admit(bytes.len(), bytes.len().saturating_sub(self.line))?;
        Ok(None)
    }

    fn admit(&self, head: usize, line: usize) -> Result<(), TooLarge> {
        if line > MAX_LINE {
            return Err(TooLarge::Line);
        }
        if head > MAX_HEAD {
            return Err(TooLarge::Head);
        }
        // The first line is not a header.
        if self.lines > MAX_HEADERS + 1 {
            return Err(TooLarge::Headers);
        }
        Ok(())
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
    Lines(&'head [u8]),
    List(&'head [(&'head str, &'head [u8])]),
    #[cfg(feature = "http")]
    Map(&'head http::HeaderMap),
}

impl<'head> Headers<'head> {
    /// The fields of a head that was parsed: all its lines but the first.
    pub(super) fn of_head(head: &'head [u8]) -> Self {
        let start = head.iter().position(|&byte| byte != b'\r' && byte != b'\n').unwrap_or(0);
        let head = &head[start..];
        let first = memchr::memchr(b'\n', head).map_or(head.len(), |end| end + 1);
        Self(Source::Lines(&head[first..]))
    }

    /// The fields of a list: name and value.
    pub(super) const fn of_list(list: &'head [(&'head str, &'head [u8])]) -> Self {
        Self(Source::List(list))
    }

    /// The fields of the `http` crate's map.
    #[cfg(feature = "http")]
    pub(super) const fn of_map(map: &'head http::HeaderMap) -> Self {
        Self(Source::Map(map))
    }

    /// The fields: name as sent, and value without the white space around it.
    pub fn iter(&self) -> impl Iterator<Item = (&'head str, &'head [u8])> + use<'head> {
        let (lines, list): (&[u8], &[_]) = match self.0 {
            Source::Lines(lines) => (lines, &[]),
            Source::List(list) => (&[], list),
            #[cfg(feature = "http")]
            Source::Map(_) => (&[], &[]),
        };
        let list = list.iter().map(|&(name, value)| (name, trim(value)));
        let fields = Lines(lines).filter_map(field).chain(list);
        #[cfg(feature = "http")]
        let fields = fields.chain(
            self.map()
                .into_iter()
                .flatten()
                .map(|(name, value)| (name.as_str(), trim(value.as_bytes()))),
        );
        fields
    }

    #[cfg(feature = "http")]
    const fn map(&self) -> Option<&'head http::HeaderMap> {
        if let Source::Map(map) = self.0 { Some(map) } else { None }
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

/// A field as it was met on the way through a head.
#[derive(Clone, Copy, Default)]
pub(super) enum Field<'head> {
    #[default]
    Absent,
    Single(&'head [u8]),
    Repeated,
}

impl<'head> Field<'head> {
    pub(super) fn add(&mut self, value: &'head [u8]) {
        *self = if matches!(self, Self::Absent) { Self::Single(value) } else { Self::Repeated };
    }

    /// The value of a field that is there once.
    pub(super) fn get(self) -> Option<&'head [u8]> {
        if let Self::Single(value) = self { Some(value) } else { None }
    }

    /// The values of all lines; `headers` are gone through again only if there are several.
    pub(super) fn values(self, headers: Headers<'head>, name: &'static str) -> Values<'head> {
        Values {
            single: self.get(),
            several: matches!(self, Self::Repeated).then_some((headers, name, 0)),
        }
    }
}

/// The values of one field's lines.
#[derive(Clone)]
pub(super) struct Values<'head> {
    single: Option<&'head [u8]>,
    /// The head, the name, and how many lines were taken.
    several: Option<(Headers<'head>, &'static str, usize)>,
}

impl<'head> Iterator for Values<'head> {
    type Item = &'head [u8];

    fn next(&mut self) -> Option<&'head [u8]> {
        let Some((headers, name, taken)) = &mut self.several else { return self.single.take() };
        *taken += 1;
        headers.all(name).nth(*taken - 1)
    }
}

/// Lines that end with a line feed.
#[derive(Clone)]
struct Lines<'head>(&'head [u8]);

impl<'head> Iterator for Lines<'head> {
    type Item = &'head [u8];

    fn next(&mut self) -> Option<&'head [u8]> {
        let (line, rest) = self.0.split_at(memchr::memchr(b'\n', self.0)?);
        self.0 = &rest[1..];
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
